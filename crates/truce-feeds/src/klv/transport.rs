//! Metadata in an MPEG transport stream (ISO/IEC 13818-1, 2.4.3; MISB ST 1402).
//!
//! A stream is packets of 188 bytes. Those of one number carry parts of a packetised elementary stream;
//! its private data (stream numbers `BD` and `FC`) hold KLV packets. No tables are read: a stream whose
//! payload begins with a KLV key is metadata. Feed the metadata alone where that can be chosen:
//! every packet of a stream is kept as evidence, video too.

use std::collections::BTreeMap;

use truce_core::Observation;

use super::{LABEL, packet};
use crate::decoder::{Decoded, Job, Reader};
use crate::fault::{Fault, RejectionClass, Unencodable};
use crate::framer::Cut;

const PACKET_BYTES: usize = 188;
const SYNC: u8 = 0x47;

/// Most streams that are put together at once; a program has a handful.
const STREAMS_MAX: usize = 32;

/// Longest unit of metadata, bytes.
const UNIT_BYTES_MAX: usize = 64 * 1024;

/// Cuts packets of 188 bytes.
pub(crate) fn cut(bytes: &[u8]) -> Cut {
    if bytes[0] != SYNC {
        let next = bytes.iter().position(|byte| *byte == SYNC);
        return Cut::Message(next.unwrap_or(bytes.len()));
    }
    if bytes.len() < PACKET_BYTES {
        Cut::More
    } else {
        Cut::Message(PACKET_BYTES)
    }
}

/// Puts metadata together from the packets of one stream.
#[derive(Debug, Default)]
pub(crate) struct Stream {
    units: BTreeMap<u16, Vec<u8>>,
}

impl Reader for Stream {
    fn read(&mut self, job: &Job<'_>, out: &mut Decoded) -> Result<(), Fault> {
        let fault = |reason: &str| Fault::new(RejectionClass::Frame, reason);
        let &[SYNC, high, low, control, ref rest @ ..] = job.bytes else {
            return Err(fault("no packet of a transport stream"));
        };
        if job.bytes.len() != PACKET_BYTES {
            return Err(fault("the packet is cut short"));
        }
        let stream = u16::from_be_bytes([high, low]) & 0x1FFF;
        // Adaptation fields come before the payload, which may be absent (2.4.3.4).
        let payload = match control >> 4 & 3 {
            1 => rest,
            3 => rest
                .get(1 + usize::from(rest[0])..)
                .ok_or_else(|| fault("no payload"))?,
            _ => return Ok(()),
        };
        if high & 0x40 != 0 {
            let done = self.units.remove(&stream);
            if let Some(content) = metadata(payload) {
                if self.units.len() >= STREAMS_MAX {
                    self.units.pop_first();
                }
                self.units.insert(stream, content.to_vec());
            }
            if let Some(unit) = done.filter(|unit| !unit.is_empty()) {
                return Err(fault(&format!(
                    "{} bytes of metadata have no end",
                    unit.len()
                )));
            }
        } else if let Some(unit) = self.units.get_mut(&stream) {
            let room = UNIT_BYTES_MAX.saturating_sub(unit.len());
            unit.extend_from_slice(&payload[..payload.len().min(room)]);
        }
        self.packets(stream, job, out)
    }
}

/// The content of a packetised elementary stream that begins here, when it is metadata.
fn metadata(payload: &[u8]) -> Option<&[u8]> {
    let &[0, 0, 1, 0xBD | 0xFC, _, _, _, _, head, ref rest @ ..] = payload else {
        return None;
    };
    let content = rest.get(usize::from(head)..)?;
    // Synchronous metadata have a head of five bytes before each unit (ST 1402, 9.4.1).
    let unit = content.get(5..).filter(|unit| unit.starts_with(&LABEL));
    let plain = Some(content).filter(|content| content.starts_with(&LABEL));
    plain.or(unit)
}

impl Stream {
    /// Reads the KLV packets that are complete.
    fn packets(&mut self, stream: u16, job: &Job<'_>, out: &mut Decoded) -> Result<(), Fault> {
        let Some(unit) = self.units.get_mut(&stream) else {
            return Ok(());
        };
        while !unit.is_empty() && unit.starts_with(&LABEL) {
            let Cut::Message(length) = super::cut(unit) else {
                return Ok(());
            };
            let bytes: Vec<u8> = unit.drain(..length.min(unit.len())).collect();
            packet(&bytes, job, out)?;
        }
        unit.clear();
        Ok(())
    }
}

/// Writes a detection as packets of one stream with asynchronous metadata.
///
/// # Errors
/// [`Unencodable`] for other readings and locations.
pub fn encode(observation: &Observation) -> Result<Vec<Vec<u8>>, Unencodable> {
    let content = super::encode(observation)?.concat();
    let length = content.len() + 3;
    let mut unit = vec![0, 0, 1, 0xBD, (length >> 8) as u8, length as u8, 0x80, 0, 0];
    unit.extend(content);
    let mut packets = Vec::new();
    for (index, part) in unit.chunks(PACKET_BYTES - 4).enumerate() {
        let begins = if index == 0 { 0x40 } else { 0 };
        let counter = (index & 0xF) as u8;
        let mut packet = vec![SYNC, begins | 1, 0];
        let stuffing = PACKET_BYTES - 4 - part.len();
        if stuffing == 0 {
            packet.push(0x10 | counter);
        } else {
            // An adaptation field fills what is left.
            packet.extend([0x30 | counter, (stuffing - 1) as u8]);
            packet.extend(std::iter::repeat_n(0, usize::from(stuffing > 1)));
            packet.extend(std::iter::repeat_n(0xFF, stuffing.saturating_sub(2)));
        }
        packet.extend(part);
        packets.push(packet);
    }
    Ok(packets)
}
