//! Our own witness as a party runs it, the log's second key, and who may write.

use std::fs;
use std::path::{Path, PathBuf};

use truce_ledger::VerifierKey;

use crate::log::{entry_with, small};
use crate::program::{mission, run, text, truce};
use crate::server::Server;

/// Makes a witness with two keys in a folder; gives the keys.
fn init(place: &Path) -> Vec<String> {
    let arguments = [
        "witness",
        "init",
        text(place),
        "--name",
        "w.example/1",
        "--ml-dsa",
    ];
    let said = run(&arguments).ok();
    said.out.lines().map(str::to_owned).collect()
}

fn serve(place: &Path, log: &Path) -> Server {
    let arguments = ["witness", "serve", text(place), "--log", text(log)];
    let command = truce(&[&arguments[..], &["--listen", "127.0.0.1:0"]].concat());
    Server::start(command, |line| {
        let rest = line.split("listens on http://").nth(1)?;
        Some(rest.trim_end_matches('/').to_owned())
    })
}

#[test]
fn a_quorum_of_both_kinds_of_keys_is_collected_and_judged() {
    let folder = tempfile::tempdir().unwrap();
    let data = small(folder.path());
    let added = run(&["key", "--data", text(&data), "--add-ml-dsa"]).ok();
    let log_keys: Vec<&str> = added.out.lines().collect();
    assert_eq!(log_keys.len(), 2, "{}", added.out);
    let again = run(&["key", "--data", text(&data), "--add-ml-dsa"]);
    assert_eq!(again.code, Some(2), "the second key stands");
    let place = folder.path().join("witness");
    let keys = init(&place);
    let log = data.join("keys/log.pub");
    let server = serve(&place, &log);
    let (address, pq) = (&server.address, log_keys[1]);
    let policy = format!(
        "witness a http_a\nwitness b http_b\nwitness log-pq {pq}\ngroup all-of all a b log-pq\n\
         quorum all-of\n"
    );
    let policy = policy
        .replace("http_a", &format!("{} http://{address}/", keys[0]))
        .replace("http_b", &format!("{} http://{address}/", keys[1]));
    fs::write(data.join("witnesses.policy"), &policy).unwrap();

    // A checkpoint with the log's second line, which the witness is asked to cosign.
    let place = format!("{}:0", entry_with(&data, "raw"));
    let look = [
        "export",
        "raw",
        &place,
        "--data",
        text(&data),
        "--by",
        "a",
        "--reason",
        "b",
    ];
    run(&look).ok();
    let ours = Server::of(&data);
    let checkpoint = ours.witnessed();
    for key in keys.iter().map(String::as_str).chain([pq]) {
        let key = VerifierKey::parse(key).unwrap();
        checkpoint.verify_cosignature(&key).unwrap();
    }
    drop(ours);
    let fsck = run(&[
        "fsck",
        text(&data),
        "--key",
        text(&data.join("keys/log-ml-dsa.pub")),
    ]);
    assert!(
        fsck.ok()
            .out
            .contains("the log is what its checkpoint says")
    );
}

#[test]
fn while_one_process_writes_a_log_every_other_is_refused_and_readers_are_not() {
    let folder = tempfile::tempdir().unwrap();
    let data = small(folder.path());
    let (place, mission) = (format!("{}:0", entry_with(&data, "raw")), mission());
    let fires: PathBuf = folder.path().join("fires.csv");
    let server = Server::of(&data);
    let why = ["--by", "officer-1", "--reason", "a test"];
    let data = text(&data);
    for writes in [
        [&["erase", &place, "--data", data], &why[..]].concat(),
        [&["export", "raw", &place, "--data", data], &why[..]].concat(),
        vec![
            "ingest",
            "--data",
            data,
            "--mission",
            text(&mission),
            text(&fires),
        ],
        vec!["serve", "--data", data, "--listen", "127.0.0.1:0"],
    ] {
        let refused = run(&writes);
        assert_eq!(refused.code, Some(3), "{writes:?}: {}", refused.err);
    }
    run(&["fsck", data]).ok();
    drop(server);
    run(&[&["erase", &place, "--data", data], &why[..]].concat()).ok();
}
