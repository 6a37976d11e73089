//! What an operator meets: a folder that a server holds, a port that is taken, a file that is cut.
//! Each ends with a sentence that says what to do, and nothing is half done without a word.

use std::fs;
use std::io::Write as _;
use std::net::TcpListener;
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::program::{capture, ingest, mission, run, text};

const HEADER: &str = "LATITUDE,LONGITUDE,ACQ_DATE\n";

/// A data folder with a few fires in it.
fn small(folder: &Path) -> PathBuf {
    let (data, file) = (folder.join("data"), folder.join("fires.csv"));
    fs::write(&file, format!("{HEADER}48.1,37.7,2022-05-01\n")).unwrap();
    ingest(&data, &[&file], &["--feed", "viirs-archive"]).ok();
    data
}

#[test]
fn a_folder_that_a_server_holds_says_what_to_do_instead() {
    let folder = tempfile::tempdir().unwrap();
    let data = small(folder.path());
    let held = truce::line::Line::open(&truce::line::Folder::at(&data), &mut |_, _| ()).unwrap();
    let (data, file) = (text(&data), folder.path().join("fires.csv"));
    let who = ["--by", "a", "--reason", "b", "--data", data];
    for (command, words) in [
        (vec!["ingest", "--data", data, text(&file)], "--push"),
        (
            vec!["serve", "--data", data, "--listen", "127.0.0.1:0"],
            "end it first",
        ),
        ([&["amend"], &who[..]].concat(), "end it first"),
        ([&["erase", "2:0"], &who[..]].concat(), "end it first"),
        (vec!["replay", "--data", data], "--out"),
    ] {
        let refused = run(&command);
        assert_eq!(refused.code, Some(3), "{command:?}: {}", refused.err);
        assert!(refused.err.contains(words), "{command:?}: {}", refused.err);
        let known = refused.err.contains("another process writes to the log");
        assert!(known, "{command:?}: {}", refused.err);
    }
    drop(held);
}

#[test]
fn a_replay_leaves_the_tables_of_a_running_server_alone() {
    let folder = tempfile::tempdir().unwrap();
    let data = small(folder.path());
    let held = truce::line::Line::open(&truce::line::Folder::at(&data), &mut |_, _| ()).unwrap();
    let tables = data.join("state.sqlite");
    let kept = folder.path().join("kept.sqlite");
    // A second name for the same file: it tells whether the first still names it.
    fs::hard_link(&tables, &kept).unwrap();
    assert_eq!(run(&["replay", "--data", text(&data)]).code, Some(3));
    let links = std::os::unix::fs::MetadataExt::nlink(&fs::metadata(&kept).unwrap());
    assert_eq!(links, 2, "the server's tables were taken away");
    assert!(!data.join("state.rebuilding").exists());
    let aside = folder.path().join("aside.sqlite");
    run(&["replay", "--data", text(&data), "--out", text(&aside)]).ok();
    drop(held);
    run(&["replay", "--data", text(&data)]).ok();
}

#[test]
fn a_replay_that_fails_leaves_nothing_half_built() {
    let folder = tempfile::tempdir().unwrap();
    let data = small(folder.path());
    let out = folder.path().join("out");
    fs::create_dir(&out).unwrap();
    let refused = run(&["replay", "--data", text(&data), "--out", text(&out)]);
    assert_eq!(refused.code, Some(2), "{}", refused.err);
    let segment = data.join("log/segments/00000000000000000000.seg");
    let mut bytes = fs::read(&segment).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&segment, bytes).unwrap();
    for command in [vec!["replay"], vec!["serve", "--listen", "127.0.0.1:0"]] {
        let damaged = run(&[&command[..], &["--data", text(&data)]].concat());
        assert_eq!(damaged.code, Some(4), "{command:?}: {}", damaged.err);
        assert!(damaged.err.contains("truce fsck"), "{}", damaged.err);
    }
    assert!(!data.join("state.rebuilding").exists());
    assert!(!folder.path().join("out.rebuilding").exists());
}

#[test]
fn a_taken_port_is_found_before_anything_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let (data, mission) = (folder.path().join("data"), mission());
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    let (port, address) = (address.port().to_string(), address.to_string());
    let (data_text, mission) = (text(&data), text(&mission));
    let begin = ["serve", "--data", data_text, "--mission", mission];
    let free = ["--listen", "127.0.0.1:0"];
    for (command, option) in [
        ([&begin[..], &["--listen", &address]].concat(), "--listen"),
        (
            [&begin[..], &free, &["--push", &address]].concat(),
            "--push",
        ),
        (
            vec!["demo", mission, "--data", data_text, "--port", &port],
            "--port",
        ),
    ] {
        let refused = run(&command);
        assert_eq!(refused.code, Some(3), "{command:?}: {}", refused.err);
        let hint = format!("try another {option}");
        assert!(refused.err.contains(&hint), "{command:?}: {}", refused.err);
        assert_eq!(refused.out, "", "{command:?}");
        assert!(!data.exists(), "{command:?} began a log");
    }
}

#[test]
fn what_came_before_the_cut_of_a_file_is_read_in_and_told() {
    let folder = tempfile::tempdir().unwrap();
    let data = small(folder.path());
    let row = |i: u32| format!("{:.4},{:.4},2022-06-01\n", 44.0 + f64::from(i) * 1e-3, 37.5);
    let rows: String = (0..6_000).map(row).collect();
    let mut whole = GzEncoder::new(Vec::new(), Compression::default());
    whole
        .write_all(format!("{HEADER}{rows}").as_bytes())
        .unwrap();
    let whole = whole.finish().unwrap();
    let file = folder.path().join("june.csv.gz");
    fs::write(&file, &whole[..whole.len() * 3 / 4]).unwrap();
    let cut = ingest(&data, &[&file], &["--feed", "viirs-archive"]);
    assert_eq!(cut.code, Some(3), "{}", cut.err);
    assert!(cut.err.contains("count as duplicates"), "{}", cut.err);
    let read = cut.json()["counts"]["feeds"]["viirs-archive"]["observations"].clone();
    let read = read.as_u64().unwrap();
    assert!(read > 1_000, "{read} rows came before the cut");
    let log = run(&["fsck", text(&data)]).ok();
    assert!(!log.out.contains("not published"), "{}", log.out);

    fs::write(&file, &whole).unwrap();
    let rest = ingest(&data, &[&file], &["--feed", "viirs-archive"]).ok();
    let counts = rest.json()["counts"]["feeds"]["viirs-archive"].clone();
    assert_eq!(counts["observations"], 6_000 - read);
    assert_eq!(counts["duplicates"], read);
}

#[test]
fn a_path_that_is_not_there_stops_the_others_before_they_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let data = small(folder.path());
    let (file, missing) = (
        folder.path().join("may.csv"),
        folder.path().join("june.csv"),
    );
    fs::write(&file, format!("{HEADER}48.2,37.7,2022-05-02\n")).unwrap();
    let more = ["--feed", "viirs-archive"];
    let refused = ingest(&data, &[&file, &missing], &more);
    assert_eq!(refused.code, Some(3), "{}", refused.err);
    let counts = ingest(&data, &[&file], &more).ok().json();
    let counts = &counts["counts"]["feeds"]["viirs-archive"];
    assert_eq!(counts["observations"], 1, "{counts}");
}

#[test]
fn a_file_of_which_nothing_can_be_read_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let data = small(folder.path());
    let (file, empty) = (folder.path().join("may.csv"), folder.path().join("empty"));
    fs::write(&file, format!("{HEADER}48.2,37.7,2022-05-02\n")).unwrap();
    fs::write(&empty, "").unwrap();
    let wrong = ingest(&data, &[&file], &["--feed", "ais-coast"]).ok();
    assert!(wrong.err.contains("no message"), "{}", wrong.err);
    assert!(wrong.err.contains("firms-csv"), "{}", wrong.err);
    let nothing = ingest(&data, &[&empty], &["--feed", "ais-coast"]).ok();
    assert!(nothing.err.contains("holds no message"), "{}", nothing.err);
    let right = ingest(&data, &[&file], &["--feed", "viirs-archive"]).ok();
    assert_eq!(right.err, "");
}

#[test]
fn nothing_is_measured_against_a_truth_without_events() {
    let folder = tempfile::tempdir().unwrap();
    let (data, truth) = (folder.path().join("data"), folder.path().join("truth"));
    let map = folder.path().join("calibration.toml");
    ingest(&data, &[&capture()], &[]).ok();
    fs::write(&truth, "").unwrap();
    let arguments = ["calibrate", "--data", text(&data), "--truth", text(&truth)];
    let refused = run(&[&arguments[..], &["--out", text(&map)]].concat());
    assert_eq!(refused.code, Some(2), "{}{}", refused.out, refused.err);
    assert!(refused.err.contains("truth.jsonl"), "{}", refused.err);
    assert!(!map.exists());
}

#[test]
fn what_cannot_be_erased_is_a_mistake_of_the_command_line() {
    let folder = tempfile::tempdir().unwrap();
    let data = small(folder.path());
    let rows = ["erase", "0:0", "--by", "a", "--reason", "b", "--data"];
    let refused = run(&[&rows[..], &[text(&data)]].concat());
    assert_eq!(refused.code, Some(2), "{}", refused.err);
}

#[test]
fn time_stamps_that_are_not_there_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let data = small(folder.path());
    let verify = ["timestamp", "--data", text(&data), "verify"];
    let none = run(&verify);
    assert_eq!(none.code, Some(1), "{}{}", none.out, none.err);
    assert!(none.err.contains("truce timestamp request"), "{}", none.err);
    run(&["timestamp", "--data", text(&data), "request"]).ok();
    let unanswered = run(&verify);
    assert_eq!(unanswered.code, Some(1), "{}", unanswered.err);
    assert!(unanswered.err.contains("truce timestamp store"));
}

#[test]
fn an_agreement_with_mistakes_is_named_by_its_file() {
    let folder = tempfile::tempdir().unwrap();
    let data = small(folder.path());
    let agreement = folder.path().join("amended.toml");
    fs::write(&agreement, "").unwrap();
    let arguments = ["assess", "--data", text(&data), "--agreement"];
    let refused = run(&[&arguments[..], &[text(&agreement)]].concat());
    assert_eq!(refused.code, Some(1), "{}", refused.err);
    assert!(
        refused.err.contains("amended.toml has 2 mistake(s)"),
        "{}",
        refused.err
    );
}

#[test]
fn a_simulation_is_written_to_a_new_folder_only() {
    let folder = tempfile::tempdir().unwrap();
    let (out, mission) = (folder.path().join("out"), mission());
    let simulate = [
        "simulate",
        text(&mission),
        "--hours",
        "0.1",
        "--out",
        text(&out),
    ];
    fs::create_dir(&out).unwrap();
    fs::write(out.join("notes.txt"), "mine").unwrap();
    let refused = run(&simulate);
    assert_eq!(refused.code, Some(2), "{}", refused.err);
    assert_eq!(fs::read_dir(&out).unwrap().count(), 1);
    fs::remove_file(out.join("notes.txt")).unwrap();
    run(&simulate).ok();
}

#[test]
fn a_capture_without_messages_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let data = small(folder.path());
    let capture = folder.path().join("capture");
    fs::create_dir(&capture).unwrap();
    let arrivals = capture.join("arrivals.csv");
    for (rows, code, word) in [
        ("", 3, "not the header"),
        ("viirs,2025-06-10T00:00:00Z,0,9\n", 3, "not the header"),
        ("received_at,feed,offset,length\n", 0, "holds no message"),
    ] {
        fs::write(&arrivals, rows).unwrap();
        let answer = ingest(&data, &[&capture], &[]);
        assert_eq!(answer.code, Some(code), "{rows:?}: {}", answer.err);
        assert!(answer.err.contains(word), "{rows:?}: {}", answer.err);
    }
}

#[test]
fn what_a_report_has_no_use_for_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let data = small(folder.path());
    for more in [
        ["daily", "--patrols", "3"],
        ["daily", "--from", "2025-06-01"],
        ["weekly", "--incident", "3f9a1c"],
        ["spot", "--date", "2025-06-01"],
        ["patrol-order", "--date", "2025-06-01"],
    ] {
        let refused = run(&[&["report", "--data", text(&data)], &more[..]].concat());
        assert_eq!(refused.code, Some(2), "{more:?}: {}", refused.err);
        assert!(refused.err.contains(more[1]), "{more:?}: {}", refused.err);
    }
}

#[test]
fn a_witness_that_was_never_made_says_how_to_make_one() {
    let folder = tempfile::tempdir().unwrap();
    let data = small(folder.path());
    let (dir, key) = (folder.path().join("witness"), data.join("keys/log.pub"));
    let none = run(&["witness", "serve", text(&dir), "--log", text(&key)]);
    assert_eq!(none.code, Some(2), "{}", none.err);
    assert!(none.err.contains("truce witness init"), "{}", none.err);
    let badly_named = run(&["witness", "init", "--name", "two words", text(&dir)]);
    assert_eq!(badly_named.code, Some(2), "{}", badly_named.err);
}

#[test]
fn decode_counts_what_came_before_a_cut_and_leaves_its_input_alone() {
    let folder = tempfile::tempdir().unwrap();
    let (file, out) = (
        folder.path().join("ais.gz"),
        folder.path().join("ais.jsonl"),
    );
    let sentences = "!AIVDM,1,1,,B,402=481uaUcf;OQ55JS9ITi025Jp,0*2B\n".repeat(20_000);
    // Stored and not compressed, so that what comes before the cut can be read.
    let mut packed = GzEncoder::new(Vec::new(), Compression::none());
    packed.write_all(sentences.as_bytes()).unwrap();
    let packed = packed.finish().unwrap();
    fs::write(&file, &packed[..packed.len() / 2]).unwrap();
    let decode = |out: &Path| {
        let arguments = ["decode", "aivdm", text(&file), "--format", "json", "--out"];
        run(&[&arguments[..], &[text(out)]].concat())
    };
    let cut = decode(&out);
    assert_eq!(cut.code, Some(3), "{}", cut.err);
    let decoded = cut.json()["decoded"].as_u64().unwrap();
    assert!(decoded > 1_000, "{decoded}");
    let lines = fs::read_to_string(&out).unwrap().lines().count();
    assert_eq!(lines as u64, decoded);

    let (missing, other) = (folder.path().join("none"), folder.path().join("other"));
    let arguments = ["decode", "aivdm", text(&missing), "--out", text(&other)];
    let nothing = run(&arguments);
    assert_eq!((nothing.code, nothing.out.as_str()), (Some(3), ""));
    assert!(!other.exists());

    let refused = decode(&file);
    assert_eq!(refused.code, Some(2), "{}", refused.err);
    assert_eq!(fs::metadata(&file).unwrap().len(), packed.len() as u64 / 2);
}

/// Every message of a file is decoded, rejected, or said to tell nothing by itself.
#[test]
fn decode_accounts_for_every_message() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("receiver.nmea");
    let sentences = "$PGHP,1,2010,6,11,11,46,11,390,231,45,992190934,1,2B*5B\n\
                     !AIVDM,1,1,,B,402=481uaUcf;OQ55JS9ITi025Jp,0*2B\n\
                     !AIVDM,1,1,,B,,0*25\n";
    fs::write(&file, sentences).unwrap();
    let answer = run(&["decode", "aivdm", text(&file), "--format", "json"]).ok();
    let count = |name: &str| answer.json()[name].as_u64().unwrap();
    let told = ["messages", "decoded", "rejections", "silent"].map(count);
    assert_eq!(told, [3, 1, 1, 1]);
}

/// An auditor may read a folder and not write in it.
#[cfg(target_os = "linux")]
#[test]
#[allow(clippy::print_stderr, reason = "a test that does nothing must say so")]
fn tables_are_read_where_nothing_may_be_written() {
    let place = tempfile::tempdir().unwrap();
    let mount = |options: &[&str]| {
        let mut command = std::process::Command::new("mount");
        command.args(options).arg(place.path());
        command.output().is_ok_and(|output| output.status.success())
    };
    if !mount(&["-t", "tmpfs", "tmpfs"]) {
        eprintln!("left out: mounting a small disk needs root");
        return;
    }
    let data = small(place.path());
    assert!(mount(&["-o", "remount,ro"]));
    let listed = run(&["export", "incidents", "--data", text(&data)]);
    let mut unmount = std::process::Command::new("umount");
    assert!(unmount.arg(place.path()).status().unwrap().success());
    listed.ok();
}
