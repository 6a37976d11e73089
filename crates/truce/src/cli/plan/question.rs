//! What every planning command is asked with: the mission, and what is assumed.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use truce_core::{Slug, Timestamp};
use truce_plan::council::{Ballot, Proviso};
use truce_plan::{Assumptions, Truth};

use super::super::check::read_mission;
use super::super::{Failure, Form};
use crate::engine::Setup;
use crate::line::Error;

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
        let mut assumed = as_filed.clone();
        assumed.conditions = conditions(&setup, &self.assume)?;
        let votes: Vec<&Slug> = setup.mandate.votes.iter().map(|vote| &vote.id).collect();
        for (vote, member, ballot) in &self.ballot {
            let vote = resolve("vote", vote, &votes)?;
            let drafts = setup.mandate.votes.iter().filter(|draft| draft.id == vote);
            let council = drafts.filter_map(|draft| setup.mandate.council_of(draft));
            let members: Vec<&Slug> = council.flat_map(|c| &c.members).map(|m| &m.id).collect();
            let member = resolve("member", member, &members)?;
            assumed
                .ballots
                .entry(vote)
                .or_default()
                .insert(member, *ballot);
        }
        let means: Vec<&Slug> = setup.coalition.watch.means.iter().map(|m| &m.id).collect();
        let out = self
            .without
            .iter()
            .map(|name| resolve("means", name, &means));
        assumed.means_out = out.collect::<Result<_, _>>()?;
        Ok(Asked {
            setup,
            as_filed,
            assumed,
        })
    }
}

/// States of conditions as people name them.
pub(super) fn conditions(
    setup: &Setup,
    given: &[(String, Truth)],
) -> Result<BTreeMap<Slug, Truth>, Failure> {
    let known: Vec<&Slug> = setup.coalition.conditions.iter().map(|c| &c.id).collect();
    let state = |(name, truth): &(String, Truth)| Ok((resolve("condition", name, &known)?, *truth));
    given.iter().map(state).collect()
}

/// A name, or the only one that has the given words in it; `_` stands for `-`.
pub(super) fn resolve(kind: &str, given: &str, known: &[&Slug]) -> Result<Slug, Failure> {
    let wanted = given.replace('_', "-");
    let plain = |id: &Slug| id.as_str().replace('_', "-");
    if let Some(exact) = known.iter().find(|id| plain(id) == wanted) {
        return Ok((*exact).clone());
    }
    let has = |id: &&&Slug| format!("-{}-", plain(id)).contains(&format!("-{wanted}-"));
    let fitting: Vec<&&Slug> = known.iter().filter(has).collect();
    match fitting.as_slice() {
        [only] => Ok((**only).clone()),
        [] => {
            let known: Vec<&str> = known.iter().map(|id| id.as_str()).collect();
            let message = format!(
                "the mission has no {kind} `{given}`; it has {}",
                known.join(", ")
            );
            Err(Failure::Usage(message))
        }
        several => {
            let several: Vec<&str> = several.iter().map(|id| id.as_str()).collect();
            let message = format!("`{given}` may mean {}; write which", several.join(" or "));
            Err(Failure::Usage(message))
        }
    }
}

/// `NAME=true`, `NAME=false` or `NAME=unknown`.
pub(super) fn assumption(text: &str) -> Result<(String, Truth), String> {
    let wanted = || "NAME=true, NAME=false or NAME=unknown is expected".to_owned();
    let (name, state) = text.split_once('=').ok_or_else(wanted)?;
    let known = truce_plan::truth::TRUTHS;
    let state = known
        .iter()
        .find(|(word, _)| *word == state)
        .ok_or_else(wanted)?;
    Ok((name.to_owned(), state.1))
}

fn ballot(text: &str) -> Result<(String, String, Ballot), String> {
    let wanted = || "VOTE:MEMBER=yes, VOTE:MEMBER=no or VOTE:MEMBER=abstain is expected".to_owned();
    let (vote, rest) = text.split_once(':').ok_or_else(wanted)?;
    let (member, word) = rest.split_once('=').ok_or_else(wanted)?;
    let ballot = match word {
        "yes" => Ballot::Yes,
        "no" => Ballot::No,
        "abstain" => Ballot::Abstain,
        _ => return Err(wanted()),
    };
    Ok((vote.to_owned(), member.to_owned(), ballot))
}

/// A day, taken from its beginning in UTC, or an instant.
pub(super) fn instant(text: &str) -> Result<Timestamp, String> {
    let whole = if text.contains('T') {
        text.to_owned()
    } else {
        format!("{text}T00:00:00Z")
    };
    whole
        .parse()
        .map_err(|_| "a day such as 2026-03-01 or an instant such as 2026-03-01T06:00:00Z".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_may_be_short_when_they_are_clear() {
        let slugs: Vec<Slug> = ["us-backstop", "council-mandate", "consent-a", "consent-b"]
            .iter()
            .map(|text| Slug::new(text).unwrap())
            .collect();
        let known: Vec<&Slug> = slugs.iter().collect();
        for (given, expected) in [
            ("us_backstop", Some("us-backstop")),
            ("mandate", Some("council-mandate")),
            ("consent", None),
            ("date", None),
        ] {
            let found = resolve("condition", given, &known);
            assert_eq!(found.ok().as_ref().map(Slug::as_str), expected, "{given}");
        }
    }
}
