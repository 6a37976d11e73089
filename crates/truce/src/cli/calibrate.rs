//! `truce calibrate`: how well the stated probabilities of incidents hold, and the map that makes
//! them hold better.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;
use truce_core::{EventClass, Incident, IncidentKind};
use truce_fusion::calibration::{Map, Outcome, Scores, reliability_svg, scores};
use truce_sim::TruthEvent;
use truce_store::{IncidentQuery, Store};

use super::export::open_to_read;
use super::{DataArgument, Failure, Form, terminal};
use crate::engine::Setup;
use crate::line::{Error, mission_files};

/// Compare the probabilities of a replayed simulation's incidents with what really happened.
///
/// Prints the Brier score, the expected calibration error and the log loss, in all and for each
/// class. The map that would make the probabilities hold better is fitted on these incidents; written
/// with --out to `calibration.toml` in the mission folder, it is part of the mission from then on and
/// a line of every explanation. Fit it on some days and judge it on others: `truce simulate --seed`,
/// `truce ingest`, then this.
#[derive(Debug, Args)]
pub(super) struct Calibrate {
    #[command(flatten)]
    data: DataArgument,
    /// The simulation's truth.jsonl.
    #[arg(long, value_name = "FILE")]
    truth: PathBuf,
    /// Write the fitted map to this file, with its version. When the mission has a map already, the
    /// new one stands in its place.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Write a reliability diagram to this file, as SVG.
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
    /// How the answer is written.
    #[arg(long, value_enum, default_value_t)]
    format: Form,
}

/// An incident is about an event within 3 km and 10 minutes of it …
const DISTANCE_M_MAX: f64 = 3_000.0;
const APART_S_MAX: f64 = 600.0;
/// … or, when it says itself that its place is known less well, within the reach of its 90 % ellipse, in
/// standard deviations …
const ELLIPSE_90: f64 = 2.146;
/// … but no farther than this, metres: farther off, an event that happened by chance would fit.
const REACH_M_MAX: f64 = 15_000.0;

impl Calibrate {
    pub(super) fn run(self) -> Result<(), Failure> {
        let (store, reader) = open_to_read(&self.data.folder())?;
        let setup = Setup::read(&mission_files(&reader)?).map_err(Error::Mission)?;
        let applied = setup.mission.calibration.map_or(Map::IDENTITY, Map::from);
        let truth = read_truth(&self.truth)?;
        let incidents = physical(&store)?;
        let found = matches(&incidents, &truth);
        let outcomes: Vec<Outcome> = incidents
            .iter()
            .zip(&found)
            .map(|(incident, event)| Outcome {
                probability: incident.probability,
                happened: event.is_some_and(|event| uses_weapons(&truth[event])),
            })
            .collect();
        let Some(all) = scores(&outcomes) else {
            return Err(Failure::AnswerIsNo(
                "there is no physical event to judge".into(),
            ));
        };
        let map = Map::fit(&outcomes).after(applied);
        for (path, text) in [
            (&self.out, map.to_toml(outcomes.len())),
            (&self.svg, reliability_svg(&all)),
        ] {
            if let Some(path) = path {
                std::fs::write(path, text).map_err(|e| Error::file("write", path, e))?;
            }
        }
        let losses = class_losses(&incidents, &found, &truth);
        self.answer(&all, map, &losses, outcomes.len());
        Ok(())
    }

    fn answer(&self, all: &Scores, map: Map, losses: &BTreeMap<EventClass, f64>, count: usize) {
        if self.format == Form::Json {
            terminal::say_json(&json!({
                "incidents": count,
                "brier": all.brier,
                "calibration_error": all.calibration_error,
                "log_loss": all.log_loss,
                "log_loss_by_class": losses,
                "map": { "intercept": map.intercept, "slope": map.slope },
            }));
            return;
        }
        terminal::say(&format!("{count} physical events"));
        terminal::say(&format!("Brier score        {:.4}", all.brier));
        terminal::say(&format!("calibration error  {:.4}", all.calibration_error));
        terminal::say(&format!("log loss           {:.4}", all.log_loss));
        for (class, loss) in losses {
            let name = serde_json::to_string(class).unwrap_or_default();
            terminal::say(&format!("  {:16} {loss:.4}", name.trim_matches('"')));
        }
        terminal::say(&format!(
            "map                {:+.4} {:+.4} x",
            map.intercept, map.slope
        ));
    }
}

fn uses_weapons(event: &TruthEvent) -> bool {
    event.class.is_some_and(EventClass::uses_weapons)
}

fn read_truth(path: &Path) -> Result<Vec<TruthEvent>, Failure> {
    let text = std::fs::read_to_string(path).map_err(|e| Error::file("read", path, e))?;
    let lines = text.lines().map(serde_json::from_str::<TruthEvent>);
    let events: Vec<TruthEvent> = lines
        .collect::<Result<_, _>>()
        .map_err(|error| Failure::Outside(format!("{}: {error}", path.display())))?;
    let physical = |event: &TruthEvent| event.kind == Some(IncidentKind::PhysicalEvent);
    let events: Vec<TruthEvent> = events.into_iter().filter(physical).collect();
    if events.is_empty() {
        let path = path.display();
        return Err(Failure::Usage(format!(
            "{path} names no event to measure against; give the truth.jsonl of the simulation that \
             was read in"
        )));
    }
    Ok(events)
}

/// The physical events that stand.
fn physical(store: &Store) -> Result<Vec<Incident>, Failure> {
    let mut incidents = Vec::new();
    let mut query = IncidentQuery {
        kinds: vec![IncidentKind::PhysicalEvent],
        without_withdrawn: true,
        ..IncidentQuery::default()
    };
    loop {
        let page = store.incidents(&query).map_err(Error::from)?;
        for summary in &page.items {
            let stored = store.incident(summary.id).map_err(Error::from)?;
            incidents.extend(stored.map(|stored| stored.incident));
        }
        if page.next.is_none() {
            return Ok(incidents);
        }
        query.after = page.next;
    }
}

/// The event that each incident is about: the nearest pairs first, each event once.
fn matches(incidents: &[Incident], truth: &[TruthEvent]) -> Vec<Option<usize>> {
    let mut pairs = Vec::new();
    for (index, incident) in incidents.iter().enumerate() {
        let stated_m = ELLIPSE_90 * incident.place.uncertainty.semi_major_m;
        let reach_m = stated_m.clamp(DISTANCE_M_MAX, REACH_M_MAX);
        for (event, happened) in truth.iter().enumerate() {
            let gap_s = incident.occurred.gap_s(&happened.occurred);
            let Some(place) = happened.place.filter(|_| gap_s <= APART_S_MAX) else {
                continue;
            };
            let far_m = incident.place.position.distance_m(place);
            if far_m <= reach_m {
                let cost = far_m / DISTANCE_M_MAX + gap_s / APART_S_MAX;
                pairs.push((cost, index, event));
            }
        }
    }
    pairs.sort_by(|a, b| a.0.total_cmp(&b.0).then((a.1, a.2).cmp(&(b.1, b.2))));
    let mut found = vec![None; incidents.len()];
    let mut used = vec![false; truth.len()];
    for (_, index, event) in pairs {
        if found[index].is_none() && !used[event] {
            found[index] = Some(event);
            used[event] = true;
        }
    }
    found
}

/// Mean negative logarithm of the probability of the true class, by true class; what is about no
/// event counts as something else.
fn class_losses(
    incidents: &[Incident],
    found: &[Option<usize>],
    truth: &[TruthEvent],
) -> BTreeMap<EventClass, f64> {
    let mut sums: BTreeMap<EventClass, (f64, u32)> = BTreeMap::new();
    for (incident, event) in incidents.iter().zip(found) {
        let class = event.and_then(|event| truth[event].class);
        let class = class.unwrap_or(EventClass::Other);
        let p = incident.classes.get(&class).copied().unwrap_or(0.0);
        let sum = sums.entry(class).or_default();
        sum.0 -= p.max(1e-3).ln();
        sum.1 += 1;
    }
    let mean = |(class, (sum, count)): (EventClass, (f64, u32))| (class, sum / f64::from(count));
    sums.into_iter().map(mean).collect()
}
