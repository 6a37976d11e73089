//! The status ladder: `reported → under_verification → corroborated → verified → attributed →
//! closed`, with its exits and the way back.
//!
//! An officer whose role allows it moves a finding along it, with a reason. Naming a party and
//! releasing a finding take two different officers who say the same. A party's reply is never refused
//! and moves nothing; whether it disputes the finding is an overlay. What surrounds a finding, such as
//! visits and referrals, is read from its history.

mod clocks;
mod counting;
mod procedure;

use serde::{Deserialize, Serialize};
use truce_core::finding::{Clock, Step};
use truce_core::time::plus_seconds;
use truce_core::{
    Action, Decision, Finding, FindingSerial, Incident, IncidentId, Reply, Slug, Stance, Status,
    Timestamp,
};

use crate::agreement::{ClockRule, Permission, Role, may};

pub use clocks::clocks_at;
pub use counting::count;
pub use procedure::{Inquiry, Procedure, Referral, Release, Visit};

/// What decisions are judged by, beside the ladder itself.
#[derive(Debug, Clone, Copy)]
pub struct Rules<'a> {
    /// The agreement's clocks.
    pub clocks: &'a [ClockRule],
    /// The parties that may be named.
    pub parties: &'a [Slug],
    /// To whom a finding can be referred: the guarantor, the commission, whoever is no party.
    pub recipients: &'a [Slug],
    /// Who may do what.
    pub roles: &'a [Role],
}

/// Why a decision cannot be taken. Its text is one sentence that says what can be done instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The decision is about another incident.
    #[error("The decision is about another incident than the one shown.")]
    OtherIncident,
    /// It has no reason.
    #[error("A decision needs a reason in words.")]
    NoReason,
    /// The ladder has no such step.
    #[error("From {from} a finding cannot move to {to}; it can move to {allowed}.")]
    NoSuchStep {
        /// Where it stands.
        from: &'static str,
        /// Where it should go.
        to: &'static str,
        /// Where it can go, in words.
        allowed: String,
    },
    /// Attributed is reached only by naming a party.
    #[error("A finding becomes attributed when two different officers name the same party.")]
    AttributeByNaming,
    /// A party can be named only once the facts stand.
    #[error("A party can be named only for a verified finding; this one is {from}.")]
    NotVerified {
        /// Where it stands.
        from: &'static str,
    },
    /// The same officer named the party before.
    #[error("You named {party} yourself; a second, different officer must name it too.")]
    SecondOfficerNeeded {
        /// The party.
        party: Slug,
    },
    /// The named party is none.
    #[error("{party} is not a party to the agreement; the parties are {parties}.")]
    NotAParty {
        /// What was named.
        party: Slug,
        /// The parties, in words.
        parties: String,
    },
    /// No role of the officer allows it.
    #[error("No role of {officer} allows this; an officer whose role does must decide it.")]
    NotAllowed {
        /// The officer.
        officer: Slug,
    },
    /// There is no such open visit.
    #[error("There is no open visit {visit}; a visit is asked for before it is reported.")]
    NoSuchVisit {
        /// As given.
        visit: u32,
    },
    /// The same officer proposed the release before.
    #[error("You proposed this release yourself; a second, different officer must release it too.")]
    SecondReleaseNeeded,
    /// A release to nobody.
    #[error("A release names to whom; the audience is given in order and each once.")]
    NoAudience,
    /// It cannot be referred there.
    #[error("A finding is referred to one of {recipients}, not to {to}.")]
    NotARecipient {
        /// As given.
        to: Slug,
        /// Who can be.
        recipients: String,
    },
    /// Nothing waits for an acknowledgement.
    #[error("Nothing referred to {by} waits for an acknowledgement.")]
    NothingToAcknowledge {
        /// Who.
        by: Slug,
    },
    /// There is no such clock.
    #[error("No clock {clock} runs for this finding.")]
    NoSuchClock {
        /// As given.
        clock: Slug,
    },
    /// It is one event with another.
    #[error("It counts as one event with {into}; decide there, or separate it first.")]
    Merged {
        /// The other, in short.
        into: String,
    },
    /// It cannot be joined.
    #[error("It cannot be joined with itself, nor with an event that is joined with it.")]
    MergedInCircle,
    /// It is not joined.
    #[error("It is not joined with another event.")]
    NotMerged,
    /// The incident was withdrawn.
    #[error(
        "The incident was withdrawn because its evidence no longer supports it; its finding can \
         only move to {allowed}."
    )]
    Withdrawn {
        /// Where it can go, in words.
        allowed: String,
    },
}

/// Something that may be done with a finding now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Allowed {
    /// What.
    pub action: AllowedAction,
    /// What to write on the button.
    pub label: String,
    /// What must be given: `reason`, `party`, `second_officer`.
    pub needs: Vec<String>,
}

/// What may be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AllowedAction {
    /// Move to a status.
    MoveTo(Status),
    /// Name a party.
    Attribute,
    /// Add a remark.
    Remark,
}

/// Where a finding can move from a status. `attributed` is missing on purpose: it is reached by
/// naming a party.
#[must_use]
pub fn steps_from(status: Status) -> &'static [Status] {
    match status {
        Status::Reported => &[
            Status::UnderVerification,
            Status::Unverifiable,
            Status::NotAViolation,
            Status::Retracted,
        ],
        Status::UnderVerification => &[
            Status::Corroborated,
            Status::Unverifiable,
            Status::NotAViolation,
            Status::Retracted,
        ],
        Status::Corroborated => &[
            Status::Verified,
            Status::UnderVerification,
            Status::Unverifiable,
            Status::NotAViolation,
            Status::Retracted,
        ],
        Status::Verified => &[
            Status::Closed,
            Status::UnderVerification,
            Status::NotAViolation,
            Status::Retracted,
        ],
        Status::Attributed => &[Status::Closed, Status::Verified, Status::Retracted],
        // New evidence opens again what was closed or could not be shown.
        Status::Closed | Status::Unverifiable | Status::NotAViolation => {
            &[Status::UnderVerification, Status::Retracted]
        }
        Status::Retracted => &[],
    }
}

/// Applies an officer's decision. Without a finding a new one is opened as `reported` first.
/// `breach` says whether an assessment of the incident gives a breach: then the agreement's clocks
/// start when the finding becomes verified for the first time.
///
/// # Errors
/// A [`Refusal`] when the decision is incomplete or the ladder has no such step.
pub fn decide(
    finding: Option<&Finding>,
    serial_if_new: FindingSerial,
    incident: &Incident,
    decision: &Decision,
    breach: bool,
    rules: Rules<'_>,
) -> Result<Finding, Refusal> {
    if decision.incident != incident.id {
        return Err(Refusal::OtherIncident);
    }
    if decision.reason.trim().is_empty() {
        return Err(Refusal::NoReason);
    }
    if !may(
        rules.roles,
        &decision.officer,
        Permission::for_action(&decision.action),
    ) {
        return Err(Refusal::NotAllowed {
            officer: decision.officer.clone(),
        });
    }
    let mut next = opened(finding, serial_if_new, incident);
    check_procedure(&next, decision, rules)?;
    match &decision.action {
        Action::MoveTo(to) => {
            check_step(next.status, *to, incident)?;
            move_to(&mut next, *to);
        }
        Action::Attribute { party } => {
            attribute(&mut next, party, &decision.officer, incident, rules)?;
        }
        // A party's allegation is taken up at once.
        Action::OpenInquiry { .. } if next.status == Status::Reported => {
            check_step(next.status, Status::UnderVerification, incident)?;
            move_to(&mut next, Status::UnderVerification);
        }
        _ => {}
    }
    if next.status == Status::Verified && breach && next.clocks.is_empty() {
        next.clocks = start_clocks(rules.clocks, decision.decided_at);
    }
    next.history.push(Step::Decision(decision.clone()));
    Ok(next)
}

/// Whether the history so far allows an action of the procedure.
fn check_procedure(
    finding: &Finding,
    decision: &Decision,
    rules: Rules<'_>,
) -> Result<(), Refusal> {
    let procedure = Procedure::of(finding);
    let is_merged = procedure.merged_into.filter(|_| {
        // What only adds to the record stays possible where an event counts with another.
        let adds = [Permission::Remark, Permission::Visit, Permission::Merge];
        !adds.contains(&Permission::for_action(&decision.action))
    });
    if let Some(into) = is_merged {
        let into = into.0.short();
        return Err(Refusal::Merged { into });
    }
    let refused = match &decision.action {
        Action::ReportVisit { visit, .. } if procedure.open_visit(*visit).is_none() => {
            Refusal::NoSuchVisit { visit: *visit }
        }
        Action::OpenInquiry { party } if !rules.parties.contains(party) => Refusal::NotAParty {
            party: party.clone(),
            parties: names(rules.parties),
        },
        Action::Release { to } if to.is_empty() || !to.is_sorted_by(|a, b| a < b) => {
            Refusal::NoAudience
        }
        Action::Release { to }
            if procedure.release_proposed == Some((to.clone(), decision.officer.clone())) =>
        {
            Refusal::SecondReleaseNeeded
        }
        Action::Escalate { to } if !rules.recipients.contains(to) => Refusal::NotARecipient {
            to: to.clone(),
            recipients: names(rules.recipients),
        },
        Action::Acknowledge { by } if procedure.open_referral(by).is_none() => {
            Refusal::NothingToAcknowledge { by: by.clone() }
        }
        Action::MeetClock { clock } if !finding.clocks.iter().any(|c| c.name == *clock) => {
            Refusal::NoSuchClock {
                clock: clock.clone(),
            }
        }
        Action::MergeInto { incident } if *incident == finding.incident => Refusal::MergedInCircle,
        Action::Split if procedure.merged_into.is_none() => Refusal::NotMerged,
        _ => return Ok(()),
    };
    Err(refused)
}

fn names(slugs: &[Slug]) -> String {
    let names: Vec<&str> = slugs.iter().map(Slug::as_str).collect();
    names.join(", ")
}

/// Whether an event may be joined with another: `into_of` says with which one an incident is joined.
///
/// # Errors
/// [`Refusal::MergedInCircle`] when the other is, over whatever steps, joined with this one.
pub fn check_merge(
    incident: IncidentId,
    into: IncidentId,
    into_of: impl Fn(IncidentId) -> Option<IncidentId>,
) -> Result<(), Refusal> {
    let mut steps = std::iter::successors(Some(into), |id| into_of(*id)).take(MERGE_STEPS_MAX);
    if steps.any(|id| id == incident) {
        return Err(Refusal::MergedInCircle);
    }
    Ok(())
}

/// Most steps looked at from one joined event to the next.
const MERGE_STEPS_MAX: usize = 64;

/// Records a party's reply. It is never refused; without a finding a new one is opened.
#[must_use]
pub fn reply(
    finding: Option<&Finding>,
    serial_if_new: FindingSerial,
    incident: &Incident,
    reply: &Reply,
) -> Finding {
    let mut next = opened(finding, serial_if_new, incident);
    match reply.stance {
        Stance::Disputes => {
            if let Err(place) = next.disputed_by.binary_search(&reply.party) {
                next.disputed_by.insert(place, reply.party.clone());
            }
        }
        Stance::Accepts => next.disputed_by.retain(|party| *party != reply.party),
        Stance::Explains => {}
    }
    next.history.push(Step::Reply(reply.clone()));
    next
}

/// What may be done now; without a finding, with the incident as it was reported.
#[must_use]
pub fn allowed(finding: Option<&Finding>) -> Vec<Allowed> {
    let status = finding.map_or(Status::Reported, |finding| finding.status);
    let need = |needs: &[&str]| needs.iter().map(|need| (*need).to_owned()).collect();
    let mut allowed: Vec<Allowed> = steps_from(status)
        .iter()
        .map(|to| Allowed {
            action: AllowedAction::MoveTo(*to),
            label: format!("Move to {}", to.words()),
            needs: need(&["reason"]),
        })
        .collect();
    if status == Status::Verified {
        let proposed = finding.and_then(|finding| finding.attribution_proposed.as_ref());
        allowed.push(Allowed {
            action: AllowedAction::Attribute,
            label: match proposed {
                Some((party, _)) => format!("Confirm {party} as second officer"),
                None => "Name a party".to_owned(),
            },
            needs: match proposed {
                Some(_) => need(&["reason", "party", "second_officer"]),
                None => need(&["reason", "party"]),
            },
        });
    }
    allowed.push(Allowed {
        action: AllowedAction::Remark,
        label: "Add a remark".to_owned(),
        needs: need(&["reason"]),
    });
    allowed
}

fn opened(finding: Option<&Finding>, serial: FindingSerial, incident: &Incident) -> Finding {
    let mut next = finding.cloned().unwrap_or_else(|| Finding {
        serial,
        incident: incident.id,
        incident_revision: incident.revision,
        status: Status::Reported,
        attributed_to: None,
        attribution_proposed: None,
        disputed_by: Vec::new(),
        clocks: Vec::new(),
        history: Vec::new(),
    });
    next.incident_revision = incident.revision;
    next
}

/// True for steps that say more about an incident than before.
fn climbs(to: Status) -> bool {
    matches!(
        to,
        Status::UnderVerification | Status::Corroborated | Status::Verified
    )
}

fn check_step(from: Status, to: Status, incident: &Incident) -> Result<(), Refusal> {
    let steps = steps_from(from);
    if to == Status::Attributed {
        return Err(Refusal::AttributeByNaming);
    }
    if incident.withdrawn.is_some() && climbs(to) {
        return Err(Refusal::Withdrawn {
            allowed: in_words(steps.iter().copied().filter(|step| !climbs(*step))),
        });
    }
    if steps.contains(&to) {
        return Ok(());
    }
    Err(Refusal::NoSuchStep {
        from: from.words(),
        to: to.words(),
        allowed: in_words(steps.iter().copied()),
    })
}

fn in_words(steps: impl Iterator<Item = Status>) -> String {
    let words: Vec<&str> = steps.map(|status| status.words()).collect();
    match words.split_last() {
        None => "nowhere".to_owned(),
        Some((only, [])) => (*only).to_owned(),
        Some((last, others)) => format!("{} or {last}", others.join(", ")),
    }
}

fn move_to(finding: &mut Finding, to: Status) {
    finding.status = to;
    if to != Status::Closed {
        finding.attributed_to = None;
    }
    finding.attribution_proposed = None;
    if matches!(to, Status::NotAViolation | Status::Retracted) {
        finding.clocks.clear();
    }
}

fn attribute(
    finding: &mut Finding,
    party: &Slug,
    officer: &Slug,
    incident: &Incident,
    rules: Rules<'_>,
) -> Result<(), Refusal> {
    if finding.status != Status::Verified {
        return Err(Refusal::NotVerified {
            from: finding.status.words(),
        });
    }
    if incident.withdrawn.is_some() {
        let steps = steps_from(finding.status).iter().copied();
        return Err(Refusal::Withdrawn {
            allowed: in_words(steps.filter(|step| !climbs(*step))),
        });
    }
    if !rules.parties.contains(party) {
        return Err(Refusal::NotAParty {
            party: party.clone(),
            parties: names(rules.parties),
        });
    }
    match finding.attribution_proposed.take() {
        Some((proposed, first)) if proposed == *party && first != *officer => {
            finding.status = Status::Attributed;
            finding.attributed_to = Some(proposed);
        }
        Some((proposed, first)) if proposed == *party && first == *officer => {
            return Err(Refusal::SecondOfficerNeeded { party: proposed });
        }
        // Nobody named it yet, or somebody named another party: the newest name waits.
        _ => finding.attribution_proposed = Some((party.clone(), officer.clone())),
    }
    Ok(())
}

fn start_clocks(rules: &[ClockRule], at: Timestamp) -> Vec<Clock> {
    rules
        .iter()
        .map(|rule| Clock {
            name: rule.name.clone(),
            starts_at: at,
            due_at: plus_seconds(at, rule.hours * 3_600.0),
        })
        .collect()
}
