//! Records of the three categories, round trips, and blocks that are cut.

use proptest::prelude::*;
use serde_json::json;
use truce_core::mission::Feed;
use truce_core::observation::AircraftReport;
use truce_core::place::Ellipse;
use truce_core::{Height, HeightDatum, Interval, Location, Observation, Place, Reading, Timestamp};

use super::shape::Read;
use super::{encode_record, instant, items, record};
use crate::Format::Asterix;
use crate::sample::{at, decode, decode_one, feed, message, network, position, rejected, slug};
use crate::{Decoded, Decoder, Sheet, hexadecimal};

fn sheets(block: &str) -> Decoded {
    let radar = Feed {
        sensor: Some(slug("malyn")),
        ..feed(Asterix)
    };
    let mut decoder = Decoder::new(Asterix, &radar, &network());
    let mut out = Decoded::with_sheets();
    decoder.decode(
        &message(Asterix, &hexadecimal::bytes(block).unwrap()),
        &mut out,
    );
    out
}

/// A time of departure (I062/390, twelfth part) has no unit of its own to be given in: FSPEC 01 01 02
/// names the item alone, 01 08 that part of it.
#[test]
fn what_is_repeated_and_converted_nowhere_is_given_once() {
    let out = sheets("3E 000D 010102 0108 01 98110794");
    assert_eq!(out.rejections, []);
    let sheet = &out.sheets.as_ref().unwrap()[0];
    let said = json!({"TYP": 19, "DAY": 0, "HOR": 17, "MIN": 7, "AVS": true, "SEC": 20});
    assert_eq!(sheet.fields["I390"], json!({ "TOD": [said] }));
    assert_eq!(sheet.given.get("I390"), None);
}

/// A plot of the specification's kind, built by hand: FSPEC F7 02 (010, 140, 020, 040, 070, 090, 220
/// follow), as part 4 lays them out.
#[test]
fn a_monoradar_plot() {
    let block = "30 0016 FD 80 1908 546000 A0 8000 4000 0FFF 0578 4CA7E1";
    let out = sheets(block);
    assert_eq!(out.rejections, []);
    let sheet = &out.sheets.as_ref().unwrap()[0];
    assert_eq!(sheet.kind, "CAT048");
    assert_eq!(
        sheet.fields["I040"],
        json!({"RHO_m": 237_056.0, "THETA_deg": 90.0})
    );
    assert_eq!(sheet.given["I040"], json!({"RHO_nm": 128.0}));
    assert_eq!(sheet.fields["I070"]["Mode3A"], "7777");
    assert_eq!(sheet.given["I090"], json!({"FL_fl": 350.0}));
    let observation = &out.observations[0];
    let Reading::Aircraft(report) = &observation.reading else {
        panic!("{observation:?}");
    };
    assert_eq!(report.icao_address, 0x4C_A7E1);
    assert!(matches!(
        observation.location,
        Some(Location::Bearing {
            bearing_deg: 90.0,
            ..
        })
    ));
    // 43,200 s after midnight is noon.
    assert_eq!(observation.observed_at.start, at("2025-03-01T12:00:00Z"));
}

#[test]
fn a_system_track() {
    // 010, 070, 105, 185; 040, 080: a track without an address is an object in the air.
    let block = "3E 0019 9B 0C 1908 545FFF 01000000 00800000 0190 FE70 0007 00";
    let out = sheets(block);
    assert_eq!(out.rejections, []);
    let sheet = &out.sheets.as_ref().unwrap()[0];
    assert_eq!(sheet.fields["I105"]["Lat_deg"], 90.0);
    assert_eq!(sheet.fields["I105"]["Lon_deg"], 45.0);
    assert_eq!(
        sheet.fields["I185"],
        json!({"Vx_m_s": 100.0, "Vy_m_s": -100.0})
    );
    assert!(matches!(out.observations[0].reading, Reading::Sighting(_)));
}

#[test]
fn times_are_of_the_nearest_day() {
    let cases = [
        ("2025-03-01T12:00:00Z", 43_200.0, "2025-03-01T12:00:00Z"),
        ("2025-03-01T00:00:01Z", 86_399.5, "2025-02-28T23:59:59.5Z"),
        ("2025-03-01T23:59:59Z", 0.25, "2025-03-02T00:00:00.25Z"),
    ];
    for (received, time_s, expected) in cases {
        let got = instant(time_s, at(received));
        let off = got.duration_since(at(expected)).abs();
        assert!(off.as_nanos() < 1_000, "{received} {time_s}: {got}");
    }
}

fn aircraft(at: Timestamp) -> Observation {
    let mut observation = decode_one(
        crate::Format::Sbs,
        &["MSG,3,1,1,40621D,1,,,,,KLM1023,38000,159.2,182.9,52.2572,3.91937,-832,,,,,0"],
    );
    observation.source = slug("asterix");
    observation.observed_at = Interval::instant(at);
    observation.location = Some(Location::Fix {
        place: Place {
            position: position(52.2572, 3.91937),
            uncertainty: Ellipse::circle(10.0 / super::RADIUS_95_PER_SIGMA),
        },
        height: Some(Height {
            height_m: 11_582.4,
            above: HeightDatum::Barometric,
        }),
    });
    observation
}

#[test]
fn reports_lead_back() {
    let observation = aircraft(at("2025-03-01T12:00:00.25Z"));
    let blocks = Asterix.encode_bytes(&observation).unwrap();
    let back = decode_one(Asterix, &blocks);
    assert_eq!(back.observed_at, observation.observed_at);
    let (
        Some(Location::Fix {
            place: a,
            height: x,
        }),
        Some(Location::Fix {
            place: b,
            height: y,
        }),
    ) = (&back.location, &observation.location)
    else {
        panic!("{back:?}");
    };
    assert!(a.position.distance_m(b.position) < 0.03);
    assert!((a.uncertainty.semi_major_m - b.uncertainty.semi_major_m).abs() < 1e-9);
    assert!((x.unwrap().height_m - y.unwrap().height_m).abs() < 4.0);
    let (Reading::Aircraft(a), Reading::Aircraft(b)) = (&back.reading, &observation.reading) else {
        panic!("{back:?}");
    };
    assert_eq!(
        (a.icao_address, &a.call_sign),
        (b.icao_address, &b.call_sign)
    );
    assert!((a.speed_m_s.unwrap() - b.speed_m_s.unwrap()).abs() < 0.06);
    assert!((a.climb_m_s.unwrap() - b.climb_m_s.unwrap()).abs() < 0.02);
    let bare = Observation {
        location: None,
        reading: Reading::Aircraft(AircraftReport {
            icao_address: 1,
            climb_m_s: Some(1.0),
            ..AircraftReport::default()
        }),
        ..observation
    };
    let back = decode_one(Asterix, &Asterix.encode_bytes(&bare).unwrap());
    assert_eq!(back.location, None);
}

#[test]
fn blocks_that_are_cut() {
    let whole = Asterix
        .encode_bytes(&aircraft(at("2025-03-01T12:00:00Z")))
        .unwrap()
        .concat();
    for end in 0..whole.len() {
        let out = decode(Asterix, &[&whole[..end]]);
        assert_eq!(
            (out.observations.len(), out.rejections.len()),
            (0, 1),
            "{end}"
        );
        // With a length that agrees the record itself is cut short.
        if end > 4 {
            let mut short = whole[..end].to_vec();
            short[1..3].copy_from_slice(&(end as u16).to_be_bytes());
            let out = decode(Asterix, &[&short]);
            assert_eq!(out.rejections.len(), 1, "{end}");
        }
    }
    assert_eq!(rejected(Asterix, &[99, 0, 4, 0]), "message_type");
}

#[test]
fn what_a_radar_says_of_itself_is_no_rejection() {
    // A north marker of category 034.
    let marker = [34, 0, 9, 0xE0, 1, 2, 1, 16, 32];
    let out = decode(Asterix, &[marker]);
    assert_eq!((out.observations.len(), out.rejections.len()), (0, 0));
    assert_eq!(rejected(Asterix, &marker[..8]), "frame");
    let sheet = &sheets("22 0009 E0 01 02 01 10 20").sheets.unwrap()[0];
    assert_eq!(
        (sheet.kind.as_str(), &sheet.fields["records"]),
        ("CAT034", &"E00102011020".into())
    );
}

/// A plot by range and bearing, and an object without an address, as their categories.
#[test]
fn plots_and_tracks_lead_back() {
    let radar = sheets("30 0016 FD 80 1908 546000 A0 8000 4000 0FFF 0578 4CA7E1");
    let plot = &radar.observations[0];
    let block = Asterix.encode_bytes(plot).unwrap().concat();
    assert_eq!(block[0], 48);
    let back = sheets(&hexadecimal::text(&block));
    assert_eq!(back.observations[0].location, plot.location);
    assert_eq!(back.observations[0].reading, plot.reading);
    assert_eq!(back.observations[0].observed_at, plot.observed_at);

    let mut track = decode_one(
        Asterix,
        &[
            hexadecimal::bytes("3E 0019 9B 0C 1908 545FFF 01000000 00800000 0190 FE70 0007 00")
                .unwrap(),
        ],
    );
    track.location = Some(Location::Fix {
        place: Place {
            position: position(48.1, 37.9),
            uncertainty: Ellipse::circle(120.5),
        },
        height: Some(Height {
            height_m: 1_524.0,
            above: HeightDatum::Ellipsoid,
        }),
    });
    let block = Asterix.encode_bytes(&track).unwrap();
    assert_eq!(block[0][0], 62);
    let back = decode_one(Asterix, &block);
    assert_eq!(
        (&back.reading, back.observed_at),
        (&track.reading, track.observed_at)
    );
    let (
        Some(Location::Fix {
            place: a,
            height: x,
        }),
        Some(Location::Fix {
            place: b,
            height: y,
        }),
    ) = (&back.location, &track.location)
    else {
        panic!("{back:?}");
    };
    assert!(a.position.distance_m(b.position) < 0.5);
    assert_eq!((a.uncertainty, x), (b.uncertainty, y));
}

#[test]
fn values_that_are_none_of_their_field_are_refused() {
    let sheet = |items: serde_json::Value| Sheet {
        fields: items.as_object().cloned().unwrap(),
        ..Sheet::default()
    };
    let cases = [
        (48, json!({"I010": 7}), "I010"),
        (48, json!({"I010": {"SAC": 256}}), "SAC"),
        (48, json!({"I040": {"RHO_m": "far"}}), "RHO"),
        (48, json!({"I070": {"Mode3A": "8"}}), "Mode3A"),
        (48, json!({"SP": "0"}), "SP"),
        (62, json!({"I510": []}), "I510"),
        (34, json!({}), "category 34"),
    ];
    for (category, items, named) in cases {
        let refused = encode_record(category, &sheet(items)).unwrap_err();
        assert!(refused.reason.contains(named), "{refused}");
    }
}

proptest! {
    /// What is read from any bytes as an item is written so that it reads the same: every item of
    /// every category, alone in its record.
    #[test]
    fn every_item_leads_back(bytes in prop::collection::vec(any::<u8>(), 300)) {
        for category in [21, 48, 62] {
            for (index, (name, _)) in items(category).unwrap().iter().enumerate() {
                let octets = index / 7 + 1;
                let mut block = vec![1_u8; octets];
                block[octets - 1] = 0;
                block[octets - 1] |= 0x80 >> (index % 7);
                block.extend(&bytes);
                let mut read = Read::default();
                if *name == "-" || record(items(category).unwrap(), &mut &block[..], &mut read).is_err() {
                    continue;
                }
                let sheet = Sheet { fields: read.fields, given: read.given, ..Sheet::default() };
                let written = encode_record(category, &sheet).unwrap();
                let mut again = Read::default();
                let mut rest = &written[3..];
                prop_assert!(record(items(category).unwrap(), &mut rest, &mut again).is_ok());
                prop_assert!(rest.is_empty());
                prop_assert_eq!(&again.fields, &sheet.fields, "{} {}", category, name);
                prop_assert_eq!(&again.given, &sheet.given, "{} {}", category, name);
            }
        }
    }
}
