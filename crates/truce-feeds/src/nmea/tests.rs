//! Sentences of satellite navigation receivers: dates, errors, round trips, and what is rejected.

use proptest::prelude::*;

use super::*;
use crate::Format::Nmea;
use crate::sample::{at, decode, decode_one, position, rejected, round_trip, slug};

/// A line with its checksum.
fn line(body: &str) -> String {
    let mut line = String::new();
    push_checked(&mut line, '$', body);
    line
}

/// A line of a named receiver.
fn tagged(station: &str, body: &str) -> String {
    let mut tag = String::new();
    push_checked(&mut tag, '\\', &format!("s:{station}"));
    tag + "\\" + &line(body)
}

/// Sentences after the examples in receivers' manuals.
const GGA: &str = "$GPGGA,092725.00,4717.11399,N,00833.91590,E,1,08,1.01,499.6,M,48.0,M,,*5B";
const RMC: &str = "$GPRMC,083559.00,A,4717.11437,N,00833.91522,E,0.004,77.52,091202,,,A*57";
const GNS: &str = "$GNGNS,122310.2,3722.425671,N,12258.856215,W,DAAA,14,0.9,1005.543,6.5,,,V*0B";
const GST: &str = "$GPGST,024603.00,3.2,6.6,4.7,47.3,5.8,5.6,22.0*58";

fn fix(lines: &[&str]) -> (Timestamp, Place, Option<f64>) {
    let got = decode_one(Nmea, lines);
    let Some(Location::Fix { place, height }) = got.location else {
        panic!("{got:?}")
    };
    let height_m = height.map(|height| height.height_m);
    (got.observed_at.start, place, height_m)
}

/// A receiver's binary messages between its sentences cost none of them.
#[test]
fn a_stream_with_binary_messages() {
    let stream = [
        b"\xb5b\x01\x07\n\xf0\x9f$\x10".as_slice(),
        GGA.as_bytes(),
        RMC.as_bytes(),
    ]
    .concat();
    let mut framer = crate::Framer::of(Nmea);
    let mut messages = Vec::new();
    framer.push(&stream, &mut |message| messages.push(message.to_vec()));
    framer.finish(&mut |message| messages.push(message.to_vec()));
    let expected = [
        b"\xb5b\x01\x07",
        &b"\xf0\x9f$\x10"[..],
        GGA.as_bytes(),
        RMC.as_bytes(),
    ];
    assert_eq!(messages, expected);
}

#[test]
fn sentences_of_receivers() {
    // Arrival is 2025-03-01T12:00:30.5Z.
    let (when, place, height_m) = fix(&[GGA]);
    assert_eq!(when, at("2025-03-01T09:27:25Z"));
    let expected = position(47.0 + 17.11399 / 60.0, 8.0 + 33.9159 / 60.0);
    assert!(place.position.distance_m(expected) < 1e-3);
    assert_eq!(height_m, Some(499.6));
    let sigma_m = 1.01 * 5.0 / std::f64::consts::SQRT_2;
    assert!((place.uncertainty.semi_major_m - sigma_m).abs() < 1e-9);

    let (when, place, height_m) = fix(&[RMC]);
    assert_eq!((when, height_m), (at("2002-12-09T08:35:59Z"), None));
    let sigma_m = DILUTION * 5.0 / std::f64::consts::SQRT_2;
    assert!((place.uncertainty.semi_minor_m - sigma_m).abs() < 1e-9);

    let (when, place, _) = fix(&[GNS]);
    assert_eq!(when, at("2025-03-01T12:23:10.2Z"));
    assert!(place.position.lon_deg < -122.9);
    // Differential for one system, alone for the others: the best counts.
    let sigma_m = 0.9 * 2.0 / std::f64::consts::SQRT_2;
    assert!((place.uncertainty.semi_major_m - sigma_m).abs() < 1e-9);
    assert_eq!(decode(Nmea, &[GST]).observations, []);
    assert_eq!(decode(Nmea, &[GST]).rejections, []);
}

/// `GLL` says place and time of day, `RMC` date and time beside them.
#[test]
fn a_place_alone_is_a_fix_where_no_better_sentence_says_it() {
    let gll = line("GPGLL,4717.11364,N,00833.91565,E,092321.00,A,A");
    let (when, place, height_m) = fix(&[&gll]);
    assert_eq!((when, height_m), (at("2025-03-01T09:23:21Z"), None));
    let expected = position(47.0 + 17.11364 / 60.0, 8.0 + 33.91565 / 60.0);
    assert!(place.position.distance_m(expected) < 1e-3);
    let later = line("GPGLL,4717.11399,N,00833.91590,E,092726.00,A,A");
    assert_eq!(decode(Nmea, &[GGA, &later]).observations.len(), 1);
    for silent in [
        "GPGLL,4717.11364,N,00833.91565,E,092321.00,V,N",
        "GPGLL,,,,,092321.00,V,N",
        // Before version 2.0 there was neither time nor status.
        "GPGLL,4717.11364,N,00833.91565,E",
        "GPVTG,77.52,T,,M,0.004,N,0.008,K,A",
        "GPHDT,274.07,T",
        "GPGSA,A,3,23,29,07,08,09,18,26,28,,,,,1.94,1.18,1.54",
    ] {
        let got = decode(Nmea, &[line(silent)]);
        assert_eq!(
            (got.observations, got.rejections),
            (vec![], vec![]),
            "{silent}"
        );
    }
    let beyond = line("GPGLL,9917.11364,N,00833.91565,E,092321.00,A,A");
    assert_eq!(rejected(Nmea, &beyond), "range");
}

/// A target of a radar: seconds of the day, distance and bearing or position, speed, course.
fn target(body: &str) -> Option<Observation> {
    decode(Nmea, &[tagged("post-17/acoustic", body)])
        .observations
        .pop()
}

#[test]
fn targets_of_a_radar() {
    let ttm = "RATTM,07,12.5,231.5,T,11.2,87.0,T,0.5,-3,N,SOMEBODY,T,,120001.00,A";
    let got = target(ttm).unwrap();
    assert_eq!(got.observed_at.start, at("2025-03-01T12:00:01Z"));
    let Some(Location::Bearing {
        observer,
        bearing_deg,
        bearing_deg_sigma,
        range: Some(range),
    }) = got.location
    else {
        panic!("{got:?}")
    };
    let network = crate::sample::network();
    let own = network
        .sensors
        .iter()
        .find(|s| Some(&s.id) == got.sensor.as_ref())
        .unwrap();
    assert_eq!(observer, position(48.0, 37.8), "where its post is");
    assert_eq!((bearing_deg, range.range_m), (231.5, 12.5 * 1_852.0));
    assert_eq!(
        bearing_deg_sigma,
        own.errors.bearing_deg_sigma.unwrap_or(0.5)
    );
    let Reading::Radar(said) = got.reading else {
        panic!("no target")
    };
    assert_eq!(said.target.as_deref(), Some("07"));
    assert!((said.speed_m_s.unwrap() - 11.2 * 1_852.0 / 3_600.0).abs() < 1e-12);
    assert_eq!(said.course_deg, Some(87.0));

    let tll = target("RATLL,03,4631.1200,N,03102.5500,E,,120001,T,").unwrap();
    let place = tll.location.unwrap().place().unwrap();
    let expected = position(46.0 + 31.12 / 60.0, 31.0 + 2.55 / 60.0);
    assert!(place.position.distance_m(expected) < 1e-3);
}

#[test]
fn what_a_target_leaves_out() {
    let cases = [
        // In kilometres, without speed; the course is relative to the radar's own and left out.
        (
            "RATTM,1,2.0,10,T,,,,,,K,,T,,120001,A",
            Some((2_000.0, None)),
        ),
        (
            "RATTM,1,2.0,10,T,36,90,R,,,K,,T,,120001,A",
            Some((2_000.0, None)),
        ),
        (
            "RATTM,1,2.0,10,T,36,90,T,,,K,,,,,A",
            Some((2_000.0, Some(10.0))),
        ),
        (
            "RATTM,1,2.0,10,T,36,90,T,,,S,,T,,,A",
            Some((3_218.688, Some(16.093_44))),
        ),
        ("RATTM,1,2.0,10,R,36,90,R,,,K,,T,,120001,A", None),
        ("RATTM,1,2.0,10,T,36,90,T,,,K,,L,,120001,A", None),
        ("RATTM,1,2.0,10,T,36,90,T,,,K,,Q,,120001,A", None),
        ("RATTM,1,,,T,,,T,,,K,,T,,120001,A", None),
        ("RATLL,1,,,,,,120001,T,", None),
    ];
    for (body, expected) in cases {
        let got = target(body).map(|got| {
            let Some(Location::Bearing {
                range: Some(range), ..
            }) = got.location
            else {
                panic!("{body}")
            };
            let Reading::Radar(said) = got.reading else {
                panic!("{body}")
            };
            (range.range_m, said.speed_m_s)
        });
        assert_eq!(got, expected, "{body}");
    }
}

#[test]
fn the_day_follows_from_what_is_known() {
    let gga = |time: &str| line(&format!("GPGGA,{time},4800,N,03700,E,1,9,1,,M,,M,,"));
    let rmc = |time: &str, date: &str| line(&format!("GPRMC,{time},A,4800,N,03700,E,,,{date},,,A"));
    let zda = |time: &str| line(&format!("GPZDA,{time},31,12,2024,00,00"));
    let cases: &[(&[String], &str)] = &[
        (&[gga("115959")], "2025-03-01T11:59:59Z"),
        // Just after midnight is twelve hours before arrival, just before it eleven after.
        (&[gga("000100")], "2025-03-01T00:01:00Z"),
        (&[gga("235959.5")], "2025-03-01T23:59:59.5Z"),
        (&[gga("000010")], "2025-03-02T00:00:10Z"),
        (&[zda("235959"), gga("235959.9")], "2024-12-31T23:59:59.9Z"),
        (&[zda("235959"), gga("000001")], "2025-01-01T00:00:01Z"),
        (&[rmc("000000", "010180")], "1980-01-01T00:00:00Z"),
        (&[rmc("235960", "311216")], "2017-01-01T00:00:00Z"),
    ];
    for (lines, expected) in cases {
        let arrival = if *expected == "2025-03-02T00:00:10Z" {
            at("2025-03-01T23:59:50Z")
        } else {
            at(crate::sample::RECEIVED_AT)
        };
        let mut feed =
            crate::Decoder::new(Nmea, &crate::sample::feed(Nmea), &crate::sample::network());
        let mut out = Decoded::default();
        for line in *lines {
            let mut message = crate::sample::message(Nmea, line.as_bytes());
            message.received_at = arrival;
            feed.decode(&message, &mut out);
        }
        let last = out.observations.last().expect(expected);
        assert_eq!(last.observed_at.start, at(expected), "{lines:?}");
    }
}

#[test]
fn one_fix_is_said_once() {
    let body = |kind: &str, rest: &str| line(&format!("GP{kind},120000,{rest}"));
    let gga = body("GGA", "4800,N,03700,E,1,9,1,120,M,,M,,");
    let rmc = body("RMC", "A,4800,N,03700,E,3,90,010325,,,A");
    let later =
        |line_of: &str| line(&line_of[1..line_of.len() - 3].replace(",120000,", ",120001,"));
    let cases: &[(&[&str], usize)] = &[
        (&[&gga, &rmc], 1),
        (&[&rmc, &gga], 1),
        (&[&gga, &gga], 1),
        (&[&rmc, &later(&rmc)], 2),
        (&[&gga, &rmc, &later(&rmc), &later(&gga)], 2),
        (&[&body("GGA", "4800,N,03700,E,0,0,,,M,,M,,")], 0),
        (&[&body("GGA", "4800,N,03700,E,8,9,1,,M,,M,,")], 0),
        (&[&body("RMC", "V,4800,N,03700,E,,,010325,,,N")], 0),
        (&[&body("GGA", ",,,,0,,,,M,,M,,")], 0),
        (&[&body("GSV", "3,1,11")], 0),
        (&["!AIVDM,1,1,,A,1,0*00"], 0),
    ];
    for (lines, expected) in cases {
        assert_eq!(
            decode(Nmea, lines).observations.len(),
            *expected,
            "{lines:?}"
        );
    }
}

#[test]
fn receivers_are_told_apart_and_are_sensors() {
    let zda = |station: &str, day: u8| tagged(station, &format!("GPZDA,120000,0{day},01,2020,,"));
    let gga = |station: &str| tagged(station, "GPGGA,120000,4800,N,03700,E,1,9,1,,M,,M,,");
    let lines = [
        zda("malyn", 1),
        zda("uav-3", 2),
        gga("malyn"),
        gga("uav-3"),
        gga("stranger"),
    ];
    let out = decode(Nmea, &lines);
    let said: Vec<_> = out
        .observations
        .iter()
        .map(|seen| (seen.sensor.clone(), seen.observed_at.start))
        .collect();
    assert_eq!(
        said,
        [
            (Some(slug("malyn")), at("2020-01-01T12:00:00Z")),
            (Some(slug("uav-3")), at("2020-01-02T12:00:00Z")),
            (None, at("2025-03-01T12:00:00Z")),
        ]
    );
}

#[test]
fn stated_errors_come_before_the_dilution() {
    let gga = line("GPGGA,120000,4800,N,03700,E,1,9,1,,M,,M,,");
    let gst = |rest: &str| line(&format!("GPGST,120000,{rest}"));
    let axes = |lines: &[&str]| {
        let errors = fix(lines).1.uncertainty;
        [errors.semi_major_m, errors.semi_minor_m, errors.bearing_deg]
            .map(|x| (x * 1e6).round() / 1e6)
    };
    assert_eq!(axes(&[&gst("2,6.5,4,47.5,5,5,9"), &gga]), [6.5, 4.0, 47.5]);
    assert_eq!(axes(&[&gst("2,,,,5,3,9"), &gga]), [5.0, 3.0, 0.0]);
    assert_eq!(axes(&[&gst("2,,,,3,5,9"), &gga]), [5.0, 3.0, 90.0]);
    let old = line("GPGST,115900,2,6.5,4,47.5,5,5,9");
    let alone = (5e6 / std::f64::consts::SQRT_2).round() / 1e6;
    assert_eq!(axes(&[&old, &gga]), [alone, alone, 0.0]);
}

#[test]
fn sheets_hold_what_the_sentence_says() {
    let mut decoder =
        crate::Decoder::new(Nmea, &crate::sample::feed(Nmea), &crate::sample::network());
    let mut out = Decoded::with_sheets();
    decoder.decode(&crate::sample::message(Nmea, RMC.as_bytes()), &mut out);
    decoder.decode(&crate::sample::message(Nmea, GST.as_bytes()), &mut out);
    let sheets = out.sheets.unwrap();
    let (rmc, gst) = (&sheets[0], &sheets[1]);
    assert_eq!((rmc.kind.as_str(), gst.kind.as_str()), ("RMC", "GST"));
    assert_eq!(rmc.fields["course_deg"], 77.52);
    assert_eq!(rmc.given["speed_kn"], 0.004);
    assert_eq!(rmc.fields["date"], "2002-12-09");
    assert_eq!(gst.fields["lat_m_sigma"], 5.8);
}

#[test]
fn what_is_rejected() {
    let cases = [
        (GGA.replace("*5B", "*5C"), "checksum"),
        (GGA.replace("*5B", ""), "checksum"),
        ("GPGGA,1".to_owned(), "sentence"),
        (line("GP"), "sentence"),
        (line("GP-GA,1"), "sentence"),
        (line("GPGGA,250000,4800,N,03700,E,1,9,1,,M,,M,,"), "time"),
        (line("GPGGA,12,4800,N,03700,E,1,9,1,,M,,M,,"), "time"),
        (line("GPGGA,120000,4860,N,03700,E,1,9,1,,M,,M,,"), "number"),
        (line("GPGGA,120000,4800,X,03700,E,1,9,1,,M,,M,,"), "number"),
        (line("GPGGA,120000,-4800,N,03700,E,1,9,1,,M,,M,,"), "number"),
        (line("GPGGA,120000,9800,N,03700,E,1,9,1,,M,,M,,"), "range"),
        (line("GPGGA,120000,8960,N,03700,E,0,0,,,M,,M,,"), "-"),
        (line("GPRMC,120000,V,36000,N,72000,E,,,010325,,"), "-"),
        (line("GPRMC,120000,A,36000,N,72000,E,,,010325,,"), "range"),
        (format!("${}", line("GPGLL,4800,N,03700,E,120000,A,A")), "-"),
        (
            line("GPGGA,120000,4800,N,03700,E,1,9,one,,M,,M,,"),
            "number",
        ),
        (line("GPRMC,120000,A,4800,N,03700,E,,,320125,,,A"), "time"),
        (line("GPZDA,120000,31,02,2025,,"), "time"),
        (line("RATTM,1,2,10,T,,,T,,,X,,T,,120001,A"), "number"),
        (line("RATTM,1,2,10,T,,,T,,,,,T,,120001,A"), "missing_field"),
        (line("RATTM,1,2,400,T,,,T,,,K,,T,,120001,A"), "range"),
        (line("RATLL,1,9131.12,N,03102.55,E,,120001,T,"), "range"),
    ];
    for (text, class) in cases {
        assert_eq!(rejected(Nmea, &text), class, "{text}");
    }
}

proptest! {
    #[test]
    fn written_targets_read_back(
        lat in -900_000_000..=900_000_000i64, lon in -1_800_000_000..=1_800_000_000i64,
        range_dm in 0..500_000u32, bearing in 0..360_000u32, by_bearing: bool,
        speed in prop::option::of(0..40_000u32),
    ) {
        let mut observation = target("RATTM,5,2.0,10,T,36,90,T,,,K,,T,,120001,A").unwrap();
        let Some(Location::Bearing { bearing_deg, range: Some(range), .. }) = &mut observation.location else {
            panic!("no bearing")
        };
        (*bearing_deg, range.range_m) = (f64::from(bearing) / 1e3, f64::from(range_dm) / 10.0);
        if !by_bearing {
            let place = Place {
                position: position(lat as f64 / 1e7, lon as f64 / 1e7),
                uncertainty: Ellipse::circle(100.0),
            };
            observation.location = Some(Location::Fix { place, height: None });
        }
        if let (Reading::Radar(said), true) = (&mut observation.reading, by_bearing) {
            said.speed_m_s = speed.map(|mm_s| f64::from(mm_s) / 1e3);
        }
        let back = round_trip(Nmea, &observation);
        let places = [&observation, &back].map(|o| o.location.as_ref().unwrap().place().unwrap().position);
        prop_assert!(places[0].distance_m(places[1]) < 0.2);
        if by_bearing {
            let speeds = [&observation, &back].map(|o| match &o.reading {
                Reading::Radar(said) => said.speed_m_s,
                _ => None,
            });
            prop_assert_eq!(speeds[0].is_some(), speeds[1].is_some());
            prop_assert!(speeds[0].zip(speeds[1]).is_none_or(|(a, b)| (a - b).abs() < 1e-3));
        }
    }

    #[test]
    fn written_fixes_read_back(
        lat in -90_000_000_000..=90_000_000_000i64, lon in -180_000_000_000..=180_000_000_000i64,
        major in 1..10_000_000u32, share in 1..1_000u32, bearing in 0..180_000u32,
        height in prop::option::of(-400_000..9_000_000i32),
        milliseconds in 0..4_000_000_000_000i64,
    ) {
        let mut observation = decode_one(Nmea, &[GGA]);
        let when = Timestamp::from_millisecond(milliseconds).unwrap();
        observation.observed_at = Interval::instant(when);
        observation.sensor = Some(slug("post-17/acoustic"));
        let major_m = f64::from(major) / 1e3;
        let minor_m = (major_m * f64::from(share)).ceil() / 1e3;
        let place = Place {
            position: position(lat as f64 / 1e9, lon as f64 / 1e9),
            uncertainty: Ellipse {
                semi_major_m: major_m,
                semi_minor_m: minor_m.min(major_m),
                bearing_deg: f64::from(bearing) / 1e3,
            },
        };
        let height = height.map(|height| Height {
            height_m: f64::from(height) / 1e3,
            above: HeightDatum::MeanSeaLevel,
        });
        observation.location = Some(Location::Fix { place, height });
        let back = round_trip(Nmea, &observation);
        prop_assert_eq!(back.observed_at, observation.observed_at);
        prop_assert_eq!(&back.sensor, &observation.sensor);
        let Some(Location::Fix { place: read, height: read_height }) = back.location else {
            panic!("no fix")
        };
        prop_assert!(read.position.distance_m(place.position) < 1e-3);
        prop_assert_eq!(read_height, height);
        let [one, two] = [read, place].map(|place| place.uncertainty.covariance_m2());
        for (a, b) in one.into_iter().zip(two) {
            prop_assert!((a - b).abs() <= 1e-3 * major_m * major_m.max(1.0) , "{a} {b}");
        }
    }
}
