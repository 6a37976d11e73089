//! Rows of every form of the product, round trips, and what is rejected.

use proptest::prelude::*;
use truce_core::Timestamp;

use super::*;
use crate::Format::FirmsCsv;
use crate::sample::{at, decode, decode_one, position, rejected, round_trip, slug};

const NRT: &str = "48.26382,37.21014,297.54,0.53,0.67,2025-08-11,0045,N,VIIRS,nominal,2.0NRT,\
                   281.83,0.36,N";

#[test]
fn the_near_real_time_form() {
    let got = decode_one(FirmsCsv, &[NRT]);
    let expected = ThermalAnomaly {
        brightness_k: Some(297.54),
        background_k: Some(281.83),
        radiative_power_mw: Some(0.36),
        scan_m: Some(530.0),
        track_m: Some(670.0),
        confidence: Some(0.6),
        daytime: Some(false),
        satellite: Some("N".to_owned()),
        instrument: Some("VIIRS".to_owned()),
        version: Some("2.0NRT".to_owned()),
    };
    assert_eq!(got.reading, Reading::ThermalAnomaly(expected));
    assert_eq!(got.sensor, None);
    let place = position(48.26382, 37.21014);
    assert_eq!(got.location, Some(Location::fix(place, 335.0)));
    assert_eq!(got.observed_at.start, at("2025-08-11T00:45:00Z"));
    assert_eq!(got.observed_at.end, at("2025-08-11T00:45:59.999999999Z"));
    assert_eq!(got.received_at, at(crate::sample::RECEIVED_AT));
}

#[test]
fn dates_are_read_alike_on_either_way() {
    for text in [
        "2025-08-11",
        "0001-01-01",
        "2024-02-29",
        "2025-02-29",
        "2025-13-01",
    ] {
        assert_eq!(date_in(text), text.parse().ok(), "{text}");
    }
    for text in [
        "20250811",
        "2025-8-11",
        "+002025-08-11",
        "99999-08-11",
        "2025-08-1x",
        "",
    ] {
        assert_eq!(date_in(text), text.parse().ok(), "{text}");
    }
}

/// Column orders as products, mirrors and spreadsheets give them.
#[test]
fn headers_in_any_order() {
    let cases: &[(&str, &str, Option<f64>, Option<&str>)] = &[
        (
            "latitude,longitude,bright_ti4,scan,track,acq_date,acq_time,satellite,confidence,\
             version,bright_ti5,frp,daynight,instrument",
            "48.2,37.2,297.54,0.53,0.67,2025-08-11,00:45:00,N20,low,2.0NRT,281.8,0.36,N,VIIRS",
            Some(0.3),
            Some("noaa-20/viirs"),
        ),
        (
            "\u{feff}country_id,latitude,longitude,brightness,scan,track,acq_date,acq_time,\
             satellite,instrument,confidence,version,bright_t31,frp,daynight",
            "UKR,48.2,37.2,310.1,1.1,1.0,2025-08-11,45,Terra,MODIS,57,6.1NRT,290.0,9.3,D",
            Some(0.57),
            None,
        ),
        (
            "LATITUDE,LONGITUDE,ACQ_DATE",
            "48.2,37.2,2025-08-11",
            None,
            None,
        ),
        (
            "ACQ_DATE,\"Longitude\", latitude ",
            "2025-08-11,37.2,48.2",
            None,
            None,
        ),
    ];
    for (header, row, confidence, sensor) in cases {
        let got = decode_one(FirmsCsv, &[*header, "", row]);
        let Reading::ThermalAnomaly(anomaly) = got.reading else {
            panic!("{row} gave {:?}", got.reading)
        };
        assert_eq!(anomaly.confidence, *confidence, "{row}");
        assert_eq!(got.sensor, sensor.map(slug), "{row}");
        let place = got.location.unwrap().place().unwrap();
        assert_eq!(place.position, position(48.2, 37.2), "{row}");
        assert_eq!(
            got.observed_at.start.to_string()[..10],
            *"2025-08-11",
            "{row}"
        );
    }
}

/// Errors: the sensor's own, else half the pixel that the row gives, else half a pixel at
/// nadir.
#[test]
fn uncertainty_follows_sensor_or_pixel() {
    let cases = [
        (
            "48,37,300,0.5,0.4,2025-08-11,0045,N20,VIIRS,n,2,280,1,N",
            205.0,
        ),
        (
            "48,37,300,0.8,0.4,2025-08-11,0045,N21,VIIRS,n,2,280,1,N",
            400.0,
        ),
        ("48,37,300,,,2025-08-11,0045,N21,VIIRS,n,2,280,1,N", 187.5),
        ("48,37,300,,,2025-08-11,0045,T,MODIS,50,6,280,1,N", 500.0),
        ("48,37,2025-08-11", 500.0),
    ];
    for (row, sigma_m) in cases {
        let place = decode_one(FirmsCsv, &[row])
            .location
            .unwrap()
            .place()
            .unwrap();
        assert_eq!(place.uncertainty.semi_major_m, sigma_m, "{row}");
    }
}

#[test]
fn times_of_day() {
    let cases: &[(&str, Option<(&str, i64)>)] = &[
        ("0", Some(("00:00:00", 60))),
        ("45", Some(("00:45:00", 60))),
        ("0045", Some(("00:45:00", 60))),
        ("2359", Some(("23:59:00", 60))),
        ("2360", None),
        ("2400", None),
        ("00:45", Some(("00:45:00", 60))),
        ("9:05:07", Some(("09:05:07", 0))),
        ("19:05:07", Some(("19:05:07", 0))),
        ("24:00", None),
        ("00:60:00", None),
        ("00:00:60", None),
        ("0a:00:00", None),
        ("00:45:00:00", None),
        ("+1:05", None),
        ("-45", None),
        ("00450", None),
        ("noon", None),
    ];
    for (text, expected) in cases {
        let expected = expected.map(|(time, length)| (time.parse().unwrap(), length));
        assert_eq!(time_of_day(text), expected, "{text}");
    }
    let day = decode_one(FirmsCsv, &["48,37,2019-12-31"]).observed_at;
    assert_eq!(day.start, at("2019-12-31T00:00:00Z"));
    assert_eq!(day.end, at("2019-12-31T23:59:59.999999999Z"));
}

#[test]
fn what_is_rejected() {
    let row = |text: &str| format!("48,37,300,1,1,{text},2,280,1,N");
    let cases = [
        ("48,37".to_owned(), "column_count"),
        ("48,37,2019-02-30".to_owned(), "time"),
        ("48,37,".to_owned(), "missing_field"),
        ("91,37,2019-02-03".to_owned(), "range"),
        ("48,-180.5,2019-02-03".to_owned(), "range"),
        ("nan,37,2019-02-03".to_owned(), "number"),
        ("1e999,37,2019-02-03".to_owned(), "number"),
        ("latitude,longitude".to_owned(), "header"),
        (row("2025-08-11,2500,N,VIIRS,n"), "time"),
        (row("2025-08-11,0045,N,VIIRS,sure"), "value"),
        (row("2025-08-11,0045,N,VIIRS,101"), "range"),
        (row("2025-08-11,0045,N,VIIRS,99"), "-"),
        ("   ".to_owned(), "-"),
        ("# 48,37".to_owned(), "-"),
    ];
    for (line, class) in cases {
        assert_eq!(rejected(FirmsCsv, &line), class, "{line}");
    }
}

#[test]
fn a_bad_row_stops_nothing() {
    let lines = [
        "latitude,longitude,acq_date",
        "48,37,2019-01-02",
        "x",
        "49,38,2019-01-03",
    ];
    let out = decode(FirmsCsv, &lines);
    assert_eq!((out.observations.len(), out.rejections.len()), (2, 1));
    assert_eq!(out.rejections[0].class.as_str(), "column_count");
}

#[test]
fn the_archive_form_is_written_too() {
    let observation = decode_one(FirmsCsv, &[NRT]);
    let line = archive::encode(&observation).unwrap();
    assert_eq!(line, "48.26382,37.21014,2025-08-11");
    let day = decode_one(FirmsCsv, &[archive::HEADER, &line]).observed_at;
    assert_eq!(day.start, at("2025-08-11T00:00:00Z"));
}

fn two_decimals(range: std::ops::Range<i32>) -> impl Strategy<Value = Option<f64>> {
    prop::option::of(range.prop_map(|hundredths| f64::from(hundredths) / 100.0))
}

prop_compose! {
    fn anomalies()(
        brightness_k in two_decimals(20_000..50_000),
        background_k in two_decimals(20_000..40_000),
        radiative_power_mw in two_decimals(-100..100_000),
        size in prop::option::of((32..200i32, 32..200i32)),
        confidence in prop::option::of(0..=100i32),
        daytime in any::<Option<bool>>(),
        satellite in prop::option::of("[A-Z0-9]{1,4}"),
        modis in any::<Option<bool>>(),
        version in prop::option::of("[0-9]\\.[0-9](NRT|RT)?"),
    ) -> ThermalAnomaly {
        ThermalAnomaly {
            brightness_k, background_k, radiative_power_mw, daytime, satellite, version,
            scan_m: size.map(|(scan, _)| f64::from(scan) * 10.0),
            track_m: size.map(|(_, track)| f64::from(track) * 10.0),
            confidence: confidence.map(|percent| f64::from(percent) / 100.0),
            instrument: modis.map(|modis| if modis { "MODIS" } else { "VIIRS" }.to_owned()),
        }
    }
}

proptest! {
    #[test]
    fn written_rows_read_back(
        anomaly in anomalies(),
        lat in -9_000_000..=9_000_000i32, lon in -18_000_000..=18_000_000i32,
        seconds in 0..4_000_000_000i64,
    ) {
        let mut observation = decode_one(FirmsCsv, &[NRT]);
        let place = position(f64::from(lat) / 1e5, f64::from(lon) / 1e5);
        observation.location = Some(Location::fix(place, 100.0));
        observation.reading = Reading::ThermalAnomaly(anomaly);
        observation.observed_at = Interval::instant(Timestamp::from_second(seconds).unwrap());
        let back = round_trip(FirmsCsv, &observation);
        prop_assert_eq!(&back.reading, &observation.reading);
        prop_assert_eq!(back.observed_at, observation.observed_at);
        prop_assert_eq!(back.location.unwrap().place().unwrap().position, place);
    }
}
