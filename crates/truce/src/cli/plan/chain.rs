//! `truce plan chain`: what a changed vote, condition or outage changes, link by link.

use std::fmt::Display;
use std::time::Instant;

use clap::Args;
use truce_plan::chain::{Change, Changes, Outcome, compare, compute};

use super::super::terminal::grouped;
use super::super::{Failure, Form, terminal};
use super::outlook::OutlookArguments;
use super::question::Question;
use super::table::Table;
use super::word;

/// Follow a change from a vote, a pledge's condition or an outage to what is detected.
///
/// The chain is computed as the mission's files have it and again with what is assumed: what the
/// law permits, what is met, what watches, and the chance to detect a breach of each clause.
#[derive(Debug, Args)]
pub(super) struct ChainCommand {
    #[command(flatten)]
    question: Question,
    #[command(flatten)]
    outlook: OutlookArguments,
}

impl ChainCommand {
    pub(super) fn run(self) -> Result<(), Failure> {
        let asked = self.question.read()?;
        let outlook = self.outlook.prepare(&asked)?;
        let (coalition, mandate) = (&asked.setup.coalition, &asked.setup.mandate);
        let chain = |assumed| compute(coalition, mandate, &outlook.prepared, assumed);
        let before = chain(&asked.as_filed);
        let started = Instant::now();
        let after = chain(&asked.assumed);
        let changes = compare(&before, &after);
        let took_ms = started.elapsed().as_millis();
        match self.question.format {
            Form::Json => terminal::say_json(&serde_json::json!({
                "before": before, "after": after, "changes": changes,
            })),
            Form::Text => {
                terminal::say(&outlook.describe());
                answer(&after, &changes);
                terminal::say(&format!("\nRecomputed in {took_ms} ms."));
            }
        }
        Ok(())
    }
}

fn answer(after: &Outcome, changes: &Changes) {
    for exclusion in &after.plan.contradictions {
        terminal::say(&format!(
            "These assumptions contradict the exclusion {exclusion}."
        ));
    }
    if *changes == Changes::default() {
        terminal::say("Nothing changes.");
    }
    section("Conditions", &changes.conditions, |truth| {
        word(*truth).to_owned()
    });
    if !changes.permitted.is_empty() {
        terminal::say("\nWhat the law permits");
        let mut table = Table::new(&["layer", "territory", "before", "after"]);
        for (layer, change) in &changes.permitted {
            let states = [
                word(change.before).to_owned(),
                word(change.after).to_owned(),
            ];
            table.row(
                [
                    vec![layer.to_string(), change.of.to_string()],
                    states.to_vec(),
                ]
                .concat(),
            );
        }
        table.lines().iter().for_each(|line| terminal::say(line));
    }
    section("Requirements met", &changes.met, |met| {
        grouped(u64::from(*met))
    });
    section("Means delivered", &changes.means, |count| {
        format!("{count:.1}")
    });
    section("Chance to detect a breach", &changes.clauses, |p| {
        format!("{:.1} %", 100.0 * p)
    });
}

fn section<T>(title: &str, changes: &[Change<T>], show: impl Fn(&T) -> String) {
    if changes.is_empty() {
        return;
    }
    terminal::say(&format!("\n{title}"));
    let mut table = Table::new(&["", ">before", ">after"]);
    let cell = |name: &dyn Display| name.to_string();
    for change in changes {
        table.row(vec![
            cell(&change.of),
            show(&change.before),
            show(&change.after),
        ]);
    }
    table.lines().iter().for_each(|line| terminal::say(line));
}
