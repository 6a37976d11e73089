//! Which incidents, in which order, from where on.

use rusqlite::types::Value;
use truce_core::{IncidentKind, Slug, Status, Timestamp, Verdict};

use super::IncidentSummary;
use crate::error::{Error, Result};
use crate::words::{nanoseconds, word};

/// Most incidents on one page.
pub const PAGE_ITEMS_MAX: u32 = 5_000;

/// In which order incidents are listed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Sort {
    /// Newest occurrence first.
    #[default]
    Time,
    /// The clock that is due next first; those without a clock last.
    Clock,
    /// The most probable first.
    Probability,
}

/// Which incidents. Empty lists and `None` set no limit.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct IncidentQuery {
    /// Of one of these kinds.
    pub kinds: Vec<IncidentKind>,
    /// In one of these states.
    pub statuses: Vec<Status>,
    /// Held against this clause.
    pub clause: Option<Slug>,
    /// With this verdict: of `clause` when that is given, else of any clause.
    pub verdict: Option<Verdict>,
    /// In this sector (see [`crate::Store::set_sectors`]).
    pub sector: Option<Slug>,
    /// Begun at or after this instant.
    pub from: Option<Timestamp>,
    /// Begun before this instant.
    pub to: Option<Timestamp>,
    /// At least this probable.
    pub probability_min: Option<f64>,
    /// With these words in its description, or this name or serial number.
    pub text: Option<String>,
    /// True leaves out what was withdrawn.
    pub without_withdrawn: bool,
    /// In this order.
    pub sort: Sort,
    /// At most this many, up to [`PAGE_ITEMS_MAX`]; `None` is as many as a page holds.
    pub limit: Option<u32>,
    /// Behind this cursor of an earlier page.
    pub after: Option<String>,
}

/// One page of incidents.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    /// The incidents.
    pub items: Vec<IncidentSummary>,
    /// The cursor for the page behind, when there is one.
    pub next: Option<String>,
    /// How many incidents fit the query in all.
    pub total: u64,
}

/// Conditions in SQL with their values, numbered in order.
#[derive(Default)]
pub(super) struct Conditions {
    parts: Vec<String>,
    pub(super) values: Vec<Value>,
}

impl Conditions {
    fn push(&mut self, part: &str, value: impl Into<Value>) {
        self.values.push(value.into());
        let number = format!("?{}", self.values.len());
        self.parts.push(part.replace('?', &number));
    }

    fn one_of(&mut self, column: &str, words: Vec<String>) {
        if words.is_empty() {
            return;
        }
        let mut numbers = Vec::with_capacity(words.len());
        for word in words {
            self.values.push(word.into());
            numbers.push(format!("?{}", self.values.len()));
        }
        self.parts
            .push(format!("{column} IN ({})", numbers.join(", ")));
    }

    pub(super) fn sql(&self) -> String {
        if self.parts.is_empty() {
            "TRUE".to_owned()
        } else {
            self.parts.join(" AND ")
        }
    }
}

impl IncidentQuery {
    /// The conditions, the cursor left out.
    pub(super) fn conditions(&self) -> Result<Conditions> {
        let mut all = Conditions::default();
        let kinds: Result<_> = self.kinds.iter().map(word).collect();
        all.one_of("incident.kind", kinds?);
        let statuses: Result<_> = self.statuses.iter().map(word).collect();
        all.one_of("coalesce(finding.status, 'reported')", statuses?);
        self.push_clause(&mut all)?;
        if let Some(sector) = &self.sector {
            let sector = sector.as_str().to_owned();
            all.push("sector_of(incident.lat_deg, incident.lon_deg) = ?", sector);
        }
        if let Some(from) = self.from {
            all.push("incident.occurred_start_ns >= ?", nanoseconds(from));
        }
        if let Some(to) = self.to {
            all.push("incident.occurred_start_ns < ?", nanoseconds(to));
        }
        if let Some(least) = self.probability_min {
            all.push("incident.probability >= ?", least);
        }
        if let Some(text) = &self.text {
            let text = text.trim().to_lowercase();
            all.push(
                "(instr(incident.search, ?) OR instr(lower(hex(incident.id)), ?) = 1
                  OR printf('f-%06d', finding.serial) = ?)",
                text,
            );
        }
        if self.without_withdrawn {
            all.parts.push("NOT incident.withdrawn".to_owned());
        }
        Ok(all)
    }

    fn push_clause(&self, all: &mut Conditions) -> Result<()> {
        let exists = "EXISTS (SELECT 1 FROM assessment WHERE incident = incident.id AND ";
        let exists = exists.replace("WHERE incident =", "WHERE assessment.incident =");
        match (&self.clause, self.verdict) {
            (Some(clause), Some(verdict)) => {
                let part = format!("{exists} clause = ?");
                all.push(&part, clause.as_str().to_owned());
                let last = all.parts.pop().unwrap_or_default();
                all.push("verdict = ?)", word(&verdict)?);
                let verdict = all.parts.pop().unwrap_or_default();
                all.parts.push(format!("{last} AND {verdict}"));
            }
            (Some(clause), None) => {
                all.push(&format!("{exists} clause = ?)"), clause.as_str().to_owned());
            }
            (None, Some(verdict)) => all.push(&format!("{exists} verdict = ?)"), word(&verdict)?),
            (None, None) => {}
        }
        Ok(())
    }

    /// Adds the condition of the cursor.
    pub(super) fn push_cursor(&self, all: &mut Conditions) -> Result<()> {
        let Some(cursor) = &self.after else {
            return Ok(());
        };
        let (key, n) = read_cursor(self.sort, cursor)?;
        let (key_sql, comparison) = (self.sort.key_sql(), self.sort.comparison());
        all.values.push(key);
        let key_number = all.values.len();
        all.values.push(n.into());
        let n_number = all.values.len();
        all.parts.push(format!(
            "({key_sql}, incident.n) {comparison} (?{key_number}, ?{n_number})"
        ));
        Ok(())
    }
}

impl Sort {
    pub(super) fn key_sql(self) -> &'static str {
        match self {
            Self::Time => "incident.occurred_start_ns",
            Self::Clock => "coalesce(finding.due_at_ns, 9223372036854775807)",
            Self::Probability => "incident.probability",
        }
    }

    pub(super) fn order_sql(self) -> &'static str {
        match self {
            Self::Clock => "ASC",
            Self::Time | Self::Probability => "DESC",
        }
    }

    fn comparison(self) -> &'static str {
        match self {
            Self::Clock => ">",
            Self::Time | Self::Probability => "<",
        }
    }
}

/// Writes the cursor behind an incident: its sort key and its number.
pub(super) fn cursor(key: &Value, n: i64) -> String {
    match key {
        Value::Real(number) => format!("r{:x}.{n}", number.to_bits()),
        Value::Integer(number) => format!("i{number}.{n}"),
        _ => format!("i0.{n}"),
    }
}

fn read_cursor(sort: Sort, text: &str) -> Result<(Value, i64)> {
    let refuse = || Error::Cursor {
        cursor: text.chars().take(80).collect(),
    };
    let (key, n) = text
        .get(1..)
        .and_then(|rest| rest.split_once('.'))
        .ok_or_else(refuse)?;
    let key = match (sort, text.as_bytes().first()) {
        (Sort::Probability, Some(b'r')) => {
            let bits = u64::from_str_radix(key, 16).map_err(|_| refuse())?;
            Value::Real(f64::from_bits(bits))
        }
        (Sort::Time | Sort::Clock, Some(b'i')) => {
            Value::Integer(key.parse().map_err(|_| refuse())?)
        }
        _ => return Err(refuse()),
    };
    Ok((key, n.parse().map_err(|_| refuse())?))
}
