//! The shapes of what the log holds, as answers show it: the serde forms of `truce-core`.

use serde_json::{Value, json};

use super::reference;
use super::shape::{
    any, boolean, count, digest, instant, list, number, object, optional, or_null, probability,
    text, tuple,
};

/// A shape under its name.
type Named = (&'static str, Value);

pub(super) fn shapes() -> impl Iterator<Item = Named> {
    [places(), observations(), incidents(), findings(), tracks()]
        .into_iter()
        .flatten()
}

fn places() -> Vec<Named> {
    let position = object(json!({ "lat_deg": number(), "lon_deg": number() }));
    let ellipse = object(json!({
        "semi_major_m": number(), "semi_minor_m": number(), "bearing_deg": number(),
    }));
    let place = object(json!({
        "position": reference("Position"), "uncertainty": reference("Ellipse"),
    }));
    let height = object(json!({
        "height_m": number(),
        "above": { "enum": ["ellipsoid", "mean_sea_level", "barometric", "ground"] },
    }));
    let fix = optional(
        object(json!({ "place": reference("Place") })),
        json!({ "height": reference("Height") }),
    );
    let bearing = optional(
        object(json!({
            "observer": reference("Position"), "bearing_deg": number(),
            "bearing_deg_sigma": number(),
        })),
        json!({ "range": object(json!({ "range_m": number(), "range_m_sigma": number() })) }),
    );
    let arrival = object(json!({
        "station": reference("Position"), "arrival_s_sigma": number(),
    }));
    let relative = object(json!({
        "from": text(), "reference": reference("Position"), "bearing_deg": number(),
        "distance_m": number(), "sigma_m": number(),
    }));
    let location = json!({ "oneOf": [
        object(json!({ "fix": fix })),
        object(json!({ "bearing": bearing })),
        object(json!({ "area": object(json!({ "ring": list(reference("Position")) })) })),
        object(json!({ "arrival": arrival })),
        object(json!({ "relative": relative })),
    ] });
    let interval = object(json!({ "start": instant(), "end": instant() }));
    vec![
        ("Position", position),
        ("Ellipse", ellipse),
        ("Place", place),
        ("Height", height),
        ("Location", location),
        ("Interval", interval),
    ]
}

fn observations() -> Vec<Named> {
    let grade = object(json!({
        "reliability": { "enum": ["A", "B", "C", "D", "E", "F"] },
        "credibility": { "enum": ["1", "2", "3", "4", "5", "6"] },
    }));
    let observation = optional(
        object(json!({
            "id": digest(), "message": digest(), "source": text(),
            "observed_at": reference("Interval"), "received_at": instant(),
            // One member, named by the kind of reading.
            "reading": any(),
            "grade": reference("Grade"),
        })),
        json!({ "sensor": text(), "location": reference("Location"), "signed_by": text() }),
    );
    let message = optional(
        object(json!({ "source": text(), "received_at": instant() })),
        json!({ "text": text(), "base64": text() }),
    );
    vec![
        ("Grade", grade),
        ("Observation", observation),
        ("RawMessage", message),
    ]
}

fn incidents() -> Vec<Named> {
    let term = optional(
        object(json!({ "name": text(), "text": text(), "log_odds": number() })),
        json!({ "observation": digest(), "sensor": text() }),
    );
    let by_name = json!({ "type": "object", "additionalProperties": probability() });
    let attribution = optional(
        object(json!({ "parties": by_name })),
        json!({ "terms": list(tuple(&[text(), reference("Term")])) }),
    );
    let withdrawn = json!({ "oneOf": [
        object(json!({ "part_of": digest() })),
        { "enum": ["unsupported", "taken_back"] },
    ] });
    let incident = optional(
        object(json!({
            "id": digest(), "revision": count(), "kind": reference("IncidentKind"),
            "occurred": reference("Interval"), "place": reference("Place"),
            "probability": probability(), "attribution": attribution,
            "evidence": list(digest()), "explanation": list(reference("Term")),
        })),
        json!({
            "classes": by_name, "track": digest(), "zone": text(),
            "attributes": { "type": "object", "additionalProperties": text() },
            "withdrawn": withdrawn,
        }),
    );
    let assessment = optional(
        object(json!({
            "incident": digest(), "revision": count(), "clause": text(), "clause_kind": text(),
            "agreement_effective_from": instant(), "verdict": reference("Verdict"),
            "reasons": list(text()), "clause_title": text(), "clause_text": text(),
            "article": text(),
        })),
        json!({ "breach_under_text_of": list(text()) }),
    );
    vec![
        ("Term", term),
        ("Incident", incident),
        ("Assessment", assessment),
    ]
}

fn findings() -> Vec<Named> {
    let decision = object(json!({
        "incident": digest(), "officer": text(), "decided_at": instant(),
        "action": reference("Action"), "reason": text(),
    }));
    let reply = object(json!({
        "incident": digest(), "party": text(), "replied_at": instant(),
        "stance": reference("Stance"), "text": text(),
    }));
    let step = json!({ "oneOf": [
        object(json!({ "decision": decision })),
        object(json!({ "reply": reply })),
    ] });
    let clock = object(json!({ "name": text(), "starts_at": instant(), "due_at": instant() }));
    let finding = optional(
        object(json!({
            "serial": count(), "incident": digest(), "incident_revision": count(),
            "status": reference("Status"), "history": list(step),
        })),
        json!({
            "attributed_to": text(), "attribution_proposed": tuple(&[text(), text()]),
            "disputed_by": list(text()), "clocks": list(reference("Clock")),
        }),
    );
    let visit = object(json!({
        "means": { "enum": ["patrol", "drone"] }, "asked_at": instant(),
        "due_at": or_null(instant()), "outcome": or_null(tuple(&[text(), instant()])),
    }));
    let inquiry = object(json!({
        "party": text(), "opened_at": instant(),
        "answered": or_null(tuple(&[reference("Status"), instant()])),
    }));
    let release = object(json!({
        "to": list(text()), "officers": tuple(&[text(), text()]), "released_at": instant(),
    }));
    let referral = object(json!({
        "to": text(), "referred_at": instant(), "acknowledged_at": or_null(instant()),
    }));
    let procedure = object(json!({
        "visits": list(visit), "inquiries": list(inquiry), "releases": list(release),
        "release_proposed": or_null(tuple(&[list(text()), text()])),
        "referrals": list(referral), "clocks_met": list(tuple(&[text(), instant()])),
        "merged_into": or_null(digest()),
    }));
    let proof = object(json!({
        "entry": count(), "row": count(), "log_size": count(), "logged": boolean(),
        "witnessed": boolean(), "checkpoint": text(),
    }));
    vec![
        ("Clock", clock),
        ("Finding", finding),
        ("Procedure", procedure),
        ("Proof", proof),
    ]
}

fn tracks() -> Vec<Named> {
    let detector = object(json!({ "source": text(), "target": text() }));
    let identity = json!({ "oneOf": [
        object(json!({ "mmsi": count() })),
        object(json!({ "icao": count() })),
        object(json!({ "serial": text() })),
        object(json!({ "sensor": text() })),
        object(json!({ "detector": detector })),
    ] });
    let point = optional(
        object(json!({
            "observed_at": instant(), "place": reference("Place"), "observation": digest(),
        })),
        json!({
            "height": reference("Height"), "speed_m_s": number(), "course_deg": number(),
        }),
    );
    let track = optional(
        object(json!({
            "id": digest(), "kind": reference("ObjectKind"), "existence": probability(),
            "observation_count": count(), "first_observed_at": instant(),
            "points": list(reference("TrackPoint")),
        })),
        json!({ "identity": reference("ObjectIdentity"), "name": text(), "actor": text() }),
    );
    let item = object(json!({
        "id": digest(), "kind": reference("ObjectKind"),
        "identity": or_null(reference("ObjectIdentity")), "name": or_null(text()),
        "actor": or_null(text()), "existence": probability(), "observation_count": count(),
        "first_observed_at": instant(), "last": or_null(reference("TrackPoint")),
        // Degrees east and north, seconds since 1970.
        "tail": list(tuple(&[number(), number(), number()])),
    }));
    // The same, and the course in degrees.
    let way = list(tuple(&[number(), number(), number(), or_null(number())]));
    vec![
        ("ObjectIdentity", identity),
        ("TrackPoint", point),
        ("Track", track),
        ("TrackItem", item),
        (
            "TrackPath",
            object(json!({ "id": digest(), "points": way })),
        ),
    ]
}
