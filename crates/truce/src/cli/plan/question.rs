//! What every planning command is asked with: the mission, and what is assumed.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use truce_core::Timestamp;
use truce_plan::council::{Ballot, Proviso};
use truce_plan::{Assumptions, Truth};

use super::super::check::read_mission;
use super::super::{Failure, Form};
use crate::engine::Setup;
use crate::line::Error;
use crate::planning::{Given, Unclear, assumption, ballot, instant};

/// How the proviso of Article 27(3) is read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Reading {
    /// As handled: ballots count as cast.
    #[default]
    Practice,
    /// As written: a party to the dispute is counted as abstaining.
    Text,
}

#[derive(Debug, Args)]
pub(super) struct Question {
    /// The mission folder, for example missions/ukraine-2025.
    pub(super) mission: PathBuf,
    /// Assume a condition, as NAME=true, NAME=false or NAME=unknown; may be repeated.
    #[arg(long, value_name = "NAME=STATE", value_parser = assumption)]
    assume: Vec<(String, Truth)>,
    /// Assume a ballot, as VOTE:MEMBER=yes, no or abstain; the vote then counts as held.
    #[arg(long, value_name = "VOTE:MEMBER=BALLOT", value_parser = ballot)]
    ballot: Vec<(String, String, Ballot)>,
    /// How the proviso of Article 27(3) is read: a party to a dispute shall abstain.
    #[arg(long, value_enum, default_value_t)]
    proviso: Reading,
    /// The instant the plan is for, as 2026-03-01 or 2026-03-01T06:00:00Z; without it dates are
    /// left out of account.
    #[arg(long, value_name = "TIME", value_parser = instant)]
    at: Option<Timestamp>,
    /// When contributors are asked; those with a notice come so much later.
    #[arg(long, value_name = "TIME", value_parser = instant)]
    decided: Option<Timestamp>,
    /// Assume a means of observation to be out of order; may be repeated.
    #[arg(long, value_name = "MEANS")]
    without: Vec<String>,
    /// How the answer is written.
    #[arg(long, value_enum, default_value_t)]
    pub(super) format: Form,
}

/// The mission as read, and what is assumed.
pub(super) struct Asked {
    pub(super) setup: Setup,
    /// Nothing but dates and the reading of the proviso.
    pub(super) as_filed: Assumptions,
    /// With everything that the command line assumes.
    pub(super) assumed: Assumptions,
}

impl Asked {
    /// True when the command line assumes anything.
    pub(super) fn assumes(&self) -> bool {
        self.as_filed != self.assumed
    }
}

impl Question {
    pub(super) fn read(&self) -> Result<Asked, Failure> {
        let setup = Setup::read(&read_mission(&self.mission)?).map_err(Error::Mission)?;
        let as_filed = Assumptions {
            proviso: match self.proviso {
                Reading::Practice => Proviso::Practice,
                Reading::Text => Proviso::Text,
            },
            at: self.at,
            decided: self.decided,
            ..Assumptions::default()
        };
        let given = Given {
            conditions: self.assume.clone(),
            ballots: self.ballot.clone(),
            without: self.without.clone(),
        };
        let assumed = given.assume(&setup.coalition, &setup.mandate, as_filed.clone())?;
        Ok(Asked {
            setup,
            as_filed,
            assumed,
        })
    }
}

impl From<Unclear> for Failure {
    fn from(unclear: Unclear) -> Self {
        Self::Usage(unclear.0)
    }
}
