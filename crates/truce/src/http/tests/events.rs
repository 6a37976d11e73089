//! What the event stream tells, and how soon.

use std::time::Duration;

use axum::body::{Body as Bytes, to_bytes};
use truce_core::observation::{Health, SensorState};
use truce_core::{Body, Reading, Record, Status};

use super::stage::{Stage, finding, observed, request};
use crate::http::events::wait;
use crate::service::Live;

#[test]
fn the_first_change_is_told_at_once_and_a_burst_once() {
    let ms = Duration::from_millis;
    for (since_last_told, expected) in [
        (None, ms(2)),
        (Some(ms(0)), ms(50)),
        (Some(ms(30)), ms(20)),
        (Some(ms(49)), ms(2)),
        (Some(ms(3_000)), ms(2)),
    ] {
        assert_eq!(wait(since_last_told), expected, "{since_last_told:?}");
    }
}

/// Reads events until one of a name comes.
async fn until(body: &mut axum::body::BodyDataStream, name: &str) -> String {
    use tokio_stream::StreamExt as _;
    let mut text = String::new();
    loop {
        let wait = tokio::time::timeout(std::time::Duration::from_secs(20), body.next());
        let Some(chunk) = wait.await.expect("an event comes in time") else {
            panic!("the stream ended before {name}: {text}")
        };
        text.push_str(std::str::from_utf8(&chunk.unwrap()).unwrap());
        let mark = format!("event: {name}\n");
        let found = text.split("\n\n").find(|event| event.contains(&mark));
        if let Some(found) = found.filter(|_| text.ends_with("\n\n")) {
            return found.to_owned();
        }
    }
}

async fn listen(stage: &Stage, last: Option<&str>) -> axum::body::BodyDataStream {
    let mut request = request("GET", "/api/events");
    if let Some(last) = last {
        request = request.header("last-event-id", last);
    }
    let answer = stage.ask(request.body(Bytes::empty()).unwrap()).await;
    answer.into_body().into_data_stream()
}

#[tokio::test]
async fn events_tell_what_changed() {
    let mut stage = Stage::new();
    let mut body = listen(&stage, None).await;
    assert_eq!(
        until(&mut body, "hello").await,
        "event: hello\ndata: {\"size\":6}"
    );
    let verified = Body::Finding(finding(stage.incident, Status::Verified));
    let entry = stage.line.append(std::slice::from_ref(&verified));
    let record = std::sync::Arc::new(Record::new(verified));
    stage.live.send(Live::Record(entry, record)).unwrap();
    let told = until(&mut body, "finding").await;
    assert!(told.contains("\"status\":\"verified\""), "{told}");
    assert!(told.contains("id: 6"), "{told}");
    drop(body);

    let mut again = listen(&stage, Some("5")).await;
    let told = until(&mut again, "incident").await;
    assert!(told.contains(&stage.incident.to_string()), "{told}");
    let mut all = listen(&stage, Some("0")).await;
    assert!(until(&mut all, "track").await.contains("EXAMPLE"));
}

/// What brings no entry of its own is told too: a checkpoint, and feeds that had to wait for their turn.
#[tokio::test]
async fn a_checkpoint_and_feeds_are_told_alone() {
    let mut stage = Stage::new();
    let mut body = listen(&stage, None).await;
    until(&mut body, "hello").await;
    let tick = Body::Tick(truce_core::record::Tick {
        at: super::stage::at(2_000.0),
    });
    let checkpoint = stage.line.publish(std::slice::from_ref(&tick));
    let live = Live::Checkpoint(std::sync::Arc::new(checkpoint));
    stage.live.send(live).unwrap();
    let told = until(&mut body, "checkpoint").await;
    assert!(told.contains("\"size\":7"), "{told}");

    let health = Reading::SensorState(SensorState {
        health: Health::Working,
        text: String::new(),
    });
    let (raw, _) = observed("thermal", "again", 80.0, health);
    let raw = Body::Raw(raw);
    let entry = stage.line.append(std::slice::from_ref(&raw));
    let record = std::sync::Arc::new(Record::new(raw));
    stage.live.send(Live::Record(entry, record)).unwrap();
    until(&mut body, "feed").await;
}

#[tokio::test]
async fn a_listener_that_falls_behind_starts_afresh() {
    let stage = Stage::new();
    let request = request("GET", "/api/events").body(Bytes::empty()).unwrap();
    let body = stage.ask(request).await.into_body();
    let tick = truce_core::record::Tick {
        at: super::stage::at(0.0),
    };
    let record = std::sync::Arc::new(Record::new(Body::Tick(tick)));
    for entry in 0..=crate::service::LIVE_EVENTS_MAX as u64 {
        stage
            .live
            .send(Live::Record(entry, record.clone()))
            .unwrap();
    }
    let bytes = to_bytes(body, 1 << 20).await.unwrap();
    let text = String::from_utf8(bytes.to_vec()).unwrap();
    assert!(text.ends_with("event: resync\ndata: {}\n\n"), "{text}");
}
