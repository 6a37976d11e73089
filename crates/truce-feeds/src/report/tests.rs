//! Statements of people: places as they were said, replies, grades, and what is rejected.

use super::*;
use crate::Format::ReportJson;
use crate::sample::{at, decode_one, position, rejected, round_trip, slug};

const PATROL: &str = r#"{"speaker":"patrol","observed_at":"2025-03-01T12:00:00Z",
    "observed_until":"2025-03-01T12:10:00Z","from":"post-17","bearing_deg":45,
    "distance_m":3000,"about":"physical_event","class":"artillery","count":5,
    "text":"five explosions, \"undetermined\"","grade":"B2"}"#;

#[test]
fn a_relative_place_stays_relative() {
    let got = decode_one(ReportJson, &[PATROL]);
    let expected = Location::Relative {
        from: slug("post-17"),
        reference: position(48.0, 37.8),
        bearing_deg: 45.0,
        distance_m: 3000.0,
        sigma_m: 681.0,
    };
    assert_eq!(got.location, Some(expected));
    assert_eq!(got.grade.code(), "B2");
    assert_eq!(got.observed_at.end, at("2025-03-01T12:10:00Z"));
    let Reading::Claim(claim) = &got.reading else {
        panic!("{:?}", got.reading)
    };
    assert_eq!(
        (claim.count, claim.class),
        (Some(5), Some(EventClass::Artillery))
    );
    assert_eq!(claim.text, "five explosions, \"undetermined\"");
}

#[test]
fn statements_round_trip() {
    let claim = |rest: &str| {
        format!(r#"{{"observed_at":"2025-03-01T12:00:00Z","about":"presence",{rest}}}"#)
    };
    let lines = [
        PATROL.to_owned(),
        claim(
            r#""speaker":"party","party":"party-a","side":"party-b","weapon":"mortar","object_kind":"weapon""#,
        ),
        claim(r#""speaker":"hotline","lat_deg":48.1,"lon_deg":37.5"#),
        claim(r#""speaker":"open_source","object":{"mmsi":272123456},"grade":"F6""#),
        claim(
            r#""speaker":"open_source","publisher":"Agency","url":"http://agency/1",
               "published_at":"2025-03-01T13:00:00Z","text":"„…“","origin":"agency/1""#,
        ),
        claim(
            r#""speaker":"patrol","sensor":"post-17/acoustic","from":"post-17/acoustic",
               "bearing_deg":10"#,
        ),
        claim(
            r#""speaker":"hotline","from":"a-village","from_lat_deg":48.2,
               "from_lon_deg":37.1,"bearing_deg":0,"distance_m":200"#,
        ),
        claim(r#""speaker":"patrol","crater_azimuth_deg":95.5,"crater_azimuth_deg_sigma":4"#),
        format!(
            r#"{{"type":"reply","incident":"{:064}","party":"party-a",
                "replied_at":"2025-03-01T12:00:00Z","stance":"disputes","text":"no"}}"#,
            7
        ),
        claim(r#""speaker":"patrol","report":"patrol-3/0412""#),
        r#"{"type":"retraction","reports":["patrol-3/0412","a"],"corrected":true,
            "retracted_at":"2025-03-01T12:00:00Z","text":"they were our own"}"#
            .to_owned(),
        r#"{"type":"notice","id":"n-1","party":"party-a","given_at":"2025-03-01T12:00:00Z",
            "starts_at":"2025-03-03T06:00:00Z","ends_at":"2025-03-03T18:00:00Z",
            "zones":["buffer"],"objects":["vehicle"],"weapons":["mortar"],"count_max":4}"#
            .to_owned(),
        r#"{"type":"notice","id":"n-2","party":"party-b","given_at":"2025-03-01T12:00:00Z",
            "starts_at":"2025-03-03T06:00:00Z","ends_at":"2025-03-03T18:00:00Z"}"#
            .to_owned(),
    ];
    for line in lines {
        let observation = decode_one(ReportJson, &[&line]);
        assert_eq!(round_trip(ReportJson, &observation), observation, "{line}");
    }
}

#[test]
fn copies_of_a_quotation_have_one_origin() {
    let origin = |rest: &str| {
        let line = format!(
            r#"{{"speaker":"open_source","observed_at":"2025-03-01T12:00:00Z",
                "about":"presence"{rest}}}"#
        );
        let Reading::Claim(claim) = decode_one(ReportJson, &[line]).reading else {
            panic!("no claim")
        };
        claim
            .published
            .map(|published| published.origin.to_string())
    };
    let first = origin(r#","publisher":"A","text":"Shelling near X: 3 hurt.""#);
    assert!(
        first
            .as_ref()
            .is_some_and(|origin| origin.starts_with("quotation/"))
    );
    assert_eq!(
        first,
        origin(r#","url":"http://b","text":"shelling near X — 3 hurt""#)
    );
    assert_ne!(
        first,
        origin(r#","publisher":"A","text":"Shelling near X: 4 hurt.""#)
    );
    let named = origin(r#","publisher":"A","text":"Shelling","origin":"agency/77""#);
    assert_eq!(named.as_deref(), Some("agency/77"));
    assert_eq!(origin(r#","text":"Shelling near X: 3 hurt.""#), None);
    let wordless = |url: &str| origin(&format!(r#","publisher":"A","url":"{url}""#));
    assert_ne!(wordless("http://a/1"), wordless("http://a/2"));
}

#[test]
fn what_is_rejected() {
    let claim = |rest: &str| {
        format!(
            r#"{{"speaker":"patrol","observed_at":"2025-03-01T12:00:00Z",
                "about":"presence"{rest}}}"#
        )
    };
    let text = format!(r#","text":"{}""#, "x".repeat(TEXT_BYTES_MAX + 1));
    let cases = [
        (claim(""), "-"),
        (
            claim(r#","from":"post-99","bearing_deg":1"#),
            "unknown_place",
        ),
        (claim(r#","from":"post-17""#), "missing_field"),
        (claim(r#","bearing_deg":1"#), "missing_field"),
        (claim(r#","lat_deg":1"#), "missing_field"),
        (claim(r#","lat_deg":91,"lon_deg":0"#), "range"),
        (claim(r#","from":"post-17","bearing_deg":360"#), "range"),
        (
            claim(r#","from":"post-17","bearing_deg":1,"distance_m":-5"#),
            "range",
        ),
        (
            claim(r#","from":"post-17","lat_deg":1,"lon_deg":1"#),
            "value",
        ),
        (claim(r#","party":"party-a""#), "value"),
        (claim(r#","crater_azimuth_deg":360"#), "range"),
        (
            claim(r#","crater_azimuth_deg":10,"crater_azimuth_deg_sigma":0"#),
            "range",
        ),
        (claim(r#","crater_azimuth_deg_sigma":4"#), "missing_field"),
        (
            r#"{"type":"notice","id":"n-1","party":"party-a","given_at":"2025-03-01T12:00:00Z",
                "starts_at":"2025-03-03T06:00:00Z","ends_at":"2025-03-03T05:00:00Z"}"#
                .to_owned(),
            "range",
        ),
        (r#"{"type":"notice","id":"n-1"}"#.to_owned(), "json"),
        (claim(r#","grade":"Z9""#), "value"),
        (claim(r#","grade":"é""#), "value"),
        (claim(r#","sensor":"post-99/x""#), "unknown_sensor"),
        (
            claim(r#","observed_until":"2025-03-01T11:00:00Z""#),
            "range",
        ),
        (claim(r#","colour":"red""#), "json"),
        (claim(r#","type":"rumour""#), "value"),
        (claim(&text), "range"),
        (claim("").replace("presence", "mischief"), "json"),
        (
            claim("").replace("\"patrol\"", "\"party\""),
            "missing_field",
        ),
        (
            r#"{"speaker":"patrol","about":"presence"}"#.to_owned(),
            "missing_field",
        ),
        (r#"{"type":"reply"}"#.to_owned(), "json"),
        ("{".to_owned(), "json"),
        ("[]".to_owned(), "json"),
        ("[".repeat(10_000), "json"),
    ];
    for (line, class) in cases {
        assert_eq!(rejected(ReportJson, &line), class, "{line:.200}");
    }
}
