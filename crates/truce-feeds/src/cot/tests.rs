//! Events of both ways, and round trips.

use serde_json::json;
use truce_core::observation::{Health, SensorState};
use truce_core::{Location, ObjectKind, Reading};

use crate::Format::{Cot, TakProto};
use crate::sample::{at, decode_one, feed, message, network, position, rejected};
use crate::{Decoded, Decoder, Format};

const EVENT: &str = r#"<?xml version="1.0" standalone="yes"?>
<event version="2.0" uid="ANDROID-1" type="a-h-G-E-V" how="h-e" time="2025-03-01T12:00:01Z"
  start="2025-03-01T12:00:00Z" stale="2025-03-01T12:05:00Z">
  <point lat="48.1" lon="37.9" hae="9999999.0" ce="12" le="9999999"/>
  <detail><contact callsign="Post &amp; 17"/><track speed="1.5" course="90"/>
  <remarks>two lorries</remarks></detail></event>"#;

#[test]
fn an_event_is_a_sighting() {
    let got = decode_one(Cot, &[EVENT]);
    assert_eq!(got.observed_at.start, at("2025-03-01T12:00:00Z"));
    let Some(Location::Fix {
        place,
        height: None,
    }) = &got.location
    else {
        panic!("{got:?}");
    };
    assert_eq!(place.position, position(48.1, 37.9));
    assert_eq!(place.uncertainty.semi_major_m, 12.0);
    let Reading::Sighting(sighting) = &got.reading else {
        panic!("{got:?}");
    };
    assert_eq!(sighting.object, Some(ObjectKind::Vehicle));
    let mut decoder = Decoder::new(Cot, &feed(Cot), &network());
    let mut out = Decoded::with_sheets();
    decoder.decode(&message(Cot, EVENT.as_bytes()), &mut out);
    let sheet = &out.sheets.unwrap()[0];
    assert_eq!(sheet.fields["call_sign"], "Post & 17");
    assert_eq!(sheet.fields["height_ellipsoid_m"], json!(null));
    assert_eq!(sheet.given["detail.remarks"], "two lorries");
    assert_eq!(sheet.given["point.hae"], "9999999.0");
}

#[test]
fn the_missions_own_say_where_they_are() {
    let own = EVENT
        .replace("a-h-G-E-V", "a-f-G-U-C")
        .replace("ANDROID-1", "uav-3");
    let got = decode_one(Cot, &[&own]);
    assert_eq!(got.sensor.as_ref().unwrap().as_str(), "uav-3");
    let expected = SensorState {
        health: Health::Working,
        text: "Post & 17".to_owned(),
    };
    assert_eq!(got.reading, Reading::SensorState(expected));
}

#[test]
fn both_ways_lead_back() {
    let events = [
        EVENT.to_owned(),
        EVENT
            .replace("a-h-G-E-V", "a-u-A-M-F-Q")
            .replace("9999999.0", "250.5"),
        EVENT.replace("a-h-G-E-V", "a-f-G-U-C"),
    ];
    for event in events {
        let observation = decode_one(Cot, &[&event]);
        for format in [Cot, TakProto] {
            let messages = format.encode_bytes(&observation).unwrap();
            let back = decode_one(format, &messages);
            assert_eq!(back.observed_at, observation.observed_at, "{format:?}");
            assert_eq!(back.location, observation.location, "{format:?}");
            assert_eq!(back.reading, observation.reading, "{format:?}");
        }
    }
}

#[test]
fn what_is_rejected() {
    let cases = [
        ("<event/>", "missing_field"),
        ("<event", "xml"),
        ("<other/>", "xml"),
        (&EVENT.replace("\"48.1\"", "\"x\""), "number"),
        (&EVENT.replace("start=\"2025", "start=\"yes"), "time"),
        (&EVENT.replace("a-h-G-E-V", "b-m-p"), "-"),
    ];
    for (text, class) in cases {
        assert_eq!(rejected(Cot, text), class, "{text}");
    }
    let messages = Format::TakProto
        .encode_bytes(&decode_one(Cot, &[EVENT]))
        .unwrap();
    assert_eq!(rejected(TakProto, &messages[0][..40]), "frame");
    assert_eq!(rejected(TakProto, &[1, 2]), "frame");
}
