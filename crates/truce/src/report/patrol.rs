//! Gathers the patrol order: the open incidents whose site a patrol should see, and the routes that
//! reach the most of them.

use truce_accord::ladder::{Procedure, clocks_at};
use truce_core::finding::ClockState;
use truce_core::time::{plus_seconds, seconds_between};
use truce_core::{
    EventClass, Finding, IncidentId, IncidentKind, Interval, Place, Status, Timestamp, Verdict,
};
use truce_plan::tasks::sites::{Placed, problem};
use truce_plan::tasks::{Site, solve};
use truce_report::{Language, PatrolOrder, Reported, Route, Stop};
use truce_store::IncidentQuery;

use super::{Refusal, Sources, account};
use crate::line::Error;
use crate::planning::tasks::{Kind, ROAD_DETOUR, VISIT_STAY_S, based};

/// Patrols when nothing else is asked for, and the most.
const PATROLS_DEFAULT: usize = 6;
const PATROLS_MAX: usize = 60;

/// Open incidents of which routes are made: the most valuable; patrols reach fewer in a day.
const VISITS_MAX: usize = 300;

/// Routes tried, and the seed: the same tables give the same order.
const TRIALS: u32 = 5_000;
const SEED: u64 = 1;

/// What is told of happened within this distance of a stop, in the last day, metres.
const NEAR_M: f64 = 10_000.0;
const RECENT_S: f64 = 86_400.0;
const RECENT_MAX: usize = 200;

/// An open incident whose site is worth a visit.
#[derive(Debug, Clone, PartialEq)]
pub struct OpenIncident {
    /// Its name.
    pub id: IncidentId,
    /// Where it is.
    pub place: Place,
    /// What a visit is worth: the weight of its kind times the probability that it is real, one more
    /// when a visit was asked for, half when no clause is held to be broken.
    pub value: f64,
    /// By when somebody must be there, seconds after the instant asked about; `None` without a clock.
    pub latest_s: Option<f64>,
}

impl OpenIncident {
    /// It as a site of the planner.
    #[must_use]
    pub fn site(&self) -> Placed {
        Placed {
            name: format!("incident {}", self.id.0.short()),
            position: self.place.position,
            site: Site {
                value: self.value,
                stay_s: VISIT_STAY_S,
                latest_s: self.latest_s,
            },
        }
    }
}

/// Incidents that wait for verification and whose site shows something, the most valuable first.
///
/// # Errors
/// When the tables cannot be read.
pub fn open_incidents(sources: &Sources<'_>) -> Result<Vec<OpenIncident>, Error> {
    let mut query = IncidentQuery {
        kinds: WEIGHTS.map(|(kind, _)| kind).to_vec(),
        statuses: vec![
            Status::Reported,
            Status::UnderVerification,
            Status::Corroborated,
        ],
        probability_min: Some(sources.mission.alert_threshold),
        without_withdrawn: true,
        ..IncidentQuery::default()
    };
    let mut open = Vec::new();
    loop {
        let page = sources.store.incidents(&query)?;
        for summary in page.items {
            let armed = summary.class.is_some_and(EventClass::uses_weapons);
            if summary.kind == IncidentKind::PhysicalEvent && !armed {
                continue;
            }
            let finding = sources
                .store
                .finding(summary.id)?
                .map(|(finding, _)| finding);
            let procedure = finding.as_ref().map(Procedure::of).unwrap_or_default();
            let asked = procedure.visits.iter().any(|visit| visit.outcome.is_none());
            let breach = summary
                .verdicts
                .iter()
                .any(|v| v.verdict == Verdict::Breach);
            let weight = WEIGHTS.iter().find(|(kind, _)| *kind == summary.kind);
            let weight = weight.map_or(0.0, |(_, weight)| *weight);
            open.push(OpenIncident {
                id: summary.id,
                place: summary.place,
                value: weight * summary.probability * if breach { 1.0 } else { 0.5 }
                    + f64::from(u8::from(asked)),
                latest_s: finding.and_then(|finding| latest_s(sources, &finding, &procedure)),
            });
        }
        if page.next.is_none() {
            break;
        }
        query.after = page.next;
    }
    open.sort_by(|a, b| b.value.total_cmp(&a.value).then(a.id.cmp(&b.id)));
    Ok(open)
}

/// The most valuable of them as sites of the planner.
///
/// # Errors
/// When the tables cannot be read.
pub(crate) fn open_sites(sources: &Sources<'_>) -> Result<Vec<Placed>, Error> {
    let open = open_incidents(sources)?;
    Ok(open
        .iter()
        .take(VISITS_MAX)
        .map(OpenIncident::site)
        .collect())
}

/// Kinds of incidents that leave something to see, with the weight of a visit; own choice.
const WEIGHTS: [(IncidentKind, f64); 5] = [
    (IncidentKind::CivilianHarm, 3.0),
    (IncidentKind::ObjectDamaged, 2.0),
    (IncidentKind::WeaponSighting, 2.0),
    (IncidentKind::MinesOrWorks, 2.0),
    (IncidentKind::PhysicalEvent, 1.0),
];

/// The earliest time that still lies ahead: a visit's or a clock's.
fn latest_s(sources: &Sources<'_>, finding: &Finding, procedure: &Procedure) -> Option<f64> {
    let visits = procedure.visits.iter().filter(|v| v.outcome.is_none());
    let clocks = clocks_at(finding, &sources.agreement.clocks, sources.as_of).into_iter();
    let open = |state| matches!(state, ClockState::Running | ClockState::DueSoon);
    let due = clocks
        .filter(|clock| open(clock.state))
        .map(|clock| clock.due_at);
    let due = due.chain(visits.filter_map(|visit| visit.due_at));
    let left = due.map(|at| seconds_between(sources.as_of, at));
    left.filter(|left| *left > 0.0).reduce(f64::min)
}

/// The order of the next crew's day.
pub(super) fn gather(
    sources: &Sources<'_>,
    patrols: Option<usize>,
    language: Language,
) -> Result<PatrolOrder, Refusal> {
    let count = patrols.unwrap_or(PATROLS_DEFAULT);
    if !(1..=PATROLS_MAX).contains(&count) {
        let message = format!("an order is for 1 to {PATROLS_MAX} patrols");
        return Err(Refusal::Wish(message));
    }
    let vehicles = based(sources.mission, Kind::Patrol, count);
    let vehicles = vehicles.map_err(|unclear| Refusal::Wish(unclear.to_string()))?;
    let mut open = open_incidents(sources)?;
    let all = open.len();
    open.truncate(VISITS_MAX);
    let sites: Vec<Placed> = open.iter().map(OpenIncident::site).collect();
    let problem = problem(&sites, &vehicles, ROAD_DETOUR);
    let found = solve(&problem, TRIALS, SEED);
    let visited: usize = found.visits.iter().map(Vec::len).sum();
    let routes: Vec<Route> = (0..count)
        .map(|vehicle| {
            let visits = &found.visits[vehicle];
            let arrivals = problem.arrivals_s(vehicle, visits).unwrap_or_default();
            let stops = visits.iter().zip(arrivals).map(|(site, arrival_s)| Stop {
                name: sites[*site].name.clone(),
                place: open[*site].place,
                arrival_s,
                stay_s: sites[*site].site.stay_s,
                latest_s: sites[*site].site.latest_s,
                incident: Some(open[*site].id),
            });
            Route {
                name: vehicles[vehicle].name.clone(),
                base: vehicles[vehicle].base,
                time_s: found.time_s[vehicle],
                stops: stops.collect(),
            }
        })
        .collect();
    Ok(PatrolOrder {
        basis: sources.basis(language)?,
        starts_at: sources.as_of,
        recent: recent(sources, &routes)?,
        routes,
        requests: Vec::new(),
        unvisited_count: all - visited,
    })
}

/// What happened near the stops in the last day that the tables know of.
fn recent(sources: &Sources<'_>, routes: &[Route]) -> Result<Vec<Reported>, Error> {
    let last = sources.store.incident_span()?.map(|span| span.end);
    let end: Timestamp = last.map_or(sources.as_of, |last| last.min(sources.as_of));
    let day = Interval {
        start: plus_seconds(end, -RECENT_S),
        end,
    };
    let mut near = account::incidents(sources.store, day)?;
    near.retain(|reported| {
        let at = reported.incident.place.position;
        let mut stops = routes.iter().flat_map(|route| &route.stops);
        reported.incident.withdrawn.is_none()
            && reported.incident.probability >= sources.mission.alert_threshold
            && stops.any(|stop| stop.place.position.distance_m(at) < NEAR_M)
    });
    near.truncate(RECENT_MAX);
    Ok(near)
}
