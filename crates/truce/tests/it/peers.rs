//! A witness that others wrote, live: PyPI aics-witness. `TRUCE_PEERS` names the folder with its
//! program; `cargo xtask test` makes it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use truce_ledger::{AddCheckpoint, Checkpoint, Digest, Reader, SigningKey, VerifierKey};

use crate::log::small;
use crate::server::Server;

fn aics(place: &Path, arguments: &[&str]) -> Command {
    let folder = std::env::var("TRUCE_PEERS").expect("TRUCE_PEERS names the peers' folder");
    // It says on standard error where it listens.
    let mut command = Command::new("bash");
    command.args(["-c", "exec \"$@\" 2>&1", "bash"]);
    command.arg(PathBuf::from(folder).join("aics-witness"));
    command
        .args(arguments)
        .arg("-c")
        .arg(place.join("witness.json"));
    command
}

fn said(place: &Path, arguments: &[&str]) -> String {
    let output = aics(place, arguments).output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{said}");
    said
}

/// A witness of a log; its key, and itself.
fn witness(place: &Path, log: &VerifierKey) -> (VerifierKey, Server) {
    fs::create_dir(place).unwrap();
    let name = [
        "init",
        "--name",
        "witness.example/w1",
        "--listen",
        "127.0.0.1:0",
    ];
    let key = said(place, &name);
    let key = key
        .lines()
        .find_map(|line| VerifierKey::parse(line).ok())
        .unwrap();
    let (origin, vkey) = (log.name(), log.to_string());
    said(place, &["add-log", "--origin", origin, "--vkey", &vkey]);
    let server = Server::start(aics(place, &["serve"]), |line| {
        let rest = line.split("listening on http://").nth(1)?;
        Some(rest.split(' ').next()?.to_owned())
    });
    (key, server)
}

#[test]
#[ignore = "interop: needs the peers of PyPI"]
fn interop_aics_witness_cosigns_growth_and_refuses_rollback_and_split_view() {
    let folder = tempfile::tempdir().unwrap();
    let data = small(folder.path());
    let log_key = fs::read_to_string(data.join("keys/log.key")).unwrap();
    let log_key = SigningKey::parse(log_key.trim()).unwrap();
    let place = folder.path().join("witness");
    let (key, witness) = witness(&place, &log_key.verifier());
    let address = &witness.address;
    let policy = format!("witness w1 {key} http://{address}/\nquorum w1\n");
    fs::write(data.join("witnesses.policy"), policy).unwrap();

    let checkpoint = Server::of(&data).witnessed();
    checkpoint.verify(&log_key.verifier()).unwrap();
    checkpoint.verify_cosignature(&key).unwrap();

    let reader = Reader::open(&data.join("log")).unwrap();
    let (origin, size) = (checkpoint.origin.clone(), checkpoint.size);
    let ask = |old_size: u64, size: u64, root: Digest, proof: Vec<Digest>| {
        let checkpoint = Checkpoint::sign(&origin, size, root, &log_key).unwrap();
        let request = AddCheckpoint {
            old_size,
            proof,
            checkpoint,
        };
        let (head, _) = witness.ask("POST", "/add-checkpoint", &request.to_string());
        head.split(' ').nth(1).unwrap().to_owned()
    };
    assert_eq!(
        ask(size, size, checkpoint.root, vec![]),
        "200",
        "the same again"
    );
    let smaller = reader.root(size - 1).unwrap();
    assert_eq!(ask(0, size - 1, smaller, vec![]), "409", "a rollback");
    assert_eq!(
        ask(size, size - 1, smaller, vec![]),
        "400",
        "a tree that shrinks"
    );
    assert_eq!(
        ask(size, size, [9; 32], vec![]),
        "422",
        "a split view of this size"
    );
    let proof = reader.consistency_proof(size - 1, size).unwrap();
    let grown = ask(size, size + 1, [9; 32], proof);
    assert_ne!(grown, "200", "a split view that grew");
}
