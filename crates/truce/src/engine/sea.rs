//! The engine's hook to the watches over zones, over shipping and over the mission's own equipment:
//! their incidents go the way of all others.

use std::collections::BTreeSet;

use serde::Serialize;
use truce_accord::Agreement;
use truce_accord::straits::Counters;
use truce_core::mission::Mission;
use truce_core::{ClauseKind, Incident, Slug};
use truce_fusion::sea::Summary;

use super::{Engine, Sea};

/// The watch over a mission's shipping. What a clause on a corridor asks for, the watch over zones
/// tells.
pub(super) fn watch_over_shipping(mission: &Mission, agreement: &Agreement) -> Sea {
    let clauses = agreement
        .versions
        .iter()
        .flat_map(|version| &version.clauses);
    let corridors = clauses.filter(|clause| clause.kind == ClauseKind::Corridor);
    let texts = corridors.flat_map(|clause| {
        let others = clause.text_of.iter().map(|text| &text.terms);
        std::iter::once(&clause.terms).chain(others)
    });
    let zones: BTreeSet<Slug> = texts
        .flat_map(|terms| terms.zones.iter().cloned())
        .collect();
    let mut sea = Sea::new(mission);
    sea.leave_to_agreement(&zones);
    sea
}

/// The state of shipping, with what is declared to pass the straits.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Shipping {
    /// The state of shipping.
    #[serde(flatten)]
    pub sea: Summary,
    /// Tons and stays of warships; `None` when the mission names no straits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub straits: Option<Counters>,
}

impl Engine {
    /// The state of shipping as of the newest reading that was judged.
    #[must_use]
    pub fn shipping(&self) -> Shipping {
        Shipping {
            sea: self.sea.summary(),
            straits: self.straits(),
        }
    }

    /// What the watches tell: over zones, over shipping, and over the mission's own equipment. What
    /// the watch over shipping tells goes first through the watch over zones, so that a vessel that
    /// was forced to stop is told once.
    pub(super) fn settle_watches(&mut self) -> Vec<Incident> {
        let shipping = self.sea.changes();
        shipping
            .iter()
            .for_each(|told| self.watch.take_graver(told));
        let mut all = self.watch.changes();
        all.extend(self.settle_unnamed());
        all.extend(shipping);
        all.extend(self.own.changes());
        all
    }

    /// What vessels do in zones that only radar sees, as far as the watch over shipping has judged
    /// that they are none with AIS.
    fn settle_unnamed(&mut self) -> Vec<Incident> {
        for track in self.sea.unnamed() {
            self.unnamed.update(&track);
        }
        self.unnamed.advance(self.sea.radar_judged_until());
        self.unnamed.changes()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use truce_core::mission::MISSION_FILES;
    use truce_core::observation::{RadarTarget, VesselReport};
    use truce_core::time::plus_seconds;
    use truce_core::{
        Body, Credibility, Digest, Grade, IncidentKind, Interval, Location, MessageId, Observation,
        Position, Reading, Reliability, Timestamp, way,
    };

    use super::super::{Outputs, Setup};
    use super::*;

    fn engine() -> Engine {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../missions/ukraine-2025/");
        let text = |name: &str| std::fs::read_to_string(format!("{folder}{name}")).unwrap();
        let files: BTreeMap<String, String> = MISSION_FILES
            .map(|name| (name.to_owned(), text(name)))
            .into();
        Engine::new(Setup::read(&files).unwrap())
    }

    fn reading(at: Timestamp, place: Position, reading: Reading) -> Observation {
        let name = format!("{at} {place:?}");
        let message = MessageId(Digest::of(name.as_bytes()));
        let observed_at = Interval::instant(at);
        Observation {
            id: Observation::name(message, 0, observed_at),
            message,
            source: Slug::new("feed").unwrap(),
            sensor: None,
            observed_at,
            received_at: at,
            location: Some(Location::fix(place, 30.0)),
            reading,
            grade: Grade {
                reliability: Reliability::B,
                credibility: Credibility::ProbablyTrue,
            },
            signed_by: None,
        }
    }

    /// What is told at last while for some hours a radar sees something lie in the corridor, and a
    /// vessel with AIS lies so far from it.
    fn told(apart_m: f64) -> Vec<Incident> {
        let mut engine = engine();
        let zones = &engine.setup().mission.zones;
        let corridor = zones
            .iter()
            .find(|zone| zone.id.as_str() == "corridor-odesa-bosphorus")
            .unwrap();
        let middle = way::centre_line(&corridor.shape).unwrap();
        let lies = middle.at(middle.length_m() / 2.0);
        let start: Timestamp = "2025-06-10T00:00:00Z".parse().unwrap();
        let mut last = BTreeMap::new();
        for minute in 0..240 {
            let at = plus_seconds(start, 60.0 * f64::from(minute));
            // The errors go round within some metres.
            let seen = lies.offset(f64::from(minute) * 50.0, 20.0);
            let mut out = Outputs::default();
            let plot = Reading::Radar(RadarTarget::default());
            engine.take_reading(reading(at, seen, plot), &mut out);
            let report = Reading::Vessel(VesselReport {
                message_type: 1,
                mmsi: 123_456_789,
                speed_m_s: Some(0.0),
                ..VesselReport::default()
            });
            let vessel = lies.offset(90.0, apart_m);
            engine.take_reading(reading(at, vessel, report), &mut out);
            engine.now = at;
            engine.settle(&mut out);
            last.extend(out.incidents.into_iter().filter_map(|body| match body {
                Body::Incident(incident) => Some((incident.id, incident)),
                _ => None,
            }));
        }
        last.into_values().collect()
    }

    #[test]
    fn a_vessel_that_only_radar_sees_stops_in_a_corridor() {
        // The vessel with AIS lies outside.
        let all = told(60_000.0);
        let [stop] = &all[..] else {
            panic!("{all:?}");
        };
        assert_eq!(stop.kind, IncidentKind::UnauthorisedStop);
        assert_eq!(stop.attributes.get(&Slug::new("identity").unwrap()), None);
        assert!(stop.probability > 0.9, "{stop:?}");
    }

    #[test]
    fn a_vessel_that_names_itself_is_told_once_though_radar_sees_it_too() {
        let all = told(0.0);
        let [stop] = &all[..] else {
            panic!("{all:?}");
        };
        assert_eq!(stop.kind, IncidentKind::UnauthorisedStop);
        let name = Slug::new("identity").unwrap();
        assert_eq!(stop.attributes[&name], "mmsi:123456789");
    }
}
