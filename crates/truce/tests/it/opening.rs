//! A log is read before it is concluded again.

use std::fs;

use truce::line::{Folder, Line, Opening};
use truce::service;
use truce_core::RawMessage;
use truce_ledger::Reader;
use truce_store::Store;

use crate::program::{capture, ingest};

/// The tables of a folder as they stand on the disk.
fn tables(folder: &Folder) -> Vec<u8> {
    fs::read(folder.state_file()).unwrap()
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
    ingest(&data, &[capture()], &[]).ok();
    let folder = Folder::at(&data);
    let at_once = {
        let (line, opened) = Line::open(&folder, &mut |_, _| ()).unwrap();
        (line.engine().state_digest(), line.size(), opened)
    };
    let whole = tables(&folder);

    let opening = Opening::begin(&folder, &mut |_, _| ()).unwrap();
    assert!(!opening.store().feeds().unwrap().is_empty());
    let (line, opened) = opening.conclude(&mut |_, _| ()).unwrap();
    let later = (line.engine().state_digest(), line.size(), opened);
    drop(line);
    assert_eq!(later, at_once);
    assert!(tables(&folder) == whole, "the tables differ");
}

#[test]
fn what_comes_while_the_line_is_opened_waits_and_is_logged_afterwards() {
    let place = tempfile::tempdir().unwrap();
    let data = place.path().join("data");
    ingest(&data, &[capture()], &[]).ok();
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
