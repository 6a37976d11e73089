//! Remote ID as text, one broadcast a line: the transmitter's address where the receiver knows it,
//! a blank, and the message or pack of ASTM F3411 as hexadecimal digits.
//!
//! ```text
//! 60:60:1F:AA:BB:CC F219020212313538314634…
//! 1220B40A7E…
//! ```

use truce_core::Observation;

use super::{Numbers, flight, remote_id, say};
use crate::decoder::{Decoded, Job, Reader};
use crate::fault::{Fault, RejectionClass, Unencodable};
use crate::hexadecimal;

/// Reads the broadcasts of one receiver.
#[derive(Debug, Default)]
pub(crate) struct Broadcasts(Numbers);

impl Reader for Broadcasts {
    fn read(&mut self, job: &Job<'_>, out: &mut Decoded) -> Result<(), Fault> {
        let Some(line) = job.text()? else {
            return Ok(());
        };
        let (transmitter, digits) = line.rsplit_once([' ', ',']).unwrap_or(("", line));
        let fault = || Fault::new(RejectionClass::Frame, "no hexadecimal digits");
        let bytes = hexadecimal::bytes(digits).ok_or_else(fault)?;
        for (index, message) in (0..).zip(remote_id::messages(&bytes)?) {
            let mut read = remote_id::read(message, job.receipt.received_at);
            if let Some(number) = &read.number {
                self.0.remember(transmitter, number);
            }
            if !transmitter.is_empty() {
                read.sheet.set("transmitter", transmitter);
            }
            let sheet = read.sheet;
            out.sheet(|| sheet);
            if let Some(found) = read.whereabouts {
                say(found, self.0.of(transmitter), index, job, out);
            }
        }
        Ok(())
    }
}

/// Writes a detection with a position as a pack.
///
/// # Errors
/// [`Unencodable`] for other readings and locations.
pub fn encode(observation: &Observation) -> Result<Vec<String>, Unencodable> {
    let (number, found) = flight(observation, "remote-id")?;
    Ok(vec![hexadecimal::text(&remote_id::pack(number, &found))])
}
