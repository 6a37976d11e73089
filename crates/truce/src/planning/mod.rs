//! Planning questions as people ask them: names that may be short, assumptions as text, and what is
//! prepared for them. The command line and the HTTP interface ask through here, so that both give
//! the same answers.
//!
//! Nothing here computes: that is done in `truce-plan`.

pub(crate) mod heat;
pub(crate) mod outlook;
pub(crate) mod raster;
pub(crate) mod tasks;

use std::collections::BTreeMap;

use truce_core::{Slug, Timestamp};
use truce_plan::council::{Ballot, turning};
use truce_plan::mandate::Vote;
use truce_plan::unlock::CoverageGoal;
use truce_plan::{Assumptions, Coalition, Mandate, Truth};

/// Why a question cannot be answered, in words for whoever asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Unclear(pub(crate) String);

/// What is assumed, in the words in which it was given.
#[derive(Debug, Clone, Default)]
pub(crate) struct Given {
    /// Conditions and their states.
    pub(crate) conditions: Vec<(String, Truth)>,
    /// Ballots by draft and member.
    pub(crate) ballots: Vec<(String, String, Ballot)>,
    /// Means of observation that are out of order.
    pub(crate) without: Vec<String>,
}

impl Given {
    /// Adds what is given to the assumptions that a question begins with.
    ///
    /// # Errors
    /// When a name is none of the mission's, or may be several.
    pub(crate) fn assume(
        &self,
        coalition: &Coalition,
        mandate: &Mandate,
        mut assumed: Assumptions,
    ) -> Result<Assumptions, Unclear> {
        assumed.conditions = conditions(coalition, &self.conditions)?;
        let votes: Vec<&Slug> = mandate.votes.iter().map(|vote| &vote.id).collect();
        for (vote, member, ballot) in &self.ballots {
            let vote = resolve("vote", vote, &votes)?;
            let drafts = mandate.votes.iter().filter(|draft| draft.id == vote);
            let council = drafts.filter_map(|draft| mandate.council_of(draft));
            let members: Vec<&Slug> = council.flat_map(|c| &c.members).map(|m| &m.id).collect();
            let member = resolve("member", member, &members)?;
            assumed
                .ballots
                .entry(vote)
                .or_default()
                .insert(member, *ballot);
        }
        let means: Vec<&Slug> = coalition.watch.means.iter().map(|m| &m.id).collect();
        let out = self
            .without
            .iter()
            .map(|name| resolve("means", name, &means));
        assumed.means_out = out.collect::<Result<_, _>>()?;
        Ok(assumed)
    }
}

/// States of conditions as people name them.
///
/// # Errors
/// As [`resolve`].
pub(crate) fn conditions(
    coalition: &Coalition,
    given: &[(String, Truth)],
) -> Result<BTreeMap<Slug, Truth>, Unclear> {
    let known: Vec<&Slug> = coalition.conditions.iter().map(|c| &c.id).collect();
    let state = |(name, truth): &(String, Truth)| Ok((resolve("condition", name, &known)?, *truth));
    given.iter().map(state).collect()
}

/// A name, or the only one that has the given words in it; `_` stands for `-`.
///
/// # Errors
/// When no name fits, or several do.
pub(crate) fn resolve(kind: &str, given: &str, known: &[&Slug]) -> Result<Slug, Unclear> {
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
            Err(Unclear(message))
        }
        several => {
            let several: Vec<&str> = several.iter().map(|id| id.as_str()).collect();
            let message = format!("`{given}` may mean {}; write which", several.join(" or "));
            Err(Unclear(message))
        }
    }
}

/// `NAME=true`, `NAME=false` or `NAME=unknown`.
pub(crate) fn assumption(text: &str) -> Result<(String, Truth), String> {
    let wanted = || "NAME=true, NAME=false or NAME=unknown is expected".to_owned();
    let (name, state) = text.split_once('=').ok_or_else(wanted)?;
    let known = truce_plan::truth::TRUTHS;
    let state = known
        .iter()
        .find(|(word, _)| *word == state)
        .ok_or_else(wanted)?;
    Ok((name.to_owned(), state.1))
}

/// `VOTE:MEMBER=yes`, `VOTE:MEMBER=no` or `VOTE:MEMBER=abstain`.
pub(crate) fn ballot(text: &str) -> Result<(String, String, Ballot), String> {
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
pub(crate) fn instant(text: &str) -> Result<Timestamp, String> {
    let whole = if text.contains('T') {
        text.to_owned()
    } else {
        format!("{text}T00:00:00Z")
    };
    whole
        .parse()
        .map_err(|_| "a day such as 2026-03-01 or an instant such as 2026-03-01T06:00:00Z".into())
}

/// The requirements that are meant: those named, those of the named layers, or all.
///
/// # Errors
/// As [`resolve`].
pub(crate) fn goal(
    coalition: &Coalition,
    mandate: &Mandate,
    requirements: &[String],
    layers: &[String],
) -> Result<Vec<Slug>, Unclear> {
    let all = &coalition.requirements;
    let ids: Vec<&Slug> = all.iter().map(|r| &r.id).collect();
    let layer_ids: Vec<&Slug> = mandate.layers.iter().map(|l| &l.id).collect();
    let mut goal = Vec::new();
    for name in requirements {
        goal.push(resolve("requirement", name, &ids)?);
    }
    for name in layers {
        let layer = resolve("layer", name, &layer_ids)?;
        let inside = all.iter().filter(|r| r.layer == layer);
        goal.extend(inside.map(|r| r.id.clone()));
    }
    if requirements.is_empty() && layers.is_empty() {
        goal = ids.into_iter().cloned().collect();
    }
    goal.sort();
    goal.dedup();
    Ok(goal)
}

/// A coverage as people name it.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct CoverageWords<'a> {
    pub(crate) clause: Option<&'a str>,
    pub(crate) area: Option<&'a str>,
    pub(crate) violation: Option<&'a str>,
    /// The detection probability that is wanted, per cent.
    pub(crate) at_least_percent: f64,
}

/// The coverage that is meant.
///
/// # Errors
/// As [`resolve`], and when the probability is none.
pub(crate) fn coverage_goal(
    coalition: &Coalition,
    words: &CoverageWords<'_>,
) -> Result<CoverageGoal, Unclear> {
    if !(0.0..=100.0).contains(&words.at_least_percent) {
        return Err(Unclear(
            "a probability lies between 0 and 100 per cent".to_owned(),
        ));
    }
    let watch = &coalition.watch;
    let mut clauses: Vec<&Slug> = watch.violations.iter().flat_map(|v| &v.clauses).collect();
    clauses.sort();
    clauses.dedup();
    let areas: Vec<&Slug> = watch.areas.iter().map(|area| &area.id).collect();
    let violations: Vec<&Slug> = watch.violations.iter().map(|v| &v.id).collect();
    let named = |kind, word: Option<&str>, known: &[&Slug]| {
        word.map(|word| resolve(kind, word, known)).transpose()
    };
    Ok(CoverageGoal {
        clause: named("clause", words.clause, &clauses)?,
        area: named("area", words.area, &areas)?,
        violation: named("violation", words.violation, &violations)?,
        at_least: words.at_least_percent / 100.0,
    })
}

/// For each vote the single ballots that would turn its outcome in practice.
pub(crate) fn swings(mandate: &Mandate, assumed: &Assumptions) -> Vec<Vec<(Slug, Ballot)>> {
    let swing = |vote: &Vote| {
        let Some(council) = mandate.council_of(vote) else {
            return Vec::new();
        };
        let mut ballots = vote.ballots.clone();
        let assumed = assumed.ballots.get(&vote.id).into_iter().flatten();
        ballots.extend(assumed.map(|(member, ballot)| (member.clone(), *ballot)));
        turning(&council.members, &ballots, vote.matter)
    };
    mandate.votes.iter().map(swing).collect()
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
