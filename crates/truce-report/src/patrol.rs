//! The patrol order: who goes where next, why, by when, and what happened along the way.

use truce_core::time::plus_seconds;
use truce_core::{IncidentId, Place, Position, Timestamp};

use crate::account::{Basis, Reported};
use crate::document::{Block, Document};
use crate::map::{self, Content};
use crate::place::{coordinates, relative_place};
use crate::symbols;
use crate::table::{Cell, Row, Table};
use crate::words;

/// Routes with what they are for.
#[derive(Debug, Clone)]
pub struct PatrolOrder {
    /// What the order rests on.
    pub basis: Basis,
    /// When the routes begin.
    pub starts_at: Timestamp,
    /// Who goes where.
    pub routes: Vec<Route>,
    /// Satellites worth asking.
    pub requests: Vec<Request>,
    /// Places that nobody can reach in time.
    pub unvisited_count: usize,
    /// Recent incidents, for those who go there.
    pub recent: Vec<Reported>,
}

/// The route of one patrol or drone.
#[derive(Debug, Clone, PartialEq)]
pub struct Route {
    /// Who goes.
    pub name: String,
    /// From where, and back to it.
    pub base: Position,
    /// How long it takes, seconds.
    pub time_s: f64,
    /// Where it stops.
    pub stops: Vec<Stop>,
}

/// A stop of a route.
#[derive(Debug, Clone, PartialEq)]
pub struct Stop {
    /// Its name.
    pub name: String,
    /// Where.
    pub place: Place,
    /// When it is reached, seconds after the start.
    pub arrival_s: f64,
    /// How long it takes there, seconds.
    pub stay_s: f64,
    /// By when it must be reached, seconds after the start.
    pub latest_s: Option<f64>,
    /// The incident that is looked into there; `None` for a look over the area.
    pub incident: Option<IncidentId>,
}

/// A satellite worth asking.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// The satellite.
    pub name: String,
    /// The area.
    pub area: String,
    /// When it first looks there.
    pub at: Timestamp,
}

/// The order.
#[must_use]
pub fn patrol_order(order: &PatrolOrder) -> Document {
    let basis = &order.basis;
    let l = basis.language;
    let starts_at = basis.local(order.starts_at);
    let title = format!("{}, {starts_at}", l.t("Patrol order"));
    let mut document = Document::new("patrol-order", basis, title);
    document.head = vec![
        (l.t("Begins"), starts_at),
        (l.t("Time zone"), basis.mission.report.time_zone.clone()),
        (l.t("Records read up to"), basis.local(basis.as_of)),
        (l.t("Held as"), l.t("mission").to_owned()),
    ];
    let stops: usize = order.routes.iter().map(|route| route.stops.len()).sum();
    document.push(Block::List(vec![
        l.fill("Routes: {}; stops: {}.", &[&order.routes.len(), &stops]),
        l.fill(
            "Places worth a visit that nobody can reach in time: {}.",
            &[&order.unvisited_count],
        ),
        l.t(
            "Safety before task: turn back where the way is not safe, and report it. A visit that \
             is denied is a finding of its own.",
        )
        .to_owned(),
    ]));
    drawing(&mut document, order);
    document
        .table(routes(order))
        .table(stops_table(order))
        .table(requests(order))
        .table(recent(order));
    document
}

fn drawing(document: &mut Document, order: &PatrolOrder) {
    let l = order.basis.language;
    let route = |route: &Route| {
        let stops = route.stops.iter().map(|stop| stop.place.position);
        [route.base]
            .into_iter()
            .chain(stops)
            .chain([route.base])
            .collect()
    };
    let recent = order.recent.iter();
    let content = Content {
        symbols: recent
            .map(|reported| symbols::symbol(l, reported))
            .collect(),
        routes: order.routes.iter().map(route).collect(),
        around: None,
    };
    let label = l.t("Routes, and the incidents of the last day");
    if let Some(svg) = map::draw(&order.basis, label, &content) {
        document.push(Block::Drawing {
            title: l.t("Where"),
            svg,
            caption: label.to_owned(),
        });
    }
}

fn routes(order: &PatrolOrder) -> Table {
    let basis = &order.basis;
    let rows = order.routes.iter().map(|route| {
        let back = plus_seconds(order.starts_at, route.time_s);
        let cells = vec![
            Cell::text(&*route.name),
            Cell::Count(route.stops.len() as u64),
            Cell::Number(route.time_s / 3_600.0, 1),
            Cell::text(basis.local(back)),
        ];
        Row::at(cells, route.base)
    });
    Table::new(
        basis.language,
        "routes",
        "Routes",
        "There is no route.",
        &[
            ("route", "Who"),
            ("stop_count", "Stops"),
            ("duration_h", "Hours"),
            ("back_at", "Back at"),
        ],
    )
    .rows(rows)
}

fn stops_table(order: &PatrolOrder) -> Table {
    let basis = &order.basis;
    let l = basis.language;
    let stops = order.routes.iter().flat_map(|route| {
        let numbered = (1..).zip(&route.stops);
        numbered.map(move |(number, stop)| (route, number, stop))
    });
    let rows = stops.map(|(route, number, stop): (&Route, u64, &Stop)| {
        let task = match stop.incident {
            Some(id) => l.fill("look into incident {}", &[&id.0.short()]),
            None => l.t("look over the area").to_owned(),
        };
        let latest = stop.latest_s.map(|s| plus_seconds(order.starts_at, s));
        let cells = vec![
            Cell::text(&*route.name),
            Cell::Count(number),
            Cell::text(basis.local(plus_seconds(order.starts_at, stop.arrival_s))),
            Cell::text(latest.map_or(String::new(), |at| basis.local(at))),
            Cell::text(relative_place(basis, &stop.place)),
            Cell::text(coordinates(stop.place.position)),
            Cell::text(task),
            Cell::Number(stop.stay_s / 60.0, 0),
        ];
        Row::at(cells, stop.place.position)
    });
    Table::new(
        l,
        "stops",
        "Stops",
        "There is no stop.",
        &[
            ("route", "Who"),
            ("stop", "Stop"),
            ("arrive_at", "Arrive"),
            ("latest_at", "At the latest"),
            ("place", "Where"),
            ("coordinates", "Coordinates"),
            ("task", "Task"),
            ("stay_min", "Minutes"),
        ],
    )
    .rows(rows)
}

fn requests(order: &PatrolOrder) -> Table {
    let basis = &order.basis;
    let rows = order.requests.iter().map(|request| {
        vec![
            Cell::text(basis.local(request.at)),
            Cell::text(&*request.name),
            Cell::text(&*request.area),
        ]
    });
    Table::new(
        basis.language,
        "requests",
        "Satellites worth asking",
        "No satellite of the next day would show any of this.",
        &[
            ("look_at", "First look"),
            ("satellite", "Satellite"),
            ("area", "Area"),
        ],
    )
    .rows(rows)
}

/// What happened along the way.
fn recent(order: &PatrolOrder) -> Table {
    let basis = &order.basis;
    let l = basis.language;
    let rows = order.recent.iter().map(|reported| {
        let incident = &reported.incident;
        let cells = vec![
            Cell::text(words::number(reported)),
            Cell::text(basis.local_interval(incident.occurred)),
            Cell::text(relative_place(basis, &incident.place)),
            Cell::text(l.what(incident)),
            Cell::text(l.likelihood(incident.probability)),
        ];
        Row::at(cells, incident.place.position)
    });
    Table::new(
        l,
        "recent",
        "Incidents of the last day near the routes",
        "No incident of the last day lies near a route.",
        &[
            ("number", "No."),
            ("occurred", "When"),
            ("place", "Where"),
            ("what", "What"),
            ("likelihood", "Likelihood"),
        ],
    )
    .rows(rows)
}
