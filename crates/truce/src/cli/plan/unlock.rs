//! `truce plan unlock`: which conditions open what, what blocks it, and what each is worth.

use clap::Args;
use truce_core::Slug;
use truce_plan::unlock::{Key, Unlock, WorldAnswer, Worth, unlock};

use super::super::terminal::grouped;
use super::super::{Failure, Form, terminal};
use super::question::Question;
use super::table::Table;
use crate::planning::goal;

/// Show which conditions unlock requirements, what blocks them, and what each is worth.
///
/// Every minimal set of conditions is listed that meets as much as can be met; blockers are
/// the sets of which one member at least must come true. Worlds that exclude each other have
/// answers of their own. The worth of a condition or a pledge is its Shapley value: the part of
/// what is wanted that it adds on average over all orders in which things may come true.
///
///   truce plan unlock missions/ukraine-2025 --layer un-force
///   truce plan unlock missions/ukraine-2025 --requirement training --assume ceasefire=true
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
    /// How many sets, blockers and names are shown.
    #[arg(long, value_name = "N", default_value_t = 10)]
    show: usize,
}

impl UnlockCommand {
    pub(super) fn run(self) -> Result<(), Failure> {
        let asked = self.question.read()?;
        let (coalition, mandate) = (&asked.setup.coalition, &asked.setup.mandate);
        let goal = goal(coalition, mandate, &self.requirement, &self.layer)?;
        let answer = unlock(coalition, mandate, &asked.assumed, &goal);
        match self.question.format {
            Form::Json => terminal::say_json(&answer),
            Form::Text => self.answer(&answer),
        }
        Ok(())
    }

    fn answer(&self, answer: &Unlock) {
        let names: Vec<&str> = answer.requirements.iter().map(Slug::as_str).collect();
        terminal::say(&format!("What unlocks {}", names.join(", ")));
        for world in &answer.worlds {
            self.world(world);
        }
        if !answer.worlds_complete {
            terminal::say("\nThere are more worlds than were looked at.");
        }
    }

    fn world(&self, world: &WorldAnswer) {
        if !world.ruled_out.is_empty() {
            let out: Vec<&str> = world.ruled_out.iter().map(Slug::as_str).collect();
            terminal::say(&format!("\nIn the world without {}", out.join(", ")));
        }
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
        let more = if world.complete {
            ""
        } else {
            ", and there are more"
        };
        self.sets(
            &format!("Minimal sets that reach it ({}{more})", world.sets.len()),
            &world.sets,
        );
        self.sets(
            &format!(
                "Blockers: of each line one must come true ({})",
                world.blockers.len()
            ),
            &world.blockers,
        );
        self.worth("What each condition is worth", &world.conditions);
        self.worth(
            "What each pledge is worth once everything holds",
            &world.pledges,
        );
        if !world.exact {
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
