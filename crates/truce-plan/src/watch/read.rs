//! Reads areas, violations, outages and means of `coalition.toml`.

use truce_core::document::{Fields, Names};
use truce_core::document::{boolean, in_range, integer, one_of, slug, slugs, text};
use truce_core::incident::EventClass;
use truce_core::mission::SensorKind;
use truce_core::time::DAY_S;

use super::{Aircraft, Area, Chance, Look, Means, MeansKind, NominalOrbit, Outage, Rovers};
use super::{Satellite, Supply, Violation, Watch};
use crate::coalition::read::each;
use crate::truth::{self, expression};

const CLASSES: [(&str, EventClass); 3] = [
    ("artillery", EventClass::Artillery),
    ("drone_strike", EventClass::DroneStrike),
    ("small_arms", EventClass::SmallArms),
];

/// Kinds of instrument that stand somewhere and detect events around them.
const STATIONS: [(&str, SensorKind); 4] = [
    ("acoustic_array", SensorKind::AcousticArray),
    ("seismic_station", SensorKind::SeismicStation),
    ("camera", SensorKind::Camera),
    ("patrol", SensorKind::Patrol),
];

const LOOKS: [(&str, Look); 3] = [
    ("both", Look::Both),
    ("left", Look::Left),
    ("right", Look::Right),
];

/// For how long a violation or its traces can be seen, seconds: up to a year.
const LASTS_S: std::ops::RangeInclusive<f64> = 1.0..=365.0 * DAY_S;
/// Low orbits: from where the air would end them to the lower edge of deep space in SGP4, metres.
const ALTITUDE_M: std::ops::RangeInclusive<f64> = 200_000.0..=5_000_000.0;

pub(crate) fn read<'d>(fields: &Fields<'d>, names: &mut Names<'d>) -> Watch {
    for kind in ["area", "violation", "outage", "means"] {
        names.open(kind);
    }
    Watch {
        areas: each(fields, "areas", names, read_area),
        violations: each(fields, "violations", names, read_violation),
        outages: each(fields, "outages", names, read_outage),
        means: each(fields, "means", names, read_means),
    }
}

fn read_area<'d>(fields: Fields<'d>, names: &mut Names<'d>) -> Option<Area> {
    let id = fields.need("id", slug);
    names.define("area", id.as_ref(), &fields, "id");
    let title = fields.need("title", text);
    let place = fields.need("place", slug);
    names.refer("sector or place", place.as_ref(), &fields, "place");
    let zone = fields.need("zone", slug);
    names.refer("zone", zone.as_ref(), &fields, "zone");
    fields.finish();
    Some(Area {
        id: id?,
        title: title?,
        place: place?,
        zone: zone?,
    })
}

fn read_violation<'d>(fields: Fields<'d>, names: &mut Names<'d>) -> Option<Violation> {
    let id = fields.need("id", slug);
    names.define("violation", id.as_ref(), &fields, "id");
    let title = fields.need("title", text);
    let class = fields.maybe("class", one_of(&CLASSES));
    let clauses = fields.need("clauses", slugs);
    names.refer_all("clause", &fields, "clauses");
    let areas = fields.need("areas", slugs);
    names.refer_all("area", &fields, "areas");
    let lasts_s = fields.need("lasts_s", in_range(LASTS_S));
    let illustrative = fields.maybe("illustrative", boolean).unwrap_or(false);
    let basis = fields.need("basis", text);
    fields.finish();
    Some(Violation {
        id: id?,
        title: title?,
        class,
        clauses: clauses?,
        areas: areas?,
        lasts_s: lasts_s?,
        illustrative,
        basis: basis?,
    })
}

fn read_outage<'d>(fields: Fields<'d>, names: &mut Names<'d>) -> Option<Outage> {
    let id = fields.need("id", slug);
    names.define("outage", id.as_ref(), &fields, "id");
    let title = fields.need("title", text);
    let probability = fields.need("probability", in_range(0.0..=1.0));
    let illustrative = fields.maybe("illustrative", boolean).unwrap_or(false);
    let basis = fields.need("basis", text);
    fields.finish();
    Some(Outage {
        id: id?,
        title: title?,
        probability: probability?,
        illustrative,
        basis: basis?,
    })
}

fn read_means<'d>(fields: Fields<'d>, names: &mut Names<'d>) -> Option<Means> {
    let id = fields.need("id", slug);
    names.define("means", id.as_ref(), &fields, "id");
    let title = fields.need("title", text);
    let areas = fields.maybe("areas", slugs).unwrap_or_default();
    names.refer_all("area", &fields, "areas");
    let kind = read_kind(&fields);
    let supply = read_supply(&fields, names);
    let detects = fields.tables("detects").into_iter();
    let detects = detects.filter_map(|table| read_chance(table, names));
    let detects = detects.collect();
    let blinded_by = fields.maybe("blinded_by", slugs).unwrap_or_default();
    names.refer_all("outage", &fields, "blinded_by");
    let illustrative = fields.maybe("illustrative", boolean).unwrap_or(false);
    let basis = fields.need("basis", text);
    fields.finish();
    Some(Means {
        id: id?,
        title: title?,
        areas,
        kind: kind?,
        supply: supply?,
        detects,
        blinded_by,
        illustrative,
        basis: basis?,
    })
}

fn read_chance<'d>(fields: Fields<'d>, names: &mut Names<'d>) -> Option<Chance> {
    let violation = fields.need("violation", slug);
    names.refer("violation", violation.as_ref(), &fields, "violation");
    let probability = fields.need("probability", in_range(0.0..=1.0));
    let lasts_s = fields.maybe("lasts_s", in_range(LASTS_S));
    fields.finish();
    Some(Chance {
        violation: violation?,
        probability: probability?,
        lasts_s,
    })
}

/// A means says in one table what it is.
fn read_kind(fields: &Fields<'_>) -> Option<MeansKind> {
    let satellite = fields.table("satellite").map(read_satellite);
    let aircraft = fields.table("aircraft").map(read_aircraft);
    let rovers = fields.table("rovers").map(read_rovers);
    let stations = fields.maybe("stations", one_of(&STATIONS));
    let given: Vec<Option<MeansKind>> = [
        satellite.map(|read| read.map(MeansKind::Satellite)),
        aircraft.map(|read| read.map(MeansKind::Aircraft)),
        rovers.map(|read| read.map(MeansKind::Rovers)),
        (fields.node("stations").is_some()).then(|| stations.map(MeansKind::Stations)),
    ]
    .into_iter()
    .flatten()
    .collect();
    if given.len() != 1 {
        let hint = "give exactly one of `satellite`, `aircraft`, `stations` and `rovers`";
        let message = format!("a means is one thing, and {} are given", given.len());
        fields.refuse(&fields.span(), message, hint.to_owned());
    }
    given.into_iter().next().flatten()
}

/// What brings it: `when`, `contribution`, or `requirement` with `per_unit`; at most one.
fn read_supply<'d>(fields: &Fields<'d>, names: &mut Names<'d>) -> Option<Supply> {
    let when = fields.maybe("when", expression);
    truth::refer(fields, "when", names);
    let contribution = fields.maybe("contribution", slug);
    names.refer(
        "contribution",
        contribution.as_ref(),
        fields,
        "contribution",
    );
    let requirement = fields.maybe("requirement", slug);
    names.refer("requirement", requirement.as_ref(), fields, "requirement");
    let per_unit = fields
        .maybe("per_unit", in_range(1e-6..=1e6))
        .unwrap_or(1.0);
    let of_requirement = |id| Supply::Requirement { id, per_unit };
    let given = [
        when.map(Supply::When),
        contribution.map(Supply::Contribution),
        requirement.map(of_requirement),
    ];
    let mut given = given.into_iter().flatten();
    let supply = given.next().unwrap_or(Supply::Open);
    if given.next().is_some() {
        let hint = "keep one of `when`, `contribution` and `requirement`".to_owned();
        fields.refuse(&fields.span(), "several things bring it".to_owned(), hint);
        return None;
    }
    Some(supply)
}

fn read_satellite(fields: Fields<'_>) -> Option<Satellite> {
    let norad_number = fields.maybe("norad_number", integer(1..=999_999_999));
    let altitude_m = fields.need("altitude_m", in_range(ALTITUDE_M));
    let inclination_deg = fields.need("inclination_deg", in_range(0.0..=180.0));
    let node_local_time_s = fields.need("node_local_time_s", in_range(0.0..=DAY_S));
    let phase_deg = fields.need("phase_deg", in_range(0.0..=360.0));
    let look = fields.need("look", one_of(&LOOKS));
    let min = fields.maybe("off_nadir_deg_min", in_range(0.0..=80.0));
    let max = fields.need("off_nadir_deg_max", in_range(0.0..=80.0));
    if let (Some(min), Some(max)) = (min, max)
        && min >= max
    {
        let hint = "the greatest angle must be above the least".to_owned();
        fields.issue_at("off_nadir_deg_max", "it sees nothing".to_owned(), hint);
    }
    let sun_elevation_deg_min = fields.maybe("sun_elevation_deg_min", in_range(-90.0..=90.0));
    let share = |key: &str| fields.need(key, in_range(0.0..=1.0));
    let (cloud, planned) = (share("cloud_share"), share("planned_share"));
    let delivered = share("delivered_share");
    fields.finish();
    Some(Satellite {
        norad_number: norad_number.and_then(|number| u32::try_from(number).ok()),
        orbit: NominalOrbit {
            altitude_m: altitude_m?,
            inclination_deg: inclination_deg?,
            node_local_time_s: node_local_time_s?,
            phase_deg: phase_deg?,
        },
        look: look?,
        off_nadir_deg_min: min.unwrap_or(0.0),
        off_nadir_deg_max: max?,
        sun_elevation_deg_min,
        cloud_share: cloud?,
        planned_share: planned?,
        delivered_share: delivered?,
    })
}

fn read_aircraft(fields: Fields<'_>) -> Option<Aircraft> {
    let orbits = fields.need("orbits", in_range(0.0..=1e4));
    let speed_m_s = fields.need("speed_m_s", in_range(1.0..=400.0));
    let swath_m = fields.need("swath_m", in_range(10.0..=200_000.0));
    let endurance_s = fields.need("endurance_s", in_range(600.0..=60.0 * DAY_S));
    let transit_s = fields.need("transit_s", in_range(0.0..=10.0 * DAY_S));
    let turnaround_s = fields.need("turnaround_s", in_range(0.0..=30.0 * DAY_S));
    let flyable_share = fields.need("flyable_share", in_range(0.0..=1.0));
    let loss_per_sortie = fields.need("loss_per_sortie", in_range(0.0..=0.9));
    if let (Some(endurance), Some(transit)) = (endurance_s, transit_s)
        && 2.0 * transit >= endurance
    {
        let hint = "there and back must take less than its endurance".to_owned();
        fields.issue_at("transit_s", "no time is left on task".to_owned(), hint);
    }
    fields.finish();
    Some(Aircraft {
        orbits: orbits?,
        speed_m_s: speed_m_s?,
        swath_m: swath_m?,
        endurance_s: endurance_s?,
        transit_s: transit_s?,
        turnaround_s: turnaround_s?,
        flyable_share: flyable_share?,
        loss_per_sortie: loss_per_sortie?,
    })
}

fn read_rovers(fields: Fields<'_>) -> Option<Rovers> {
    let count = fields.need("count", in_range(0.0..=1e5));
    let speed_m_s = fields.need("speed_m_s", in_range(0.0..=100.0));
    let radius_m = fields.need("radius_m", in_range(10.0..=200_000.0));
    let on_task_share = fields.need("on_task_share", in_range(0.0..=1.0));
    fields.finish();
    Some(Rovers {
        count: count?,
        speed_m_s: speed_m_s?,
        radius_m: radius_m?,
        on_task_share: on_task_share?,
    })
}
