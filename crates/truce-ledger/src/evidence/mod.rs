//! The evidence file: chosen entries and rows with everything needed to check them offline.
//!
//! JSON, so that a reader can open it in an editor; unknown fields are refused. Bytes are base64.
//!
//! ```json
//! { "format": "truce-evidence/v2",
//!   "checkpoint": "origin\n2\n…\n\n— name …\n",
//!   "entries": [ { "index": 1, "entry": "…", "inclusion": ["…"], "withheld_rows": 1,
//!                  "rows": [ { "index": 0, "salt": "…", "row": { "text": "…" },
//!                              "path": ["…"] },
//!                            { "index": 2, "salt": "…", "row": { "parts": [
//!                                  { "salt": "…", "text": "…" }, { "leaf": "…" } ] },
//!                              "path": ["…"] } ] } ] }
//! ```
//!
//! A row that is UTF-8 stands as `text`, any other as `base64`. A row that the log committed to in
//! parts stands as its `parts`, each released with its own salt or withheld as its leaf hash. The
//! file is self-contained but for the one thing that must come by another way: the log's public key.

mod verify;

use crate::checkpoint::Checkpoint;
use crate::error::{Error, Result};
use crate::merkle::{Digest, root_of, verify_inclusion};
use crate::proof::TlogProof;
use crate::reader::Reader;
use crate::rows::{Row, part_salt, parts_content, row_tree, salted_leaf, verify_row};
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

pub use verify::{Line, VerifyReport};

/// The only format so far.
const FORMAT: &str = "truce-evidence/v2";
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

/// A row's content, readable where it is text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RowContent {
    /// UTF-8.
    Text(String),
    /// Anything else.
    Base64(#[serde(with = "base64_bytes")] Vec<u8>),
    /// In parts, some of which may be withheld.
    Parts(Vec<EvidencePart>),
}

/// One part of a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
pub enum EvidencePart {
    /// Released, UTF-8.
    Text {
        /// The part's own salt.
        #[serde(with = "base64_bytes")]
        salt: Vec<u8>,
        /// The part.
        text: String,
    },
    /// Released, anything else.
    Base64 {
        /// The part's own salt.
        #[serde(with = "base64_bytes")]
        salt: Vec<u8>,
        /// The part.
        #[serde(with = "base64_bytes")]
        base64: Vec<u8>,
    },
    /// Withheld.
    Withheld {
        /// The part's leaf hash.
        #[serde(with = "base64_digest")]
        leaf: Digest,
    },
}

/// Says which parts of a row are withheld, by their numbers.
pub type Withhold<'a> = dyn FnMut(&Row) -> BTreeSet<u32> + 'a;

impl EvidenceFile {
    /// Collects entries and, of each, the rows of the given indexes, whole, under the checkpoint
    /// published now. Picks may come in any order; an entry or row named twice is there once.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] for an entry or row that is not there; [`Error::Proof`] when a damaged
    /// tile or row would make the file worthless; [`Error::Erased`]; as [`Reader::entry`].
    pub fn build(reader: &Reader, picks: &[(u64, Vec<u32>)]) -> Result<EvidenceFile> {
        let checkpoint = reader.checkpoint()?;
        Self::build_with(reader, &checkpoint, picks, &mut |_| BTreeSet::new())
    }

    /// As [`EvidenceFile::build`], under an earlier checkpoint of the same log, and without the
    /// parts of rows that `withhold` names.
    ///
    /// # Errors
    /// As [`EvidenceFile::build`].
    pub fn build_with(
        reader: &Reader,
        checkpoint: &Checkpoint,
        picks: &[(u64, Vec<u32>)],
        withhold: &mut Withhold<'_>,
    ) -> Result<EvidenceFile> {
        let mut wanted = BTreeMap::<u64, BTreeSet<u32>>::new();
        for (entry, rows) in picks {
            wanted.entry(*entry).or_default().extend(rows);
        }
        let mut entries = Vec::with_capacity(wanted.len());
        for (index, rows) in wanted {
            entries.push(build_entry(reader, index, &rows, checkpoint, withhold)?);
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
    picked: &BTreeSet<u32>,
    checkpoint: &Checkpoint,
    withhold: &mut Withhold<'_>,
) -> Result<EvidenceEntry> {
    let (size, root) = (checkpoint.size, &checkpoint.root);
    let inclusion = reader.inclusion_proof(index, size)?;
    let (entry, rows) = reader.entry(index)?;
    let tree = row_tree(&rows);
    let mut released = Vec::with_capacity(picked.len());
    for row_index in picked {
        let path = tree.inclusion(u64::from(*row_index))?;
        let row = &rows[*row_index as usize];
        verify_row(&entry, *row_index, &row.leaf(), &path)?;
        let withheld = withhold(row);
        let (salt, row) = release(row, &withheld).ok_or(Error::Erased {
            entry: index,
            row: *row_index,
        })?;
        released.push(EvidenceRow {
            index: *row_index,
            salt,
            row,
            path,
        });
    }
    let withheld = rows.len() - released.len();
    verify_inclusion(&entry.leaf(), index, size, &inclusion, root)?;
    Ok(EvidenceEntry {
        index,
        entry: entry.to_bytes().to_vec(),
        inclusion,
        withheld_rows: u32::try_from(withheld).expect("an entry counts its rows in 32 bits"),
        rows: released,
    })
}

/// Salt and content of a row as they go out; nothing of an erased row does.
fn release(row: &Row, withheld: &BTreeSet<u32>) -> Option<(Vec<u8>, RowContent)> {
    match row {
        Row::Erased { .. } => None,
        Row::Whole { salt, bytes } => {
            let content = match String::from_utf8(bytes.clone()) {
                Ok(text) => RowContent::Text(text),
                Err(e) => RowContent::Base64(e.into_bytes()),
            };
            Some((salt.to_vec(), content))
        }
        Row::Parts { salt, bytes, parts } => {
            let (mut rest, mut out, mut leaves) = (bytes.as_slice(), Vec::new(), Vec::new());
            for (number, len) in (0u32..).zip(parts) {
                let part = rest.split_off(..*len as usize).unwrap_or_default();
                let salt = part_salt(salt, number);
                let leaf = salted_leaf(&salt, part);
                leaves.push(leaf);
                out.push(if withheld.contains(&number) {
                    EvidencePart::Withheld { leaf }
                } else {
                    EvidencePart::released(salt.to_vec(), part.to_vec())
                });
            }
            let (salt, _) = parts_content(salt, root_of(&leaves));
            Some((salt.to_vec(), RowContent::Parts(out)))
        }
    }
}

impl EvidencePart {
    fn released(salt: Vec<u8>, part: Vec<u8>) -> EvidencePart {
        match String::from_utf8(part) {
            Ok(text) => EvidencePart::Text { salt, text },
            Err(e) => EvidencePart::Base64 {
                salt,
                base64: e.into_bytes(),
            },
        }
    }

    /// The part's bytes; `None` when it is withheld.
    #[must_use]
    pub fn bytes(&self) -> Option<&[u8]> {
        match self {
            EvidencePart::Text { text, .. } => Some(text.as_bytes()),
            EvidencePart::Base64 { base64, .. } => Some(base64),
            EvidencePart::Withheld { .. } => None,
        }
    }
}

impl RowContent {
    /// The row's bytes; `None` when a part of it is withheld.
    #[must_use]
    pub fn bytes(&self) -> Option<Vec<u8>> {
        match self {
            RowContent::Text(text) => Some(text.clone().into_bytes()),
            RowContent::Base64(bytes) => Some(bytes.clone()),
            RowContent::Parts(parts) => {
                let parts: Option<Vec<&[u8]>> = parts.iter().map(EvidencePart::bytes).collect();
                parts.map(|parts| parts.concat())
            }
        }
    }

    /// Number of parts that are withheld.
    #[must_use]
    pub fn parts_withheld(&self) -> usize {
        match self {
            RowContent::Parts(parts) => parts.iter().filter(|part| part.bytes().is_none()).count(),
            _ => 0,
        }
    }
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

/// One digest as a base64 string.
mod base64_digest {
    use super::{Digest, base64_bytes};
    use serde::{Deserializer, Serializer, de::Error as _};

    pub(super) fn serialize<S: Serializer>(digest: &Digest, s: S) -> Result<S::Ok, S::Error> {
        base64_bytes::serialize(digest, s)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<Digest, D::Error> {
        let bytes = base64_bytes::deserialize(d)?;
        Digest::try_from(bytes).map_err(|_| D::Error::custom("a digest is not 32 bytes"))
    }
}
