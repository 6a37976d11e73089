//! Findings.

use rusqlite::Params;
use truce_core::{Finding, FindingSerial, IncidentId};

use super::incidents::position;
use crate::error::Result;
use crate::words::signed;
use crate::{LogPosition, Store};

impl Store {
    /// The present finding of an incident.
    ///
    /// # Errors
    /// [`crate::Error::Sqlite`] when the file cannot be read.
    pub fn finding(&self, incident: IncidentId) -> Result<Option<(Finding, LogPosition)>> {
        let rest = "WHERE incident = ?1 ORDER BY serial DESC LIMIT 1";
        Ok(self.findings_where(rest, [incident.0.0])?.pop())
    }

    /// The finding with a number.
    ///
    /// # Errors
    /// [`crate::Error::Sqlite`] when the file cannot be read.
    pub fn finding_by_serial(
        &self,
        serial: FindingSerial,
    ) -> Result<Option<(Finding, LogPosition)>> {
        let found = self.findings_where("WHERE serial = ?1", [signed(serial.0)])?;
        Ok(found.into_iter().next())
    }

    /// All findings, in the order of their numbers.
    ///
    /// # Errors
    /// [`crate::Error::Sqlite`] when the file cannot be read.
    pub fn findings(&self) -> Result<Vec<(Finding, LogPosition)>> {
        self.findings_where("ORDER BY serial", [])
    }

    fn findings_where(
        &self,
        rest: &str,
        parameters: impl Params,
    ) -> Result<Vec<(Finding, LogPosition)>> {
        let sql = format!("SELECT finding_json, entry, row FROM finding {rest}");
        let mut statement = self.connection.prepare_cached(&sql)?;
        let mut rows = statement.query(parameters)?;
        let mut findings = Vec::new();
        while let Some(row) = rows.next()? {
            let json: String = row.get(0)?;
            findings.push((serde_json::from_str(&json)?, position(row)?));
        }
        Ok(findings)
    }
}
