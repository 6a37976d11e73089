//! Incidents as lists and maps show them.

use rusqlite::{Row, params_from_iter};
use serde::{Deserialize, Serialize};
use truce_core::belief::likelihood_words;
use truce_core::finding::Clock;
use truce_core::{
    ClauseKind, EventClass, Finding, FindingSerial, Incident, IncidentId, IncidentKind, Interval,
    Place, Slug, Status, Timestamp, Verdict,
};

use super::query::{IncidentQuery, PAGE_ITEMS_MAX, Page, cursor};
use crate::Store;
use crate::error::Result;
use crate::words::{count, from_word, instant, name};

/// What holding an incident against one clause gave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClauseVerdict {
    /// The clause.
    pub clause: Slug,
    /// Its kind.
    pub clause_kind: ClauseKind,
    /// The verdict.
    pub verdict: Verdict,
}

/// The party with the highest probability; that alone attributes nothing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LeadingParty {
    /// The party.
    pub party: Slug,
    /// Its probability.
    pub p: f64,
}

/// An incident in a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct IncidentSummary {
    /// Its name.
    pub id: IncidentId,
    /// The first digits of its name, for people.
    pub short_id: String,
    /// The current revision.
    pub revision: u32,
    /// What kind.
    pub kind: IncidentKind,
    /// The most probable class, when it has classes.
    pub class: Option<EventClass>,
    /// When.
    pub occurred: Interval,
    /// Where.
    pub place: Place,
    /// Probability that it is real and of its kind.
    pub probability: f64,
    /// That in the words of ICD 203.
    pub likelihood: String,
    /// Where its finding stands; `reported` before there is one.
    pub status: Status,
    /// Its finding's number.
    pub serial: Option<FindingSerial>,
    /// Parties that dispute the finding.
    pub disputed_by: Vec<Slug>,
    /// The sector it lies in.
    pub sector: Option<Slug>,
    /// The zone it is about.
    pub zone: Option<Slug>,
    /// What each clause says to it.
    pub verdicts: Vec<ClauseVerdict>,
    /// The party that its finding names.
    pub attributed_to: Option<Slug>,
    /// The party that the evidence points to most.
    pub leading_party: Option<LeadingParty>,
    /// How many observations it rests on.
    pub evidence_count: u64,
    /// When its first revision was recorded.
    pub first_reported_at: Timestamp,
    /// When it or its finding was last recorded.
    pub updated_at: Timestamp,
    /// The duty that is due next.
    pub next_clock: Option<Clock>,
    /// True when it no longer stands by itself.
    pub withdrawn: bool,
}

/// The finding with the highest number is the incident's present one.
const FROM: &str = "FROM incident LEFT JOIN finding ON finding.serial =
  (SELECT max(serial) FROM finding AS other WHERE other.incident = incident.id)";

const COLUMNS: &str = "incident.n, incident.id, incident.class, incident.first_reported_ns,
  max(incident.updated_ns, coalesce(finding.updated_ns, incident.updated_ns)) AS last_updated_ns,
  sector_of(incident.lat_deg, incident.lon_deg) AS sector, incident.leading_party,
  incident.leading_p, incident.incident_json, finding.finding_json";

impl Store {
    /// A page of incidents.
    ///
    /// # Errors
    /// [`crate::Error::Cursor`] for a cursor of another list, [`crate::Error::Sqlite`] when the
    /// file cannot be read.
    pub fn incidents(&self, query: &IncidentQuery) -> Result<Page> {
        let mut conditions = query.conditions()?;
        let total = self
            .connection
            .prepare_cached(&format!(
                "SELECT count(*) AS total {FROM} WHERE {}",
                conditions.sql()
            ))?
            .query_row(params_from_iter(&conditions.values), |row| {
                count(row, "total")
            })?;
        query.push_cursor(&mut conditions)?;
        let limit = query.limit.unwrap_or(PAGE_ITEMS_MAX).min(PAGE_ITEMS_MAX) as usize;
        let (key, order) = (query.sort.key_sql(), query.sort.order_sql());
        let mut statement = self.connection.prepare_cached(&format!(
            "SELECT {key} AS sort_key, {COLUMNS} {FROM} WHERE {}
             ORDER BY sort_key {order}, incident.n {order} LIMIT {}",
            conditions.sql(),
            limit + 1
        ))?;
        let mut rows = statement.query(params_from_iter(&conditions.values))?;
        let mut page = Page {
            items: Vec::new(),
            next: None,
            total,
        };
        let mut last = None;
        while let Some(row) = rows.next()? {
            if page.items.len() == limit {
                page.next = last;
                break;
            }
            page.items.push(self.summary_of(row)?);
            last = Some(cursor(&row.get("sort_key")?, row.get("n")?));
        }
        Ok(page)
    }

    /// One incident as lists show it.
    ///
    /// # Errors
    /// [`crate::Error::Sqlite`] when the file cannot be read.
    pub fn incident_summary(&self, id: IncidentId) -> Result<Option<IncidentSummary>> {
        let sql = format!("SELECT {COLUMNS} {FROM} WHERE incident.id = ?1");
        let mut statement = self.connection.prepare_cached(&sql)?;
        let mut rows = statement.query([id.0.0])?;
        let row = rows.next()?;
        row.map(|row| self.summary_of(row)).transpose()
    }

    fn summary_of(&self, row: &Row<'_>) -> Result<IncidentSummary> {
        let incident: Incident = serde_json::from_str(
            row.get_ref("incident_json")?
                .as_str()
                .map_err(rusqlite::Error::from)?,
        )?;
        let finding: Option<String> = row.get("finding_json")?;
        let finding: Option<Finding> = finding.as_deref().map(serde_json::from_str).transpose()?;
        let slug = |column| -> Result<Option<Slug>> {
            let text: Option<String> = row.get(column)?;
            text.map(from_word).transpose()
        };
        let class: Option<String> = row.get("class")?;
        let leading_p: Option<f64> = row.get("leading_p")?;
        let leading_party = slug("leading_party")?
            .zip(leading_p)
            .map(|(party, p)| LeadingParty { party, p });
        let id = IncidentId(name(row, "id")?);
        Ok(IncidentSummary {
            id,
            short_id: id.0.short(),
            revision: incident.revision,
            kind: incident.kind,
            class: class.map(from_word).transpose()?,
            occurred: incident.occurred,
            place: incident.place,
            probability: incident.probability,
            likelihood: likelihood_words(incident.probability).to_owned(),
            status: finding.as_ref().map(|f| f.status).unwrap_or_default(),
            serial: finding.as_ref().map(|f| f.serial),
            sector: slug("sector")?,
            verdicts: self.verdicts(id)?,
            leading_party,
            evidence_count: incident.evidence.len() as u64,
            first_reported_at: instant(row.get("first_reported_ns")?),
            updated_at: instant(row.get("last_updated_ns")?),
            next_clock: finding.as_ref().and_then(next_clock),
            withdrawn: incident.withdrawn.is_some(),
            zone: incident.zone,
            attributed_to: finding.as_ref().and_then(|f| f.attributed_to.clone()),
            disputed_by: finding.map(|f| f.disputed_by).unwrap_or_default(),
        })
    }

    fn verdicts(&self, id: IncidentId) -> Result<Vec<ClauseVerdict>> {
        let mut statement = self.connection.prepare_cached(
            "SELECT clause, clause_kind, verdict FROM assessment WHERE incident = ?1
             ORDER BY clause",
        )?;
        let mut rows = statement.query([id.0.0])?;
        let mut verdicts = Vec::new();
        while let Some(row) = rows.next()? {
            verdicts.push(ClauseVerdict {
                clause: from_word(row.get(0)?)?,
                clause_kind: from_word(row.get(1)?)?,
                verdict: from_word(row.get(2)?)?,
            });
        }
        Ok(verdicts)
    }
}

/// The clock that is due first.
pub(in crate::read) fn next_clock(finding: &Finding) -> Option<Clock> {
    finding
        .clocks
        .iter()
        .min_by_key(|clock| clock.due_at)
        .cloned()
}
