//! Go's own `note` and `tlog` judge our files. Needs Go and `golang.org/x/mod` under
//! `/usr/share/gocode` (Debian: golang-go, golang-golang-x-mod-dev).

use crate::lifecycle::{append, key};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use truce_ledger::{Checkpoint, Digest, Ledger, Reader};

/// Sizes at which a checkpoint is published: small ones, and around full tiles.
const SIZES: [u64; 19] = [
    1, 2, 3, 4, 5, 6, 7, 8, 9, 16, 63, 255, 256, 257, 511, 512, 513, 1023, 1030,
];

fn judge(built: &Path, cases: &serde_json::Value) -> Result<String, String> {
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), cases.to_string()).unwrap();
    let output = Command::new(built).arg(file.path()).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    if output.status.success() {
        Ok(text(&output.stdout))
    } else {
        Err(text(&output.stderr))
    }
}

/// Builds the judge once; running it is then quick.
fn build(dir: &Path) -> PathBuf {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/interop/main.go");
    let program = dir.join("judge");
    let mut go = Command::new("go");
    go.env("GO111MODULE", "off")
        .env("GOPATH", "/usr/share/gocode");
    let status = go.args(["build", "-o"]).arg(&program).arg(source).status();
    assert!(status.expect("Go is installed").success());
    program
}

fn texts(hashes: &[Digest]) -> Vec<String> {
    hashes.iter().map(|hash| STANDARD.encode(hash)).collect()
}

/// A log with a checkpoint at every size of [`SIZES`], and our proofs between them.
fn cases(dir: &Path) -> serde_json::Value {
    let mut ledger = Ledger::create(dir, "example.com/log", key()).unwrap();
    let mut notes: Vec<Checkpoint> = vec![ledger.published().clone()];
    for size in SIZES {
        while ledger.size() < size {
            append(&mut ledger, 2);
        }
        notes.push(ledger.commit(0).unwrap());
    }
    let reader = Reader::open(dir).unwrap();
    let (mut inclusion, mut consistency) = (Vec::new(), Vec::new());
    for (at, note) in notes.iter().enumerate().skip(1) {
        let stride = usize::try_from(note.size / 60 + 1).unwrap();
        for index in (0..note.size).step_by(stride).chain([note.size - 1]) {
            let hashes = texts(&reader.inclusion_proof(index, note.size).unwrap());
            inclusion.push(json!({ "note": at, "index": index, "hashes": hashes }));
        }
        for (before, old) in notes.iter().enumerate().take(at + 1).skip(1) {
            let hashes = texts(&reader.consistency_proof(old.size, note.size).unwrap());
            consistency.push(json!({ "old": before, "new": at, "hashes": hashes }));
        }
    }
    json!({
        "dir": dir,
        "key": key().verifier().to_string(),
        "origin": "example.com/log",
        "notes": notes.iter().map(Checkpoint::to_string).collect::<Vec<_>>(),
        "inclusion": inclusion,
        "consistency": consistency,
    })
}

fn flip(path: PathBuf, at: usize) {
    let mut bytes = fs::read(&path).unwrap();
    bytes[at] ^= 1;
    fs::write(path, bytes).unwrap();
}

#[test]
#[ignore = "interop: needs Go"]
fn interop_go_verifies_our_log_and_refuses_a_changed_one() {
    let dir = tempfile::tempdir().unwrap();
    let (log, judged) = (dir.path().join("log"), build(dir.path()));
    let cases = cases(&log);
    let said = judge(&judged, &cases).unwrap();
    let proofs = cases["inclusion"].as_array().unwrap().len();
    assert_eq!(
        said,
        format!("notes 21 inclusion {proofs} consistency 190\n")
    );

    let refused = |what: &str, changed: &serde_json::Value| {
        let judged = judge(&judged, changed);
        assert!(judged.is_err(), "{what}: {judged:?}");
    };
    let change = |what: &str, pointer: &str, value: serde_json::Value| {
        let mut changed = cases.clone();
        *changed.pointer_mut(pointer).unwrap() = value;
        refused(what, &changed);
    };
    let other = truce_ledger::SigningKey::from_seed("example.com/log", &[8; 32]).unwrap();
    change("another key", "/key", json!(other.verifier().to_string()));
    change("another origin", "/origin", json!("example.com/lo"));
    change("another index", "/inclusion/30/index", json!(0));
    change("a short proof", "/inclusion/30/hashes", json!([]));
    change(
        "a changed hash",
        "/inclusion/30/hashes/0",
        json!(STANDARD.encode([1; 32])),
    );
    change("another old size", "/consistency/50/old", json!(3));
    change(
        "a changed consistency hash",
        "/consistency/50/hashes/0",
        json!(STANDARD.encode([1; 32])),
    );
    let note = cases["notes"][5].as_str().unwrap();
    change(
        "another size",
        "/notes/5",
        json!(note.replace("\n5\n", "\n6\n")),
    );

    for (file, at) in [
        ("tile/0/001", 40),
        ("tile/1/000.p/4", 3),
        ("tile/entries/002", 10 * 208 + 50),
    ] {
        flip(log.join(file), at);
        refused(file, &cases);
        flip(log.join(file), at);
    }
    judge(&judged, &cases).unwrap();
}
