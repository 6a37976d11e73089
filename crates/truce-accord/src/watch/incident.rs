//! From what a fence saw to an incident with its reasons.

use truce_core::belief::log_odds;
use truce_core::{
    Attribution, Height, Incident, IncidentId, IncidentKind, Interval, Place, Slug, Term,
};

use super::fence::{Effect, Fence, Who};
use super::object::Object;
use super::stay::{End, Happening, Passage, Stay};
use super::step::Ground;
use crate::assess::object_word;
use crate::zones::{InBand, in_band};

/// A name that is known to be one.
pub(super) fn name(text: &'static str) -> Slug {
    Slug::new(text).expect("the names written in this file are slugs")
}

/// The kind and the name of the incident about a happening.
pub(super) fn identify(happening: &Happening, fence: &Fence) -> (IncidentKind, IncidentId) {
    let (kind, founder) = match happening {
        Happening::Stay(stay) => (fence.effect.kind(), stay.first.observation),
        Happening::Passage(passage) => (IncidentKind::Passage, passage.from.observation),
    };
    (kind, Incident::name(kind, founder, fence.zone.as_str()))
}

/// The incident about a happening, as revision 1; `None` while it is not confirmed.
pub(super) fn incident(
    object: &Object,
    number: usize,
    happening: &Happening,
    ground: &Ground,
) -> Option<Incident> {
    let fence = &ground.fences[number];
    let (kind, id) = identify(happening, fence);
    let zone = ground.zone_of[number];
    let (told, probability) = match happening {
        Happening::Stay(stay) if !stay.confirmed() => return None,
        Happening::Stay(stay) => {
            let place = stay.report.surest.place;
            let inside = ground.zones.membership_at(&place, zone);
            let p = if fence.effect == Effect::Deviation {
                1.0 - inside
            } else {
                inside
            };
            (about_stay(stay, fence, p), p)
        }
        Happening::Passage(passage) => (about_passage(passage, fence), passage.probability),
    };
    let prior = Term {
        name: name("track"),
        text: format!(
            "The object exists with probability {:.2}.",
            object.existence
        ),
        log_odds: log_odds(object.existence),
        observation: None,
        sensor: None,
    };
    let total = object.existence * probability;
    let border = Term {
        name: name("border"),
        text: told.border,
        log_odds: log_odds(total) - log_odds(object.existence),
        observation: told.evidence.first().copied(),
        sensor: None,
    };
    let course = Term {
        name: name("course"),
        text: told.course,
        log_odds: 0.0,
        observation: told.evidence.last().copied(),
        sensor: None,
    };
    let mut attributes = told.attributes;
    attributes.extend(about_object(&object.who));
    let about = &ground.zones.zones()[zone];
    let band = in_band(about, Some(object.who.kind), told.height);
    if band == InBand::Unknown {
        attributes.push(("height", "unknown".to_owned()));
    }
    Some(Incident {
        id,
        revision: 1,
        kind,
        occurred: told.occurred,
        place: told.place,
        probability: total,
        classes: std::collections::BTreeMap::new(),
        attribution: Attribution::default(),
        evidence: told.evidence,
        explanation: vec![prior, border, course],
        track: Some(object.id),
        zone: Some(fence.zone.clone()),
        attributes: attributes
            .into_iter()
            .map(|(key, value)| (name(key), value))
            .collect(),
        withdrawn: None,
    })
}

pub(super) fn about_object(who: &Who) -> Vec<(&'static str, String)> {
    let mut attributes = vec![("object", object_word(who.kind).to_owned())];
    let actor = who.actor.as_ref().map(ToString::to_string);
    attributes.extend(actor.map(|actor| ("actor", actor)));
    attributes.extend(who.identity.clone().map(|id| ("identity", id)));
    attributes
}

/// How something ended, as the attribute `ended` says it.
pub(super) fn end_word(end: End) -> &'static str {
    match end {
        End::Left => "left",
        End::Silent => "silent",
        End::Lapsed => "lapsed",
    }
}

/// What a happening says by itself.
struct Told {
    occurred: Interval,
    place: Place,
    height: Option<Height>,
    evidence: Vec<truce_core::ObservationId>,
    border: String,
    course: String,
    attributes: Vec<(&'static str, String)>,
}

fn about_stay(stay: &Stay, fence: &Fence, probability: f64) -> Told {
    let occurred = Interval::between(stay.first.at, stay.report.until);
    let lasted_s = occurred.length_s();
    let zone = &fence.zone;
    let what = match fence.effect {
        Effect::Presence => format!("It was inside {zone}"),
        Effect::Deviation => format!("It was outside {zone}, in which it had been,"),
        Effect::Stop => format!("It was at rest inside {zone}"),
        Effect::Bubble => format!("It was inside a vessel's bubble in {zone}"),
    };
    let so_far = match stay.end {
        None => "and has not been seen to leave",
        Some(End::Left) => "and then left",
        Some(End::Silent) => "and was not heard of any more",
        Some(End::Lapsed) => "until no clause asked any more",
    };
    let dwell = if stay.dwell_s > 0.0 && lasted_s < stay.dwell_s {
        format!(" A stay counts from {:.0} s on.", stay.dwell_s)
    } else {
        String::new()
    };
    let mut attributes = vec![("duration_s", format!("{lasted_s:.0}"))];
    let ended = stay.end.map(end_word);
    attributes.extend(ended.map(|ended| ("ended", ended.to_owned())));
    Told {
        occurred,
        place: stay.report.surest.place,
        height: stay.report.surest.height,
        evidence: stay.report.evidence.clone(),
        border: format!("{what} with probability {probability:.2} where that is surest."),
        course: format!("It stayed for {lasted_s:.0} s {so_far}.{dwell}"),
        attributes,
    }
}

fn about_passage(passage: &Passage, fence: &Fence) -> Told {
    let occurred = Interval::between(passage.from.at, passage.to.at);
    let (zone, p) = (&fence.zone, passage.probability);
    Told {
        occurred,
        place: passage.place,
        height: passage.to.height,
        evidence: vec![passage.from.observation, passage.to.observation],
        border: format!("It crossed {zone} between two fixes with probability {p:.2}."),
        course: format!("The two fixes are {:.0} s apart.", occurred.length_s()),
        attributes: Vec::new(),
    }
}
