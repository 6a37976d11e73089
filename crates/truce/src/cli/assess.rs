//! `truce assess`: what an amended agreement would say of everything that happened so far.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use clap::Args;
use serde::Serialize;
use truce_accord::assess::{Change, changes};
use truce_accord::{Agreement, Context, ZoneIndex, assess};
use truce_core::document::{Issues, toml};
use truce_core::mission::{self, Mission};
use truce_core::{Digest, Incident, IncidentId, Slug, Timestamp, Track, TrackId, Verdict};
use truce_store::{ChangeKind, Store};

use super::check::read_mission;
use super::export::open_to_read;
use super::{DataArgument, Failure, Form, terminal};
use crate::engine::Setup;
use crate::line::{Error, mission_files, read_text};

/// Hold everything that happened so far against another agreement, and show what would change.
///
/// Every incident of the data folder, as it stands now, is assessed under the agreement that the log
/// began with and under the new one, by the same rules. Nothing is written: an amendment takes
/// effect when the mission adopts it. NEW is an agreement.toml, read with the mission's own actors
/// and zones, or a mission folder, whose zones are then used with it.
#[derive(Debug, Args)]
pub(super) struct Assess {
    #[command(flatten)]
    data: DataArgument,
    /// The amended agreement: a file, or a mission folder.
    #[arg(long, value_name = "NEW")]
    agreement: PathBuf,
    /// Show only this clause.
    #[arg(long, value_name = "CLAUSE")]
    clause: Option<Slug>,
    /// List at most this many changed verdicts in text; JSON lists all.
    #[arg(long, value_name = "N", default_value_t = 40)]
    limit: usize,
    /// How the answer is written.
    #[arg(long, value_enum, default_value_t)]
    format: Form,
}

/// An agreement with the mission that it is read with.
struct Text {
    mission: Mission,
    agreement: Agreement,
    zones: ZoneIndex,
    digest: Digest,
}

impl Text {
    fn of(setup: Setup) -> Self {
        Self {
            zones: ZoneIndex::new(&setup.mission.zones),
            mission: setup.mission,
            agreement: setup.agreement,
            digest: setup.agreement_digest,
        }
    }

    /// The amended agreement; a file is read with the actors and zones of the present mission.
    fn amended(path: &Path, files: &BTreeMap<String, String>) -> Result<Self, Failure> {
        if path.is_dir() {
            let setup = Setup::read(&read_mission(path)?).map_err(Error::Mission)?;
            return Ok(Self::of(setup));
        }
        let text = read_text(path)?;
        let issues = Issues::default();
        let document = toml(&path.display().to_string(), &text, &issues);
        let mission = mission::read(files, &Issues::default());
        let agreement = document
            .as_ref()
            .zip(mission.as_ref())
            .and_then(|(document, mission)| Agreement::read(document, mission, &issues));
        match (mission, agreement) {
            (Some(mission), Some(agreement)) if issues.is_empty() => Ok(Self {
                zones: ZoneIndex::new(&mission.zones),
                mission,
                agreement,
                digest: Digest::of(text.as_bytes()),
            }),
            _ => {
                let issues = issues.into_sorted();
                let what = format!("{} has {} mistake(s)", path.display(), issues.len());
                Err(Failure::mistakes(&what, &issues))
            }
        }
    }

    fn assess(
        &self,
        incident: &Incident,
        track: Option<&Track>,
        now: Timestamp,
    ) -> Vec<truce_core::Assessment> {
        let context = Context {
            mission: &self.mission,
            zones: &self.zones,
            track,
            now,
            notices: &[],
        };
        assess(&self.agreement, incident, &context)
    }
}

/// The answer.
#[derive(Debug, Serialize)]
struct Answer {
    /// The digests of the present agreement and of the new one.
    agreements: [Digest; 2],
    /// Incidents assessed; withdrawn ones are left out.
    incidents: u64,
    /// Verdicts given, under both agreements together.
    assessments: u64,
    /// Per clause and pair of verdicts, how many incidents.
    clauses: BTreeMap<Slug, BTreeMap<String, u64>>,
    /// Every verdict that differs, by time, then by clause.
    changes: Vec<Told>,
}

#[derive(Debug, Serialize)]
struct Told {
    occurred_start: Timestamp,
    #[serde(flatten)]
    change: Change,
}

impl Assess {
    pub(super) fn run(self) -> Result<(), Failure> {
        let (store, reader) = open_to_read(&self.data.folder())?;
        let files = mission_files(&reader)?;
        let present = Text::of(Setup::read(&files).map_err(Error::Mission)?);
        let new = Text::amended(&self.agreement, &files)?;
        let now = store.last_recorded_at().map_err(Error::from)?;
        let now = now.unwrap_or_default();
        let cases = incidents(&store)?;
        let began = Instant::now();
        let answer = self.compare(&present, &new, &cases, now);
        match self.format {
            Form::Json => terminal::say_json(&answer),
            Form::Text => self.answer(&answer, began.elapsed()),
        }
        Ok(())
    }

    fn compare(
        &self,
        present: &Text,
        new: &Text,
        cases: &[(Incident, Option<Track>)],
        now: Timestamp,
    ) -> Answer {
        let mut answer = Answer {
            agreements: [present.digest, new.digest],
            incidents: 0,
            assessments: 0,
            clauses: BTreeMap::new(),
            changes: Vec::new(),
        };
        let wanted = |clause: &Slug| self.clause.as_ref().is_none_or(|only| only == clause);
        for (incident, track) in cases {
            let before = present.assess(incident, track.as_ref(), now);
            let after = new.assess(incident, track.as_ref(), now);
            answer.incidents += 1;
            answer.assessments += (before.len() + after.len()) as u64;
            let mut changed = changes(&before, &after);
            changed.retain(|change| wanted(&change.clause));
            for same in after.iter().filter(|a| wanted(&a.clause)) {
                if !changed.iter().any(|change| change.clause == same.clause) {
                    answer.count(&same.clause, word(Some(same.verdict)).to_owned());
                }
            }
            for change in changed {
                let (before, after) = (word(change.before), word(change.after));
                answer.count(&change.clause, format!("{before} → {after}"));
                answer.changes.push(Told {
                    occurred_start: incident.occurred.start,
                    change,
                });
            }
        }
        answer.changes.sort_by(|a, b| {
            let key = |told: &Told| (told.occurred_start, told.change.incident);
            key(a)
                .cmp(&key(b))
                .then_with(|| a.change.clause.cmp(&b.change.clause))
        });
        answer
    }

    fn answer(&self, answer: &Answer, took: Duration) {
        terminal::say("clause                     verdict                            incidents");
        for (clause, verdicts) in &answer.clauses {
            for (verdict, count) in verdicts {
                let (clause, count) = (clause.as_str(), terminal::grouped(*count));
                terminal::say(&format!("{clause:26} {verdict:34} {count:>9}"));
            }
        }
        let changed = answer.changes.len();
        if changed > 0 {
            terminal::say("\nwhat would change");
        }
        for told in answer.changes.iter().take(self.limit) {
            let change = &told.change;
            terminal::say(&format!(
                "{}  {}  {}: {} → {}",
                told.occurred_start.strftime("%Y-%m-%d %H:%MZ"),
                change.incident.0.short(),
                change.clause,
                word(change.before),
                word(change.after),
            ));
            let decisive = change.reasons.iter().rev().nth(1).or(change.reasons.last());
            decisive.inspect(|reason| terminal::say(&format!("    {reason}")));
        }
        if changed > self.limit {
            let more = terminal::grouped((changed - self.limit) as u64);
            terminal::say(&format!("and {more} more; --limit shows them"));
        }
        terminal::say(&format!(
            "\n{} incidents, {} assessments in {:.2} s, {} verdicts would change",
            terminal::grouped(answer.incidents),
            terminal::grouped(answer.assessments),
            took.as_secs_f64(),
            terminal::grouped(changed as u64),
        ));
    }
}

impl Answer {
    fn count(&mut self, clause: &Slug, verdict: String) {
        let verdicts = self.clauses.entry(clause.clone()).or_default();
        *verdicts.entry(verdict).or_default() += 1;
    }
}

fn word(verdict: Option<Verdict>) -> &'static str {
    match verdict {
        Some(Verdict::Breach) => "breach",
        Some(Verdict::Compliant) => "compliant",
        Some(Verdict::Undetermined) => "undetermined",
        None => "not concerned",
    }
}

/// Every incident as it stands, with what is known of its track.
fn incidents(store: &Store) -> Result<Vec<(Incident, Option<Track>)>, Failure> {
    let mut tracks: BTreeMap<TrackId, Option<Track>> = BTreeMap::new();
    let mut found = Vec::new();
    for change in store.changes_since(0, u32::MAX).map_err(Error::from)? {
        if change.kind != ChangeKind::Incident {
            continue;
        }
        let stored = store.incident(IncidentId(change.id)).map_err(Error::from)?;
        let Some(incident) = stored.map(|stored| stored.incident) else {
            continue;
        };
        if incident.withdrawn.is_some() {
            continue;
        }
        let track = match incident.track {
            Some(id) => track(store, id, &mut tracks)?,
            None => None,
        };
        found.push((incident, track));
    }
    Ok(found)
}

/// A track without its points, as the engine has it when it assesses.
fn track(
    store: &Store,
    id: TrackId,
    known: &mut BTreeMap<TrackId, Option<Track>>,
) -> Result<Option<Track>, Failure> {
    if let Some(track) = known.get(&id) {
        return Ok(track.clone());
    }
    let item = store.track_item(id).map_err(Error::from)?;
    let track = item.map(|item| Track {
        id,
        kind: item.kind,
        identity: item.identity,
        name: item.name,
        actor: item.actor,
        existence: item.existence,
        observation_count: item.observation_count,
        first_observed_at: item.first_observed_at,
        points: Vec::new(),
    });
    known.insert(id, track.clone());
    Ok(track)
}
