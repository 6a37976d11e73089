//! Crates of others judge our files: signed_note and tlog_tiles of Cloudflare's Azul, and fips204, an
//! ML-DSA that shares no line with the one we sign with. `TRUCE_AZUL` names the program made of them
//! in `tests/interop/azul`; `cargo xtask test` builds it.

use crate::interop::{accepted, cases_of, flip, judge};
use crate::lifecycle::{append, key};
use serde_json::{Value, json};
use std::path::PathBuf;
use truce_ledger::{Checkpoint, Ledger, MlDsaKey, SigningKey};

fn ml_dsa(seed: u8) -> MlDsaKey {
    MlDsaKey::from_seed("example.com/log", &[seed; 32]).unwrap()
}

fn with_second_line(mut checkpoint: Checkpoint) -> Checkpoint {
    let line = ml_dsa(8).cosign(&checkpoint, 1_700_000_000).unwrap();
    checkpoint.add_signature(line).unwrap();
    checkpoint
}

#[test]
#[ignore = "interop: needs crates of others"]
fn interop_azul_and_fips204_verify_our_log_and_refuse_a_changed_one() {
    let program = std::env::var("TRUCE_AZUL").expect("TRUCE_AZUL names the judge");
    let program = PathBuf::from(program);
    let dir = tempfile::tempdir().unwrap();
    let mut ledger = Ledger::create(dir.path(), "example.com/log", key()).unwrap();
    ledger.sign_also_with(ml_dsa(8)).unwrap();
    let sizes = [1, 2, 3, 255, 256, 257, 700];
    for size in sizes {
        while ledger.size() < size {
            append(&mut ledger, 1);
        }
        ledger.commit(1_700_000_000_000_000_000).unwrap();
    }
    let mut cases = cases_of(dir.path(), &sizes, &with_second_line);
    cases["second"] = json!(ml_dsa(8).cosigner().to_string());
    assert_eq!(judge(&program, &cases).unwrap(), accepted(&cases));

    let refuse = |what: &str, pointer: &str, value: Value| {
        let mut changed = cases.clone();
        *changed.pointer_mut(pointer).unwrap() = value;
        assert!(judge(&program, &changed).is_err(), "{what}");
    };
    let other = SigningKey::from_seed("example.com/log", &[9; 32]).unwrap();
    refuse("another key", "/key", json!(other.verifier().to_string()));
    refuse(
        "another second key",
        "/second",
        json!(ml_dsa(9).cosigner().to_string()),
    );
    let note = cases["notes"][5].as_str().unwrap();
    refuse(
        "another size",
        "/notes/5",
        json!(note.replacen("\n257\n", "\n258\n", 1)),
    );
    refuse("another note", "/notes/5", cases["notes"][6].clone());
    let one_line = note.trim_end().rsplit_once('\n').unwrap().0;
    refuse("no second line", "/notes/5", json!(format!("{one_line}\n")));
    refuse("another index", "/inclusion/9/index", json!(1));
    refuse("no hashes", "/inclusion/9/hashes", json!([]));
    refuse("another old size", "/consistency/9/old", json!(0));
    for (file, at) in [
        ("tile/0/001", 40),
        ("tile/entries/000", 50),
        ("checkpoint", 20),
    ] {
        flip(dir.path().join(file), at);
        assert!(judge(&program, &cases).is_err(), "{file}");
        flip(dir.path().join(file), at);
    }
    assert_eq!(judge(&program, &cases).unwrap(), accepted(&cases));
}
