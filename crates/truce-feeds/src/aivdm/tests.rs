//! Real sentences, round trips, and streams as receivers and servers deliver them.
//!
//! The sentences come from the sample files of AisLib (Apache-2.0) and pyais (MIT) and from gpsd's
//! documentation (BSD); the values beside them were read with pyais 3.3.

use proptest::prelude::*;
use serde_json::json;
use truce_core::observation::VesselReport;
use truce_core::{Observation, Position, RawMessage};

use super::layout as at_bits;
use super::sentence::push_checked;
use super::*;
use crate::Format::Aivdm;
use crate::sample::{
    at, decode, decode_one, message, network, position, rejected, round_trip, slug,
};
use crate::units::KNOT_M_S;
use crate::{Decoder, sample};

const CLASS_A: &str = "!AIVDM,1,1,,B,15M67FC000G?ufbE`FepT@3n00Sa,0*5C";
const VOYAGE: [&str; 2] = [
    "!AIVDM,2,1,9,B,53nFBv01SJ<thHp6220H4heHTf2222222222221?50:454o<`9QSlUDp,0*09",
    "!AIVDM,2,2,9,B,888888888888880,2*2E",
];

fn vessel(observation: &Observation) -> &VesselReport {
    match &observation.reading {
        Reading::Vessel(vessel) => vessel,
        other => panic!("{other:?}"),
    }
}

/// A sentence, its place and what it says: JSON of the report without `mmsi` and type.
fn check(lines: &[&str], mmsi: u32, place: Option<(f64, f64)>, expected: serde_json::Value) {
    let got = decode_one(Aivdm, lines);
    let mut told = serde_json::to_value(vessel(&got)).unwrap();
    let fields = told.as_object_mut().unwrap();
    assert_eq!(fields.remove("mmsi"), Some(json!(mmsi)), "{lines:?}");
    fields.remove("message_type");
    assert_eq!(told, expected, "{lines:?}");
    let found = got.location.and_then(|location| location.place());
    match (found, place) {
        (None, None) => {}
        (Some(found), Some((lat_deg, lon_deg))) => {
            let off = found.position.distance_m(position(lat_deg, lon_deg));
            assert!(off < 1.0, "{lines:?}: {off} m off {found:?}");
        }
        (found, place) => panic!("{lines:?}: {found:?}, {place:?} expected"),
    }
}

#[test]
fn position_reports() {
    check(
        &[CLASS_A],
        366_053_209,
        Some((37.802_118, -122.341_618)),
        json!({"speed_m_s": 0.0, "course_deg": 219.3, "heading_deg": 1.0, "accurate": false,
               "navigational_status": 3, "other": {"rate_of_turn_deg_min": 0.0}}),
    );
    check(
        &["!AIVDM,1,1,,B,900048wwTcJb0mpF16IobRP2086Q,0*48"],
        1059,
        Some((38.477_825, -74.708_167)),
        json!({"speed_m_s": 299.0 * KNOT_M_S, "course_deg": 196.2, "accurate": false}),
    );
    check(
        &["!BSVDM,1,1,,A,B4vph:00@@:Smf8@H1mJGwV5oP06,0*33"],
        334_377_000,
        Some((57.712_688, 9.227_46)),
        json!({"speed_m_s": 6.5 * KNOT_M_S, "course_deg": 144.5, "accurate": false,
               "other": {"carrier_sense": true, "raim": true}}),
    );
    check(
        &["!AIVDM,1,1,,B,KC5E2b@U19PFdLbMuc5=ROv62<7m,0*16"],
        206_914_217,
        Some((4.84, 137.023_333)),
        json!({"speed_m_s": 57.0 * KNOT_M_S, "course_deg": 167.0, "accurate": false,
               "navigational_status": 2}),
    );
    // Nothing is available but the identity; the position fixing system is inoperative.
    check(
        &["!AIVDM,1,1,,B,91b55uOwww<tSF0l4Q@>4?h20h@B,0*13"],
        111_232_501,
        None,
        json!({"accurate": false, "other": {"position_mode": "inoperative"}}),
    );
}

#[test]
fn static_reports() {
    check(
        &VOYAGE,
        258_315_000,
        None,
        json!({"name": "FALKVIK", "call_sign": "LFNA", "imo_number": 6_514_895, "ship_type": 79,
               "length_m": 50.0, "beam_m": 9.0, "draught_m": 3.8, "destination": "FORUS",
               "other": {"to_bow_m": 40, "to_stern_m": 10, "to_port_m": 4, "to_starboard_m": 5,
                         "epfd": 1, "eta": "03-14T12:40"}}),
    );
    check(
        &["!BSVDM,1,1,,B,H3@oOMDU3?=1B00H@4qmln000000,0*1B"],
        219_012_981,
        None,
        json!({"call_sign": "XPD9546", "ship_type": 37,
               "other": {"part": "B", "unit_vendor": "COM", "unit_model": 0,
                         "unit_serial": 335_872}}),
    );
    check(
        &[
            "!AIVDM,2,1,5,B,C8u:8C@t7@TnGCKfm6Po`e6N`:Va0L2J;06HV50JV?SjBPL3,0*2D",
            "!AIVDM,2,2,5,B,11RP,0*12",
        ],
        601_000_013,
        Some((-29.837_48, 32.199_53)),
        json!({"name": "TEST NAME CLSB MSG19", "speed_m_s": 2.9 * KNOT_M_S, "course_deg": 89.0,
               "heading_deg": 90.0, "accurate": false, "ship_type": 37, "length_m": 13.0,
               "beam_m": 5.0,
               "other": {"to_bow_m": 7, "to_stern_m": 6, "to_port_m": 2, "to_starboard_m": 3,
                         "epfd": 1}}),
    );
    check(
        &[
            "!AIVDM,2,1,0,A,E>jFJfjW2Tab@87TW:0000000@@OhMeL@KLqH00003wP100000000000,0*58",
            "!AIVDM,2,2,0,A,000<,0*1A",
        ],
        992_320_187,
        Some((57.423_272, -6.787_687)),
        json!({"name": "NEIST POINT", "accurate": true,
               "other": {"aid_type": 5, "epfd": 7, "position_mode": "inoperative",
                         "virtual_aid": true}}),
    );
}

/// The time of a line: the TAG block's, the `$PGHP` line's, the receiver's, ours; then the second
/// of the report (59 in this one) before it.
#[test]
fn times() {
    let tagged = |body: &str| {
        let mut line = String::new();
        push_checked(&mut line, '\\', body);
        format!("{line}\\{CLASS_A}")
    };
    let server = |checksum: &str| {
        let mut line = String::new();
        let body = format!("PGHP,1,2013,3,18,9,19,1,624,219,,2190048,1,{checksum}");
        push_checked(&mut line, '$', &body);
        line
    };
    let cases: &[(&[String], &str)] = &[
        (&[CLASS_A.to_owned()], "2025-03-01T11:59:59Z"),
        (&[tagged("s:x,c:1740830410")], "2025-03-01T11:59:59Z"),
        // The ship's clock is ahead of the station's: by four seconds the two disagree, by six the
        // report is of the minute before.
        (&[tagged("c:1740830395")], "2025-03-01T11:59:55Z"),
        (&[tagged("c:1740830393")], "2025-03-01T11:58:59Z"),
        (&[tagged("c:1740830410500")], "2025-03-01T11:59:59Z"),
        (
            &[format!("{CLASS_A},d-120,r003669945,1273273454")],
            "2010-05-07T23:03:59Z",
        ),
        (&[server("5C"), CLASS_A.to_owned()], "2013-03-18T09:18:59Z"),
        // It speaks of another sentence, which did not come.
        (&[server("11"), CLASS_A.to_owned()], "2025-03-01T11:59:59Z"),
    ];
    for (lines, expected) in cases {
        let got = decode_one(Aivdm, lines);
        assert_eq!(
            got.observed_at,
            Interval::instant(at(expected)),
            "{lines:?}"
        );
        assert_eq!(got.received_at, at(sample::RECEIVED_AT));
    }
}

#[test]
fn a_base_stations_time_counts_when_it_can_be_true() {
    let line = "!AIVDM,1,1,,B,402=481uaUcf;OQ55JS9ITi025Jp,0*2B";
    let got = decode_one(Aivdm, &[line]);
    assert_eq!(got.observed_at.start, at(sample::RECEIVED_AT));
    assert_eq!(
        vessel(&got).other["station_utc"],
        json!("2010-06-11T11:46:11Z")
    );
    let got = decode_one(
        Aivdm,
        &[
            "$PGHP,1,2010,6,11,11,46,11,390,231,45,992190934,1,2B*5B",
            line,
        ],
    );
    assert_eq!(got.observed_at.start, at("2010-06-11T11:46:11Z"));
    assert!(!vessel(&got).other.contains_key("station_utc"));
}

#[test]
fn stations_and_their_errors() {
    let tagged = |station: &str| {
        let mut line = String::new();
        push_checked(&mut line, '\\', &format!("s:{station}"));
        format!("{line}\\{CLASS_A}")
    };
    for (station, sensor) in [
        ("odesa/ais-1", Some("odesa/ais-1")),
        ("ais-1", Some("odesa/ais-1")),
        ("r003669945", None),
    ] {
        let got = decode_one(Aivdm, &[tagged(station)]);
        assert_eq!(got.sensor, sensor.map(slug), "{station}");
        let place = got.location.unwrap().place().unwrap();
        assert_eq!(place.uncertainty, Ellipse::circle(PLAIN_M_SIGMA));
    }
    let mut network = network();
    network.sensors[5].errors.position_m_sigma = Some(12.0);
    let mut out = Decoded::default();
    Decoder::new(Aivdm, &sample::feed(Aivdm), &network)
        .decode(&message(Aivdm, tagged("ais-1").as_bytes()), &mut out);
    let place = out.observations[0]
        .location
        .as_ref()
        .unwrap()
        .place()
        .unwrap();
    assert_eq!(place.uncertainty, Ellipse::circle(12.0));
}

#[test]
fn what_is_rejected() {
    let sentence = |body: &str| {
        let mut line = String::new();
        push_checked(&mut line, '!', body);
        line
    };
    let cases = [
        (sentence("AIVDM,1,1,,B,,0"), "payload_length"),
        (sentence("AIVDM,1,1,,B,15M67F,0"), "payload_length"),
        (
            sentence("AIVDM,1,1,,B,1>wwwwwwwwwwwwwwwwwwwwwwwwww,0"),
            "range",
        ),
        (
            sentence("AIVDM,1,1,,B,15M67FC0~0G?ufbE`FepT@3n00Sa,0"),
            "payload",
        ),
        (
            sentence("AIVDM,1,1,,B,15M67FC000G?ufbE`FepT@3n00Sa,6"),
            "payload_length",
        ),
        (
            sentence(&format!("AIVDM,1,1,,B,{},0", "0".repeat(561))),
            "payload_length",
        ),
        (
            sentence(&format!("AIVDM,2,1,1,B,{},0", "0".repeat(561))),
            "payload_length",
        ),
        (VOYAGE[0].to_owned(), "fragment"),
        (CLASS_A.replace("*5C", "*5D"), "checksum"),
        (CLASS_A.to_lowercase(), "sentence"),
        ("hello".to_owned(), "sentence"),
        (CLASS_A.replace('!', ""), "sentence"),
        ("$GPGGA,,,,,,,,*56".to_owned(), "-"),
        ("# remark".to_owned(), "-"),
        ("\u{feff}".to_owned(), "-"),
        ("x".repeat(crate::LINE_BYTES_MAX + 1), "line_length"),
    ];
    for (line, class) in cases {
        assert_eq!(rejected(Aivdm, &line), class, "{line:.80}");
    }
}

/// What is cut short, too long or of an unknown kind gives what can be trusted and says what was
/// wrong, as an observation and as a sheet.
#[test]
fn what_can_be_trusted() {
    let cases = [
        (
            "15M67FC000G?ufb",
            json!({"speed_m_s": 0.0, "navigational_status": 3, "accurate": false,
                   "other": {"rate_of_turn_deg_min": 0.0,
                             "wrong": "90 bits are too few for message 1"}}),
            "90 bits: `lat_deg` is cut off",
        ),
        (
            "M5M67FC000G?ufbE`FepT@3n00Sa",
            json!({"other": {"wrong": "message type 29 is not defined"}}),
            "message type 29 is not defined",
        ),
        (
            "H5M67F8000000000000000000000",
            json!({"other": {"wrong": "part 2 of message 24 is not defined"}}),
            "message 24 has parts A and B only",
        ),
        (
            "K5M67FC000G?ufbE00",
            json!({"other": {"wrong": "x"}}),
            "12 bits follow the last field",
        ),
    ];
    for (payload, expected, wrong) in cases {
        let mut line = String::new();
        push_checked(&mut line, '!', &format!("AIVDM,1,1,,B,{payload},0"));
        let mut decoder = Decoder::new(Aivdm, &sample::feed(Aivdm), &network());
        let mut out = crate::Decoded::with_sheets();
        decoder.decode(&message(Aivdm, line.as_bytes()), &mut out);
        let mut told = serde_json::to_value(vessel(&out.observations[0])).unwrap();
        let fields = told.as_object_mut().unwrap();
        fields.remove("mmsi");
        fields.remove("message_type");
        if expected["other"]["wrong"] != "x" {
            assert_eq!(told, expected, "{payload}");
        }
        let sheet = &out.sheets.unwrap()[0];
        assert!(
            sheet.wrong.iter().any(|said| said == wrong),
            "{payload}: {:?}",
            sheet.wrong
        );
    }
}

/// A report that ends after its coordinates keeps what it has.
#[test]
fn short_reports_keep_what_they_have() {
    let mut line = String::new();
    push_checked(&mut line, '!', "AIVDM,1,1,,B,15M67FC000G?ufbE`Fep,0");
    let got = decode_one(Aivdm, &[line]);
    assert!(got.location.is_some());
    assert_eq!(vessel(&got).speed_m_s, Some(0.0));
    assert_eq!(vessel(&got).course_deg, None);
}

/// How many messages and how many given-up parts come out of lines.
fn counts(lines: &[&str]) -> (usize, usize) {
    let out = decode(Aivdm, lines);
    for rejection in &out.rejections {
        assert_eq!(rejection.class.as_str(), "fragment", "{}", rejection.reason);
    }
    (out.observations.len(), out.rejections.len())
}

/// A sentence of a two-part voyage report with its own sequence number and channel.
fn part(number: usize, sequence: &str, channel: &str, tag: &str) -> String {
    let (payload, fill) = match number {
        1 => (
            "53nFBv01SJ<thHp6220H4heHTf2222222222221?50:454o<`9QSlUDp",
            0,
        ),
        _ => ("888888888888880", 2),
    };
    let mut line = String::new();
    if !tag.is_empty() {
        push_checked(&mut line, '\\', tag);
        line.push('\\');
    }
    let body = format!("AIVDM,2,{number},{sequence},{channel},{payload},{fill}");
    push_checked(&mut line, '!', &body);
    line
}

#[test]
fn parts_come_together() {
    let p = |number, sequence, channel| part(number, sequence, channel, "");
    let t = |number, tag| part(number, "1", "A", tag);
    let cases: &[(&[String], (usize, usize))] = &[
        (&[p(1, "1", "A"), p(2, "1", "A")], (1, 0)),
        // Swapped, and interleaved with another message and a single sentence.
        (&[p(2, "1", "A"), p(1, "1", "A")], (1, 0)),
        (
            &[
                p(1, "1", "A"),
                p(1, "2", "A"),
                CLASS_A.to_owned(),
                p(2, "1", "A"),
                p(2, "2", "A"),
            ],
            (3, 0),
        ),
        (
            &[
                p(1, "1", "A"),
                p(1, "1", "B"),
                p(2, "1", "A"),
                p(2, "1", "B"),
            ],
            (2, 0),
        ),
        // The second part often leaves the channel out, and some senders the number.
        (&[p(1, "1", "A"), p(2, "1", "")], (1, 0)),
        (&[p(1, "", "A"), p(2, "", "A")], (1, 0)),
        // What does not fit together.
        (&[p(1, "1", "A"), p(2, "2", "A")], (0, 2)),
        (&[p(1, "1", "A"), p(2, "1", "B")], (0, 2)),
        // The same message by two receivers without names; a beginning whose rest was lost.
        (
            &[
                p(1, "1", "A"),
                p(1, "1", "A"),
                p(2, "1", "A"),
                p(2, "1", "A"),
            ],
            (2, 0),
        ),
        (&[p(1, "1", "A"), p(1, "1", "A"), p(2, "1", "A")], (1, 1)),
        // Stations and groups keep equal numbers apart.
        (
            &[t(1, "s:a"), t(1, "s:b"), t(2, "s:a"), t(2, "s:b")],
            (2, 0),
        ),
        (&[t(1, "s:a"), t(2, "s:b")], (0, 2)),
        (&[t(1, "g:1-2-7,s:a,c:1740830400"), t(2, "g:2-2-7")], (1, 0)),
        (&[t(1, "g:1-2-7"), t(2, "g:2-2-8")], (0, 2)),
    ];
    for (lines, expected) in cases {
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        assert_eq!(counts(&lines), *expected, "{lines:#?}");
    }
}

#[test]
fn what_waits_is_bounded_in_number_sentences_and_time() {
    // Many beginnings: the oldest are given up, and each is accounted for.
    let lines: Vec<String> = (0..500)
        .map(|n| part(1, "1", "A", &format!("g:1-2-{n}")))
        .collect();
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    assert_eq!(counts(&lines), (0, 500));
    // A rest that comes more than a thousand sentences later belongs to another message.
    for (between, expected) in [(999, 1), (1001, 0)] {
        let (first, second) = (part(1, "1", "A", ""), part(2, "1", "A", ""));
        let mut lines = vec![first.as_str()];
        lines.extend(std::iter::repeat_n(CLASS_A, between));
        lines.push(&second);
        assert_eq!(decode(Aivdm, &lines).observations.len(), between + expected);
    }
    for (later, expected) in [("2025-03-01T12:01:00.5Z", 1), ("2025-03-01T12:01:01Z", 0)] {
        let mut decoder = Decoder::new(Aivdm, &sample::feed(Aivdm), &network());
        let mut out = Decoded::default();
        decoder.decode(&message(Aivdm, part(1, "1", "A", "").as_bytes()), &mut out);
        let second = RawMessage {
            received_at: at(later),
            ..message(Aivdm, part(2, "1", "A", "").as_bytes())
        };
        decoder.decode(&second, &mut out);
        assert_eq!(out.observations.len(), expected, "{later}");
    }
}

/// The name does not depend on which part came last.
/// Binary messages are written as they were received, and from what they say when that is lost.
#[test]
fn binary_messages_read_back() {
    let line = "!AIVDM,1,1,,A,8@2<HV@0BkLN:0frqMPaQPtBRRIrwwejwwwwwwwwwwwwwwwwwwwwwwwwwt0,2*34";
    let mut said = decode_one(Aivdm, &[line]);
    assert_eq!(vessel(&said).other["application"]["utc_day"], json!(22));
    assert_eq!(round_trip(Aivdm, &said).reading, said.reading);
    let Reading::Vessel(report) = &mut said.reading else {
        panic!("{said:?}");
    };
    let whole = report.clone();
    report.other.remove("binary");
    assert_eq!(round_trip(Aivdm, &said).reading, Reading::Vessel(whole));
}

/// Message 28, written by hand after its table.
#[test]
fn short_aids_read_back() {
    let mut bits = Bits::default();
    let fields = [
        (at_bits::MESSAGE_TYPE, 28),
        (at_bits::MMSI, 992_720_001),
        (bits::field(38, 6), 12),
        (bits::field(44, 28), 18_300_000),
        (bits::field(72, 27), 27_750_000),
        (at_bits::SHORT_AID_STATION, 4),
        (at_bits::SHORT_AID_TYPE, 39),
        (at_bits::SHORT_AID_STATUS, 1),
        (bits::field(at_bits::SHORT_AID_AUTHENTICATED, 1), 1),
    ];
    for (field, code) in fields {
        bits.set(field, code);
    }
    let (payload, fill) = bits.armoured();
    let mut line = String::new();
    push_checked(&mut line, '!', &format!("AIVDM,1,1,,A,{payload},{fill}"));
    check(
        &[&line],
        992_720_001,
        Some((46.25, 30.5)),
        json!({"other": {"aid_type": 39, "virtual_aid": true, "off_position": true,
                         "authenticated": true}}),
    );
    let said = decode_one(Aivdm, &[&line]);
    assert_eq!(round_trip(Aivdm, &said).reading, said.reading);
}

#[test]
fn a_message_is_named_after_its_first_part() {
    let first = message(Aivdm, VOYAGE[0].as_bytes()).id();
    assert_eq!(decode_one(Aivdm, &VOYAGE).message, first);
    assert_eq!(decode_one(Aivdm, &[VOYAGE[1], VOYAGE[0]]).message, first);
}

/// The sentences that the encoder writes read `!AIVDM` and stay within 82 characters and their end.
fn check_form(lines: &[String]) {
    for line in lines {
        let (tag, sentence) = line.rsplit_once('\\').unwrap();
        assert!(tag.starts_with('\\') && tag.len() <= 80, "{line}");
        assert!(
            sentence.starts_with("!AIVDM,") && sentence.len() <= 80,
            "{line}"
        );
    }
}

prop_compose! {
    fn quantities()(
        mmsi in 0..=999_999_999u32,
        speed in prop::option::of(0..1022u32),
        course in prop::option::of(0..3600u32),
        heading in prop::option::of(0..360u32),
        status in prop::option::of(0..15u8),
        accurate in any::<bool>(),
    ) -> VesselReport {
        VesselReport {
            mmsi,
            speed_m_s: speed.map(|code| f64::from(code) / 10.0 * KNOT_M_S),
            course_deg: course.map(|code| f64::from(code) / 10.0),
            heading_deg: heading.map(f64::from),
            navigational_status: status,
            accurate: Some(accurate),
            ..VesselReport::default()
        }
    }
}

prop_compose! {
    fn names()(
        name in prop::option::of("[A-Z0-9][A-Z0-9 .-]{0,18}[A-Z0-9]"),
        call_sign in prop::option::of("[A-Z0-9]{1,7}"),
        destination in prop::option::of("[A-Z][A-Z ]{0,17}[A-Z]"),
        imo_number in prop::option::of(1_000_000..10_000_000u32),
        ship_type in prop::option::of(1..=255u8),
        size in prop::option::of((1..511u32, 1..511u32, 1..63u32, 1..63u32)),
        draught in prop::option::of(1..=255u8),
        eta in prop::option::of((1..=12u8, 1..=31u8, 0..24u8, 0..60u8)),
        epfd in prop::option::of(1..16u8),
    ) -> VesselReport {
        let mut other = std::collections::BTreeMap::new();
        if let Some((bow, stern, port, starboard)) = size {
            other.insert("to_bow_m".to_owned(), json!(bow));
            other.insert("to_stern_m".to_owned(), json!(stern));
            other.insert("to_port_m".to_owned(), json!(port));
            other.insert("to_starboard_m".to_owned(), json!(starboard));
        }
        if let Some((month, day, hour, minute)) = eta {
            let eta = format!("{month:02}-{day:02}T{hour:02}:{minute:02}");
            other.insert("eta".to_owned(), json!(eta));
        }
        if let Some(epfd) = epfd {
            other.insert("epfd".to_owned(), json!(epfd));
        }
        VesselReport {
            name, call_sign, destination, imo_number, ship_type, other,
            length_m: size.map(|(bow, stern, _, _)| f64::from(bow + stern)),
            beam_m: size.map(|(_, _, port, starboard)| f64::from(port + starboard)),
            draught_m: draught.map(|tenths| f64::from(tenths) / 10.0),
            ..VesselReport::default()
        }
    }
}

/// An observation around a report, at a place in steps of the message.
fn around(vessel: VesselReport, place: Option<(i32, i32)>, seconds: i64) -> Observation {
    let sigma_m = match (vessel.message_type, vessel.accurate) {
        (27, _) => COARSE_M_SIGMA,
        (_, Some(true)) => ACCURATE_M_SIGMA,
        _ => PLAIN_M_SIGMA,
    };
    let per_deg = if vessel.message_type == 27 {
        600.0
    } else {
        600_000.0
    };
    let place = place.map(|(lat, lon)| {
        let step = |code: i32| f64::from(code) / per_deg;
        Location::fix(position(step(lat), step(lon)), sigma_m)
    });
    Observation {
        observed_at: Interval::instant(Timestamp::from_second(seconds).unwrap()),
        sensor: Some(slug("odesa/ais-1")),
        location: place,
        reading: Reading::Vessel(vessel),
        ..decode_one(Aivdm, &[CLASS_A])
    }
}

fn places(per_deg: i32) -> impl Strategy<Value = Option<(i32, i32)>> {
    prop::option::of((-90 * per_deg..=90 * per_deg, -180 * per_deg..=180 * per_deg))
}

proptest! {
    #[test]
    fn position_reports_read_back(
        report in quantities(), place in places(600_000),
        message_type in prop::sample::select(vec![1u8, 2, 3, 18, 4]),
        seconds in 0..4_000_000_000i64,
    ) {
        let mut report = VesselReport { message_type, ..report };
        if message_type == 18 {
            report.navigational_status = None;
            report.other.insert("carrier_sense".to_owned(), json!(true));
        }
        if message_type == 4 {
            let VesselReport { mmsi, accurate, .. } = report;
            report = VesselReport { mmsi, message_type, accurate, ..VesselReport::default() };
        }
        let observation = around(report, place, seconds);
        check_form(&encode(&observation).unwrap());
        prop_assert_eq!(round_trip(Aivdm, &observation), observation);
    }

    #[test]
    fn long_range_reports_read_back(
        mmsi in 0..=999_999_999u32, place in places(600), speed in 0..63u32, course in 0..360u32,
    ) {
        let report = VesselReport {
            mmsi,
            message_type: 27,
            speed_m_s: Some(f64::from(speed) * KNOT_M_S),
            course_deg: Some(f64::from(course)),
            accurate: Some(true),
            ..VesselReport::default()
        };
        let observation = around(report, place, 1_740_830_400);
        prop_assert_eq!(round_trip(Aivdm, &observation), observation);
    }

    #[test]
    fn static_reports_read_back(report in names(), mmsi in 0..=979_999_999u32) {
        let voyage = VesselReport { mmsi, message_type: 5, ..report };
        let part_a = VesselReport {
            mmsi,
            message_type: 24,
            name: voyage.name.clone(),
            other: std::iter::once(("part".to_owned(), json!("A"))).collect(),
            ..VesselReport::default()
        };
        let mut part_b = VesselReport {
            message_type: 24,
            name: None,
            destination: None,
            imo_number: None,
            draught_m: None,
            ..voyage.clone()
        };
        part_b.other.remove("eta");
        part_b.other.insert("part".to_owned(), json!("B"));
        part_b.other.insert("unit_vendor".to_owned(), json!("TRU"));
        part_b.other.insert("unit_model".to_owned(), json!(3));
        part_b.other.insert("unit_serial".to_owned(), json!(1_048_575));
        for report in [voyage, part_a, part_b] {
            let observation = around(report, None, 1_740_830_400);
            check_form(&encode(&observation).unwrap());
            prop_assert_eq!(round_trip(Aivdm, &observation), observation);
        }
    }

    #[test]
    fn aids_read_back(
        name in "[A-Z0-9][A-Z0-9 ]{0,32}[A-Z0-9]", place in places(600_000),
        off_position: bool, virtual_aid: bool, aid_type in 1..32u8,
    ) {
        let other = [
            ("off_position", json!(off_position)),
            ("virtual_aid", json!(virtual_aid)),
            ("aid_type", json!(aid_type)),
        ];
        let report = VesselReport {
            mmsi: 992_351_161,
            message_type: 21,
            name: Some(name),
            accurate: Some(true),
            other: other.map(|(name, value)| (name.to_owned(), value)).into(),
            ..VesselReport::default()
        };
        let observation = around(report, place, 1_740_830_400);
        check_form(&encode(&observation).unwrap());
        prop_assert_eq!(round_trip(Aivdm, &observation), observation);
    }

    /// Any bits under any type are a report or a rejection.
    #[test]
    fn no_bits_panic(
        first in prop::sample::select((0x30..=0x57u8).chain(0x60..=0x77).collect::<Vec<_>>()),
        payload in "[0-W`-w]{0,80}", fill in 0..6u8,
    ) {
        let mut line = String::new();
        let body = format!("AIVDM,1,1,,A,{}{payload},{fill}", char::from(first));
        push_checked(&mut line, '!', &body);
        let out = decode(Aivdm, &[line]);
        prop_assert_eq!(out.observations.len() + out.rejections.len(), 1);
        for observation in &out.observations {
            // What was read can be stored and read again.
            let text = serde_json::to_string(observation).unwrap();
            prop_assert_eq!(&serde_json::from_str::<Observation>(&text).unwrap(), observation);
        }
    }
}

/// Targets of a traffic service: one by its number with its second, one with a call sign at an unknown
/// place, one without a name.
#[test]
fn targets_of_a_traffic_service_are_observations() {
    let mut report = decode_one(
        Aivdm,
        &["!AIVDM,1,1,,A,8@2<HV@0BkLN:0frqMPaQPtBRRIrwwejwwwwwwwwwwwwwwwwwwwwwwwwwt0,2*34"],
    );
    let Reading::Vessel(written) = &mut report.reading else {
        panic!("{report:?}");
    };
    written.other = serde_json::from_value(json!({
        "designated_area_code": 1, "function_identifier": 17,
        "application": {"application": "vts_targets", "targets": [
            {"identifier_type": 0, "mmsi": 272_123_456, "lat_deg": 46.25, "lon_deg": 30.5,
             "course_deg": 90.0, "utc_second": 55, "speed_m_s": 10.0 * KNOT_M_S},
            {"identifier_type": 2, "call_sign": "UR7X"},
            {"identifier_type": 3, "identifier": "", "lat_deg": 46.5, "lon_deg": 31.0}]}
    }))
    .unwrap();
    let lines = encode(&report).unwrap();
    let told = decode(Aivdm, &lines);
    assert_eq!(told.rejections, []);
    let [service, ship, nameless] = &told.observations[..] else {
        panic!("{told:?}");
    };
    assert_eq!(service.location, None);
    assert_eq!(vessel(service).mmsi, vessel(&report).mmsi);
    let seen = |observation: &Observation| {
        let Some(Location::Fix { place, .. }) = &observation.location else {
            panic!("{observation:?}");
        };
        assert!((place.uncertainty.semi_major_m - 193.9).abs() < 0.1);
        let Position { lat_deg, lon_deg } = place.position;
        let reading = serde_json::to_value(&observation.reading).unwrap();
        (reading["radar"].clone(), lat_deg, lon_deg)
    };
    let expected =
        json!({"target": "MMSI 272123456", "speed_m_s": 10.0 * KNOT_M_S, "course_deg": 90.0});
    assert_eq!(seen(ship), (expected, 46.25, 30.5));
    assert_eq!(seen(nameless), (json!({}), 46.5, 31.0));
    let at_s = ship.observed_at.start.as_second();
    assert_eq!(at_s.rem_euclid(60), 55);
    assert!((0..60).contains(&(service.observed_at.start.as_second() - at_s)));
    assert_eq!(nameless.observed_at, service.observed_at);
    assert_ne!(ship.id, nameless.id);
}
