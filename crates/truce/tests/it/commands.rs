//! Each command on good input.

use std::fs;

use crate::program::{Run, capture, ingest, mission, replaced, run, text, truce};

#[test]
fn the_example_mission_has_no_mistakes() {
    let answer = run(&["check", text(&mission()), "--format", "json"])
        .ok()
        .json();
    assert_eq!(answer["issues"].as_array().unwrap().len(), 0);
    assert_eq!(answer["digest"].as_str().unwrap().len(), 64);
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let simulate = |name: &str, seed: &str| {
        let out = folder.path().join(name);
        let mission = mission();
        run(&[
            "simulate",
            text(&mission),
            "--hours",
            "0.5",
            "--seed",
            seed,
            "--out",
            text(&out),
        ])
        .ok();
        let mut files = vec![out.join("arrivals.csv"), out.join("truth.jsonl")];
        files.extend(
            fs::read_dir(out.join("feeds"))
                .unwrap()
                .map(|file| file.unwrap().path()),
        );
        files.sort();
        let bytes = files.iter().flat_map(|file| fs::read(file).unwrap());
        bytes.collect::<Vec<u8>>()
    };
    let first = simulate("a", "3");
    assert!(
        first.len() > 10_000,
        "the simulation wrote {} bytes",
        first.len()
    );
    assert!(
        first == simulate("b", "3"),
        "the same seed gave other bytes"
    );
    assert!(
        first != simulate("c", "4"),
        "another seed gave the same bytes"
    );
}

#[test]
fn from_messages_to_verified_log_and_equal_replays() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let counts = ingest(&data, &[&capture()], &[]).ok().json();
    assert!(
        counts["counts"]["incident_revisions"].as_u64().unwrap() > 10,
        "{counts}"
    );
    assert!(
        counts["counts"]["track_updates"].as_u64().unwrap() > 10,
        "{counts}"
    );
    let state = counts["state_digest"].as_str().unwrap().to_owned();

    let verified = run(&["verify", text(&data), "--format", "json"])
        .ok()
        .json();
    assert_eq!(
        verified["damage"].as_array().map(Vec::len),
        Some(0),
        "{verified}"
    );

    let replay = |name: &str| {
        let out = folder.path().join(name);
        let answer = run(&[
            "replay",
            "--data",
            text(&data),
            "--out",
            text(&out),
            "--format",
            "json",
        ]);
        (answer.ok().json(), fs::read(out).unwrap())
    };
    let ((first, tables), (second, tables_again)) = (replay("one"), replay("two"));
    assert_eq!(first, second);
    assert!(
        tables == tables_again,
        "two rebuilds of the tables differ in their bytes"
    );
    assert_eq!(first["mismatch_count"], 0);
    assert_eq!(first["records_unfinished"], 0);
    assert_eq!(first["state_digest"], state.as_str());
    assert!(first["records_reproduced"].as_u64().unwrap() > 1_000);
}

#[test]
fn a_file_is_read_in_once() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let file = folder.path().join("fires.csv");
    let rows = "LATITUDE,LONGITUDE,ACQ_DATE\n48.1,37.7,2022-05-01\n48.2,37.8,2022-05-01\n";
    fs::write(&file, rows).unwrap();
    let feed = ["--feed", "viirs-archive"];
    let first = ingest(&data, &[&file], &feed).ok().json();
    assert_eq!(first["counts"]["feeds"]["viirs-archive"]["observations"], 2);
    let second = ingest(&data, &[&file], &feed).ok().json();
    assert_eq!(
        second["counts"]["files_left_out"].as_array().unwrap().len(),
        1
    );

    // The same rows in another file are received, and recognised as received before.
    let copy = folder.path().join("copy.csv");
    fs::write(&copy, format!("{rows}48.3,37.9,2022-05-02\n")).unwrap();
    let third = ingest(&data, &[&copy], &feed).ok().json();
    assert_eq!(third["counts"]["feeds"]["viirs-archive"]["duplicates"], 2);
    assert_eq!(third["counts"]["feeds"]["viirs-archive"]["observations"], 1);
    assert_eq!(first["state_digest"], second["state_digest"]);
    assert_ne!(first["state_digest"], third["state_digest"]);
}

#[test]
fn a_finding_is_proven_from_its_evidence_file_alone() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    ingest(&data, &[&capture()], &[]).ok();
    let list = run(&[
        "export",
        "incidents",
        "--data",
        text(&data),
        "--format",
        "json",
    ])
    .ok()
    .json();
    let incident = list["items"][0]["id"].as_str().unwrap().to_owned();
    let evidence = folder.path().join("alone").join("evidence.truce");
    fs::create_dir(evidence.parent().unwrap()).unwrap();
    run(&[
        "export",
        "evidence",
        &incident,
        "--data",
        text(&data),
        "--out",
        text(&evidence),
    ])
    .ok();
    let key = folder.path().join("alone").join("log.pub");
    fs::copy(data.join("keys/log.pub"), &key).unwrap();
    fs::remove_dir_all(&data).unwrap();

    let answer = run(&["verify", text(&evidence), "--key", text(&key)]).ok();
    assert!(answer.out.contains("proven"), "{}", answer.out);

    let good = fs::read(&evidence).unwrap();
    fs::write(&evidence, replaced(&good, "probability", "probabilitx")).unwrap();
    assert_eq!(
        run(&["verify", text(&evidence), "--key", text(&key)]).code,
        Some(4)
    );
}

#[test]
fn the_daily_report_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let (data, out) = (
        folder.path().join("data"),
        folder.path().join("report.html"),
    );
    ingest(&data, &[&capture()], &[]).ok();
    run(&[
        "report",
        "--data",
        text(&data),
        "--date",
        "2025-06-10",
        "--out",
        text(&out),
    ])
    .ok();
    let html = fs::read_to_string(&out).unwrap();
    assert!(
        html.contains("EEST") && html.contains("10 Jun 2025"),
        "{}",
        &html[..2000]
    );
}

#[test]
fn completions_and_help_teach() {
    let completions = run(&["completions", "bash"]).ok();
    assert!(completions.out.contains("simulate"));
    let help = run(&["--help"]).ok();
    for word in [
        "check", "simulate", "ingest", "serve", "demo", "replay", "report", "verify",
    ] {
        assert!(help.out.contains(word), "{word} is not in the help");
    }
    assert!(help.out.contains("Exit codes"));
}

/// A file that ends in the middle of a message says so: the part that waits is rejected.
#[test]
fn parts_that_wait_at_the_end_of_a_file_are_counted() {
    let folder = tempfile::tempdir().unwrap();
    let (data, file) = (folder.path().join("data"), folder.path().join("cut.nmea"));
    // The first of two sentences of an AIS message of type 5.
    let body = "AIVDM,2,1,3,B,55?MbV02;H;s<HtKR20EHE:0@T4@Dn2222222216L961O5Gf0NSQEp6ClRp8,0";
    let checksum = body.bytes().fold(0, |sum, byte| sum ^ byte);
    fs::write(&file, format!("!{body}*{checksum:02X}\n")).unwrap();
    let answer = ingest(&data, &[&file], &["--feed", "ais-coast"])
        .ok()
        .json();
    assert_eq!(
        answer["counts"]["feeds"]["ais-coast"]["rejections"], 1,
        "{answer}"
    );
}

#[test]
fn an_amended_agreement_is_held_against_all_that_happened() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    ingest(&data, &[&capture()], &[]).ok();
    let assess = |agreement: &std::path::Path| {
        run(&[
            "assess",
            "--data",
            text(&data),
            "--agreement",
            text(agreement),
            "--format",
            "json",
        ])
    };
    let present = mission().join("agreement.toml");
    let same = assess(&present).ok().json();
    assert!(same["incidents"].as_u64().unwrap() > 10, "{same}");
    assert_eq!(same["changes"].as_array().map(Vec::len), Some(0));
    assert_eq!(same["agreements"][0], same["agreements"][1]);

    // Nobody could ever be that sure: what was a breach is now left open.
    let strict = fs::read_to_string(&present)
        .unwrap()
        .replace("breach = 0.8", "breach = 1.0");
    let amended = folder.path().join("amended.toml");
    fs::write(&amended, strict).unwrap();
    let answer = assess(&amended).ok().json();
    let changes = answer["changes"].as_array().unwrap();
    assert!(!changes.is_empty());
    for change in changes {
        assert_eq!(change["before"], "breach", "{change}");
        assert_eq!(change["after"], "undetermined", "{change}");
        assert!(
            change["reasons"]
                .as_array()
                .is_some_and(|list| !list.is_empty())
        );
    }
    let counted: u64 = answer["clauses"]
        .as_object()
        .unwrap()
        .values()
        .filter_map(|verdicts| verdicts["breach → undetermined"].as_u64())
        .sum();
    assert_eq!(counted, changes.len() as u64);

    // Mistakes are reported as `check` reports them.
    fs::write(&amended, "title = \"T\"\nnonsense = 1\n").unwrap();
    let wrong = assess(&amended);
    assert_eq!(wrong.code, Some(1), "{}", wrong.err);
    assert!(wrong.err.contains("nonsense"), "{}", wrong.err);
}

#[test]
fn a_log_filter_that_cannot_be_read_is_told() {
    let check = |filter: &str| -> Run {
        let mut command = truce(&["check", text(&mission())]);
        command.env("TRUCE_LOG", filter).output().unwrap().into()
    };
    for (filter, is_told) in [
        ("debug", false),
        ("info,truce::connect=debug", false),
        ("truce=loud", true),
        ("truce=debug=info", true),
    ] {
        let said = check(filter).ok().err;
        assert_eq!(said.contains("is no filter"), is_told, "{filter}: {said}");
    }
}

#[test]
fn every_mission_folder_of_the_project_is_without_mistakes() {
    let folders = fs::read_dir(mission().parent().unwrap()).unwrap();
    let folders: Vec<_> = folders.map(|entry| entry.unwrap().path()).collect();
    assert!(folders.len() > 3, "{folders:?}");
    for folder in folders {
        let checked = run(&["check", text(&folder)]);
        assert_eq!(
            checked.code,
            Some(0),
            "{}\n{}",
            folder.display(),
            checked.out
        );
    }
}
