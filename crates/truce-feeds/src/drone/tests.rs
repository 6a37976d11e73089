//! Round trips, packets that are cut, and numbers that are remembered.

use proptest::prelude::*;
use serde_json::json;
use truce_core::observation::UavDetection;
use truce_core::place::Ellipse;
use truce_core::{Height, HeightDatum, Interval, Location, Observation, Place, Reading};

use super::RADIUS_95_PER_SIGMA;
use crate::Format::{self, Mavlink, RemoteId};
use crate::sample::{at, decode, decode_one, position, rejected, slug};

fn flight() -> Observation {
    let mut flight = decode_one(
        Format::UavCsv,
        &[
            "post-17/uav,2025-03-01T12:00:20.5Z,1581F45TB21,radar,48.1,37.9,4,,,,,,,350,ellipsoid,22.5,181,,",
        ],
    );
    flight.location = Some(Location::Fix {
        place: Place {
            position: position(48.1, 37.9),
            uncertainty: Ellipse::circle(10.0 / RADIUS_95_PER_SIGMA),
        },
        height: Some(Height {
            height_m: 350.0,
            above: HeightDatum::Ellipsoid,
        }),
    });
    flight
}

#[test]
fn a_pack_leads_back() {
    let flight = flight();
    let got = decode_one(RemoteId, &RemoteId.encode(&flight).unwrap());
    assert_eq!(
        got.observed_at,
        Interval::instant(at("2025-03-01T12:00:20.5Z"))
    );
    assert_eq!(got.location, flight.location);
    let expected = UavDetection {
        target: Some("1581F45TB21".to_owned()),
        speed_m_s: Some(22.5),
        course_deg: Some(181.0),
        means: slug("self-report"),
        confidence: None,
        operator: None,
    };
    assert_eq!(got.reading, Reading::Uav(expected));
}

#[test]
fn an_accuracy_of_time_that_is_not_stated_is_unknown() {
    let stated = |byte: u8| {
        let mut message = [0; 25];
        (message[0], message[23]) = (0x12, byte);
        let read = super::remote_id::read(&message, at("2025-03-01T12:00:00Z"));
        read.sheet.fields["time_accuracy_s"].as_f64()
    };
    assert_eq!((stated(0), stated(7)), (None, Some(0.7)));
}

/// Open Drone ID over MAVLink as pymavlink 2.4.50 writes it: the number heard from an address is the
/// number of the position heard from it.
#[test]
fn a_position_has_the_number_of_its_address() {
    let packets = [
        "FD230000000703643200000060601FAABBCC000000000000000000000000000001023135383146343554423231959B",
        "FD3B0000000703653200407AAB1CC01497160000AA430000AF430000A0420000A441B446CA089CFF0000\
         60601FAABBCC000000000000000000000000000002010A040303010FA5",
    ];
    let packets = packets.map(|digits| crate::hexadecimal::bytes(digits).unwrap());
    let got = decode_one(Mavlink, &packets);
    let Reading::Uav(detection) = &got.reading else {
        panic!("{got:?}");
    };
    assert_eq!(detection.target.as_deref(), Some("1581F45TB21"));
    assert_eq!(
        (detection.speed_m_s, detection.course_deg),
        (Some(22.5), Some(181.0))
    );
    let place = got.location.unwrap().place().unwrap();
    assert_eq!(place.position, position(48.1, 37.9));
    // Accuracy 10 is a 95 % radius of 10 m.
    assert_eq!(
        place.uncertainty,
        Ellipse::circle(10.0 / RADIUS_95_PER_SIGMA)
    );
}

/// The example of the reference implementation (opendroneid-core-c at beb5639, `test/test_inout.c`),
/// its values put into bytes by hand after the tables of F3411-22a, 5.4.5, as near as each field can
/// say them: what the encoder beside the decoder thinks of the tables plays no part.
#[test]
fn the_example_of_the_reference_implementation() {
    let messages = [
        "02223132333435363738393031323334353637383930000000",
        "122624160A42BF241B6ED1B4B69808AC0870086B53150E0200",
        "320044726F6E65735255533A205265616C2045737461746500",
        "4204A6BF241BD2D1B4B62300073209230824F907003FAB0100",
        "52003938373635343332313030313233343536373839000000",
    ];
    let expected = [
        json!({ "id_type": 2, "aircraft_type": 2, "id": "12345678901234567890" }),
        json!({
            "status": 2, "height_above_ground": true, "course_deg": 216.0, "speed_m_s": 5.5,
            "climb_m_s": 5.0, "lat_deg": 45.539_309, "lon_deg": -122.966_389, "altitude_m": 100.0,
            "height_ellipsoid_m": 110.0, "height_m": 80.0, "horizontal_accuracy": 11,
            "vertical_accuracy": 6, "altitude_accuracy": 5, "speed_accuracy": 3,
            "since_hour_s": 360.5, "time_accuracy_s": 0.2,
        }),
        json!({ "description_type": 0, "description": "DronesRUS: Real Estate" }),
        json!({
            "operator_location_type": 0, "classification_type": 1, "operator_lat_deg": 45.539_319,
            "operator_lon_deg": -122.966_379, "area_count": 35, "area_radius_m": 70,
            "area_ceiling_m": 177.0, "area_floor_m": 41.5, "category_eu": 2, "class_eu": 4,
            "operator_height_ellipsoid_m": 20.5, "stated_at": "2019-11-21T01:46:40Z",
        }),
        json!({ "operator_id_type": 0, "operator_id": "98765432100123456789" }),
    ];
    for (number, (digits, expected)) in messages.iter().zip(expected).enumerate() {
        let bytes = crate::hexadecimal::bytes(digits).unwrap();
        let read = super::remote_id::read(&bytes, at("2025-03-01T12:00:00Z"));
        let mut wanted = expected;
        wanted["message_type"] = [0, 1, 3, 4, 5][number].into();
        wanted["protocol_version"] = 2.into();
        assert_eq!(
            serde_json::Value::Object(read.sheet.fields),
            wanted,
            "{digits}"
        );
    }
    let pack = format!("F21905{}", messages.concat());
    let got = decode_one(RemoteId, &[pack]);
    let Reading::Uav(detection) = &got.reading else {
        panic!("{got:?}");
    };
    assert_eq!(detection.target.as_deref(), Some("12345678901234567890"));
    let place = got.location.unwrap().place().unwrap();
    assert_eq!(place.position, position(45.539_309, -122.966_389));
}

#[test]
fn a_number_is_remembered_by_transmitter() {
    let pack = RemoteId.encode(&flight()).unwrap().remove(0);
    let (basic, location) = pack[6..].split_at(50);
    let lines = [
        format!("AA:01 {basic}"),
        format!("AA:01 {location}"),
        format!("AA:02 {location}"),
    ];
    let out = decode(RemoteId, &lines);
    assert_eq!(out.rejections, []);
    let target = |observation: &Observation| match &observation.reading {
        Reading::Uav(detection) => detection.target.clone().unwrap(),
        other => panic!("{other:?}"),
    };
    let targets: Vec<String> = out.observations.iter().map(target).collect();
    assert_eq!(targets, ["1581F45TB21", "AA:02"]);
}

/// A heartbeat of MAVLink 1: its checksum as pymavlink 2.4.50 writes it.
const HEARTBEAT: [u8; 17] = [
    0xFE, 0x09, 0x00, 0x07, 0x03, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03, 0x51, 0x04, 0x03, 0x28,
    0xC2,
];

#[test]
fn a_recording_of_a_ground_station_holds_packets_and_times() {
    let packet = Mavlink.encode_bytes(&flight()).unwrap().concat();
    // One of the times holds a byte with which a packet begins.
    let times = [0x0006_3F2A_1234_5678_u64, 0x0006_3FFD_FE34_5678];
    let [first, second] = times.map(u64::to_be_bytes);
    let stream = [&first[..], &HEARTBEAT, &second, &packet, &first].concat();
    for step in 1..stream.len() {
        let mut got = Vec::new();
        let mut framer = crate::Framer::of(Mavlink);
        for piece in stream.chunks(step) {
            framer.push(piece, &mut |bytes| got.push(bytes.to_vec()));
        }
        assert_eq!(got, [&HEARTBEAT[..], &packet], "{step}");
    }
    let out = decode(Mavlink, &[&HEARTBEAT[..], &packet]);
    assert_eq!((out.observations.len(), out.rejections.len()), (1, 0));
    // Of a message that nobody knows there is nothing to check.
    assert_eq!(
        rejected(Mavlink, &[0xFE, 0, 0, 1, 1, 255, 0, 0]),
        "message_type"
    );
}

#[test]
fn packets_lead_back_and_noise_is_cut_off() {
    let flight = flight();
    let packet = Mavlink.encode_bytes(&flight).unwrap().concat();
    let got = decode_one(Mavlink, &[&packet]);
    let Some(Location::Fix { place, .. }) = &got.location else {
        panic!("{got:?}");
    };
    assert!(place.position.distance_m(position(48.1, 37.9)) < 0.02);
    let Reading::Uav(detection) = &got.reading else {
        panic!("{got:?}");
    };
    assert!((detection.speed_m_s.unwrap() - 22.5).abs() < 0.01);
    assert!((detection.course_deg.unwrap() - 181.0).abs() < 0.05);
    let stream = [&[1, 0xFE, 3][..], &packet, &[7, 0], &packet].concat();
    for step in 1..stream.len() {
        let mut whole = 0;
        let mut framer = crate::Framer::of(Mavlink);
        let mut deliver = |bytes: &[u8]| whole += usize::from(bytes == packet);
        for piece in stream.chunks(step) {
            framer.push(piece, &mut deliver);
        }
        framer.finish(&mut deliver);
        assert_eq!(whole, 2, "{step}");
    }
    let mut bad = packet.clone();
    bad[12] ^= 1;
    assert_eq!(rejected(Mavlink, &bad), "checksum");
    assert_eq!(rejected(Mavlink, &packet[..20]), "frame");
    assert_eq!(rejected(RemoteId, "F21902"), "frame");
    assert_eq!(rejected(RemoteId, "xyz"), "frame");
}

proptest! {
    /// Every flight leads back through both formats but for what they round.
    #[test]
    fn flights_lead_back(
        lat_deg in -89.0..89.0_f64,
        lon_deg in -179.0..179.0_f64,
        height_m in -400.0..9_000.0_f64,
        datum in 0..5_usize,
        speed in prop::option::of(0.0..250.0_f64),
        course in prop::option::of(0.0..359.0_f64),
        sigma_m in 0.5..5_000.0_f64,
        number in "[A-Z0-9]{0,20}",
    ) {
        let datums = [
            None,
            Some(HeightDatum::MeanSeaLevel),
            Some(HeightDatum::Ellipsoid),
            Some(HeightDatum::Barometric),
            Some(HeightDatum::Ground),
        ];
        let mut flight = flight();
        let height = datums[datum].map(|above| Height { height_m, above });
        let place = Place {
            position: position(lat_deg, lon_deg),
            uncertainty: Ellipse::circle(sigma_m),
        };
        flight.location = Some(Location::Fix { place, height });
        flight.reading = Reading::Uav(UavDetection {
            target: Some(number.clone()).filter(|number| !number.is_empty()),
            speed_m_s: speed,
            course_deg: course,
            means: slug("self-report"),
            confidence: None,
            operator: None,
        });
        for format in [RemoteId, Mavlink] {
            // Remote ID has no place for a height above sea level.
            let sea = datum == 1 && format == Mavlink;
            let above = datums[datum].filter(|_| datum != 1 || sea);
            let back = decode_one(format, &format.encode_bytes(&flight).unwrap());
            let (Some(Location::Fix { place: a, height: x }), Reading::Uav(read)) =
                (&back.location, &back.reading)
            else {
                panic!("{back:?}");
            };
            prop_assert!(a.position.distance_m(position(lat_deg, lon_deg)) < 0.02);
            prop_assert_eq!(x.map(|x| x.above), above);
            prop_assert!(x.is_none_or(|x| (x.height_m - height_m).abs() <= 0.25));
            let near = |a: Option<f64>, b: Option<f64>, off: f64| match (a, b) {
                (Some(a), Some(b)) => (a - b).abs() <= off,
                (a, b) => a == b,
            };
            prop_assert!(near(read.speed_m_s, speed, 0.376), "{:?} {:?}", read.speed_m_s, speed);
            prop_assert!(near(read.course_deg, course, 0.501), "{:?} {:?}", read.course_deg, course);
            // Codes are for the next larger error; GPS_RAW_INT has millimetres.
            let least = if sea { sigma_m - 0.001 } else { sigma_m * 0.998 };
            prop_assert!(a.uncertainty.semi_major_m >= least);
            let wanted = Some(number.as_str()).filter(|number| !number.is_empty());
            if wanted.is_some() {
                prop_assert_eq!(read.target.as_deref(), wanted);
            }
            if !sea {
                let off = back.observed_at.start.duration_since(flight.observed_at.start);
                prop_assert!(off.abs().as_millis() <= 100);
            }
        }
    }
}
