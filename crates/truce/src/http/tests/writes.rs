//! What can be written, and by whom.

use axum::body::Body as Bytes;
use axum::http::StatusCode;
use serde_json::json;
use truce_core::{Action, FeedNotice, Status};

use super::stage::{Stage, finding, request, slug};
use crate::engine::Refused;
use crate::service::{Command, Reached};

const DECISION: &str =
    r#"{"officer":"officer-1","action":{"move_to":"verified"},"reason":"Seen by patrol 3."}"#;

#[tokio::test]
async fn a_decision_goes_to_the_line_and_its_finding_comes_back() {
    let mut stage = Stage::new();
    let path = format!("/api/incidents/{}/decisions", stage.incident);
    let (incident, mut commands) = (stage.incident, take(&mut stage));
    let line = tokio::spawn(async move {
        let Some(Command::Decide(decision, answer)) = commands.recv().await else {
            panic!("a decision is expected")
        };
        answer
            .send(Ok(finding(decision.incident, Status::Verified)))
            .unwrap();
        decision
    });
    let answer = stage.post(&path, DECISION).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text());
    assert_eq!(answer.json()["finding"]["status"], "verified");
    let decision = line.await.unwrap();
    assert_eq!(
        (decision.incident, decision.officer),
        (incident, slug("officer-1"))
    );
    assert_eq!(decision.action, Action::MoveTo(Status::Verified));
}

pub(super) fn take(stage: &mut Stage) -> tokio::sync::mpsc::Receiver<Command> {
    let (_, empty) = tokio::sync::mpsc::channel(1);
    std::mem::replace(&mut stage.commands, empty)
}

#[tokio::test]
async fn while_the_line_is_opened_all_is_read_and_nothing_is_decided() {
    let mut stage = Stage::new();
    let path = format!("/api/incidents/{}/decisions", stage.incident);
    let (done, total) = (30, 70);
    stage.handle.tell_opening(Some(Reached { done, total }));
    let log = stage.get("/api/log").await.json();
    assert_eq!(log["opening"], json!({ "done": done, "total": total }));
    let read = stage.get(&path.replace("/decisions", "")).await;
    assert_eq!(read.status, StatusCode::OK);
    let refused = tokio::join!(stage.post(&path, DECISION), stage.get("/api/sea"));
    for refused in [refused.0, refused.1] {
        assert_eq!(refused.status, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(refused.json()["error"]["code"], "opening");
        assert!(refused.text().contains("30 of 70 entries"));
    }
    // Nothing of it waits in the queue, but that evidence was looked at.
    let waiting = take(&mut stage).try_recv();
    assert!(matches!(waiting, Ok(Command::Custody(..))), "{waiting:?}");
    stage.handle.tell_opening(None);
    assert_eq!(stage.get("/api/log").await.json()["opening"], json!(null));
    assert_eq!(stage.get("/api/sea").await.status, StatusCode::OK);
}

#[tokio::test]
async fn what_the_ladder_refuses_is_a_conflict_that_says_why() {
    let mut stage = Stage::new();
    let path = format!("/api/incidents/{}/decisions", stage.incident);
    let mut commands = take(&mut stage);
    let refusal = "From reported a finding cannot move to verified.";
    tokio::spawn(async move {
        let Some(Command::Decide(_, answer)) = commands.recv().await else {
            panic!("a decision is expected")
        };
        answer
            .send(Err(Refused::Ladder(refusal.to_owned())))
            .unwrap();
    });
    let answer = stage.post(&path, DECISION).await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    assert_eq!(answer.json()["error"]["message"], refusal);
    // The line has gone now: that is another answer than a refusal.
    let answer = stage.post(&path, DECISION).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
}

#[tokio::test]
async fn a_reply_goes_through_the_partys_own_feed() {
    let mut stage = Stage::new();
    let path = format!("/api/incidents/{}/replies", stage.incident);
    let (incident, mut commands) = (stage.incident, take(&mut stage));
    let line = tokio::spawn(async move {
        let Some(Command::Reply(message, answer)) = commands.recv().await else {
            panic!("a reply is expected")
        };
        answer
            .send(Some(finding(incident, Status::Reported)))
            .unwrap();
        message
    });
    let body = r#"{"party":"party-b","stance":"disputes","text":"It was \"thunder\".\nNot us."}"#;
    let answer = stage.post(&path, body).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text());
    let message = line.await.unwrap();
    assert_eq!(message.source, slug("party-b-replies"));
    let line: serde_json::Value = serde_json::from_slice(&message.bytes).unwrap();
    assert_eq!(
        (&line["type"], &line["incident"]),
        (&json!("reply"), &json!(incident))
    );
    assert_eq!(line["text"], "It was \"thunder\".\nNot us.");
    assert!(!message.bytes.contains(&b'\n'), "a message is one line");

    let body = body.replace("party-b", "witness");
    let answer = stage.post(&path, &body).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert_eq!(answer.json()["error"]["hint"], "one of party-a, party-b");
}

#[tokio::test]
async fn a_key_is_revoked_with_a_name_and_a_reason() {
    let mut stage = Stage::new();
    let path = "/api/feeds/thermal/keys/key-a/revocation";
    let mut commands = take(&mut stage);
    let line = tokio::spawn(async move {
        let Some(Command::Note(note, answer)) = commands.recv().await else {
            panic!("a note is expected")
        };
        answer.send(()).unwrap();
        note
    });
    let good = r#"{"by":"officer-1","reason":"The laptop was lost.","at":"2025-06-01T00:00:00Z"}"#;
    for (path, body, status) in [
        (path, good.replace("The laptop was lost.", " "), 400),
        (path, good.replace("at", "since"), 400),
        (
            "/api/feeds/thermal/keys/key-b/revocation",
            good.to_owned(),
            404,
        ),
        (
            "/api/feeds/reports/keys/key-a/revocation",
            good.to_owned(),
            404,
        ),
        (
            "/api/feeds/Thermal/keys/key-a/revocation",
            good.to_owned(),
            404,
        ),
    ] {
        let answer = stage.post(path, &body).await;
        assert_eq!(answer.status.as_u16(), status, "{path} {body}");
    }
    let answer = stage.post(path, good).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text());
    let note = line.await.unwrap();
    assert_eq!(answer.json(), json!(note));
    assert_eq!(note.source, slug("thermal"));
    let FeedNotice::KeyRevoked {
        key,
        revoked_at,
        by,
        reason,
    } = note.notice
    else {
        panic!("a revocation is expected")
    };
    assert_eq!((key, by.as_str()), (slug("key-a"), "officer-1"));
    assert_eq!(reason, "The laptop was lost.");
    assert_eq!(revoked_at.to_string(), "2025-06-01T00:00:00Z");
}

#[tokio::test]
async fn bodies_are_bounded_json_of_the_known_form() {
    let stage = Stage::new();
    let path = format!("/api/incidents/{}/decisions", stage.incident);
    let long = format!(
        r#"{{"officer":"a","action":"remark","reason":"{}"}}"#,
        "x".repeat(70_000)
    );
    for (body, status) in [
        ("", 400),
        ("{", 400),
        ("[]", 400),
        (
            r#"{"officer":"Not A Slug","action":"remark","reason":"x"}"#,
            400,
        ),
        (r#"{"officer":"a","action":"shoot","reason":"x"}"#, 400),
        (
            r#"{"officer":"a","action":"remark","reason":"x","decided_at":"2020-01-01T00:00:00Z"}"#,
            400,
        ),
        (&long, 413),
    ] {
        let answer = stage.post(&path, body).await;
        assert_eq!(answer.status, status, "{body:.60}");
        assert!(answer.json()["error"]["code"].is_string());
    }
    for media_type in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/json5",
    ] {
        let request = request("POST", &path).header("content-type", media_type);
        let answer = stage
            .answer(request.body(Bytes::from(DECISION)).unwrap())
            .await;
        assert_eq!(
            answer.status,
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "{media_type}"
        );
    }
    let unknown = stage
        .post("/api/incidents/ffffffff/decisions", DECISION)
        .await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn foreign_names_and_pages_are_turned_away() {
    let mut stage = Stage::new();
    let path = format!("/api/incidents/{}/decisions", stage.incident);
    for (name, value) in [("host", "attacker.example:8040"), ("host", "")] {
        let mut request = request("GET", "/api/mission").body(Bytes::empty()).unwrap();
        request.headers_mut().insert(name, value.parse().unwrap());
        let answer = stage.answer(request).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{value}");
        assert_eq!(answer.json()["error"]["code"], "forbidden");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
    }
    let foreign = request("POST", &path)
        .header("content-type", "application/json")
        .header("origin", "http://attacker.example");
    let answer = stage
        .answer(foreign.body(Bytes::from(DECISION)).unwrap())
        .await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert!(
        stage.commands.try_recv().is_err(),
        "nothing reached the line"
    );
}
