//! What people on the ground do against the agreement, or within it, and what only people or a
//! camera can tell: weapons where they may not be, mines, movements, harm, monitors and aid held
//! up.

use truce_core::mission::{SensorKind, Shape, Zone, ZoneKind};
use truce_core::time::plus_seconds;
use truce_core::{ClauseKind, IncidentKind, Interval, ObjectKind, Position, Slug};

use super::physical::Event;
use crate::Options;
use crate::ground::{Ground, contains, middle};
use crate::random::Stream;
use crate::truth::TruthEvent;

/// How often each happens on a day, and which clauses it breaks (illustrative; the OSCE SMM
/// reported several denials of access and some weapons in withdrawal areas on most days).
const DEEDS_PER_DAY: [(IncidentKind, ClauseKind, f64); 7] = [
    (IncidentKind::AccessDenied, ClauseKind::Access, 4.0),
    (IncidentKind::WeaponSighting, ClauseKind::Withdrawal, 6.0),
    (IncidentKind::MinesOrWorks, ClauseKind::NoMinesOrWorks, 3.0),
    (
        IncidentKind::CivilianHarm,
        ClauseKind::CivilianProtection,
        2.0,
    ),
    (
        IncidentKind::PassageRefused,
        ClauseKind::HumanitarianPassage,
        1.0,
    ),
    (
        IncidentKind::ObjectDamaged,
        ClauseKind::ProtectedObjects,
        0.6,
    ),
    (IncidentKind::Movement, ClauseKind::NotifiedMovement, 3.0),
];

/// Share of movements that were notified and so break nothing.
const NOTIFIED: f64 = 0.6;

/// Places are tried so often until one fits.
const TRIES_MAX: usize = 60;

/// Something done on the ground.
pub(crate) struct Deed {
    pub(crate) truth: TruthEvent,
    pub(crate) kind: IncidentKind,
    pub(crate) object: Option<ObjectKind>,
    pub(crate) weapon: Option<Slug>,
    pub(crate) count: Option<u32>,
    /// How a witness puts it.
    pub(crate) text: &'static str,
}

/// Draws the deeds, and says what the mission gave no place for.
pub(crate) fn draw(
    ground: &Ground<'_>,
    options: &Options,
    events: &[Event],
) -> (Vec<Deed>, Vec<TruthEvent>) {
    let mut deeds = Vec::new();
    let mut remarks = Vec::new();
    for (kind, clause, per_day) in DEEDS_PER_DAY {
        let mut stream = Stream::new(options.seed, &format!("deeds {kind:?}"));
        let wanted = stream.about(per_day * options.hours / 24.0);
        let mut placed = 0;
        for _ in 0..wanted {
            let found = place(ground, options, kind, events, &mut stream);
            if let Some(found) = found {
                deeds.push(deed(ground, kind, clause, found, &mut stream));
                placed += 1;
            }
        }
        if placed < wanted {
            let whole = Interval::between(options.start, options.end());
            let note = format!("no place for {} of {wanted}: {kind:?}", wanted - placed);
            remarks.push(TruthEvent::remark(whole, note));
        }
    }
    (deeds, remarks)
}

/// Where and when, and the zone it concerns.
struct Found<'m> {
    place: Position,
    during: Interval,
    zone: Option<&'m Zone>,
}

fn place<'m>(
    ground: &Ground<'m>,
    options: &Options,
    kind: IncidentKind,
    events: &[Event],
    stream: &mut Stream,
) -> Option<Found<'m>> {
    let at = plus_seconds(options.start, stream.between(0.0, options.hours * 3_600.0));
    let lasts_s = match kind {
        IncidentKind::CivilianHarm | IncidentKind::ObjectDamaged => 0.0,
        _ => stream.between(1_800.0, 14_400.0),
    };
    let during = Interval::between(at, plus_seconds(at, lasts_s));
    let near_patrol = |stream: &mut Stream| {
        let patrols = ground.sensors(SensorKind::Patrol);
        let places: Vec<Position> = patrols
            .iter()
            .filter_map(|sensor| sensor.position)
            .collect();
        let course_deg = stream.between(0.0, 360.0);
        let distance_m = stream.between(500.0, 8_000.0);
        Some(stream.one_of(&places)?.offset(course_deg, distance_m))
    };
    match kind {
        IncidentKind::WeaponSighting => (0..TRIES_MAX).find_map(|_| {
            let place = near_patrol(stream)?;
            let zone = one_zone_at(ground, ZoneKind::WithdrawalZone, place, stream)?;
            Some(Found {
                place,
                during,
                zone: Some(zone),
            })
        }),
        IncidentKind::MinesOrWorks => (0..TRIES_MAX).find_map(|_| {
            let place = near_patrol(stream)?;
            let zone = one_zone_at(ground, ZoneKind::BufferZone, place, stream)?;
            Some(Found {
                place,
                during,
                zone: Some(zone),
            })
        }),
        IncidentKind::CivilianHarm => {
            let shots: Vec<&Event> = events
                .iter()
                .filter(|event| event.class.uses_weapons())
                .collect();
            let shot = stream.one_of(&shots)?;
            Some(Found {
                place: shot.place,
                during: Interval::instant(shot.at),
                zone: None,
            })
        }
        IncidentKind::ObjectDamaged => {
            let zones = ground.zones(ZoneKind::ProtectedObject);
            let zone = *stream.one_of(&zones)?;
            Some(Found {
                place: middle(&zone.shape)?,
                during,
                zone: Some(zone),
            })
        }
        _ => Some(Found {
            place: near_patrol(stream)?,
            during,
            zone: None,
        }),
    }
}

fn one_zone_at<'m>(
    ground: &Ground<'m>,
    kind: ZoneKind,
    place: Position,
    stream: &mut Stream,
) -> Option<&'m Zone> {
    let zones = ground
        .zones(kind)
        .into_iter()
        .filter(|zone| match zone.shape {
            Shape::Polygons(_) => contains(&zone.shape, place),
            _ => false,
        });
    let zones: Vec<&Zone> = zones.collect();
    stream.one_of(&zones).copied()
}

fn deed(
    ground: &Ground<'_>,
    kind: IncidentKind,
    clause: ClauseKind,
    found: Found<'_>,
    stream: &mut Stream,
) -> Deed {
    let Found {
        place,
        during,
        zone,
    } = found;
    let notified = kind == IncidentKind::Movement && stream.chance(NOTIFIED);
    let (object, count, text) = match kind {
        IncidentKind::AccessDenied => (None, None, "The patrol was stopped and turned back."),
        IncidentKind::WeaponSighting => (
            Some(ObjectKind::Weapon),
            Some(1 + stream.below(6)),
            "Weapons were seen in the open.",
        ),
        IncidentKind::MinesOrWorks => (None, None, "New mines and fresh digging were seen."),
        IncidentKind::CivilianHarm => (None, Some(1 + stream.below(4)), "Civilians were hurt."),
        IncidentKind::PassageRefused => (None, None, "A convoy of aid was not let through."),
        IncidentKind::Movement if notified => (
            Some(ObjectKind::Vehicle),
            Some(10 + stream.below(25)),
            "A notified column moved.",
        ),
        IncidentKind::Movement => (
            Some(ObjectKind::Vehicle),
            Some(10 + stream.below(25)),
            "A column moved.",
        ),
        _ => (None, None, "Damage was seen."),
    };
    let told = TruthEvent {
        side: zone
            .and_then(|zone| zone.party.clone())
            .or_else(|| ground.party_at(place)),
        zone: zone.map(|zone| zone.id.clone()),
        note: text.to_owned(),
        ..TruthEvent::happened(kind, during, place)
    };
    let truth = if notified {
        told
    } else {
        told.breaking(clause)
    };
    Deed {
        truth,
        kind,
        object,
        weapon: zone
            .and_then(|zone| zone.weapon.clone())
            .filter(|_| object.is_some()),
        count: count.and_then(|count| u32::try_from(count).ok()),
        text,
    }
}
