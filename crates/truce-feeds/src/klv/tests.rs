//! Packets of both ways, and what is cut.

use truce_core::place::Ellipse;
use truce_core::{Height, HeightDatum, Location, Observation, Place, Reading};

use super::write;
use crate::Format::{self, Klv, MpegTs};
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
    let packet = write(&[
        (23, degree(48.0, 90.0)),
        (24, degree(37.0, 180.0)),
        (74, vmti),
    ]);
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
