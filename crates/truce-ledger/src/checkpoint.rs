//! C2SP tlog-checkpoint: a signed note whose text is origin, tree size and root.

use crate::cosignature;
use crate::error::{Error, Result};
use crate::key::{KeyKind, SigningKey, VerifierKey};
use crate::merkle::Digest;
use crate::note::{NoteSignature, SignedNote};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::fmt;

/// A tree head with its signatures. Parsing verifies nothing; see [`Checkpoint::verify`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// The log's identity, as text.
    pub origin: String,
    /// Number of entries.
    pub size: u64,
    /// The RFC 6962 root over them.
    pub root: Digest,
    note: SignedNote,
}

impl Checkpoint {
    /// Signs a tree head.
    ///
    /// # Errors
    /// [`Error::Malformed`] when the origin is not one line of text.
    pub fn sign(origin: &str, size: u64, root: Digest, key: &SigningKey) -> Result<Checkpoint> {
        check_origin(origin)?;
        let text = format!("{origin}\n{size}\n{}\n", STANDARD.encode(root));
        let note = SignedNote::sign(&text, key)?;
        Ok(Checkpoint {
            origin: origin.to_owned(),
            size,
            root,
            note,
        })
    }

    /// Reads a checkpoint; signatures are not verified. Extension lines are kept in the note.
    ///
    /// # Errors
    /// [`Error::Malformed`], [`Error::TooLarge`].
    pub fn parse(note: &str) -> Result<Checkpoint> {
        let bad = |what: &str| Error::malformed("checkpoint", what);
        let note = SignedNote::parse(note)?;
        let mut lines = note.text().split_terminator('\n');
        let origin = lines.next().ok_or_else(|| bad("no origin"))?.to_owned();
        check_origin(&origin)?;
        let size_line = lines.next().ok_or_else(|| bad("no size"))?;
        let size: u64 = size_line
            .parse()
            .map_err(|_| bad("the size is not a number"))?;
        if size.to_string() != size_line {
            return Err(bad("the size is not plain decimal"));
        }
        let root = lines.next().and_then(|line| STANDARD.decode(line).ok());
        let root = root.and_then(|bytes| Digest::try_from(bytes).ok());
        let root = root.ok_or_else(|| bad("the root is not 32 bytes in base64"))?;
        if lines.any(str::is_empty) {
            return Err(bad("an empty extension line"));
        }
        Ok(Checkpoint {
            origin,
            size,
            root,
            note,
        })
    }

    /// Verifies the log's own signature, or by an ML-DSA-44 key its second line (tlog-checkpoint,
    /// "Signatures").
    ///
    /// # Errors
    /// [`Error::Signature`].
    pub fn verify(&self, key: &VerifierKey) -> Result<()> {
        match key.kind() {
            KeyKind::MlDsaCosigner => self.verify_cosignature(key).map(drop),
            KeyKind::Note | KeyKind::Cosigner => self.note.verify(key),
        }
    }

    /// Verifies a witness's cosignature and returns its time in seconds since the Unix epoch.
    ///
    /// # Errors
    /// [`Error::Signature`].
    pub fn verify_cosignature(&self, key: &VerifierKey) -> Result<u64> {
        cosignature::verify(self, key)
    }

    /// Adds a signature line, unverified.
    ///
    /// # Errors
    /// [`Error::TooLarge`] when the note is full.
    pub fn add_signature(&mut self, signature: NoteSignature) -> Result<()> {
        self.note.add(signature)
    }

    /// The note: signed text and signature lines.
    #[must_use]
    pub fn note(&self) -> &SignedNote {
        &self.note
    }
}

/// The whole signed note, as published.
impl fmt::Display for Checkpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.note.fmt(f)
    }
}

/// An origin is one non-empty line. The first lines of our other signed messages are taken, so
/// that no signature can pass for another kind.
pub(crate) fn check_origin(origin: &str) -> Result<()> {
    let taken = ["cosignature/v1", "subtree/v1", "truce.entry/v1"].contains(&origin);
    if origin.is_empty() || taken || origin.chars().any(char::is_control) {
        return Err(Error::malformed(
            "checkpoint",
            "the origin is empty, taken or not one line",
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn key() -> SigningKey {
        SigningKey::from_seed("example.com/log", &[7; 32]).unwrap()
    }

    #[test]
    fn a_checkpoint_round_trips() {
        let made = Checkpoint::sign("example.com/log", 70_000, [9; 32], &key()).unwrap();
        let text = made.to_string();
        assert!(
            text.starts_with("example.com/log\n70000\nCQkJCQkJ"),
            "{text}"
        );
        let read = Checkpoint::parse(&text).unwrap();
        assert_eq!(read, made);
        read.verify(&key().verifier()).unwrap();
        let other = SigningKey::from_seed("example.com/log", &[8; 32]).unwrap();
        assert!(read.verify(&other.verifier()).is_err());
    }

    fn check_refused(body: &str) {
        let note = SignedNote::sign(body, &key()).unwrap().to_string();
        assert!(Checkpoint::parse(&note).is_err(), "{body:?}");
    }

    #[test]
    fn other_texts_are_refused() {
        let root = STANDARD.encode([0; 32]);
        check_refused("\n");
        check_refused("origin\n");
        check_refused("origin\n5\n");
        check_refused(&format!("\n5\n{root}\n"));
        check_refused(&format!("origin\n05\n{root}\n"));
        check_refused(&format!("origin\n+5\n{root}\n"));
        check_refused(&format!("origin\n-5\n{root}\n"));
        check_refused(&format!("origin\n18446744073709551616\n{root}\n"));
        check_refused("origin\n5\nAAAA\n");
        check_refused(&format!("origin\n5\n{root}\n\nextension\n"));
        check_refused(&format!("cosignature/v1\n5\n{root}\n"));
        assert!(Checkpoint::sign("two\nlines", 0, [0; 32], &key()).is_err());
    }

    #[test]
    fn extension_lines_are_kept() {
        let root = STANDARD.encode([3; 32]);
        let body = format!("origin\n5\n{root}\nextension\n");
        let note = SignedNote::sign(&body, &key()).unwrap().to_string();
        let read = Checkpoint::parse(&note).unwrap();
        assert_eq!((read.size, read.root, read.to_string()), (5, [3; 32], note));
    }

    proptest! {
        #[test]
        fn no_text_makes_the_parser_panic(text in "\\PC{0,200}") {
            let _ = Checkpoint::parse(&text);
            let _ = Checkpoint::parse(&format!("{text}\n\n\u{2014} a AAAAAAAAAAA=\n"));
        }
    }
}
