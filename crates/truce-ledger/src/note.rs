//! C2SP signed-note: text under one or more signature lines.

use crate::error::{Error, Result};
use crate::key::{KeyKind, SigningKey, VerifierKey, check_name};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::fmt;

/// A note longer than this is refused (the bound of Go's `note.Open`).
pub const MAX_NOTE_BYTES: usize = 1_000_000;
/// A note with more signature lines than this is refused (the bound of Go's `note.Open`; the
/// specification asks for at least 16).
pub const MAX_NOTE_SIGNATURES: usize = 100;

/// One signature line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoteSignature {
    /// The key's name.
    pub name: String,
    /// The key's id.
    pub key_id: u32,
    /// What follows the key id.
    pub signature: Vec<u8>,
}

impl NoteSignature {
    /// Reads one signature line, without its newline.
    ///
    /// # Errors
    /// [`Error::Malformed`].
    pub fn parse(line: &str) -> Result<NoteSignature> {
        let bad = || Error::malformed("signed note", "a signature line does not parse");
        let (name, base64) = line
            .strip_prefix("\u{2014} ")
            .and_then(|rest| rest.split_once(' '))
            .ok_or_else(bad)?;
        check_name(name)?;
        let bytes = STANDARD.decode(base64).map_err(|_| bad())?;
        let (id, signature) = bytes.split_first_chunk::<4>().ok_or_else(bad)?;
        if signature.is_empty() {
            return Err(bad());
        }
        Ok(NoteSignature {
            name: name.to_owned(),
            key_id: u32::from_be_bytes(*id),
            signature: signature.to_vec(),
        })
    }

    fn is_by(&self, key: &VerifierKey) -> bool {
        self.key_id == key.id() && self.name == key.name()
    }
}

impl fmt::Display for NoteSignature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = [&self.key_id.to_be_bytes(), self.signature.as_slice()].concat();
        write!(f, "\u{2014} {} {}", self.name, STANDARD.encode(bytes))
    }
}

/// A text and its signature lines. Nothing is verified until [`SignedNote::verify`] says so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedNote {
    text: String,
    signatures: Vec<NoteSignature>,
}

impl SignedNote {
    /// Reads a signed note; signatures are not verified.
    ///
    /// # Errors
    /// [`Error::Malformed`], [`Error::TooLarge`].
    pub fn parse(note: &str) -> Result<SignedNote> {
        check_bound("signed note in bytes", MAX_NOTE_BYTES, note.len())?;
        let bad = |what: &str| Error::malformed("signed note", what);
        if note.bytes().any(|b| b < 0x20 && b != b'\n') {
            return Err(bad("a control character"));
        }
        let blank = note.rfind("\n\n").ok_or_else(|| bad("no blank line"))?;
        let (text, lines) = (&note[..=blank], &note[blank + 2..]);
        let lines = lines
            .strip_suffix('\n')
            .ok_or_else(|| bad("no newline at the end"))?;
        check_bound(
            "number of signature lines",
            MAX_NOTE_SIGNATURES,
            lines.split('\n').count(),
        )?;
        let signatures = lines
            .split('\n')
            .map(NoteSignature::parse)
            .collect::<Result<_>>()?;
        Ok(SignedNote {
            text: text.to_owned(),
            signatures,
        })
    }

    /// Signs a text.
    ///
    /// # Errors
    /// [`Error::Malformed`] when the text does not end in a newline or holds control characters.
    pub fn sign(text: &str, key: &SigningKey) -> Result<SignedNote> {
        if !text.ends_with('\n') || text.bytes().any(|b| b < 0x20 && b != b'\n') {
            let what = "the text holds control characters or does not end in a newline";
            return Err(Error::malformed("signed note", what));
        }
        let signature = NoteSignature {
            name: key.name().to_owned(),
            key_id: key.verifier().id(),
            signature: key.sign(text.as_bytes()).to_vec(),
        };
        Ok(SignedNote {
            text: text.to_owned(),
            signatures: vec![signature],
        })
    }

    /// The signed text, with its final newline.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// All signature lines, verified or not.
    #[must_use]
    pub fn signatures(&self) -> &[NoteSignature] {
        &self.signatures
    }

    /// Adds a signature line; one that is there already is not repeated.
    ///
    /// # Errors
    /// [`Error::TooLarge`] when the note is full.
    pub fn add(&mut self, signature: NoteSignature) -> Result<()> {
        if !self.signatures.contains(&signature) {
            let count = self.signatures.len() + 1;
            check_bound("number of signature lines", MAX_NOTE_SIGNATURES, count)?;
            self.signatures.push(signature);
        }
        Ok(())
    }

    /// Verifies the plain signature by `key`. Lines of other keys are ignored; every line that
    /// names this key must verify.
    ///
    /// # Errors
    /// [`Error::Signature`].
    pub fn verify(&self, key: &VerifierKey) -> Result<()> {
        let check = |signature: &[u8]| key.check(self.text.as_bytes(), signature).then_some(());
        self.verify_lines(key, &[KeyKind::Note], check)
    }

    /// Checks every line that names `key`, which must be of one of these kinds, as `check` does, and
    /// gives what the last one gave.
    pub(crate) fn verify_lines<T>(
        &self,
        key: &VerifierKey,
        kinds: &[KeyKind],
        check: impl Fn(&[u8]) -> Option<T>,
    ) -> Result<T> {
        let fail = |what| Error::Signature {
            key: key.name().to_owned(),
            what,
        };
        if !kinds.contains(&key.kind()) {
            return Err(fail("the key is of another kind"));
        }
        let mut verified = None;
        for line in self.signatures.iter().filter(|line| line.is_by(key)) {
            verified = Some(check(&line.signature).ok_or_else(|| fail("it does not verify"))?);
        }
        verified.ok_or_else(|| fail("no line names this key"))
    }
}

impl fmt::Display for SignedNote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.text)?;
        self.signatures
            .iter()
            .try_for_each(|line| writeln!(f, "{line}"))
    }
}

fn check_bound(what: &'static str, limit: usize, got: usize) -> Result<()> {
    let (limit, got) = (limit as u64, got as u64);
    if got > limit {
        Err(Error::TooLarge { what, limit, got })
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The example in the documentation of Go's `golang.org/x/mod/sumdb/note`.
    const GO_SIGNER: &str =
        "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
    const GO_NOTE: &str = "If you think cryptography is the answer to your problem,\n\
        then you don't know what your problem is.\n\n\
        \u{2014} PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqf\
        qdngotpRZb6KE6RyyBwJnAM=\n";

    #[test]
    fn the_example_note_of_go_verifies_and_is_what_we_sign() {
        let key = SigningKey::parse(GO_SIGNER).unwrap();
        let note = SignedNote::parse(GO_NOTE).unwrap();
        note.verify(&key.verifier()).unwrap();
        assert_eq!(
            SignedNote::sign(note.text(), &key).unwrap().to_string(),
            GO_NOTE
        );
    }

    #[test]
    fn every_changed_letter_is_noticed() {
        let key = SigningKey::parse(GO_SIGNER).unwrap().verifier();
        for (at, letter) in GO_NOTE.char_indices() {
            let other = if letter == 'x' { "y" } else { "x" };
            let mut changed = GO_NOTE.to_owned();
            changed.replace_range(at..at + letter.len_utf8(), other);
            let verified = SignedNote::parse(&changed).and_then(|note| note.verify(&key));
            assert!(verified.is_err(), "byte {at}");
        }
    }

    #[test]
    fn what_is_no_note_is_refused() {
        let line = GO_NOTE.lines().last().unwrap();
        for note in [
            String::new(),
            "text\n".into(),
            format!("text\n{line}\n"),
            format!("text\n\n{line}"),
            format!("text\n\n{line}\n\n"),
            format!("text\n\nno signature\n{line}\n"),
            format!("te\u{7}xt\n\n{line}\n"),
            format!("text\r\n\n{line}\n"),
            format!(
                "text\n\n{}",
                format!("{line}\n").repeat(MAX_NOTE_SIGNATURES + 1)
            ),
            format!("{}\n\n{line}\n", "t".repeat(MAX_NOTE_BYTES)),
        ] {
            assert!(SignedNote::parse(&note).is_err(), "{note:.60}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_the_parser_panic(text in "\\PC{0,80}", cut in 0usize..400) {
            let _ = SignedNote::parse(&text);
            let _ = NoteSignature::parse(&text);
            let cut = GO_NOTE.char_indices().map(|(at, _)| at).nth(cut).unwrap_or(0);
            let spliced = format!("{}{text}{}", &GO_NOTE[..cut], &GO_NOTE[cut..]);
            if let Ok(note) = SignedNote::parse(&spliced) {
                let again = SignedNote::parse(&note.to_string()).unwrap();
                prop_assert_eq!(again, note);
            }
        }
    }
}
