//! Incidents as the mission knew them at an instant.
//!
//! Of each incident the last revision known by then stands, with the verdicts and the finding of
//! that time. What became known later is left out, also when it had happened before.

use rusqlite::{Row, params};
use truce_core::belief::likelihood_words;
use truce_core::{Digest, Ellipse, Finding, IncidentId, Interval, Place, Position, Timestamp};

use super::incidents::{IncidentSummary, LeadingParty, PAGE_ITEMS_MAX, next_clock};
use crate::Store;
use crate::error::Result;
use crate::words::{count, from_word, instant, name, nanoseconds, small};

/// Incidents known at an instant, with the number to continue behind.
#[derive(Debug, Clone, PartialEq)]
pub struct KnownPage {
    /// The incidents, in the order in which they were first recorded.
    pub items: Vec<IncidentSummary>,
    /// What to give for `after` to read on, when there is more.
    pub next: Option<i64>,
}

impl Store {
    /// The incidents that were known at an instant, each as it was known then; at most
    /// [`PAGE_ITEMS_MAX`] behind the number `after`.
    ///
    /// # Errors
    /// [`crate::Error::Sqlite`] when the file cannot be read.
    pub fn known_at(&self, at: Timestamp, after: i64, limit: u32) -> Result<KnownPage> {
        let limit = limit.min(PAGE_ITEMS_MAX);
        let mut statement = self.connection.prepare_cached(
            "SELECT incident.n, incident.id, revision.*,
               (SELECT min(known_at_ns) FROM incident_revision AS first
                WHERE first.incident = incident.n) AS first_known_ns,
               sector_of(revision.lat_deg, revision.lon_deg) AS sector
             FROM incident JOIN incident_revision AS revision
               ON revision.incident = incident.n AND revision.revision =
                 (SELECT max(revision) FROM incident_revision AS known
                  WHERE known.incident = incident.n AND known.known_at_ns <= ?1)
             WHERE incident.n > ?2 ORDER BY incident.n LIMIT ?3",
        )?;
        let mut rows = statement.query(params![nanoseconds(at), after, limit])?;
        let (mut items, mut last) = (Vec::new(), after);
        while let Some(row) = rows.next()? {
            items.push(self.known_summary(row, at)?);
            last = row.get("n")?;
        }
        let full = u32::try_from(items.len()).is_ok_and(|held| held == limit);
        Ok(KnownPage {
            items,
            next: full.then_some(last),
        })
    }

    fn known_summary(&self, row: &Row<'_>, at: Timestamp) -> Result<IncidentSummary> {
        let id = IncidentId(name(row, "id")?);
        let (finding, told_ns) = self.finding_known_at(id.0, at)?.unzip();
        let word = |column| row.get::<_, Option<String>>(column);
        let revision = small(row, "revision")?;
        let probability = row.get("probability")?;
        let p: Option<f64> = row.get("leading_p")?;
        let party = word("leading_party")?.map(from_word).transpose()?;
        let known_ns: i64 = row.get("known_at_ns")?;
        Ok(IncidentSummary {
            id,
            short_id: id.0.short(),
            revision,
            kind: from_word(row.get("kind")?)?,
            class: word("class")?.map(from_word).transpose()?,
            occurred: Interval {
                start: instant(row.get("occurred_start_ns")?),
                end: instant(row.get("occurred_end_ns")?),
            },
            place: place_of(row)?,
            probability,
            likelihood: likelihood_words(probability).to_owned(),
            status: finding.as_ref().map(|f| f.status).unwrap_or_default(),
            serial: finding.as_ref().map(|f| f.serial),
            sector: word("sector")?.map(from_word).transpose()?,
            zone: word("zone")?.map(from_word).transpose()?,
            verdicts: self.verdicts_by(id, revision, u64::MAX)?,
            leading_party: party.zip(p).map(|(party, p)| LeadingParty { party, p }),
            evidence_count: count(row, "evidence_count")?,
            first_reported_at: instant(row.get("first_known_ns")?),
            updated_at: instant(told_ns.map_or(known_ns, |told| told.max(known_ns))),
            next_clock: finding.as_ref().and_then(next_clock),
            withdrawn: row.get("withdrawn")?,
            attributed_to: finding.as_ref().and_then(|f| f.attributed_to.clone()),
            disputed_by: finding.map(|f| f.disputed_by).unwrap_or_default(),
        })
    }

    /// The finding as it stood, and since when.
    fn finding_known_at(&self, id: Digest, at: Timestamp) -> Result<Option<(Finding, i64)>> {
        let mut statement = self.connection.prepare_cached(
            "SELECT finding_json, known_at_ns FROM finding_revision
             WHERE incident = ?1 AND known_at_ns <= ?2 ORDER BY entry DESC, row DESC LIMIT 1",
        )?;
        let mut rows = statement.query(params![id.0, nanoseconds(at)])?;
        let Some(row) = rows.next()? else {
            return Ok(None);
        };
        let json: String = row.get(0)?;
        Ok(Some((serde_json::from_str(&json)?, row.get(1)?)))
    }
}

pub(super) fn place_of(row: &Row<'_>) -> rusqlite::Result<Place> {
    Ok(Place {
        position: Position {
            lat_deg: row.get("lat_deg")?,
            lon_deg: row.get("lon_deg")?,
        },
        uncertainty: Ellipse {
            semi_major_m: row.get("semi_major_m")?,
            semi_minor_m: row.get("semi_minor_m")?,
            bearing_deg: row.get("ellipse_bearing_deg")?,
        },
    })
}
