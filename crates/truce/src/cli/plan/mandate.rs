//! `truce plan mandate`: layer by territory by legal basis, the missing steps, and votes.

use clap::Args;
use truce_core::Slug;
use truce_plan::council::{Ballot, Matter, Tally, VOTES_NEEDED};
use truce_plan::permission::{Permission, Step};
use truce_plan::{Plan, assess};

use super::super::{Failure, Form, terminal};
use super::question::{Asked, Question};
use super::table::Table;
use super::word;
use crate::planning::swings;

/// Show which legal basis permits which layer of the mission where, and the missing step.
///
/// Every vote is counted in both readings of Article 27(3): by its text a permanent member that is a
/// party to the dispute must abstain in decisions under Chapter VI; in practice its ballot counts
/// as cast. With --ballot the table becomes a vote calculator:
#[derive(Debug, Args)]
pub(super) struct MandateCommand {
    #[command(flatten)]
    question: Question,
    /// Show every legal basis, not only the nearest for each layer and territory.
    #[arg(long)]
    all: bool,
}

impl MandateCommand {
    pub(super) fn run(self) -> Result<(), Failure> {
        let asked = self.question.read()?;
        let plan = assess(&asked.setup.coalition, &asked.setup.mandate, &asked.assumed);
        match self.question.format {
            Form::Json => terminal::say_json(&serde_json::json!({
                "votes": plan.votes,
                "swings": swing_words(&asked),
                "conditions": plan.conditions,
                "contradictions": plan.contradictions,
                "permissions": plan.permissions,
            })),
            Form::Text => self.answer(&asked, &plan),
        }
        Ok(())
    }

    fn answer(&self, asked: &Asked, plan: &Plan) {
        votes(asked, plan);
        terminal::say("");
        terminal::say("What the law permits, as things stand");
        let mut table = Table::new(&["layer", "territory", "basis", "permitted", "missing"]);
        for line in self.lines(plan) {
            let title = |id: &Slug| id.as_str().to_owned();
            table.row(vec![
                title(&line.layer),
                title(&line.territory),
                title(&line.basis),
                word(line.state).to_owned(),
                line.missing
                    .iter()
                    .map(step)
                    .collect::<Vec<_>>()
                    .join(" · "),
            ]);
        }
        table.lines().iter().for_each(|line| terminal::say(line));
        if !self.all {
            terminal::say("\nOnly the nearest basis of each is shown; --all shows every one.");
        }
        for exclusion in &plan.contradictions {
            terminal::say(&format!(
                "These assumptions contradict the exclusion {exclusion}."
            ));
        }
    }

    /// All permissions, or of each layer and territory the best, then the one nearest to it.
    fn lines<'a>(&self, plan: &'a Plan) -> Vec<&'a Permission> {
        let mut shown: Vec<&Permission> = Vec::new();
        for permission in &plan.permissions {
            let rank = |p: &Permission| {
                let reachable = !p.missing.contains(&Step::OutOfReach);
                (p.state, reachable, std::cmp::Reverse(p.missing.len()))
            };
            let same = |p: &&Permission| {
                (&p.layer, &p.territory) == (&permission.layer, &permission.territory)
            };
            match shown.iter_mut().find(|p| same(p)) {
                Some(best) if !self.all => {
                    if rank(permission) > rank(best) {
                        *best = permission;
                    }
                }
                _ => shown.push(permission),
            }
        }
        shown
    }
}

fn votes(asked: &Asked, plan: &Plan) {
    terminal::say(
        "Votes of the Security Council (nine in favour, and no veto where it is not procedure)",
    );
    let mut table = Table::new(&[
        "vote",
        "matter",
        ">yes",
        ">no",
        ">abstain",
        "in practice",
        "by text of 27(3)",
        "what would turn it",
    ]);
    let swings = swing_words(asked);
    for (outcome, swing) in plan.votes.iter().zip(&swings) {
        let vote = asked
            .setup
            .mandate
            .votes
            .iter()
            .find(|vote| vote.id == outcome.vote);
        let matter = vote.map_or("", |vote| matter(vote.matter));
        let tally = &outcome.in_practice;
        let held = if outcome.held { "" } else { " (not held)" };
        let result = |tally: &Tally| match tally.adopted {
            true => format!("adopted{held}"),
            false => format!("fails: {}{held}", why(tally)),
        };
        table.row(vec![
            outcome.vote.as_str().to_owned(),
            matter.to_owned(),
            tally.yes.to_string(),
            tally.no.to_string(),
            tally.abstain.to_string(),
            result(tally),
            result(&outcome.by_text),
            swing.clone(),
        ]);
    }
    table.lines().iter().for_each(|line| terminal::say(line));
}

fn why(tally: &Tally) -> String {
    if tally.vetoed_by.is_empty() {
        return format!("{} of {VOTES_NEEDED} votes", tally.yes);
    }
    let by: Vec<&str> = tally.vetoed_by.iter().map(Slug::as_str).collect();
    format!("veto of {}", by.join(", "))
}

fn matter(matter: Matter) -> &'static str {
    match matter {
        Matter::Procedural => "procedure",
        Matter::PacificSettlement => "Chapter VI",
        Matter::Other => "other",
    }
}

/// What would turn each vote, in words.
fn swing_words(asked: &Asked) -> Vec<String> {
    let words = |turning: Vec<(Slug, Ballot)>| match turning.as_slice() {
        [] => "no single ballot".to_owned(),
        [(member, ballot)] => format!("{member}: {}", ballot_word(*ballot)),
        many => format!("any of {} single ballots", many.len()),
    };
    let swings = swings(&asked.setup.mandate, &asked.assumed);
    swings.into_iter().map(words).collect()
}

fn ballot_word(ballot: Ballot) -> &'static str {
    match ballot {
        Ballot::Yes => "yes",
        Ballot::No => "no",
        Ballot::Abstain => "abstain",
    }
}

/// A missing step in words.
pub(super) fn step(step: &Step) -> String {
    match step {
        Step::HoldVote { vote } => format!("hold the vote {vote}"),
        Step::WinVotes { vote, missing } => format!("win {missing} more for {vote}"),
        Step::LiftVeto { vote, by } => {
            let by: Vec<&str> = by.iter().map(Slug::as_str).collect();
            format!("veto of {} on {vote}", by.join(", "))
        }
        Step::Fulfil { condition } => condition.as_str().to_owned(),
        Step::Renew => "renew".to_owned(),
        Step::OutOfReach => "out of reach".to_owned(),
    }
}
