//! The log's read path over HTTP, as the server gives it and as any web server would: Go's own
//! programs verify it, and caches may keep what never changes.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::json;
use truce_core::record::{Custody, CustodyAction};
use truce_core::{Body, Record, RecordClass, Timestamp};
use truce_ledger::{EvidenceFile, Reader};

use crate::log::small;
use crate::program::text;
use crate::server::Server;

#[test]
fn what_never_changes_may_be_kept_and_what_changes_may_not() {
    let folder = tempfile::tempdir().unwrap();
    let data = small(folder.path());
    grow(&data, 300);
    let server = Server::of(&data);
    let log = data.join("log");
    for (path, caching) in [
        ("/checkpoint", "no-cache"),
        ("/tile/0/000", "public, max-age=31536000, immutable"),
        ("/tile/entries/000", "public, max-age=31536000, immutable"),
    ] {
        let (head, body) = server.get(path);
        assert!(head.starts_with("http/1.1 200"), "{path}: {head}");
        let expected = format!("cache-control: {caching}\r\n");
        assert!(format!("{head}\r\n").contains(&expected), "{path}: {head}");
        assert_eq!(body, fs::read(log.join(&path[1..])).unwrap(), "{path}");
    }
    let size = Reader::open(&log).unwrap().size().unwrap();
    let (head, _) = server.get(&format!("/tile/0/001.p/{}", size % 256));
    assert!(
        head.contains("max-age=3600") && !head.contains("immutable"),
        "{head}"
    );
    // An address that has no content never gets one in a cache: a tile may come into being later.
    for path in [
        "/tile/0/002",
        "/tile/0/2",
        "/tile/x",
        "/tile/entries/000.p/256",
    ] {
        let (head, _) = server.get(path);
        assert!(head.starts_with("http/1.1 404"), "{path}: {head}");
        assert!(!head.contains("max-age"), "{path}: {head}");
    }
}

/// Adds entries to a log, so that it has full tiles.
fn grow(data: &Path, entries: u64) {
    let key = fs::read_to_string(data.join("keys/log.key")).unwrap();
    let key = truce_ledger::SigningKey::parse(key.trim()).unwrap();
    let (mut ledger, _) = truce_ledger::Ledger::open(&data.join("log"), key).unwrap();
    let looked = Body::Custody(Custody {
        action: CustodyAction::Access,
        by: "officer-1".to_owned(),
        done_at: Timestamp::UNIX_EPOCH,
        reason: "a test".to_owned(),
        to: None,
        rows: Vec::new(),
        digest: None,
    });
    let (agreement, policy) = ([0; 32], [0; 32]);
    let rows = [Record::new(looked).canonical()].into_iter().collect();
    for _ in 0..entries {
        let draft = truce_ledger::Draft {
            class: RecordClass::Custody as u8,
            log_time_ns: 0,
            agreement,
            policy,
            rows: &rows,
        };
        ledger.append(draft).unwrap();
    }
    ledger.commit(0).unwrap();
}

/// Only what an object store would be given: the checkpoint and the tiles.
fn publish(log: &Path, place: &Path) {
    fs::create_dir_all(place).unwrap();
    fs::copy(log.join("checkpoint"), place.join("checkpoint")).unwrap();
    copy(&log.join("tile"), &place.join("tile"));
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let (path, name) = entry
            .map(|entry| (entry.path(), entry.file_name()))
            .unwrap();
        if path.is_dir() {
            copy(&path, &to.join(name));
        } else {
            fs::copy(&path, to.join(name)).unwrap();
        }
    }
}

/// Go's judge, built in a folder.
fn judge(folder: &Path) -> std::path::PathBuf {
    let source =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../truce-ledger/tests/interop/main.go");
    let program = folder.join("judge");
    let mut go = Command::new("go");
    go.env("GO111MODULE", "off")
        .env("GOPATH", "/usr/share/gocode");
    let status = go.args(["build", "-o"]).arg(&program).arg(source).status();
    assert!(status.expect("Go is installed").success());
    program
}

#[test]
#[ignore = "interop: needs Go and Python"]
fn interop_go_verifies_the_published_log_in_a_folder_on_a_web_server_and_on_ours() {
    let folder = tempfile::tempdir().unwrap();
    let data = small(folder.path());
    grow(&data, 300);
    let (place, judge) = (folder.path().join("published"), judge(folder.path()));
    publish(&data.join("log"), &place);
    let mut python = Command::new("python3");
    python.args(["-u", "-m", "http.server", "0", "--bind", "127.0.0.1"]);
    python.current_dir(&place);
    let any = Server::start(python, |line| {
        let port = line.split(" port ").nth(1)?.split(' ').next()?;
        Some(format!("127.0.0.1:{port}"))
    });
    let ours = Server::of(&data);
    let reader = Reader::open(&data.join("log")).unwrap();
    let checkpoint = reader.checkpoint().unwrap();
    let size = checkpoint.size;
    let proof = |index| {
        let evidence = EvidenceFile::build(&reader, &[(index, vec![])]).unwrap();
        let proof = evidence.tlog_proof(0).unwrap().to_string();
        let (head, _) = proof.split_once("\n\n").unwrap();
        let hashes: Vec<&str> = head.lines().skip(2).collect();
        json!({ "note": 0, "index": index, "hashes": hashes })
    };
    let http = |server: &Server| format!("http://{}", server.address);
    for at in [text(&place).to_owned(), http(&any), http(&ours)] {
        let cases = json!({
            "dir": at,
            "key": fs::read_to_string(data.join("keys/log.pub")).unwrap().trim(),
            "origin": checkpoint.origin,
            "notes": [checkpoint.to_string()],
            "inclusion": [proof(0), proof(255), proof(256), proof(size - 1)],
            "consistency": [],
        });
        let file = folder.path().join("cases.json");
        fs::write(&file, cases.to_string()).unwrap();
        let judged = Command::new(&judge).arg(&file).output().unwrap();
        let said = String::from_utf8_lossy(&judged.stdout);
        assert_eq!(
            said, "notes 2 inclusion 4 consistency 0\n",
            "{at}: {judged:?}"
        );
    }
}
