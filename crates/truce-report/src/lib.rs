//! The daily report: one cut-off period of the mission as self-contained HTML, CSV and GeoJSON.
//!
//! The caller brings what the report speaks of; this room counts, arranges and words it. It reads
//! no file and no clock, judges nothing, and words everything from fixed templates. Likelihood
//! uses the words of ICD 203; confidence never stands in the same sentence. Text from outside is
//! escaped wherever it appears.

mod actions;
mod counts;
mod csv;
mod events;
mod geojson;
mod html;
mod limits;
mod map;
mod page;
mod period;
mod place;
mod table;
mod violations;
mod words;

use truce_core::mission::Mission;
use truce_core::{Assessment, Digest, Finding, Incident, Interval, Observation, Slug, Timestamp};

pub use csv::to_csv;
pub use geojson::daily_geojson;
pub use page::daily_html;
pub use period::{Error, local, newest_period, period_ending_on};
pub use place::relative_place;
pub use table::{Cell, Column, Table};

/// Everything a daily report speaks of.
#[derive(Debug, Clone)]
pub struct Daily {
    /// The mission.
    pub mission: Mission,
    /// The period, half-open: `[start, end)`.
    pub period: Interval,
    /// Up to when the mission's records were read. Before the period's end the report is
    /// provisional.
    pub as_of: Timestamp,
    /// Incidents that began in the period, withdrawn ones included.
    pub incidents: Vec<Reported>,
    /// Incidents that began in the period of the same length before.
    pub before: Vec<Reported>,
    /// The clauses that assessments name.
    pub clauses: Vec<Clause>,
    /// Incidents of earlier periods that this period's evidence revised.
    pub revised: Vec<Revised>,
    /// Findings with a decision or a reply in the period, of whatever age their incident is.
    pub findings: Vec<Finding>,
    /// What came by each feed during the period.
    pub feeds: Vec<FeedLine>,
    /// Readings of sensor states and weather that bear on the period.
    pub conditions: Vec<Observation>,
    /// The log that the report rests on.
    pub log: LogLine,
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
}

/// A clause as the report names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clause {
    /// Its name.
    pub id: Slug,
    /// Its title.
    pub title: String,
    /// The article it stands in.
    pub article: String,
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

/// What is printed under every map and report.
pub const BOUNDARIES_DISCLAIMER: &str = "The boundaries, lines and names shown and the \
    designations used in this report do not imply any opinion on the legal status of any territory \
    or on the delimitation of frontiers. The line of contact and the zones are those of the \
    agreement's annexes as the mission holds them.";

/// All tables of a daily report, in its order.
#[must_use]
pub fn daily_tables(daily: &Daily) -> Vec<Table> {
    let mut tables = vec![
        counts::explosions(daily),
        counts::by_kind(daily),
        counts::by_clause(daily),
        violations::violations(daily),
        events::not_violations(daily),
        events::freedom_of_movement(daily),
        events::maritime(daily),
        events::civilians(daily),
        actions::decisions(daily),
        actions::replies(daily),
        actions::clocks(daily),
    ];
    tables.extend(limits::tables(daily));
    tables.push(actions::revisions(daily));
    tables
}
