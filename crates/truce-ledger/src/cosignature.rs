//! C2SP tlog-cosignature: what a cosigner signs of a checkpoint, and when.
//!
//! Two kinds: Ed25519 over `cosignature/v1`, the time and the checkpoint's text; ML-DSA-44 over the
//! names of cosigner and log, the time, the size and the root (`subtree/v1`).

use crate::checkpoint::Checkpoint;
use crate::error::Result;
use crate::key::{KeyKind, SigningKey, VerifierKey};
use crate::mldsa::check_length;
use crate::note::NoteSignature;

/// What an ML-DSA-44 signed message begins with.
const SUBTREE_LABEL: &[u8; 12] = b"subtree/v1\n\0";

/// A witness's Ed25519 cosignature line over a checkpoint's text, at `time_s` seconds since the Unix
/// epoch. For ML-DSA-44 see [`crate::MlDsaKey::cosign`].
#[must_use]
pub fn cosign(text: &str, time_s: u64, key: &SigningKey) -> NoteSignature {
    let signed = key.sign(ed25519_message(text, time_s).as_bytes());
    NoteSignature {
        name: key.name().to_owned(),
        key_id: key.cosigner().id(),
        signature: [time_s.to_be_bytes().as_slice(), &signed].concat(),
    }
}

/// Verifies the cosignature of a checkpoint by `key` and returns its time, in seconds since the Unix
/// epoch.
pub(crate) fn verify(checkpoint: &Checkpoint, key: &VerifierKey) -> Result<u64> {
    let check = |line: &[u8]| {
        let (time, signature) = line.split_first_chunk::<8>()?;
        let time_s = u64::from_be_bytes(*time);
        // It must not exceed 2⁶³ − 1 ("Format").
        i64::try_from(time_s).ok()?;
        let message = match key.kind() {
            KeyKind::MlDsaCosigner => ml_dsa_message(key.name(), time_s, checkpoint).ok()?,
            KeyKind::Note | KeyKind::Cosigner => {
                ed25519_message(checkpoint.note().text(), time_s).into_bytes()
            }
        };
        key.check(&message, signature).then_some(time_s)
    };
    let kinds = [KeyKind::Cosigner, KeyKind::MlDsaCosigner];
    checkpoint.note().verify_lines(key, &kinds, check)
}

/// "Ed25519 signed message".
fn ed25519_message(text: &str, time_s: u64) -> String {
    format!("cosignature/v1\ntime {time_s}\n{text}")
}

/// "ML-DSA-44 signed message", of a whole tree: its start is zero.
pub(crate) fn ml_dsa_message(name: &str, time_s: u64, checkpoint: &Checkpoint) -> Result<Vec<u8>> {
    let origin = &checkpoint.origin;
    check_length("key name", name)?;
    check_length("origin", origin)?;
    let short = |text: &str| u8::try_from(text.len()).expect("the length was checked");
    let mut message = SUBTREE_LABEL.to_vec();
    message.push(short(name));
    message.extend_from_slice(name.as_bytes());
    message.extend_from_slice(&time_s.to_be_bytes());
    message.push(short(origin));
    message.extend_from_slice(origin.as_bytes());
    message.extend_from_slice(&0u64.to_be_bytes());
    message.extend_from_slice(&checkpoint.size.to_be_bytes());
    message.extend_from_slice(&checkpoint.root);
    Ok(message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::MlDsaKey;

    const ORIGIN: &str = "example.com/log";

    fn checkpoint() -> Checkpoint {
        let log = SigningKey::from_seed(ORIGIN, &[1; 32]).unwrap();
        Checkpoint::sign(ORIGIN, 5, [9; 32], &log).unwrap()
    }

    fn with(line: NoteSignature) -> Checkpoint {
        let mut checkpoint = checkpoint();
        checkpoint.add_signature(line).unwrap();
        Checkpoint::parse(&checkpoint.to_string()).unwrap()
    }

    fn ml_dsa() -> MlDsaKey {
        MlDsaKey::from_seed("witness.example.com", &[2; 32]).unwrap()
    }

    /// The cosigned checkpoint of the tlog-cosignature specification has its line's shape; the
    /// specification gives no public key for it.
    #[test]
    fn the_example_of_the_specification_parses() {
        let line = NoteSignature::parse(
            "\u{2014} witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZ\
             CB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==",
        );
        let line = line.unwrap();
        assert_eq!(line.signature.len(), 8 + 64);
        assert_eq!(line.signature[..8], 1_679_315_147u64.to_be_bytes());
    }

    #[test]
    fn cosignatures_bind_text_time_and_kind() {
        let witness = SigningKey::from_seed("witness.example.com", &[2; 32]).unwrap();
        let text = checkpoint().note().text().to_owned();
        let line = cosign(&text, 1_700_000_000, &witness);
        let cosigned = with(line.clone());
        let time = cosigned.verify_cosignature(&witness.cosigner());
        assert_eq!(time.unwrap(), 1_700_000_000);
        assert!(cosigned.verify(&witness.cosigner()).is_err());
        assert!(cosigned.verify_cosignature(&witness.verifier()).is_err());
        assert!(cosigned.verify_cosignature(&ml_dsa().cosigner()).is_err());

        let mut later = line;
        later.signature[7] ^= 1;
        assert!(with(later).verify_cosignature(&witness.cosigner()).is_err());
        let far = with(cosign(&text, 1 << 63, &witness));
        assert!(far.verify_cosignature(&witness.cosigner()).is_err());
    }

    /// Every field of the structure, at its place.
    #[test]
    fn the_ml_dsa_message_is_that_of_the_specification() {
        let message = ml_dsa_message("w", 3, &checkpoint()).unwrap();
        let expected = [
            b"subtree/v1\n\0".as_slice(),
            b"\x01w",
            &[0, 0, 0, 0, 0, 0, 0, 3],
            b"\x0fexample.com/log",
            &[0; 8],
            &[0, 0, 0, 0, 0, 0, 0, 5],
            &[9; 32],
        ];
        assert_eq!(message, expected.concat());
        assert!(ml_dsa_message(&"n".repeat(256), 3, &checkpoint()).is_err());
    }

    #[test]
    fn ml_dsa_cosignatures_bind_names_time_size_and_root() {
        let (key, time_s) = (ml_dsa(), 1_700_000_000);
        let line = key.cosign(&checkpoint(), time_s).unwrap();
        assert_eq!(line.signature.len(), 8 + 2420);
        let cosigned = with(line.clone());
        let public = key.cosigner();
        assert_eq!(cosigned.verify_cosignature(&public).unwrap(), time_s);
        assert!(cosigned.verify(&public).is_ok(), "also as a log's own line");

        for at in [0, 7, 8, 1000, line.signature.len() - 1] {
            let mut changed = line.clone();
            changed.signature[at] ^= 1;
            assert!(
                with(changed).verify_cosignature(&public).is_err(),
                "byte {at}"
            );
        }
        let log = SigningKey::from_seed(ORIGIN, &[1; 32]).unwrap();
        for (origin, size, root) in [
            ("example.com/lag", 5, [9; 32]),
            (ORIGIN, 6, [9; 32]),
            (ORIGIN, 5, [8; 32]),
        ] {
            let mut other = Checkpoint::sign(origin, size, root, &log).unwrap();
            other.add_signature(line.clone()).unwrap();
            assert!(
                other.verify_cosignature(&public).is_err(),
                "{origin} {size}"
            );
        }
        let mut renamed = line;
        renamed.name = "another.example".into();
        assert!(with(renamed).verify_cosignature(&public).is_err());
    }

    #[test]
    fn ml_dsa_keys_round_trip_and_others_are_refused() {
        let key = ml_dsa();
        let (text, public) = (key.to_string(), key.cosigner());
        assert_eq!(MlDsaKey::parse(&text).unwrap().cosigner(), public);
        assert_eq!(VerifierKey::parse(&public.to_string()).unwrap(), public);
        assert_eq!(
            format!("{key:?}"),
            "MlDsaKey { name: \"witness.example.com\", .. }"
        );
        let ed25519 = SigningKey::from_seed("witness.example.com", &[2; 32]).unwrap();
        assert!(MlDsaKey::parse(&ed25519.to_string()).is_err());
        assert!(SigningKey::parse(&text).is_err());
        assert!(MlDsaKey::parse(&text.replace("witness", "watcher")).is_err());
        assert!(MlDsaKey::from_seed(&"n".repeat(256), &[2; 32]).is_err());
        let short = VerifierKey::from_public("w", KeyKind::MlDsaCosigner, &[0; 1311]);
        assert!(short.is_err());
    }
}
