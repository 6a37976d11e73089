//! Keys in the text forms of C2SP signed-note: `name+keyid+base64`. Verifier keys of every kind,
//! and Ed25519 signing keys; the other signing keys are in `mldsa`.
//!
//! Holds keys and makes and checks signatures; never stores them. A signing key's text form is
//! the caller's to keep, in a file only its owner can read.

use crate::error::{Error, Result};
use crate::merkle::sha256;
use crate::mldsa::{self, ML_DSA_PUBLIC_BYTES};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, Signer as _};

/// Signature type byte of Ed25519 note signatures (signed-note, "Signature types").
const ED25519: u8 = 0x01;
/// Signature type byte of timestamped Ed25519 cosignatures (tlog-cosignature, "Format").
const COSIGNATURE: u8 = 0x04;
/// Signature type byte of timestamped ML-DSA-44 cosignatures (tlog-cosignature, "Format").
const ML_DSA_44: u8 = 0x06;
/// What a signing key's text form begins with.
pub(crate) const PRIVATE_PREFIX: &str = "PRIVATE+KEY+";

/// What a verifier key signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum KeyKind {
    /// Plain note signatures: the log itself.
    Note,
    /// Timestamped cosignatures of checkpoints: a witness.
    Cosigner,
    /// The same with ML-DSA-44, which no quantum computer is known to break: a witness, or a log's
    /// second line.
    MlDsaCosigner,
}

impl KeyKind {
    pub(crate) fn type_byte(self) -> u8 {
        match self {
            KeyKind::Note => ED25519,
            KeyKind::Cosigner => COSIGNATURE,
            KeyKind::MlDsaCosigner => ML_DSA_44,
        }
    }

    fn of(type_byte: u8) -> Option<KeyKind> {
        let kinds = [KeyKind::Note, KeyKind::Cosigner, KeyKind::MlDsaCosigner];
        kinds.into_iter().find(|kind| kind.type_byte() == type_byte)
    }
}

/// The public half of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
enum PublicKey {
    Ed25519(ed25519_dalek::VerifyingKey),
    /// As encoded; any bytes of this length are a key.
    MlDsa44(Box<[u8; ML_DSA_PUBLIC_BYTES]>),
}

/// A public key with its name and kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifierKey {
    name: String,
    kind: KeyKind,
    key: PublicKey,
}

impl VerifierKey {
    /// Reads `name+keyid+base64(type ‖ key)`.
    ///
    /// # Errors
    /// [`Error::Malformed`] when it is not a verifier key of type 0x01, 0x04 or 0x06, or its key id
    /// is not that of its name and key.
    pub fn parse(text: &str) -> Result<VerifierKey> {
        let bad = |what: &str| Error::malformed("verifier key", what);
        let (name, id, bytes) = split_key(text).ok_or_else(|| bad("not name+id+base64"))?;
        let (kind, public) = bytes.split_first().ok_or_else(|| bad("no key"))?;
        let kind = KeyKind::of(*kind).ok_or_else(|| bad("unknown key type"))?;
        let key = Self::from_public(name, kind, public)?;
        if key.id() != id {
            return Err(bad("the key id is not that of the name and key"));
        }
        Ok(key)
    }

    /// A key from its bytes: 32 of Ed25519, 1312 of ML-DSA-44.
    ///
    /// # Errors
    /// [`Error::Malformed`] when the name is not allowed or the bytes are no such key.
    pub fn from_public(name: &str, kind: KeyKind, public: &[u8]) -> Result<VerifierKey> {
        check_name(name)?;
        let bad = |_| Error::malformed("verifier key", "not the bytes of such a key");
        let key = match kind {
            KeyKind::MlDsaCosigner => {
                mldsa::check_length("key name", name)?;
                PublicKey::MlDsa44(Box::new(public.try_into().map_err(bad)?))
            }
            KeyKind::Note | KeyKind::Cosigner => PublicKey::Ed25519(
                ed25519_dalek::VerifyingKey::try_from(public)
                    .map_err(|_| Error::malformed("verifier key", "not a point on the curve"))?,
            ),
        };
        Ok(VerifierKey {
            name: name.to_owned(),
            kind,
            key,
        })
    }

    /// The key's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What the key signs.
    #[must_use]
    pub fn kind(&self) -> KeyKind {
        self.kind
    }

    /// The bytes of the public key.
    #[must_use]
    pub fn public(&self) -> &[u8] {
        match &self.key {
            PublicKey::Ed25519(key) => key.as_bytes(),
            PublicKey::MlDsa44(key) => key.as_slice(),
        }
    }

    /// SHA-256(name ‖ 0x0A ‖ type ‖ key)\[..4\] (signed-note, "Signatures").
    #[must_use]
    pub fn id(&self) -> u32 {
        key_id(&self.name, self.kind, self.public())
    }

    /// Checks a signature over `message`.
    pub(crate) fn check(&self, message: &[u8], signature: &[u8]) -> bool {
        match &self.key {
            PublicKey::Ed25519(key) => check_ed25519(key, message, signature),
            PublicKey::MlDsa44(key) => mldsa::check(key, message, signature),
        }
    }
}

impl std::fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut bytes = vec![self.kind.type_byte()];
        bytes.extend_from_slice(self.public());
        write!(
            f,
            "{}+{:08x}+{}",
            self.name,
            self.id(),
            STANDARD.encode(bytes)
        )
    }
}

impl std::str::FromStr for VerifierKey {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Self::parse(text)
    }
}

/// A private key with its name. Its `Debug` form shows no secret.
#[derive(Clone)]
pub struct SigningKey {
    name: String,
    key: ed25519_dalek::SigningKey,
}

impl SigningKey {
    /// A new key from the operating system's random source.
    ///
    /// # Errors
    /// [`Error::Malformed`] when the name is not allowed, [`Error::Random`].
    pub fn generate(name: &str) -> Result<SigningKey> {
        let mut seed = [0u8; 32];
        getrandom::fill(&mut seed).map_err(|e| Error::Random {
            what: e.to_string(),
        })?;
        Self::from_seed(name, &seed)
    }

    /// The key of a 32-byte seed (RFC 8032 §5.1.5).
    ///
    /// # Errors
    /// [`Error::Malformed`] when the name is not allowed.
    pub fn from_seed(name: &str, seed: &[u8; 32]) -> Result<SigningKey> {
        check_name(name)?;
        let key = ed25519_dalek::SigningKey::from_bytes(seed);
        Ok(SigningKey {
            name: name.to_owned(),
            key,
        })
    }

    /// Reads `PRIVATE+KEY+name+keyid+base64(0x01 ‖ seed)`.
    ///
    /// # Errors
    /// [`Error::Malformed`]; the message never repeats the input.
    pub fn parse(text: &str) -> Result<SigningKey> {
        let bad = |what: &str| Error::malformed("signing key", what);
        let rest = text
            .strip_prefix(PRIVATE_PREFIX)
            .ok_or_else(|| bad("no PRIVATE+KEY"))?;
        let (name, id, bytes) = split_key(rest).ok_or_else(|| bad("not name+id+base64"))?;
        let seed = match bytes.split_first() {
            Some((&ED25519, seed)) => seed.try_into().map_err(|_| bad("not 32 seed bytes"))?,
            _ => return Err(bad("unknown key type")),
        };
        let key = Self::from_seed(name, seed)?;
        if key.verifier().id() != id {
            return Err(bad("the key id is not that of the name and key"));
        }
        Ok(key)
    }

    /// The text form, `PRIVATE+KEY+name+keyid+base64(0x01 ‖ seed)`. Keep it in a file that only
    /// its owner can read. There is no `Display`, so that a log line cannot print a key.
    #[must_use]
    #[expect(
        clippy::inherent_to_string,
        reason = "a secret must not be printable by accident"
    )]
    pub fn to_string(&self) -> String {
        let mut bytes = vec![ED25519];
        bytes.extend_from_slice(self.key.as_bytes());
        let id = self.verifier().id();
        format!(
            "{PRIVATE_PREFIX}{}+{id:08x}+{}",
            self.name,
            STANDARD.encode(bytes)
        )
    }

    /// The key's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The public half, for plain note signatures.
    #[must_use]
    pub fn verifier(&self) -> VerifierKey {
        VerifierKey {
            name: self.name.clone(),
            kind: KeyKind::Note,
            key: PublicKey::Ed25519(self.key.verifying_key()),
        }
    }

    /// The 32 bytes of the public half, by which an entry names its submitter.
    pub(crate) fn public(&self) -> [u8; 32] {
        self.key.verifying_key().to_bytes()
    }

    /// The public half, for cosignatures. One key must not serve two cosigners
    /// (tlog-cosignature, "Ed25519 signed message").
    #[must_use]
    pub fn cosigner(&self) -> VerifierKey {
        VerifierKey {
            kind: KeyKind::Cosigner,
            ..self.verifier()
        }
    }

    /// An Ed25519 signature over `message`.
    pub(crate) fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.key.sign(message).to_bytes()
    }
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SigningKey")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// Checks a signature by a bare public key, as an entry names its submitter.
pub(crate) fn check_public(public: &[u8; 32], message: &[u8], signature: &[u8]) -> bool {
    ed25519_dalek::VerifyingKey::from_bytes(public)
        .is_ok_and(|key| check_ed25519(&key, message, signature))
}

fn check_ed25519(key: &ed25519_dalek::VerifyingKey, message: &[u8], signature: &[u8]) -> bool {
    Signature::from_slice(signature)
        .is_ok_and(|signature| key.verify_strict(message, &signature).is_ok())
}

fn key_id(name: &str, kind: KeyKind, public: &[u8]) -> u32 {
    let digest = sha256(&[name.as_bytes(), b"\n", &[kind.type_byte()], public].concat());
    u32::from_be_bytes([digest[0], digest[1], digest[2], digest[3]])
}

/// Name, key id, and the bytes behind them.
pub(crate) fn split_key(text: &str) -> Option<(&str, u32, Vec<u8>)> {
    let (name, rest) = text.split_once('+')?;
    let (id, bytes) = rest.split_once('+')?;
    if id.len() != 8
        || !id
            .bytes()
            .all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
    {
        return None;
    }
    Some((
        name,
        u32::from_str_radix(id, 16).ok()?,
        STANDARD.decode(bytes).ok()?,
    ))
}

/// Key names are not empty and hold no space, control character or plus (signed-note, "Format").
pub(crate) fn check_name(name: &str) -> Result<()> {
    let bad = |c: char| c.is_whitespace() || c.is_control() || c == '+';
    if name.is_empty() || name.contains(bad) {
        return Err(Error::malformed(
            "key name",
            "empty, or with a space, control or plus sign",
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The key pair in the documentation of Go's `golang.org/x/mod/sumdb/note`.
    const GO_SIGNER: &str =
        "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
    const GO_VERIFIER: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";

    #[test]
    fn the_example_keys_of_go_are_ours() {
        let key = SigningKey::parse(GO_SIGNER).unwrap();
        assert_eq!(key.to_string(), GO_SIGNER);
        assert_eq!(key.verifier().to_string(), GO_VERIFIER);
        assert_eq!(VerifierKey::parse(GO_VERIFIER).unwrap(), key.verifier());
        assert_eq!(key.verifier().id(), 0xc74f_20a3);
    }

    #[test]
    fn wrong_keys_are_refused() {
        for text in [
            "",
            "+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
            "PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
            "PeterNeumann+C74F20A3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
            "PeterNeuman+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
            "PeterNeumann+c74f20a3+AhpC2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
            "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10",
            "PeterNeumann+c74f20a3+",
            "Peter Neumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        ] {
            assert!(VerifierKey::parse(text).is_err(), "{text}");
            assert!(
                SigningKey::parse(&format!("{PRIVATE_PREFIX}{text}")).is_err(),
                "{text}"
            );
        }
        assert!(SigningKey::parse(&GO_SIGNER.replace("PRIVATE", "SECRET")).is_err());
    }

    #[test]
    fn a_generated_key_round_trips_and_its_debug_form_hides_the_seed() {
        let key = SigningKey::generate("example.com/log").unwrap();
        let again = SigningKey::parse(&key.to_string()).unwrap();
        assert_eq!(again.verifier(), key.verifier());
        let cosigner = key.cosigner();
        assert_eq!(VerifierKey::parse(&cosigner.to_string()).unwrap(), cosigner);
        assert_ne!(cosigner.id(), key.verifier().id());
        assert_eq!(
            format!("{key:?}"),
            "SigningKey { name: \"example.com/log\", .. }"
        );
        assert!(SigningKey::generate("two words").is_err());
    }
}
