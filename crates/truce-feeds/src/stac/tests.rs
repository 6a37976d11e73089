//! Items of scenes, their footprints and clouds, and what is rejected.

use proptest::prelude::*;

use super::*;
use crate::Format::Stac;
use crate::sample::{at, decode, decode_one, decode_stream, position, rejected, round_trip, slug};

/// A scene of the mission's satellite, cut down to what matters.
const ITEM: &str = r#"{"type":"Feature","stac_version":"1.0.0","id":"SCENE-1","collection":"c",
    "geometry":{"type":"Polygon","coordinates":[[[37,48],[38,48],[38,49],[37,48]]]},
    "bbox":[37,48,38,49],"properties":{"datetime":"2025-03-01T08:41:09.024Z",
    "platform":"NOAA-20","instruments":["VIIRS"],"eo:cloud_cover":12.5},"links":[],"assets":{}}"#;

#[test]
fn a_scene_is_a_look_and_its_cloud() {
    let out = decode(Stac, &[ITEM]);
    assert_eq!(out.rejections, []);
    let [look, cloud] = out.observations.as_slice() else {
        panic!("{out:?}")
    };
    let ring = [(48.0, 37.0), (48.0, 38.0), (49.0, 38.0)].map(|(lat, lon)| position(lat, lon));
    let area = Some(Location::Area {
        ring: ring.to_vec(),
    });
    assert_eq!((&look.location, &cloud.location), (&area, &area));
    assert_eq!(look.sensor, Some(slug("noaa-20/viirs")));
    let worked = SensorState {
        health: Health::Working,
        text: "SCENE-1".to_owned(),
    };
    assert_eq!(look.reading, Reading::SensorState(worked));
    let weather = Weather {
        cloud_fraction: Some(0.125),
        ..Weather::default()
    };
    assert_eq!(cloud.reading, Reading::Weather(weather));
    assert_eq!(cloud.observed_at.start, at("2025-03-01T08:41:09.024Z"));
}

#[test]
fn forms_of_items() {
    let count = |text: &str| decode(Stac, &[text]).observations.len();
    assert_eq!(count(&ITEM.replace("NOAA-20", "other")), 1);
    assert_eq!(count(&ITEM.replace(",\"eo:cloud_cover\":12.5", "")), 1);
    assert_eq!(count(&ITEM.replace("12.5", "null")), 1);
    let boxed = ITEM.replace("\"geometry\":{", "\"other\":{");
    let Some(Location::Area { ring }) = &decode(Stac, &[boxed.as_str()]).observations[0].location
    else {
        panic!("no area")
    };
    assert_eq!(ring.len(), 4);
    let long = ITEM.replace(
        "\"datetime\":\"2025-03-01T08:41:09.024Z\"",
        "\"datetime\":null,\"start_datetime\":\"2025-03-01T08:00:00Z\",\
         \"end_datetime\":\"2025-03-01T09:00:00Z\"",
    );
    let seen = decode(Stac, &[long]).observations.remove(0);
    assert_eq!(seen.observed_at.end, at("2025-03-01T09:00:00Z"));
    let page = format!("{{\"type\":\"FeatureCollection\",\"features\":[{ITEM},{boxed}]}}");
    assert_eq!(decode_stream(Stac, page.as_bytes()).observations.len(), 4);
}

#[test]
fn an_area_of_change_is_no_look() {
    let text = ITEM.replace(
        "\"eo:cloud_cover\":12.5",
        "\"truce:score\":12.5,\"truce:score_sigma\":0.5,\"truce:scenes\":\"vv, orbit 87\"",
    );
    let got = decode_one(Stac, &[text.as_str()]);
    let change = AreaChange {
        score: 12.5,
        score_sigma: 0.5,
        scenes: "vv, orbit 87".to_owned(),
    };
    assert_eq!(got.reading, Reading::AreaChange(change));
    assert_eq!(got.sensor, Some(slug("noaa-20/viirs")));
    assert_eq!(round_trip(Stac, &got), got);
    for (text, class) in [
        (text.replace("12.5", "-1"), "range"),
        (text.replace("truce:score_sigma", "sigma"), "missing_field"),
    ] {
        assert_eq!(rejected(Stac, &text), class, "{text}");
    }
}

#[test]
fn what_is_rejected() {
    let cases = [
        (ITEM.replace("\"id\"", "\"name\""), "missing_field"),
        (ITEM.replace("\"datetime\"", "\"time\""), "missing_field"),
        (ITEM.replace("2025-03-01T08:41:09.024Z", "noon"), "time"),
        (ITEM.replace("12.5", "112.5"), "range"),
        (ITEM.replace("12.5", "\"some\""), "range"),
        (ITEM.replace("[37,48],", "[37,98],"), "value"),
        (
            ITEM.replace("\"geometry\":{", "\"g\":{")
                .replace("bbox", "box"),
            "missing_field",
        ),
        (
            ITEM.replace("\"geometry\":{", "\"g\":{")
                .replace("[37,48,38,49]", "[37,48,38,99]"),
            "range",
        ),
        ("[]".to_owned(), "json"),
    ];
    for (text, class) in cases {
        assert_eq!(rejected(Stac, &text), class, "{text}");
    }
}

proptest! {
    #[test]
    fn written_items_read_back(
        cloud in prop::option::of(0..1_000u32), lat in -80_000..80_000i32,
        seconds in 0..4_000_000_000i64, length in 0..10_000i64,
    ) {
        let clear = ITEM.replace(",\"eo:cloud_cover\":12.5", "");
        let mut observation = decode_one(Stac, &[clear]);
        let time = |s| Timestamp::from_second(s).unwrap();
        observation.observed_at = Interval { start: time(seconds), end: time(seconds + length) };
        let corner = |(dlat, lon_deg)| position(f64::from(lat) / 1e3 + dlat, lon_deg);
        let ring = [(0.0, 0.0), (0.0, 1.0), (1.0, 1.0)].map(corner);
        observation.location = Some(Location::Area { ring: ring.to_vec() });
        if let Some(cloud) = cloud {
            observation.sensor = None;
            observation.reading = Reading::Weather(Weather {
                cloud_fraction: Some(f64::from(cloud) / 1_000.0 * 100.0 / 100.0),
                ..Weather::default()
            });
        }
        let mut back = round_trip(Stac, &observation);
        if let (Reading::Weather(read), Reading::Weather(said)) =
            (&mut back.reading, &observation.reading)
        {
            let off = read.cloud_fraction.unwrap() - said.cloud_fraction.unwrap();
            prop_assert!(off.abs() < 1e-12);
            read.cloud_fraction = said.cloud_fraction;
        }
        prop_assert_eq!(back, observation);
    }
}
