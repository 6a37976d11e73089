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

pub(crate) fn judge(built: &Path, cases: &serde_json::Value) -> Result<String, String> {
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

/// Signed checkpoints at each of these sizes of a log, and our proofs in and between them.
pub(crate) fn cases(dir: &Path, sizes: &[u64]) -> serde_json::Value {
    cases_of(dir, sizes, &|checkpoint| checkpoint)
}

/// The same with checkpoints to which something was added.
pub(crate) fn cases_of(
    dir: &Path,
    sizes: &[u64],
    add: &dyn Fn(Checkpoint) -> Checkpoint,
) -> serde_json::Value {
    let reader = Reader::open(dir).unwrap();
    let note = |size: &u64| {
        let root = reader.root(*size).unwrap();
        add(Checkpoint::sign("example.com/log", *size, root, &key()).unwrap())
    };
    let notes: Vec<Checkpoint> = sizes.iter().map(note).collect();
    let (mut inclusion, mut consistency) = (Vec::new(), Vec::new());
    for (at, note) in notes.iter().enumerate().filter(|(_, note)| note.size > 0) {
        let (last, some) = (note.size - 1, note.size * 7 / 11);
        for index in std::collections::BTreeSet::from([0, some, last / 256 * 256, last]) {
            let hashes = texts(&reader.inclusion_proof(index, note.size).unwrap());
            inclusion.push(json!({ "note": at, "index": index, "hashes": hashes }));
        }
        for before in std::collections::BTreeSet::from([at / 3, at * 5 / 7, at.max(1) - 1, at]) {
            let old = &notes[before];
            if old.size > 0 {
                let hashes = texts(&reader.consistency_proof(old.size, note.size).unwrap());
                consistency.push(json!({ "old": before, "new": at, "hashes": hashes }));
            }
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

/// What the judge says of cases in which everything holds.
pub(crate) fn accepted(cases: &serde_json::Value) -> String {
    let count = |name: &str| cases[name].as_array().unwrap().len();
    let (notes, inclusion) = (count("notes") + 1, count("inclusion"));
    let consistency = count("consistency");
    format!("notes {notes} inclusion {inclusion} consistency {consistency}\n")
}

pub(crate) fn flip(path: PathBuf, at: usize) {
    let mut bytes = fs::read(&path).unwrap();
    bytes[at] ^= 1;
    fs::write(path, bytes).unwrap();
}

#[test]
#[ignore = "interop: needs Go"]
fn interop_go_verifies_every_size_and_refuses_every_change() {
    let dir = tempfile::tempdir().unwrap();
    let (log, judged) = (dir.path().join("log"), build(dir.path()));
    let mut ledger = Ledger::create(&log, "example.com/log", key()).unwrap();
    for size in 1..=1030 {
        append(&mut ledger, 2);
        // Every partial tile that some size needs: Go has no wider one to take.
        if size % 97 == 0 || size > 1024 {
            ledger.commit(0).unwrap();
        }
    }
    ledger.commit(0).unwrap();
    let all: Vec<u64> = (0..=1030).collect();
    let cases = cases(&log, &all);
    assert_eq!(judge(&judged, &cases).unwrap(), accepted(&cases));
    let mut refused = 0;
    let mut refuse = |what: &str, changed: &serde_json::Value| {
        let judged = judge(&judged, changed);
        assert!(judged.is_err(), "{what}: {judged:?}");
        refused += 1;
    };
    let few: Vec<u64> = vec![0, 1, 5, 256, 257, 700, 1030];
    let cases = self::cases(&log, &few);
    for (what, pointer, value) in changes(&cases) {
        let mut changed = cases.clone();
        *changed.pointer_mut(&pointer).unwrap() = value;
        refuse(what, &changed);
    }
    for (file, at) in [
        ("tile/0/001", 40),
        ("tile/0/002", (699 - 512) * 32),
        ("tile/0/004.p/6", 0),
        ("tile/1/000.p/4", 3),
        ("tile/entries/002", 50),
        ("tile/entries/004.p/6", 5 * 208 + 1),
        ("checkpoint", 20),
    ] {
        flip(log.join(file), at);
        refuse(file, &cases);
        flip(log.join(file), at);
    }
    for file in ["tile/0/002", "tile/1/000.p/4"] {
        let whole = fs::read(log.join(file)).unwrap();
        fs::write(log.join(file), &whole[..whole.len() - 32]).unwrap();
        refuse("a short tile", &cases);
        fs::remove_file(log.join(file)).unwrap();
        refuse("a missing tile", &cases);
        fs::write(log.join(file), whole).unwrap();
    }
    assert_eq!(judge(&judged, &cases).unwrap(), accepted(&cases));
    assert!(refused >= 20, "only {refused} kinds of change");
}

/// What is changed, where, and to what.
type Change = (&'static str, String, serde_json::Value);

/// Changes to the cases, each of which Go must refuse.
fn changes(cases: &serde_json::Value) -> Vec<Change> {
    let mut all = note_changes(cases);
    all.extend(proof_changes(cases));
    all
}

fn note_changes(cases: &serde_json::Value) -> Vec<Change> {
    let other = truce_ledger::SigningKey::from_seed("example.com/log", &[8; 32]).unwrap();
    let other = other.verifier().to_string();
    let note = cases["notes"][4].as_str().unwrap();
    let (text, line) = note.split_once("\n\n").unwrap();
    let (root, letter) = (&text[text.len() - 9..], line.len() - 9);
    let mut forged = line.to_owned();
    let others = if &line[letter..=letter] == "A" {
        "B"
    } else {
        "A"
    };
    forged.replace_range(letter..=letter, others);
    let changed = |what, note: String| (what, String::from("/notes/4"), json!(note));
    vec![
        ("another key", "/key".into(), json!(other)),
        ("another origin", "/origin".into(), json!("example.com/lo")),
        ("another note", "/notes/4".into(), cases["notes"][5].clone()),
        changed("another size", note.replace("\n257\n", "\n258\n")),
        changed("another origin in the note", note.replacen("com", "org", 1)),
        changed("another root", note.replacen(root, "AAAAAAAA=", 1)),
        changed("a line more", format!("{text}\nmore\n\n{line}")),
        changed("no signature", format!("{text}\n\n")),
        changed("a forged signature", format!("{text}\n\n{forged}")),
        changed(
            "another signer",
            note.replace("\u{2014} example", "\u{2014} sample"),
        ),
    ]
}

fn proof_changes(cases: &serde_json::Value) -> Vec<Change> {
    let hash = json!(STANDARD.encode([1; 32]));
    // Of the largest tree, so that there are hashes.
    let last = |list: &str| cases[list].as_array().unwrap().len() - 2;
    let proof = |list: &str| {
        cases[list][last(list)]["hashes"]
            .as_array()
            .unwrap()
            .clone()
    };
    let at = |list: &str, field: &str| format!("/{list}/{}/{field}", last(list));
    let altered = |list: &str, alter: &dyn Fn(&mut Vec<serde_json::Value>)| {
        let mut hashes = proof(list);
        alter(&mut hashes);
        (at(list, "hashes"), json!(hashes))
    };
    let named = |what, (pointer, value): (String, serde_json::Value)| (what, pointer, value);
    vec![
        ("another index", at("inclusion", "index"), json!(1)),
        ("an index beyond", at("inclusion", "index"), json!(1030)),
        ("a negative index", at("inclusion", "index"), json!(-1)),
        ("a proof of another tree", at("inclusion", "note"), json!(3)),
        ("a changed hash", at("inclusion", "hashes/0"), hash.clone()),
        named(
            "an empty proof",
            altered("inclusion", &|hashes| hashes.clear()),
        ),
        named(
            "a longer proof",
            altered("inclusion", &|hashes| hashes.push(hash.clone())),
        ),
        named(
            "swapped hashes",
            altered("inclusion", &|hashes| hashes.swap(0, 1)),
        ),
        ("another old size", at("consistency", "old"), json!(2)),
        (
            "a changed consistency hash",
            at("consistency", "hashes/0"),
            hash.clone(),
        ),
        named(
            "no consistency hashes",
            altered("consistency", &|hashes| hashes.clear()),
        ),
        named(
            "one too many",
            altered("consistency", &|hashes| hashes.push(hash.clone())),
        ),
        named(
            "turned around",
            altered("consistency", &|hashes| hashes.reverse()),
        ),
    ]
}

#[test]
#[ignore = "interop: needs Go"]
fn interop_go_verifies_large_trees() {
    let dir = tempfile::tempdir().unwrap();
    let (log, judged) = (dir.path().join("log"), build(dir.path()));
    let mut ledger = Ledger::create(&log, "example.com/log", key()).unwrap();
    let sizes = [
        1, 65_535, 65_536, 65_537, 300_000, 500_000, 750_000, 1_000_000,
    ];
    for size in sizes {
        while ledger.size() < size {
            append(&mut ledger, 0);
        }
        ledger.commit(0).unwrap();
    }
    let cases = cases(&log, &sizes);
    assert_eq!(judge(&judged, &cases).unwrap(), accepted(&cases));
}
