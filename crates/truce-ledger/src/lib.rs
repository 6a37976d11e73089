//! The evidence log: bytes → sealed segments, Merkle tiles, signed checkpoints and proofs.
//!
//! Knows bytes and nothing of the domain, and opens on no other room of the house, so that a party
//! that only verifies compiles little. Follows RFC 6962 (tree and proofs) and the C2SP
//! specifications tlog-tiles, tlog-checkpoint, signed-note, tlog-cosignature, tlog-witness,
//! tlog-policy and tlog-proof, so
//! that tools nobody here wrote can check it.
//!
//! ```text
//! <dir>/lock                      held by the one writer
//! <dir>/segments/<first>.seg      write-ahead log and evidence store: entries, rows, salts
//! <dir>/tile/<L>/<N>[.p/<W>]      tree hashes
//! <dir>/tile/entries/<N>[.p/<W>]  entries, without rows
//! <dir>/head                      the checkpoint the log is committed to
//! <dir>/checkpoint                the checkpoint it has published
//! <dir>/cosigned/…                the newest checkpoints that witnesses cosigned
//! <dir>/erasing                   rows whose erasure is under way
//! ```
//!
//! Commit order: segment and fdatasync, then acknowledge; tiles, made durable; head, swapped
//! under the lock; checkpoint, published. Segments are the truth; tiles can be rebuilt from them.
//!
//! ```
//! use truce_ledger::{Draft, EvidenceFile, Ledger, Reader, Rows, SigningKey};
//!
//! # fn main() -> truce_ledger::Result<()> {
//! # let folder = tempfile::tempdir().expect("a temporary folder");
//! # let dir = folder.path().join("log");
//! let key = SigningKey::generate("example.org/log")?;
//! let verifier = key.verifier().to_string(); // what every party is given
//! let mut log = Ledger::create(&dir, "example.org/log", key)?;
//!
//! let rows: Rows = ["what was seen", "by whom"].into_iter().collect();
//! let (agreement, policy) = ([0; 32], [0; 32]);
//! let index = log.append(Draft { class: 1, log_time_ns: 0, agreement, policy, rows: &rows })?;
//! log.sync()?; // durable: acknowledged
//! log.commit(0)?; // covered by a signed checkpoint: published
//!
//! // Release the first row and withhold the second.
//! let package = EvidenceFile::build(&Reader::open(&dir)?, &[(index, vec![0])])?.to_json();
//!
//! // Elsewhere, with the package and the key and nothing else:
//! let report = EvidenceFile::parse(package.as_bytes())?.verify(&verifier.parse()?, None)?;
//! assert!(report.proven());
//! assert_eq!((report.rows_proven, report.rows_withheld), (1, 1));
//! # Ok(())
//! # }
//! ```

mod audit;
mod builder;
mod checkpoint;
mod cosignature;
mod cosigned;
mod disk;
mod entry;
mod erase;
mod error;
mod evidence;
#[cfg(test)]
mod faults;
mod head;
mod key;
mod ledger;
mod merkle;
mod mldsa;
mod note;
mod package;
mod policy;
mod proof;
mod reader;
mod recover;
mod rows;
mod segment;
#[cfg(test)]
mod sim;
mod tile;
mod timestamp;
mod witness;
mod writer;

pub use audit::{AuditReport, Damage, audit};
pub use checkpoint::Checkpoint;
pub use cosignature::cosign;
pub use cosigned::Cosigned;
pub use entry::{ENTRY_BYTES, Entry, EntryBytes};
pub use erase::MAX_ERASED_AT_ONCE;
pub use error::{Error, Result};
pub use evidence::{
    EvidenceEntry, EvidenceFile, EvidencePart, EvidenceRow, Line, MAX_EVIDENCE_BYTES, RowContent,
    VerifyReport, Withhold,
};
pub use key::{KeyKind, SigningKey, VerifierKey};
pub use ledger::{Draft, Hold, Ledger, MAX_PENDING_ENTRIES, SEGMENT_BYTES};
pub use merkle::{
    Accumulator, Digest, MAX_PROOF_HASHES, MemoryTree, empty_root, leaf_hash, node_hash, root_of,
    sha256, verify_consistency, verify_inclusion,
};
pub use mldsa::MlDsaKey;
pub use note::{MAX_NOTE_BYTES, MAX_NOTE_SIGNATURES, NoteSignature, SignedNote};
pub use package::{MAX_PACKAGE_FILES, Package, PackageFiles};
pub use policy::{Judgement, MAX_POLICY_BYTES, MAX_POLICY_ITEMS, Peer, Policy};
pub use proof::TlogProof;
pub use reader::Reader;
pub use recover::OpenReport;
pub use rows::{MAX_ROW_PARTS, Row, Rows, SALT_BYTES, Salt, row_proof, row_tree, verify_row};
pub use segment::{MAX_FRAME_BODY_BYTES, MAX_SEGMENT_BYTES, SealedSegment};
pub use tile::{
    MAX_TILE_LEVEL, TILE_WIDTH, TileId, TileKind, parse_bundle, parse_hashes, push_bundle_entry,
    tile_at,
};
pub use timestamp::{MAX_TOKEN_BYTES, TimestampToken, parse_timestamp_response, timestamp_request};
pub use witness::{AddCheckpoint, MAX_REQUEST_BYTES, Refusal, Witness};
