//! The log of a data folder: what fsck finds.

use std::fs;
use std::path::{Path, PathBuf};

use crate::program::{ingest, run, text};

/// A data folder with a small log.
const FIRES: &str = "LATITUDE,LONGITUDE,ACQ_DATE\n48.1,37.7,2022-05-01\n48.2,37.8,2022-05-01\n";

pub(crate) fn small(folder: &Path) -> PathBuf {
    let (data, file) = (folder.join("data"), folder.join("fires.csv"));
    fs::write(&file, FIRES).unwrap();
    ingest(&data, &[&file], &["--feed", "viirs-archive"]).ok();
    data
}

/// All files that are not empty, below a folder.
fn files(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if fs::metadata(&path).unwrap().len() > 0 {
            found.push(path);
        }
    }
    found.sort();
    found
}

#[test]
fn fsck_names_the_file_of_every_flipped_bit() {
    let folder = tempfile::tempdir().unwrap();
    let data = small(folder.path());
    let sound = run(&["fsck", text(&data)]).ok();
    assert!(sound.out.contains("the log is what its checkpoint says"));
    let log = data.join("log");
    let all = files(&log);
    for kind in [
        "segments/",
        "tile/0/",
        "tile/entries/",
        "head",
        "checkpoint",
    ] {
        let is_kind = |path: &PathBuf| path.strip_prefix(&log).unwrap().starts_with(kind);
        assert!(all.iter().any(is_kind), "no {kind} in {all:?}");
    }
    for path in all {
        let whole = fs::read(&path).unwrap();
        for bit in [0, whole.len() * 4 + 3, whole.len() * 8 - 1] {
            let mut bytes = whole.clone();
            bytes[bit / 8] ^= 1 << (bit % 8);
            fs::write(&path, bytes).unwrap();
            let answer = run(&["fsck", text(&data), "--format", "json"]);
            assert_eq!(answer.code, Some(4), "bit {bit} of {}", path.display());
            let name = path.strip_prefix(&log).unwrap().to_str().unwrap();
            let answer = answer.json();
            let damage = answer["damage"].as_array().unwrap();
            let named = damage.iter().any(|damage| damage["file"] == name);
            assert!(named, "bit {bit} of {name}: {damage:?}");
        }
        fs::write(&path, &whole).unwrap();
    }
    run(&["fsck", text(&data)]).ok();
}

/// The fires of the small log lie in one entry of raw messages.
pub(crate) fn entry_with(data: &Path, needle: &str) -> u64 {
    let reader = truce_ledger::Reader::open(&data.join("log")).unwrap();
    let holds = |row: &truce_ledger::Row| {
        let bytes = row.bytes().unwrap_or_default();
        String::from_utf8_lossy(bytes).contains(needle)
    };
    let mut entries = reader.entries(0).map(Result::unwrap);
    let found = entries.find(|(_, entry, rows)| entry.class == 2 && rows.iter().any(holds));
    found.expect("the entry is there").0
}

#[test]
fn an_erased_message_is_gone_and_log_and_conclusions_hold() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    ingest(&data, &[&crate::program::capture()], &[]).ok();
    let more = folder.path().join("fires.csv");
    fs::write(&more, FIRES).unwrap();
    ingest(&data, &[&more], &["--feed", "viirs-archive"]).ok();
    let replay = || {
        run(&["replay", "--data", text(&data), "--format", "json"])
            .ok()
            .json()
    };
    let before = replay();
    let entry = entry_with(&data, "raw");
    let first = format!("{entry}:0");
    let why = ["--reason", "a court order", "--by", "officer-1"];
    let second = format!("{}:0", entry_after(&data, entry));
    let mut arguments = vec!["erase", &first, &second, "--data", text(&data)];
    arguments.extend(why);
    run(&arguments).ok();

    let fsck = run(&["fsck", text(&data), "--format", "json"]).ok().json();
    assert_eq!(fsck["rows_erased"], 2);
    let after = replay();
    assert_eq!(after["mismatch_count"], 0, "{after}");
    assert_eq!(after["rows_erased"], 2);
    assert_eq!(after["state_digest"], before["state_digest"]);
    assert_eq!(
        after["records"].as_u64(),
        before["records"].as_u64().map(|n| n + 1)
    );

    // The reason is in the log.
    assert!(newest(&data).contains("a court order"));
}

/// The next entry of raw messages.
fn entry_after(data: &Path, entry: u64) -> u64 {
    let reader = truce_ledger::Reader::open(&data.join("log")).unwrap();
    let mut entries = reader.entries(entry + 1).map(Result::unwrap);
    entries.find(|(_, entry, _)| entry.class == 2).unwrap().0
}

#[test]
fn only_raw_messages_are_erased() {
    let folder = tempfile::tempdir().unwrap();
    let data = small(folder.path());
    let beyond = format!("{}:999999", entry_with(&data, "raw"));
    for place in ["0:0", &beyond, "999999:0"] {
        let why = ["--reason", "a court order", "--by", "officer-1"];
        let mut arguments = vec!["erase", place, "--data", text(&data)];
        arguments.extend(why);
        assert_eq!(run(&arguments).code, Some(2), "{place}");
    }
    let fsck = run(&["fsck", text(&data), "--format", "json"]).ok().json();
    assert_eq!(fsck["rows_erased"], 0);
}

#[test]
fn an_erasure_without_a_reason_is_damage() {
    let folder = tempfile::tempdir().unwrap();
    let data = small(folder.path());
    let entry = entry_with(&data, "raw");
    let key = fs::read_to_string(data.join("keys/log.key")).unwrap();
    let key = truce_ledger::SigningKey::parse(key.trim()).unwrap();
    let (mut ledger, _) = truce_ledger::Ledger::open(&data.join("log"), key).unwrap();
    ledger.erase(&[(entry, 0)]).unwrap();
    drop(ledger);
    let fsck = run(&["fsck", text(&data)]);
    assert_eq!(fsck.code, Some(4));
    assert!(fsck.out.contains("no reason is logged"), "{}", fsck.out);
    assert_eq!(run(&["replay", "--data", text(&data)]).code, Some(4));
}

/// Exports the evidence of the newest incident, and gives what `truce verify` says of the package,
/// which must be proven, and the package as text.
fn exported(folder: &Path, data: &Path, more: &[&str]) -> (serde_json::Value, String) {
    let list = [
        "export",
        "incidents",
        "--data",
        text(data),
        "--format",
        "json",
    ];
    let list = run(&list).ok().json();
    let incident = list["items"][0]["id"].as_str().unwrap().to_owned();
    let (out, key) = (folder.join("evidence.tar"), data.join("keys/log.pub"));
    let mut arguments = vec!["export", "evidence", &incident, "--data", text(data)];
    arguments.extend(["--out", text(&out)]);
    arguments.extend(more);
    run(&arguments).ok();
    let verify = [
        "verify",
        text(&out),
        "--key",
        text(&key),
        "--format",
        "json",
    ];
    let verified = run(&verify).ok().json();
    assert_eq!(verified["proven"], true, "{verified}");
    let bytes = fs::read(&out).unwrap();
    (verified, String::from_utf8_lossy(&bytes).into_owned())
}

/// What the newest entry of the log says.
pub(crate) fn newest(data: &Path) -> String {
    let log = truce_ledger::Reader::open(&data.join("log")).unwrap();
    let (_, rows) = log.entry(log.size().unwrap() - 1).unwrap();
    String::from_utf8_lossy(rows[0].bytes().unwrap()).into_owned()
}

#[test]
fn what_is_redacted_is_not_in_the_package_and_the_rest_is_proven() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    ingest(&data, &[&crate::program::capture()], &[]).ok();
    let (whole, open) = exported(folder.path(), &data, &[]);
    let redact = [
        "--redact",
        "source,operator",
        "--to",
        "party-a",
        "--by",
        "officer-1",
    ];
    let (less, redacted) = exported(folder.path(), &data, &redact);
    assert_eq!(whole["fields_withheld"], 0);
    assert!(less["fields_withheld"].as_u64().unwrap() > 3, "{less}");
    assert!(less["rows_proven"].as_u64().unwrap() < whole["rows_proven"].as_u64().unwrap());
    // The name of a field is proven, its value is not there.
    assert!(redacted.contains(r#""evidence":"[withheld]""#) && redacted.contains("README.txt"));
    assert!(open.contains(r#"{"raw":{"#) && !redacted.contains(r#"{"raw":{"#));
    assert!(!redacted.contains(r#"\"sensor\":\""#) && !redacted.contains(r#""sensor":"post"#));

    // Both exports are in the log, with whom the second was for.
    let last = newest(&data);
    assert!(
        last.contains(r#""action":"release""#) && last.contains("party-a"),
        "{last}"
    );

    // An entry that goes out whole brings its bytes in the segment.
    let (entire, _) = exported(folder.path(), &data, &["--whole-entries"]);
    assert_eq!(entire["rows_withheld"], 0);
    let lines = entire["lines"].as_array().unwrap().iter();
    let said = lines.filter_map(|line| line["statement"].as_str());
    let frames = said.filter(|said| said.starts_with("the log's own bytes of entry"));
    assert!(frames.count() > 2, "{entire}");
    run(&["fsck", text(&data)]).ok();
    run(&["replay", "--data", text(&data)]).ok();
}

#[test]
fn who_looked_at_raw_messages_and_who_took_them_is_in_the_log() {
    let folder = tempfile::tempdir().unwrap();
    let data = small(folder.path());
    let place = format!("{}:0", entry_with(&data, "raw"));
    let raw = |more: &[&str]| {
        let mut arguments = vec!["export", "raw", &place, "--data", text(&data)];
        arguments.extend(["--by", "officer-1", "--reason", "a complaint"]);
        arguments.extend(more);
        run(&arguments)
    };
    let logged = || newest(&data);
    let shown = raw(&[]).ok();
    assert!(shown.out.contains(r#""raw""#), "{}", shown.out);
    assert!(logged().contains(r#""action":"access""#), "{}", logged());

    let out = folder.path().join("raw");
    raw(&["--out", text(&out)]).ok();
    let file = out.join(format!("{}.raw", place.replace(':', "-")));
    assert!(FIRES.contains(std::str::from_utf8(&fs::read(file).unwrap()).unwrap()));
    assert!(logged().contains(r#""action":"export""#), "{}", logged());
    raw(&["--out", text(&out), "--to", "party-a"]).ok();
    let last = logged();
    assert!(
        last.contains(r#""action":"release""#) && last.contains("party-a"),
        "{last}"
    );
    for wrong in ["0:0", "999999:0"] {
        let arguments = ["export", "raw", wrong, "--data", text(&data)];
        let by = ["--by", "officer-1", "--reason", "a complaint"];
        assert_ne!(
            run(&[&arguments[..], &by[..]].concat()).code,
            Some(0),
            "{wrong}"
        );
    }
    run(&["fsck", text(&data)]).ok();
    run(&["replay", "--data", text(&data)]).ok();
}

#[test]
fn what_is_withheld_of_a_reading_is_withheld_in_its_message_too() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    ingest(&data, &[&crate::program::capture()], &[]).ok();
    let (_, redacted) = exported(folder.path(), &data, &["--redact", "message"]);
    assert!(!redacted.contains(r#"{"observation":{"#));
    assert!(
        !redacted.contains(r#"{"raw":{"#),
        "the message tells it too"
    );
}

#[test]
fn a_misspelt_field_withholds_nothing_and_so_nothing_goes_out() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    ingest(&data, &[&crate::program::capture()], &[]).ok();
    let out = folder.path().join("released.tar");
    let list = [
        "export",
        "incidents",
        "--data",
        text(&data),
        "--format",
        "json",
    ];
    let incident = run(&list).ok().json()["items"][0]["id"].clone();
    let incident = incident.as_str().unwrap();
    let arguments = [
        "export",
        "evidence",
        incident,
        "--data",
        text(&data),
        "--out",
    ];
    let misspelt = [text(&out), "--redact", "operator,sources"];
    let before = newest(&data);
    let refused = run(&[&arguments[..], &misspelt].concat());
    assert_eq!(refused.code, Some(2), "{}", refused.err);
    assert!(refused.err.contains("field `sources`,"), "{}", refused.err);
    assert!(!out.exists());
    assert_eq!(newest(&data), before, "nothing was exported");
}
