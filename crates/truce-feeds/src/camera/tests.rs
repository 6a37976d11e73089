//! Events of cameras in XML and JSON, with and without a place, and what is cut.

use proptest::prelude::*;

use super::*;
use crate::Format::Camera;
use crate::sample::{at, decode, decode_one, decode_stream, position, rejected, round_trip, slug};

const ONVIF: &str = "<tt:MetadataStream xmlns:tt=\"http://www.onvif.org/ver10/schema\">\
    <tt:VideoAnalytics><tt:Frame UtcTime=\"2025-03-01T12:00:00.5Z\" Source=\"post-17/uav\">\
    <tt:Object ObjectId=\"12\"><tt:Appearance><tt:Shape><tt:BoundingBox left=\"-0.1\" top=\"0.2\" \
    right=\"0.1\" bottom=\"0\"/></tt:Shape><tt:Class><tt:Type Likelihood=\"0.3\">Human</tt:Type>\
    <tt:Type Likelihood=\"0.92\">Vehicle</tt:Type></tt:Class>\
    <tt:GeoLocation lon=\"37.9\" lat=\"48.1\" elevation=\"120\"/></tt:Appearance></tt:Object>\
    <tt:Object ObjectId=\"13\"><tt:Appearance><tt:Class><tt:ClassCandidate><tt:Type>Animal</tt:Type>\
    <tt:Likelihood>0.8</tt:Likelihood></tt:ClassCandidate></tt:Class></tt:Appearance></tt:Object>\
    </tt:Frame></tt:VideoAnalytics></tt:MetadataStream>";

/// An event at a direction, with other fields.
fn event(class: &str, rest: &str) -> String {
    format!(
        r#"{{"camera":"post-17/uav","observed_at":"2025-03-01T12:00:00Z","class":"{class}"{rest}}}"#
    )
}

#[test]
fn scenes_of_onvif() {
    let out = decode(Camera, &[ONVIF]);
    assert_eq!(out.rejections, []);
    let [seen] = out.observations.as_slice() else {
        panic!("{out:?}")
    };
    assert_eq!(seen.sensor, Some(slug("post-17/uav")));
    assert_eq!(seen.observed_at.start, at("2025-03-01T12:00:00.5Z"));
    assert_eq!(
        seen.location,
        Some(Location::fix(position(48.1, 37.9), POSITION_M_SIGMA))
    );
    assert_eq!(seen.grade.code(), "F2");
    let Reading::Sighting(sighting) = &seen.reading else {
        panic!("{seen:?}")
    };
    assert_eq!(sighting.object, Some(ObjectKind::Vehicle));
    let both = format!("{ONVIF}\n{}", event("fire", r#","bearing_deg":10"#));
    assert_eq!(decode_stream(Camera, both.as_bytes()).observations.len(), 2);
}

/// A notification as in the Streaming Specification of ONVIF, 5.2.1.2, with other items.
fn notification(operation: &str, items: &str) -> String {
    format!(
        "<tt:MetadataStream xmlns:tt=\"http://www.onvif.org/ver10/schema\"><tt:Event>\
         <wsnt:NotificationMessage><wsnt:Topic Dialect=\"x\">tns1:RuleEngine/FieldDetector/\
         ObjectsInside</wsnt:Topic><wsnt:Message><tt:Message UtcTime=\"2025-03-01T12:00:00Z\" \
         PropertyOperation=\"{operation}\"><tt:Source><tt:SimpleItem Name=\"VideoSource\" \
         Value=\"post-17/uav\"/></tt:Source><tt:Key><tt:SimpleItem Name=\"ObjectId\" \
         Value=\"15\"/></tt:Key><tt:Data>{items}</tt:Data></tt:Message></wsnt:Message>\
         </wsnt:NotificationMessage></tt:Event></tt:MetadataStream>"
    )
}

const INSIDE: &str = "<tt:SimpleItem Name=\"IsInside\" Value=\"true\"/>";
const SEEN: &str = "<tt:SimpleItem Name=\"ClassTypes\" Value=\"Vehicle\"/>\
    <tt:ElementItem Name=\"Where\"><tt:GeoLocation lon=\"37.9\" lat=\"48.1\"/></tt:ElementItem>";

#[test]
fn notifications_of_onvif() {
    let seen = decode_one(Camera, &[notification("Changed", SEEN)]);
    assert_eq!(seen.sensor, Some(slug("post-17/uav")));
    assert_eq!(seen.observed_at.start, at("2025-03-01T12:00:00Z"));
    assert_eq!(
        seen.location,
        Some(Location::fix(position(48.1, 37.9), POSITION_M_SIGMA))
    );
    for text in [
        notification("Initialized", INSIDE),
        notification("Deleted", SEEN),
    ] {
        let out = decode(Camera, &[text]);
        assert_eq!((out.observations.len(), out.rejections.len()), (0, 0));
    }
    let text = notification("Changed", INSIDE);
    let root = xml::parse(&text).unwrap();
    let events = onvif::events(&root).unwrap();
    let sheet = events[0].sheet(None);
    assert_eq!(sheet.wrong, Vec::<String>::new());
    assert_eq!(
        sheet.given["topic"],
        "tns1:RuleEngine/FieldDetector/ObjectsInside"
    );
    assert_eq!(sheet.given["items"]["IsInside"], "true");
    assert_eq!(sheet.given["target"], "15");
}

#[test]
fn scenes_are_written_and_read_back() {
    for class in ["vehicle", "drone", "smoke", "person"] {
        let rest = r#","lat_deg":48.25,"lon_deg":-37.5,"score":0.75,"target":"a<b""#;
        let said = decode_one(Camera, &[event(class, rest)]);
        let back = decode_one(Camera, &[encode_onvif(&said).unwrap()]);
        assert_eq!(back.reading, said.reading);
        assert_eq!(back.location, said.location);
        assert_eq!(
            (back.sensor, back.observed_at),
            (said.sensor, said.observed_at)
        );
    }
    let aside = decode_one(Camera, &[event("car", r#","bearing_deg":1"#)]);
    assert!(encode_onvif(&aside).is_err());
}

#[test]
fn classes_and_places() {
    let seen = |class: &str, rest: &str| decode_one(Camera, &[event(class, rest)]);
    let bearing = Location::Bearing {
        observer: position(48.0, 37.8),
        bearing_deg: 12.5,
        bearing_deg_sigma: BEARING_DEG_SIGMA,
        range: None,
    };
    let flash = seen("Flash", r#","bearing_deg":12.5,"score":0.6"#);
    assert_eq!(flash.location, Some(bearing));
    assert_eq!(flash.grade.code(), "F3");
    let Reading::Sighting(sighting) = &flash.reading else {
        panic!("{flash:?}")
    };
    assert_eq!(sighting.about, IncidentKind::PhysicalEvent);
    let drone = seen(
        "drone",
        r#","lat_deg":48,"lon_deg":37,"score":0.7,"target":"3""#,
    );
    let Reading::Uav(detection) = &drone.reading else {
        panic!("{drone:?}")
    };
    assert_eq!(
        (detection.confidence, detection.target.as_deref()),
        (Some(0.7), Some("3"))
    );
    let ring = r#","area":{"type":"Polygon","coordinates":[[[37,48],[38,48],[38,49],[37,48]]]}"#;
    let tank = seen("tank", ring);
    assert!(matches!(tank.location, Some(Location::Area { ref ring }) if ring.len() == 3));
    let Reading::Sighting(sighting) = &tank.reading else {
        panic!("{tank:?}")
    };
    assert_eq!(sighting.about, IncidentKind::WeaponSighting);
    for (class, rest) in [("cat", r#","bearing_deg":1"#), ("car", "")] {
        let out = decode(Camera, &[event(class, rest)]);
        assert_eq!(
            (out.observations.len(), out.rejections.len()),
            (0, 0),
            "{class}"
        );
    }
}

#[test]
fn what_is_rejected() {
    let cases = [
        (event("car", r#","lat_deg":48"#), "missing_field"),
        (event("car", r#","lat_deg":98,"lon_deg":1"#), "range"),
        (event("car", r#","bearing_deg":400"#), "range"),
        (event("car", r#","bearing_deg":1,"score":2"#), "range"),
        (event("car", r#","colour":1"#), "json"),
        (event("car", r#","area":{}"#), "value"),
        (
            event("car", r#","bearing_deg":1"#).replace("post-17/uav", "uav-3"),
            "unknown_sensor",
        ),
        (event("car", "").replace("observed_at", "when"), "json"),
        (r#"{"class":"car"}"#.to_owned(), "missing_field"),
        (ONVIF.replace("UtcTime", "Time"), "missing_field"),
        (ONVIF.replace("2025-03-01T12:00:00.5Z", "noon"), "time"),
        (ONVIF.replace("lat=\"48.1\"", "lat=\"north\""), "number"),
        (ONVIF.replace("tt:Frame", "tt:Picture"), "xml"),
        (
            notification("Changed", "").replace("UtcTime", "Time"),
            "missing_field",
        ),
    ];
    for (text, class) in cases {
        assert_eq!(rejected(Camera, &text), class, "{text}");
    }
}

proptest! {
    #[test]
    fn written_events_read_back(
        class in 0..CLASSES.len(), place in 0..3u8, lat in -80_000..80_000i32,
        bearing in 0..360_000u32, score in prop::option::of(0..1_000u32),
        milliseconds in 0..4_000_000_000_000i64,
    ) {
        let mut observation = decode_one(Camera, &[event("car", r#","bearing_deg":1"#)]);
        let when = Timestamp::from_millisecond(milliseconds).unwrap();
        observation.observed_at = Interval::instant(when);
        let lat_deg = f64::from(lat) / 1e3;
        observation.location = Some(match place {
            0 => Location::fix(position(lat_deg, 37.5), 12.5),
            1 => Location::Bearing {
                observer: position(48.0, 37.8),
                bearing_deg: f64::from(bearing) / 1e3,
                bearing_deg_sigma: 1.5,
                range: None,
            },
            _ => {
                let corner = |(dlat, lon_deg)| position(lat_deg + dlat, lon_deg);
                let ring = [(0.0, 0.0), (0.0, 1.0), (1.0, 1.0)].map(corner);
                Location::Area { ring: ring.to_vec() }
            }
        });
        let event = Event {
            target: Some("7".to_owned()),
            score: score.map(|score| f64::from(score) / 1e3),
            ..Event::default()
        };
        observation.reading = event.reading(CLASSES[class].1);
        let mut back = round_trip(Camera, &observation);
        // A score sets the grade, which is not written.
        back.grade = observation.grade;
        prop_assert_eq!(back, observation);
    }
}
