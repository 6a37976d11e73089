//! Frames as hexadecimal text, one a line, as AVR receivers wrote them and dump1090 serves them on
//! port 30002.
//!
//! ```text
//! *8D406B9058B975870B738754F480;
//! @016CE3671C748D406B9058B975870B738754F480;      with a counter of 12 MHz
//! <016CE3671C74A08D406B9058B975870B738754F480;    with the signal level too
//! ```
//! A line without marks is a frame too.

use truce_core::Observation;

use super::{Heard, Sky, encode, hear};
use crate::decoder::{Decoded, Job, Reader};
use crate::fault::{Fault, RejectionClass, Unencodable};

/// Longest content, bytes: counter, level and a long frame.
const BYTES_MAX: usize = 6 + 1 + 14;

/// A reply of Mode A or C, which carries no address.
const MODE_AC_BYTES: usize = 2;

/// Reads the lines of one receiver.
#[derive(Debug, Default)]
pub(crate) struct Lines(Sky);

impl Reader for Lines {
    fn read(&mut self, job: &Job<'_>, out: &mut Decoded) -> Result<(), Fault> {
        let line = job.bytes.trim_ascii();
        let (before, digits) = match line.first() {
            None | Some(b'#') => return Ok(()),
            Some(b'*' | b':') => (0, &line[1..]),
            Some(b'@' | b'%') => (6, &line[1..]),
            Some(b'<') => (7, &line[1..]),
            Some(_) => (0, line),
        };
        let digits = digits.strip_suffix(b";").unwrap_or(digits);
        let mut bytes = [0; BYTES_MAX];
        let fault = || Fault::new(RejectionClass::Frame, "no frame in hexadecimal digits");
        let (pairs, []) = digits.as_chunks::<2>() else {
            return Err(fault());
        };
        for (index, pair) in pairs.iter().enumerate() {
            let byte = crate::hexadecimal::byte(*pair).ok_or_else(fault)?;
            *bytes.get_mut(index).ok_or_else(fault)? = byte;
        }
        let frame = bytes[..pairs.len()].get(before..).ok_or_else(fault)?;
        if frame.len() == MODE_AC_BYTES {
            return Ok(());
        }
        let ticks = bytes[..before.min(6)]
            .iter()
            .fold(0, |sum, byte| sum << 8 | u64::from(*byte));
        let heard = Heard {
            at: job.receipt.received_at,
            ticks: (ticks != 0).then_some(ticks),
        };
        hear(&mut self.0, frame, heard, job, out)
    }
}

/// Writes an aircraft's report as lines: an even and an odd position, the velocity, the
/// identification, as far as the report has them.
///
/// # Errors
/// [`Unencodable`] for other readings.
pub fn encode(observation: &Observation) -> Result<Vec<String>, Unencodable> {
    let frames = encode::frames(observation, "avr")?;
    let line = |frame: &[u8; 14]| format!("*{};", crate::hexadecimal::text(frame));
    Ok(frames.iter().map(line).collect())
}
