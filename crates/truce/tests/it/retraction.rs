//! What senders take back, through the command line: an alert and its cancellation as files.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::live::{feed, write_mission};
use crate::program::{run, text};

/// An alert of an authority about a circle.
fn alert(identifier: &str, kind: &str, sent: &str, more: &str) -> String {
    format!(
        "<?xml version=\"1.0\"?><alert xmlns=\"urn:oasis:names:tc:emergency:cap:1.2\">\
         <identifier>{identifier}</identifier><sender>alerts@example.org</sender><sent>{sent}</sent>\
         <status>Actual</status><msgType>{kind}</msgType><scope>Public</scope>{more}</alert>\n"
    )
}

fn strike(identifier: &str, circle: &str) -> String {
    let info = format!(
        "<info><category>Security</category><event>Strike</event><urgency>Past</urgency>\
         <severity>Severe</severity><certainty>Observed</certainty>\
         <onset>2025-06-10T12:00:00-00:00</onset><expires>2025-06-10T12:02:00-00:00</expires>\
         <area><areaDesc>A place</areaDesc><circle>{circle}</circle></area></info>"
    );
    alert(identifier, "Alert", "2025-06-10T12:03:00-00:00", &info)
}

fn incidents(data: &Path) -> Vec<Value> {
    let list = [
        "export",
        "incidents",
        "--data",
        text(data),
        "--format",
        "json",
    ];
    let list = run(&list).ok().json();
    list["items"].as_array().unwrap().clone()
}

/// The package that proves an incident, as text: a tar file holds its JSON as it is.
fn evidence(data: &Path, incident: &Value, out: &Path) -> String {
    let id = incident["id"].as_str().unwrap();
    run(&[
        "export",
        "evidence",
        id,
        "--data",
        text(data),
        "--out",
        text(out),
    ])
    .ok();
    String::from_utf8_lossy(&fs::read(out).unwrap()).into_owned()
}

/// Of two alerts one is told by a patrol and a caller too. When the authority cancels both, the one that
/// rests on nothing else is withdrawn; the other goes on and says what was taken back.
#[test]
fn a_cancelled_alert_counts_no_more_and_the_incident_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let (mission, data) = (folder.path().join("mission"), folder.path().join("data"));
    write_mission(&mission, &[feed("alerts", "cap", "kind = \"file\"")]);
    let ingest = |feed: &str, at: &str, content: &str| {
        let file = folder
            .path()
            .join(format!("{feed}-{}", at.replace(':', "")));
        fs::write(&file, content).unwrap();
        let place = ["--data", text(&data), "--mission", text(&mission)];
        let form = ["--format", "json", "--feed", feed, "--received-at", at];
        let answer = run(&[&["ingest"][..], &place, &form, &[text(&file)]].concat()).ok();
        let counts = &answer.json()["counts"]["feeds"][feed];
        assert_eq!(counts["rejections"], 0, "{counts}");
    };
    let told = |speaker: &str| {
        format!(
            "{{\"speaker\":\"{speaker}\",\"observed_at\":\"2025-06-10T12:00:00Z\",\
             \"observed_until\":\"2025-06-10T12:02:00Z\",\"about\":\"physical_event\",\
             \"class\":\"artillery\",\"lat_deg\":47.60,\"lon_deg\":36.20}}\n"
        )
    };
    ingest("patrols", "2025-06-10T12:03:00Z", &told("patrol"));
    ingest("hotline", "2025-06-10T12:03:05Z", &told("hotline"));
    let alerts = strike("A-1", "48.10,37.90 0.4") + &strike("A-2", "47.60,36.20 0.4");
    ingest("alerts", "2025-06-10T12:03:10Z", &alerts);
    let before = incidents(&data);
    assert_eq!(before.len(), 2, "{before:?}");
    assert!(before.iter().all(|incident| incident["withdrawn"] == false));
    for incident in &before {
        let told = evidence(&data, incident, &folder.path().join("before.truce"));
        assert!(!told.contains("and taken back since"));
    }

    let both = "<references>alerts@example.org,A-1,2025-06-10T12:03:00-00:00 \
                alerts@example.org,A-2,2025-06-10T12:03:00-00:00</references>";
    let cancel = alert("A-3", "Cancel", "2025-06-10T12:20:00-00:00", both);
    ingest("alerts", "2025-06-10T12:20:10Z", &cancel);
    let after = incidents(&data);
    assert_eq!(after.len(), 2, "{after:?}");
    for incident in &after {
        let alone = incident["evidence_count"] == 1;
        assert_eq!(incident["withdrawn"], alone, "{incident}");
        let told = evidence(&data, incident, &folder.path().join("after.truce"));
        let how = match alone {
            true => "taken_back",
            false => ", and taken back since",
        };
        assert!(told.contains(how), "{incident}");
    }
    let withdrawn = after.iter().filter(|i| i["withdrawn"] == true).count();
    assert_eq!(withdrawn, 1, "{after:?}");
}
