//! `truce plan`: what the pledges and the legal bases allow, and what is missing.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::Args;
use truce_core::Slug;
use truce_plan::{Assumptions, Plan, Truth};

use super::check::read_mission;
use super::{Failure, Form, terminal};
use crate::engine::Setup;
use crate::line::Error;

/// Compute what the coalition's pledges and the legal bases of a mission allow.
///
/// Conditions are true, false or unknown; pledges hang on them. For each requirement the answer
/// says how much is met with certainty, how much could be met, and what is missing. For each layer
/// and territory it says whether a legal basis permits it, or the missing step.
#[derive(Debug, Args)]
pub(super) struct PlanCommand {
    /// The mission folder.
    mission: PathBuf,
    /// Assume a condition, as NAME=true, NAME=false or NAME=unknown; may be repeated.
    #[arg(long, value_name = "NAME=STATE", value_parser = assumption)]
    assume: Vec<(Slug, Truth)>,
    /// How the answer is written.
    #[arg(long, value_enum, default_value_t)]
    format: Form,
}

fn assumption(text: &str) -> Result<(Slug, Truth), String> {
    let wanted = || "NAME=true, NAME=false or NAME=unknown is expected".to_owned();
    let (name, state) = text.split_once('=').ok_or_else(wanted)?;
    let state = match state {
        "true" => Truth::True,
        "false" => Truth::False,
        "unknown" => Truth::Unknown,
        _ => return Err(wanted()),
    };
    Ok((name.parse().map_err(|error| format!("{error}"))?, state))
}

impl PlanCommand {
    pub(super) fn run(self) -> Result<(), Failure> {
        let setup = Setup::read(&read_mission(&self.mission)?).map_err(Error::Mission)?;
        let base = truce_plan::assess(&setup.coalition, &setup.mandate, &Assumptions::default());
        let known: Vec<&Slug> = base.conditions.keys().collect();
        if let Some((name, _)) = self.assume.iter().find(|(name, _)| !known.contains(&name)) {
            let known: Vec<&str> = known.iter().map(|name| name.as_str()).collect();
            let message = format!("the mission has no condition `{name}`");
            return Err(Failure::Usage(format!(
                "{message}; it has {}",
                known.join(", ")
            )));
        }
        let conditions: BTreeMap<Slug, Truth> = self.assume.into_iter().collect();
        let assumptions = Assumptions {
            conditions,
            ..Assumptions::default()
        };
        let plan = truce_plan::assess(&setup.coalition, &setup.mandate, &assumptions);
        match self.format {
            Form::Json => terminal::say_json(&plan),
            Form::Text => answer(&plan),
        }
        Ok(())
    }
}

fn answer(plan: &Plan) {
    terminal::say("requirement                        needed    met  could be  permitted");
    for line in &plan.requirements {
        terminal::say(&format!(
            "{:32} {:>8} {:>6} {:>9}  {}",
            line.requirement.as_str(),
            line.needed,
            line.met,
            line.could_be_met,
            word(line.permitted)
        ));
    }
    terminal::say("");
    terminal::say("layer, territory and legal basis");
    for permission in &plan.permissions {
        terminal::say(&format!(
            "{:16} {:24} {:24} {}",
            permission.layer.as_str(),
            permission.territory.as_str(),
            permission.basis.as_str(),
            word(permission.state),
        ));
        for step in &permission.missing {
            let step = serde_json::to_string(step).unwrap_or_default();
            terminal::say(&format!(
                "    missing: {}",
                step.replace(['{', '}', '"'], "")
            ));
        }
    }
    for exclusion in &plan.contradictions {
        terminal::say(&format!(
            "these assumptions contradict the exclusion {exclusion}"
        ));
    }
    if !plan.worlds_complete {
        terminal::say("there are too many worlds to look at all; `could be` may be too high");
    }
}

fn word(truth: Truth) -> &'static str {
    match truth {
        Truth::True => "yes",
        Truth::False => "no",
        Truth::Unknown => "unknown",
    }
}
