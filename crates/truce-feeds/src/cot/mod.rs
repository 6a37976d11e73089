//! Cursor on Target, which field teams use (MITRE MP090284, "Cursor on Target message router user's
//! guide", and the event schema 2.0), as XML and as TAK protocol version 1.
//!
//! | field | meaning | unit |
//! |---|---|---|
//! | `uid`, `type`, `how` | who, what kind of thing, how it was found | |
//! | `time`, `start`, `stale` | when it was said, from when, until when it holds | RFC 3339 |
//! | `point` `lat`, `lon` | where | degrees, WGS 84 |
//! | `point` `hae` | height above the ellipsoid; 9999999 is unknown | m |
//! | `point` `ce`, `le` | one standard deviation, horizontal and vertical; 9999999 is unknown | m |
//! | `detail` `track` `speed`, `course` | | m/s, degrees true |
//! | `detail` `contact` `callsign`, `remarks`, … | kept on the sheet | |
//!
//! A type is a path of letters: `a` an atom, then its affiliation, then its dimension (`A` air, `G`
//! ground, `S` sea surface), then its function. A friendly atom is one of the mission's own that says
//! where it is, which becomes the state of its sensor; any other becomes a sighting, one with the
//! function of an uncrewed aircraft a detection of it. Events that are no atoms (`b`, `t`, …) say
//! nothing of a thing and give no observation.

mod event;
pub mod protobuf;

use truce_core::{Observation, Timestamp};

use crate::decimal;
use crate::decoder::{Decoded, Job, Reader};
use crate::fault::{Fault, RejectionClass, Unencodable};
use crate::sheet::Sheet;
use crate::xml::{self, Element};
use event::Event;

/// Reads the XML events of one feed.
#[derive(Debug)]
pub(crate) struct Events;

impl Reader for Events {
    fn read(&mut self, job: &Job<'_>, out: &mut Decoded) -> Result<(), Fault> {
        let Some(text) = xml::text(job)? else {
            return Ok(());
        };
        let root = xml::parse(&text)?;
        if root.name != "event" {
            let reason = format!("the root element is `{}`", crate::fault::excerpt(root.name));
            return Err(Fault::new(RejectionClass::Xml, reason));
        }
        let event = read(&root)?;
        out.sheet(|| {
            let mut sheet = Sheet::new(&event.kind);
            root.flatten("", &mut sheet.given);
            event.write(&mut sheet);
            sheet
        });
        if let Some(said) = event.said(job) {
            job.say(said, 0, out);
        }
        Ok(())
    }
}

/// A number of an attribute that must be there.
fn number(element: &Element<'_>, name: &str) -> Result<f64, Fault> {
    let text = element
        .attribute(name)
        .ok_or_else(|| Fault::missing(name))?;
    let number = decimal::number(text.trim());
    number.ok_or_else(|| Fault::field(RejectionClass::Number, name, text, "a number is expected"))
}

fn time(element: &Element<'_>, name: &str) -> Result<Timestamp, Fault> {
    let text = element
        .attribute(name)
        .ok_or_else(|| Fault::missing(name))?;
    let fault = |_| Fault::field(RejectionClass::Time, name, text, "a time is expected");
    text.trim().parse().map_err(fault)
}

fn read(root: &Element<'_>) -> Result<Event, Fault> {
    let needed = |name| root.attribute(name).ok_or_else(|| Fault::missing(name));
    let point = root.child("point").ok_or_else(|| Fault::missing("point"))?;
    let detail = root.child("detail");
    let of = |child: &str, name: &str| {
        let child = detail.and_then(|detail| detail.child(child))?;
        number(child, name).ok()
    };
    let call_sign = detail
        .and_then(|detail| detail.child("contact"))
        .and_then(|contact| contact.attribute("callsign"));
    Ok(Event {
        uid: needed("uid")?.to_owned(),
        kind: needed("type")?.to_owned(),
        how: root.attribute("how").unwrap_or_default().to_owned(),
        sent_at: time(root, "time").ok(),
        start: time(root, "start")?,
        stale: time(root, "stale").ok(),
        lat_deg: number(point, "lat")?,
        lon_deg: number(point, "lon")?,
        height_m: number(point, "hae").ok(),
        circular_m: number(point, "ce").ok(),
        linear_m: number(point, "le").ok(),
        call_sign: call_sign.map(str::to_owned),
        speed_m_s: of("track", "speed"),
        course_deg: of("track", "course"),
    }
    .known())
}

/// Writes an observation with a position as an event. Positions are rounded to seven decimals of a
/// degree, other numbers to two decimals.
///
/// # Errors
/// [`Unencodable`] for readings that are no thing at a place.
pub fn encode(observation: &Observation) -> Result<Vec<String>, Unencodable> {
    let event = Event::of(observation)?;
    let number = |value: Option<f64>| format!("{:.2}", value.unwrap_or(event::UNKNOWN));
    let mut detail = String::new();
    if let Some(name) = &event.call_sign {
        detail += &format!("<contact callsign=\"{}\"/>", xml::escape(name));
    }
    if let (Some(speed), Some(course)) = (event.speed_m_s, event.course_deg) {
        detail += &format!("<track speed=\"{speed:.2}\" course=\"{course:.2}\"/>");
    }
    let stale = event.stale.unwrap_or(event.start);
    Ok(vec![format!(
        "<event version=\"2.0\" uid=\"{}\" type=\"{}\" how=\"{}\" time=\"{start}\" \
         start=\"{start}\" stale=\"{stale}\"><point lat=\"{:.7}\" lon=\"{:.7}\" hae=\"{}\" ce=\"{}\" \
         le=\"{}\"/><detail>{detail}</detail></event>",
        xml::escape(&event.uid),
        xml::escape(&event.kind),
        xml::escape(&event.how),
        event.lat_deg,
        event.lon_deg,
        number(event.height_m),
        number(event.circular_m),
        number(event.linear_m),
        start = event.start,
    )])
}

#[cfg(test)]
mod tests;
