//! Planning over HTTP: the same answers as the command line, on what the stage's folder says.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::stage::Stage;

async fn ask(stage: &Stage, path: &str) -> Value {
    let answer = stage.get(path).await;
    assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text());
    answer.json()
}

#[tokio::test]
async fn an_assumption_changes_what_is_delivered() {
    let stage = Stage::new();
    let delivered = async |query: &str| {
        let answer = ask(&stage, &format!("/api/plan/coverage?{query}")).await;
        answer["picture"]["means"][0]["delivered"].as_f64().unwrap()
    };
    assert_eq!(delivered("").await.to_bits(), 0.0_f64.to_bits());
    assert_eq!(
        delivered("assume=ceasefire%3Dtrue").await.to_bits(),
        1.0_f64.to_bits()
    );
    let out = "assume=ceasefire%3Dtrue&without=cameras";
    assert_eq!(delivered(out).await.to_bits(), 0.0_f64.to_bits());
    let outcome = ask(&stage, "/api/plan/outcome?assume=ceasefire%3Dtrue").await;
    assert_eq!(outcome["plan"]["conditions"]["ceasefire"], "true");
}

#[tokio::test]
async fn an_instrument_that_said_it_is_off_counts_for_nothing() {
    let stage = Stage::new();
    // The stage's camera says at 70 s that it is off.
    for (at, silent) in [
        ("2025-03-01T00:01:00Z", json!([])),
        ("2025-03-01T00:02:00Z", json!(["post-1/camera"])),
    ] {
        let path = format!("/api/plan/coverage/cells?level=planned&at={at}");
        let cells = ask(&stage, &path).await;
        assert_eq!(cells["frame"]["silent"], silent, "{at}");
        assert_eq!(cells["frame"]["from"], "2025-03-01T00:00:00Z");
        assert!(!cells["features"].as_array().unwrap().is_empty());
    }
}

#[tokio::test]
async fn what_unlocks_a_detection_probability() {
    let stage = Stage::new();
    let ceasefire = json!([[{ "condition": "ceasefire" }]]);
    // The cameras stand within the strip, see nine events of ten nearby, and hang on the ceasefire.
    for (query, sets) in [
        ("clause=a2&at_least_percent=50", &ceasefire),
        (
            "violation=artillery-fire&area=strip&at_least_percent=50",
            &ceasefire,
        ),
        // Out of reach: the sets are of what can be reached.
        ("clause=a2&at_least_percent=99", &ceasefire),
        (
            "clause=a2&at_least_percent=50&assume=ceasefire%3Dtrue",
            &json!([[]]),
        ),
    ] {
        let answer = ask(&stage, &format!("/api/plan/unlock?{query}&days=1")).await;
        let worlds = answer["unlock"]["worlds"].as_array().unwrap();
        assert_eq!(worlds.len(), 1, "{query}");
        assert_eq!(worlds[0]["sets"], *sets, "{query}");
        let reachable = worlds[0]["reachable"].as_f64().unwrap();
        assert!((0.85..0.9).contains(&reachable), "{query}: {reachable}");
        let is_assumed = query.contains("assume");
        let now = if is_assumed { reachable } else { 0.0 };
        assert_eq!(worlds[0]["now"], json!(now), "{query}");
        assert_eq!(answer["frame"]["from"], "2025-03-01T00:00:00Z");
    }
}

#[tokio::test]
async fn what_the_mission_does_not_know_is_refused() {
    let stage = Stage::new();
    for path in [
        "/api/plan/outcome?assume=war%3Dtrue",
        "/api/plan/outcome?assume=ceasefire",
        "/api/plan/outcome?ballot=x",
        "/api/plan/unlock?layer=none",
        "/api/plan/unlock?clause=none",
        "/api/plan/unlock?clause=a2&at_least_percent=101",
        "/api/plan/coverage?days=1000",
        "/api/plan/coverage/cells?violation=rain",
        "/api/plan/tasks?vehicles=0",
        "/api/plan/passes?minutes=100000",
        "/api/paths?from=2025-03-01T00:00:00Z&to=2025-03-02T00:00:00Z",
    ] {
        let answer = stage.get(path).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{path}");
    }
}

#[tokio::test]
async fn incidents_and_tracks_are_told_as_of_an_instant() {
    let stage = Stage::new();
    let now = ask(&stage, "/api/known").await;
    assert_eq!(now["items"].as_array().unwrap().len(), 2);
    let before = ask(&stage, "/api/known?at=2025-02-01T00:00:00Z").await;
    assert_eq!(before["items"], json!([]));
    let hour = "from=2025-03-01T00:00:00Z&to=2025-03-01T01:00:00Z";
    let paths = ask(&stage, &format!("/api/paths?{hour}")).await;
    assert_eq!(paths["items"][0]["id"], stage.track.to_string());
}
