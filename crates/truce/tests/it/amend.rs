//! A log goes on under changed files of the mission.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use truce::line::{Folder, Line};
use truce_core::{Action, Body, Decision, IncidentKind, Record, Status, Timestamp};

use crate::program::{capture, ingest, mission, run, text};

/// A data folder with a short simulated period.
fn data(folder: &Path) -> PathBuf {
    let data = folder.join("data");
    ingest(&data, &[&capture()], &[]).ok();
    data
}

/// The example mission with another agreement.
fn amended(folder: &Path, agreement: impl Fn(String) -> String) -> PathBuf {
    let amended = folder.join("amended");
    fs::create_dir(&amended).unwrap();
    for file in fs::read_dir(mission()).unwrap() {
        let file = file.unwrap();
        fs::copy(file.path(), amended.join(file.file_name())).unwrap();
    }
    let file = amended.join("agreement.toml");
    let before = fs::read_to_string(&file).unwrap();
    let after = agreement(before.clone());
    assert_ne!(before, after);
    fs::write(&file, after).unwrap();
    amended
}

fn amend(data: &Path, mission: Option<&Path>) -> Value {
    let mut arguments = vec!["amend", "--data", text(data), "--format", "json"];
    arguments.extend(["--by", "head-of-mission", "--reason", "Annex C"]);
    arguments.extend(mission.iter().flat_map(|dir| ["--mission", text(dir)]));
    run(&arguments).ok().json()["incidents"].clone()
}

/// A replay that reproduces everything.
fn replay(data: &Path) -> Value {
    let answer = run(&["replay", "--data", text(data), "--format", "json"]);
    let answer = answer.ok().json();
    assert_eq!(answer["mismatch_count"], 0, "{answer}");
    assert_eq!(answer["records_unfinished"], 0, "{answer}");
    answer
}

fn incidents(data: &Path) -> Vec<Value> {
    let arguments = [
        "export",
        "incidents",
        "--data",
        text(data),
        "--limit",
        "999",
    ];
    let list = run(&[&arguments[..], &["--format", "json"]].concat());
    let list = list.ok().json();
    let list = list["items"].as_array().cloned();
    list.expect("a list of incidents")
}

#[test]
fn the_same_engine_under_the_same_files_concludes_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let data = data(folder.path());
    let (before, list) = (replay(&data), incidents(&data));
    let amended = amend(&data, None);
    assert_eq!(amended["before"], list.len(), "{amended}");
    assert_eq!(amended["unchanged"], list.len(), "{amended}");
    let after = replay(&data);
    assert_eq!(after["state_digest"], before["state_digest"]);
    // The epoch's own record behind the mission's files, and nothing else.
    let records = |answer: &Value| answer["records"].as_u64().unwrap();
    let files = fs::read_dir(mission()).unwrap().count() as u64;
    assert_eq!(records(&after), records(&before) + files + 1);
    assert_eq!(incidents(&data), list);
}

#[test]
fn an_amended_agreement_is_told_in_further_revisions() {
    let folder = tempfile::tempdir().unwrap();
    let data = data(folder.path());
    let stricter = amended(folder.path(), |text| {
        text.replace("breach = 0.8", "breach = 0.5")
    });
    let before = incidents(&data);
    let dry = ["amend", "--data", text(&data), "--dry-run"];
    let dry = run(&[
        &dry[..],
        &["--mission", text(&stricter), "--format", "json"],
    ]
    .concat());
    let dry = dry.ok().json();
    assert_eq!(incidents(&data), before, "a dry run writes nothing");
    let told = amend(&data, Some(&stricter));
    assert_eq!(dry["incidents"], told);
    assert!(told["other_breaches"].as_u64().unwrap() > 0, "{told}");
    let after = incidents(&data);
    let mut revised = 0;
    for (old, new) in before.iter().zip(&after) {
        assert_eq!(old["id"], new["id"]);
        let ahead = new["revision"].as_u64().unwrap() - old["revision"].as_u64().unwrap();
        assert!(ahead <= 1, "{old} {new}");
        assert!(ahead == 1 || old["verdicts"] == new["verdicts"]);
        revised += ahead;
    }
    assert_eq!(told["revised"], revised);

    // It goes on from there.
    let fires = folder.path().join("fires.csv");
    fs::write(
        &fires,
        "LATITUDE,LONGITUDE,ACQ_DATE\n48.1,37.7,2022-05-01\n",
    )
    .unwrap();
    let on = [
        "ingest",
        "--data",
        text(&data),
        "--mission",
        text(&stricter),
    ];
    run(&[&on[..], &["--feed", "viirs-archive", text(&fires)]].concat()).ok();
    let (first, second) = (replay(&data), replay(&data));
    assert_eq!(first, second);
    assert!(first["epoch_entry"].as_u64().unwrap() > 1, "{first}");

    // What was told under the amended agreement is proven with its text.
    let changed = before
        .iter()
        .zip(&after)
        .find(|(a, b)| a["verdicts"] != b["verdicts"]);
    let id = changed.unwrap().1["id"].as_str().unwrap();
    let package = folder.path().join("package.tar");
    let export = [
        "export",
        "evidence",
        id,
        "--data",
        text(&data),
        "--out",
        text(&package),
    ];
    run(&export).ok();
    let package = fs::read(&package).unwrap();
    assert!(String::from_utf8_lossy(&package).contains("breach = 0.5"));
    run(&["verify", text(&data)]).ok();
}

#[test]
fn what_no_clause_asks_for_is_withdrawn_unless_people_decided_on_it() {
    let folder = tempfile::tempdir().unwrap();
    let data = data(folder.path());
    let presences = |list: Vec<Value>| {
        let is_presence = |incident: &Value| incident["kind"] == "presence";
        let found = list.into_iter().filter(is_presence);
        found.collect::<Vec<_>>()
    };
    let before = presences(incidents(&data));
    let (decided, rest) = before.split_first().expect("an aircraft across the line");
    let id = decided["id"].as_str().unwrap();
    let (mut line, _) = Line::open(&Folder::at(&data), &mut |_, _| ()).unwrap();
    let decision = Record::new(Body::Decision(Decision {
        incident: id.parse().unwrap(),
        officer: "officer-1".parse().unwrap(),
        decided_at: "2025-06-10T12:00:00Z".parse().unwrap(),
        action: Action::MoveTo(Status::UnderVerification),
        reason: "asked both parties".to_owned(),
    }));
    line.submit(vec![decision], Timestamp::now()).unwrap();
    line.commit(Timestamp::now()).unwrap();
    let incident = line.store().incident(id.parse().unwrap()).unwrap().unwrap();
    assert_eq!(incident.incident.kind, IncidentKind::Presence);
    drop(line);

    let without_skies = amended(folder.path(), |text| {
        let from = text
            .find("[[version.clause]]\nid = \"airspace-line\"")
            .unwrap();
        let after = text[from + 1..].find("[[version").unwrap();
        text[..from].to_owned() + &text[from + 1 + after..]
    });
    let told = amend(&data, Some(&without_skies));
    assert_eq!(told["kept"], 1, "{told}");
    assert_eq!(told["withdrawn"], rest.len(), "{told}");
    let after = presences(incidents(&data));
    let kept = after.iter().find(|incident| incident["id"] == id).unwrap();
    assert_eq!(kept["withdrawn"], false);
    assert_eq!(kept["status"], "under_verification");
    let shown = run(&["replay", "--data", text(&data), "--format", "json"]);
    assert_eq!(shown.ok().json()["mismatch_count"], 0);

    // The next decision goes on from the last.
    let (mut line, _) = Line::open(&Folder::at(&data), &mut |_, _| ()).unwrap();
    let epochs = line.store().epochs().unwrap();
    let [(1, begun), (_, amended)] = &epochs[..] else {
        panic!("{epochs:?}");
    };
    assert_eq!(begun.amendment, None);
    assert_eq!(amended.amendment.as_ref().unwrap().reason, "Annex C");
    let remark = Record::new(Body::Decision(Decision {
        incident: id.parse().unwrap(),
        officer: "officer-1".parse().unwrap(),
        decided_at: "2025-06-10T13:00:00Z".parse().unwrap(),
        action: Action::Remark,
        reason: "the clause is gone, the answer still counts".to_owned(),
    }));
    line.submit(vec![remark], Timestamp::now()).unwrap();
    let (finding, _) = line.store().finding(id.parse().unwrap()).unwrap().unwrap();
    assert_eq!(finding.status, Status::UnderVerification);
    line.commit(Timestamp::now()).unwrap();
    drop(line);
    replay(&data);
}

#[test]
fn files_of_another_log_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let data = data(folder.path());
    let other = amended(folder.path(), |text| text + "\n# changed\n");
    let file = other.join("mission.toml");
    let text_of = fs::read_to_string(&file).unwrap();
    fs::write(
        &file,
        text_of.replace("truce.example/ukraine-2025", "truce.example/other"),
    )
    .unwrap();
    let refused = run(&[
        "amend",
        "--data",
        text(&data),
        "--mission",
        text(&other),
        "--dry-run",
    ]);
    assert_eq!(refused.code, Some(2), "{}", refused.err);
    assert!(refused.err.contains("log_origin"), "{}", refused.err);
}
