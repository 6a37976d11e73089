//! Bad input: clear errors, counted rejections, and nothing acknowledged is lost.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::program::{capture, ingest, mission, run, text, truce};

#[test]
fn a_mission_folder_with_ten_mistakes_reports_ten() {
    let folder = tempfile::tempdir().unwrap();
    for name in truce_core::mission::MISSION_FILES {
        fs::copy(mission().join(name), folder.path().join(name)).unwrap();
    }
    let append = |name: &str, text: &str| {
        let path = folder.path().join(name);
        let old = fs::read_to_string(&path).unwrap();
        fs::write(&path, format!("{old}\n{text}\n")).unwrap();
    };
    append(
        "mission.toml",
        "[[actors]]\nid = \"No Slug\"\nname = 5\nrole = \"king\"\ncolour = 1",
    );
    append(
        "sensors.toml",
        "[[feeds]]\nid = \"f-1\"\nname = \"x\"\nformat = \"morse\"\ntransprt = \"file\"",
    );
    append("agreement.toml", "[[clauze]]\nid = \"c\"");
    append("mandate.toml", "veto = maybe");
    fs::remove_file(folder.path().join("coalition.toml")).unwrap();
    let run = run(&["check", text(folder.path()), "--format", "json"]);
    assert_eq!(run.code, Some(1), "{}", run.err);
    let answer = run.json();
    let issues = answer["issues"].as_array().unwrap();
    assert!(issues.len() >= 10, "{answer:#}");
    for name in [
        "mission.toml",
        "sensors.toml",
        "agreement.toml",
        "mandate.toml",
        "coalition.toml",
    ] {
        assert!(
            issues.iter().any(|issue| issue["file"] == name),
            "{name} has no issue: {answer:#}"
        );
    }
    for issue in issues {
        assert!(issue["line"].as_u64().unwrap() >= 1 && issue["column"].as_u64().unwrap() >= 1);
    }
}

#[test]
fn hostile_files_are_counted_and_never_stop_the_line() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let good = "48.26382,37.21014,297.54,0.53,0.67,2025-08-11,00:45:00,N20,nominal,2.0NRT,281.83,0.36,N,VIIRS";
    let mut hostile = format!(
        "latitude,longitude,bright_ti4,scan,track,acq_date,acq_time,satellite,confidence,version,\
         bright_ti5,frp,daynight,instrument\n{good}\n91.0{}\n{}\nNaN,inf\n\"unclosed\n{good}\n",
        &good[8..],
        &good[..40],
    )
    .into_bytes();
    hostile.extend((0..40_000_u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 13).to_le_bytes()[0]));
    hostile.extend(b"\n\xff\xfe\x00\n");
    hostile.extend(std::iter::repeat_n(b'9', 2_000_000));
    let file = folder.path().join("hostile.csv");
    fs::write(&file, &hostile).unwrap();
    for feed in [
        "viirs",
        "ais-coast",
        "acoustic",
        "seismic",
        "patrols",
        "mission-status",
    ] {
        let answer = ingest(&data, &[&file], &["--feed", feed]).ok().json();
        let counts = &answer["counts"]["feeds"][feed];
        assert!(
            counts["rejections"].as_u64().unwrap() >= 5,
            "{feed}: {answer}"
        );
        let found = counts["observations"].as_u64().unwrap();
        assert_eq!(found, u64::from(feed == "viirs"), "{feed}: {answer}");
    }
    assert_eq!(run(&["verify", text(&data)]).code, Some(0));
}

#[test]
fn a_second_process_on_the_same_folder_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let file = folder.path().join("fires.csv");
    fs::write(&file, "LATITUDE,LONGITUDE,ACQ_DATE\n48.1,37.7,2022-05-01\n").unwrap();
    ingest(&data, &[&file], &["--feed", "viirs-archive"]).ok();
    let held = truce::line::Line::open(&truce::line::Folder::at(&data), &mut |_, _| ()).unwrap();
    let second = ingest(&data, &[&file], &["--feed", "viirs-archive"]);
    assert_eq!(second.code, Some(3), "{}", second.err);
    assert!(second.err.contains("another process"), "{}", second.err);
    assert!(second.err.contains("end it first"), "{}", second.err);
    drop(held);
    ingest(&data, &[&file], &["--feed", "viirs-archive"]).ok();
}

#[test]
fn another_mission_on_the_same_folder_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let (data, other) = (folder.path().join("data"), folder.path().join("mission"));
    ingest(&data, &[&capture()], &[]).ok();
    fs::create_dir(&other).unwrap();
    for name in truce_core::mission::MISSION_FILES {
        let text = fs::read_to_string(mission().join(name)).unwrap();
        let comment = if name.ends_with("toml") {
            "\n# changed\n"
        } else {
            "\n"
        };
        fs::write(other.join(name), text + comment).unwrap();
    }
    let refused = run(&[
        "ingest",
        "--data",
        text(&data),
        "--mission",
        text(&other),
        text(&capture()),
    ]);
    assert_eq!(refused.code, Some(2), "{}", refused.err);
    assert!(refused.err.contains("truce amend"), "{}", refused.err);
}

#[test]
fn a_damaged_tile_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    ingest(&data, &[&capture()], &[]).ok();
    let tile = first_file(&data.join("log/tile/0"));
    let mut bytes = fs::read(&tile).unwrap();
    bytes[7] ^= 1;
    fs::write(&tile, bytes).unwrap();
    let verified = run(&["verify", text(&data)]);
    assert_eq!(verified.code, Some(4), "{}{}", verified.out, verified.err);
    let name = tile.strip_prefix(data.join("log")).unwrap();
    assert!(
        verified.out.contains(text(name)),
        "{} is not in {}",
        name.display(),
        verified.out
    );
}

/// A file-size limit stands for a full disk: the write fails in the middle, the program says so and
/// ends, and what was acknowledged before is there afterwards.
#[test]
fn a_full_disk_is_a_clear_error_and_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let file = folder.path().join("fires.csv");
    let row = |i: u32| format!("{:.4},{:.4},2022-05-01\n", 44.0 + f64::from(i) * 1e-3, 37.5);
    let rows: String = (0..6_000).map(row).collect();
    fs::write(&file, format!("LATITUDE,LONGITUDE,ACQ_DATE\n{rows}")).unwrap();
    let small = folder.path().join("first.csv");
    fs::write(
        &small,
        "LATITUDE,LONGITUDE,ACQ_DATE\n48.1,37.7,2022-04-01\n",
    )
    .unwrap();
    ingest(&data, &[&small], &["--feed", "viirs-archive"]).ok();

    let program = truce(&[]);
    let script = r#"trap '' XFSZ; ulimit -f 2048; exec "$@""#;
    let limited = Command::new("bash")
        .args(["-c", script, "bash"])
        .arg(program.get_program())
        .args([
            "ingest",
            "--data",
            text(&data),
            "--feed",
            "viirs-archive",
            text(&file),
        ])
        .output()
        .unwrap();
    let err = String::from_utf8_lossy(&limited.stderr);
    assert_eq!(limited.status.code(), Some(3), "{err}");
    assert!(
        err.to_lowercase().contains("too large") || err.contains("write"),
        "{err}"
    );

    assert_eq!(run(&["replay", "--data", text(&data)]).code, Some(0));
    let again = ingest(&data, &[&file], &["--feed", "viirs-archive"])
        .ok()
        .json();
    let counts = &again["counts"]["feeds"]["viirs-archive"];
    let seen = counts["observations"].as_u64().unwrap() + counts["duplicates"].as_u64().unwrap();
    assert_eq!(seen, 6_000, "{again}");
    assert_eq!(run(&["verify", text(&data)]).code, Some(0));
}

#[test]
fn questions_about_nothing_say_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let nothing = folder.path().join("nothing");
    let serve = ["serve", "--listen", "127.0.0.1:0"];
    for command in [&["replay"][..], &["report"], &serve] {
        let answer = run(&[command, &["--data", text(&nothing)]].concat());
        assert_eq!(answer.code, Some(2), "{command:?}: {}", answer.err);
        assert!(
            answer.err.contains("truce ingest"),
            "{command:?}: {}",
            answer.err
        );
    }
    assert_eq!(run(&["check", text(&nothing)]).code, Some(2));
    let address = ["serve", "--data", text(&nothing), "--listen", "0.0.0.0:0"];
    let refused = run(&address);
    assert_eq!(refused.code, Some(2));
    assert!(refused.err.contains("loopback"), "{}", refused.err);
}

fn first_file(folder: &Path) -> std::path::PathBuf {
    let mut paths: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|e| e.unwrap().path())
        .collect();
    paths.sort();
    let path = paths.first().unwrap().clone();
    if path.is_dir() {
        first_file(&path)
    } else {
        path
    }
}

#[test]
fn who_stops_reading_an_answer_does_not_break_the_command() {
    for arguments in [
        &["completions", "bash"][..],
        &["check", text(&mission()), "--format", "json"],
        &["decode", "--help"],
    ] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let ended = truce(arguments).stdout(writer).output().unwrap();
        let err = String::from_utf8_lossy(&ended.stderr);
        assert_eq!(ended.status.code(), Some(0), "{arguments:?}: {err}");
        assert_eq!(err, "", "{arguments:?}");
    }
}

#[test]
fn an_answer_that_cannot_be_written_is_no_success() {
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full");
    let ended = truce(&["check", text(&mission()), "--format", "json"])
        .stdout(full.unwrap())
        .output()
        .unwrap();
    let err = String::from_utf8_lossy(&ended.stderr);
    assert_eq!(ended.status.code(), Some(3), "{err}");
    assert!(err.contains("the answer cannot be written"), "{err}");
}
