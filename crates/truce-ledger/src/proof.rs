//! C2SP tlog-proof: one text file that proves an entry's inclusion offline.

use crate::checkpoint::Checkpoint;
use crate::error::{Error, Result};
use crate::key::VerifierKey;
use crate::merkle::{Digest, MAX_PROOF_HASHES, leaf_hash, verify_inclusion};
use crate::note::MAX_NOTE_BYTES;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::fmt;

/// The first line of a proof file (tlog-proof, "Format").
const MAGIC: &str = "c2sp.org/tlog-proof@v1";
/// Extra data above this length is refused.
const MAX_EXTRA_BYTES: usize = 1 << 20;

/// Index, inclusion proof and checkpoint of one entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlogProof {
    /// Opaque, unauthenticated data.
    pub extra: Option<Vec<u8>>,
    /// The entry's index.
    pub index: u64,
    /// The sibling hashes from the leaf up to the root.
    pub hashes: Vec<Digest>,
    /// The checkpoint whose tree the proof leads to.
    pub checkpoint: Checkpoint,
}

impl TlogProof {
    /// Reads a proof file; nothing is verified.
    ///
    /// # Errors
    /// [`Error::Malformed`], [`Error::TooLarge`].
    pub fn parse(text: &str) -> Result<TlogProof> {
        let bad = |what: &str| Error::malformed("tlog-proof", what);
        let limit = MAX_NOTE_BYTES + 2 * MAX_EXTRA_BYTES;
        if text.len() > limit {
            let (limit, got) = (limit as u64, text.len() as u64);
            return Err(Error::TooLarge {
                what: "tlog-proof in bytes",
                limit,
                got,
            });
        }
        let (lines, note) = text
            .split_once("\n\n")
            .ok_or_else(|| bad("no blank line"))?;
        let mut lines = lines.split('\n').peekable();
        if lines.next() != Some(MAGIC) {
            return Err(bad("the first line is another"));
        }
        let extra = match lines.peek().and_then(|line| line.strip_prefix("extra ")) {
            Some(base64) => {
                lines.next();
                Some(STANDARD.decode(base64).map_err(|_| bad("the extra line"))?)
            }
            None => None,
        };
        let index = lines.next().and_then(|line| line.strip_prefix("index "));
        let index = index
            .and_then(parse_decimal)
            .ok_or_else(|| bad("the index line"))?;
        let hash = |line: &str| {
            let bytes = STANDARD.decode(line).ok();
            bytes
                .and_then(|b| Digest::try_from(b).ok())
                .ok_or_else(|| bad("a hash line"))
        };
        let hashes = lines.map(hash).collect::<Result<Vec<_>>>()?;
        if hashes.len() > MAX_PROOF_HASHES {
            return Err(bad("more hashes than any tree has levels"));
        }
        Ok(TlogProof {
            extra,
            index,
            hashes,
            checkpoint: Checkpoint::parse(note)?,
        })
    }

    /// Verifies the checkpoint's signature and that `entry` is in its tree at the proof's index.
    ///
    /// # Errors
    /// [`Error::Signature`], [`Error::Proof`].
    pub fn verify(&self, entry: &[u8], key: &VerifierKey) -> Result<()> {
        self.checkpoint.verify(key)?;
        let Checkpoint { size, root, .. } = &self.checkpoint;
        verify_inclusion(&leaf_hash(entry), self.index, *size, &self.hashes, root)
    }
}

impl fmt::Display for TlogProof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{MAGIC}")?;
        if let Some(extra) = &self.extra {
            writeln!(f, "extra {}", STANDARD.encode(extra))?;
        }
        writeln!(f, "index {}", self.index)?;
        for hash in &self.hashes {
            writeln!(f, "{}", STANDARD.encode(hash))?;
        }
        write!(f, "\n{}", self.checkpoint)
    }
}

fn parse_decimal(text: &str) -> Option<u64> {
    text.parse()
        .ok()
        .filter(|number: &u64| number.to_string() == text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::SigningKey;
    use crate::merkle::{MemoryTree, node_hash};
    use proptest::prelude::*;

    fn key() -> SigningKey {
        SigningKey::from_seed("example.com/log", &[7; 32]).unwrap()
    }

    fn proof(extra: Option<Vec<u8>>) -> TlogProof {
        let leaves = (0u8..5).map(|i| leaf_hash(&[i])).collect();
        let tree = MemoryTree::new(leaves);
        let checkpoint = Checkpoint::sign("example.com/log", 5, tree.root(), &key()).unwrap();
        TlogProof {
            extra,
            index: 3,
            hashes: tree.inclusion(3).unwrap(),
            checkpoint,
        }
    }

    #[test]
    fn a_proof_file_has_the_lines_of_the_specification() {
        let text = proof(None).to_string();
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(lines[..2], ["c2sp.org/tlog-proof@v1", "index 3"]);
        assert_eq!(lines[2], STANDARD.encode(leaf_hash(&[2])));
        let left = node_hash(&leaf_hash(&[0]), &leaf_hash(&[1]));
        assert_eq!(
            lines[3..6],
            [
                &STANDARD.encode(left),
                &STANDARD.encode(leaf_hash(&[4])),
                ""
            ]
        );
        assert_eq!(lines[6..8], ["example.com/log", "5"]);
    }

    #[test]
    fn proofs_round_trip_and_verify_only_their_entry() {
        for extra in [None, Some(vec![1, 2, 3])] {
            let made = proof(extra);
            let read = TlogProof::parse(&made.to_string()).unwrap();
            assert_eq!(read, made);
            read.verify(&[3], &key().verifier()).unwrap();
            assert!(read.verify(&[4], &key().verifier()).is_err());
            let elsewhere = TlogProof {
                index: 2,
                ..read.clone()
            };
            assert!(elsewhere.verify(&[3], &key().verifier()).is_err());
            let other = SigningKey::from_seed("example.com/log", &[8; 32]).unwrap();
            assert!(read.verify(&[3], &other.verifier()).is_err());
        }
    }

    #[test]
    fn other_files_are_refused() {
        let text = proof(Some(vec![9])).to_string();
        for (from, to) in [
            ("@v1", "@v2"),
            ("index 3", "index 03"),
            ("index 3", "index -3"),
            ("index 3\n", ""),
            ("extra CQ==", "extra CQ"),
            ("\n\nexample", "\nexample"),
            ("\n\nexample", "\nAAAA\n\nexample"),
        ] {
            assert!(text.contains(from), "{from}");
            assert!(
                TlogProof::parse(&text.replacen(from, to, 1)).is_err(),
                "{from} → {to}"
            );
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_the_parser_panic(text in "\\PC{0,80}", cut in 0usize..300) {
            let made = proof(Some(vec![9])).to_string();
            let cut = made.char_indices().map(|(at, _)| at).nth(cut).unwrap_or(0);
            let spliced = format!("{}{text}{}", &made[..cut], &made[cut..]);
            let _ = TlogProof::parse(&text);
            if let Ok(read) = TlogProof::parse(&spliced) {
                prop_assert_eq!(TlogProof::parse(&read.to_string()).unwrap(), read);
            }
        }
    }
}
