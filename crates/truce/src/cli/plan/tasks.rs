//! `truce plan tasks`: routes of drones and patrols, site visits, and satellites worth asking.

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::{Value, json};
use truce_core::Position;
use truce_core::time::plus_seconds;
use truce_plan::assess;
use truce_plan::tasks::Site;
use truce_plan::tasks::sites::Placed;

use super::super::export::open_to_read;
use super::super::{Failure, Form, terminal};
use super::coverage::write;
use super::outlook::{Outlook, OutlookArguments};
use super::question::{Asked, Question};
use super::table::Table;
use crate::line::Folder;
use crate::planning::tasks::{Kind, Order, Tasking, VISIT_STAY_S, geojson, order, path, violation};
use crate::report::{Sources, open_sites};

/// Plan who looks where next: routes that detect most within endurance and crews' days.
///
/// Each cell of the mission's areas is worth the chance that a violation there goes unseen with
/// what is delivered; a visit to an open incident is worth what its file says and has a deadline.
/// Vehicles start from posts and return to them.
///
/// --data takes the open incidents of a data folder: what waits for verification and leaves something
/// to see, worth the weight of its kind times its probability, with the clock that is due first.
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
    /// Folder of a log whose open incidents are to be visited.
    #[arg(long, value_name = "DATA")]
    data: Option<PathBuf>,
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
        let setup = &asked.setup;
        let plan = assess(&setup.coalition, &setup.mandate, &asked.assumed);
        let tasking = Tasking {
            kind: self.kind,
            vehicles: self.vehicles,
            violation: violation(&setup.coalition, self.violation.as_deref())?,
            visits: self.visits(asked, outlook)?,
            trials: self.trials,
            seed: self.seed,
        };
        let prepared = &outlook.prepared;
        Ok(order(
            &setup.coalition,
            &setup.mission,
            prepared,
            &plan,
            tasking,
        )?)
    }

    /// The open incidents of the log, and the visits of the file.
    fn visits(&self, asked: &Asked, outlook: &Outlook) -> Result<Vec<Placed>, Failure> {
        let mut visits = match &self.visits {
            Some(path) => read_visits(path)?,
            None => Vec::new(),
        };
        if let Some(path) = &self.data {
            let (store, reader) = open_to_read(&Folder::at(path))?;
            visits.extend(open_sites(&Sources {
                store: &store,
                reader: &reader,
                mission: &asked.setup.mission,
                agreement: &asked.setup.agreement,
                as_of: outlook.prepared.frame.from,
            })?);
        }
        Ok(visits)
    }
}

/// Visits from a file of GeoJSON points.
fn read_visits(path: &Path) -> Result<Vec<Placed>, Failure> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| Failure::Outside(format!("cannot read {}: {error}", path.display())))?;
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
