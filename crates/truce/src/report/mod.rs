//! Reports over the tables: which one is wished for, what it needs, and the document that follows.
//!
//! The command line and the HTTP interface ask here and write the same documents.

mod account;
mod case;
mod patrol;
pub(crate) mod watches;

use std::collections::BTreeMap;

use jiff::civil::Date;
use truce_accord::Agreement;
use truce_core::mission::Mission;
use truce_core::time::plus_seconds;
use truce_core::{Digest, Interval, Slug, Timestamp};
use truce_ledger::Reader;
use truce_report::{
    Basis, Clause, Document, Language, LogLine, annex, daily, dossier, newest_period, patrol_order,
    period_ending_on, spot, week_ending_on, weekly,
};
use truce_store::Store;

use crate::line::Error;

pub(crate) use patrol::open_sites;
pub use patrol::{OpenIncident, open_incidents};

/// Longest period of a report: a Council's reporting period is at most a year.
const PERIOD_S_MAX: f64 = 366.0 * 86_400.0;

/// What reports are gathered from.
#[derive(Clone, Copy)]
pub struct Sources<'a> {
    /// The tables.
    pub store: &'a Store,
    /// The log.
    pub reader: &'a Reader,
    /// The mission.
    pub mission: &'a Mission,
    /// Its agreement.
    pub agreement: &'a Agreement,
    /// The instant up to which records were read.
    pub as_of: Timestamp,
}

/// A kind of report.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Kind {
    /// Everything of one cut-off period, as missions report it each day.
    #[default]
    Daily,
    /// Seven cut-off periods, against the seven before.
    Weekly,
    /// A reporting period for the Security Council: what is verified, clause by clause.
    Annex,
    /// One incident on a page.
    Spot,
    /// Everything that is known of one incident.
    Dossier,
    /// Who goes to which open incident next.
    PatrolOrder,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Daily,
        Self::Weekly,
        Self::Annex,
        Self::Spot,
        Self::Dossier,
        Self::PatrolOrder,
    ];

    /// Its word in addresses and file names.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Daily => "daily",
            Self::Weekly => "weekly",
            Self::Annex => "annex",
            Self::Spot => "spot",
            Self::Dossier => "dossier",
            Self::PatrolOrder => "patrol-order",
        }
    }

    /// True for the kinds that speak of one incident.
    #[must_use]
    pub fn needs_incident(self) -> bool {
        matches!(self, Self::Spot | Self::Dossier)
    }
}

/// Which report is wished for.
#[derive(Debug, Clone, Default)]
pub struct Wish {
    /// Its kind.
    pub kind: Kind,
    /// The local date on which the period ends; without one the newest period that has ended and
    /// holds incidents.
    pub date: Option<Date>,
    /// The local date on which an annex begins; without one it is the month up to the date.
    pub from: Option<Date>,
    /// The incident, or the beginning of its name.
    pub incident: Option<String>,
    /// How many patrols are sent out.
    pub patrols: Option<usize>,
    /// The language.
    pub language: Language,
}

/// Why there is no such report.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// The wish makes no sense.
    #[error("{0}")]
    Wish(String),
    /// There is no such incident.
    #[error("there is no incident `{0:.80}`; give its name or at least its first six digits")]
    UnknownIncident(String),
    /// The tables or the log cannot be read.
    #[error(transparent)]
    Read(#[from] Error),
}

impl From<truce_report::Error> for Refusal {
    fn from(error: truce_report::Error) -> Self {
        Self::Wish(error.to_string())
    }
}

/// The report that is wished for.
///
/// # Errors
/// A [`Refusal`] when the wish makes no sense or something cannot be read.
pub fn document(sources: &Sources<'_>, wish: &Wish) -> Result<Document, Refusal> {
    let incident = || {
        match &wish.incident {
        Some(name) => case::gather(sources, name, wish.language),
        None => Err(Refusal::Wish(
            "this report is of one incident; name it with `--incident`, or `incident=` in the address".to_owned(),
        )),
    }
    };
    let account = || -> Result<_, Refusal> {
        let period = period(sources, wish)?;
        Ok(account::gather(sources, period, wish.language)?)
    };
    Ok(match wish.kind {
        Kind::Daily => daily(&account()?),
        Kind::Weekly => weekly(&account()?),
        Kind::Annex => annex(&account()?),
        Kind::Spot => spot(&incident()?),
        Kind::Dossier => dossier(&incident()?),
        Kind::PatrolOrder => {
            let order = patrol::gather(sources, wish.patrols, wish.language)?;
            patrol_order(&order)
        }
    })
}

/// The period of a report.
fn period(sources: &Sources<'_>, wish: &Wish) -> Result<Interval, Refusal> {
    let schedule = &sources.mission.report;
    let newest = newest_with_incidents(sources)?;
    let date = match wish.date {
        Some(date) => date,
        None => truce_report::local_date(schedule, newest.end)?,
    };
    let period = match (wish.kind, wish.from) {
        (Kind::Weekly, _) => week_ending_on(schedule, date)?,
        (Kind::Annex, from) => {
            let month_before = date.checked_sub(jiff::Span::new().months(1));
            let from = match from {
                Some(from) => from,
                None => month_before.map_err(|error| Refusal::Wish(error.to_string()))?,
            };
            Interval {
                start: period_ending_on(schedule, from)?.end,
                end: period_ending_on(schedule, date)?.end,
            }
        }
        _ => period_ending_on(schedule, date)?,
    };
    if period.length_s() > PERIOD_S_MAX || period.start >= period.end {
        let message = "a report covers between a day and a year, and begins before it ends";
        return Err(Refusal::Wish(message.to_owned()));
    }
    Ok(period)
}

/// The newest period that has ended and does not begin behind the last incident, so that the
/// report of an earlier day's records is not empty.
pub(crate) fn newest_with_incidents(sources: &Sources<'_>) -> Result<Interval, Refusal> {
    let schedule = &sources.mission.report;
    let newest = newest_period(schedule, sources.as_of)?;
    let span = sources.store.incident_span().map_err(Error::from)?;
    match span {
        // The period that ends at most a day behind the last incident holds it.
        Some(span) if newest.start > span.end => {
            Ok(newest_period(schedule, plus_seconds(span.end, 86_400.0))?)
        }
        _ => Ok(newest),
    }
}

impl Sources<'_> {
    /// What every report rests on.
    fn basis(&self, language: Language) -> Result<Basis, Error> {
        let (checkpoint, witnessed) = (self.reader.checkpoint()?, self.reader.witnessed()?);
        let clocks = self.agreement.clocks.iter();
        Ok(Basis {
            mission: self.mission.clone(),
            clauses: clauses(self.agreement),
            duties: clocks.map(|c| (c.name.clone(), c.title.clone())).collect(),
            as_of: self.as_of,
            log: LogLine {
                origin: checkpoint.origin.clone(),
                size: checkpoint.size,
                root: Digest(checkpoint.root),
                witnessed: witnessed.is_some_and(|witnessed| witnessed.size >= checkpoint.size),
            },
            language,
        })
    }
}

fn clauses(agreement: &Agreement) -> Vec<Clause> {
    // Of a clause that several versions have, the newest words stand.
    let mut by_id: BTreeMap<&Slug, Clause> = BTreeMap::new();
    for clause in agreement
        .versions
        .iter()
        .flat_map(|version| &version.clauses)
    {
        by_id.insert(
            &clause.id,
            Clause {
                id: clause.id.clone(),
                kind: clause.kind,
                title: clause.title.clone(),
                article: clause.article.clone(),
                text: clause.terms.text.clone(),
            },
        );
    }
    by_id.into_values().collect()
}
