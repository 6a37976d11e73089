//! The answers of one submission, and what a mapping makes of them.

use std::borrow::Cow;
use std::collections::BTreeMap;

use jiff::civil::{Date, DateTime};
use jiff::tz::{Offset, TimeZone};
use serde_json::{Map, Value};
use truce_core::mission::Mapping;
use truce_core::time::SignedDuration;
use truce_core::{Interval, Location, ObjectIdentity, Position, Slug, Timestamp};

use crate::decimal;
use crate::decoder::Said;
use crate::fault::{Fault, RejectionClass};
use crate::origin::Origin;
use crate::report::{ClaimLine, decode_claim};
use crate::table::read_word;
use crate::validity::check_location;

/// Most answers of one submission: a long form has some hundreds.
const ANSWERS_MAX: usize = 4_096;

/// Most repetitions of a group that become claims.
const CLAIMS_MAX: usize = 1_000;

/// Radius that holds 68 % of fixes, which devices state as accuracy (Android, `Location.getAccuracy`),
/// over the standard deviation of one axis: √(−2 ln 0.32).
const ACCURACY_PER_SIGMA: f64 = 1.509_6;

/// Answers by the path of their question.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Answers {
    /// Answers that stand once.
    once: BTreeMap<String, String>,
    /// Repetitions of a group, by its path; their questions have their whole path too.
    repeated: BTreeMap<String, Vec<Answers>>,
    count: usize,
}

impl Answers {
    /// Adds an answer. Of two to the same question the first one counts. Empty ones are no answers.
    pub(super) fn add(&mut self, question: &str, answer: &str) -> Result<(), Fault> {
        let answer = answer.trim();
        if answer.is_empty() {
            return Ok(());
        }
        self.count += 1;
        if self.count > ANSWERS_MAX {
            let reason = format!("more than {ANSWERS_MAX} answers");
            return Err(Fault::new(RejectionClass::Range, reason));
        }
        let known = self.once.entry(question.to_owned());
        known.or_insert_with(|| answer.to_owned());
        Ok(())
    }

    /// Adds a repetition of a group.
    pub(super) fn repeat(&mut self, group: &str, repetition: Self) -> Result<(), Fault> {
        self.count += repetition.count;
        let all = self.repeated.entry(group.to_owned()).or_default();
        if all.len() >= CLAIMS_MAX || self.count > ANSWERS_MAX {
            let reason = format!("more than {CLAIMS_MAX} repetitions or {ANSWERS_MAX} answers");
            return Err(Fault::new(RejectionClass::Range, reason));
        }
        all.push(repetition);
        Ok(())
    }

    fn get(&self, question: &str) -> Option<&str> {
        self.once.get(question).map(String::as_str)
    }

    /// The name of the submission (OpenRosa Metadata Schema 1.0); ODK Central has it on top too.
    pub(super) fn instance(&self) -> Option<&str> {
        self.get("meta/instanceID").or_else(|| self.get("__id"))
    }

    /// The submission that this one takes the place of.
    pub(super) fn deprecated(&self) -> Option<&str> {
        self.get("meta/deprecatedID")
    }

    /// All answers as they were given.
    pub(super) fn as_map(&self) -> Map<String, Value> {
        let once = self.once.iter();
        let mut map: Map<String, Value> = once
            .map(|(question, answer)| (question.clone(), answer.as_str().into()))
            .collect();
        for (group, all) in &self.repeated {
            let all: Vec<Value> = all.iter().map(|one| one.as_map().into()).collect();
            map.insert(group.clone(), all.into());
        }
        map
    }

    /// The claims that the answers make.
    pub(super) fn claims(&self, mapping: &Mapping, origin: &Origin) -> Result<Vec<Said>, Fault> {
        let Some(group) = &mapping.each else {
            let mapped = Mapped {
                mapping,
                outer: self,
                inner: None,
            };
            return Ok(mapped.claim(origin)?.into_iter().collect());
        };
        let all = self.repeated.get(group).map_or(&[][..], Vec::as_slice);
        let claim = |inner| {
            let mapped = Mapped {
                mapping,
                outer: self,
                inner: Some(inner),
            };
            mapped.claim(origin).transpose()
        };
        all.iter().filter_map(claim).collect()
    }
}

/// Answers under a mapping.
struct Mapped<'a> {
    mapping: &'a Mapping,
    outer: &'a Answers,
    /// The repetition that is read.
    inner: Option<&'a Answers>,
}

impl<'a> Mapped<'a> {
    /// The text of a field: fixed, or the answer in the mission's words. An answer whose word is
    /// empty is none.
    fn text(&self, field: &str) -> Option<&'a str> {
        if let Some(fixed) = self.mapping.fixed.get(field) {
            return Some(fixed);
        }
        let answer = self.answer(field)?;
        let words = self.mapping.words.get(field);
        let word = words.and_then(|words| words.get(answer));
        Some(word.map_or(answer, String::as_str)).filter(|text| !text.is_empty())
    }

    fn answer(&self, field: &str) -> Option<&'a str> {
        let named = self.mapping.questions.get_key_value(field);
        let question = named.map_or(field, |(_, question)| question.as_str());
        let inner = self.inner.and_then(|inner| inner.get(question));
        inner.or_else(|| self.outer.get(question))
    }

    /// True when the mapping says that this answer is no incident.
    fn is_nothing(&self) -> bool {
        let words = self.mapping.words.get("about");
        let word = words.and_then(|words| words.get(self.answer("about")?));
        word.is_some_and(String::is_empty)
    }

    /// The claim that they make; `None` when they tell of no incident.
    fn claim(&self, origin: &Origin) -> Result<Option<Said>, Fault> {
        if self.is_nothing() {
            return Ok(None);
        }
        let mut line = self.line()?;
        let corners = self.place(&mut line)?;
        let mut said = decode_claim(line, origin)?;
        if let Some(ring) = corners {
            let area = Location::Area { ring };
            check_location(&area)?;
            said.location = Some(area);
        }
        Ok(Some(said))
    }

    fn line(&self) -> Result<ClaimLine, Fault> {
        let observed = self.time("observed_at")?;
        let until = self.time("observed_until")?;
        let end = until
            .map(|until| until.end)
            .or(observed.map(|observed| observed.end));
        let text = |field| self.text(field).unwrap_or_default().to_owned();
        Ok(ClaimLine {
            speaker: self.word("speaker")?,
            party: self.name("party")?,
            sensor: self.name("sensor")?,
            observed_at: observed.map(|observed| observed.start),
            observed_until: end,
            lat_deg: self.number("lat_deg")?,
            lon_deg: self.number("lon_deg")?,
            position_m_sigma: self.number("position_m_sigma")?,
            from: self.name("from")?,
            from_lat_deg: self.number("from_lat_deg")?,
            from_lon_deg: self.number("from_lon_deg")?,
            bearing_deg: self.number("bearing_deg")?,
            bearing_deg_sigma: self.number("bearing_deg_sigma")?,
            distance_m: self.number("distance_m")?,
            about: self.word("about")?,
            class: self.word("class")?,
            side: self.name("side")?,
            weapon: self.name("weapon")?,
            count: self.count("count")?,
            object: self.count("mmsi")?.map(ObjectIdentity::Mmsi),
            object_kind: self.word("object_kind")?,
            crater_azimuth_deg: self.number("crater_azimuth_deg")?,
            crater_azimuth_deg_sigma: self.number("crater_azimuth_deg_sigma")?,
            text: text("text"),
            origin: self.name("origin")?,
            publisher: text("publisher"),
            published_at: self.time("published_at")?.map(|published| published.start),
            url: text("url"),
            grade: self.text("grade").map(str::to_owned),
            ..ClaimLine::default()
        })
    }

    /// Fills in the point of a form, or gives the corners of its shape (ODK XForms, data types
    /// `geopoint`, `geotrace` and `geoshape`: `lat lon height accuracy`, corners parted by `;`).
    fn place(&self, line: &mut ClaimLine) -> Result<Option<Vec<Position>>, Fault> {
        let Some(text) = self.text("place") else {
            return Ok(None);
        };
        let wanted = "latitude and longitude are expected, such as 48.1 37.9";
        let fault = || Fault::field(RejectionClass::Number, "place", text, wanted);
        let numbers = |point: &str| -> Option<Vec<f64>> {
            let parts = point.split([' ', ',']).filter(|part| !part.is_empty());
            let numbers = parts.map(decimal::number);
            numbers.collect()
        };
        let points = text
            .split(';')
            .map(str::trim)
            .filter(|point| !point.is_empty());
        let points: Option<Vec<Vec<f64>>> = points.map(numbers).collect();
        let points = points.ok_or_else(fault)?;
        let mut corners = Vec::with_capacity(points.len());
        for point in &points {
            let &[lat_deg, lon_deg, ..] = point.as_slice() else {
                return Err(fault());
            };
            corners.push(Position { lat_deg, lon_deg });
        }
        if corners.len() > 1 && corners.first() == corners.last() {
            corners.pop();
        }
        let [position] = corners.as_slice() else {
            return Ok(Some(corners));
        };
        line.lat_deg = Some(position.lat_deg);
        line.lon_deg = Some(position.lon_deg);
        let accuracy_m = points.first().and_then(|point| point.get(3)).copied();
        let stated = accuracy_m.filter(|accuracy_m| *accuracy_m > 0.0);
        let sigma_m = stated.map(|accuracy_m| accuracy_m / ACCURACY_PER_SIGMA);
        line.position_m_sigma = line.position_m_sigma.or(sigma_m);
        Ok(None)
    }

    fn word<T: serde::de::DeserializeOwned>(&self, field: &str) -> Result<Option<T>, Fault> {
        let Some(text) = self.text(field) else {
            return Ok(None);
        };
        let wanted = "not one of the words this field knows";
        let fault = || Fault::field(RejectionClass::Value, field, text, wanted);
        read_word(text).map(Some).ok_or_else(fault)
    }

    fn name(&self, field: &str) -> Result<Option<Slug>, Fault> {
        let Some(text) = self.text(field) else {
            return Ok(None);
        };
        let wanted = "a name of a-z 0-9 - _ . / is expected";
        let fault = |_| Fault::field(RejectionClass::Value, field, text, wanted);
        Slug::new(text).map(Some).map_err(fault)
    }

    fn number(&self, field: &str) -> Result<Option<f64>, Fault> {
        let Some(text) = self.text(field) else {
            return Ok(None);
        };
        let number = decimal::number(text);
        let wanted = "a number is expected";
        let fault = || Fault::field(RejectionClass::Number, field, text, wanted);
        number.map(Some).ok_or_else(fault)
    }

    fn count(&self, field: &str) -> Result<Option<u32>, Fault> {
        let Some(text) = self.text(field) else {
            return Ok(None);
        };
        let wanted = "a whole number is expected";
        let fault = |_| Fault::field(RejectionClass::Number, field, text, wanted);
        text.parse().map(Some).map_err(fault)
    }

    /// A time with its zone, a time without one at the mapping's offset, or a day there.
    fn time(&self, field: &str) -> Result<Option<Interval>, Fault> {
        let Some(text) = self.text(field) else {
            return Ok(None);
        };
        let wanted = "a time or a date is expected, such as 2025-03-01T12:00:00Z";
        let fault = || Fault::field(RejectionClass::Time, field, text, wanted);
        read_time(text, self.mapping.utc_offset_s)
            .map(Some)
            .ok_or_else(fault)
    }
}

fn read_time(text: &str, utc_offset_s: i32) -> Option<Interval> {
    if let Ok(at) = text.parse::<Timestamp>() {
        return Some(Interval::instant(at));
    }
    let zone = TimeZone::fixed(Offset::from_seconds(utc_offset_s).ok()?);
    // A civil time is read off a text with a zone, too, which would be lost.
    let zoned = text.contains('Z') || text.get(10..).is_some_and(|time| time.contains(['+', '-']));
    if text.len() > 10 && !zoned {
        let time: DateTime = text.replacen(' ', "T", 1).parse().ok()?;
        return Some(Interval::instant(zone.to_timestamp(time).ok()?));
    }
    let date: Date = if text.len() == 10 {
        text.parse().ok()?
    } else {
        return None;
    };
    let start = zone.to_timestamp(date.at(0, 0, 0, 0)).ok()?;
    let end = zone
        .to_timestamp(date.tomorrow().ok()?.at(0, 0, 0, 0))
        .ok()?;
    // The last nanosecond is left out, so that neighbouring days do not touch.
    let end = end.checked_sub(SignedDuration::from_nanos(1)).ok()?;
    Some(Interval { start, end })
}

/// A number or text of JSON as an answer.
pub(super) fn as_text(value: &Value) -> Option<Cow<'_, str>> {
    match value {
        Value::String(text) => Some(Cow::Borrowed(text)),
        Value::Number(number) => Some(Cow::Owned(number.to_string())),
        Value::Bool(flag) => Some(Cow::Borrowed(if *flag { "true" } else { "false" })),
        _ => None,
    }
}
