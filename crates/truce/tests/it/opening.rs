//! A log is read before it is concluded again.

use std::fs;

use truce::line::{Folder, Line, Opening, mark_closed, mission_files, remove_tables};
use truce::service;
use truce_core::{Body, Digest, RawMessage, Record};
use truce_ledger::Reader;
use truce_store::Store;

use crate::program::{capture, ingest, run, text};

/// What the tables of a folder say.
fn tables(folder: &Folder) -> Digest {
    let store = Store::open_read_only(&folder.state_file()).unwrap();
    store.digest().unwrap()
}

/// Begins to open a folder; the entries that its tables lacked, as far as progress tells.
fn folded(folder: &Folder) -> usize {
    let mut told = 0;
    Opening::begin(folder, &mut |_, _| told += 1).unwrap();
    // At the end the whole is told once.
    told - 1
}

fn submit(folder: &Folder, text: &str) {
    let (mut line, _) = Line::open(folder, &mut |_, _| ()).unwrap();
    let message = message(text);
    let now = message.received_at;
    let record = Record::new(Body::Raw(message));
    line.submit(vec![record], now).unwrap();
    line.commit(now).unwrap();
}

fn message(text: &str) -> RawMessage {
    RawMessage {
        source: "hotline".parse().unwrap(),
        received_at: "2025-06-10T06:30:00Z".parse().unwrap(),
        bytes: text.as_bytes().to_vec(),
    }
}

#[test]
fn tables_made_first_and_conclusions_drawn_later_are_the_same() {
    let place = tempfile::tempdir().unwrap();
    let data = place.path().join("data");
    ingest(&data, &[&capture()], &[]).ok();
    let folder = Folder::at(&data);
    let open = || {
        let (line, opened) = Line::open(&folder, &mut |_, _| ()).unwrap();
        (line.engine().state_digest(), line.size(), opened)
    };
    remove_tables(&folder.state_file()).unwrap();
    let at_once = open();
    let whole = tables(&folder);

    remove_tables(&folder.state_file()).unwrap();
    let opening = Opening::begin(&folder, &mut |_, _| ()).unwrap();
    assert!(!opening.store().feeds().unwrap().is_empty());
    let (line, opened) = opening.conclude(&mut |_, _| ()).unwrap();
    let later = (line.engine().state_digest(), line.size(), opened);
    drop(line);
    assert_eq!(later, at_once);
    assert_eq!(tables(&folder), whole);
    // Kept tables change nothing.
    assert_eq!(folded(&folder), 0);
    assert_eq!(open(), at_once);
    assert_eq!(tables(&folder), whole);
}

#[test]
fn tables_are_kept_as_far_as_they_follow_from_the_log() {
    let place = tempfile::tempdir().unwrap();
    let data = place.path().join("data");
    ingest(&data, &[&capture()], &[]).ok();
    let folder = Folder::at(&data);
    let (state, older) = (folder.state_file(), place.path().join("older"));
    fs::copy(&state, &older).unwrap();
    submit(&folder, "a call");
    let whole = tables(&folder);
    let newer = place.path().join("newer");
    fs::copy(&state, &newer).unwrap();

    // What the log got since is folded behind the rest.
    remove_tables(&state).unwrap();
    fs::copy(&older, &state).unwrap();
    mark_closed(&state).unwrap();
    assert_eq!(folded(&folder), 0);
    assert_eq!(tables(&folder), whole);

    // Nobody says that a copy was closed, and its time gives away one that was made too early.
    let marker = state.with_extension("sqlite-closed");
    let closed = fs::read(&marker).unwrap();
    for says in [None, Some(closed)] {
        remove_tables(&state).unwrap();
        fs::copy(&newer, &state).unwrap();
        if let Some(says) = says {
            fs::write(&marker, says).unwrap();
        }
        assert!(folded(&folder) > 0);
        assert_eq!(tables(&folder), whole);
    }

    // A file that is no tables at all, and none.
    for text in [Some("no tables"), None] {
        remove_tables(&state).unwrap();
        if let Some(text) = text {
            fs::write(&state, text).unwrap();
            mark_closed(&state).unwrap();
        }
        assert!(folded(&folder) > 0);
        assert_eq!(tables(&folder), whole);
    }

    // Tables of another log, which may be longer or shorter.
    let other = Folder::at(&place.path().join("other"));
    let files = mission_files(&Reader::open(&folder.log()).unwrap()).unwrap();
    Line::create(&other, &files, message("").received_at).unwrap();
    submit(&other, "another call");
    for (from, to) in [(&newer, &other), (&other.state_file(), &folder)] {
        let expected = tables(to);
        let taken = fs::read(from).unwrap();
        remove_tables(&to.state_file()).unwrap();
        fs::write(to.state_file(), taken).unwrap();
        mark_closed(&to.state_file()).unwrap();
        Opening::begin(to, &mut |_, _| ()).unwrap();
        assert_eq!(tables(to), expected);
    }
}

#[test]
fn what_comes_while_the_line_is_opened_waits_and_is_logged_afterwards() {
    let place = tempfile::tempdir().unwrap();
    let data = place.path().join("data");
    ingest(&data, &[&capture()], &[]).ok();
    let folder = Folder::at(&data);
    let opening = Opening::begin(&folder, &mut |_, _| ()).unwrap();
    let entries = Reader::open(&folder.log()).unwrap().size().unwrap();
    let (go, wait) = std::sync::mpsc::channel::<()>();
    let (handle, thread) = service::start(move |progress| {
        wait.recv().unwrap();
        Ok(opening.conclude(progress)?.0)
    })
    .unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let answer = runtime.spawn({
        let handle = handle.clone();
        async move { handle.batch(vec![message("a call")]).await }
    });
    assert!(handle.opening().is_some());
    // What can be read is there meanwhile.
    let store = Store::open_read_only(&folder.state_file()).unwrap();
    assert!(!store.feeds().unwrap().is_empty());
    go.send(()).unwrap();
    runtime.block_on(handle.opened());
    let entry = runtime.block_on(answer).unwrap().unwrap();
    assert!(entry >= entries);
    assert_eq!(handle.opening(), None);
    drop(handle);
    thread.join().unwrap().unwrap();
}

#[test]
fn a_replay_closes_the_tables_that_it_makes() {
    let place = tempfile::tempdir().unwrap();
    let data = place.path().join("data");
    ingest(&data, &[&capture()], &[]).ok();
    let folder = Folder::at(&data);
    let whole = tables(&folder);
    run(&["replay", "--data", text(&data)]).ok();
    assert_eq!(tables(&folder), whole);
    assert_eq!(folded(&folder), 0);
}
