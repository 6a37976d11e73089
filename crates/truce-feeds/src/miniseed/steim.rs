//! Steim's compression: differences of samples in frames of 64 bytes, as few bits each as they need
//! (SEED Reference Manual v2.4, appendix B).
//!
//! ```text
//! frame    word 0: sixteen codes of two bits, one for each word, the first for itself
//!          of the first frame word 1: first sample, word 2: last sample
//! code     Steim-1              Steim-2, by the two highest bits of the word
//!  0       no differences       the same
//!  1       4 of 8 bits          the same
//!  2       2 of 16 bits         1: 1 of 30    2: 2 of 15    3: 3 of 10
//!  3       1 of 32 bits         0: 5 of 6     1: 6 of 5     2: 7 of 4
//! ```

use crate::fault::{Fault, RejectionClass};

/// Bytes of a frame.
pub(super) const FRAME_BYTES: usize = 64;

/// Words of a frame.
const FRAME_WORDS: usize = 16;

/// Which of the two ways of packing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Level {
    One,
    Two,
}

/// How many differences of how many bits a word holds.
fn packing(level: Level, code: u32, word: u32) -> Option<(u32, u32)> {
    Some(match (level, code, word >> 30) {
        (_, 0, _) => (0, 0),
        (_, 1, _) => (4, 8),
        (Level::One, 2, _) => (2, 16),
        (Level::One, 3, _) => (1, 32),
        (Level::Two, 2, 1) => (1, 30),
        (Level::Two, 2, 2) => (2, 15),
        (Level::Two, 2, 3) => (3, 10),
        (Level::Two, 3, 0) => (5, 6),
        (Level::Two, 3, 1) => (6, 5),
        (Level::Two, 3, 2) => (7, 4),
        _ => return None,
    })
}

fn fault(reason: impl Into<String>) -> Fault {
    Fault::new(RejectionClass::Payload, reason)
}

/// The differences of a word as if it were big-endian. In a little-endian record only what is longer
/// than a byte is turned round: bytes stand in their order, and so do the two halves.
fn in_order(bytes: [u8; 4], level: Level, code: u32, big: bool) -> u32 {
    let [a, b, c, d] = bytes;
    match (level, code) {
        (_, 1) => u32::from_be_bytes(bytes),
        (Level::One, 2) if !big => u32::from_be_bytes([b, a, d, c]),
        _ if big => u32::from_be_bytes(bytes),
        _ => u32::from_le_bytes(bytes),
    }
}

/// Unpacks `count` samples of a record whose words are big-endian or not.
pub(super) fn unpack(
    level: Level,
    payload: &[u8],
    count: usize,
    big: bool,
) -> Result<Vec<i32>, Fault> {
    let word = if big {
        u32::from_be_bytes
    } else {
        u32::from_le_bytes
    };
    let (frames, _) = payload.as_chunks::<FRAME_BYTES>();
    let mut differences = Vec::with_capacity(count.min(payload.len() * 2));
    let mut ends = None;
    for (number, frame) in frames.iter().enumerate() {
        let (words, _) = frame.as_chunks::<4>();
        let codes = word(words[0]);
        for (at, bytes) in words.iter().enumerate().skip(1) {
            if number == 0 && at <= 2 {
                continue;
            }
            let code = codes >> (30 - 2 * at) & 3;
            let value = in_order(*bytes, level, code, big);
            let (fields, bits) = packing(level, code, value)
                .ok_or_else(|| fault(format!("word {at} of frame {number} is packed in no way")))?;
            for field in (0..fields).rev() {
                let shift = 32 - bits;
                let raised = value << (shift - field * bits);
                differences.push(raised.cast_signed() >> shift);
            }
        }
        if number == 0 {
            ends = Some((word(words[1]).cast_signed(), word(words[2]).cast_signed()));
        }
        if differences.len() >= count {
            break;
        }
    }
    let (first, last) = ends.ok_or_else(|| fault("no frame of compressed samples"))?;
    if differences.len() < count {
        let found = differences.len();
        return Err(fault(format!("{found} differences for {count} samples")));
    }
    // The first difference is to the last sample of the record before.
    let mut samples = Vec::with_capacity(count);
    let mut sample = first;
    for (at, difference) in differences.into_iter().take(count).enumerate() {
        if at > 0 {
            sample = sample.wrapping_add(difference);
        }
        samples.push(sample);
    }
    match samples.last() {
        Some(found) if *found != last => {
            Err(fault(format!("the last sample is {found}, stated {last}")))
        }
        _ => Ok(samples),
    }
}

/// Ways of packing from the densest on: differences, bits, code, and the two highest bits.
const PACKINGS: [(usize, u32, u32, u32); 7] = [
    (7, 4, 3, 2),
    (6, 5, 3, 1),
    (5, 6, 3, 0),
    (4, 8, 1, 0),
    (3, 10, 2, 3),
    (2, 15, 2, 2),
    (1, 30, 2, 1),
];

/// Packs as many samples as frames hold, as Steim-2, big-endian; gives the frames and how many
/// samples are in them. `None` when a difference has more than 30 bits.
pub(super) fn pack(samples: &[i32], frames_max: usize) -> Option<(Vec<u8>, usize)> {
    let first = *samples.first()?;
    let difference = |at: usize| match at.checked_sub(1) {
        None => 0,
        Some(before) => i64::from(samples[at]) - i64::from(samples[before]),
    };
    let fits = |value: i64, bits: u32| (-(1 << (bits - 1))..1 << (bits - 1)).contains(&value);
    let mut frames: Vec<[u32; FRAME_WORDS]> = Vec::new();
    let mut done = 0;
    while done < samples.len() && frames.len() < frames_max {
        let mut frame = [0; FRAME_WORDS];
        let from = if frames.is_empty() { 3 } else { 1 };
        for at in from..FRAME_WORDS {
            let left = samples.len() - done;
            if left == 0 {
                break;
            }
            let way = PACKINGS.iter().find(|(count, bits, ..)| {
                *count <= left && (done..done + count).all(|at| fits(difference(at), *bits))
            });
            let (count, bits, code, mark) = *way?;
            let mut word = if code == 1 { 0 } else { mark };
            for at in done..done + count {
                let mask = u32::MAX >> (32 - bits);
                let low = u32::try_from(difference(at).rem_euclid(1 << 32)).ok()?;
                word = word << bits | low & mask;
            }
            // Between the mark and the differences lie unused bits.
            if code != 1 {
                let used = bits * u32::try_from(count).ok()?;
                let differences = word & (u32::MAX >> (32 - used));
                word = mark << 30 | differences;
            }
            frame[at] = word;
            frame[0] |= code << (30 - 2 * at);
            done += count;
        }
        frames.push(frame);
    }
    frames[0][1] = first.cast_unsigned();
    frames[0][2] = samples[done - 1].cast_unsigned();
    let bytes = frames.iter().flatten().flat_map(|word| word.to_be_bytes());
    Some((bytes.collect(), done))
}
