//! Records of both versions, every encoding, byte order, and picks in waveforms that are made here.

use proptest::prelude::*;
use truce_core::Timestamp;
use truce_core::time::SignedDuration;

use super::*;
use crate::Format::Miniseed;
use crate::sample::{at, decode_stream, feed, message, network, position, slug};
use crate::{Decoder, Framer};

/// A vertical channel of the mission's station.
fn record(rate_hz: f64) -> Record {
    Record {
        network: "UA".to_owned(),
        station: "MALYN".to_owned(),
        location: String::new(),
        channel: "SHZ".to_owned(),
        started_at: at("2025-03-01T12:00:00.25Z"),
        sample_rate_hz: rate_hz,
        samples: Vec::new(),
        encoding: 11,
        version: 2,
        timing_quality_percent: None,
        text: String::new(),
    }
}

/// Noise of the ground with waves that begin at some seconds, decaying over half a second.
#[allow(clippy::cast_possible_truncation)]
fn ground(seconds: usize, rate: usize, waves_s: &[f64]) -> Vec<i32> {
    let mut state = 1_u64;
    (0..seconds * rate)
        .map(|n| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            let noise = f64::from((state >> 33) as u32 as i32) / f64::from(i32::MAX) * 20.0;
            let t = n as f64 / rate as f64;
            let wave = |from: &f64| {
                let after = t - from;
                if after < 0.0 {
                    return 0.0;
                }
                400.0 * libm::exp(-after / 0.5) * libm::sin(std::f64::consts::TAU * 6.0 * after)
            };
            (noise + waves_s.iter().map(wave).sum::<f64>() + 1_000.0) as i32
        })
        .collect()
}

#[test]
fn arrivals_are_found_where_they_are() {
    let samples = ground(120, 100, &[31.4, 75.0, 75.4]);
    let out = decode_stream(Miniseed, &write(&record(100.0), &samples).unwrap());
    assert_eq!(out.rejections, []);
    let found: Vec<(f64, f64)> = out
        .observations
        .iter()
        .map(|seen| {
            let start = seen
                .observed_at
                .start
                .duration_since(at("2025-03-01T12:00:00.25Z"));
            let Some(Location::Arrival {
                station,
                arrival_s_sigma,
            }) = seen.location
            else {
                panic!("{seen:?}")
            };
            assert_eq!(station, position(48.5, 37.5));
            assert_eq!(seen.sensor, Some(slug("malyn")));
            (start.as_secs_f64(), arrival_s_sigma)
        })
        .collect();
    assert_eq!(found.len(), 2, "{found:?}");
    for ((found_s, sigma_s), wanted_s) in found.into_iter().zip([31.4, 75.0]) {
        assert!((found_s - wanted_s).abs() < 0.05, "{found_s} {wanted_s}");
        assert!((0.002..0.1).contains(&sigma_s), "{sigma_s}");
    }
    let Reading::Seismic(pick) = &out.observations[0].reading else {
        panic!("no pick")
    };
    assert!(pick.signal_to_noise_db.is_some_and(|db| db > 6.0));
    let quiet = decode_stream(
        Miniseed,
        &write(&record(100.0), &ground(600, 100, &[])).unwrap(),
    );
    assert_eq!(quiet.observations, []);
}

/// What one message says, fed through a decoder of its own.
fn decode(records: &[Vec<u8>]) -> crate::Decoded {
    let mut decoder = Decoder::new(Miniseed, &feed(Miniseed), &network());
    let mut out = crate::Decoded::with_sheets();
    for bytes in records {
        decoder.decode(&message(Miniseed, bytes), &mut out);
    }
    out
}

fn records(stream: &[u8]) -> Vec<Vec<u8>> {
    stream.chunks(512).map(<[u8]>::to_vec).collect()
}

#[test]
fn gaps_begin_anew_and_late_records_are_left_out() {
    let samples = ground(60, 50, &[30.0]);
    let whole = records(&write(&record(50.0), &samples).unwrap());
    let picks = |records: &[Vec<u8>]| decode(records).observations.len();
    assert_eq!(picks(&whole), 1);
    let twice: Vec<Vec<u8>> = whole
        .iter()
        .flat_map(|one| [one.clone(), one.clone()])
        .collect();
    assert_eq!(picks(&twice), 1);
    // The long window has not filled again when the wave comes.
    let gap: Vec<Vec<u8>> = whole
        .iter()
        .enumerate()
        .filter(|(n, _)| *n != whole.len() / 2 - 1)
        .map(|(_, one)| one.clone())
        .collect();
    assert_eq!(picks(&gap), 0);
}

#[test]
fn channels_say_what_they_measure() {
    let kind = |channel: &str, station: &str| {
        let record = Record {
            channel: channel.to_owned(),
            station: station.to_owned(),
            ..record(50.0)
        };
        let out = decode(&records(&write(&record, &ground(60, 50, &[30.0])).unwrap()));
        let rejected = out
            .rejections
            .first()
            .map(|rejection| rejection.class.to_string());
        match out.observations.first().map(|seen| &seen.reading) {
            Some(Reading::Seismic(_)) => "wave".to_owned(),
            Some(Reading::Acoustic(_)) => "sound".to_owned(),
            _ => rejected.unwrap_or_default(),
        }
    };
    assert_eq!(kind("SHZ", "MALYN"), "wave");
    assert_eq!(kind("BDF", "MALYN"), "sound");
    assert_eq!(kind("SHN", "MALYN"), "");
    assert_eq!(kind("LCQ", "MALYN"), "");
    assert_eq!(kind("SHZ", "OTHER"), "unknown_sensor");
    assert_eq!(kind("SHN", "OTHER"), "");
}

/// A record around some bytes of samples.
fn packed(encoding: u8, big: bool, count: u16, payload: &[u8]) -> Vec<u8> {
    let mut bytes = write(&record(50.0), &[0; 10]).unwrap();
    bytes[30..32].copy_from_slice(&count.to_be_bytes());
    (bytes[52], bytes[53]) = (encoding, u8::from(big));
    bytes[64..].fill(0);
    bytes[64..64 + payload.len()].copy_from_slice(payload);
    bytes
}

fn samples_of(bytes: &[u8]) -> Result<Vec<f64>, &'static str> {
    Record::read(bytes)
        .map(|record| record.samples)
        .map_err(|fault| fault.class.name())
}

/// An encoding, whether it is big-endian, a payload, the samples in it.
type Packed<'a> = (u8, bool, &'a [u8], &'a [f64]);

/// Samples that are not compressed.
const PLAIN: &[Packed<'_>] = &[
    (1, true, &[0xFF, 0xFE, 0, 3], &[-2.0, 3.0]),
    (1, false, &[0xFE, 0xFF, 3, 0], &[-2.0, 3.0]),
    (
        3,
        true,
        &[0xFF, 0xFF, 0xFF, 0xFE, 0, 1, 0, 0],
        &[-2.0, 65_536.0],
    ),
    (4, true, &[0x3F, 0x80, 0, 0, 0xC0, 0, 0, 0], &[1.0, -2.0]),
    (4, false, &[0, 0, 0x80, 0x3F, 0, 0, 0, 0xC0], &[1.0, -2.0]),
    (2, true, &[0xFF, 0xFF, 0xFE, 1, 0, 0], &[-2.0, 65_536.0]),
    (12, false, &[0xFE, 0xFF, 0xFF, 0, 0, 1], &[-2.0, 65_536.0]),
    // The first samples of libmseed's recordings of these networks, and the largest gains.
    (
        13,
        true,
        &[0x47, 0xEF, 0xFF, 0xFF],
        &[-1.0625, 2047.0 / 128.0],
    ),
    (
        14,
        true,
        &[0x47, 0xEF, 0xFF, 0xFF],
        &[-1.0625, 2047.0 / 32_768.0],
    ),
    (16, true, &[0x1F, 0x9F, 0xC0, 0], &[-96.0, -8191.0 * 128.0]),
    (16, false, &[0x9F, 0x1F, 0x00, 0x60], &[-96.0, 4.0]),
    (30, true, &[0xA0, 0x27, 0x0F, 0xFF], &[39.0, -1024.0]),
    (32, true, &[0, 6, 0xFF, 0xFE], &[6.0, -2.0]),
    (5, true, &[0x3F, 0xF8, 0, 0, 0, 0, 0, 0], &[1.5]),
    (5, false, &[0, 0, 0, 0, 0, 0, 0xF8, 0x3F], &[1.5]),
];

#[test]
fn every_encoding() {
    // Steim-1: 4 of 8 bits, 2 of 16, 1 of 32; the first difference is to the record before.
    let steim_1: Vec<u8> = [
        1 << 24 | 2 << 22 | 3 << 20,
        10_u32,
        100_000_u32,
        0x7F_01_FF_05,
        0x0064_FF9C,
        0x0001_8691,
    ]
    .into_iter()
    .flat_map(u32::to_be_bytes)
    .chain([0; 40])
    .collect();
    // Little-endian: words and halves are turned round, bytes keep their order.
    let turned: Vec<u8> = steim_1
        .as_chunks::<4>()
        .0
        .iter()
        .enumerate()
        .flat_map(|(at, [a, b, c, d])| match at {
            3 => [*a, *b, *c, *d],
            4 => [*b, *a, *d, *c],
            _ => [*d, *c, *b, *a],
        })
        .collect();
    // The last sample as the differences make it: 10 + 1 − 1 + 5 + 100 − 100 + 99,985 = 100,000.
    let compressed: &[Packed<'_>] = &[
        (
            10,
            true,
            &steim_1,
            &[10.0, 11.0, 10.0, 15.0, 115.0, 15.0, 100_000.0],
        ),
        (
            10,
            false,
            &turned,
            &[10.0, 11.0, 10.0, 15.0, 115.0, 15.0, 100_000.0],
        ),
    ];
    for (encoding, big, payload, expected) in PLAIN.iter().chain(compressed) {
        let count = u16::try_from(expected.len()).unwrap();
        let got = samples_of(&packed(*encoding, *big, count, payload));
        assert_eq!(got, Ok(expected.to_vec()), "{encoding}");
    }
}

#[test]
fn the_log_of_a_station() {
    let got = Record::read(&packed(0, true, 9, b"locked on")).unwrap();
    assert_eq!((got.text.as_str(), got.samples.len()), ("locked on", 0));
}

#[test]
fn what_is_rejected() {
    let whole = write(&record(50.0), &ground(1, 50, &[])).unwrap();
    let with = |at: usize, bytes: &[u8]| {
        let mut changed = whole.clone();
        changed[at..at + bytes.len()].copy_from_slice(bytes);
        changed
    };
    let cases = [
        (whole[..100].to_vec(), "frame"),
        (with(6, b"X"), "frame"),
        (with(48, &[0, 1]), "frame"),
        (with(54, &[60]), "frame"),
        (with(46, &[0, 9]), "frame"),
        (with(24, &[24]), "time"),
        (with(52, &[31]), "version"),
        (with(72, &[0, 0, 0, 9]), "payload"),
        (with(64, &[0x0A]), "payload"),
        (with(30, &[0xFF, 0xFF]), "payload"),
        (packed(3, true, 200, &[]), "payload_length"),
        (packed(0, true, 9_999, b"cut"), "payload_length"),
        (packed(4, true, 1, &[0x7F, 0xC0, 0, 0]), "number"),
        (packed(30, true, 1, &[0xB0, 0]), "number"),
    ];
    for (at, (bytes, class)) in cases.into_iter().enumerate() {
        assert_eq!(samples_of(&bytes).err(), Some(class), "{at}");
    }
}

/// The check value of CRC-32C is that of the digits 1 to 9 (Castagnoli 1993).
#[test]
fn the_third_version() {
    assert_eq!(record::crc(b"123456789"), 0xE306_9283);
    let mut bytes = b"MS\x03\x00".to_vec();
    bytes.extend(250_000_000_u32.to_le_bytes());
    bytes.extend(2025_u16.to_le_bytes());
    bytes.extend(60_u16.to_le_bytes());
    bytes.extend([12, 0, 0, 3]);
    bytes.extend((-0.02_f64).to_le_bytes());
    bytes.extend(2_u32.to_le_bytes());
    bytes.extend([0; 4]);
    let identifier = b"FDSN:UA_MALYN__S_H_Z";
    bytes.push(1);
    bytes.push(u8::try_from(identifier.len()).unwrap());
    bytes.extend(0_u16.to_le_bytes());
    bytes.extend(8_u32.to_le_bytes());
    bytes.extend(identifier);
    bytes.extend([0xFE, 0xFF, 0xFF, 0xFF, 7, 0, 0, 0]);
    let checksum = record::crc(&bytes);
    bytes[28..32].copy_from_slice(&checksum.to_le_bytes());
    let read = Record::read(&bytes).unwrap();
    assert_eq!(read.samples, [-2.0, 7.0]);
    assert_eq!((read.channel.as_str(), read.sample_rate_hz), ("SHZ", 50.0));
    assert_eq!(read.started_at, at("2025-03-01T12:00:00.25Z"));
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    assert_eq!(samples_of(&bytes), Err("checksum"));
}

#[test]
fn streams_are_cut_behind_records() {
    let stream = write(&record(100.0), &ground(20, 100, &[])).unwrap();
    let wanted = records(&stream);
    for step in [1, 63, 511, 4_096] {
        let mut framer = Framer::of(Miniseed);
        let mut got = Vec::new();
        for piece in [b"junk".as_slice(), &stream].concat().chunks(step) {
            framer.push(piece, &mut |bytes| got.push(bytes.to_vec()));
        }
        framer.finish(&mut |bytes| got.push(bytes.to_vec()));
        let whole: Vec<Vec<u8>> = got.into_iter().filter(|one| one.len() == 512).collect();
        assert_eq!(whole, wanted, "{step}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn written_samples_read_back(
        steps in prop::collection::vec((0..29u32, any::<i32>()), 1..600),
        rate in 1..1_000i16, milliseconds in 0..4_000_000_000_000i64,
    ) {
        let mut sample = 0_i32;
        let samples: Vec<i32> = steps
            .into_iter()
            .map(|(shift, step)| {
                sample = (sample / 2).wrapping_add(step >> (31 - shift) >> 1);
                sample
            })
            .collect();
        let wanted = Record {
            started_at: Timestamp::from_millisecond(milliseconds).unwrap(),
            ..record(f64::from(rate))
        };
        let stream = write(&wanted, &samples).unwrap();
        let mut read = Vec::new();
        for bytes in stream.chunks(512) {
            let one = Record::read(bytes).unwrap();
            let due = read.len() as f64 / f64::from(rate);
            let due = wanted.started_at + SignedDuration::try_from_secs_f64(due).unwrap();
            prop_assert!(one.started_at.duration_since(due).abs() <= SignedDuration::from_micros(51));
            prop_assert_eq!(&one.station, "MALYN");
            read.extend(one.samples);
        }
        let samples: Vec<f64> = samples.into_iter().map(f64::from).collect();
        prop_assert_eq!(read, samples);
    }
}
