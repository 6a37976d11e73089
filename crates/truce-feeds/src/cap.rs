//! Alerts of authorities in the Common Alerting Protocol (OASIS CAP-v1.2, 1 July 2010), version 1.1
//! too.
//!
//! | element (clause 3.2) | becomes |
//! |---|---|
//! | `alert` `status` | only `Actual` becomes an observation |
//! | `alert` `msgType` | `Alert` and `Update` do; `Cancel` and `Update` take back what they refer to; `Ack` and `Error` are shown |
//! | `alert` `sender`, `sent` | `publisher`, `published_at` |
//! | `alert` `identifier`, `references` | `report`; `origin`: an update goes back to its first alert |
//! | `alert` `note` | why an alert was taken back |
//! | `info` `category`, `event` | `about`, by the feed's mapping, else by the category |
//! | `info` `certainty` | credibility, and the probability's word on the sheet |
//! | `info` `onset`, `effective`, `expires` | from the first of them, else `sent`, until `expires` |
//! | `info` `headline`, `description`, `area` `areaDesc` | `text` |
//! | `area` `polygon`, `circle` | where |
//!
//! Several infos are the same alert in several languages: those of the first one's language count,
//! each area of each for itself.

use std::collections::BTreeSet;

use serde_json::{Map, Value};
use truce_core::belief::{Credibility, likelihood_words};
use truce_core::mission::Mapping;
use truce_core::observation::{Claim, Publication, Speaker};
use truce_core::{
    EventClass, Grade, IncidentKind, Interval, Location, Observation, Position, Reading,
    Retraction, Slug, Timestamp,
};

use crate::decimal;
use crate::decoder::{Decoded, Job, Reader, Said};
use crate::fault::{Fault, RejectionClass, Unencodable, excerpt};
use crate::report::check_text;
use crate::retraction;
use crate::sheet::Sheet;
use crate::table::{read_word, write_word};
use crate::validity::{check_interval, check_location};
use crate::xml::{self, Element};

/// Most areas of one alert that become observations: a warning for all districts of a country.
const AREAS_MAX: usize = 256;

/// What a certainty says (3.2.2): the probability that its definition gives, and a credibility.
/// *Observed* is determined to have happened or to be ongoing, *Likely* has p > 50 %, *Possible*
/// p <= 50 %, *Unlikely* p ~ 0.
const CERTAINTIES: [(&str, f64, Credibility); 4] = [
    ("Observed", 0.97, Credibility::ProbablyTrue),
    ("Likely", 0.7, Credibility::PossiblyTrue),
    ("Possible", 0.3, Credibility::Doubtful),
    ("Unlikely", 0.02, Credibility::Improbable),
];

/// What a category is about when the mapping does not say (3.2.2, `category`). The others are about
/// no incident of an agreement.
const CATEGORIES: [(&str, IncidentKind); 3] = [
    ("Security", IncidentKind::PhysicalEvent),
    ("CBRNE", IncidentKind::PhysicalEvent),
    ("Fire", IncidentKind::PhysicalEvent),
];

/// Reads the alerts of one feed.
#[derive(Debug)]
pub(crate) struct Alerts;

impl Reader for Alerts {
    fn read(&mut self, job: &Job<'_>, out: &mut Decoded) -> Result<(), Fault> {
        let Some(text) = xml::text(job)? else {
            return Ok(());
        };
        let root = xml::parse(&text)?;
        if root.name != "alert" {
            let reason = format!("the root element is `{}`", excerpt(root.name));
            return Err(Fault::new(RejectionClass::Xml, reason));
        }
        let alert = Alert::of(&root)?;
        let all = alert.said(job)?;
        out.sheet(|| alert.sheet());
        for (index, said) in (0..).zip(all) {
            job.say(said, index, out);
        }
        Ok(())
    }
}

/// The text of a child that is not empty.
fn text<'a>(element: &'a Element<'_>, name: &str) -> Option<&'a str> {
    let child = element.child(name)?;
    Some(child.text.as_ref()).filter(|text| !text.is_empty())
}

fn time(element: &Element<'_>, name: &str) -> Result<Option<Timestamp>, Fault> {
    let Some(text) = text(element, name) else {
        return Ok(None);
    };
    let wanted = "a time such as 2025-03-01T14:00:00+02:00 is expected";
    let fault = |_| Fault::field(RejectionClass::Time, name, text, wanted);
    text.parse().map(Some).map_err(fault)
}

/// What stands above the infos.
struct Alert<'a> {
    root: &'a Element<'a>,
    sender: &'a str,
    sent_at: Timestamp,
    kind: &'a str,
    status: &'a str,
    /// Its own name.
    report: Slug,
    origin: Slug,
    /// The sender's own alerts that it refers to.
    earlier: BTreeSet<Slug>,
}

impl<'a> Alert<'a> {
    fn of(root: &'a Element<'a>) -> Result<Self, Fault> {
        let needed = |name| text(root, name).ok_or_else(|| Fault::missing(name));
        let (identifier, sender) = (needed("identifier")?, needed("sender")?);
        let sent_at = time(root, "sent")?.ok_or_else(|| Fault::missing("sent"))?;
        let own = (sender, identifier, sent_at);
        let references = text(root, "references").unwrap_or_default();
        let references: Vec<_> = references
            .split_ascii_whitespace()
            .filter_map(reference)
            .collect();
        let report = report_name(sender, identifier);
        let theirs = references.iter().filter(|(by, ..)| *by == sender);
        let earlier = theirs.map(|(by, identifier, _)| report_name(by, identifier));
        let earlier = earlier.filter(|other| *other != report).collect();
        let first = references
            .into_iter()
            .chain([own])
            .min_by_key(|(_, _, sent_at)| *sent_at);
        let (sender_of_first, first, _) = first.unwrap_or(own);
        Ok(Self {
            root,
            sender,
            sent_at,
            kind: needed("msgType")?,
            status: needed("status")?,
            origin: report_name(sender_of_first, first),
            report,
            earlier,
        })
    }

    /// The infos of the first one's language.
    fn infos(&self) -> impl Iterator<Item = &'a Element<'a>> {
        let infos = self
            .root
            .children
            .iter()
            .filter(|child| child.name == "info");
        let language = |info: &Element<'_>| text(info, "language").unwrap_or("en-US").to_owned();
        let first = infos.clone().next().map(language);
        infos.filter(move |info| Some(language(info)) == first)
    }

    fn said(&self, job: &Job<'_>) -> Result<Vec<Said>, Fault> {
        if self.status != "Actual" {
            return Ok(Vec::new());
        }
        let mut all = match self.kind {
            "Alert" | "Update" => self.claims(job)?,
            _ => Vec::new(),
        };
        if matches!(self.kind, "Cancel" | "Update") && !self.earlier.is_empty() {
            let retraction = Retraction {
                reports: self.earlier.iter().cloned().collect(),
                corrected: self.kind == "Update",
                text: text(self.root, "note").unwrap_or_default().to_owned(),
            };
            check_text(&retraction.text)?;
            all.push(retraction::said(retraction, self.sent_at, job.origin)?);
        }
        Ok(all)
    }

    fn claims(&self, job: &Job<'_>) -> Result<Vec<Said>, Fault> {
        let mut all = Vec::new();
        for info in self.infos() {
            let Some(said) = self.said_of(info, job)? else {
                continue;
            };
            let areas = info.children.iter().filter(|child| child.name == "area");
            let mut placed = 0;
            for location in areas
                .map(locations)
                .collect::<Result<Vec<_>, _>>()?
                .concat()
            {
                let location = Some(location);
                all.push(Said {
                    location,
                    ..said.clone()
                });
                placed += 1;
            }
            if placed == 0 {
                all.push(said);
            }
        }
        if all.len() > AREAS_MAX {
            let reason = format!("{} areas, {AREAS_MAX} fit", all.len());
            return Err(Fault::new(RejectionClass::Range, reason));
        }
        Ok(all)
    }

    /// What an info says, without its place; `None` when it is about no incident.
    fn said_of(&self, info: &Element<'_>, job: &Job<'_>) -> Result<Option<Said>, Fault> {
        let mapping = job.origin.decoding.mapping.as_ref();
        let Some((about, class)) = subject(info, mapping)? else {
            return Ok(None);
        };
        let expires = time(info, "expires")?;
        let from = match (time(info, "onset")?, time(info, "effective")?) {
            (Some(at), _) | (None, Some(at)) => at,
            (None, None) => self.sent_at,
        };
        let observed_at = Interval {
            start: from,
            end: expires.unwrap_or(from),
        };
        check_interval(&observed_at)?;
        let areas = info.children.iter().filter(|child| child.name == "area");
        let names = areas.filter_map(|area| text(area, "areaDesc"));
        let told = [text(info, "headline"), text(info, "description")];
        let words: Vec<&str> = told.into_iter().flatten().chain(names).collect();
        let words = words.join("\n");
        check_text(&words)?;
        let site = job.origin.default_site();
        Ok(Some(Said {
            sensor: site.map(|site| site.id.clone()),
            observed_at,
            location: None,
            grade: Some(Grade {
                credibility: certainty(info).map_or(Credibility::CannotBeJudged, |(_, c)| c),
                ..job.origin.grade
            }),
            reading: Reading::Claim(Claim {
                speaker: Speaker::OpenSource,
                about,
                class,
                side: None,
                weapon: None,
                count: None,
                crater: None,
                object: None,
                object_kind: None,
                text: words,
                report: Some(self.report.clone()),
                published: Some(Publication {
                    origin: self.origin.clone(),
                    publisher: self.sender.to_owned(),
                    published_at: Some(self.sent_at),
                    url: text(info, "web").unwrap_or_default().to_owned(),
                }),
            }),
        }))
    }

    fn sheet(&self) -> Sheet {
        let mut sheet = Sheet::new(self.kind);
        sheet.set("report", self.report.as_str());
        sheet.set("origin", self.origin.as_str());
        sheet.set("sent_at", self.sent_at.to_string());
        sheet.set("status", self.status);
        let likelihood = |info: &Element<'_>| -> Value {
            let probability = certainty(info).map(|(probability, _)| probability);
            probability.map_or(Value::Null, |p| likelihood_words(p).into())
        };
        let likelihoods: Vec<Value> = self.infos().map(likelihood).collect();
        sheet.set("likelihood_words", likelihoods);
        let mut given = Map::new();
        self.root.flatten("", &mut given);
        sheet.given = given;
        sheet
    }
}

/// The name of an alert: its sender and identifier are unique together (3.2.1, `identifier`).
fn report_name(sender: &str, identifier: &str) -> Slug {
    retraction::name("alert", &[sender.as_bytes(), identifier.as_bytes()])
}

/// `sender,identifier,sent` of an earlier alert.
fn reference(text: &str) -> Option<(&str, &str, Timestamp)> {
    let (rest, sent) = text.rsplit_once(',')?;
    let (sender, identifier) = rest.split_once(',')?;
    Some((sender, identifier, sent.parse().ok()?))
}

fn certainty(info: &Element<'_>) -> Option<(f64, Credibility)> {
    let word = text(info, "certainty")?;
    // Version 1.0 said "Very Likely", which 1.1 asks to read as "Likely".
    let word = if word == "Very Likely" {
        "Likely"
    } else {
        word
    };
    let known = CERTAINTIES.iter().find(|(known, _, _)| *known == word);
    known.map(|(_, probability, credibility)| (*probability, *credibility))
}

/// What an info is about: as the mapping calls its event, else by its first category that is about
/// an incident. The mapping's word may be empty, for what is about none.
fn subject(
    info: &Element<'_>,
    mapping: Option<&Mapping>,
) -> Result<Option<(IncidentKind, Option<EventClass>)>, Fault> {
    let event = text(info, "event").unwrap_or_default();
    let word = |field: &str| {
        let mapping = mapping?;
        let named = mapping.words.get(field).and_then(|words| words.get(event));
        named
            .or_else(|| mapping.fixed.get(field))
            .map(String::as_str)
    };
    let wanted = "not one of the words this field knows";
    let class = match word("class") {
        None | Some("") => None,
        Some(word) => Some(
            read_word::<EventClass>(word)
                .ok_or_else(|| Fault::field(RejectionClass::Value, "class", word, wanted))?,
        ),
    };
    match word("about") {
        Some("") => Ok(None),
        Some(word) => {
            let fault = || Fault::field(RejectionClass::Value, "about", word, wanted);
            let about = read_word::<IncidentKind>(word).ok_or_else(fault)?;
            Ok(Some((about, class)))
        }
        None => {
            let categories = info
                .children
                .iter()
                .filter(|child| child.name == "category");
            let known = categories.filter_map(|category| {
                CATEGORIES
                    .iter()
                    .find(|(name, _)| *name == category.text.trim())
            });
            Ok(known.map(|(_, about)| (*about, class)).next())
        }
    }
}

/// Where an area is: its polygons and circles (3.2.4), whose coordinates are `lat,lon`.
fn locations(area: &Element<'_>) -> Result<Vec<Location>, Fault> {
    let mut locations = Vec::new();
    for child in &area.children {
        let location = match child.name {
            "polygon" => polygon(&child.text)?,
            "circle" => circle(&child.text)?,
            _ => continue,
        };
        check_location(&location)?;
        locations.push(location);
    }
    Ok(locations)
}

fn position(pair: &str) -> Option<Position> {
    let (lat, lon) = pair.split_once(',')?;
    Some(Position {
        lat_deg: decimal::number(lat)?,
        lon_deg: decimal::number(lon)?,
    })
}

/// At least four pairs, the last one the first again.
fn polygon(text: &str) -> Result<Location, Fault> {
    let corners: Option<Vec<Position>> = text.split_ascii_whitespace().map(position).collect();
    let wanted = "pairs of latitude and longitude are expected";
    let fault = || Fault::field(RejectionClass::Number, "polygon", text, wanted);
    let mut ring = corners.ok_or_else(fault)?;
    if ring.len() > 1 && ring.first() == ring.last() {
        ring.pop();
    }
    Ok(Location::Area { ring })
}

/// A centre and a radius in kilometres. What lies anywhere in a circle has half its radius as
/// standard deviation of each axis.
fn circle(text: &str) -> Result<Location, Fault> {
    let read = || {
        let (centre, radius) = text.trim().split_once(' ')?;
        let radius_km = decimal::number(radius.trim()).filter(|km| *km >= 0.0)?;
        Some(Location::fix(position(centre)?, radius_km * 1_000.0 / 2.0))
    };
    let wanted = "a pair of latitude and longitude and a radius are expected";
    read().ok_or_else(|| Fault::field(RejectionClass::Number, "circle", text, wanted))
}

/// Writes a published claim as an alert: what it is about in `event`, its class in a `parameter`.
/// Positions become circles of twice their error.
///
/// # Errors
/// [`Unencodable`] for what was not published, for what an alert has no place for, and for directions.
pub fn encode(observation: &Observation) -> Result<Vec<String>, Unencodable> {
    let refuse = |reason: &str| Unencodable::new("cap", reason);
    let Reading::Claim(claim) = &observation.reading else {
        return Err(refuse("it is no claim"));
    };
    let Some(published) = &claim.published else {
        return Err(refuse("it was not published"));
    };
    let category = CATEGORIES.iter().find(|(_, about)| *about == claim.about);
    let Some((category, _)) = category else {
        return Err(refuse("no category of an alert is about such a thing"));
    };
    let credibility = observation.grade.credibility;
    let known = CERTAINTIES
        .iter()
        .find(|(_, _, known)| *known == credibility);
    let certainty = known.map_or("Unknown", |(word, _, _)| word);
    let area = write_area(observation.location.as_ref())?;
    let Interval { start, end } = observation.observed_at;
    let sent = published.published_at.unwrap_or(start);
    Ok(vec![format!(
        "<alert xmlns=\"urn:oasis:names:tc:emergency:cap:1.2\"><identifier>{}</identifier>\
         <sender>{}</sender><sent>{}</sent><status>Actual</status><msgType>Alert</msgType>\
         <scope>Public</scope><info><category>{category}</category><event>{}</event>\
         <urgency>Unknown</urgency><severity>Unknown</severity><certainty>{certainty}</certainty>\
         <onset>{}</onset><expires>{}</expires><description>{}</description><web>{}</web>{area}\
         </info></alert>",
        xml::escape(published.origin.as_str()),
        xml::escape(&published.publisher),
        stamp(sent),
        write_word(&claim.about),
        stamp(start),
        stamp(end),
        xml::escape(&claim.text),
        xml::escape(&published.url),
    )])
}

/// CAP asks for an offset and forbids `Z` (3.3.2).
fn stamp(at: Timestamp) -> String {
    at.to_string().replace('Z', "-00:00")
}

fn write_area(location: Option<&Location>) -> Result<String, Unencodable> {
    let pair = |position: &Position| format!("{},{}", position.lat_deg, position.lon_deg);
    let inside = match location {
        None => return Ok(String::new()),
        Some(Location::Fix { place, .. }) => {
            let radius_km = place.uncertainty.semi_major_m * 2.0 / 1_000.0;
            format!("<circle>{} {radius_km}</circle>", pair(&place.position))
        }
        Some(Location::Area { ring }) => {
            let closed = ring.iter().chain(ring.first());
            let pairs: Vec<String> = closed.map(pair).collect();
            format!("<polygon>{}</polygon>", pairs.join(" "))
        }
        Some(_) => return Err(Unencodable::new("cap", "an alert gives no directions")),
    };
    Ok(format!("<area>{inside}</area>"))
}

#[cfg(test)]
mod tests;
