//! ML-DSA-44 (FIPS 204) signing keys: the optional second signature line of a log or a witness,
//! which still holds when a quantum computer has broken Ed25519.
//!
//! They make cosignatures and nothing else, as tlog-cosignature has it. Signing is deterministic
//! (FIPS 204 §3.4), so the same checkpoint always gets the same line.

use crate::checkpoint::Checkpoint;
use crate::cosignature;
use crate::error::{Error, Result};
use crate::key::{KeyKind, PRIVATE_PREFIX, VerifierKey, check_name, split_key};
use crate::note::NoteSignature;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ml_dsa::{EncodedVerifyingKey, Keypair as _, MlDsa44, Seed, Signature, Signer as _};

/// Length of a public key (FIPS 204, table 2).
pub(crate) const ML_DSA_PUBLIC_BYTES: usize = 1312;
/// Longest name and origin that a cosignature can name (tlog-cosignature, "ML-DSA-44 signed
/// message").
const MAX_NAME_BYTES: usize = 255;

/// A private ML-DSA-44 key with its name. Its `Debug` form shows no secret.
pub struct MlDsaKey {
    name: String,
    key: ml_dsa::SigningKey<MlDsa44>,
}

impl MlDsaKey {
    /// A new key from the operating system's random source.
    ///
    /// # Errors
    /// [`Error::Malformed`] when the name is not allowed, [`Error::Random`].
    pub fn generate(name: &str) -> Result<MlDsaKey> {
        let mut seed = [0u8; 32];
        getrandom::fill(&mut seed).map_err(|e| Error::Random {
            what: e.to_string(),
        })?;
        Self::from_seed(name, &seed)
    }

    /// The key of a 32-byte seed (FIPS 204 §6.1).
    ///
    /// # Errors
    /// [`Error::Malformed`] when the name is not allowed.
    pub fn from_seed(name: &str, seed: &[u8; 32]) -> Result<MlDsaKey> {
        check_name(name)?;
        check_length("key name", name)?;
        Ok(MlDsaKey {
            name: name.to_owned(),
            key: ml_dsa::SigningKey::from_seed(&Seed::from(*seed)),
        })
    }

    /// Reads `PRIVATE+KEY+name+keyid+base64(0x06 ‖ seed)`.
    ///
    /// # Errors
    /// [`Error::Malformed`]; the message never repeats the input.
    pub fn parse(text: &str) -> Result<MlDsaKey> {
        let bad = |what: &str| Error::malformed("signing key", what);
        let rest = text
            .strip_prefix(PRIVATE_PREFIX)
            .ok_or_else(|| bad("no PRIVATE+KEY"))?;
        let (name, id, bytes) = split_key(rest).ok_or_else(|| bad("not name+id+base64"))?;
        let (kind, seed) = bytes.split_first().ok_or_else(|| bad("no key"))?;
        if *kind != KeyKind::MlDsaCosigner.type_byte() {
            return Err(bad("no ML-DSA-44 key"));
        }
        let key = Self::from_seed(name, seed.try_into().map_err(|_| bad("not 32 seed bytes"))?)?;
        if key.cosigner().id() != id {
            return Err(bad("the key id is not that of the name and key"));
        }
        Ok(key)
    }

    /// The text form, `PRIVATE+KEY+name+keyid+base64(0x06 ‖ seed)`. Keep it in a file that only its
    /// owner can read. There is no `Display`, so that a log line cannot print a key.
    #[must_use]
    #[expect(
        clippy::inherent_to_string,
        reason = "a secret must not be printable by accident"
    )]
    pub fn to_string(&self) -> String {
        let mut bytes = vec![KeyKind::MlDsaCosigner.type_byte()];
        bytes.extend_from_slice(self.key.as_seed());
        let (name, id) = (&self.name, self.cosigner().id());
        format!("{PRIVATE_PREFIX}{name}+{id:08x}+{}", STANDARD.encode(bytes))
    }

    /// The public half.
    #[must_use]
    pub fn cosigner(&self) -> VerifierKey {
        let public = self.key.verifying_key().encode();
        VerifierKey::from_public(&self.name, KeyKind::MlDsaCosigner, &public)
            .expect("a key that signs has a name and a public half")
    }

    /// A cosignature line over a checkpoint, at `time_s` seconds since the Unix epoch; zero makes no
    /// statement about the time.
    ///
    /// # Errors
    /// [`Error::Malformed`] when the origin is longer than a cosignature can name.
    pub fn cosign(&self, checkpoint: &Checkpoint, time_s: u64) -> Result<NoteSignature> {
        let message = cosignature::ml_dsa_message(&self.name, time_s, checkpoint)?;
        let signed = self.key.try_sign(&message);
        let signed: Signature<MlDsa44> = signed.map_err(|_| Error::Random {
            what: "ML-DSA-44 found no signature within its bound of attempts".into(),
        })?;
        Ok(NoteSignature {
            name: self.name.clone(),
            key_id: self.cosigner().id(),
            signature: [time_s.to_be_bytes().as_slice(), &signed.encode()].concat(),
        })
    }
}

impl std::fmt::Debug for MlDsaKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MlDsaKey")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// Checks a signature with the empty context (FIPS 204, algorithm 3).
pub(crate) fn check(public: &[u8; ML_DSA_PUBLIC_BYTES], message: &[u8], signature: &[u8]) -> bool {
    let public = EncodedVerifyingKey::<MlDsa44>::from(*public);
    let key = ml_dsa::VerifyingKey::<MlDsa44>::decode(&public);
    Signature::try_from(signature)
        .is_ok_and(|signature| key.verify_with_context(message, &[], &signature))
}

/// Names in a cosigned message have one byte for their length.
pub(crate) fn check_length(what: &'static str, name: &str) -> Result<()> {
    if (1..=MAX_NAME_BYTES).contains(&name.len()) {
        return Ok(());
    }
    Err(Error::malformed(
        what,
        "not of 1 to 255 bytes, as ML-DSA-44 needs",
    ))
}
