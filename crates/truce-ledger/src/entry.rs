//! The log entry: a fixed-shape binary record of commitments. It holds no content.
//!
//! | offset | bytes | field |
//! |-------:|------:|-------|
//! | 0 | 1 | version, 1 |
//! | 1 | 1 | class, opaque to the ledger |
//! | 2 | 8 | log time, nanoseconds since the Unix epoch, signed, big-endian |
//! | 10 | 32 | submitter's Ed25519 public key |
//! | 42 | 32 | agreement digest |
//! | 74 | 32 | policy digest |
//! | 106 | 32 | payload commitment: RFC 6962 root over the rows |
//! | 138 | 4 | row count, unsigned, big-endian |
//! | 142 | 64 | submitter's Ed25519 signature |
//!
//! The signature is over `truce.entry/v1\n`, the log's origin, `\n` and bytes 0 to 142, so an
//! entry cannot be carried over into another log.

use crate::error::{Error, Result};
use crate::key::{SigningKey, check_public};
use crate::merkle::{Digest, leaf_hash};

/// Length of an entry in bytes.
pub const ENTRY_BYTES: usize = 206;
/// Length of the signed part in bytes.
const SIGNED_BYTES: usize = 142;
/// The only version so far.
const VERSION: u8 = 1;

/// An entry's bytes, as they are in bundles and hashed into the tree.
pub type EntryBytes = [u8; ENTRY_BYTES];

/// One log entry, decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// What kind of record it commits to; the ledger gives it no meaning.
    pub class: u8,
    /// When the log took it, in nanoseconds since the Unix epoch.
    pub log_time_ns: i64,
    /// Ed25519 public key of who submitted it.
    pub submitter: [u8; 32],
    /// Digest of the agreement in force.
    pub agreement: Digest,
    /// Digest of the policy in force.
    pub policy: Digest,
    /// RFC 6962 root over the rows, each leaf `salt ‖ row`.
    pub payload_root: Digest,
    /// Number of rows.
    pub row_count: u32,
    /// The submitter's signature.
    pub signature: [u8; 64],
}

impl Entry {
    /// Reads an entry; the signature is not verified.
    ///
    /// # Errors
    /// [`Error::Malformed`] when the length or version is another.
    pub fn parse(bytes: &[u8]) -> Result<Entry> {
        let Ok(bytes) = <&EntryBytes>::try_from(bytes) else {
            return Err(Error::malformed(
                "entry",
                format!("{} bytes, not 206", bytes.len()),
            ));
        };
        if bytes[0] != VERSION {
            return Err(Error::malformed(
                "entry",
                format!("version {}, not 1", bytes[0]),
            ));
        }
        Ok(Entry {
            class: bytes[1],
            log_time_ns: i64::from_be_bytes(field(bytes, 2)),
            submitter: field(bytes, 10),
            agreement: field(bytes, 42),
            policy: field(bytes, 74),
            payload_root: field(bytes, 106),
            row_count: u32::from_be_bytes(field(bytes, 138)),
            signature: field(bytes, SIGNED_BYTES),
        })
    }

    /// The entry's bytes.
    #[must_use]
    pub fn to_bytes(&self) -> EntryBytes {
        let mut bytes = [0u8; ENTRY_BYTES];
        bytes[0] = VERSION;
        bytes[1] = self.class;
        bytes[2..10].copy_from_slice(&self.log_time_ns.to_be_bytes());
        bytes[10..42].copy_from_slice(&self.submitter);
        bytes[42..74].copy_from_slice(&self.agreement);
        bytes[74..106].copy_from_slice(&self.policy);
        bytes[106..138].copy_from_slice(&self.payload_root);
        bytes[138..142].copy_from_slice(&self.row_count.to_be_bytes());
        bytes[142..].copy_from_slice(&self.signature);
        bytes
    }

    /// Sets submitter and signature by `key`, for the log named `origin`.
    pub fn sign(&mut self, origin: &str, key: &SigningKey) {
        self.submitter = key.public();
        self.signature = key.sign(&signed_message(origin, &self.to_bytes()));
    }

    /// Verifies the submitter's signature, for the log named `origin`.
    ///
    /// # Errors
    /// [`Error::Signature`].
    pub fn verify(&self, origin: &str) -> Result<()> {
        let message = signed_message(origin, &self.to_bytes());
        if check_public(&self.submitter, &message, &self.signature) {
            return Ok(());
        }
        let key = self
            .submitter
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        Err(Error::Signature {
            key,
            what: "the submitter's signature does not verify",
        })
    }

    /// The entry's leaf hash in the log.
    #[must_use]
    pub fn leaf(&self) -> Digest {
        leaf_hash(&self.to_bytes())
    }
}

fn field<const N: usize>(bytes: &EntryBytes, at: usize) -> [u8; N] {
    bytes[at..at + N]
        .try_into()
        .expect("the layout's offsets lie inside an entry")
}

fn signed_message(origin: &str, bytes: &EntryBytes) -> Vec<u8> {
    [
        b"truce.entry/v1\n",
        origin.as_bytes(),
        b"\n",
        &bytes[..SIGNED_BYTES],
    ]
    .concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn entry() -> Entry {
        let mut entry = Entry {
            class: 3,
            log_time_ns: -5,
            submitter: [0; 32],
            agreement: [1; 32],
            policy: [2; 32],
            payload_root: [3; 32],
            row_count: 7,
            signature: [0; 64],
        };
        entry.sign(
            "example.com/log",
            &SigningKey::from_seed("log", &[9; 32]).unwrap(),
        );
        entry
    }

    #[test]
    fn the_layout_is_the_one_in_the_table() {
        let bytes = entry().to_bytes();
        assert_eq!(bytes[..10], [1, 3, 255, 255, 255, 255, 255, 255, 255, 251]);
        assert_eq!(bytes[42..138], [[1; 32], [2; 32], [3; 32]].concat());
        assert_eq!(bytes[138..142], [0, 0, 0, 7]);
        assert_eq!(bytes[142..], entry().signature);
    }

    #[test]
    fn the_signature_covers_every_bit_and_the_origin() {
        let bytes = entry().to_bytes();
        entry().verify("example.com/log").unwrap();
        assert!(entry().verify("example.com/lo").is_err());
        for bit in 0..ENTRY_BYTES * 8 {
            let mut flipped = bytes;
            flipped[bit / 8] ^= 1 << (bit % 8);
            let verified = Entry::parse(&flipped).and_then(|e| e.verify("example.com/log"));
            assert!(verified.is_err(), "bit {bit}");
        }
    }

    proptest! {
        #[test]
        fn bytes_round_trip(bytes in proptest::collection::vec(any::<u8>(), ENTRY_BYTES)) {
            let mut bytes = bytes;
            prop_assert!(bytes[0] == VERSION || Entry::parse(&bytes).is_err());
            bytes[0] = VERSION;
            prop_assert_eq!(Entry::parse(&bytes).unwrap().to_bytes().to_vec(), bytes);
        }

        #[test]
        fn other_lengths_are_refused(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            prop_assert!(bytes.len() == ENTRY_BYTES || Entry::parse(&bytes).is_err());
        }
    }
}
