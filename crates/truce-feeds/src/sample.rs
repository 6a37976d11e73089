//! A small mission for tests: one sensor of each kind, and how to decode lines with it.

use truce_core::mission::{
    Feed, Platform, PlatformKind, Post, Sensor, SensorErrors, SensorKind, SensorNetwork, Transport,
};
use truce_core::{Observation, Position, RawMessage, Slug, Timestamp};

use crate::{Decoded, Decoder, Format, Framer};

pub(crate) const RECEIVED_AT: &str = "2025-03-01T12:00:30.5Z";

pub(crate) fn slug(text: &str) -> Slug {
    Slug::new(text).unwrap()
}

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub(crate) fn position(lat_deg: f64, lon_deg: f64) -> Position {
    Position::new(lat_deg, lon_deg).unwrap()
}

pub(crate) fn feed(format: Format) -> Feed {
    Feed::new(slug(format.slug()), slug(format.slug()), Transport::File)
}

fn sensor(id: &str, kind: SensorKind, feed: Format) -> Sensor {
    Sensor {
        id: slug(id),
        kind,
        platform: None,
        post: None,
        position: None,
        feed: slug(feed.slug()),
        errors: SensorErrors::default(),
        detects: Vec::new(),
        false_per_day: 0.0,
        latency_s_max: 0.0,
        looks_at_s: Vec::new(),
        look_s_half: 0.0,
        basis: String::new(),
    }
}

fn sensors() -> Vec<Sensor> {
    let errors = SensorErrors::default();
    let post = Some(slug("post-17"));
    let acoustic = Sensor {
        post: post.clone(),
        errors: SensorErrors {
            bearing_deg_sigma: Some(3.0),
            time_s_sigma: Some(0.05),
            ..errors.clone()
        },
        ..sensor(
            "post-17/acoustic",
            SensorKind::AcousticArray,
            Format::AcousticCsv,
        )
    };
    let seismic = Sensor {
        position: Some(position(48.5, 37.5)),
        ..sensor("malyn", SensorKind::SeismicStation, Format::SeismicCsv)
    };
    let uav = Sensor {
        post,
        ..sensor("post-17/uav", SensorKind::UavDetector, Format::UavCsv)
    };
    let viirs = Sensor {
        platform: Some(slug("noaa-20")),
        errors: SensorErrors {
            position_m_sigma: Some(205.0),
            ..errors
        },
        ..sensor("noaa-20/viirs", SensorKind::ThermalImager, Format::FirmsCsv)
    };
    let payload = sensor("uav-3", SensorKind::UavPayload, Format::UavCsv);
    let receiver = sensor("odesa/ais-1", SensorKind::AisReceiver, Format::Aivdm);
    vec![acoustic, seismic, uav, payload, viirs, receiver]
}

pub(crate) fn network() -> SensorNetwork {
    SensorNetwork {
        platforms: vec![Platform {
            id: slug("noaa-20"),
            name: "NOAA-20".to_owned(),
            kind: PlatformKind::Satellite,
            operator: slug("noaa"),
            norad_number: Some(43013),
            endurance_s: None,
            count: 1,
            basis: String::new(),
        }],
        posts: vec![Post {
            id: slug("post-17"),
            name: "Post 17".to_owned(),
            position: position(48.0, 37.8),
            sector: slug("sector-1"),
            personnel: 8,
        }],
        sensors: sensors(),
        feeds: Format::ALL.map(feed).to_vec(),
    }
}

pub(crate) fn message(format: Format, bytes: &[u8]) -> RawMessage {
    RawMessage {
        source: slug(format.slug()),
        received_at: at(RECEIVED_AT),
        bytes: bytes.to_vec(),
    }
}

/// Decodes lines with a new decoder, as one file.
pub(crate) fn decode<T: AsRef<[u8]>>(format: Format, lines: &[T]) -> Decoded {
    let mut decoder = Decoder::new(format, &feed(format), &network());
    let mut out = Decoded::default();
    for line in lines {
        decoder.decode(&message(format, line.as_ref()), &mut out);
    }
    decoder.finish(&mut out);
    out
}

/// Decodes a stream with a new framer and decoder, as one file.
pub(crate) fn decode_stream(format: Format, bytes: &[u8]) -> Decoded {
    let mut messages = Vec::new();
    let mut framer = Framer::of(format);
    framer.push(bytes, &mut |message| messages.push(message.to_vec()));
    framer.finish(&mut |message| messages.push(message.to_vec()));
    decode(format, &messages)
}

/// The one observation in some lines.
pub(crate) fn decode_one<T: AsRef<[u8]>>(format: Format, lines: &[T]) -> Observation {
    let mut out = decode(format, lines);
    assert_eq!(out.rejections, []);
    assert_eq!(out.observations.len(), 1);
    out.observations.remove(0)
}

/// The class under which one line is rejected, or `-` when it is not.
pub(crate) fn rejected<T: AsRef<[u8]> + ?Sized>(format: Format, message: &T) -> String {
    let out = decode(format, &[message.as_ref()]);
    assert!(
        out.observations.len() + out.rejections.len() <= 1,
        "{out:?}"
    );
    let class = out
        .rejections
        .first()
        .map(|rejection| rejection.class.to_string());
    class.unwrap_or_else(|| "-".to_owned())
}

/// Encodes an observation, decodes what comes out, and checks that it says the same. Names are
/// those of the new message.
pub(crate) fn round_trip(format: Format, observation: &Observation) -> Observation {
    let lines = format.encode(observation).unwrap();
    let mut back = decode_one(format, &lines);
    back.id = observation.id;
    back.message = observation.message;
    back.received_at = observation.received_at;
    back
}
