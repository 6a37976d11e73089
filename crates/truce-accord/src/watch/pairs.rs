//! Which vessel and which intruder are near each other, and what was told of it.

use std::collections::BTreeMap;

use truce_core::belief::log_odds;
use truce_core::{
    Attribution, Ellipse, Incident, IncidentId, IncidentKind, Interval, ObjectKind, Place, Slug,
    Term, Timestamp, TrackId,
};

use super::bubble::{Approach, Latitudes};
use super::incident::{about_object, end_word, name};
use super::object::Object;
use super::roster::Roster;
use super::step::Ground;
use crate::zones::upper_tail;

/// Most vessels in corridors, and most intruders, that are paired: a hundred times the busiest day
/// of a corridor. Beyond it newcomers are counted and not paired.
const PAIRED_MAX: usize = 20_000;

/// The pairs.
#[derive(Debug, Clone, Default)]
pub(super) struct Pairs {
    vessels: BTreeMap<TrackId, Latitudes>,
    intruders: BTreeMap<TrackId, Latitudes>,
    /// Tracks with new fixes, and from when on.
    touched: BTreeMap<TrackId, Timestamp>,
    /// By vessel and intruder, what was found last and what was told of it.
    near: BTreeMap<(TrackId, TrackId), Near>,
}

#[derive(Debug, Clone, Default)]
struct Near {
    found: Vec<Approach>,
    told: BTreeMap<IncidentId, Incident>,
}

impl Pairs {
    /// Remembers that an object has new fixes from an instant on; its ways change from the fix before.
    pub(super) fn touch(&mut self, object: &Object, from: Timestamp, ground: &Ground) {
        let paired = if ground.keeps_away(object.who.kind) {
            &mut self.intruders
        } else if object.who.kind == ObjectKind::Vessel {
            let newest = object.newest().map(|fix| fix.place.position);
            let is_in = newest.is_some_and(|position| ground.has_bubble(position));
            if !is_in && !self.vessels.contains_key(&object.id) {
                return;
            }
            &mut self.vessels
        } else {
            return;
        };
        let before = object.fixes().partition_point(|fix| fix.at < from);
        if let Some(latitudes) = paired.get_mut(&object.id) {
            latitudes.extend(object.fixes().range(before..));
        } else if paired.len() < PAIRED_MAX {
            paired.insert(object.id, Latitudes::of(object.fixes()));
        }
        let from = before
            .checked_sub(1)
            .map_or(from, |last| object.fixes()[last].at);
        let first = self.touched.entry(object.id).or_insert(from);
        *first = from.min(*first);
    }

    /// Everything is looked at again, because the rules changed.
    pub(super) fn touch_all(&mut self) {
        let all = self.vessels.keys().chain(self.intruders.keys());
        self.touched = all.map(|id| (*id, Timestamp::MIN)).collect();
    }

    /// Forgets what the roster has forgotten.
    pub(super) fn sweep(&mut self, roster: &Roster) {
        for paired in [&mut self.vessels, &mut self.intruders] {
            let kept = std::mem::take(paired).into_keys();
            // Fixes that are not kept any more may have lain farther out.
            *paired = kept
                .filter_map(|id| Some((id, Latitudes::of(roster.get(id)?.fixes()))))
                .collect();
        }
        self.near
            .retain(|(a, b), _| roster.get(*a).is_some() && roster.get(*b).is_some());
    }

    /// Pairs with new fixes that may be near each other, and from when on their fixes are new.
    fn touched_pairs(&mut self, ground: &Ground) -> BTreeMap<(TrackId, TrackId), Timestamp> {
        let mut pairs = BTreeMap::new();
        for (track, from) in std::mem::take(&mut self.touched) {
            let vessel = self.vessels.get(&track);
            let (latitudes, others) = match vessel {
                Some(latitudes) => (Some(latitudes), &self.intruders),
                None => (self.intruders.get(&track), &self.vessels),
            };
            let Some(latitudes) = latitudes else { continue };
            for (other, others_latitudes) in others {
                let pair = match vessel {
                    Some(_) => (track, *other),
                    None => (*other, track),
                };
                if ground.are_apart(*latitudes, *others_latitudes) && !self.near.contains_key(&pair)
                {
                    continue;
                }
                let first = pairs.entry(pair).or_insert(from);
                *first = from.min(*first);
            }
        }
        pairs
    }

    /// New and revised incidents about approaches, by vessel, then by intruder.
    pub(super) fn changes(
        &mut self,
        roster: &Roster,
        ground: &Ground,
        now: Option<Timestamp>,
        news: &mut Vec<Incident>,
    ) {
        let mut pairs = self.touched_pairs(ground);
        // An open approach may have fallen silent meanwhile.
        let open = self.near.iter().filter(|(_, near)| near.is_open());
        pairs.extend(open.map(|(pair, _)| (*pair, Timestamp::MIN)));
        for (pair, from) in pairs {
            let (Some(vessel), Some(intruder)) = (roster.get(pair.0), roster.get(pair.1)) else {
                continue;
            };
            let fixes = [vessel.fixes(), intruder.fixes()];
            let known = self.near.get(&pair).map_or(&[][..], |near| &near.found);
            // A pair that is not near needs a look at what is new only.
            let far = known.is_empty()
                && ground
                    .approaches(fixes, &intruder.who, from, known)
                    .is_empty();
            if far && !self.near.contains_key(&pair) {
                continue;
            }
            let start = Timestamp::MIN;
            let found = ground.approaches(fixes, &intruder.who, start, known);
            let near = self.near.entry(pair).or_default();
            near.take(found, vessel, intruder, now, news);
            if near.told.is_empty() {
                self.near.remove(&pair);
            }
        }
    }
}

impl Near {
    fn is_open(&self) -> bool {
        self.found.iter().any(|approach| approach.end.is_none())
    }

    fn take(
        &mut self,
        found: Vec<Approach>,
        vessel: &Object,
        intruder: &Object,
        now: Option<Timestamp>,
        news: &mut Vec<Incident>,
    ) {
        let seen = found.into_iter().map(|approach| approach.seen_at(now));
        self.found = seen.collect();
        let incidents = self.found.iter().map(|a| incident(a, vessel, intruder));
        let current: BTreeMap<IncidentId, Incident> =
            incidents.map(|incident| (incident.id, incident)).collect();
        // What ended before the fixes that are kept is settled: it stays as it was told.
        let oldest = |object: &Object| object.fixes().front().map(|fix| fix.at);
        let kept_from = oldest(vessel).max(oldest(intruder));
        self.told.retain(|id, told| {
            current.contains_key(id) || kept_from.is_some_and(|kept| told.occurred.end >= kept)
        });
        self.tell(current, news);
    }

    fn tell(&mut self, current: BTreeMap<IncidentId, Incident>, news: &mut Vec<Incident>) {
        for (id, told) in &mut self.told {
            if !current.contains_key(id) && told.withdrawn.is_none() {
                told.revision += 1;
                told.withdrawn = Some(truce_core::incident::Withdrawal::Unsupported);
                news.push(told.clone());
            }
        }
        for (id, incident) in current {
            let told = self.told.get(&id);
            let revision = told.map_or(0, |told| told.revision);
            let as_told = Incident {
                revision,
                ..incident.clone()
            };
            if told.is_none_or(|told| *told != as_told) {
                let next = Incident {
                    revision: revision + 1,
                    ..incident
                };
                news.push(next.clone());
                self.told.insert(id, next);
            }
        }
    }
}

/// The incident about an approach, as revision 1. Its place is the vessel's, never the intruder's.
fn incident(approach: &Approach, vessel: &Object, intruder: &Object) -> Incident {
    let closest = approach.closest;
    let (near_m, bubble_m) = (closest.separation_m, approach.bubble_m);
    let exist = vessel.existence * intruder.existence;
    let sigma_m = closest.sigma_m.max(1e-3);
    let inside = 1.0 - upper_tail((bubble_m - near_m) / sigma_m);
    let probability = exist * inside;
    let occurred = Interval::between(approach.from, approach.until);
    let lasted_s = occurred.length_s();
    let term = |of: &'static str, text: String, odds: f64| Term {
        name: name(of),
        text,
        log_odds: odds,
        observation: Some(approach.founders[0]),
        sensor: None,
    };
    let explanation = vec![
        Term {
            observation: None,
            ..term(
                "track",
                format!("Both objects exist with probability {exist:.2}."),
                log_odds(exist),
            )
        },
        term(
            "border",
            format!(
                "The closest approach was {near_m:.0} m; it was nearer than {bubble_m:.0} m with \
                 probability {inside:.2}."
            ),
            log_odds(probability) - log_odds(exist),
        ),
        term(
            "course",
            format!("It was inside the vessel's bubble for {lasted_s:.0} s."),
            0.0,
        ),
    ];
    let mut evidence = approach.founders.to_vec();
    let nearest = closest.evidence.into_iter();
    evidence.extend(nearest.filter(|id| !approach.founders.contains(id)));
    let about = format!("{} {}", approach.zone, vessel.id);
    Incident {
        id: Incident::name(IncidentKind::CloseApproach, approach.founders[0], &about),
        revision: 1,
        kind: IncidentKind::CloseApproach,
        occurred,
        place: Place {
            position: closest.vessel,
            uncertainty: Ellipse::circle(sigma_m),
        },
        probability,
        classes: BTreeMap::new(),
        attribution: Attribution::default(),
        evidence,
        explanation,
        track: Some(intruder.id),
        zone: Some(approach.zone.clone()),
        attributes: attributes(approach, vessel, intruder),
        withdrawn: None,
    }
}

fn attributes(approach: &Approach, vessel: &Object, intruder: &Object) -> BTreeMap<Slug, String> {
    let lasted_s = Interval::between(approach.from, approach.until).length_s();
    let near_m = approach.closest.separation_m;
    let mut attributes: BTreeMap<Slug, String> = about_object(&intruder.who)
        .into_iter()
        .chain([
            ("separation_m", format!("{near_m:.0}")),
            ("duration_s", format!("{lasted_s:.0}")),
        ])
        .map(|(key, value)| (name(key), value))
        .collect();
    let named = vessel.who.identity.clone();
    attributes.extend(named.map(|identity| (name("vessel"), identity)));
    let ended = approach.end.map(|end| end_word(end).to_owned());
    attributes.extend(ended.map(|word| (name("ended"), word)));
    attributes
}
