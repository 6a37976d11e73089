//! What a receiver wants to be told of. Pure: it is given how an incident, a finding or a feed stood
//! and answers yes or no.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use truce_core::{
    EventClass, FeedChange, Finding, IncidentKind, RecordClass, Slug, Status, Verdict,
};
use truce_store::{ClauseVerdict, Standing};

/// A kind of event that can be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Subject {
    /// An incident told, revised or taken back.
    Incident,
    /// A finding whose status moved, or which names another party.
    Finding,
    /// A feed that fell silent, is heard again, or whose key is no longer trusted.
    Feed,
}

/// What a receiver wants to be told of. An empty set chooses everything.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Choice {
    /// Kinds of event.
    pub(super) subjects: BTreeSet<Subject>,
    /// Incidents from this probability on. It does not bound findings: what officers say stands by
    /// itself.
    pub(super) probability_min: f64,
    /// Kinds of incident.
    pub(super) kinds: BTreeSet<IncidentKind>,
    /// Classes of physical events; an incident without a class is none of them.
    pub(super) classes: BTreeSet<EventClass>,
    /// Sectors.
    pub(super) sectors: BTreeSet<Slug>,
    /// Incidents that break one of these clauses.
    pub(super) clauses: BTreeSet<Slug>,
    /// Findings that come to one of these, or leave it.
    pub(super) statuses: BTreeSet<Status>,
    /// Feeds.
    pub(super) feeds: BTreeSet<Slug>,
}

/// How an incident stood at a place of the log.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Case {
    /// What its revision said.
    pub(super) standing: Standing,
    /// The sector it lay in.
    pub(super) sector: Option<Slug>,
    /// The verdicts on that revision by then.
    pub(super) verdicts: Vec<ClauseVerdict>,
}

impl Choice {
    /// True when an incident that stood so is one to tell of.
    #[must_use]
    pub(super) fn tells(&self, case: &Case) -> bool {
        let standing = &case.standing;
        self.is_about(case) && !standing.withdrawn && standing.probability >= self.probability_min
    }

    /// True when a finding, on an incident that stood so, is one to tell of.
    #[must_use]
    pub(super) fn tells_finding(&self, finding: &Finding, case: &Case) -> bool {
        let status = self.statuses.is_empty() || self.statuses.contains(&finding.status);
        status && self.is_about(case)
    }

    /// True when a change of a feed is one to tell of.
    #[must_use]
    pub(super) fn tells_feed(&self, change: &FeedChange) -> bool {
        self.feeds.is_empty() || self.feeds.contains(&change.source)
    }

    /// True when records of a class may have something to tell of.
    #[must_use]
    pub(super) fn reads(&self, class: RecordClass) -> bool {
        let subject = match class {
            RecordClass::Incident => Subject::Incident,
            // A notice may change what an incident means without a new revision of it.
            RecordClass::Assessment if !self.clauses.is_empty() => Subject::Incident,
            RecordClass::Finding => Subject::Finding,
            RecordClass::FeedChange => Subject::Feed,
            _ => return false,
        };
        self.subjects.is_empty() || self.subjects.contains(&subject)
    }

    /// Kind, class, sector and clauses, which choose incidents and findings alike.
    fn is_about(&self, case: &Case) -> bool {
        let standing = &case.standing;
        let broken = |verdict: &ClauseVerdict| {
            verdict.verdict == Verdict::Breach && self.clauses.contains(&verdict.clause)
        };
        is_in(&self.kinds, Some(&standing.kind))
            && is_in(&self.classes, standing.class.as_ref())
            && is_in(&self.sectors, case.sector.as_ref())
            && (self.clauses.is_empty() || case.verdicts.iter().any(broken))
    }
}

/// True when a set is empty or holds the value.
fn is_in<T: Ord>(set: &BTreeSet<T>, value: Option<&T>) -> bool {
    set.is_empty() || value.is_some_and(|value| set.contains(value))
}

#[cfg(test)]
mod tests {
    use truce_core::{
        ClauseKind, Digest, Ellipse, FindingSerial, IncidentId, Interval, Place, Position,
        Timestamp,
    };
    use truce_store::LogPosition;

    use super::*;

    fn slug(text: &str) -> Slug {
        text.parse().unwrap()
    }

    /// A case of artillery in the sector `east` with probability .8, a breach of `no-fire`.
    fn case() -> Case {
        let verdict = |clause: &str, verdict| ClauseVerdict {
            clause: slug(clause),
            clause_kind: ClauseKind::NoFire,
            verdict,
        };
        Case {
            standing: Standing {
                incident: IncidentId(Digest([1; 32])),
                revision: 1,
                kind: IncidentKind::PhysicalEvent,
                class: Some(EventClass::Artillery),
                occurred: Interval::instant(Timestamp::UNIX_EPOCH),
                place: Place {
                    position: Position::new(48.0, 37.0).unwrap(),
                    uncertainty: Ellipse::circle(100.0),
                },
                probability: 0.8,
                zone: None,
                withdrawn: false,
                at: LogPosition { entry: 7, row: 0 },
            },
            sector: Some(slug("east")),
            verdicts: vec![
                verdict("no-fire", Verdict::Breach),
                verdict("civilians", Verdict::Undetermined),
            ],
        }
    }

    fn choice(change: impl FnOnce(&mut Choice)) -> Choice {
        let mut choice = Choice::default();
        change(&mut choice);
        choice
    }

    #[test]
    fn an_incident_is_chosen_by_each_bound_and_by_all_together() {
        let clause = |id: &str| choice(|c| c.clauses = [slug(id)].into());
        let class = |class| choice(|c| c.classes = [class].into());
        let cases = [
            (Choice::default(), true),
            (choice(|c| c.probability_min = 0.8), true),
            (choice(|c| c.probability_min = 0.81), false),
            (
                choice(|c| c.kinds = [IncidentKind::PhysicalEvent].into()),
                true,
            ),
            (choice(|c| c.kinds = [IncidentKind::Presence].into()), false),
            (class(EventClass::Artillery), true),
            (class(EventClass::Thunder), false),
            (
                choice(|c| c.sectors = [slug("east"), slug("west")].into()),
                true,
            ),
            (choice(|c| c.sectors = [slug("west")].into()), false),
            (clause("no-fire"), true),
            (clause("civilians"), false),
            (clause("other"), false),
            (
                choice(|c| {
                    c.sectors = [slug("east")].into();
                    c.clauses = [slug("civilians")].into();
                }),
                false,
            ),
        ];
        for (choice, expected) in cases {
            assert_eq!(choice.tells(&case()), expected, "{choice:?}");
        }
    }

    #[test]
    fn what_was_withdrawn_or_lies_in_no_sector_is_chosen_by_none_that_asks() {
        let mut withdrawn = case();
        withdrawn.standing.withdrawn = true;
        assert!(!Choice::default().tells(&withdrawn));
        let mut elsewhere = case();
        elsewhere.sector = None;
        elsewhere.standing.class = None;
        assert!(Choice::default().tells(&elsewhere));
        assert!(!choice(|c| c.sectors = [slug("east")].into()).tells(&elsewhere));
        assert!(!choice(|c| c.classes = [EventClass::Artillery].into()).tells(&elsewhere));
    }

    #[test]
    fn a_finding_is_chosen_by_its_status_and_its_incident_and_not_by_the_probability() {
        let finding = Finding {
            serial: FindingSerial(1),
            incident: case().standing.incident,
            incident_revision: 1,
            status: Status::Verified,
            attributed_to: None,
            attribution_proposed: None,
            disputed_by: Vec::new(),
            clocks: Vec::new(),
            history: Vec::new(),
        };
        let status = |status| choice(|c| c.statuses = [status].into());
        for (choice, expected) in [
            (Choice::default(), true),
            (choice(|c| c.probability_min = 0.9), true),
            (status(Status::Verified), true),
            (status(Status::Attributed), false),
            (choice(|c| c.sectors = [slug("west")].into()), false),
        ] {
            assert_eq!(
                choice.tells_finding(&finding, &case()),
                expected,
                "{choice:?}"
            );
        }
    }

    #[test]
    fn only_records_that_may_have_something_to_tell_are_read() {
        let feeds = choice(|c| c.subjects = [Subject::Feed].into());
        let clauses = choice(|c| c.clauses = [slug("no-fire")].into());
        for (choice, class, expected) in [
            (&Choice::default(), RecordClass::Incident, true),
            (&Choice::default(), RecordClass::Assessment, false),
            (&Choice::default(), RecordClass::Raw, false),
            (&clauses, RecordClass::Assessment, true),
            (&feeds, RecordClass::FeedChange, true),
            (&feeds, RecordClass::Incident, false),
        ] {
            assert_eq!(choice.reads(class), expected, "{choice:?} {class:?}");
        }
    }
}
