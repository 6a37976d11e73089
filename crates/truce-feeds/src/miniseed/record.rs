//! One record: header and samples of miniSEED 2 (SEED Reference Manual v2.4, chapter 8, "Fixed
//! Section of Data Header"; blockettes 100, 1000, 1001) and miniSEED 3 (FDSN, 2023).
//!
//! | byte of 2.4 | field | byte of 3 |
//! |---|---|---|
//! | 0 | sequence number, six digits; `MS` and 3 | 0 |
//! | 6 | quality `D`, `R`, `Q` or `M`; flags | 3 |
//! | 8, 13, 15, 18 | station, location, channel, network; source identifier | 40 |
//! | 20 | year, day, hour, minute, second, 0.0001 s; nanosecond first | 4 |
//! | 30 | number of samples | 24 |
//! | 32, 34 | sample rate: factor, multiplier; hertz, or seconds when negative | 16 |
//! | 36, 40 | flag "correction applied" (bit 1), correction 0.0001 s | |
//! | 44, 46 | where the samples and the first blockette begin; CRC-32C | 28 |
//! | 1000: 4, 5, 6 | encoding, word order, length as a power of two | 15 |

use jiff::civil::Date;
use jiff::tz::TimeZone;
use truce_core::Timestamp;
use truce_core::time::SignedDuration;

use super::gain;
use super::steim::{self, Level};
use crate::fault::{Fault, RejectionClass};
use crate::framer::Cut;

/// Bytes of the fixed header of version 2, and of version 3.
const HEADER_2: usize = 48;
const HEADER_3: usize = 40;

/// Longest record, as a power of two: what one message may hold.
const LENGTH_EXPONENT_MAX: u8 = 17;

/// Most samples of one record: one that is compressed sevenfold in the longest record.
const SAMPLES_MAX: usize = 1 << 18;

/// The encoding of text (SEED, blockette 1000, field 3).
const TEXT: u8 = 0;

/// Most blockettes behind a header: there are three kinds that matter.
const BLOCKETTES_MAX: usize = 16;

/// A waveform: what one record holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// Network, such as `UA`.
    pub network: String,
    /// Station, such as `MALYN`.
    pub station: String,
    /// Location; may be empty.
    pub location: String,
    /// Channel: band, instrument, orientation, such as `BHZ`.
    pub channel: String,
    /// When the first sample was taken.
    pub started_at: Timestamp,
    /// Samples per second.
    pub sample_rate_hz: f64,
    /// Its samples, in the digitizer's counts or the unit of the channel.
    pub samples: Vec<f64>,
    /// What it says in words, in place of samples: the log of a station.
    pub text: String,
    /// How they were encoded (SEED, blockette 1000, field 3).
    pub encoding: u8,
    /// Version of the format.
    pub version: u8,
    /// Quality of the clock, per cent, where it is stated.
    pub timing_quality_percent: Option<u8>,
}

fn frame_fault(reason: impl Into<String>) -> Fault {
    Fault::new(RejectionClass::Frame, reason)
}

/// True for bytes that begin as a record does; fewer than eight are given the benefit.
fn begins(bytes: &[u8]) -> bool {
    if let [b'M', b'S', version, ..] = bytes {
        return *version == 3;
    }
    let head = &bytes[..bytes.len().min(8)];
    let form = |(at, byte): (usize, &u8)| match at {
        0..=5 => byte.is_ascii_digit() || *byte == b' ',
        6 => matches!(byte, b'D' | b'R' | b'Q' | b'M'),
        _ => matches!(byte, b' ' | 0),
    };
    matches!(bytes, [b'M'] | [b'M', b'S']) || head.iter().enumerate().all(form)
}

/// True for bytes that begin with a record's header.
pub(crate) fn looks_like(bytes: &[u8]) -> bool {
    bytes.len() >= HEADER_3 && begins(bytes)
}

/// Cuts a stream behind each record.
pub(crate) fn cut(bytes: &[u8]) -> Cut {
    if !begins(bytes) {
        let next = (1..bytes.len()).find(|at| begins(&bytes[*at..]));
        return Cut::Message(next.unwrap_or(bytes.len()));
    }
    let length = match bytes {
        [b'M', b'S', ..] => length_3(bytes),
        _ => length_2(bytes),
    };
    match length {
        Ok(Some(length)) if length <= bytes.len() => Cut::Message(length),
        Ok(_) => Cut::More,
        // The decoder says what is wrong with it.
        Err(_) => Cut::Message(bytes.len().min(HEADER_2)),
    }
}

fn length_3(bytes: &[u8]) -> Result<Option<usize>, Fault> {
    let Some(header) = bytes.first_chunk::<HEADER_3>() else {
        return Ok(None);
    };
    let identifier = usize::from(header[33]);
    let extra = usize::from(u16::from_le_bytes([header[34], header[35]]));
    let payload = u32::from_le_bytes([header[36], header[37], header[38], header[39]]);
    let payload = usize::try_from(payload).unwrap_or(usize::MAX);
    if payload > 1 << LENGTH_EXPONENT_MAX {
        return Err(frame_fault(format!("a payload of {payload} bytes")));
    }
    Ok(Some(HEADER_3 + identifier + extra + payload))
}

fn length_2(bytes: &[u8]) -> Result<Option<usize>, Fault> {
    let Some(header) = Header2::of(bytes) else {
        return Ok(None);
    };
    match header.blockettes(bytes)? {
        Some(Blockettes { exponent, .. }) => Ok(Some(1 << exponent)),
        None => Ok(None),
    }
}

/// The fixed header of version 2, in the order of its bytes.
#[derive(Debug, Clone, Copy)]
struct Header2<'a> {
    bytes: &'a [u8; HEADER_2],
    big: bool,
}

/// What the blockettes say.
#[derive(Debug, Clone, Copy, Default)]
struct Blockettes {
    encoding: u8,
    big: bool,
    exponent: u8,
    sample_rate_hz: Option<f64>,
    timing_quality_percent: Option<u8>,
    microseconds: i8,
}

impl<'a> Header2<'a> {
    fn of(bytes: &'a [u8]) -> Option<Self> {
        let bytes = bytes.first_chunk::<HEADER_2>()?;
        // The order of bytes is told by the year and the day, which fit in one order alone.
        let fits = |year: u16, day: u16| (1900..=2100).contains(&year) && (1..=366).contains(&day);
        let word = |at: usize| [bytes[at], bytes[at + 1]];
        let big = fits(u16::from_be_bytes(word(20)), u16::from_be_bytes(word(22)));
        Some(Self { bytes, big })
    }

    fn short(&self, at: usize) -> u16 {
        short(self.bytes, at, self.big).unwrap_or_default()
    }

    fn text(&self, at: usize, length: usize) -> String {
        let text = String::from_utf8_lossy(&self.bytes[at..at + length]);
        text.trim_matches([' ', '\0']).to_owned()
    }

    /// What stands in the blockettes; `None` while they have not come whole.
    fn blockettes(&self, bytes: &[u8]) -> Result<Option<Blockettes>, Fault> {
        let mut told = Blockettes::default();
        let mut at = usize::from(self.short(46));
        for _ in 0..BLOCKETTES_MAX {
            if at == 0 {
                break;
            }
            if at < HEADER_2 {
                return Err(frame_fault("a blockette lies inside the header"));
            }
            let (Some(kind), Some(next)) =
                (short(bytes, at, self.big), short(bytes, at + 2, self.big))
            else {
                return Ok(None);
            };
            let Some(body) = bytes.get(at + 4..at + 8) else {
                return Ok(None);
            };
            match kind {
                1000 => {
                    (told.encoding, told.exponent) = (body[0], body[2]);
                    told.big = body[1] == 1;
                }
                1001 => {
                    told.timing_quality_percent = Some(body[0]).filter(|percent| *percent <= 100);
                    told.microseconds = body[1].cast_signed();
                }
                100 => {
                    let rate =
                        f64::from(f32::from_bits(long(body, 0, self.big).unwrap_or_default()));
                    told.sample_rate_hz = Some(rate).filter(|rate| rate.is_finite() && *rate > 0.0);
                }
                _ => {}
            }
            let next = usize::from(next);
            if next != 0 && next <= at {
                return Err(frame_fault("a blockette leads backwards"));
            }
            at = next;
        }
        if !(7..=LENGTH_EXPONENT_MAX).contains(&told.exponent) {
            let reason = "blockette 1000 with the record's length is missing or impossible";
            return Err(frame_fault(reason));
        }
        Ok(Some(told))
    }

    /// The sample rate of factor and multiplier (chapter 8, fields 10 and 11).
    fn sample_rate_hz(&self) -> f64 {
        let factor = f64::from(self.short(32).cast_signed());
        let multiplier = f64::from(self.short(34).cast_signed());
        match (factor > 0.0, multiplier > 0.0) {
            _ if factor == 0.0 || multiplier == 0.0 => 0.0,
            (true, true) => factor * multiplier,
            (true, false) => -factor / multiplier,
            (false, true) => -multiplier / factor,
            (false, false) => 1.0 / (factor * multiplier),
        }
    }

    fn started_at(&self, microseconds: i8) -> Option<Timestamp> {
        let start = instant(
            self.short(20),
            self.short(22),
            [self.bytes[24], self.bytes[25], self.bytes[26]],
        )?;
        let mut steps = i64::from(self.short(28));
        if self.bytes[36] & 2 == 0 {
            let correction = long(self.bytes, 40, self.big)?.cast_signed();
            steps += i64::from(correction);
        }
        let offset = steps * 100 + i64::from(microseconds);
        start.checked_add(SignedDuration::from_micros(offset)).ok()
    }
}

fn short(bytes: &[u8], at: usize, big: bool) -> Option<u16> {
    let word = bytes.get(at..at + 2)?.try_into().ok()?;
    Some(if big {
        u16::from_be_bytes(word)
    } else {
        u16::from_le_bytes(word)
    })
}

fn long(bytes: &[u8], at: usize, big: bool) -> Option<u32> {
    let word = bytes.get(at..at + 4)?.try_into().ok()?;
    Some(if big {
        u32::from_be_bytes(word)
    } else {
        u32::from_le_bytes(word)
    })
}

/// Year, day of the year, and time of day; second 60 is a leap second.
fn instant(year: u16, day: u16, [hour, minute, second]: [u8; 3]) -> Option<Timestamp> {
    if hour > 23 || minute > 59 || second > 60 || !(1..=366).contains(&day) {
        return None;
    }
    let first = Date::new(i16::try_from(year).ok()?, 1, 1).ok()?;
    let midnight = TimeZone::UTC.to_timestamp(first.at(0, 0, 0, 0)).ok()?;
    let hours = (i64::from(day) - 1) * 24 + i64::from(hour);
    let seconds = (hours * 60 + i64::from(minute)) * 60 + i64::from(second);
    midnight
        .checked_add(SignedDuration::from_secs(seconds))
        .ok()
}

impl Record {
    /// Seconds from one sample to the next.
    #[must_use]
    pub fn step_s(&self) -> f64 {
        1.0 / self.sample_rate_hz
    }

    /// Reads a record.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, Fault> {
        if bytes.starts_with(b"MS\x03") {
            return read_3(bytes);
        }
        if !begins(bytes) || bytes.len() < HEADER_2 {
            return Err(frame_fault("no header of a data record"));
        }
        read_2(bytes)
    }
}

fn read_2(bytes: &[u8]) -> Result<Record, Fault> {
    let cut_short = || frame_fault("the record is cut short");
    let header = Header2::of(bytes).ok_or_else(cut_short)?;
    let told = header.blockettes(bytes)?.ok_or_else(cut_short)?;
    if bytes.len() < 1 << told.exponent {
        return Err(cut_short());
    }
    let wrong_time = || Fault::new(RejectionClass::Time, "the start of the record is no time");
    let payload = bytes.get(usize::from(header.short(44)).max(HEADER_2)..);
    let payload = payload.unwrap_or_default();
    let count = usize::from(header.short(30));
    let record = Record {
        network: header.text(18, 2),
        station: header.text(8, 5),
        location: header.text(13, 2),
        channel: header.text(15, 3),
        started_at: header
            .started_at(told.microseconds)
            .ok_or_else(wrong_time)?,
        sample_rate_hz: told
            .sample_rate_hz
            .unwrap_or_else(|| header.sample_rate_hz()),
        samples: samples(told.encoding, payload, count, told.big)?,
        text: text(told.encoding, payload, count),
        encoding: told.encoding,
        version: 2,
        timing_quality_percent: told.timing_quality_percent,
    };
    Ok(record)
}

fn read_3(bytes: &[u8]) -> Result<Record, Fault> {
    let cut_short = || frame_fault("the record is cut short");
    let length = length_3(bytes)?.ok_or_else(cut_short)?;
    let bytes = bytes.get(..length).ok_or_else(cut_short)?;
    check_crc(bytes)?;
    let identifier_end = HEADER_3 + usize::from(bytes[33]);
    let extra = usize::from(u16::from_le_bytes([bytes[34], bytes[35]]));
    let payload = &bytes[identifier_end + extra..];
    let number = |at| long(bytes, at, false).unwrap_or_default();
    let wrong_time = || Fault::new(RejectionClass::Time, "the start of the record is no time");
    let day = short(bytes, 10, false).unwrap_or_default();
    let year = short(bytes, 8, false).unwrap_or_default();
    let start = instant(year, day, [bytes[12], bytes[13], bytes[14]]).ok_or_else(wrong_time)?;
    let nanoseconds = SignedDuration::from_nanos(i64::from(number(4)));
    let rate = f64::from_bits(u64::from(number(20)) << 32 | u64::from(number(16)));
    let encoding = bytes[15];
    // Compressed samples are big-endian in this version, all others little-endian.
    let big = matches!(encoding, 10 | 11);
    let count = usize::try_from(number(24)).unwrap_or(usize::MAX);
    let identifier = String::from_utf8_lossy(&bytes[HEADER_3..identifier_end]).into_owned();
    let [network, station, location, channel] = source(&identifier)?;
    Ok(Record {
        network,
        station,
        location,
        channel,
        started_at: start.checked_add(nanoseconds).map_err(|_| wrong_time())?,
        sample_rate_hz: if rate < 0.0 { -1.0 / rate } else { rate },
        samples: samples(encoding, payload, count, big)?,
        text: text(encoding, payload, count),
        encoding,
        version: 3,
        timing_quality_percent: None,
    })
}

/// `FDSN:NET_STA_LOC_BAND_SOURCE_SUBSOURCE` (FDSN Source Identifiers 1.0).
fn source(identifier: &str) -> Result<[String; 4], Fault> {
    let parts: Vec<&str> = identifier
        .strip_prefix("FDSN:")
        .unwrap_or_default()
        .split('_')
        .collect();
    let &[network, station, location, band, source, subsource] = parts.as_slice() else {
        let wanted = "an identifier such as FDSN:UA_MALYN__B_H_Z is expected";
        return Err(Fault::field(
            RejectionClass::Value,
            "identifier",
            identifier,
            wanted,
        ));
    };
    let channel = format!("{band}{source}{subsource}");
    Ok([
        network.to_owned(),
        station.to_owned(),
        location.to_owned(),
        channel,
    ])
}

/// CRC-32C (Castagnoli, reflected) of the record with its own field as zeros.
fn check_crc(bytes: &[u8]) -> Result<(), Fault> {
    let stated = long(bytes, 28, false).unwrap_or_default();
    let computed = crc(bytes);
    if stated == computed {
        return Ok(());
    }
    let reason = format!("checksum {stated:08X}, computed {computed:08X}");
    Err(Fault::new(RejectionClass::Checksum, reason))
}

pub(super) fn crc(bytes: &[u8]) -> u32 {
    let zeroed = |(at, byte): (usize, &u8)| if (28..32).contains(&at) { 0 } else { *byte };
    !bytes
        .iter()
        .enumerate()
        .map(zeroed)
        .fold(u32::MAX, |crc, byte| {
            (0..8).fold(crc ^ u32::from(byte), |crc, _| {
                crc >> 1 ^ if crc & 1 == 1 { 0x82F6_3B78 } else { 0 }
            })
        })
}

/// The samples of a payload (SEED, blockette 1000, field 3).
fn samples(encoding: u8, payload: &[u8], count: usize, big: bool) -> Result<Vec<f64>, Fault> {
    if count > SAMPLES_MAX {
        let reason = format!("{count} samples, {SAMPLES_MAX} fit");
        return Err(Fault::new(RejectionClass::Range, reason));
    }
    if count == 0 {
        return Ok(Vec::new());
    }
    let level = match encoding {
        10 => Some(Level::One),
        11 => Some(Level::Two),
        _ => None,
    };
    if let Some(level) = level {
        let samples = steim::unpack(level, payload, count, big)?;
        return Ok(samples.into_iter().map(f64::from).collect());
    }
    let size = match encoding {
        TEXT => 1,
        1 | 13 | 14 | 16 | 30 | 32 => 2,
        2 | 12 => 3,
        3 | 4 => 4,
        5 => 8,
        _ => {
            let reason = format!("samples of encoding {encoding} are not read");
            return Err(Fault::new(RejectionClass::Version, reason));
        }
    };
    let bytes = payload.get(..count * size).ok_or_else(|| {
        let reason = format!("{} bytes for {count} samples", payload.len());
        Fault::new(RejectionClass::PayloadLength, reason)
    })?;
    if encoding == TEXT {
        return Ok(Vec::new());
    }
    let sample = |bytes: &[u8]| sample(encoding, bytes, big).filter(|sample| sample.is_finite());
    let samples: Option<Vec<f64>> = bytes.chunks_exact(size).map(sample).collect();
    samples.ok_or_else(|| Fault::new(RejectionClass::Number, "a sample is no finite number"))
}

/// One sample that is not compressed; `None` when its bits mean none.
fn sample(encoding: u8, bytes: &[u8], big: bool) -> Option<f64> {
    let word = || short(bytes, 0, big);
    Some(match encoding {
        2 | 12 => {
            let [a, b, c] = *bytes.first_chunk()?;
            let high = if big { [a, b, c, 0] } else { [c, b, a, 0] };
            f64::from(i32::from_be_bytes(high) >> 8)
        }
        3 => f64::from(long(bytes, 0, big)?.cast_signed()),
        4 => f64::from(f32::from_bits(long(bytes, 0, big)?)),
        5 => {
            let [high, low] = if big { [0, 4] } else { [4, 0] };
            let part = |at| long(bytes, at, big).map(u64::from);
            f64::from_bits(part(high)? << 32 | part(low)?)
        }
        13 => gain::geoscope(word()?, 3),
        14 => gain::geoscope(word()?, 4),
        16 => gain::cdsn(word()?),
        30 => return gain::sro(word()?),
        _ => f64::from(word()?.cast_signed()),
    })
}

/// The text of a record that holds one; its samples are bytes.
fn text(encoding: u8, payload: &[u8], count: usize) -> String {
    match (encoding, payload.get(..count)) {
        (TEXT, Some(text)) => String::from_utf8_lossy(text).into_owned(),
        _ => String::new(),
    }
}
