//! Packets of both ways, and what is cut.

use proptest::prelude::*;
use serde_json::json;
use truce_core::place::Ellipse;
use truce_core::{Height, HeightDatum, Location, Observation, Place, Reading};

use super::st0601::{self, Set};
use super::{encode_packet, item, put_item, sealed};
use crate::Format::{self, Klv, MpegTs};
use crate::Sheet;
use crate::sample::{at, decode, decode_one, decode_stream, position, rejected};

fn flight() -> Observation {
    let mut flight = decode_one(
        Format::UavCsv,
        &[
            "post-17/uav,2025-03-01T12:00:20.5Z,RAVEN 7,radar,48.1,37.9,4,,,,,,,350,ellipsoid,22,181,,",
        ],
    );
    flight.location = Some(Location::Fix {
        place: Place {
            position: position(48.1, 37.9),
            uncertainty: Ellipse::circle(super::PLATFORM_M_SIGMA),
        },
        height: Some(Height {
            height_m: 350.0,
            above: HeightDatum::Ellipsoid,
        }),
    });
    flight
}

fn check(got: &Observation) {
    assert_eq!(got.observed_at.start, at("2025-03-01T12:00:20.5Z"));
    let Some(Location::Fix { place, height }) = &got.location else {
        panic!("{got:?}");
    };
    assert!(place.position.distance_m(position(48.1, 37.9)) < 0.02);
    assert!((height.unwrap().height_m - 350.0).abs() < 0.2);
    let Reading::Uav(detection) = &got.reading else {
        panic!("{got:?}");
    };
    assert_eq!(detection.target.as_deref(), Some("RAVEN 7"));
    assert_eq!(detection.speed_m_s, Some(22.0));
    assert!((detection.course_deg.unwrap() - 181.0).abs() < 0.003);
}

#[test]
fn packets_lead_back_alone_and_in_a_transport_stream() {
    let flight = flight();
    for format in [Klv, MpegTs] {
        let stream = format.encode_bytes(&flight).unwrap().concat();
        let out = decode_stream(format, &[&stream[..], &stream].concat());
        assert_eq!(out.rejections, [], "{format:?}");
        assert_eq!(out.observations.len(), 2, "{format:?}");
        out.observations.iter().for_each(check);
    }
}

/// A target 0.1 degrees north and east of the centre of the frame, and one with its own place.
#[test]
fn moving_targets_are_sightings() {
    // IMAPB over -19.2 to 19.2 in three bytes: 2¹⁷ codes a degree, offset of the zero .6.
    let code = |deg: f64| (((deg + 19.2) * 131_072.0) as u32).to_be_bytes()[1..].to_vec();
    let offset = [vec![10, 3], code(0.1), vec![11, 3], code(0.1)].concat();
    let first = [vec![1], offset].concat();
    let own = |deg: f64, least: f64, scale: f64| (((deg - least) * scale) as u32).to_be_bytes();
    let place = [
        &own(48.5, -90.0, 8_388_608.0)[..],
        &own(37.5, -180.0, 4_194_304.0),
        &[0, 0],
    ];
    let second = [vec![2, 17, 10], place.concat()].concat();
    let pack = |target: &[u8]| [&[target.len() as u8][..], target].concat();
    let series = [pack(&first), pack(&second)].concat();
    let vmti = [vec![101, series.len() as u8], series].concat();
    let degree = |deg: f64, most: f64| {
        ((deg / most * f64::from(i32::MAX)) as i32)
            .to_be_bytes()
            .to_vec()
    };
    let mut content = Vec::new();
    put_item(23, &degree(48.0, 90.0), &mut content);
    put_item(24, &degree(37.0, 180.0), &mut content);
    put_item(74, &vmti, &mut content);
    let packet = sealed(&content);
    let out = decode(Klv, &[&packet]);
    assert_eq!(out.rejections, []);
    let expected = [position(48.1, 37.1), position(48.5, 37.5)];
    assert_eq!(out.observations.len(), 2);
    for (observation, expected) in out.observations.iter().zip(expected) {
        let place = observation.location.as_ref().unwrap().place().unwrap();
        assert!(place.position.distance_m(expected) < 2.0, "{place:?}");
    }
}

#[test]
fn what_is_cut_or_changed_is_rejected() {
    let packet = Klv.encode_bytes(&flight()).unwrap().concat();
    for end in 0..packet.len() {
        assert_eq!(rejected(Klv, &packet[..end]), "frame", "{end}");
    }
    let mut changed = packet.clone();
    changed[40] ^= 1;
    assert_eq!(rejected(Klv, &changed), "checksum");
    // Who looks at it sees what it says, and that it cannot be trusted.
    let mut out = crate::Decoded::with_sheets();
    let mut decoder =
        crate::Decoder::new(Klv, &crate::sample::feed(Klv), &crate::sample::network());
    decoder.decode(&crate::sample::message(Klv, &changed), &mut out);
    assert_eq!((out.observations.len(), out.rejections.len()), (0, 1));
    let sheets = out.sheets.unwrap();
    assert!(
        sheets[0]
            .wrong
            .iter()
            .any(|wrong| wrong.starts_with("checksum"))
    );
    assert!(sheets[0].fields.len() > 3, "{:?}", sheets[0].fields);
    let mut other = packet.clone();
    other[10] ^= 1;
    assert_eq!(rejected(Klv, &other), "message_type");
    let noise = [&[6, 0x0E, 1][..], &packet, &[9], &packet].concat();
    for step in 1..noise.len() {
        let mut whole = 0;
        let mut framer = crate::Framer::of(Klv);
        let mut deliver = |bytes: &[u8]| whole += usize::from(bytes == packet);
        for piece in noise.chunks(step) {
            framer.push(piece, &mut deliver);
        }
        framer.finish(&mut deliver);
        assert_eq!(whole, 2, "{step}");
    }
}

/// The sheet of some items.
fn sheet(mut content: &[u8]) -> Sheet {
    let mut set = Set::default();
    while let Some((tag, value)) = item(&mut content) {
        set.take(tag, value);
    }
    set.sheet
}

/// Items whose structure random bytes rarely have.
#[test]
fn packs_lead_back() {
    let fields = json!({
        "security": {"classification": 1, "classifying_country": "//TST", "version": 12},
        "image_horizon": {"start_x_percent": 0, "start_y_percent": 40, "end_x_percent": 100,
            "end_y_percent": 60, "start_lat_deg": 45.0},
        "control_command": {"id": 5, "text": "Fly to waypoint 1"},
        "control_commands_verified": [3, 7, 300],
        "countries": {"coding_method": 14, "overflight": "TST", "operator": null, "manufacture": "TSU"},
        "sensor_frame_rate_ratio": [60_000, 1_001],
        "wavelengths": [{"id": 21, "least_nm": 1000.0, "most_nm": 2000.0, "name": "NNIR"}],
        "airbases": {"take_off": {"lat_deg": 38.5, "lon_deg": -77.25, "height_ellipsoid_m": 3.0}},
        "payloads": {"count": 2, "payloads": [{"id": 0, "kind": 0, "name": "VIS"}, {"id": 1, "kind": 0, "name": "IR"}]},
        "weapon_stores": [{"station": 1, "hardpoint": 1, "carriage": 1, "store": 1, "status": 3, "kind": "X"}],
        "waypoints": [{"id": 0, "order": -1, "information": 0,
            "place": {"lat_deg": 38.5, "lon_deg": -77.0, "height_ellipsoid_m": null}}],
        "metadata_substream": {"id": 1, "uuid": "00112233445566778899AABBCCDDEEFF"},
        "tag_150": "0102",
        "vmti": {"targets_reported": 2, "targets": [
            {"id": 1, "priority": 3, "lat_offset_deg": 0.5, "lon_offset_deg": -0.25},
            {"id": 300, "lat_deg": 48.0, "lon_deg": 37.0, "height_ellipsoid_m": 100.0,
             "east_m_sigma": 12.5, "north_m_sigma": 6.0, "height_m_sigma": 3.0}]},
    });
    let written = Sheet {
        fields: fields.as_object().cloned().unwrap(),
        ..Sheet::new("ST0601")
    };
    let packet = encode_packet(&written).unwrap();
    let out = decode(Klv, &[&packet]);
    assert_eq!(out.rejections, []);
    let place = out.observations[0].location.as_ref().unwrap().place();
    assert_eq!(place.unwrap().uncertainty.semi_major_m, 12.5);
    let content = st0601::write(&written.fields, &written.given).unwrap();
    let read = sheet(&content);
    for (name, value) in &written.fields {
        close(name, &read.fields[name], value);
    }
    assert_eq!(read.fields.len(), written.fields.len());
}

/// Equal but for what a code of the shortest field cannot tell.
fn close(name: &str, a: &serde_json::Value, b: &serde_json::Value) {
    use serde_json::Value::{Array, Number, Object};
    match (a, b) {
        (Object(a), Object(b)) => {
            assert_eq!(a.len(), b.len(), "{name}");
            b.iter().for_each(|(key, value)| close(key, &a[key], value));
        }
        (Array(a), Array(b)) => {
            assert_eq!(a.len(), b.len(), "{name}");
            a.iter().zip(b).for_each(|(a, b)| close(name, a, b));
        }
        (Number(a), Number(b)) => {
            let (a, b) = (a.as_f64().unwrap(), b.as_f64().unwrap());
            assert!((a - b).abs() < 0.02, "{name}: {a} {b}");
        }
        _ => assert_eq!(a, b, "{name}"),
    }
}

#[test]
fn a_value_that_is_none_of_its_field_is_refused() {
    for (name, value) in [
        ("platform_ground_speed_m_s", 256),
        ("outside_air_temperature_c", -129),
        ("outside_air_temperature_c", 128),
    ] {
        let mut large = Sheet::new("ST0601");
        large.set(name, value);
        assert!(encode_packet(&large).is_err(), "{name} {value}");
    }
    for name in [
        "sensor_lat_deg",
        "mission_id",
        "payloads",
        "countries",
        "security",
        "tag_200",
    ] {
        let mut odd = Sheet::new("ST0601");
        odd.set(name, json!([true]));
        assert!(encode_packet(&odd).unwrap_err().reason.contains(name));
    }
}

proptest! {
    /// What is read from any bytes as an item of any length is written so that it reads the same.
    #[test]
    fn every_item_leads_back(bytes in prop::collection::vec(any::<u8>(), 8), long in prop::collection::vec(any::<u8>(), 0..40)) {
        for tag in 2..=150 {
            let length = st0601::written_bytes(tag);
            let value = if length == 0 { &long[..] } else { &bytes[..length] };
            if tag == 74 {
                continue;
            }
            let mut content = Vec::new();
            put_item(tag, value, &mut content);
            let read = sheet(&content);
            let written = st0601::write(&read.fields, &read.given);
            prop_assert!(written.is_ok(), "{}: {:?} of {:?}", tag, written, read);
            prop_assert_eq!(&sheet(&written.unwrap()).fields, &read.fields, "{}", tag);
        }
    }
}

/// A sighting becomes a moving target.
#[test]
fn sightings_lead_back() {
    let mut packet = Vec::new();
    let target = json!({"targets": [{"id": 1, "lat_deg": 48.0, "lon_deg": 37.5, "height_ellipsoid_m": 200.0}]});
    let mut written = Sheet::new("ST0601");
    written
        .given
        .insert("time_us".to_owned(), 1_740_830_420_500_000_i64.into());
    written.set("vmti", target);
    packet.extend(encode_packet(&written).unwrap());
    let seen = decode_one(Klv, &[&packet]);
    assert_eq!(seen.observed_at.start, at("2025-03-01T12:00:20.5Z"));
    for format in [Klv, MpegTs] {
        let out = decode_stream(format, &format.encode_bytes(&seen).unwrap().concat());
        assert_eq!(out.rejections, [], "{format:?}");
        assert_eq!(out.observations[0].reading, seen.reading);
        assert_eq!(out.observations[0].location, seen.location);
        assert_eq!(out.observations[0].observed_at, seen.observed_at);
    }
}

/// A transport stream loses packets, sends some twice, cuts some short: what is whole is read, and
/// what is not is told.
#[test]
fn transport_streams_with_faults() {
    let mut long = Sheet::new("ST0601");
    long.set("sensor_lat_deg", 48.1);
    long.set("sensor_lon_deg", 37.9);
    long.set("mission_id", "M".repeat(600));
    let unit = |head: &[u8]| {
        let klv = encode_packet(&long).unwrap();
        let cell = |klv: &[u8]| [head, klv].concat();
        [cell(&klv), cell(&klv)].concat()
    };
    let packets = |content: &[u8]| super::transport::packets(content);
    let asynchronous = packets(&unit(&[]));
    let synchronous = packets(&unit(&[0, 0, 0xDF, 0, 0]));
    let count = |stream: &[u8]| {
        let out = decode_stream(MpegTs, stream);
        (out.observations.len(), out.rejections.len())
    };
    assert_eq!(count(&asynchronous.concat()), (2, 0));
    assert_eq!(count(&synchronous.concat()), (2, 0));
    let twice: Vec<u8> = asynchronous
        .iter()
        .flat_map(|packet| packet.repeat(2))
        .collect();
    assert_eq!(count(&twice), (2, 0));
    // Without its third packet the first unit has no end; the next stream is whole.
    let mut gap = asynchronous.clone();
    gap.remove(2);
    assert_eq!(
        count(&[gap.concat(), asynchronous.concat()].concat()),
        (2, 1)
    );
    // A packet that lost its end takes none of the next ones with it.
    let mut short = asynchronous.clone();
    short.insert(0, asynchronous[0][..100].to_vec());
    assert_eq!(count(&short.concat()), (2, 1));
    let mut damaged = asynchronous.clone();
    damaged[0][1] |= 0x80;
    assert_eq!(
        count(&[damaged.concat(), asynchronous.concat()].concat()),
        (2, 1)
    );
    // Other private data are left alone.
    assert_eq!(count(&packets(b"\x0B\x77 sound").concat()), (0, 0));
}
