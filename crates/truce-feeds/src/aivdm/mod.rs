//! AIS in NMEA 0183 sentences.

use truce_core::{Observation, RawMessage};

use crate::decoder::{Decoded, Receipt};
use crate::fault::{Fault, RejectionClass, Unencodable};
use crate::origin::Origin;

/// What is remembered between the sentences of one feed.
#[derive(Debug, Default)]
pub(crate) struct Sentences;

impl Sentences {
    pub(crate) fn decode(&mut self, message: &RawMessage, origin: &Origin, out: &mut Decoded) {
        let fault = Fault::new(RejectionClass::MessageType, "no message type is read yet");
        out.rejections
            .push(Receipt::of(message).reject(&origin.feed, fault));
    }

    pub(crate) fn finish(&mut self, _origin: &Origin, _out: &mut Decoded) {}
}

/// Writes a vessel's report as sentences with a TAG block.
///
/// # Errors
/// [`Unencodable`] for other readings.
pub fn encode(_observation: &Observation) -> Result<Vec<String>, Unencodable> {
    Err(Unencodable::new("aivdm", "no message type is written yet"))
}
