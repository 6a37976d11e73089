//! The evidence file: chosen entries and rows with everything needed to check them offline.
//!
//! JSON, so that a reader can open it in an editor; unknown fields are refused. Bytes are base64.
//!
//! ```json
//! { "format": "truce-evidence/v1",
//!   "checkpoint": "origin\n2\n…\n\n— name …\n",
//!   "entries": [ { "index": 1, "entry": "…", "inclusion": ["…"], "withheld_rows": 1,
//!                  "rows": [ { "index": 0, "salt": "…", "row": { "text": "…" },
//!                              "path": ["…"] } ] } ] }
//! ```
//!
//! A row that is UTF-8 stands as `text`, any other as `base64`. The file is self-contained but for
//! the one thing that must come by another way: the log's public key.

use crate::checkpoint::Checkpoint;
use crate::entry::Entry;
use crate::error::{Error, Result};
use crate::key::VerifierKey;
use crate::merkle::{Digest, leaf_hash, verify_inclusion};
use crate::proof::TlogProof;
use crate::reader::Reader;
use crate::rows::{Row, SALT_BYTES, row_tree, verify_row};
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The only format so far.
const FORMAT: &str = "truce-evidence/v1";
/// An evidence file longer than this is refused.
pub const MAX_EVIDENCE_BYTES: usize = 256 << 20;

/// Entries and rows released from a log, with their proofs. Nothing in it is to be believed before
/// [`EvidenceFile::verify`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EvidenceFile {
    format: String,
    /// The signed checkpoint, as published.
    pub checkpoint: String,
    /// The entries, by rising index.
    pub entries: Vec<EvidenceEntry>,
}

/// One entry with its released rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EvidenceEntry {
    /// Index in the log.
    pub index: u64,
    /// The entry's bytes.
    #[serde(with = "base64_bytes")]
    pub entry: Vec<u8>,
    /// Inclusion proof up to the checkpoint's root.
    #[serde(with = "base64_digests")]
    pub inclusion: Vec<Digest>,
    /// How many of the entry's rows are not in this file.
    pub withheld_rows: u32,
    /// The released rows, by rising index.
    pub rows: Vec<EvidenceRow>,
}

/// One released row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EvidenceRow {
    /// Index among the entry's rows.
    pub index: u32,
    /// The row's salt.
    #[serde(with = "base64_bytes")]
    pub salt: Vec<u8>,
    /// The row's content.
    pub row: RowContent,
    /// Inclusion proof up to the entry's payload commitment.
    #[serde(with = "base64_digests")]
    pub path: Vec<Digest>,
}

/// A row's bytes, readable where they are text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RowContent {
    /// UTF-8.
    Text(String),
    /// Anything else.
    Base64(#[serde(with = "base64_bytes")] Vec<u8>),
}

impl RowContent {
    fn new(bytes: Vec<u8>) -> RowContent {
        String::from_utf8(bytes).map_or_else(|e| Self::Base64(e.into_bytes()), Self::Text)
    }

    /// The row's bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        match self {
            RowContent::Text(text) => text.as_bytes(),
            RowContent::Base64(bytes) => bytes,
        }
    }
}

/// One thing that was checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Whether it holds.
    pub holds: bool,
    /// What was checked, as a sentence.
    pub statement: String,
}

/// What a verification showed, line by line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifyReport {
    /// The log's identity, as the checkpoint names it.
    pub origin: String,
    /// The checkpoint's tree size.
    pub size: u64,
    /// Number of rows released and proven.
    pub rows_proven: u64,
    /// Number of rows of these entries that the file withholds.
    pub rows_withheld: u64,
    /// Every check, in the order of the file.
    pub lines: Vec<Line>,
}

impl VerifyReport {
    /// True when every line holds.
    #[must_use]
    pub fn proven(&self) -> bool {
        self.lines.iter().all(|line| line.holds)
    }

    fn check(&mut self, result: Result<()>, statement: String) -> bool {
        let (holds, statement) = match result {
            Ok(()) => (true, statement),
            Err(e) => (false, format!("{statement}: {e}")),
        };
        self.lines.push(Line { holds, statement });
        holds
    }
}

impl fmt::Display for VerifyReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for line in &self.lines {
            writeln!(
                f,
                "{} {}",
                if line.holds { "ok  " } else { "FAIL" },
                line.statement
            )?;
        }
        Ok(())
    }
}

impl EvidenceFile {
    /// Collects entries and, of each, the rows of the given indexes. Picks may come in any order;
    /// an entry or row named twice is there once.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] for an entry or row that is not there; [`Error::Proof`] when a damaged
    /// tile or row would make the file worthless; as [`Reader::entry`].
    pub fn build(reader: &Reader, picks: &[(u64, Vec<u32>)]) -> Result<EvidenceFile> {
        let checkpoint = reader.checkpoint()?;
        let mut wanted = std::collections::BTreeMap::<u64, std::collections::BTreeSet<u32>>::new();
        for (entry, rows) in picks {
            wanted.entry(*entry).or_default().extend(rows);
        }
        let mut entries = Vec::with_capacity(wanted.len());
        for (index, rows) in wanted {
            entries.push(build_entry(reader, index, &rows, &checkpoint)?);
        }
        Ok(EvidenceFile {
            format: FORMAT.into(),
            checkpoint: checkpoint.to_string(),
            entries,
        })
    }

    /// Reads an evidence file; nothing is verified.
    ///
    /// # Errors
    /// [`Error::Malformed`], [`Error::TooLarge`].
    pub fn parse(json: &[u8]) -> Result<EvidenceFile> {
        if json.len() > MAX_EVIDENCE_BYTES {
            let (limit, got) = (MAX_EVIDENCE_BYTES as u64, json.len() as u64);
            return Err(Error::TooLarge {
                what: "evidence file in bytes",
                limit,
                got,
            });
        }
        let file: EvidenceFile = serde_json::from_slice(json)
            .map_err(|e| Error::malformed("evidence file", e.to_string()))?;
        if file.format != FORMAT {
            let what = format!("its format is {:.40}, not {FORMAT}", file.format);
            return Err(Error::malformed("evidence file", what));
        }
        Ok(file)
    }

    /// The file as indented JSON.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).expect("strings and numbers always serialise")
    }

    /// Checks everything in the file against the log's key, and the checkpoint's cosignatures
    /// against the given witnesses. Reads no disk.
    ///
    /// # Errors
    /// [`Error::Malformed`] when the checkpoint does not parse; whatever else is wrong is a line
    /// of the report that does not hold.
    pub fn verify(&self, key: &VerifierKey, witnesses: &[VerifierKey]) -> Result<VerifyReport> {
        let checkpoint = Checkpoint::parse(&self.checkpoint)?;
        let mut report = VerifyReport {
            origin: checkpoint.origin.clone(),
            size: checkpoint.size,
            rows_proven: 0,
            rows_withheld: 0,
            lines: Vec::new(),
        };
        let (origin, size) = (&checkpoint.origin, checkpoint.size);
        let signed = format!(
            "{} signed the checkpoint of {origin} at size {size}",
            key.name()
        );
        report.check(checkpoint.verify(key), signed);
        for witness in witnesses {
            let (seen, when) = match checkpoint.verify_cosignature(witness) {
                Ok(time_s) => (Ok(()), format!(" at {time_s} s since the Unix epoch")),
                Err(e) => (Err(e), String::new()),
            };
            report.check(
                seen,
                format!("witness {} cosigned it{when}", witness.name()),
            );
        }
        let rising = self.entries.is_sorted_by(|a, b| a.index < b.index);
        if !rising {
            let wrong = Error::malformed("evidence file", "entries out of order or twice");
            report.check(Err(wrong), String::from("each entry stands once"));
        }
        for entry in &self.entries {
            verify_entry(entry, &checkpoint, key, &mut report);
        }
        Ok(report)
    }

    /// The C2SP tlog-proof of the entry at `position` in this file, for tools of others.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] for a wrong position, [`Error::Malformed`] for a wrong checkpoint.
    pub fn tlog_proof(&self, position: usize) -> Result<TlogProof> {
        let (got, size) = (position as u64, self.entries.len() as u64);
        let out = Error::OutOfRange {
            what: "position",
            got,
            size,
        };
        let entry = self.entries.get(position).ok_or(out)?;
        let checkpoint = Checkpoint::parse(&self.checkpoint)?;
        let (index, hashes) = (entry.index, entry.inclusion.clone());
        Ok(TlogProof {
            extra: None,
            index,
            hashes,
            checkpoint,
        })
    }
}

fn build_entry(
    reader: &Reader,
    index: u64,
    picked: &std::collections::BTreeSet<u32>,
    checkpoint: &Checkpoint,
) -> Result<EvidenceEntry> {
    let (entry, rows) = reader.entry(index)?;
    let tree = row_tree(&rows);
    let mut released = Vec::with_capacity(picked.len());
    for row_index in picked {
        let path = tree.inclusion(u64::from(*row_index))?;
        let row = &rows[*row_index as usize];
        verify_row(&entry, *row_index, row, &path)?;
        let (salt, row) = (row.salt.to_vec(), RowContent::new(row.bytes.clone()));
        released.push(EvidenceRow {
            index: *row_index,
            salt,
            row,
            path,
        });
    }
    let withheld = rows.len() - released.len();
    let (size, root) = (checkpoint.size, &checkpoint.root);
    let inclusion = reader.inclusion_proof(index, size)?;
    verify_inclusion(&entry.leaf(), index, size, &inclusion, root)?;
    Ok(EvidenceEntry {
        index,
        entry: entry.to_bytes().to_vec(),
        inclusion,
        withheld_rows: u32::try_from(withheld).expect("an entry counts its rows in 32 bits"),
        rows: released,
    })
}

fn verify_entry(
    evidence: &EvidenceEntry,
    checkpoint: &Checkpoint,
    key: &VerifierKey,
    report: &mut VerifyReport,
) {
    let index = evidence.index;
    let leaf = leaf_hash(&evidence.entry);
    let (size, root) = (checkpoint.size, &checkpoint.root);
    let included = verify_inclusion(&leaf, index, size, &evidence.inclusion, root);
    report.check(
        included,
        format!("entry {index} is in the log of size {size}"),
    );
    let entry = match Entry::parse(&evidence.entry) {
        Ok(entry) => entry,
        Err(e) => {
            report.check(Err(e), format!("entry {index} can be read"));
            return;
        }
    };
    let by = if entry.submitter == key.public() {
        "the log's own key"
    } else {
        "its submitter"
    };
    let what = format!(
        "entry {index}, class {}, logged at {} ns since the Unix epoch, is signed by {by} {}",
        entry.class,
        entry.log_time_ns,
        hex(&entry.submitter)
    );
    report.check(entry.verify(&checkpoint.origin), what);
    let rows = &evidence.rows;
    let count = rows.len() as u64 + u64::from(evidence.withheld_rows);
    let complete =
        count == u64::from(entry.row_count) && rows.is_sorted_by(|a, b| a.index < b.index);
    let complete = if complete {
        Ok(())
    } else {
        Err(Error::malformed(
            "evidence file",
            "the rows are twice, out of order or miscounted",
        ))
    };
    let (released, withheld) = (rows.len(), evidence.withheld_rows);
    let what = format!(
        "entry {index} has {} rows: {released} released here",
        entry.row_count
    );
    if report.check(complete, format!("{what}, {withheld} withheld")) {
        report.rows_withheld += u64::from(withheld);
    }
    for row in rows {
        if report.check(
            check_row(&entry, row),
            format!("entry {index} committed to row {}", row.index),
        ) {
            report.rows_proven += 1;
        }
    }
}

fn check_row(entry: &Entry, row: &EvidenceRow) -> Result<()> {
    let salt = <[u8; SALT_BYTES]>::try_from(row.salt.as_slice())
        .map_err(|_| Error::malformed("evidence file", "a salt is not 16 bytes"))?;
    let bytes = row.row.bytes().to_vec();
    verify_row(entry, row.index, &Row { salt, bytes }, &row.path)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Bytes as a base64 string.
mod base64_bytes {
    use super::STANDARD;
    use base64::Engine as _;
    use serde::{Deserialize as _, Deserializer, Serializer, de::Error as _};

    pub(super) fn serialize<S: Serializer>(bytes: &[u8], s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(&STANDARD.encode(bytes))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<Vec<u8>, D::Error> {
        STANDARD
            .decode(String::deserialize(d)?)
            .map_err(D::Error::custom)
    }
}

/// Digests as base64 strings.
mod base64_digests {
    use super::{Digest, STANDARD};
    use base64::Engine as _;
    use serde::{Deserialize as _, Deserializer, Serializer, de::Error as _};

    pub(super) fn serialize<S: Serializer>(all: &[Digest], s: S) -> Result<S::Ok, S::Error> {
        s.collect_seq(all.iter().map(|digest| STANDARD.encode(digest)))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<Vec<Digest>, D::Error> {
        let decode = |text: String| {
            let bytes = STANDARD.decode(text).map_err(D::Error::custom)?;
            Digest::try_from(bytes).map_err(|_| D::Error::custom("a digest is not 32 bytes"))
        };
        Vec::<String>::deserialize(d)?
            .into_iter()
            .map(decode)
            .collect()
    }
}
