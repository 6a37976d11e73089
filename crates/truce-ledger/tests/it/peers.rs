//! Young verifiers of others judge our files: PyPI aics-tlog and tlog-scales. `TRUCE_PEERS` names
//! the folder with their programs; `cargo xtask test` makes it.

use crate::lifecycle::{append, key};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use truce_ledger::{EvidenceFile, Ledger, Reader, SigningKey, cosign};

fn peer(name: &str) -> PathBuf {
    let folder = std::env::var("TRUCE_PEERS").expect("TRUCE_PEERS names the peers' folder");
    Path::new(&folder).join(name)
}

fn run(name: &str, arguments: &[&str]) -> Output {
    Command::new(peer(name)).args(arguments).output().unwrap()
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// A log of 700 entries with an older checkpoint put aside and the newest cosigned by a witness.
struct Stage {
    dir: tempfile::TempDir,
    witness: SigningKey,
}

impl Stage {
    fn new() -> Stage {
        let dir = tempfile::tempdir().unwrap();
        let mut ledger = Ledger::create(&dir.path().join("log"), "example.com/log", key()).unwrap();
        for size in 1..=700 {
            append(&mut ledger, 2);
            if size == 300 {
                let old = ledger.commit(0).unwrap();
                fs::write(dir.path().join("old"), old.to_string()).unwrap();
            }
        }
        let mut newest = ledger.commit(0).unwrap();
        let witness = SigningKey::from_seed("witness.example/w1", &[3; 32]).unwrap();
        let line = cosign(newest.note().text(), 1_700_000_000, &witness);
        newest.add_signature(line).unwrap();
        fs::write(dir.path().join("cosigned"), newest.to_string()).unwrap();
        let vkey = key().verifier().to_string();
        fs::write(dir.path().join("log.pub"), vkey).unwrap();
        Stage { dir, witness }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn aics(&self, command: &str, more: &[&str]) -> bool {
        let (tiles, vkey) = (self.path("log"), self.path("log.pub"));
        let mut arguments = vec![command, "--tiles", text(&tiles), "--vkey-file", text(&vkey)];
        arguments.extend(more);
        let output = run("aics-tlog", &arguments);
        output.status.success()
    }
}

#[test]
#[ignore = "interop: needs the peers of PyPI"]
fn interop_aics_tlog_verifies_our_log_and_refuses_a_changed_one() {
    let stage = Stage::new();
    let (old, cosigned) = (stage.path("old"), stage.path("cosigned"));
    let witness = stage.witness.cosigner().to_string();
    let other = SigningKey::from_seed("witness.example/w1", &[4; 32]).unwrap();
    let other = other.cosigner().to_string();
    let quorum = |key: &str| {
        let note = [
            "--note",
            text(&cosigned),
            "--quorum",
            "1",
            "--witness-key",
            key,
        ];
        let vkey = stage.path("log.pub");
        let mut arguments = vec!["verify-checkpoint", "--vkey-file", text(&vkey)];
        arguments.extend(note);
        run("aics-tlog", &arguments).status.success()
    };
    assert!(stage.aics("verify-checkpoint", &["--origin", "example.com/log"]));
    assert!(!stage.aics("verify-checkpoint", &["--origin", "example.com/lo"]));
    assert!(quorum(&witness), "the cosignature counts");
    assert!(!quorum(&other), "another witness's does not");
    for index in ["0", "255", "256", "699"] {
        assert!(
            stage.aics("verify-inclusion", &["--index", index]),
            "{index}"
        );
    }
    assert!(!stage.aics("verify-inclusion", &["--index", "700"]));
    let consistency = ["--old-checkpoint", text(&old)];
    assert!(stage.aics("verify-consistency", &consistency));

    let tile = stage.path("log/tile/0/001");
    let mut bytes = fs::read(&tile).unwrap();
    bytes[40] ^= 1;
    fs::write(&tile, &bytes).unwrap();
    assert!(!stage.aics("verify-inclusion", &["--index", "300"]));
    bytes[40] ^= 1;
    fs::write(&tile, &bytes).unwrap();
    assert!(stage.aics("verify-inclusion", &["--index", "300"]));
}

#[test]
#[ignore = "interop: needs the peers of PyPI"]
fn interop_tlog_scales_makes_the_same_proof_files() {
    let stage = Stage::new();
    let log = stage.path("log");
    let reader = Reader::open(&log).unwrap();
    for index in [0u64, 1, 255, 256, 511, 699] {
        let ours = EvidenceFile::build(&reader, &[(index, vec![])]).unwrap();
        let ours = ours.tlog_proof(0).unwrap().to_string();
        let output = run("tlog-tiles", &["gen-proof", text(&log), &index.to_string()]);
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        assert_eq!(
            String::from_utf8(output.stdout).unwrap(),
            ours,
            "entry {index}"
        );
        let leaf = run(
            "tlog-tiles",
            &["get-leaf", "--check", text(&log), &index.to_string()],
        );
        assert!(
            leaf.status.success(),
            "{}",
            String::from_utf8_lossy(&leaf.stderr)
        );
        assert_eq!(leaf.stdout, reader.entry(index).unwrap().0.to_bytes());
    }
}
