//! What can be read.

use axum::http::StatusCode;
use serde_json::{Value, json};
use truce_core::record::CustodyAction;
use truce_core::{Body, Status};
use truce_ledger::{Package, VerifierKey};

use super::stage::{Stage, at, finding};
use super::writes::take;
use crate::http::evidence::Accesses;
use crate::http::{openapi, routes};
use crate::service::Command;

#[tokio::test]
async fn every_route_answers_and_is_described() {
    let stage = Stage::new();
    let document = openapi::describe();
    let described = document["paths"].as_object().unwrap();
    assert_eq!(described.len(), routes().len());
    for (path, _) in routes() {
        let path = path.replace("{*path}", "{path}");
        let item = described
            .get(&path)
            .unwrap_or_else(|| panic!("{path} is not described"));
        // What waits for the line or for witnesses has tests of its own.
        let alone = ["/api/events", "/witnessed", "/api/incidents/{id}/evidence"];
        if item.get("get").is_none() || alone.contains(&path.as_str()) {
            continue;
        }
        let id = if path.contains("tracks") {
            stage.track.to_string()
        } else {
            stage.incident.to_string()
        };
        let path = path
            .replace("{id}", &id)
            .replace("{kind}", "daily")
            .replace("{path}", "0/000.p/1");
        let answer = stage.get(&path).await;
        assert!(answer.status.is_success(), "{path}: {}", answer.text());
    }
}

#[tokio::test]
async fn incidents_are_filtered_and_paged() {
    let stage = Stage::new();
    let count = async |query: &str| {
        let answer = stage.get(&format!("/api/incidents?{query}")).await;
        assert_eq!(answer.status, StatusCode::OK, "{query}: {}", answer.text());
        answer.json()["total"].as_u64().unwrap()
    };
    assert_eq!(count("").await, 2);
    assert_eq!(
        count("kind=physical_event,presence&status=reported").await,
        2
    );
    assert_eq!(count("kind=presence").await, 0);
    assert_eq!(count("clause=a2&verdict=breach").await, 1);
    assert_eq!(count("sector=east&probability_min=0.5").await, 1);
    assert_eq!(count("from=2025-03-01T00:01:05Z").await, 1);
    assert_eq!(count("text=close&sector=").await, 2);
    let first = stage
        .get("/api/incidents?limit=1&sort=probability")
        .await
        .json();
    assert_eq!(first["items"][0]["id"], json!(stage.incident));
    assert_eq!(first["items"][0]["sector"], "east");
    let after = first["next"].as_str().unwrap();
    let path = format!("/api/incidents?limit=1&sort=probability&after={after}");
    let second = stage.get(&path).await.json();
    assert_eq!(
        (&second["next"], &second["items"][0]["probability"]),
        (&Value::Null, &json!(0.3))
    );
}

#[tokio::test]
async fn what_makes_no_sense_is_refused_with_a_hint() {
    let stage = Stage::new();
    for (path, status, code) in [
        ("/api/incidents?kind=war", 400, "bad_request"),
        ("/api/incidents?sort=fear", 400, "bad_request"),
        ("/api/incidents?from=yesterday", 400, "bad_request"),
        ("/api/incidents?limit=-1", 400, "bad_request"),
        ("/api/incidents?after=x", 400, "bad_request"),
        ("/api/incidents?knd=presence", 400, "bad_request"),
        (
            "/api/incidents?kind=presence&kind=passage",
            400,
            "bad_request",
        ),
        (
            "/api/summary?from=2025-03-02T00:00:00Z&to=2025-03-01T00:00:00Z",
            400,
            "bad_request",
        ),
        ("/api/report/daily?date=2025-02-30", 400, "bad_request"),
        ("/api/incidents/000000", 404, "not_found"),
        ("/api/incidents/%2e%2e%2fetc", 404, "not_found"),
        ("/api/tracks/1234", 404, "not_found"),
        ("/tile/0/../../keys/log.key", 404, "not_found"),
        ("/tile/7/x999/999", 404, "not_found"),
        ("/api/nothing", 404, "not_found"),
    ] {
        let answer = stage.get(path).await;
        assert_eq!(answer.status, status, "{path}");
        let error = &answer.json()["error"];
        assert_eq!(error["code"], code, "{path}");
        assert!(
            error["message"]
                .as_str()
                .is_some_and(|message| !message.is_empty()),
            "{path}"
        );
        assert!(error["hint"].is_string(), "{path}");
    }
}

#[tokio::test]
async fn one_incident_tells_everything_about_it() {
    let stage = Stage::new();
    let short = &stage.incident.to_string()[..8];
    let detail = stage.get(&format!("/api/incidents/{short}")).await.json();
    assert_eq!(detail["incident"]["id"], json!(stage.incident));
    assert_eq!(detail["revisions"][0]["entry"], 4);
    let evidence = &detail["evidence"][0];
    assert_eq!(
        (&evidence["entry"], &evidence["row"]),
        (&json!(2), &json!(0))
    );
    assert_eq!(evidence["raw"]["text"], "hot");
    assert_eq!(evidence["observation"]["sensor"], "post-1/camera");
    let assessment = &detail["assessments"][0];
    assert_eq!(assessment["clause_text"], "No weapon is used.");
    assert_eq!(
        (&assessment["article"], &assessment["verdict"]),
        (&json!("2"), &json!("breach"))
    );
    assert_eq!(detail["finding"], Value::Null);
    assert_eq!(
        detail["allowed"][0]["action"]["move_to"],
        "under_verification"
    );
    let proof = &detail["proof"];
    assert_eq!(
        (&proof["entry"], &proof["logged"]),
        (&json!(4), &json!(true))
    );
    assert!(
        proof["checkpoint"]
            .as_str()
            .unwrap()
            .starts_with("truce.example/stage\n6\n")
    );
}

#[tokio::test]
async fn that_raw_evidence_was_shown_is_logged_once_in_a_while() {
    let mut stage = Stage::new();
    for _ in 0..3 {
        let path = format!("/api/incidents/{}", stage.incident);
        let detail = stage.get(&path).await.json();
        assert!(detail["evidence"][0]["raw"].is_object(), "{detail}");
    }
    let Ok(Command::Custody(access, _)) = stage.commands.try_recv() else {
        panic!("an access is expected")
    };
    assert_eq!(
        (access.action, access.rows.len()),
        (CustodyAction::Access, 1)
    );
    assert!(stage.commands.try_recv().is_err(), "it was logged again");
    let (mut accesses, again) = (Accesses::default(), at(3_600.0));
    let seen = [at(0.0), at(3_599.0), again].map(|now| accesses.is_new(stage.incident, now));
    assert_eq!(seen, [true, false, true]);
}

#[tokio::test]
async fn logged_is_told_from_published() {
    let mut stage = Stage::new();
    let under = Body::Finding(finding(stage.incident, Status::UnderVerification));
    stage.line.append_unpublished(&[under]);
    let path = format!("/api/incidents/{}", stage.incident);
    let detail = stage.get(&path).await.json();
    assert_eq!(detail["summary"]["status"], "under_verification");
    assert_eq!(
        (&detail["proof"]["entry"], &detail["proof"]["logged"]),
        (&json!(6), &json!(false))
    );
    let evidence = stage.get(&format!("{path}/evidence")).await;
    assert_eq!(evidence.status, StatusCode::SERVICE_UNAVAILABLE);
}

#[tokio::test]
async fn the_evidence_package_proves_itself_and_its_export_is_logged() {
    let mut stage = Stage::new();
    let mut commands = take(&mut stage);
    let line = tokio::spawn(async move {
        let Some(Command::Custody(custody, answer)) = commands.recv().await else {
            panic!("an export is expected")
        };
        answer.send(()).unwrap();
        custody
    });
    let answer = stage
        .get(&format!("/api/incidents/{}/evidence", stage.incident))
        .await;
    let name = format!(
        "filename=\"incident-{}.evidence.tar\"",
        stage.incident.0.short()
    );
    assert!(answer.header("content-disposition").ends_with(&name));
    let custody = line.await.unwrap();
    assert_eq!(
        (custody.action, custody.rows.len()),
        (CustodyAction::Export, 5)
    );
    assert_eq!(custody.digest, Some(truce_core::Digest::of(&answer.bytes)));
    let package = Package::parse(&answer.bytes).unwrap();
    let log = stage.get("/api/log").await.json();
    let key = VerifierKey::parse(log["verifier_key"].as_str().unwrap()).unwrap();
    let readable = crate::evidence::readable(package.evidence());
    let report = package.verify(&key, None, &readable).unwrap();
    assert!(report.proven(), "{report:?}");
    // The agreement, the message, the observation, the incident and its assessment.
    assert_eq!(report.rows_proven, 5);
    let text = String::from_utf8_lossy(&answer.bytes);
    assert!(text.contains("a2") && text.contains("hot"));
}

#[tokio::test]
async fn the_mission_its_zones_and_sensors() {
    let stage = Stage::new();
    let mission = stage.get("/api/mission").await.json();
    assert_eq!(mission["mission"]["log_origin"], "truce.example/stage");
    // They have paths of their own, below.
    assert_eq!(mission["mission"].get("zones"), None);
    assert_eq!(mission["mission"].get("network"), None);
    assert_eq!(mission["mission"].get("straits"), Some(&Value::Null));
    assert_eq!(
        mission["agreement"]["versions"][0]["clauses"][0]["text"],
        "No weapon is used."
    );
    let zones = stage.get("/api/zones").await.json();
    assert_eq!(zones["features"][0]["geometry"]["type"], "LineString");
    let sector = &zones["features"][1];
    let ring = sector["geometry"]["coordinates"][0].as_array().unwrap();
    assert_eq!(
        (ring.len(), &ring[0], &ring[4]),
        (5, &json!([36.0, 46.0]), &json!([36.0, 46.0]))
    );
    assert_eq!(sector["properties"]["clauses"], json!(["a2"]));
    let sensors = stage.get("/api/sensors").await.json();
    let of = |index: usize| &sensors["features"][index]["properties"];
    assert_eq!(
        (&of(0)["type"], &of(0)["health"]),
        (&json!("post"), &json!("off"))
    );
    assert_eq!(
        (&of(1)["kind"], &of(1)["sector"]),
        (&json!("camera"), &json!("east"))
    );
    assert_eq!(of(1)["last_message_at"], "2025-03-01T00:01:10Z");
    let feeds = stage.get("/api/feeds").await.json();
    let feed = |index: usize| &feeds["items"][index];
    assert_eq!(
        (&feed(0)["messages"], &feed(0)["observations"]),
        (&json!(2), &json!(2))
    );
    assert_eq!(
        (&feed(1)["messages"], &feed(1)["last_received_at"]),
        (&json!(0), &Value::Null)
    );
}

#[tokio::test]
async fn counts_tracks_and_report() {
    let stage = Stage::new();
    let summary = stage.get("/api/summary").await.json();
    assert_eq!(summary["incidents_by_kind"]["physical_event"], 2);
    assert_eq!(summary["breaches_by_clause"]["a2"], 1);
    // Nothing has come for long: the picture stands at the last message.
    assert_eq!(summary["now"], "2025-03-01T00:01:10Z");
    let tracks = stage.get("/api/tracks?kind=vessel").await.json();
    assert_eq!(tracks["items"][0]["tail"].as_array().unwrap().len(), 2);
    assert_eq!(
        stage.get("/api/tracks?kind=uav").await.json()["items"],
        json!([])
    );
    let track = stage
        .get(&format!("/api/tracks/{}", stage.track))
        .await
        .json();
    assert_eq!(track["track"]["points"].as_array().unwrap().len(), 2);

    let report = stage.get("/api/report/daily").await;
    assert_eq!(report.header("content-type"), "text/html; charset=utf-8");
    assert!(report.text().contains("Daily report, 1 Mar 2025 20:00 EET"));
    assert!(report.text().contains("Article 2: No fire"));
    let before = stage.get("/api/report/daily?date=2025-02-28").await.text();
    assert!(before.contains("No incident of this period is held to be a violation."));
}

#[tokio::test]
async fn reports_come_in_every_kind_and_form() {
    let stage = Stage::new();
    let list = stage.get("/api/reports").await.json();
    assert_eq!(list["periods"][0]["date"], "2025-03-01");
    let incident = stage.incident.to_string();
    for kind in list["kinds"].as_array().unwrap() {
        let kind = kind.as_str().unwrap();
        for lang in ["en", "fr"] {
            let path = format!("/api/report/{kind}?lang={lang}&incident={incident}&format=json");
            let report = stage.get(&path).await;
            assert_eq!(report.status, 200, "{kind}: {}", report.text());
            assert!(
                report.json()["tables"].as_array().unwrap().len() > 1,
                "{kind}"
            );
        }
    }
    let csv = stage
        .get("/api/report/daily?format=csv&table=watched&lang=uk")
        .await;
    assert_eq!(csv.header("content-type"), "text/csv; charset=utf-8");
    assert!(csv.text().starts_with("sector,class,detection_percent"));
    let geojson = stage.get("/api/report/daily?format=geojson").await;
    assert_eq!(geojson.header("content-type"), "application/geo+json");
    assert_eq!(geojson.json()["type"], "FeatureCollection");
    let watched = stage
        .get("/api/watched?from=2025-03-01T00:00:00Z&to=2025-03-01T06:00:00Z")
        .await
        .json();
    let cells = watched["features"].as_array().unwrap();
    assert!(
        cells
            .iter()
            .all(|cell| cell["properties"]["artillery_p"].is_number())
    );
    for (path, status) in [
        ("/api/report/yearly", 404),
        ("/api/report/spot", 400),
        ("/api/report/dossier?incident=ffffffffff", 404),
        ("/api/report/daily?format=csv", 400),
        ("/api/report/daily?format=csv&table=nothing", 400),
        ("/api/report/daily?lang=de", 400),
        ("/api/report/annex?from=2025-03-02&date=2025-03-01", 400),
        (
            "/api/watched?from=2025-03-01T00:00:00Z&to=2025-02-01T06:00:00Z",
            400,
        ),
    ] {
        assert_eq!(stage.get(path).await.status, status, "{path}");
    }
}

#[tokio::test]
async fn the_log_is_served_as_tiles() {
    let stage = Stage::new();
    let log = stage.get("/api/log").await.json();
    assert_eq!(
        (&log["size"], &log["witnessed"]),
        (&json!(6), &json!(false))
    );
    assert_eq!(log["published_at"], "2025-03-01T00:16:40Z");
    let checkpoint = stage.get("/checkpoint").await;
    assert_eq!(checkpoint.text(), log["checkpoint"].as_str().unwrap());
    let partial = stage.get("/tile/0/000.p/6").await;
    assert_eq!(
        (partial.status, partial.bytes.len()),
        (StatusCode::OK, 6 * 32)
    );
    assert!(!partial.header("cache-control").contains("immutable"));
    let entries = stage.get("/tile/entries/000.p/6").await;
    assert_eq!(truce_ledger::parse_bundle(&entries.bytes).unwrap().len(), 6);
}
