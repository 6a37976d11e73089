//! `truce export`: what leaves the mission.

mod raw;

use std::collections::BTreeSet;
use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde_json::json;
use truce_core::record::{Custody, CustodyAction, RowPlace};
use truce_core::{Digest, IncidentId, Timestamp};
use truce_ledger::Reader;
use truce_store::{IncidentQuery, IncidentSummary, Store};

use super::{DataArgument, Failure, Form, terminal};
use crate::custody;
use crate::evidence::{self, Choice, Redaction};
use crate::line::{Error, Folder};

/// Export the evidence of an incident, single raw messages, or the list of incidents.
#[derive(Debug, Args)]
pub(super) struct Export {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Write one self-contained package that proves a finding to anyone with the log's public key.
    ///
    /// It holds the incident, its assessments, the finding, observations, raw messages and the
    /// agreement, each as a row of the log with its salt and path, up to the checkpoint with its
    /// cosignatures. Rows and fields that are withheld stay proven to exist. The package is a tar
    /// file with a README in it; check it with `truce verify FILE --key LOGKEY`. That it was exported
    /// becomes an entry of the log, so no server may hold the folder meanwhile.
    Evidence(Evidence),
    Raw(raw::Raw),
    /// List incidents, newest first.
    Incidents(Incidents),
}

#[derive(Debug, Args)]
struct Evidence {
    /// The incident's name, or its first six digits or more.
    incident: String,
    #[command(flatten)]
    data: DataArgument,
    /// Withhold the raw messages.
    #[arg(long)]
    without_raw: bool,
    /// Withhold raw messages and observations.
    #[arg(long)]
    without_observations: bool,
    /// Release each entry concerned whole, whatever else is in it, with its bytes in the log's sealed
    /// segment.
    #[arg(long, conflicts_with_all = ["without_raw", "without_observations", "redact"])]
    whole_entries: bool,
    /// Withhold fields by name, wherever they stand; a message or reading with one is withheld whole.
    /// A name that no row about the incident has is refused. `source` stands for all that tells how the
    /// mission learnt of it (messages and readings then go out as hashes only), `operator` for who
    /// decided.
    #[arg(long, value_name = "FIELD,…", value_delimiter = ',')]
    redact: Vec<String>,
    /// Whom it is given to; the log then says that it was released.
    #[arg(long, value_name = "NAME")]
    to: Option<String>,
    /// Who exports; it is logged.
    #[arg(long, value_name = "NAME", env = "USER", default_value = "unnamed")]
    by: String,
    /// Why, in words; it is logged.
    #[arg(long, value_name = "TEXT", default_value = "not said")]
    reason: String,
    /// File to write.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

#[derive(Debug, Args)]
struct Incidents {
    #[command(flatten)]
    data: DataArgument,
    /// Only incidents with at least this probability.
    #[arg(long, value_name = "P")]
    probability_min: Option<f64>,
    /// Most incidents listed.
    #[arg(long, value_name = "N", default_value_t = 50)]
    limit: u32,
    /// How the answer is written.
    #[arg(long, value_enum, default_value_t)]
    format: Form,
}

impl Export {
    pub(super) fn run(self) -> Result<(), Failure> {
        match self.what {
            What::Evidence(evidence) => evidence.run(),
            What::Raw(raw) => raw.run(),
            What::Incidents(incidents) => incidents.run(),
        }
    }
}

impl Evidence {
    fn run(self) -> Result<(), Failure> {
        let folder = self.data.folder();
        let (store, reader) = open_to_read(&folder)?;
        let id = find(&store, &self.incident)?;
        let choice = Choice {
            without_raw: self.without_raw,
            without_observations: self.without_observations,
            redaction: Redaction::of(&self.redact),
            whole_entries: self.whole_entries,
        };
        let unknown = evidence::unknown_fields(&store, &reader, id, &choice.redaction)?;
        if !unknown.is_empty() {
            return Err(misspelt(&unknown));
        }
        let package = evidence::package(&store, &reader, id, &choice)?;
        let (rows, bytes) = (evidence::released(&package), package.to_bytes());
        let count = rows.len();
        let withheld = choice != Choice::default();
        self.log(&folder, id, withheld, rows, &bytes)?;
        std::fs::write(&self.out, &bytes).map_err(|e| Error::file("write", &self.out, e))?;
        let (out, key) = (self.out.display(), folder.public_key_file());
        let entries = package.evidence().entries.len();
        terminal::say(&format!("wrote {out}: {count} rows of {entries} entries"));
        terminal::say(&format!(
            "check it with: truce verify {out} --key {}",
            key.display()
        ));
        Ok(())
    }

    /// What leaves is in the log before it leaves.
    fn log(
        &self,
        folder: &Folder,
        id: IncidentId,
        withheld: bool,
        rows: Vec<RowPlace>,
        package: &[u8],
    ) -> Result<(), Failure> {
        let now = Timestamp::now();
        let custody = Custody {
            action: match self.to {
                Some(_) => CustodyAction::Release,
                None => CustodyAction::Export,
            },
            by: self.by.clone(),
            done_at: now,
            reason: format!("evidence of incident {id}: {}", self.reason),
            to: self.to.clone(),
            rows,
            digest: Some(Digest::of(package)),
        };
        let instead = match withheld {
            // The server's package is whole.
            true => "end it first, as the package that it gives out withholds nothing".to_owned(),
            false => format!("take the package from it, at /api/incidents/{id}/evidence"),
        };
        log_or_explain(folder, custody, now, &instead)
    }
}

/// Refuses to release what somebody wanted withheld by another name.
fn misspelt(fields: &BTreeSet<String>) -> Failure {
    let fields: Vec<_> = fields.iter().map(|field| format!("`{field}`")).collect();
    Failure::Usage(format!(
        "nothing about this incident has a field {}, so nothing would be withheld by that name; \
         fields are single values, such as `lat_deg`, and `source` and `operator` stand for several",
        fields.join(" or ")
    ))
}

/// Logs a deed with evidence; when a server holds the folder, says what to do instead.
fn log_or_explain(
    folder: &Folder,
    custody: Custody,
    now: Timestamp,
    instead: &str,
) -> Result<(), Failure> {
    match custody::log(folder, custody, now) {
        Err(Error::Ledger(truce_ledger::Error::Locked { .. })) => Err(Failure::Outside(format!(
            "a server holds {}: {instead}",
            folder.path().display()
        ))),
        other => Ok(other.map(drop)?),
    }
}

impl Incidents {
    fn run(self) -> Result<(), Failure> {
        let (store, _) = open_to_read(&self.data.folder())?;
        let (items, total) = self.list(&store)?;
        if self.format == Form::Json {
            terminal::say_json(&json!({ "items": items, "total": total }));
            return Ok(());
        }
        for incident in &items {
            let kind = serde_json::to_string(&incident.kind).unwrap_or_default();
            terminal::say(&format!(
                "{}  {}  {:20} {:.2} {:20} {:.4} {:.4}",
                incident.short_id,
                incident.occurred.start.strftime("%Y-%m-%d %H:%M:%SZ"),
                kind.trim_matches('"'),
                incident.probability,
                incident.likelihood,
                incident.place.position.lat_deg,
                incident.place.position.lon_deg,
            ));
        }
        terminal::say(&format!("{} of {total} incidents", items.len()));
        Ok(())
    }

    /// As many as are wanted, page by page, and how many there are in all.
    fn list(&self, store: &Store) -> Result<(Vec<IncidentSummary>, u64), Error> {
        let mut query = IncidentQuery {
            probability_min: self.probability_min,
            limit: Some(self.limit),
            ..IncidentQuery::default()
        };
        let mut items = Vec::new();
        loop {
            let page = store.incidents(&query)?;
            items.extend(page.items);
            let left = self
                .limit
                .saturating_sub(u32::try_from(items.len()).unwrap_or(u32::MAX));
            query.limit = Some(left);
            query.after = page.next;
            if left == 0 || query.after.is_none() {
                return Ok((items, page.total));
            }
        }
    }
}

/// Opens the tables and the log of a folder for reading. Another process may be writing.
pub(super) fn open_to_read(folder: &Folder) -> Result<(Store, Reader), Failure> {
    if !folder.exists() {
        return Err(Error::NoFolder {
            path: folder.path().to_owned(),
        }
        .into());
    }
    let reader = Reader::open(&folder.log()).map_err(Error::from)?;
    let store = Store::open_read_only(&folder.state_file()).map_err(|error| {
        let path = folder.path().display();
        Failure::Outside(format!(
            "{error}; where you may write in it, `truce replay --data {path}` rebuilds the tables"
        ))
    })?;
    Ok((store, reader))
}

/// The incident that a name or its beginning names.
fn find(store: &Store, name: &str) -> Result<IncidentId, Failure> {
    let found = store
        .find_incident(name)
        .map_err(|error| Failure::Usage(error.to_string()))?;
    found.ok_or_else(|| Failure::Usage(format!("there is no incident {name}")))
}
