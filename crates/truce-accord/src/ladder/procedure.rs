//! The procedure around a finding, read from its history: visits of the site, inquiries, release,
//! referral, duties met, and being one event with another.
//!
//! Nothing of it is stored beside the history, so nothing can contradict it and nothing is lost: to
//! separate two incidents again takes one decision.

use serde::{Deserialize, Serialize};
use truce_core::finding::Step;
use truce_core::{
    Action, Decision, Finding, IncidentId, Slug, Status, Timestamp, VisitMeans, VisitOutcome,
};

/// Everything that officers did around a finding.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Procedure {
    /// Visits of the site, in the order in which they were asked for; the first is number 1.
    pub visits: Vec<Visit>,
    /// Inquiries into what parties allege.
    pub inquiries: Vec<Inquiry>,
    /// A release that waits for a second officer: to whom, and who proposed it.
    pub release_proposed: Option<(Vec<Slug>, Slug)>,
    /// Releases by two officers each.
    pub releases: Vec<Release>,
    /// To whom it was referred.
    pub referrals: Vec<Referral>,
    /// Duties that were met, and when.
    pub clocks_met: Vec<(Slug, Timestamp)>,
    /// The incident with which it is one event.
    pub merged_into: Option<IncidentId>,
}

/// A visit of the site.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Visit {
    /// Who or what goes.
    pub means: VisitMeans,
    /// When it was asked for.
    pub asked_at: Timestamp,
    /// By when it should be done.
    pub due_at: Option<Timestamp>,
    /// What it gave, and when that was reported; `None` while it is open.
    pub outcome: Option<(VisitOutcome, Timestamp)>,
}

/// An inquiry into what a party alleges.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Inquiry {
    /// The party that alleges it.
    pub party: Slug,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// The finding it came to, and when; `None` while it is open.
    pub answered: Option<(Status, Timestamp)>,
}

/// A release by two officers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Release {
    /// To whom.
    pub to: Vec<Slug>,
    /// Who proposed it and who confirmed it.
    pub officers: [Slug; 2],
    /// When it was confirmed.
    pub released_at: Timestamp,
}

/// A referral to the joint commission or the guarantor.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Referral {
    /// To whom.
    pub to: Slug,
    /// When.
    pub referred_at: Timestamp,
    /// When it was acknowledged; `None` while it was not.
    pub acknowledged_at: Option<Timestamp>,
}

/// Where a finding answers an inquiry.
fn answers(status: Status) -> bool {
    matches!(
        status,
        Status::Verified | Status::Unverifiable | Status::NotAViolation | Status::Retracted
    )
}

impl Procedure {
    /// The procedure of a finding so far.
    #[must_use]
    pub fn of(finding: &Finding) -> Self {
        let mut procedure = Self::default();
        for step in &finding.history {
            if let Step::Decision(decision) = step {
                procedure.take(decision);
            }
        }
        procedure
    }

    /// The open visit of a number counted from 1.
    #[must_use]
    pub fn open_visit(&self, number: u32) -> Option<&Visit> {
        let place = usize::try_from(number).ok()?.checked_sub(1)?;
        let visit = self.visits.get(place)?;
        visit.outcome.is_none().then_some(visit)
    }

    /// The referral to somebody that waits for an acknowledgement.
    #[must_use]
    pub fn open_referral(&self, to: &Slug) -> Option<&Referral> {
        let open = |referral: &&Referral| referral.acknowledged_at.is_none() && referral.to == *to;
        self.referrals.iter().find(open)
    }

    /// True when a visit was denied: it counts beside the event itself.
    #[must_use]
    pub fn access_denied(&self) -> bool {
        let denied = |visit: &Visit| {
            let outcome = visit.outcome.map(|(outcome, _)| outcome);
            outcome == Some(VisitOutcome::AccessDenied)
        };
        self.visits.iter().any(denied)
    }

    fn take(&mut self, decision: &Decision) {
        let at = decision.decided_at;
        match &decision.action {
            Action::MoveTo(status) if answers(*status) => {
                let open = self.inquiries.iter_mut().filter(|i| i.answered.is_none());
                open.for_each(|inquiry| inquiry.answered = Some((*status, at)));
            }
            Action::MoveTo(_) | Action::Attribute { .. } | Action::Remark => {}
            Action::AskVisit { means, due_at } => self.visits.push(Visit {
                means: *means,
                asked_at: at,
                due_at: *due_at,
                outcome: None,
            }),
            Action::ReportVisit { visit, outcome } => {
                let place = usize::try_from(*visit).ok().and_then(|n| n.checked_sub(1));
                if let Some(visit) = place.and_then(|place| self.visits.get_mut(place)) {
                    visit.outcome = Some((*outcome, at));
                }
            }
            Action::OpenInquiry { party } => self.inquiries.push(Inquiry {
                party: party.clone(),
                opened_at: at,
                answered: None,
            }),
            Action::Release { to } => self.take_release(to, decision),
            Action::Escalate { to } => self.referrals.push(Referral {
                to: to.clone(),
                referred_at: at,
                acknowledged_at: None,
            }),
            Action::Acknowledge { by } => {
                let mut open = self.referrals.iter_mut();
                if let Some(referral) = open.find(|r| r.to == *by && r.acknowledged_at.is_none()) {
                    referral.acknowledged_at = Some(at);
                }
            }
            Action::MeetClock { clock } => self.clocks_met.push((clock.clone(), at)),
            Action::MergeInto { incident } => self.merged_into = Some(*incident),
            Action::Split => self.merged_into = None,
        }
    }

    /// The first officer proposes, a second one who names the same audience confirms; another
    /// audience is another proposal.
    fn take_release(&mut self, to: &[Slug], decision: &Decision) {
        match self.release_proposed.take() {
            Some((proposed, first)) if proposed == to && first != decision.officer => {
                self.releases.push(Release {
                    to: proposed,
                    officers: [first, decision.officer.clone()],
                    released_at: decision.decided_at,
                });
            }
            _ => self.release_proposed = Some((to.to_vec(), decision.officer.clone())),
        }
    }
}
