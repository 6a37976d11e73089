//! The shapes of what the interface takes and answers, as JSON Schema.

use serde_json::{Map, Value, json};

use super::shape::{
    any, boolean, count, digest, instant, list, number, object, optional, or_null, probability,
    text,
};
use super::{records, reference};

/// The schemas. Where a type of the records is meant its serde form is the contract; what is open
/// there stays open here.
pub(super) fn schemas() -> Value {
    let mut all = shapes();
    for (name, values) in words() {
        all.insert(name.to_owned(), json!({ "type": "string", "enum": values }));
    }
    Value::Object(all)
}

fn words() -> [(&'static str, Value); 5] {
    [
        (
            "IncidentKind",
            json!([
                "physical_event",
                "presence",
                "passage",
                "corridor_deviation",
                "unauthorised_stop",
                "obstruction",
                "signal_gap",
                "position_anomaly",
                "gnss_interference",
                "weapon_sighting",
                "mines_or_works",
                "access_denied",
                "passage_refused",
                "civilian_harm",
                "object_damaged",
                "movement",
                "identity_conflict",
                "encounter",
                "loitering",
                "close_approach",
                "dark_vessel",
                "straits_limit"
            ]),
        ),
        (
            "Status",
            json!([
                "reported",
                "under_verification",
                "corroborated",
                "verified",
                "attributed",
                "closed",
                "unverifiable",
                "not_a_violation",
                "retracted"
            ]),
        ),
        ("Verdict", json!(["breach", "compliant", "undetermined"])),
        ("Stance", json!(["accepts", "disputes", "explains"])),
        (
            "ObjectKind",
            json!([
                "vessel", "warship", "aircraft", "uav", "vehicle", "weapon", "troops"
            ]),
        ),
    ]
}

fn shapes() -> Map<String, Value> {
    let error = object(json!({ "code": text(), "message": text(), "hint": text() }));
    let counts = json!({ "type": "object", "additionalProperties": count() });
    let hour = object(json!({ "hour": instant(), "count": count(), "breaches": count() }));
    let shapes = [
        ("Any", any()),
        ("Error", object(json!({ "error": error }))),
        (
            "FeatureCollection",
            object(json!({ "type": { "const": "FeatureCollection" }, "features": list(any()) })),
        ),
        (
            "MissionDocument",
            object(json!({ "mission": any(), "agreement": any(), "disclaimer": text() })),
        ),
        (
            "FindingDocument",
            object(json!({ "finding": reference("Finding") })),
        ),
        (
            "Tracks",
            object(json!({ "items": list(reference("TrackItem")) })),
        ),
        (
            "Paths",
            object(json!({ "items": list(reference("TrackPath")), "complete": boolean() })),
        ),
        (
            "TrackDocument",
            object(json!({ "track": reference("Track") })),
        ),
        (
            "Summary",
            object(json!({
                "incidents_by_kind": counts, "incidents_by_status": counts,
                "breaches_by_clause": counts, "hourly": list(hour), "tracks": count(),
                "observations": count(), "period": reference("Interval"), "now": instant(),
            })),
        ),
        (
            "Log",
            object(json!({
                "origin": text(), "size": count(), "root": digest(),
                "published_at": or_null(instant()), "verifier_key": text(), "checkpoint": text(),
                "witnessed": boolean(), "witnessed_size": count(), "witnesses": list(text()),
                "epochs": list(object(json!({
                    "entry": count(), "engine": count(), "began_at": instant(),
                    "by": or_null(text()), "reason": or_null(text()),
                }))),
                "opening": or_null(object(json!({ "done": count(), "total": count() }))),
            })),
        ),
    ];
    let shapes = shapes.into_iter().chain(feed_shapes());
    let shapes = shapes.chain(incident_shapes());
    let shapes = shapes.chain([("Shipping", shipping_shape())]);
    let shapes = shapes.chain(plan_shapes()).chain(records::shapes());
    shapes
        .map(|(name, shape)| (name.to_owned(), shape))
        .collect()
}

fn plan_shapes() -> [(&'static str, Value); 4] {
    [
        (
            "PlanFiles",
            object(json!({ "coalition": any(), "mandate": any() })),
        ),
        (
            "PlanOutcome",
            object(json!({
                "plan": any(), "training": list(any()), "sites": list(any()),
                "swings": list(list(list(text()))),
            })),
        ),
        (
            "PlanCoverage",
            object(json!({ "frame": any(), "picture": any(), "passes": list(any()) })),
        ),
        (
            "PlanTasks",
            object(json!({
                "frame": any(), "routes": reference("FeatureCollection"),
                "value": { "type": "number" }, "value_max": { "type": "number" },
                "requests": list(any()), "sites_max": count(),
            })),
        ),
    ]
}

fn shipping_shape() -> Value {
    let place = || reference("Position");
    let during = || reference("Interval");
    let direction = object(json!({
        "transits": count(), "transits_24_h": count(), "transit_s": or_null(number()),
        "transit_s_normal": or_null(number()),
    }));
    let corridor = object(json!({
        "zone": text(), "name": text(), "vessels_inside": count(), "directions": list(direction),
    }));
    let queue = object(json!({
        "zone": or_null(text()), "place": place(), "waiting": count(),
        "waiting_normal": number(), "waiting_most": count(), "moored": count(),
        "longest_wait_s": number(), "wait_s_normal": or_null(number()),
    }));
    let closure = object(json!({
        "place": place(), "closed_at": instant(), "reopened_at": or_null(instant()),
        "blocker": or_null(count()),
    }));
    let behaviour = object(json!({
        "incident": digest(), "kind": reference("IncidentKind"), "behaviour": text(),
        "track": or_null(digest()), "identity": or_null(text()), "zone": or_null(text()),
        "occurred": during(), "place": place(), "probability": number(), "ended": boolean(),
    }));
    let area = object(json!({
        "incident": or_null(digest()), "place": place(), "radius_m": number(),
        "occurred": during(), "vessels": count(),
    }));
    object(json!({
        "at": or_null(instant()), "vessels": count(), "corridors": list(corridor),
        "queues": list(queue), "closures": list(closure), "behaviours": list(behaviour),
        "interference": list(area), "late_readings": count(), "radar": list(any()),
    }))
}

fn feed_shapes() -> [(&'static str, Value); 6] {
    let note = object(json!({ "source": text(), "noted_at": instant(), "notice": any() }));
    let revocation = object(json!({ "by": text(), "reason": text() }));
    [
        ("Feeds", object(json!({ "items": list(reference("Feed")) }))),
        ("Feed", feed()),
        ("FeedNote", note),
        ("Revocation", revocation),
        (
            "Receivers",
            object(json!({ "items": list(reference("Receiver")) })),
        ),
        ("Receiver", receiver()),
    ]
}

/// A receiver of notifications: how far it was told, and how the way to it is.
fn receiver() -> Value {
    let delivered = object(json!({
        "key": digest(), "event": text(), "delivered_at": instant(),
        "at": object(json!({ "entry": count(), "row": count() })),
    }));
    let failed = object(json!({ "text": text(), "since": instant() }));
    object(json!({
        "id": text(), "transport": { "enum": ["webhook", "mqtt", "nats", "file"] }, "to": text(),
        "state": { "enum": ["idle", "connected", "waiting"] }, "since": instant(),
        "last_error": or_null(failed), "delivered": count(),
        "last_delivered": or_null(delivered), "next_entry": count(), "entries_waiting": count(),
    }))
}

/// A feed: counts, what the mission says of it, and how it fares.
fn feed() -> Value {
    let rejections = object(json!({ "class": text(), "count": count(), "example": text() }));
    let link = object(json!({
        "state": { "enum": ["idle", "listening", "connected", "waiting"] }, "text": text(),
        "since": instant(), "waiting": count(), "lost": count(), "refused": count(),
    }));
    let silence = object(json!({
        "since": instant(), "noticed_at": instant(), "expected_s": number(),
        "own_rate": boolean(),
    }));
    let key = object(json!({
        "id": text(), "valid_from": instant(), "revoked_at": or_null(instant()),
        "observations_revoked": count(),
    }));
    object(json!({
        "id": text(), "name": text(), "format": text(), "purpose": text(), "transport": text(),
        "messages": count(), "observations": count(), "rejections": count(),
        "duplicates": count(), "last_received_at": or_null(instant()),
        "rejection_classes": list(rejections), "silence_s": or_null(count()),
        "quota_per_s": or_null(count()), "rate_per_s": number(),
        "clock_offset_s": or_null(number()), "lost": count(), "silence": or_null(silence),
        "keys": list(key), "link": or_null(link),
    }))
}

fn incident_shapes() -> [(&'static str, Value); 7] {
    let verdict = object(json!({
        "clause": text(), "clause_kind": text(), "verdict": reference("Verdict"),
    }));
    let leading = object(json!({ "party": text(), "p": probability() }));
    let summary = object(json!({
        "id": digest(), "short_id": text(), "revision": count(),
        "kind": reference("IncidentKind"), "class": or_null(text()),
        "occurred": reference("Interval"), "place": reference("Place"),
        "probability": probability(), "likelihood": text(), "status": reference("Status"),
        "serial": or_null(count()), "disputed_by": list(text()), "sector": or_null(text()),
        "zone": or_null(text()), "verdicts": list(verdict), "attributed_to": or_null(text()),
        "leading_party": or_null(leading), "evidence_count": count(),
        "first_reported_at": instant(), "updated_at": instant(),
        "next_clock": or_null(reference("Clock")), "withdrawn": boolean(),
    }));
    let page = object(json!({
        "items": list(reference("IncidentSummary")), "next": or_null(text()), "total": count(),
    }));
    let known = object(json!({
        "items": list(reference("IncidentSummary")), "next": or_null(count()),
    }));
    let decision = object(json!({
        "officer": text(), "reason": text(), "action": reference("Action"),
    }));
    let reply = object(json!({
        "party": text(), "stance": reference("Stance"), "text": text(),
    }));
    [
        ("IncidentSummary", summary),
        ("IncidentPage", page),
        ("KnownPage", known),
        ("IncidentDocument", incident_document()),
        ("Action", action()),
        ("Decision", decision),
        ("Reply", reply),
    ]
}

/// All of an incident.
fn incident_document() -> Value {
    let revision = object(json!({
        "revision": count(), "recorded_at": instant(), "known_at": instant(),
        "probability": probability(), "evidence_count": count(), "entry": count(), "row": count(),
    }));
    let evidence = object(json!({
        "observation": reference("Observation"), "raw": or_null(reference("RawMessage")),
        "entry": count(), "row": count(),
    }));
    let allowed = object(json!({
        "action": { "oneOf": [
            object(json!({ "move_to": reference("Status") })),
            { "enum": ["attribute", "remark"] },
        ] },
        "label": text(), "needs": list(text()),
    }));
    let clock = object(json!({
        "name": text(), "starts_at": instant(), "due_at": instant(), "warns_at": instant(),
        "state": { "enum": ["running", "due_soon", "lapsed", "met", "met_late"] },
        "left_s": number(),
    }));
    let key = object(json!({
        "feed": text(), "key": text(), "revoked_at": instant(), "observations": count(),
    }));
    object(json!({
        "summary": reference("IncidentSummary"), "incident": reference("Incident"),
        "revisions": list(revision), "evidence": list(evidence),
        "assessments": list(reference("Assessment")), "finding": or_null(reference("Finding")),
        "revoked_keys": list(key), "allowed": list(allowed), "procedure": reference("Procedure"),
        "clocks": or_null(list(clock)), "proof": reference("Proof"),
    }))
}

/// What an officer may do.
fn action() -> Value {
    let visit = optional(
        object(json!({ "means": { "enum": ["patrol", "drone"] } })),
        json!({ "due_at": instant() }),
    );
    let visited = object(json!({ "visit": count(), "outcome": text() }));
    json!({ "oneOf": [
        { "enum": ["remark", "split"] },
        object(json!({ "move_to": reference("Status") })),
        object(json!({ "attribute": object(json!({ "party": text() })) })),
        object(json!({ "ask_visit": visit })),
        object(json!({ "report_visit": visited })),
        object(json!({ "open_inquiry": object(json!({ "party": text() })) })),
        object(json!({ "release": object(json!({ "to": list(text()) })) })),
        object(json!({ "escalate": object(json!({ "to": text() })) })),
        object(json!({ "acknowledge": object(json!({ "by": text() })) })),
        object(json!({ "meet_clock": object(json!({ "clock": text() })) })),
        object(json!({ "merge_into": object(json!({ "incident": text() })) })),
    ] })
}
