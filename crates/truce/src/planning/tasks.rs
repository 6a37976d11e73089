//! Who looks where next: the cells that are watched least and incidents that wait for a visit as
//! sites, posts as bases, and the satellites worth asking.

use serde_json::{Value, json};
use truce_core::mission::{Mission, PlatformKind};
use truce_core::{Position, Slug};
use truce_plan::coverage::{self, Level, Prepared};
use truce_plan::tasks::sites::{Based, Placed, Request, blind_cells, problem, requests};
use truce_plan::tasks::{Problem, Routes, SITES_MAX, Vehicle, solve};
use truce_plan::{Coalition, Plan};

use super::heat::valued;
use super::{Unclear, resolve};

/// Who goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    /// Uncrewed aircraft: as the crow flies, within their endurance.
    Drone,
    /// Patrols by road: within a crew's day.
    Patrol,
}

/// Speed of a drone and of a patrol, m/s, and a crew's day, seconds; illustrative.
const DRONE_SPEED_M_S: f64 = 30.0;
const PATROL_SPEED_M_S: f64 = 12.0;
const CREW_DAY_S: f64 = 8.0 * 3_600.0;
/// Roads are longer than the crow's way by this factor (Ballou, Rahardja and Sakai 2002: 1.2 to 1.5).
pub(crate) const ROAD_DETOUR: f64 = 1.35;
/// Time to look over a cell, seconds; illustrative.
const CELL_STAY_S: f64 = 300.0;
/// Time to look into an incident, seconds; illustrative.
pub(crate) const VISIT_STAY_S: f64 = 1_800.0;
/// Satellites asked for: passes within this time, and so many of them, seconds.
const REQUESTS_WITHIN_S: f64 = 24.0 * 3_600.0;
const REQUESTS_MAX: usize = 5;

/// Who is to be sent, and how hard the search is.
pub(crate) struct Tasking {
    /// Who goes.
    pub(crate) kind: Kind,
    /// How many of them.
    pub(crate) vehicles: usize,
    /// The violation that routes are to detect.
    pub(crate) violation: Slug,
    /// Open incidents to visit.
    pub(crate) visits: Vec<Placed>,
    /// How many routes are tried.
    pub(crate) trials: u32,
    /// Seed of the search.
    pub(crate) seed: u64,
}

/// What is to be done, and the answer.
pub(crate) struct Order {
    pub(crate) sites: Vec<Placed>,
    pub(crate) vehicles: Vec<Based>,
    pub(crate) problem: Problem,
    pub(crate) routes: Routes,
    pub(crate) requests: Vec<Request>,
}

/// The violation of a name, or the first of the mission.
///
/// # Errors
/// When there is none, or the name is not clear.
pub(crate) fn violation(coalition: &Coalition, name: Option<&str>) -> Result<Slug, Unclear> {
    let violations = &coalition.watch.violations;
    let ids: Vec<&Slug> = violations.iter().map(|violation| &violation.id).collect();
    match (name, ids.first()) {
        (Some(name), _) => resolve("violation", name, &ids),
        (None, Some(first)) => Ok((*first).clone()),
        (None, None) => Err(Unclear("the mission has no violations".into())),
    }
}

/// Routes and requests.
///
/// # Errors
/// When there are too many sites, or no posts to start from.
pub(crate) fn order(
    coalition: &Coalition,
    mission: &Mission,
    prepared: &Prepared,
    plan: &Plan,
    tasking: Tasking,
) -> Result<Order, Unclear> {
    let watch = &coalition.watch;
    let wanted = &tasking.violation;
    let mut sites = tasking.visits;
    let mut unseen = Vec::new();
    for (view, seen) in valued(watch, prepared, plan, wanted, Level::Delivered) {
        let sum: f64 = seen.iter().map(|seen| 1.0 - seen).sum();
        unseen.push((&view.area, sum / seen.len().max(1) as f64));
        sites.extend(blind_cells(view, &seen, CELL_STAY_S));
    }
    if sites.len() > SITES_MAX {
        let count = sites.len();
        let message = format!("{count} sites are too many (at most {SITES_MAX})");
        return Err(Unclear(format!("{message}; take larger cells")));
    }
    let vehicles = based(mission, tasking.kind, tasking.vehicles)?;
    let detour = if tasking.kind == Kind::Drone {
        1.0
    } else {
        ROAD_DETOUR
    };
    let problem = problem(&sites, &vehicles, detour);
    let routes = solve(&problem, tasking.trials, tasking.seed);
    let missed = |area: &Slug| {
        let found = unseen.iter().find(|(id, _)| *id == area);
        found.map_or(0.0, |(_, share)| *share)
    };
    let passes = coverage::timeline(watch, prepared);
    let requests = requests(watch, prepared, &passes, wanted, &missed, REQUESTS_WITHIN_S);
    let worthwhile = requests.into_iter().filter(|r| r.value > 0.0);
    Ok(Order {
        sites,
        vehicles,
        problem,
        routes,
        requests: worthwhile.take(REQUESTS_MAX).collect(),
    })
}

/// Vehicles at posts, spread evenly over them.
///
/// # Errors
/// When the mission has no posts.
pub(crate) fn based(mission: &Mission, kind: Kind, count: usize) -> Result<Vec<Based>, Unclear> {
    let network = &mission.network;
    if network.posts.is_empty() {
        let message = "the mission has no posts to start from";
        return Err(Unclear(message.to_owned()));
    }
    let drones = network
        .platforms
        .iter()
        .filter(|platform| platform.kind == PlatformKind::Uav);
    let endurance_s = drones
        .filter_map(|drone| drone.endurance_s)
        .reduce(f64::min);
    let vehicle = match kind {
        Kind::Drone => Vehicle {
            speed_m_s: DRONE_SPEED_M_S,
            limit_s: endurance_s.unwrap_or(4.0 * 3_600.0),
        },
        Kind::Patrol => Vehicle {
            speed_m_s: PATROL_SPEED_M_S,
            limit_s: CREW_DAY_S,
        },
    };
    let based = |i: usize| {
        let post = &network.posts[i * network.posts.len() / count];
        Based {
            name: format!("{} from {}", i + 1, post.id),
            base: post.position,
            vehicle,
        }
    };
    Ok((0..count).map(based).collect())
}

/// The route of a vehicle with its base at both ends.
pub(crate) fn path(order: &Order, vehicle: usize) -> Vec<Position> {
    let base = order.vehicles[vehicle].base;
    let visits = order.routes.visits[vehicle]
        .iter()
        .map(|visit| order.sites[*visit].position);
    [base].into_iter().chain(visits).chain([base]).collect()
}

/// The routes as GeoJSON, one line for each vehicle.
pub(crate) fn geojson(order: &Order) -> Value {
    let feature = |vehicle: usize| {
        let line: Vec<[f64; 2]> = path(order, vehicle)
            .into_iter()
            .map(Position::to_xy)
            .collect();
        let names = order.routes.visits[vehicle]
            .iter()
            .map(|visit| &order.sites[*visit].name);
        json!({
            "type": "Feature",
            "properties": {
                "vehicle": order.vehicles[vehicle].name,
                "time_s": order.routes.time_s[vehicle],
                "sites": names.collect::<Vec<_>>(),
            },
            "geometry": { "type": "LineString", "coordinates": line },
        })
    };
    let features: Vec<Value> = (0..order.vehicles.len()).map(feature).collect();
    json!({ "type": "FeatureCollection", "features": features })
}
