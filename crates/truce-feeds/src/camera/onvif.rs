//! Metadata streams of ONVIF as XML: frames of a scene description (Analytics Service Specification
//! 22.12, 5.3.1; types of `onvif.xsd`) and notifications of events (Streaming Specification 22.12,
//! 5.2.1.2; Core Specification 22.12, 9.5, after OASIS WS-BaseNotification 1.3).

use serde_json::{Map, Value};
use truce_core::{Location, Observation, Timestamp};

use super::{Event, OBJECTS_MAX, event_of};
use crate::decimal;
use crate::fault::{Fault, RejectionClass, Unencodable};
use crate::xml::{Element, escape};

/// What stands for the class in notifications, first come first served (Analytics Service
/// Specification, annex A).
const CLASS_ITEMS: [&str; 3] = ["ClassTypes", "ObjectType", "Class"];

/// What stands for the camera in notifications.
const SOURCE_ITEMS: [&str; 4] = [
    "Source",
    "VideoSource",
    "VideoSourceToken",
    "VideoSourceConfigurationToken",
];

/// The objects of all frames and all notifications of a stream's document.
pub(super) fn events(root: &Element<'_>) -> Result<Vec<Event>, Fault> {
    let (mut frames, mut notices) = (Vec::new(), Vec::new());
    gather(root, "Frame", &mut frames);
    gather(root, "NotificationMessage", &mut notices);
    if frames.is_empty() && notices.is_empty() {
        let reason = "no `Frame` of a scene description and no `NotificationMessage`";
        return Err(Fault::new(RejectionClass::Xml, reason));
    }
    let mut events = Vec::new();
    for frame in frames {
        let at = utc_time(frame)?;
        let camera = frame
            .attribute("Source")
            .or_else(|| root.attribute("Source"));
        for object in frame.children.iter().filter(|child| child.name == "Object") {
            events.push(seen(object, at, camera)?);
        }
    }
    for notice in notices {
        events.push(notified(notice, root.attribute("Source"))?);
    }
    if events.len() > OBJECTS_MAX {
        let reason = format!("{} objects, {OBJECTS_MAX} fit", events.len());
        return Err(Fault::new(RejectionClass::Range, reason));
    }
    Ok(events)
}

fn utc_time(element: &Element<'_>) -> Result<Timestamp, Fault> {
    let stated = element
        .attribute("UtcTime")
        .ok_or_else(|| Fault::missing("UtcTime"))?;
    let wanted = "a time is expected";
    let fault = |_| Fault::field(RejectionClass::Time, "UtcTime", stated, wanted);
    stated.trim().parse().map_err(fault)
}

fn number(element: &Element<'_>, name: &str) -> Result<Option<f64>, Fault> {
    let Some(text) = element.attribute(name) else {
        return Ok(None);
    };
    let number = decimal::number(text.trim());
    let fault = || Fault::field(RejectionClass::Number, name, text, "a number is expected");
    number.map(Some).ok_or_else(fault)
}

/// Latitude and longitude of the first `GeoLocation` below an element.
fn geo_location(element: &Element<'_>) -> Result<(Option<f64>, Option<f64>), Fault> {
    let mut places = Vec::new();
    gather(element, "GeoLocation", &mut places);
    match places.first() {
        Some(place) => Ok((number(place, "lat")?, number(place, "lon")?)),
        None => Ok((None, None)),
    }
}

/// What a notification says: its topic and all its items. Most have neither class nor place, and are
/// shown only.
fn notified(notice: &Element<'_>, source: Option<&str>) -> Result<Event, Fault> {
    let mut messages = Vec::new();
    gather(notice, "Message", &mut messages);
    // The message of WS-BaseNotification holds that of ONVIF, both of the same name.
    let message = messages
        .first()
        .map(|outer| outer.child("Message").unwrap_or(outer))
        .ok_or_else(|| Fault::missing("Message"))?;
    let mut found = Vec::new();
    gather(message, "SimpleItem", &mut found);
    let mut items = Map::new();
    for item in found {
        if let (Some(name), Some(value)) = (item.attribute("Name"), item.attribute("Value")) {
            items.insert(name.to_owned(), value.into());
        }
    }
    let named = |names: &[&str]| {
        let first = names.iter().find_map(|name| items.get(*name));
        first.and_then(Value::as_str).map(str::to_owned)
    };
    let (lat_deg, lon_deg) = geo_location(message)?;
    Ok(Event {
        camera: source.map(str::to_owned).or_else(|| named(&SOURCE_ITEMS)),
        observed_at: Some(utc_time(message)?),
        target: named(&["ObjectId"]),
        class: named(&CLASS_ITEMS),
        score: named(&["Likelihood"]).and_then(|text| decimal::number(&text)),
        lat_deg,
        lon_deg,
        topic: Some(
            notice
                .child("Topic")
                .map_or_else(String::new, |t| t.text.to_string()),
        ),
        operation: message.attribute("PropertyOperation").map(str::to_owned),
        items,
        ..Event::default()
    })
}

/// All elements with a name below one, itself included.
fn gather<'a, 'b>(element: &'b Element<'a>, name: &str, out: &mut Vec<&'b Element<'a>>) {
    if element.name == name {
        out.push(element);
        return;
    }
    for child in &element.children {
        gather(child, name, out);
    }
}

fn seen(object: &Element<'_>, at: Timestamp, camera: Option<&str>) -> Result<Event, Fault> {
    let mut classes = Vec::new();
    gather(object, "Class", &mut classes);
    // Of several candidates the likeliest counts.
    let mut best: Option<(f64, String)> = None;
    for kind in classes.iter().flat_map(|class| &class.children) {
        let (word, likelihood) = match kind.name {
            "Type" => (kind.text.to_string(), number(kind, "Likelihood")?),
            "ClassCandidate" => {
                let text = |name| {
                    kind.child(name)
                        .map_or_else(String::new, |c| c.text.to_string())
                };
                (text("Type"), text("Likelihood").parse().ok())
            }
            _ => continue,
        };
        let likelihood = likelihood.unwrap_or(0.0);
        if best.as_ref().is_none_or(|(most, _)| likelihood > *most) {
            best = Some((likelihood, word));
        }
    }
    let (lat_deg, lon_deg) = geo_location(object)?;
    Ok(Event {
        camera: camera.map(str::to_owned),
        observed_at: Some(at),
        target: object.attribute("ObjectId").map(str::to_owned),
        class: Some(
            best.as_ref()
                .map_or_else(String::new, |(_, word)| word.clone()),
        ),
        score: best
            .map(|(likelihood, _)| likelihood)
            .filter(|likelihood| *likelihood > 0.0),
        lat_deg,
        lon_deg,
        ..Event::default()
    })
}

/// Writes what a camera saw as a metadata stream with one frame and one object.
///
/// # Errors
/// [`Unencodable`] for other readings, and for a direction or an area, which a scene description
/// cannot say.
pub(super) fn encode(observation: &Observation) -> Result<String, Unencodable> {
    let refuse = |reason: &str| Unencodable::new("camera", reason);
    let event = event_of(observation)?;
    let Some(Location::Fix { place, .. }) = &observation.location else {
        return Err(refuse(
            "a scene description places objects by positions only",
        ));
    };
    let text = |text: &Option<String>| escape(text.as_deref().unwrap_or_default());
    let source = event
        .camera
        .as_deref()
        .map(|camera| format!(" Source=\"{}\"", escape(camera)));
    let likelihood = event.score.map(|score| format!(" Likelihood=\"{score}\""));
    Ok(format!(
        "<tt:MetadataStream xmlns:tt=\"http://www.onvif.org/ver10/schema\"><tt:VideoAnalytics>\
         <tt:Frame UtcTime=\"{}\"{}><tt:Object ObjectId=\"{}\"><tt:Appearance><tt:Class>\
         <tt:Type{}>{}</tt:Type></tt:Class><tt:GeoLocation lon=\"{}\" lat=\"{}\"/>\
         </tt:Appearance></tt:Object></tt:Frame></tt:VideoAnalytics></tt:MetadataStream>",
        observation.observed_at.start,
        source.unwrap_or_default(),
        text(&event.target),
        likelihood.unwrap_or_default(),
        text(&event.class),
        place.position.lon_deg,
        place.position.lat_deg,
    ))
}
