//! What reports are made from: the mission with its agreement and log, and what happened in a period.

use truce_core::finding::{ClockReading, Column};
use truce_core::mission::Mission;
use truce_core::{
    Assessment, ClauseKind, Digest, EventClass, Finding, FindingSerial, Incident, IncidentId,
    Interval, Observation, Slug, Timestamp,
};

use crate::language::Language;

/// What every report rests on.
#[derive(Debug, Clone)]
pub struct Basis {
    /// The mission.
    pub mission: Mission,
    /// The clauses of its agreement.
    pub clauses: Vec<Clause>,
    /// The duties that run against time, with their titles for people.
    pub duties: Vec<(Slug, String)>,
    /// Up to when the mission's records were read.
    pub as_of: Timestamp,
    /// The log that the report rests on.
    pub log: LogLine,
    /// The language it is written in.
    pub language: Language,
}

/// Everything that happened in a period.
#[derive(Debug, Clone)]
pub struct Account {
    /// What the report rests on.
    pub basis: Basis,
    /// The period, half-open: `[start, end)`.
    pub period: Interval,
    /// Incidents that began in the period, withdrawn ones included.
    pub incidents: Vec<Reported>,
    /// Incidents that began in the period of the same length before.
    pub before: Vec<Reported>,
    /// Incidents of earlier periods that this period's evidence revised.
    pub revised: Vec<Revised>,
    /// Findings with a decision or a reply in the period, of whatever age their incident is.
    pub findings: Vec<Finding>,
    /// The clocks of all findings, as they stand at `as_of`.
    pub clocks: Vec<(FindingSerial, ClockReading)>,
    /// What came by each feed during the period.
    pub feeds: Vec<FeedLine>,
    /// Readings of sensor states and weather that bear on the period.
    pub conditions: Vec<Observation>,
    /// How well each sector was watched.
    pub watches: Vec<Watch>,
    /// Windows of time that the agreement sets apart and that overlap the period.
    pub truces: Vec<Truce>,
}

/// An incident with all that the mission says of it.
#[derive(Debug, Clone)]
pub struct Reported {
    /// Its current revision.
    pub incident: Incident,
    /// The sector it lies in.
    pub sector: Option<Slug>,
    /// Its assessments.
    pub assessments: Vec<Assessment>,
    /// Its finding.
    pub finding: Option<Finding>,
    /// In which column it is counted.
    pub column: Column,
    /// How many there were: the largest number that any observer gave.
    pub number: u64,
    /// The incident that it counts as one event with.
    pub counted_with: Option<IncidentId>,
}

/// A clause as reports name it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clause {
    /// Its name.
    pub id: Slug,
    /// What it is about.
    pub kind: ClauseKind,
    /// Its title.
    pub title: String,
    /// Its number in the agreement, such as `3(2)`.
    pub article: Option<String>,
    /// Its words.
    pub text: String,
}

/// A window of time in which a clause holds and otherwise does not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Truce {
    /// The clause.
    pub clause: Slug,
    /// The window's title.
    pub title: String,
    /// When.
    pub during: Interval,
    /// Where.
    pub zones: Vec<Slug>,
}

/// An incident that was revised after its period had been reported.
#[derive(Debug, Clone)]
pub struct Revised {
    /// The incident as it stands now.
    pub incident: Incident,
    /// The revision before this period.
    pub revision_before: u32,
    /// The probability at that revision.
    pub probability_before: f64,
}

/// What came by a feed during the period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeedLine {
    /// The feed.
    pub feed: Slug,
    /// Messages.
    pub messages: u64,
    /// Observations.
    pub observations: u64,
    /// Messages that could not be decoded.
    pub rejections: u64,
    /// Stretches of silence longer than the feed's own limit.
    pub silences: Vec<Interval>,
}

/// How well a sector was watched for one class of event.
#[derive(Debug, Clone, PartialEq)]
pub struct Watch {
    /// The sector.
    pub sector: Slug,
    /// The class.
    pub class: EventClass,
    /// Probability that one such event in the period would have been noticed.
    pub detection: f64,
    /// The same for each hour, or for each day of a longer period.
    pub parts: Vec<f64>,
    /// What follows for the sector and period.
    pub silence: Silence,
}

/// What is to be said of an area and a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Silence {
    /// Such events were told of.
    Broken,
    /// Nothing was told, and an event would probably have been noticed.
    Quiet,
    /// Nothing was told, and an event might well have gone unnoticed.
    NotObservable,
}

/// The log that the report rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLine {
    /// The log's origin line.
    pub origin: String,
    /// Entries under the root.
    pub size: u64,
    /// The root hash.
    pub root: Digest,
    /// True when the witnesses' quorum signed it.
    pub witnessed: bool,
}

impl Basis {
    /// A clause by its name.
    pub(crate) fn clause(&self, id: &Slug) -> Option<&Clause> {
        self.clauses.iter().find(|clause| clause.id == *id)
    }

    /// A clause as people name it.
    pub(crate) fn clause_title(&self, id: &Slug) -> String {
        let Some(clause) = self.clause(id) else {
            return id.to_string();
        };
        match &clause.article {
            Some(number) => {
                let article = self.language.fill("Article {}", &[number]);
                format!("{article}: {}", clause.title)
            }
            None => clause.title.clone(),
        }
    }

    /// A duty as people name it.
    pub(crate) fn duty<'a>(&'a self, name: &'a Slug) -> &'a str {
        let found = self.duties.iter().find(|(known, _)| known == name);
        found.map_or(name.as_str(), |(_, title)| title)
    }
}
