//! Statements of people as JSON, one object (RFC 8259) a line: patrol reports, a party's
//! allegations, hotline calls, open sources, and a party's replies. A format of Truce, documented
//! in `docs/formats.md`.
//!
//! | field of a claim | meaning |
//! |---|---|
//! | type | `claim`; may be left out |
//! | speaker | `patrol`, `party` (then `party` names it), `hotline`, `open_source`; needed |
//! | about | a word of [`IncidentKind`]; needed |
//! | observed_at, observed_until | when, RFC 3339; the first is needed |
//! | lat_deg, lon_deg | where: a position … |
//! | from, bearing_deg, distance_m | … or so far from a named post or sensor in a direction … |
//! | from, bearing_deg | … or in a direction seen from there |
//! | from_lat_deg, from_lon_deg | where `from` is, when it is none of the mission's |
//! | position_m_sigma, bearing_deg_sigma | standard deviations, when the speaker can tell |
//! | class, side, weapon, count, object, object_kind | what; see [`Claim`] |
//! | crater_azimuth_deg, crater_azimuth_deg_sigma | where the projectile came from; see [`Claim`] |
//! | text | the speaker's words; of what was published the quotation |
//! | publisher, published_at, url | of what was published: by whom, when, where |
//! | origin | what it goes back to |
//! | report | the name by which a `retraction` may take it back |
//! | grade | Admiralty code such as `B2`; the feed's when absent |
//! | sensor | the patrol as a sensor of the mission; the feed's when absent |
//!
//! What was published without an `origin` goes back to its own words: the same quotation, whoever
//! repeats it, has the same origin and counts once.
//!
//! A reply has `type` (`reply`), `incident`, `party`, `replied_at`, `stance` and `text`. A notice has
//! a form of its own, `crate::notice`, and so has a retraction, `crate::retraction`.

mod write;

use serde::{Deserialize, Serialize};
use truce_core::finding::{Reply, Stance};
use truce_core::observation::{Claim, CraterAzimuth, Publication, Speaker};
use truce_core::{
    Digest, EventClass, Grade, IncidentId, IncidentKind, Interval, Location, ObjectIdentity,
    ObjectKind, Position, Reading, Slug, Timestamp,
};

use crate::decoder::{Decoded, Job, Reader, Said};
use crate::fault::{Fault, RejectionClass};
use crate::jsonl::json_fault;
use crate::notice::NoticeLine;
use crate::origin::{Origin, Site};
use crate::retraction::RetractionLine;
use crate::table::read_word;
use crate::validity::{check_interval, check_location};
pub(crate) use write::claim_line;
pub use write::encode;

/// Longest text of a statement, bytes: some twenty pages.
const TEXT_BYTES_MAX: usize = 64 * 1024;

/// Error of a position that its speaker gives without one, metres: read off a map of 1:50,000 or
/// estimated from where the speaker stood.
const POSITION_M_SIGMA: f64 = 250.0;

/// Error of a direction given by mouth, degrees: one of eight points of the compass, 45 degrees
/// apart, 45/√12.
const BEARING_DEG_SIGMA: f64 = 13.0;

/// Error of "so many kilometres in that direction" as a part of the distance: the direction's
/// 13 degrees in radians.
const RELATIVE_SIGMA_FRACTION: f64 = 0.227;

/// And never less than this, metres.
const RELATIVE_M_SIGMA_MIN: f64 = 100.0;

/// Error of an azimuth read off a crater without one, degrees (own estimate: the fuze furrow and the
/// side spray of a clear crater are read to a few degrees, and few craters are clear).
const CRATER_DEG_SIGMA: f64 = 10.0;

/// And nobody reads it better than this, degrees (own estimate).
const CRATER_DEG_SIGMA_MIN: f64 = 1.0;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Role {
    Patrol,
    Party,
    Hotline,
    OpenSource,
}

/// A claim as it stands in a line. Field names and order are the format's.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ClaimLine {
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    pub(crate) _type: Option<String>,
    pub(crate) speaker: Option<Role>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) party: Option<Slug>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) sensor: Option<Slug>,
    pub(crate) observed_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) observed_until: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) lat_deg: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) lon_deg: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) position_m_sigma: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) from: Option<Slug>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) from_lat_deg: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) from_lon_deg: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) bearing_deg: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) bearing_deg_sigma: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) distance_m: Option<f64>,
    pub(crate) about: Option<IncidentKind>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) class: Option<EventClass>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) side: Option<Slug>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) weapon: Option<Slug>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) count: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) object: Option<ObjectIdentity>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) object_kind: Option<ObjectKind>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) crater_azimuth_deg: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) crater_azimuth_deg_sigma: Option<f64>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) text: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) origin: Option<Slug>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) publisher: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) published_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) url: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) report: Option<Slug>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) grade: Option<String>,
}

/// A reply as it stands in a line.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ReplyLine {
    #[serde(rename = "type")]
    _type: String,
    incident: IncidentId,
    party: Slug,
    replied_at: Timestamp,
    stance: Stance,
    #[serde(default)]
    text: String,
}

/// Reads statements of one feed.
#[derive(Debug)]
pub(crate) struct Statements;

impl Reader for Statements {
    fn read(&mut self, job: &Job<'_>, out: &mut Decoded) -> Result<(), Fault> {
        if let Some(text) = job.text()? {
            let given = || serde_json::from_str(text).unwrap_or_default();
            job.say_with(decode(text, job.origin)?, out, given);
        }
        Ok(())
    }
}

fn decode(text: &str, origin: &Origin) -> Result<Said, Fault> {
    #[derive(Deserialize)]
    struct Typed {
        #[serde(rename = "type")]
        kind: Option<String>,
    }
    let typed: Typed = serde_json::from_str(text).map_err(|error| json_fault(&error))?;
    match typed.kind.as_deref() {
        None | Some("claim") => {
            let line = serde_json::from_str(text).map_err(|error| json_fault(&error))?;
            decode_claim(line, origin)
        }
        Some("reply") => {
            let line = serde_json::from_str(text).map_err(|error| json_fault(&error))?;
            decode_reply(line, origin)
        }
        Some("notice") => {
            let line: NoticeLine = serde_json::from_str(text).map_err(|e| json_fault(&e))?;
            line.decode(origin)
        }
        Some("retraction") => {
            let line: RetractionLine = serde_json::from_str(text).map_err(|e| json_fault(&e))?;
            line.decode(origin)
        }
        Some(kind) => {
            let wanted = "claim, reply, notice or retraction is expected";
            Err(Fault::field(RejectionClass::Value, "type", kind, wanted))
        }
    }
}

pub(crate) fn check_text(text: &str) -> Result<(), Fault> {
    if text.len() <= TEXT_BYTES_MAX {
        return Ok(());
    }
    let reason = format!("`text` has {} bytes, {TEXT_BYTES_MAX} fit", text.len());
    Err(Fault::new(RejectionClass::Range, reason))
}

fn decode_reply(line: ReplyLine, origin: &Origin) -> Result<Said, Fault> {
    check_text(&line.text)?;
    let site = origin.default_site();
    Ok(Said {
        sensor: site.map(|site| site.id.clone()),
        observed_at: Interval::instant(line.replied_at),
        location: None,
        reading: Reading::Reply(Reply {
            incident: line.incident,
            party: line.party,
            replied_at: line.replied_at,
            stance: line.stance,
            text: line.text,
        }),
        grade: None,
    })
}

pub(crate) fn decode_claim(line: ClaimLine, origin: &Origin) -> Result<Said, Fault> {
    check_text(&line.text)?;
    let site = match &line.sensor {
        Some(name) => Some(origin.site(name.as_str())?),
        None => origin.default_site(),
    };
    let start = line
        .observed_at
        .ok_or_else(|| Fault::missing("observed_at"))?;
    let observed_at = Interval {
        start,
        end: line.observed_until.unwrap_or(start),
    };
    check_interval(&observed_at)?;
    let location = location(&line, origin, site)?;
    location.as_ref().map_or(Ok(()), check_location)?;
    let crater = crater(&line)?;
    let published = publication(&line);
    Ok(Said {
        sensor: site.map(|site| site.id.clone()),
        observed_at,
        location,
        grade: line.grade.as_deref().map(read_grade).transpose()?,
        reading: Reading::Claim(Claim {
            speaker: speaker(&line)?,
            about: line.about.ok_or_else(|| Fault::missing("about"))?,
            class: line.class,
            side: line.side,
            weapon: line.weapon,
            count: line.count,
            object_kind: line.object_kind,
            crater,
            object: line.object,
            report: line.report,
            published,
            text: line.text,
        }),
    })
}

/// What a crater says of where the projectile came from.
fn crater(line: &ClaimLine) -> Result<Option<CraterAzimuth>, Fault> {
    let Some(azimuth_deg) = line.crater_azimuth_deg else {
        return match line.crater_azimuth_deg_sigma {
            None => Ok(None),
            Some(_) => Err(Fault::missing("crater_azimuth_deg")),
        };
    };
    let sigma_deg = line.crater_azimuth_deg_sigma.unwrap_or(CRATER_DEG_SIGMA);
    if !(0.0..360.0).contains(&azimuth_deg) || !(CRATER_DEG_SIGMA_MIN..=180.0).contains(&sigma_deg)
    {
        let reason = format!(
            "`crater_azimuth_deg` {azimuth_deg} with an error of {sigma_deg}: an azimuth lies in \
             [0, 360) and its error in [{CRATER_DEG_SIGMA_MIN}, 180]"
        );
        return Err(Fault::new(RejectionClass::Range, reason));
    }
    Ok(Some(CraterAzimuth {
        azimuth_deg,
        azimuth_deg_sigma: sigma_deg,
    }))
}

/// Where it was published, when the line says anything of that.
fn publication(line: &ClaimLine) -> Option<Publication> {
    let origin = line.origin.clone();
    let told = line.published_at.is_some() || !line.publisher.is_empty() || !line.url.is_empty();
    (origin.is_some() || told).then(|| Publication {
        origin: origin.unwrap_or_else(|| own_origin(line)),
        publisher: line.publisher.clone(),
        published_at: line.published_at,
        url: line.url.clone(),
    })
}

/// The origin of a report that names none: its letters and digits, so that copies which differ in
/// case, marks and blanks have the same; without words the place where it can be read.
fn own_origin(line: &ClaimLine) -> Slug {
    let letters = line.text.chars().filter(|letter| letter.is_alphanumeric());
    let words: String = letters.flat_map(char::to_lowercase).collect();
    let at = line
        .published_at
        .map_or_else(String::new, |at| at.to_string());
    let digest = match words.is_empty() {
        false => Digest::of_parts("truce quotation v1", &[words.as_bytes()]),
        true => {
            let place = [
                line.url.as_bytes(),
                line.publisher.as_bytes(),
                at.as_bytes(),
            ];
            Digest::of_parts("truce publication v1", &place)
        }
    };
    let name = format!("quotation/{}", digest.short());
    Slug::new(&name).expect("digits behind a word are a name")
}

fn speaker(line: &ClaimLine) -> Result<Speaker, Fault> {
    let party = line.party.clone();
    match line.speaker.ok_or_else(|| Fault::missing("speaker"))? {
        Role::Party => Ok(Speaker::Party(
            party.ok_or_else(|| Fault::missing("party"))?,
        )),
        _ if party.is_some() => Err(Fault::new(
            RejectionClass::Value,
            "`party` says which party speaks; use `side` for the one spoken of",
        )),
        Role::Patrol => Ok(Speaker::Patrol),
        Role::Hotline => Ok(Speaker::Hotline),
        Role::OpenSource => Ok(Speaker::OpenSource),
    }
}

/// Where, in the speaker's own terms; `None` when the statement names no place.
fn location(
    line: &ClaimLine,
    origin: &Origin,
    site: Option<&Site>,
) -> Result<Option<Location>, Fault> {
    let configured_m = site.and_then(|site| site.errors.position_m_sigma);
    let stated = both(line.lat_deg, line.lon_deg, ["lat_deg", "lon_deg"])?;
    let Some(from) = &line.from else {
        let sigma_m = line.position_m_sigma.or(configured_m);
        let sigma_m = sigma_m.unwrap_or(POSITION_M_SIGMA);
        return match stated {
            None if line.bearing_deg.is_some() => Err(Fault::missing("from")),
            stated => Ok(stated.map(|position| Location::fix(position, sigma_m))),
        };
    };
    if stated.is_some() {
        let reason = "a place is given by `lat_deg` and `lon_deg` or by `from`, not by both";
        return Err(Fault::new(RejectionClass::Value, reason));
    }
    let names = ["from_lat_deg", "from_lon_deg"];
    let given = both(line.from_lat_deg, line.from_lon_deg, names)?;
    let reference = given.or_else(|| origin.named_place(from.as_str()));
    let reference = reference.ok_or_else(|| {
        let reason = format!("no post or sensor of the mission is called `{from}`");
        Fault::new(RejectionClass::UnknownPlace, reason)
    })?;
    let bearing_deg = line
        .bearing_deg
        .ok_or_else(|| Fault::missing("bearing_deg"))?;
    let sigma_of = |distance_m: f64| {
        let estimated_m = (distance_m * RELATIVE_SIGMA_FRACTION).max(RELATIVE_M_SIGMA_MIN);
        line.position_m_sigma.unwrap_or(estimated_m)
    };
    Ok(Some(match line.distance_m {
        Some(distance_m) => Location::Relative {
            from: from.clone(),
            reference,
            bearing_deg,
            distance_m,
            sigma_m: sigma_of(distance_m),
        },
        None => Location::Bearing {
            observer: reference,
            bearing_deg,
            bearing_deg_sigma: line.bearing_deg_sigma.unwrap_or(BEARING_DEG_SIGMA),
            range: None,
        },
    }))
}

fn both(
    lat_deg: Option<f64>,
    lon_deg: Option<f64>,
    names: [&str; 2],
) -> Result<Option<Position>, Fault> {
    match (lat_deg, lon_deg) {
        (None, None) => Ok(None),
        (Some(lat_deg), Some(lon_deg)) => Ok(Some(Position { lat_deg, lon_deg })),
        (None, _) => Err(Fault::missing(names[0])),
        (_, None) => Err(Fault::missing(names[1])),
    }
}

/// A grade as people write it.
fn read_grade(text: &str) -> Result<Grade, Fault> {
    let parts = || {
        let (reliability, credibility) = text.split_at_checked(1)?;
        Some(Grade {
            reliability: read_word(reliability)?,
            credibility: read_word(credibility)?,
        })
    };
    let wanted = "an Admiralty code from A1 to F6 is expected";
    parts().ok_or_else(|| Fault::field(RejectionClass::Value, "grade", text, wanted))
}

#[cfg(test)]
mod tests;
