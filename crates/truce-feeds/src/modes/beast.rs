//! The binary format of Mode S Beast receivers, which dump1090 and readsb serve on port 30005.
//!
//! ```text
//! 1A 33 TT TT TT TT TT TT SS DD … DD
//! │  │  │                 │  └ frame: 2 bytes Mode A/C ('1'), 7 ('2') or 14 ('3') bytes Mode S
//! │  │  │                 └ signal level, 0 to 255 of the amplitude
//! │  │  └ counter of 12 MHz
//! │  └ '1', '2', '3'; '4': the receiver's own state
//! └ escape; within a message it stands twice
//! ```

use truce_core::Observation;

use super::{Heard, Sky, encode, hear};
use crate::decoder::{Decoded, Job, Reader};
use crate::fault::{Fault, RejectionClass, Unencodable};
use crate::framer::Cut;

const ESCAPE: u8 = 0x1A;

/// Counter and signal level, bytes.
const HEAD_BYTES: usize = 7;

/// Longest message without its escapes, bytes.
const CONTENT_BYTES_MAX: usize = HEAD_BYTES + 14;

/// Bytes behind the type.
fn content_bytes(kind: u8) -> Option<usize> {
    match kind {
        b'1' => Some(HEAD_BYTES + 2),
        b'2' => Some(HEAD_BYTES + 7),
        b'3' | b'4' => Some(HEAD_BYTES + 14),
        _ => None,
    }
}

/// Cuts at escapes. What begins with none, or ends before its length, is cut off for itself.
pub(crate) fn cut(bytes: &[u8]) -> Cut {
    if bytes[0] != ESCAPE {
        let next = bytes.iter().position(|byte| *byte == ESCAPE);
        return Cut::Message(next.unwrap_or(bytes.len()));
    }
    let Some(&kind) = bytes.get(1) else {
        return Cut::More;
    };
    let Some(mut wanted) = content_bytes(kind) else {
        return Cut::Message(2);
    };
    let mut at = 2;
    while wanted > 0 {
        match (bytes.get(at), bytes.get(at + 1)) {
            (None, _) | (Some(&ESCAPE), None) => return Cut::More,
            (Some(&ESCAPE), Some(&ESCAPE)) => at += 2,
            // Another message begins: this one was cut short.
            (Some(&ESCAPE), Some(_)) => return Cut::Message(at),
            (Some(_), _) => at += 1,
        }
        wanted -= 1;
    }
    Cut::Message(at)
}

/// Reads the messages of one receiver.
#[derive(Debug, Default)]
pub(crate) struct Messages(Sky);

impl Reader for Messages {
    fn read(&mut self, job: &Job<'_>, out: &mut Decoded) -> Result<(), Fault> {
        let fault = |reason: &str| Fault::new(RejectionClass::Frame, reason);
        let &[ESCAPE, kind, ref escaped @ ..] = job.bytes else {
            return Err(fault("no Beast message"));
        };
        let wanted = content_bytes(kind).ok_or_else(|| fault("unknown kind of message"))?;
        let mut content = [0; CONTENT_BYTES_MAX];
        let mut len = 0;
        let mut rest = escaped.iter();
        while let Some(byte) = rest.next() {
            if *byte == ESCAPE && rest.next() != Some(&ESCAPE) {
                return Err(fault("a single escape"));
            }
            *content.get_mut(len).ok_or_else(|| fault("too long"))? = *byte;
            len += 1;
        }
        if len != wanted {
            return Err(fault("cut short"));
        }
        // Replies of Mode A and C carry no address, and state messages nothing of aircraft.
        if matches!(kind, b'1' | b'4') {
            return Ok(());
        }
        let ticks = content[..6]
            .iter()
            .fold(0, |sum, byte| sum << 8 | u64::from(*byte));
        let heard = Heard {
            at: job.receipt.received_at,
            // All zeros and all ones, also with the last bytes "MLAT", mean no counter.
            ticks: (ticks != 0 && ticks >> 32 != 0xFF00).then_some(ticks),
        };
        hear(&mut self.0, &content[HEAD_BYTES..len], heard, job, out)
    }
}

/// Writes an aircraft's report as messages with the counter at zero: an even and an odd position,
/// the velocity, the identification, as far as the report has them.
///
/// # Errors
/// [`Unencodable`] for other readings.
pub fn encode(observation: &Observation) -> Result<Vec<Vec<u8>>, Unencodable> {
    let frames = encode::frames(observation, "beast")?;
    Ok(frames.iter().map(|frame| message(frame, 0, 0xC0)).collect())
}

/// One frame as a message.
#[must_use]
pub fn message(frame: &[u8], ticks: u64, level: u8) -> Vec<u8> {
    let kind = if frame.len() == 7 { b'2' } else { b'3' };
    let mut bytes = vec![ESCAPE, kind];
    let ticks = ticks.to_be_bytes();
    for byte in ticks[2..].iter().chain([&level]).chain(frame) {
        bytes.push(*byte);
        if *byte == ESCAPE {
            bytes.push(ESCAPE);
        }
    }
    bytes
}
