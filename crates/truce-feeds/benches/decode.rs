//! Messages per second of the decoders, each over a corpus that the encoders wrote.

use divan::counter::{BytesCount, ItemsCount};
use truce_core::mission::{Feed, FeedUse, SensorNetwork, Transport};
use truce_core::observation::{ThermalAnomaly, VesselReport};
use truce_core::{
    Grade, Interval, Location, MessageId, Observation, Position, RawMessage, Reading, Slug,
    Timestamp,
};
use truce_feeds::{Decoded, Decoder, Format};

fn main() {
    divan::main();
}

/// Messages of each corpus: enough that caches behave as in a stream.
const MESSAGES: u32 = 10_000;

/// 2025-03-01T12:00:00Z.
const START_S: i64 = 1_740_830_400;

fn slug(text: &str) -> Slug {
    Slug::new(text).expect("a name")
}

fn feed(format: Format) -> Feed {
    Feed {
        id: slug("bench"),
        name: String::new(),
        format: slug(format.slug()),
        transport: Transport::File,
        purpose: FeedUse::Live,
        sensor: None,
        operator: None,
        grade: Grade::UNJUDGED,
        silence_s_max: None,
        quota_per_s: None,
        keys: Vec::new(),
    }
}

/// The `n`-th observation with a reading, somewhere on a grid over the Black Sea.
fn observation(n: u32, reading: Reading) -> Observation {
    let observed_at = START_S + i64::from(n / 100);
    let observed_at = Interval::instant(Timestamp::from_second(observed_at).expect("in range"));
    let position = Position {
        lat_deg: 43.0 + f64::from(n % 317) / 100.0,
        lon_deg: 29.0 + f64::from(n % 991) / 100.0,
    };
    let message = MessageId(truce_core::Digest::of(&n.to_be_bytes()));
    Observation {
        id: Observation::name(message, 0, observed_at),
        message,
        source: slug("bench"),
        sensor: None,
        observed_at,
        received_at: observed_at.start,
        location: Some(Location::fix(position, 10.0)),
        reading,
        grade: Grade::UNJUDGED,
    }
}

fn position_report(n: u32) -> Reading {
    Reading::Vessel(VesselReport {
        mmsi: 272_000_000 + n % 500,
        message_type: 1,
        speed_m_s: Some(f64::from(n % 12)),
        course_deg: Some(f64::from(n % 360)),
        heading_deg: Some(f64::from(n % 360)),
        navigational_status: Some(0),
        accurate: Some(true),
        ..VesselReport::default()
    })
}

fn static_report(n: u32) -> Reading {
    Reading::Vessel(VesselReport {
        mmsi: 272_000_000 + n % 500,
        message_type: 5,
        name: Some(format!("VESSEL {n}")),
        call_sign: Some("URAB".to_owned()),
        destination: Some("ODESA".to_owned()),
        ship_type: Some(70),
        length_m: Some(180.0),
        beam_m: Some(28.0),
        ..VesselReport::default()
    })
}

fn anomaly(n: u32) -> Reading {
    Reading::ThermalAnomaly(ThermalAnomaly {
        brightness_k: Some(300.0 + f64::from(n % 60)),
        background_k: Some(280.5),
        radiative_power_mw: Some(1.25),
        scan_m: Some(530.0),
        track_m: Some(670.0),
        confidence: Some(0.6),
        daytime: Some(false),
        satellite: Some("N20".to_owned()),
        instrument: Some("VIIRS".to_owned()),
        version: Some("2.0NRT".to_owned()),
    })
}

/// The messages of a feed that carries some readings.
fn corpus(format: Format, reading: fn(u32) -> Reading) -> Vec<RawMessage> {
    let header = format.header().into_iter();
    let lines = header.chain((0..MESSAGES).flat_map(|n| {
        let lines = format.encode(&observation(n, reading(n)));
        lines.expect("the format carries this reading")
    }));
    let received_at = Timestamp::from_second(START_S).expect("in range");
    lines
        .map(|line| RawMessage {
            source: slug("bench"),
            received_at,
            bytes: line.into_bytes(),
        })
        .collect()
}

fn decode(bencher: divan::Bencher<'_, '_>, format: Format, reading: fn(u32) -> Reading) {
    let messages = corpus(format, reading);
    let bytes: usize = messages.iter().map(|message| message.bytes.len()).sum();
    let mut out = Decoded::default();
    bencher
        .counter(ItemsCount::new(messages.len()))
        .counter(BytesCount::new(bytes))
        .bench_local(|| {
            let mut decoder = Decoder::new(format, &feed(format), &SensorNetwork::default());
            let mut observations = 0;
            for message in &messages {
                out.clear();
                decoder.decode(message, &mut out);
                observations += out.observations.len();
            }
            assert_eq!(observations, MESSAGES as usize, "every message is decoded");
        });
}

#[divan::bench]
fn ais_position_sentences(bencher: divan::Bencher<'_, '_>) {
    decode(bencher, Format::Aivdm, position_report);
}

#[divan::bench]
fn ais_static_sentences(bencher: divan::Bencher<'_, '_>) {
    decode(bencher, Format::Aivdm, static_report);
}

#[divan::bench]
fn firms_rows(bencher: divan::Bencher<'_, '_>) {
    decode(bencher, Format::FirmsCsv, anomaly);
}

#[divan::bench]
fn truce_jsonl_lines(bencher: divan::Bencher<'_, '_>) {
    decode(bencher, Format::TruceJsonl, position_report);
}
