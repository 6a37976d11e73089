//! Incidents with their revisions and evidence, and their assessments.

use std::collections::BTreeSet;

use rusqlite::{OptionalExtension, params};
use truce_core::{Assessment, Digest, Incident, Label, ObservationId, Slug};

use super::Folding;
use crate::LogPosition;
use crate::error::Result;
use crate::read::evidence::locate;
use crate::words::{nanoseconds, signed, word};

impl Folding<'_> {
    pub(super) fn fold_incident(
        &self,
        at: LogPosition,
        label: &Label,
        incident: &Incident,
    ) -> Result<()> {
        let n = match self.incident_number(incident)? {
            Some(n) => {
                self.update_incident(n, at, label, incident)?;
                n
            }
            None => self.insert_incident(at, label, incident)?,
        };
        self.insert_revision(n, at, incident)?;
        self.fold_evidence(n, &incident.evidence)
    }

    /// Keeps what lists and maps show of a revision, so that an earlier state of knowledge can be
    /// shown again.
    fn insert_revision(&self, n: i64, at: LogPosition, incident: &Incident) -> Result<()> {
        let class = incident.leading_class();
        let leading = incident.attribution.side(0.0);
        let (position, ellipse) = (incident.place.position, incident.place.uncertainty);
        self.run(
            "INSERT OR REPLACE INTO incident_revision VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9,
               ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21)",
            params![
                n,
                incident.revision,
                nanoseconds(self.recorded_at),
                incident.probability,
                signed(incident.evidence.len() as u64),
                signed(at.entry),
                at.row,
                self.known_at_ns,
                word(&incident.kind)?,
                class.map(|class| word(&class)).transpose()?,
                nanoseconds(incident.occurred.start),
                nanoseconds(incident.occurred.end),
                position.lat_deg,
                position.lon_deg,
                ellipse.semi_major_m,
                ellipse.semi_minor_m,
                ellipse.bearing_deg,
                incident.zone.as_ref().map(Slug::as_str),
                leading.map(|(party, _)| party.as_str()),
                leading.map(|(_, p)| p),
                incident.withdrawn.is_some(),
            ],
        )?;
        Ok(())
    }

    fn incident_number(&self, incident: &Incident) -> Result<Option<i64>> {
        let sql = "SELECT n FROM incident WHERE id = ?1";
        let mut statement = self.connection.prepare_cached(sql)?;
        let id = incident.id.0.0;
        Ok(statement.query_row([id], |row| row.get(0)).optional()?)
    }

    fn insert_incident(&self, at: LogPosition, label: &Label, incident: &Incident) -> Result<i64> {
        self.run(
            "INSERT INTO incident (id, revision, kind, occurred_start_ns, occurred_end_ns, lat_deg,
               lon_deg, probability, evidence_count, withdrawn, first_reported_ns, updated_ns,
               entry, row, label, search, incident_json)
             VALUES (?1, 0, '', 0, 0, 0, 0, 0, 0, 0, ?2, 0, 0, 0, '', '', '')",
            params![incident.id.0.0, nanoseconds(self.recorded_at)],
        )?;
        let n = self.connection.last_insert_rowid();
        self.update_incident(n, at, label, incident)?;
        Ok(n)
    }

    /// Makes a revision the current one. An older revision changes nothing here.
    fn update_incident(
        &self,
        n: i64,
        at: LogPosition,
        label: &Label,
        incident: &Incident,
    ) -> Result<()> {
        let class = incident.leading_class();
        let leading = incident.attribution.side(0.0);
        let position = incident.place.position;
        self.run(
            "UPDATE incident SET revision = ?2, kind = ?3, class = ?4, occurred_start_ns = ?5,
               occurred_end_ns = ?6, lat_deg = ?7, lon_deg = ?8, probability = ?9, zone = ?10,
               evidence_count = ?11, leading_party = ?12, leading_p = ?13, withdrawn = ?14,
               updated_ns = ?15, entry = ?16, row = ?17, label = ?18, search = ?19,
               incident_json = ?20
             WHERE n = ?1 AND revision <= ?2",
            params![
                n,
                incident.revision,
                word(&incident.kind)?,
                class.map(|class| word(&class)).transpose()?,
                nanoseconds(incident.occurred.start),
                nanoseconds(incident.occurred.end),
                position.lat_deg,
                position.lon_deg,
                incident.probability,
                incident.zone.as_ref().map(Slug::as_str),
                signed(incident.evidence.len() as u64),
                leading.map(|(party, _)| party.as_str()),
                leading.map(|(_, p)| p),
                incident.withdrawn.is_some(),
                nanoseconds(self.recorded_at),
                signed(at.entry),
                at.row,
                serde_json::to_string(label)?,
                search_text(incident)?,
                serde_json::to_string(incident)?
            ],
        )?;
        Ok(())
    }

    /// Notes where the observations lie that an incident newly rests on. One that is not found
    /// is noted without its place.
    fn fold_evidence(&self, n: i64, evidence: &[ObservationId]) -> Result<()> {
        let known: BTreeSet<Digest> = self
            .connection
            .prepare_cached("SELECT observation FROM evidence WHERE incident = ?1")?
            .query_map([n], |row| Ok(Digest(row.get(0)?)))?
            .collect::<rusqlite::Result<_>>()?;
        let wanted: BTreeSet<Digest> = evidence
            .iter()
            .map(|id| id.0)
            .filter(|id| !known.contains(id))
            .collect();
        if wanted.is_empty() {
            return Ok(());
        }
        let found = locate(
            self.connection,
            truce_core::RecordClass::Observation,
            self.entry,
            &wanted,
        )?;
        for id in wanted {
            let at = found.get(&id);
            self.run(
                "INSERT INTO evidence VALUES (?1, ?2, ?3, ?4)",
                params![n, id.0, at.map(|at| signed(at.entry)), at.map(|at| at.row)],
            )?;
        }
        Ok(())
    }

    /// Keeps the assessments of the newest revision that was assessed.
    pub(super) fn fold_assessment(
        &self,
        at: LogPosition,
        label: &Label,
        assessment: &Assessment,
    ) -> Result<()> {
        let incident = assessment.incident.0.0;
        let (clause_kind, verdict) = (word(&assessment.clause_kind)?, word(&assessment.verdict)?);
        self.run(
            "INSERT OR REPLACE INTO verdict_revision VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![
                incident,
                assessment.revision,
                assessment.clause.as_str(),
                signed(at.entry),
                clause_kind,
                verdict
            ],
        )?;
        self.run(
            "DELETE FROM assessment WHERE incident = ?1 AND revision < ?2",
            params![incident, assessment.revision],
        )?;
        self.run(
            "INSERT INTO assessment SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9
             WHERE NOT EXISTS
               (SELECT 1 FROM assessment WHERE incident = ?1 AND revision > ?3)
             ON CONFLICT DO UPDATE SET verdict = excluded.verdict, entry = excluded.entry,
               row = excluded.row, label = excluded.label, clause_kind = excluded.clause_kind,
               assessment_json = excluded.assessment_json",
            params![
                incident,
                assessment.clause.as_str(),
                assessment.revision,
                clause_kind,
                verdict,
                signed(at.entry),
                at.row,
                serde_json::to_string(label)?,
                serde_json::to_string(assessment)?
            ],
        )?;
        Ok(())
    }
}

/// What a search for words looks through, in lower case.
fn search_text(incident: &Incident) -> Result<String> {
    let mut text = word(&incident.kind)?.replace('_', " ");
    let mut push = |part: &str| {
        text.push('\n');
        text.push_str(&part.to_lowercase());
    };
    if let Some(class) = incident.leading_class() {
        push(&word(&class)?.replace('_', " "));
    }
    if let Some(zone) = &incident.zone {
        push(zone.as_str());
    }
    for (key, value) in &incident.attributes {
        push(key.as_str());
        push(value);
    }
    for term in &incident.explanation {
        push(&term.text);
    }
    Ok(text)
}
