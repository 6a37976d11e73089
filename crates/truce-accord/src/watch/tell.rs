//! What is told of an object: new and revised incidents, and the withdrawal of what is no longer so.

use std::collections::BTreeMap;

use truce_core::incident::Withdrawal;
use truce_core::{Incident, IncidentId, Timestamp};

use super::incident::{identify, incident};
use super::object::Object;
use super::stay::Happening;
use super::step::{Ground, Run};

/// Appends everything about an object that is new or different, by zone, then by time.
pub(super) fn tell(
    object: &mut Object,
    ground: &Ground,
    now: Option<Timestamp>,
    horizon_s: f64,
    news: &mut Vec<Incident>,
) {
    let current = current(object, ground, now);
    let first = news.len();
    for (id, incident) in &current {
        let Some(incident) = incident else {
            continue;
        };
        let told = object.told.get(id);
        let next = Incident {
            revision: told.map_or(0, |told| told.revision) + 1,
            withdrawn: object.part_of(incident),
            ..incident.clone()
        };
        // What was never told and is part of another needs no telling.
        let is_news = told.map_or(next.withdrawn.is_none(), |told| differs(told, &next));
        if is_news {
            news.push(next.clone());
            object.told.insert(*id, next);
        }
    }
    withdraw_gone(object, &current, news);
    news[first..].sort_by(|a: &Incident, b| {
        let order = |i: &Incident| (i.occurred.start, i.id);
        a.zone.cmp(&b.zone).then(order(a).cmp(&order(b)))
    });
    while let Some(closed) = object.take_settled(horizon_s) {
        let (_, id) = identify(&closed.happening, &ground.fences[closed.fence]);
        object.told.remove(&id);
    }
    let before = object.settled_before(horizon_s);
    object
        .told
        .retain(|_, told| told.withdrawn.is_none() || told.occurred.end >= before);
    object.forget_graver(before);
}

/// Everything that can be told of an object now, by name; `None` for what was told as it stands.
fn current(
    object: &mut Object,
    ground: &Ground,
    now: Option<Timestamp>,
) -> BTreeMap<IncidentId, Option<Incident>> {
    let mut current = BTreeMap::new();
    let mut closed = std::mem::take(&mut object.closed);
    for over in &mut closed {
        if let Some(id) = over.told {
            current.insert(id, None);
        } else if let Some(incident) = incident(object, over.fence, &over.happening, ground) {
            over.told = Some(incident.id);
            current.insert(incident.id, Some(incident));
        }
    }
    object.closed = closed;
    for (fence, run) in &object.state.runs {
        if let Run::Stay(stay) = run {
            let stay = Happening::Stay(Box::new(stay.seen_at(now)));
            let incident = incident(object, *fence, &stay, ground);
            current.extend(incident.map(|incident| (incident.id, Some(incident))));
        }
    }
    current
}

fn differs(told: &Incident, next: &Incident) -> bool {
    let as_told = Incident {
        revision: told.revision,
        ..next.clone()
    };
    *told != as_told
}

/// Withdraws what was told and is no longer so.
fn withdraw_gone(
    object: &mut Object,
    current: &BTreeMap<IncidentId, Option<Incident>>,
    news: &mut Vec<Incident>,
) {
    let is_gone = |told: &Incident| !current.contains_key(&told.id) && told.withdrawn.is_none();
    let gone: Vec<IncidentId> = object
        .told
        .values()
        .filter(|told| is_gone(told))
        .map(|told| told.id)
        .collect();
    for id in gone {
        let reason = replaced_by(&object.told[&id], &object.told, current);
        if let Some(told) = object.told.get_mut(&id) {
            told.revision += 1;
            told.withdrawn = Some(reason);
            news.push(told.clone());
        }
    }
}

/// An incident that vanished because a late fix founded another one about the same zone and time is
/// part of that one.
fn replaced_by(
    gone: &Incident,
    told: &BTreeMap<IncidentId, Incident>,
    current: &BTreeMap<IncidentId, Option<Incident>>,
) -> Withdrawal {
    let same = |other: &&Incident| {
        other.zone == gone.zone
            && other.kind == gone.kind
            && other.occurred.overlaps(&gone.occurred)
    };
    let mut standing = current.keys().filter_map(|id| told.get(id));
    standing
        .find(same)
        .map_or(Withdrawal::Unsupported, |other| {
            Withdrawal::PartOf(other.id)
        })
}
