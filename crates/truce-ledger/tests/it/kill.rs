//! A writer in a process of its own, killed at points of its own making.

use crate::lifecycle::{append, key};
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use truce_ledger::{Checkpoint, Error, Ledger, Reader, audit, verify_consistency};

/// Where the child finds its log.
const LOG: &str = "TRUCE_LEDGER_KILL_TEST_LOG";
/// Kills in one run of the test; `TRUCE_LEDGER_KILLS=10000` is the long run, as docs/verify.md says.
const KILLS: usize = 200;
/// Kills of one log; then it is judged, and another begins.
const KILLS_PER_LOG: usize = 20;

/// Writes until it is killed, and says what it was told; not a test of its own.
#[test]
#[ignore = "run as the child of another test"]
fn writer_to_be_killed() {
    let Ok(dir) = std::env::var(LOG) else { return };
    let (mut ledger, _) = Ledger::open_with(Path::new(&dir), key(), 20_000).unwrap();
    let mut out = std::io::stdout().lock();
    for round in 0.. {
        for rows in 0..round % 7 {
            append(&mut ledger, rows);
        }
        writeln!(out, "acknowledged {}", ledger.sync().unwrap()).unwrap();
        if round % 3 == 0 {
            let checkpoint = ledger.commit(0).unwrap();
            writeln!(
                out,
                "published {}",
                checkpoint.to_string().replace('\n', "|")
            )
            .unwrap();
        }
        out.flush().unwrap();
    }
}

fn child(dir: &Path) -> Child {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args([
        "--exact",
        "kill::writer_to_be_killed",
        "--ignored",
        "--nocapture",
    ]);
    command
        .env(LOG, dir)
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    command.spawn().unwrap()
}

/// Lets the child say `lines` things, kills it, and returns the greatest number of entries it
/// called acknowledged and every checkpoint it called published.
fn run_and_kill(dir: &Path, lines: usize) -> (u64, Vec<Checkpoint>) {
    let mut child = child(dir);
    let (mut acknowledged, mut published, mut said) = (0, Vec::new(), 0);
    let mut alone = false;
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    // Behind the kill, what is still in the pipe was said before it.
    while out.read_line(&mut line).unwrap() > 0 {
        let whole = line.ends_with('\n');
        if let Some(size) = line
            .trim_end()
            .strip_prefix("acknowledged ")
            .filter(|_| whole)
        {
            acknowledged = size.parse().unwrap();
            said += 1;
        } else if let Some(note) = line.trim_end().strip_prefix("published ").filter(|_| whole) {
            published.push(Checkpoint::parse(&note.replace('|', "\n")).unwrap());
        }
        if said == 1 && !alone {
            alone = true;
            let second = Ledger::open(dir, key());
            assert!(
                matches!(second, Err(Error::Locked { .. })),
                "two writers: {second:?}"
            );
        }
        if said == lines {
            child.kill().unwrap();
        }
        line.clear();
    }
    child.wait().unwrap();
    assert!(
        said >= lines,
        "the writer stopped by itself after {said} lines"
    );
    (acknowledged, published)
}

#[test]
fn a_killed_writer_loses_nothing_it_acknowledged() {
    let kills = std::env::var("TRUCE_LEDGER_KILLS").map_or(KILLS, |kills| kills.parse().unwrap());
    // A log that grew over all kills would be replayed longer and longer.
    for first in (0..kills).step_by(KILLS_PER_LOG) {
        kill_again_and_again(first..kills.min(first + KILLS_PER_LOG));
    }
}

fn kill_again_and_again(kills: std::ops::Range<usize>) {
    let dir = tempfile::tempdir().unwrap();
    drop(Ledger::create(dir.path(), "example.com/log", key()).unwrap());
    let mut published = Vec::new();
    for kill in kills {
        let (acknowledged, seen) = run_and_kill(dir.path(), 1 + kill * 7 % 11);
        published.extend(seen);
        let (mut ledger, report) = Ledger::open_with(dir.path(), key(), 20_000).unwrap();
        assert!(
            report.entries >= acknowledged,
            "{} of {acknowledged}",
            report.entries
        );
        ledger.commit(0).unwrap();
    }
    let reader = Reader::open(dir.path()).unwrap();
    let now = reader.checkpoint().unwrap();
    for old in published {
        let path = reader.consistency_proof(old.size, now.size).unwrap();
        verify_consistency(old.size, &old.root, now.size, &now.root, &path).unwrap();
    }
    let report = audit(dir.path(), &key().verifier(), &mut |_, _| {}).unwrap();
    assert!(report.is_sound(), "{:?}", report.damage);
    assert_eq!(report.entries, now.size);
}
