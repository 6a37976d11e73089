//! The evidence of an incident: its rows in the log, for the page and as a file with proofs.

use std::collections::BTreeMap;

use axum::extract::{Path, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use truce_core::record::{Custody, CustodyAction, RowPlace};
use truce_core::{Body, IncidentId, Observation, RawMessage, Record, Timestamp};
use truce_ledger::{Error, Reader, Row};
use truce_store::{LogPosition, Store};

use super::error::Failure;
use super::incidents::resolve;
use super::state::App;
use crate::evidence::Choice;

/// Observations shown of one incident; the file holds all.
pub(super) const EVIDENCE_ITEMS_MAX: usize = 500;

/// Entries kept in memory while the evidence of one incident is read: an entry may hold thousands
/// of rows, and evidence that lies together is read together.
const ENTRIES_KEPT_MAX: usize = 16;

/// Rows of the log, read entry by entry.
pub(super) struct LogRows<'a> {
    reader: &'a Reader,
    entries: BTreeMap<u64, Vec<Row>>,
}

impl<'a> LogRows<'a> {
    pub(super) fn new(reader: &'a Reader) -> Self {
        Self {
            reader,
            entries: BTreeMap::new(),
        }
    }

    /// The record at a position; `None` when it is not published yet.
    pub(super) fn record(&mut self, at: LogPosition) -> Result<Option<Record>, Failure> {
        if !self.entries.contains_key(&at.entry) {
            let rows = match self.reader.entry(at.entry) {
                Ok((_, rows)) => rows,
                Err(Error::OutOfRange { .. }) => return Ok(None),
                Err(error) => return Err(error.into()),
            };
            if self.entries.len() >= ENTRIES_KEPT_MAX {
                self.entries.pop_first();
            }
            self.entries.insert(at.entry, rows);
        }
        let row = usize::try_from(at.row).ok();
        let row = row.and_then(|row| self.entries.get(&at.entry)?.get(row));
        let bytes = row.and_then(Row::bytes);
        Ok(bytes.map(Record::from_canonical).transpose()?)
    }

    /// An observation with its message, when both are published and have the names asked for.
    fn observation(
        &mut self,
        store: &Store,
        evidence: &truce_store::Evidence,
    ) -> Result<Option<Found>, Failure> {
        let Some(at) = evidence.at else {
            return Ok(None);
        };
        let observation = match self.record(at)?.map(|record| record.body) {
            Some(Body::Observation(found)) if found.id == evidence.observation => found,
            _ => return Ok(None),
        };
        let message_at = store.find_message(observation.message, at.entry)?;
        let record = message_at.map(|at| self.record(at)).transpose()?.flatten();
        let raw = match record.map(|record| record.body) {
            Some(Body::Raw(message)) if message.id() == observation.message => Some(message),
            _ => None,
        };
        Ok(Some(Found {
            observation,
            at,
            raw,
            raw_at: message_at,
        }))
    }
}

struct Found {
    observation: Observation,
    at: LogPosition,
    raw: Option<RawMessage>,
    raw_at: Option<LogPosition>,
}

/// The evidence as the page shows it, and where the raw messages in it lie.
pub(super) fn items(
    store: &Store,
    reader: &Reader,
    id: IncidentId,
) -> Result<(Vec<Value>, Vec<RowPlace>), Failure> {
    let mut rows = LogRows::new(reader);
    let (mut items, mut raw) = (Vec::new(), Vec::new());
    for evidence in store.evidence(id)?.iter().take(EVIDENCE_ITEMS_MAX) {
        if let Some(found) = rows.observation(store, evidence)? {
            items.push(json!({
                "observation": found.observation,
                "raw": found.raw,
                "entry": found.at.entry,
                "row": found.at.row,
            }));
            raw.extend(found.raw.and(found.raw_at).map(|at| RowPlace {
                entry: at.entry,
                row: at.row,
            }));
        }
    }
    Ok((items, raw))
}

/// One access in so long is logged of each incident: a page that is open asks again and again.
const ACCESS_EVERY_S: i64 = 3600;

/// Incidents whose last access is remembered; beyond that, accesses are logged more often.
const ACCESSES_KEPT_MAX: usize = 4096;

/// When raw evidence of each incident was last shown.
#[derive(Default)]
pub(super) struct Accesses(BTreeMap<IncidentId, Timestamp>);

impl Accesses {
    /// True when an access now is to be logged.
    pub(super) fn is_new(&mut self, id: IncidentId, now: Timestamp) -> bool {
        let last = self.0.get(&id).map(|last| last.as_second());
        if last.is_some_and(|last| now.as_second() - last < ACCESS_EVERY_S) {
            return false;
        }
        if self.0.len() >= ACCESSES_KEPT_MAX {
            self.0.pop_first();
        }
        self.0.insert(id, now);
        true
    }
}

/// That raw evidence was shown becomes an entry of the log.
pub(super) async fn log_access(
    app: &App,
    id: IncidentId,
    rows: Vec<RowPlace>,
) -> Result<(), Failure> {
    let now = Timestamp::now();
    if rows.is_empty() || !app.is_new_access(id, now) {
        return Ok(());
    }
    let access = Custody {
        action: CustodyAction::Access,
        by: "the operating picture".to_owned(),
        done_at: now,
        reason: format!("evidence of incident {id} was shown"),
        to: None,
        rows,
        digest: None,
    };
    Ok(app.handle.note_custody(access).await?)
}

/// `GET /api/incidents/{id}/evidence`: the incident, its assessments and finding, the observations
/// and messages it rests on, and the agreement, each row with its proof up to the checkpoint. The
/// export is in the log before the package goes out.
pub(super) async fn download(
    State(app): State<App>,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    let read = move |store: &Store, state: &super::AppState| {
        let id = resolve(store, &id)?;
        let choice = Choice::default();
        let package = crate::evidence::package(store, state.log(), id, &choice)?;
        Ok((id, crate::evidence::released(&package), package.to_bytes()))
    };
    let (id, rows, package) = app.state.read(read).await?;
    let export = Custody {
        action: CustodyAction::Export,
        by: "the operating picture".to_owned(),
        done_at: Timestamp::now(),
        reason: format!("evidence of incident {id}"),
        to: None,
        rows,
        digest: Some(truce_core::Digest::of(&package)),
    };
    app.line().await?.custody(export).await?;
    let name = format!(
        "attachment; filename=\"incident-{}.evidence.tar\"",
        id.0.short()
    );
    let headers = [
        (CONTENT_TYPE, "application/x-tar".to_owned()),
        (CONTENT_DISPOSITION, name),
    ];
    Ok((headers, package).into_response())
}
