//! Writes records of miniSEED 2 (SEED Reference Manual v2.4, chapter 8).

use jiff::tz::TimeZone;
use truce_core::Timestamp;
use truce_core::time::SignedDuration;

use super::record::Record;
use super::steim;

/// Bytes of a record as [`write()`] makes it: what data centres exchange.
const WRITTEN_BYTES: usize = 512;

/// Where the samples of a written record begin: behind header and blockette 1000.
const WRITTEN_DATA_AT: usize = 64;

/// Writes whole numbers as records of 512 bytes, version 2.4, Steim-2, big-endian. Times are rounded
/// to 0.0001 s. `None` for what such records cannot hold: differences of more than 30 bits, sample
/// rates that are no whole number from 1 to 32,767, times out of range.
#[must_use]
pub fn write(record: &Record, samples: &[i32]) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let (mut done, mut number) = (0, 1_u32);
    let rate = record.sample_rate_hz;
    let factor = (1..=i16::MAX).find(|factor| f64::from(*factor) == rate)?;
    while done < samples.len() {
        let frames_max = (WRITTEN_BYTES - WRITTEN_DATA_AT) / steim::FRAME_BYTES;
        let (frames, packed) = steim::pack(&samples[done..], frames_max)?;
        let after = SignedDuration::try_from_secs_f64(done as f64 / rate).ok()?;
        let start = record.started_at.checked_add(after).ok()?;
        let head = write_header(record, start, number, u16::try_from(packed).ok()?, factor)?;
        out.extend(head);
        out.extend(&frames);
        out.resize(out.len().next_multiple_of(WRITTEN_BYTES), 0);
        (done, number) = (done + packed, number + 1);
    }
    Some(out)
}

fn write_header(
    record: &Record,
    start: Timestamp,
    number: u32,
    count: u16,
    factor: i16,
) -> Option<[u8; WRITTEN_DATA_AT]> {
    let mut head = [0; WRITTEN_DATA_AT];
    let mut put = |at: usize, bytes: &[u8]| head[at..at + bytes.len()].copy_from_slice(bytes);
    // To the step that is written, so that date and fraction round together.
    let steps = (start.as_nanosecond() + 50_000).div_euclid(100_000);
    let start = Timestamp::from_nanosecond(steps * 100_000).ok()?;
    let time = TimeZone::UTC.to_datetime(start);
    put(0, format!("{:06}D ", number % 1_000_000).as_bytes());
    put(8, format!("{:5.5}", record.station).as_bytes());
    put(13, format!("{:2.2}", record.location).as_bytes());
    put(15, format!("{:3.3}", record.channel).as_bytes());
    put(18, format!("{:2.2}", record.network).as_bytes());
    put(20, &u16::try_from(time.year()).ok()?.to_be_bytes());
    put(22, &u16::try_from(time.day_of_year()).ok()?.to_be_bytes());
    let clock = [time.hour(), time.minute(), time.second()];
    put(24, &clock.map(i8::cast_unsigned));
    let fraction = u16::try_from(time.subsec_nanosecond() / 100_000).ok()?;
    put(28, &fraction.to_be_bytes());
    put(30, &count.to_be_bytes());
    put(32, &factor.to_be_bytes());
    put(34, &1_i16.to_be_bytes());
    put(39, &[1]);
    put(44, &u16::try_from(WRITTEN_DATA_AT).ok()?.to_be_bytes());
    put(46, &48_u16.to_be_bytes());
    // Blockette 1000: no other follows; Steim-2, big-endian, 2⁹ bytes.
    put(48, &1000_u16.to_be_bytes());
    put(52, &[11, 1, 9]);
    Some(head)
}
