//! Observations of SensorThings, round trips, and what is rejected.

use proptest::prelude::*;

use super::*;
use crate::Format::SensorThings;
use crate::sample::{at, decode, decode_one, decode_stream, position, rejected, round_trip, slug};

/// An observation of a property with its datastream expanded.
fn entity(property: &str, unit: &str, result: &str, rest: &str) -> String {
    format!(
        r#"{{"@iot.id":7,"phenomenonTime":"2025-03-01T12:00:00Z","result":{result},"Datastream":{{
        "name":"stream","unitOfMeasurement":{{"symbol":"{unit}"}},"Thing":{{"name":"acoustic"}},
        "Sensor":{{"name":"post-17/acoustic"}},"ObservedProperty":{{"name":"{property}"}}}}{rest}}}"#
    )
}

#[test]
fn properties_become_what_they_measure() {
    let weather = |text: &str| match decode_one(SensorThings, &[text]).reading {
        Reading::Weather(weather) => weather,
        other => panic!("{other:?}"),
    };
    let cover = weather(&entity("Cloud cover", "%", "80", ""));
    assert_eq!(cover.cloud_fraction, Some(0.8));
    let cover = weather(&entity("cloud_area_fraction", "okta", "6", ""));
    assert_eq!(cover.cloud_fraction, Some(0.75));
    let wind = weather(&entity("Wind Speed", "km/h", "\"36\"", ""));
    assert_eq!(wind.wind_speed_m_s, Some(10.0));
    let wind = weather(&entity("wind_from_direction", "deg", "-90", ""));
    assert_eq!(wind.wind_from_deg, Some(270.0));

    let sound = decode_one(SensorThings, &[entity("Sound level", "dB", "95.5", "")]);
    assert_eq!(sound.sensor, Some(slug("post-17/acoustic")));
    let arrival = Location::Arrival {
        station: position(48.0, 37.8),
        arrival_s_sigma: 0.05,
    };
    assert_eq!(sound.location, Some(arrival));
    let state = decode_one(
        SensorThings,
        &[entity("status", "", "\"Jammed\"", "")
            .replace(r#""unitOfMeasurement":{"symbol":""},"#, "")],
    );
    let Reading::SensorState(state) = state.reading else {
        panic!("no state")
    };
    assert_eq!(state.health, Health::Jammed);
}

#[test]
fn places_and_times() {
    let rest = r#","FeatureOfInterest":{"feature":{"type":"Feature","geometry":{"type":"Point",
        "coordinates":[37.9,48.1]}}}"#;
    let text = entity("cloud cover", "%", "5", rest);
    let seen = decode_one(SensorThings, &[text.as_str()]);
    assert_eq!(
        seen.location,
        Some(Location::fix(position(48.1, 37.9), POSITION_M_SIGMA))
    );
    let hour = text.replace("12:00:00Z\"", "12:00:00Z/2025-03-01T13:00:00Z\"");
    let seen = decode_one(SensorThings, &[hour]);
    assert_eq!(seen.observed_at.end, at("2025-03-01T13:00:00Z"));
    let later = text.replace("phenomenonTime", "resultTime");
    assert_eq!(decode(SensorThings, &[later]).observations.len(), 1);
}

#[test]
fn pages_are_their_observations() {
    let one = entity("cloud cover", "%", "5", "");
    let two = entity("temperature", "degC", "5", "");
    let page = format!("{{\"@iot.nextLink\":\"x\",\"value\":[{one},{two}]}}");
    let out = decode_stream(SensorThings, page.as_bytes());
    assert_eq!((out.observations.len(), out.rejections.len()), (1, 0));
}

#[test]
fn what_is_rejected() {
    let whole = entity("cloud cover", "%", "5", "");
    let replaced = |from: &str, to: &str| whole.replace(from, to);
    let cases = [
        (replaced("2025-03-01T12:00:00Z", "today"), "time"),
        (
            replaced("12:00:00Z", "12:00:00Z/2025-03-01T11:00:00Z"),
            "time",
        ),
        (replaced("phenomenonTime", "time"), "missing_field"),
        (replaced("\"result\"", "\"outcome\""), "missing_field"),
        (replaced(":5,", ":\"much\","), "number"),
        (replaced(":5,", ":101,"), "range"),
        (replaced("\"%\"", "\"furlong\""), "value"),
        (entity("status", "", "\"tired\"", ""), "value"),
        (
            entity("sound level", "dB", "90", "")
                .replace("post-17/acoustic", "x")
                .replace("acoustic", "y"),
            "unknown_sensor",
        ),
        (
            entity(
                "cloud cover",
                "%",
                "5",
                r#","FeatureOfInterest":{"feature":{"type":"Point"}}"#,
            ),
            "value",
        ),
        ("[1]".to_owned(), "json"),
    ];
    for (text, class) in cases {
        assert_eq!(rejected(SensorThings, &text), class, "{text}");
    }
}

proptest! {
    #[test]
    fn written_observations_read_back(
        kind in 0..5u8, value in 0..1_000_000u32, seconds in 0..4_000_000_000i64,
        length in 0..10_000i64, lat in -80_000..80_000i32, placed in 0..3u8,
    ) {
        let mut observation = decode_one(SensorThings, &[entity("cloud cover", "%", "5", "")]);
        let time = |s| Timestamp::from_second(s).unwrap();
        observation.observed_at = Interval { start: time(seconds), end: time(seconds + length) };
        let share = f64::from(value) / 1e6;
        let lat_deg = f64::from(lat) / 1e3;
        observation.location = match placed {
            0 => None,
            1 => Some(Location::fix(position(lat_deg, 37.5), POSITION_M_SIGMA)),
            _ => {
                let corner = |(dlat, lon_deg)| position(lat_deg + dlat, lon_deg);
                let ring = [(0.0, 0.0), (0.0, 1.0), (1.0, 1.0)].map(corner);
                Some(Location::Area { ring: ring.to_vec() })
            }
        };
        observation.reading = match kind {
            0 => Reading::Weather(Weather { cloud_fraction: Some(share), ..Weather::default() }),
            1 => Reading::Weather(Weather { wind_speed_m_s: Some(share * 100.0), ..Weather::default() }),
            2 => Reading::Weather(Weather { wind_from_deg: Some(share * 359.0), ..Weather::default() }),
            3 => Reading::SensorState(SensorState { health: Health::Degraded, text: "x".to_owned() }),
            _ => {
                observation.location = Some(arrival_at_post());
                Reading::Acoustic(AcousticDetection {
                    class: None,
                    launch: None,
                    level_db: Some(share * 100.0),
                    signal_to_noise_db: None,
                })
            }
        };
        prop_assert_eq!(round_trip(SensorThings, &observation), observation);
    }
}

fn arrival_at_post() -> Location {
    Location::Arrival {
        station: position(48.0, 37.8),
        arrival_s_sigma: 0.05,
    }
}
