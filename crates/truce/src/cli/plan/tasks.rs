//! `truce plan tasks`: routes of drones and patrols, site visits, and satellites worth asking.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use serde_json::{Value, json};
use truce_core::mission::PlatformKind;
use truce_core::time::plus_seconds;
use truce_core::{Position, Slug};
use truce_plan::assess;
use truce_plan::coverage::{self, Level};
use truce_plan::tasks::sites::{Based, Placed, Request, blind_cells, problem, requests};
use truce_plan::tasks::{Problem, Routes, SITES_MAX, Site, Vehicle, solve};

use super::super::{Failure, Form, terminal};
use super::coverage::write;
use super::outlook::{Outlook, OutlookArguments};
use super::question::{Asked, Question, resolve};
use super::table::Table;

/// Who goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Kind {
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
const ROAD_DETOUR: f64 = 1.35;
/// Time to look over a cell, and to look into an incident, seconds; illustrative.
const CELL_STAY_S: f64 = 300.0;
const VISIT_STAY_S: f64 = 1_800.0;
/// Satellites asked for: passes within this time, and so many of them, seconds.
const REQUESTS_WITHIN_S: f64 = 24.0 * 3_600.0;
const REQUESTS_MAX: usize = 5;

/// Plan who looks where next: routes that detect most within endurance and crews' days.
///
/// Each cell of the mission's areas is worth the chance that a violation there goes unseen with
/// what is delivered; a visit to an open incident is worth what its file says and has a deadline.
/// Vehicles start from posts and return to them.
///
///   truce plan tasks missions/ukraine-2025 --assume ceasefire=true --vehicles 6 --gpx routes.gpx
///   truce plan tasks missions/ukraine-2025 --kind patrol --visits open.geojson
///
/// --visits takes GeoJSON points with the properties name, value, and if there is one due_s: seconds
/// after the start by which somebody must be there.
#[derive(Debug, Args)]
pub(super) struct TasksCommand {
    #[command(flatten)]
    question: Question,
    #[command(flatten)]
    outlook: OutlookArguments,
    /// Who goes.
    #[arg(long, value_enum, default_value_t = Kind::Drone)]
    kind: Kind,
    /// How many of them.
    #[arg(long, value_name = "N", default_value_t = 6)]
    vehicles: usize,
    /// The violation that routes are to detect; without it the first of the mission.
    #[arg(long, value_name = "NAME")]
    violation: Option<String>,
    /// Open incidents to visit, as GeoJSON points.
    #[arg(long, value_name = "FILE")]
    visits: Option<PathBuf>,
    /// How many routes are tried; more take longer and are better.
    #[arg(long, value_name = "N", default_value_t = 5_000)]
    trials: u32,
    /// Seed of the search; the same seed gives the same routes.
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Write the routes for satellite navigation (GPX 1.1).
    #[arg(long, value_name = "FILE")]
    gpx: Option<PathBuf>,
    /// Write the routes as GeoJSON.
    #[arg(long, value_name = "FILE")]
    geojson: Option<PathBuf>,
}

/// What is to be done, and the answer.
struct Order {
    sites: Vec<Placed>,
    vehicles: Vec<Based>,
    problem: Problem,
    routes: Routes,
    requests: Vec<Request>,
}

impl TasksCommand {
    pub(super) fn run(self) -> Result<(), Failure> {
        let asked = self.question.read()?;
        let outlook = self.outlook.prepare(&asked)?;
        let order = self.order(&asked, &outlook)?;
        if let Some(path) = &self.gpx {
            write(path, gpx(&order, &outlook).as_bytes())?;
        }
        if let Some(path) = &self.geojson {
            write(path, geojson(&order).to_string().as_bytes())?;
        }
        match self.question.format {
            Form::Json => terminal::say_json(&json!({
                "routes": geojson(&order),
                "value": order.routes.value,
                "requests": order.requests,
            })),
            Form::Text => answer(&order, &outlook),
        }
        Ok(())
    }

    fn order(&self, asked: &Asked, outlook: &Outlook) -> Result<Order, Failure> {
        let wanted = self.wanted(asked)?;
        let (blind, unseen) = unseen(asked, outlook, &wanted);
        let mut sites = self.open_incidents()?;
        sites.extend(blind);
        if sites.len() > SITES_MAX {
            let count = sites.len();
            let message = format!("{count} sites are too many (at most {SITES_MAX})");
            return Err(Failure::Usage(format!("{message}; raise --cell-m")));
        }
        let vehicles = self.based(asked)?;
        let detour = if self.kind == Kind::Drone {
            1.0
        } else {
            ROAD_DETOUR
        };
        let problem = problem(&sites, &vehicles, detour);
        let routes = solve(&problem, self.trials, self.seed);
        let missed = |area: &Slug| {
            unseen
                .iter()
                .find(|(id, _)| id == area)
                .map_or(0.0, |u| u.1)
        };
        let (watch, prepared) = (&asked.setup.coalition.watch, &outlook.prepared);
        let passes = coverage::timeline(watch, prepared);
        let requests = requests(
            watch,
            prepared,
            &passes,
            &wanted,
            &missed,
            REQUESTS_WITHIN_S,
        );
        Ok(Order {
            sites,
            vehicles,
            problem,
            routes,
            requests: requests
                .into_iter()
                .filter(|r| r.value > 0.0)
                .take(REQUESTS_MAX)
                .collect(),
        })
    }

    /// The violation that routes are to detect.
    fn wanted(&self, asked: &Asked) -> Result<Slug, Failure> {
        let violations = &asked.setup.coalition.watch.violations;
        let ids: Vec<&Slug> = violations.iter().map(|violation| &violation.id).collect();
        match (&self.violation, ids.first()) {
            (Some(name), _) => resolve("violation", name, &ids),
            (None, Some(first)) => Ok((*first).clone()),
            (None, None) => Err(Failure::Usage("the mission has no violations".into())),
        }
    }

    /// Vehicles at posts, spread evenly over them.
    fn based(&self, asked: &Asked) -> Result<Vec<Based>, Failure> {
        let network = &asked.setup.mission.network;
        if network.posts.is_empty() {
            return Err(Failure::Usage(
                "the mission has no posts to start from".to_owned(),
            ));
        }
        let drones = network
            .platforms
            .iter()
            .filter(|platform| platform.kind == PlatformKind::Uav);
        let endurance_s = drones
            .filter_map(|drone| drone.endurance_s)
            .reduce(f64::min);
        let vehicle = match self.kind {
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
            let post = &network.posts[i * network.posts.len() / self.vehicles];
            Based {
                name: format!("{} from {}", i + 1, post.id),
                base: post.position,
                vehicle,
            }
        };
        Ok((0..self.vehicles).map(based).collect())
    }

    fn open_incidents(&self) -> Result<Vec<Placed>, Failure> {
        let Some(path) = &self.visits else {
            return Ok(Vec::new());
        };
        let text = std::fs::read_to_string(path).map_err(|error| {
            Failure::Outside(format!("cannot read {}: {error}", path.display()))
        })?;
        let refuse = |why: &str| Failure::Usage(format!("{}: {why}", path.display()));
        let value: Value = serde_json::from_str(&text).map_err(|e| refuse(&e.to_string()))?;
        let features = value["features"]
            .as_array()
            .ok_or_else(|| refuse("no features"))?;
        let read = |feature: &Value| {
            let at = &feature["geometry"]["coordinates"];
            let place = at[0].as_f64().zip(at[1].as_f64());
            let position = place.and_then(|(lon, lat)| Position::new(lat, lon))?;
            let properties = &feature["properties"];
            Some(Placed {
                name: properties["name"].as_str()?.to_owned(),
                position,
                site: Site {
                    value: properties["value"].as_f64().filter(|value| *value >= 0.0)?,
                    stay_s: VISIT_STAY_S,
                    latest_s: properties["due_s"].as_f64(),
                },
            })
        };
        let wrong = "each feature needs a point, a `name` and a `value` of at least 0";
        features
            .iter()
            .map(|feature| read(feature).ok_or_else(|| refuse(wrong)))
            .collect()
    }
}

/// Cells worth looking at, and the mean chance in each area that a violation goes unseen.
fn unseen(asked: &Asked, outlook: &Outlook, wanted: &Slug) -> (Vec<Placed>, Vec<(Slug, f64)>) {
    let (watch, prepared) = (&asked.setup.coalition.watch, &outlook.prepared);
    let plan = assess(&asked.setup.coalition, &asked.setup.mandate, &asked.assumed);
    let (mut sites, mut missed) = (Vec::new(), Vec::new());
    for violation in watch
        .violations
        .iter()
        .filter(|violation| violation.id == *wanted)
    {
        for view in prepared
            .areas
            .iter()
            .filter(|v| violation.areas.contains(&v.area))
        {
            let seen = coverage::map(watch, prepared, view, &plan, violation, Level::Delivered);
            let sum: f64 = seen.iter().map(|seen| 1.0 - seen).sum();
            missed.push((view.area.clone(), sum / seen.len().max(1) as f64));
            sites.extend(blind_cells(view, &seen, CELL_STAY_S));
        }
    }
    (sites, missed)
}

fn answer(order: &Order, outlook: &Outlook) {
    terminal::say(&outlook.describe());
    let visits: usize = order.routes.visits.iter().map(Vec::len).sum();
    let all: f64 = order.sites.iter().map(|site| site.site.value).sum();
    terminal::say(&format!(
        "{visits} of {} sites are visited; they hold {:.1} of {all:.1} expected unseen violations.",
        order.sites.len(),
        order.routes.value,
    ));
    for (i, visits) in order.routes.visits.iter().enumerate() {
        terminal::say(&format!(
            "\nOrder for vehicle {}: {} sites, {:.1} h",
            order.vehicles[i].name,
            visits.len(),
            order.routes.time_s[i] / 3_600.0,
        ));
        let mut table = Table::new(&["arrive (UTC)", "site", ">north", ">east", ">worth"]);
        let arrivals = order.problem.arrivals_s(i, visits).unwrap_or_default();
        for (visit, arrival_s) in visits.iter().zip(arrivals) {
            let site = &order.sites[*visit];
            let at = plus_seconds(outlook.prepared.frame.from, arrival_s);
            table.row(vec![
                at.strftime("%d %b %H:%M").to_string(),
                site.name.clone(),
                format!("{:.4}°", site.position.lat_deg),
                format!("{:.4}°", site.position.lon_deg),
                format!("{:.2}", site.site.value),
            ]);
        }
        table.lines().iter().for_each(|line| terminal::say(line));
    }
    if order.requests.is_empty() {
        terminal::say("\nNo satellite of the next day would show any of this.");
        return;
    }
    terminal::say("\nSatellites worth asking, next 24 hours");
    let mut table = Table::new(&["first look (UTC)", "satellite", "area", ">worth"]);
    for request in &order.requests {
        let at = plus_seconds(outlook.prepared.frame.from, request.from_s);
        let worth = format!("{:.2}", request.value);
        let names = [request.means.to_string(), request.area.to_string()];
        table.row(
            [
                vec![at.strftime("%d %b %H:%M:%S").to_string()],
                names.to_vec(),
                vec![worth],
            ]
            .concat(),
        );
    }
    table.lines().iter().for_each(|line| terminal::say(line));
}

/// The route of a vehicle with its base at both ends.
fn path(order: &Order, vehicle: usize) -> Vec<Position> {
    let base = order.vehicles[vehicle].base;
    let visits = order.routes.visits[vehicle]
        .iter()
        .map(|visit| order.sites[*visit].position);
    [base].into_iter().chain(visits).chain([base]).collect()
}

fn geojson(order: &Order) -> Value {
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

/// Routes as GPX 1.1 (topografix.com/GPX/1/1): one `rte` for each vehicle.
fn gpx(order: &Order, outlook: &Outlook) -> String {
    let mut text = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <gpx version=\"1.1\" creator=\"truce\" xmlns=\"http://www.topografix.com/GPX/1/1\">\n",
    );
    for (vehicle, visits) in order.routes.visits.iter().enumerate() {
        text += &format!(
            "  <rte>\n    <name>{}</name>\n",
            escaped(&order.vehicles[vehicle].name)
        );
        let names = visits.iter().map(|visit| order.sites[*visit].name.as_str());
        let names = ["base"].into_iter().chain(names).chain(["base"]);
        let arrivals = order
            .problem
            .arrivals_s(vehicle, visits)
            .unwrap_or_default();
        let times = [0.0].into_iter().chain(arrivals);
        for ((place, name), after_s) in path(order, vehicle).into_iter().zip(names).zip(times) {
            let at = plus_seconds(outlook.prepared.frame.from, after_s);
            text += &format!(
                "    <rtept lat=\"{:.6}\" lon=\"{:.6}\"><time>{}</time><name>{}</name></rtept>\n",
                place.lat_deg,
                place.lon_deg,
                at.strftime("%Y-%m-%dT%H:%M:%SZ"),
                escaped(name),
            );
        }
        text += "  </rte>\n";
    }
    text + "</gpx>\n"
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
