//! `truce plan unlock`: which conditions open what, what blocks it, and what each is worth.

use clap::Args;
use truce_core::Slug;
use truce_plan::unlock::{CoverageAnswer, CoverageUnlock, Key, Opening, Question as Files};
use truce_plan::unlock::{Unlock, WorldAnswer, Worth, unlock, unlock_coverage};

use super::super::terminal::grouped;
use super::super::{Failure, Form, terminal};
use super::outlook::OutlookArguments;
use super::question::{Asked, Question};
use super::table::Table;
use crate::planning::{CoverageWords, coverage_goal, goal};

/// Show which conditions unlock requirements or a coverage, what blocks them, and what each is worth.
///
/// Every minimal set of conditions is listed that meets as much as can be met; blockers are
/// the sets of which one member at least must come true. Worlds that exclude each other have
/// answers of their own. The worth of a condition or a pledge is its Shapley value: the part of
/// what is wanted that it adds on average over all orders in which things may come true.
///
/// With --clause, --area or --violation the goal is a detection probability: at least --at-least
/// per cent of the breaches that are meant are to be detected.
#[derive(Debug, Args)]
pub(super) struct UnlockCommand {
    #[command(flatten)]
    question: Question,
    /// A requirement that is to be met; may be repeated.
    #[arg(long, value_name = "NAME")]
    requirement: Vec<String>,
    /// All requirements of a layer; may be repeated. Without either: all requirements.
    #[arg(long, value_name = "NAME")]
    layer: Vec<String>,
    /// Detect the breaches of this clause.
    #[arg(long, value_name = "NAME", conflicts_with_all = ["requirement", "layer"])]
    clause: Option<String>,
    /// Detect what happens in this area.
    #[arg(long, value_name = "NAME", conflicts_with_all = ["requirement", "layer"])]
    area: Option<String>,
    /// Detect this violation.
    #[arg(long, value_name = "NAME", conflicts_with_all = ["requirement", "layer"])]
    violation: Option<String>,
    /// The detection probability that is wanted, per cent.
    #[arg(long, value_name = "PERCENT", default_value_t = 80.0)]
    at_least: f64,
    #[command(flatten)]
    outlook: OutlookArguments,
    /// How many sets, blockers and names are shown.
    #[arg(long, value_name = "N", default_value_t = 10)]
    show: usize,
}

impl UnlockCommand {
    pub(super) fn run(self) -> Result<(), Failure> {
        let asked = self.question.read()?;
        if self.clause.is_some() || self.area.is_some() || self.violation.is_some() {
            return self.run_coverage(&asked);
        }
        let (coalition, mandate) = (&asked.setup.coalition, &asked.setup.mandate);
        let goal = goal(coalition, mandate, &self.requirement, &self.layer)?;
        let answer = unlock(coalition, mandate, &asked.assumed, &goal);
        match self.question.format {
            Form::Json => terminal::say_json(&answer),
            Form::Text => self.answer(&answer),
        }
        Ok(())
    }

    fn run_coverage(&self, asked: &Asked) -> Result<(), Failure> {
        let (coalition, mandate) = (&asked.setup.coalition, &asked.setup.mandate);
        let words = CoverageWords {
            clause: self.clause.as_deref(),
            area: self.area.as_deref(),
            violation: self.violation.as_deref(),
            at_least_percent: self.at_least,
        };
        let goal = coverage_goal(coalition, &words)?;
        let outlook = self.outlook.prepare(asked)?;
        let files = Files {
            coalition,
            mandate,
            assumptions: &asked.assumed,
        };
        let answer = unlock_coverage(files, &outlook.prepared, &goal);
        let answer = answer.ok_or_else(|| {
            Failure::Usage("no violation of the mission is of that clause in that area".to_owned())
        })?;
        match self.question.format {
            Form::Json => terminal::say_json(&answer),
            Form::Text => self.answer_coverage(&answer),
        }
        Ok(())
    }

    fn answer_coverage(&self, answer: &CoverageUnlock) {
        let goal = &answer.goal;
        let meant = [&goal.violation, &goal.clause, &goal.area];
        let meant: Vec<&str> = meant.into_iter().flatten().map(Slug::as_str).collect();
        terminal::say(&format!(
            "What unlocks the detection of {} with {:.0} %",
            meant.join(", "),
            100.0 * goal.at_least
        ));
        for world in &answer.worlds {
            self.coverage_world(world, goal.at_least);
        }
        say_worlds(answer.worlds_complete);
    }

    fn coverage_world(&self, world: &CoverageAnswer, at_least: f64) {
        say_ruled_out(&world.ruled_out);
        terminal::say(&format!(
            "\nDetected as things stand: {:.1} %; with everything that is open: {:.1} %",
            100.0 * world.now,
            100.0 * world.reachable,
        ));
        if world.now >= at_least {
            terminal::say("Nothing more is needed.");
        } else if world.reachable <= world.now {
            terminal::say("Nothing that is open changes that.");
        } else {
            if world.reachable < at_least {
                terminal::say("The goal is out of reach; the sets reach what can be reached.");
            }
            self.opening(&world.opening);
        }
    }

    fn answer(&self, answer: &Unlock) {
        let names: Vec<&str> = answer.requirements.iter().map(Slug::as_str).collect();
        terminal::say(&format!("What unlocks {}", names.join(", ")));
        for world in &answer.worlds {
            self.world(world);
        }
        say_worlds(answer.worlds_complete);
    }

    fn world(&self, world: &WorldAnswer) {
        say_ruled_out(&world.ruled_out);
        terminal::say(&format!(
            "\nMet as things stand: {} of {} ({:.0} %); with everything that is open: {} ({:.0} %)",
            grouped(world.met),
            grouped(world.wanted),
            percent(world.met, world.wanted),
            grouped(world.reachable),
            percent(world.reachable, world.wanted),
        ));
        if world.reachable == world.met {
            terminal::say("Nothing that is open changes that.");
            return;
        }
        self.opening(&world.opening);
    }

    fn opening(&self, opening: &Opening) {
        let more = if opening.complete {
            ""
        } else {
            ", and there are more"
        };
        self.sets(
            &format!("Minimal sets that reach it ({}{more})", opening.sets.len()),
            &opening.sets,
        );
        self.sets(
            &format!(
                "Blockers: of each line one must come true ({})",
                opening.blockers.len()
            ),
            &opening.blockers,
        );
        self.worth("What each condition is worth", &opening.conditions);
        self.worth(
            "What each pledge is worth once everything holds",
            &opening.pledges,
        );
        if !opening.exact {
            terminal::say("Values are estimated from drawn orders of joining.");
        }
    }

    fn sets(&self, title: &str, sets: &[Vec<Key>]) {
        terminal::say(&format!("\n{title}"));
        for set in sets.iter().take(self.show) {
            let names: Vec<String> = set.iter().map(name).collect();
            terminal::say(&format!("  {}", names.join(" + ")));
        }
    }

    fn worth(&self, title: &str, values: &[Worth]) {
        terminal::say(&format!("\n{title}"));
        let mut table = Table::new(&["", ">share", ""]);
        for worth in values
            .iter()
            .filter(|worth| worth.share > 5e-4)
            .take(self.show)
        {
            let bar: String = (1..=BAR_WIDTH)
                .filter(|i| f64::from(*i) <= worth.share * f64::from(BAR_WIDTH) + 0.5)
                .map(|_| '█')
                .collect();
            table.row(vec![
                name(&worth.key),
                format!("{:.1} %", 100.0 * worth.share),
                bar,
            ]);
        }
        table
            .lines()
            .iter()
            .skip(2)
            .for_each(|line| terminal::say(line));
    }
}

fn say_worlds(complete: bool) {
    if !complete {
        terminal::say("\nThere are more worlds than were looked at.");
    }
}

fn say_ruled_out(conditions: &[Slug]) {
    if !conditions.is_empty() {
        let out: Vec<&str> = conditions.iter().map(Slug::as_str).collect();
        terminal::say(&format!("\nIn the world without {}", out.join(", ")));
    }
}

/// Width of a bar for everything, characters.
const BAR_WIDTH: u32 = 40;

fn name(key: &Key) -> String {
    match key {
        Key::Condition(id) | Key::Pledge(id) => id.to_string(),
        Key::Vote(id) => format!("vote {id}"),
    }
}

fn percent(part: u64, whole: u64) -> f64 {
    100.0 * part as f64 / whole.max(1) as f64
}
