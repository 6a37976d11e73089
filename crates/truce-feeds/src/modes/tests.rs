//! Frames of real aircraft, round trips, and streams as receivers deliver them.
//!
//! The frames come from "The 1090 MHz Riddle" (Sun, 2021) and the tests of pyModeS; the values
//! beside them were read with pyModeS 3.6.

use serde_json::json;
use truce_core::observation::AircraftReport;
use truce_core::{Height, HeightDatum, Location, Observation, Reading};

use super::squitter::Squitter;
use super::{FOOT_M, frame, squitter};
use crate::sample::{at, decode, decode_stream, feed, message, network, position, slug};
use crate::{Decoded, Decoder, Format};

fn sheets(format: Format, lines: &[&str]) -> Decoded {
    let mut decoder = Decoder::new(format, &feed(format), &network());
    let mut out = Decoded::with_sheets();
    for line in lines {
        decoder.decode(&message(format, line.as_bytes()), &mut out);
    }
    out
}

#[test]
fn squitters() {
    let cases = [
        (
            "*8D4840D6202CC371C32CE0576098;",
            json!({"call_sign": "KLM1023", "category": 0, "type_code": 4}),
            json!({}),
        ),
        (
            "*8D40621D58C382D690C8AC2863A7;",
            json!({"cpr_odd": false, "cpr_lat": 93000, "cpr_lon": 51372, "type_code": 11}),
            json!({"altitude_ft": 38000.0}),
        ),
        (
            "*8D485020994409940838175B284F;",
            json!({"type_code": 19, "subtype": 1, "climb_barometric": false}),
            json!({"speed_east_kn": -8.0, "speed_north_kn": -159.0, "climb_ft_min": -832.0,
                   "ellipsoid_less_barometric_ft": 550.0}),
        ),
        (
            "*8DA05F219B06B6AF189400CBC33F;",
            json!({"subtype": 3, "airspeed_true": true, "climb_barometric": true}),
            json!({"airspeed_kn": 375.0, "climb_ft_min": -2304.0}),
        ),
        ("*2A00516D492B80;", json!({"squawk": "0356"}), json!({})),
    ];
    for (line, fields, given) in cases {
        let out = sheets(Format::Avr, &[line]);
        assert_eq!(out.rejections, [], "{line}");
        let sheet = &out.sheets.unwrap()[0];
        for (name, value) in fields.as_object().unwrap() {
            assert_eq!(&sheet.fields[name], value, "{line} {name}");
        }
        for (name, value) in given.as_object().unwrap() {
            assert_eq!(&sheet.given[name], value, "{line} {name}");
        }
    }
}

#[test]
fn a_pair_gives_a_place() {
    let pair = [
        "*8D40621D58C386435CC412692AD6;",
        "*8D40621D58C382D690C8AC2863A7;",
    ];
    let out = decode(Format::Avr, &pair);
    assert_eq!(out.observations.len(), 1);
    let got = &out.observations[0];
    let Some(Location::Fix { place, height }) = &got.location else {
        panic!("{got:?}");
    };
    assert!(place.position.distance_m(position(52.257_202, 3.919_373)) < 1.0);
    let expected = Height {
        height_m: 38_000.0 * FOOT_M,
        above: HeightDatum::Barometric,
    };
    assert_eq!(*height, Some(expected));
}

/// A frame of format 18 with its parity.
fn repeated(control: u8, message: [u8; 7]) -> String {
    let mut bytes = vec![18 << 3 | control, 0x48, 0x50, 0x20];
    bytes.extend(message);
    let sum = frame::parity(&bytes).to_be_bytes();
    bytes.extend(&sum[1..]);
    format!("*{};", crate::hexadecimal::text(&bytes))
}

#[test]
fn format_18_is_of_an_aircraft_when_its_address_is() {
    let velocity = [0x99, 0x44, 0x09, 0x94, 0x08, 0x38, 0x17];
    let of_another = [0x99, 0xC4, 0x09, 0x94, 0x08, 0x38, 0x17];
    let cases = [
        (0, velocity, 1),
        (0, of_another, 1),
        (1, velocity, 0),
        (2, velocity, 1),
        (2, of_another, 0),
        (3, velocity, 0),
        (4, velocity, 0),
        (5, velocity, 0),
        (6, velocity, 1),
        (6, of_another, 0),
    ];
    for (control, message, expected) in cases {
        let out = decode(Format::Avr, &[&repeated(control, message)]);
        assert_eq!(out.observations.len(), expected, "{control} {message:?}");
        assert_eq!(out.rejections, [], "{control}");
    }
}

#[test]
fn an_altitude_without_a_position() {
    let altitude = |first| squitter::read(&[first, 0xC3, 0x80, 0, 0, 0, 0]);
    assert_eq!(altitude(0), Squitter::Altitude(Some(38_000.0)));
    assert_eq!(squitter::read(&[0; 7]), Squitter::Altitude(None));
}

#[test]
fn what_is_rejected() {
    let cases = [
        ("*8D40621D58C386435CC412692AD7;", "checksum"),
        ("*8D40621D58C386435CC412692A;", "payload_length"),
        ("*8D40621D58C38;", "frame"),
        ("*zz;", "frame"),
        ("*;", "payload_length"),
        ("*9840621D58C386435CC412692AD6;", "message_type"),
        ("# remark", "-"),
        ("*1234;", "-"),
        ("@016CE3671C741234;", "-"),
        ("@0000;", "frame"),
    ];
    for (line, class) in cases {
        assert_eq!(crate::sample::rejected(Format::Avr, line), class, "{line}");
    }
}

fn aircraft() -> Observation {
    let mut observation = crate::sample::decode_one(
        Format::Sbs,
        &[
            "MSG,3,1,1,40621D,1,2025/03/01,12:00:00.250,2025/03/01,12:00:00.250,KLM1023,38000,159.2,\
           182.9,52.25720,3.91937,-832,,,,,0",
        ],
    );
    observation.source = slug("beast");
    observation
}

#[test]
fn rows_of_base_station() {
    let got = aircraft();
    assert_eq!(got.observed_at.start, at("2025-03-01T12:00:00.25Z"));
    let Reading::Aircraft(AircraftReport {
        icao_address,
        call_sign,
        ..
    }) = &got.reading
    else {
        panic!("{got:?}");
    };
    assert_eq!(
        (*icao_address, call_sign.as_deref()),
        (0x40_621D, Some("KLM1023"))
    );
    let lines = Format::Sbs.encode(&got).unwrap();
    let back = crate::sample::decode_one(Format::Sbs, &lines);
    assert_eq!((back.location, back.reading), (got.location, got.reading));
}

/// What the encoder writes says the same, through either format, whatever is cut.
#[test]
fn frames_lead_back() {
    let observation = aircraft();
    let bytes = Format::Beast.encode_bytes(&observation).unwrap().concat();
    let lines = Format::Avr.encode(&observation).unwrap();
    let [beast, avr] = [
        decode_stream(Format::Beast, &bytes),
        decode(Format::Avr, &lines),
    ];
    for out in [beast, avr] {
        assert_eq!(out.rejections, []);
        assert_eq!(out.observations.len(), 3);
        let place = out.observations[0]
            .location
            .as_ref()
            .unwrap()
            .place()
            .unwrap();
        assert!(place.position.distance_m(position(52.257_20, 3.919_37)) < 6.0);
        let Reading::Aircraft(velocity) = &out.observations[1].reading else {
            panic!("{out:?}");
        };
        let speed_m_s = velocity.speed_m_s.unwrap();
        assert!(
            (speed_m_s - 159.2 * 1852.0 / 3600.0).abs() < 0.4,
            "{speed_m_s}"
        );
        let Reading::Aircraft(report) = &out.observations[2].reading else {
            panic!("{out:?}");
        };
        assert_eq!(report.call_sign.as_deref(), Some("KLM1023"));
    }
}

#[test]
fn beast_is_cut_at_escapes() {
    let frame = [
        0x8D, 0x1A, 0x1A, 0x90, 0x58, 0xB9, 0x75, 0x1A, 0x0B, 0x73, 0x87, 0, 0, 0x1A,
    ];
    let message = super::beast::message(&frame, 0x1A_0000_001A, 0x1A);
    let noise = [
        &[1, 2, 3][..],
        &message,
        &[0x1A, b'9'],
        &message[..8],
        &message,
    ]
    .concat();
    for step in 1..noise.len() {
        let mut got = Vec::new();
        let mut framer = crate::Framer::of(Format::Beast);
        for piece in noise.chunks(step) {
            framer.push(piece, &mut |bytes| got.push(bytes.to_vec()));
        }
        framer.finish(&mut |bytes| got.push(bytes.to_vec()));
        let whole = got.iter().filter(|bytes| **bytes == message).count();
        assert_eq!(whole, 2, "{step}: {got:?}");
        assert_eq!(got.concat(), noise, "nothing is lost");
    }
}
