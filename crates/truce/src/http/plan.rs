//! Planning for the pages Coverage, Forces and Mandate: the same questions as `truce plan`, over
//! HTTP. Nothing here reads the live state, but for one thing: where coverage is asked for at an
//! instant, instruments that had said they were off or jammed count for nothing.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::State;
use axum::response::Json;
use serde_json::{Value, json};
use truce_core::mission::Mission;
use truce_core::observation::Health;
use truce_core::time::plus_seconds;
use truce_core::{Interval, Reading, Slug, Timestamp};
use truce_plan::council::Proviso;
use truce_plan::coverage::{self, Frame, Level, Prepared};
use truce_plan::tasks::SITES_MAX;
use truce_plan::training::{throughput, training};
use truce_plan::unlock::{Question, unlock, unlock_coverage};
use truce_plan::{Assumptions, Coalition, Mandate, assess};
use truce_store::Store;

use super::error::Failure;
use super::parameters::Parameters;
use super::report::sources;
use super::state::{App, AppState};
use super::summary::present;
use crate::planning::heat::{cells_to_geojson, valued};
use crate::planning::outlook::prepared;
use crate::planning::tasks::{Kind, Tasking, geojson, order, violation};
use crate::planning::{
    CoverageWords, Given, Unclear, assumption, ballot, coverage_goal, goal, swings,
};
use crate::report::{Sources, open_sites};

/// Prepared skies kept: a page shows one and a timeline asks for one an hour.
const PREPARED_MAX: usize = 48;

/// Longest plan, days, and smallest cell, metres: one answer takes no more than some seconds.
const DAYS_MAX: f64 = 60.0;
const CELL_M_MIN: f64 = 2_000.0;
const CELL_M_DEFAULT: f64 = 5_000.0;

/// What one instant means when coverage is asked for at it, days: the hour it lies in.
const HOUR_DAYS: f64 = 1.0 / 24.0;
const HOUR_S: i64 = 3_600;

/// Vehicles and routes tried in one answer.
const VEHICLES_MAX: usize = 24;
const TRIALS: u32 = 1_000;

impl From<Unclear> for Failure {
    fn from(unclear: Unclear) -> Self {
        Self::bad_request(unclear.0)
    }
}

/// `GET /api/plan`: what the mission's planning files say.
pub(super) async fn files(State(app): State<App>) -> Json<Value> {
    let (coalition, mandate) = app.state.planning();
    Json(json!({ "coalition": coalition, "mandate": mandate }))
}

/// `GET /api/plan/outcome`: what is permitted and what is met.
pub(super) async fn outcome(
    State(app): State<App>,
    mut parameters: Parameters,
) -> Result<Json<Value>, Failure> {
    let assumed = assumptions(&app.state, &mut parameters)?;
    parameters.finish()?;
    let answer = app.state.read(move |_, state| {
        let (coalition, mandate) = state.planning();
        let plan = assess(coalition, mandate, &assumed);
        Ok(json!({
            "training": training(coalition, &plan),
            "sites": throughput(coalition),
            "swings": swings(mandate, &assumed),
            "plan": plan,
        }))
    });
    Ok(Json(answer.await?))
}

/// `GET /api/plan/unlock`: which conditions open what.
pub(super) async fn unlocks(
    State(app): State<App>,
    mut parameters: Parameters,
) -> Result<Json<Value>, Failure> {
    let assumed = assumptions(&app.state, &mut parameters)?;
    let requirements = list(parameters.text("requirement"));
    let layers = list(parameters.text("layer"));
    let names = ["clause", "area", "violation"].map(|name| parameters.text(name));
    let at_least_percent = parameters.parsed("at_least_percent")?.unwrap_or(80.0);
    let window = Window::read(&mut parameters)?;
    parameters.finish()?;
    let answer = app.state.read(move |store, state| {
        let (coalition, mandate) = state.planning();
        let [clause, area, violation] = names.each_ref().map(Option::as_deref);
        if names.iter().all(Option::is_none) {
            let goal = goal(coalition, mandate, &requirements, &layers)?;
            return Ok(json!(unlock(coalition, mandate, &assumed, &goal)));
        }
        let words = CoverageWords {
            clause,
            area,
            violation,
            at_least_percent,
        };
        let goal = coverage_goal(coalition, &words)?;
        let sky = window.sky(store, state)?;
        let question = Question {
            coalition,
            mandate,
            assumptions: &assumed,
        };
        let answer = unlock_coverage(question, &sky.prepared, &goal);
        let none = "no violation of the mission is of that clause in that area";
        let answer = answer.ok_or_else(|| Failure::bad_request(none.to_owned()))?;
        Ok(json!({ "frame": sky.describe(), "unlock": answer }))
    });
    Ok(Json(answer.await?))
}

/// `GET /api/plan/coverage`: the chance to detect a breach, clause by clause and area by area, and
/// the looks of satellites.
pub(super) async fn picture(
    State(app): State<App>,
    mut parameters: Parameters,
) -> Result<Json<Value>, Failure> {
    let assumed = assumptions(&app.state, &mut parameters)?;
    let window = Window::read(&mut parameters)?;
    parameters.finish()?;
    let answer = app.state.read(move |store, state| {
        let sky = window.sky(store, state)?;
        let (coalition, mandate) = state.planning();
        let plan = assess(coalition, mandate, &assumed);
        let picture = coverage::assess(&coalition.watch, &sky.prepared, &plan);
        let passes = coverage::timeline(&coalition.watch, &sky.prepared);
        Ok(json!({
            "frame": sky.describe(),
            "picture": picture,
            "passes": passes,
        }))
    });
    Ok(Json(answer.await?))
}

/// `GET /api/plan/coverage/cells`: the same on the map, cell by cell.
pub(super) async fn cells(
    State(app): State<App>,
    mut parameters: Parameters,
) -> Result<Json<Value>, Failure> {
    let assumed = assumptions(&app.state, &mut parameters)?;
    let window = Window::read(&mut parameters)?;
    let wanted = parameters.text("violation");
    let level = parameters.word("level")?.unwrap_or(Level::Delivered);
    parameters.finish()?;
    let answer = app.state.read(move |store, state| {
        let (coalition, mandate) = state.planning();
        let wanted = violation(coalition, wanted.as_deref())?;
        let sky = window.sky(store, state)?;
        let plan = assess(coalition, mandate, &assumed);
        let cells = valued(&coalition.watch, &sky.prepared, &plan, &wanted, level);
        let text = cells_to_geojson(&cells, &wanted);
        let mut answer: Value = serde_json::from_str(&text).map_err(|_| Failure::internal())?;
        answer["frame"] = sky.describe();
        Ok(answer)
    });
    Ok(Json(answer.await?))
}

/// `GET /api/plan/tasks`: who looks where next.
pub(super) async fn tasks(
    State(app): State<App>,
    mut parameters: Parameters,
) -> Result<Json<Value>, Failure> {
    let assumed = assumptions(&app.state, &mut parameters)?;
    let window = Window::read(&mut parameters)?;
    let kind = parameters.word("kind")?.unwrap_or(Kind::Drone);
    let vehicles = parameters.parsed::<usize>("vehicles")?.unwrap_or(6);
    let wanted = parameters.text("violation");
    parameters.finish()?;
    if !(1..=VEHICLES_MAX).contains(&vehicles) {
        let message = format!("`vehicles` lies between 1 and {VEHICLES_MAX}");
        return Err(Failure::bad_request(message));
    }
    let answer = app.state.read(move |store, state| {
        let (coalition, mandate) = state.planning();
        let violation = violation(coalition, wanted.as_deref())?;
        let sky = window.sky(store, state)?;
        let plan = assess(coalition, mandate, &assumed);
        let tasking = Tasking {
            kind,
            vehicles,
            violation,
            visits: open_sites(&Sources {
                as_of: sky.prepared.frame.from,
                ..sources(store, state)
            })?,
            trials: TRIALS,
            seed: 1,
        };
        let order = order(coalition, state.mission(), &sky.prepared, &plan, tasking)?;
        Ok(json!({
            "frame": sky.describe(),
            "routes": geojson(&order),
            "value": order.routes.value,
            "value_max": order.sites.iter().map(|site| site.site.value).sum::<f64>(),
            "requests": order.requests,
            "sites_max": SITES_MAX,
        }))
    });
    Ok(Json(answer.await?))
}

/// Several names in one parameter.
fn list(text: Option<String>) -> Vec<String> {
    let text = text.unwrap_or_default();
    let names = text.split(',').map(str::trim);
    let names = names.filter(|name| !name.is_empty());
    names.map(str::to_owned).collect()
}

/// The parameters `assume`, `ballot`, `without`, `proviso`, `date` and `decided`.
fn assumptions(state: &AppState, parameters: &mut Parameters) -> Result<Assumptions, Failure> {
    let each = |name: &str, text: String, why: String| {
        Failure::bad_request(format!("`{name}={text:.80}`: {why}"))
    };
    let conditions = list(parameters.text("assume")).into_iter();
    let conditions =
        conditions.map(|text| assumption(&text).map_err(|why| each("assume", text, why)));
    let ballots = list(parameters.text("ballot")).into_iter();
    let ballots = ballots.map(|text| ballot(&text).map_err(|why| each("ballot", text, why)));
    let given = Given {
        conditions: conditions.collect::<Result<_, _>>()?,
        ballots: ballots.collect::<Result<_, _>>()?,
        without: list(parameters.text("without")),
    };
    let as_filed = Assumptions {
        proviso: parameters.word::<Proviso>("proviso")?.unwrap_or_default(),
        at: parameters.parsed("date")?,
        decided: parameters.parsed("decided")?,
        ..Assumptions::default()
    };
    let (coalition, mandate) = state.planning();
    Ok(given.assume(coalition, mandate, as_filed)?)
}

/// The time over which coverage is asked for.
struct Window {
    /// Days from a day on, or the hour of an instant.
    at: Option<Timestamp>,
    from: Option<Timestamp>,
    days: f64,
    cell_m: f64,
}

impl Window {
    fn read(parameters: &mut Parameters) -> Result<Self, Failure> {
        let window = Self {
            at: parameters.parsed("at")?,
            from: parameters.parsed("from")?,
            days: parameters.parsed("days")?.unwrap_or(1.0),
            cell_m: parameters.parsed("cell_m")?.unwrap_or(CELL_M_DEFAULT),
        };
        let sane = window.days <= DAYS_MAX && window.cell_m >= CELL_M_MIN;
        if !sane {
            let message = format!("at most {DAYS_MAX} days, and cells of at least {CELL_M_MIN} m");
            return Err(Failure::bad_request(message));
        }
        Ok(window)
    }

    fn sky(&self, store: &Store, state: &AppState) -> Result<Sky, Failure> {
        let (from, days) = match (self.at, self.from) {
            (Some(at), _) => (hour_of(at), HOUR_DAYS),
            (None, Some(from)) => (from, self.days),
            (None, None) => (hour_of(present(store)?), self.days),
        };
        let silent = match self.at {
            Some(at) => silent_at(store, at)?,
            None => BTreeSet::new(),
        };
        let frame = Frame {
            from,
            days,
            cell_m: self.cell_m,
        };
        let prepared = state.skies().get(state, frame, &silent)?;
        Ok(Sky { prepared, silent })
    }
}

fn hour_of(at: Timestamp) -> Timestamp {
    let into_s = at.as_second().rem_euclid(HOUR_S);
    let whole = Timestamp::from_second(at.as_second() - into_s);
    whole.unwrap_or(at)
}

/// Instruments that had last said that they are off or jammed.
fn silent_at(store: &Store, at: Timestamp) -> Result<BTreeSet<Slug>, Failure> {
    let moment = Interval {
        start: at,
        end: plus_seconds(at, 1.0),
    };
    let mut last: BTreeMap<Slug, Health> = BTreeMap::new();
    // In the order of observation, so that the newest word stands.
    for condition in store.conditions(moment)? {
        let observation = condition.observation;
        if let (Some(sensor), Reading::SensorState(state)) =
            (observation.sensor, observation.reading)
        {
            last.insert(sensor, state.health);
        }
    }
    let silent = last
        .into_iter()
        .filter(|(_, health)| *health >= Health::Jammed);
    Ok(silent.map(|(sensor, _)| sensor).collect())
}

/// What was prepared, and which instruments were left out of it.
struct Sky {
    prepared: Arc<Prepared>,
    silent: BTreeSet<Slug>,
}

impl Sky {
    fn describe(&self) -> Value {
        let frame = &self.prepared.frame;
        json!({
            "from": frame.from,
            "to": plus_seconds(frame.from, self.prepared.length_s()),
            "cell_m": frame.cell_m,
            "silent": self.silent,
        })
    }
}

/// What a prepared sky hangs on: start, seconds, side of a cell, and what is left out.
type Key = (Timestamp, u64, u64, BTreeSet<Slug>);

/// Prepared skies, the newest last.
#[derive(Default)]
pub(super) struct Skies(Mutex<VecDeque<(Key, Arc<Prepared>)>>);

impl Skies {
    fn get(
        &self,
        state: &AppState,
        frame: Frame,
        silent: &BTreeSet<Slug>,
    ) -> Result<Arc<Prepared>, Failure> {
        let bits = |value: f64| value.to_bits();
        let key = (
            frame.from,
            bits(frame.days),
            bits(frame.cell_m),
            silent.clone(),
        );
        let kept = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, found)) = kept().iter().find(|(known, _)| *known == key) {
            return Ok(found.clone());
        }
        let mission = without(state.mission(), silent);
        let made = Arc::new(prepared(
            state.planning().0,
            &mission,
            &state.sources().elements,
            frame,
        )?);
        let mut kept = kept();
        if kept.len() >= PREPARED_MAX {
            kept.pop_front();
        }
        kept.push_back((key, made.clone()));
        Ok(made)
    }
}

/// The mission without some of its instruments.
fn without(mission: &Mission, silent: &BTreeSet<Slug>) -> Mission {
    let mut mission = mission.clone();
    let sensors = &mut mission.network.sensors;
    sensors.retain(|sensor| !silent.contains(&sensor.id));
    mission
}

impl AppState {
    /// The planning files.
    fn planning(&self) -> (&Coalition, &Mandate) {
        let sources = self.sources();
        (&sources.coalition, &sources.mandate)
    }
}
