//! A notification: what is sent, and which record of the log it speaks of.

use serde_json::{Value, json};
use truce_core::belief::likelihood_words;
use truce_core::{Digest, FeedChange, FeedEvent, Finding, Record, Timestamp};
use truce_store::LogPosition;

use super::choice::Case;

/// A notification.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Note {
    /// Where the record lies.
    pub(super) at: LogPosition,
    /// The record's digest: the same notification has the same one each time that it is sent.
    pub(super) key: Digest,
    /// What it tells.
    pub(super) event: &'static str,
    body: Value,
}

/// What every notification of a log says of where it comes from.
#[derive(Debug, Clone)]
pub(super) struct Letterhead {
    /// The mission's name.
    pub(super) mission: String,
    /// The log's origin.
    pub(super) log: String,
}

/// A record of the log, and where it stands.
pub(super) struct Placed<'r> {
    pub(super) at: LogPosition,
    pub(super) recorded_at: Timestamp,
    pub(super) record: &'r Record,
}

impl Letterhead {
    /// A notification of a record.
    pub(super) fn note(&self, event: &'static str, placed: &Placed<'_>, told: Value) -> Note {
        let record = placed.record;
        let key = Digest::of(&record.canonical());
        let mut body = json!({
            "key": key,
            "event": event,
            "mission": self.mission,
            "log": self.log,
            "record": {
                "class": record.body.class(),
                "entry": placed.at.entry,
                "row": placed.at.row,
                "digest": key,
                "recorded_at": placed.recorded_at,
                "label": record.label,
            },
        });
        if let (Value::Object(body), Value::Object(told)) = (&mut body, told) {
            body.extend(told);
        }
        Note {
            at: placed.at,
            key,
            event,
            body,
        }
    }
}

impl Note {
    /// The notification as one line of JSON, without its end.
    #[must_use]
    pub(super) fn to_json(&self) -> String {
        self.body.to_string()
    }
}

/// What is told of an incident, with the addresses of its proof on the mission's server.
pub(super) fn of_incident(case: &Case) -> Value {
    json!({ "incident": incident(case), "proof": proof(case) })
}

/// The same when it was told and is no longer what the receiver chose.
pub(super) fn of_taken_back(case: &Case) -> Value {
    let reason = match case.standing.withdrawn {
        true => "withdrawn",
        false => "no_longer_chosen",
    };
    json!({ "incident": incident(case), "proof": proof(case), "reason": reason })
}

/// What is told of a finding, with what it was before.
pub(super) fn of_finding(finding: &Finding, before: Option<&Finding>, case: &Case) -> Value {
    json!({
        "finding": {
            "serial": finding.serial,
            "incident": finding.incident,
            "incident_revision": finding.incident_revision,
            "status": finding.status,
            "status_before": before.map(|before| before.status),
            "attributed_to": finding.attributed_to,
            "disputed_by": finding.disputed_by,
        },
        "incident": incident(case),
        "proof": proof(case),
    })
}

/// What is told of a feed. It is proven by the log alone.
pub(super) fn of_feed(change: &FeedChange) -> Value {
    json!({ "feed": change, "proof": { "checkpoint": "/checkpoint" } })
}

/// The word for a change of a feed.
pub(super) fn feed_event(event: &FeedEvent) -> &'static str {
    match event {
        FeedEvent::Silent { .. } => "feed_silent",
        FeedEvent::Heard { .. } => "feed_heard",
        FeedEvent::KeyRevoked { .. } => "feed_key_revoked",
    }
}

fn incident(case: &Case) -> Value {
    let standing = &case.standing;
    json!({
        "id": standing.incident,
        "revision": standing.revision,
        "kind": standing.kind,
        "class": standing.class,
        "occurred": standing.occurred,
        "place": standing.place,
        "probability": standing.probability,
        "likelihood": likelihood_words(standing.probability),
        "sector": case.sector,
        "zone": standing.zone,
        "verdicts": case.verdicts,
        "withdrawn": standing.withdrawn,
    })
}

fn proof(case: &Case) -> Value {
    let id = case.standing.incident;
    json!({ "evidence": format!("/api/incidents/{id}/evidence"), "checkpoint": "/checkpoint" })
}
