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

/// Bits of a packet's second byte: it came damaged, and a unit begins in it (2.4.3.2).
const TRANSPORT_ERROR: u8 = 0x80;
const UNIT_START: u8 = 0x40;

/// Synchronous metadata have such a head before each unit (ST 1402, 9.4.1).
const CELL_HEAD_BYTES: usize = 5;

/// Longest unit of metadata, bytes.
const UNIT_BYTES_MAX: usize = 64 * 1024;

/// Cuts packets of 188 bytes. One that is cut short is told by what follows: the next packet begins
/// where another stands a packet's length behind.
pub(crate) fn cut(bytes: &[u8]) -> Cut {
    if bytes[0] != SYNC {
        let next = bytes.iter().position(|byte| *byte == SYNC);
        return Cut::Message(next.unwrap_or(bytes.len()));
    }
    if bytes.len() < PACKET_BYTES {
        return Cut::More;
    }
    let sync = |at: usize| bytes.get(at).is_none_or(|byte| *byte == SYNC);
    if sync(PACKET_BYTES) {
        return Cut::Message(PACKET_BYTES);
    }
    let mut places = 1..PACKET_BYTES;
    let next = places.find(|at| bytes[*at] == SYNC && sync(at + PACKET_BYTES));
    Cut::Message(next.unwrap_or(PACKET_BYTES))
}

/// Puts metadata together from the packets of one stream.
#[derive(Debug, Default)]
pub(crate) struct Stream {
    units: BTreeMap<u16, Unit>,
}

/// What came of an elementary stream's packet that may be metadata.
#[derive(Debug, Default)]
struct Unit {
    bytes: Vec<u8>,
    /// Continuity counter of the last packet of the transport stream.
    counter: u8,
    /// True once its head was read and what follows is KLV.
    opened: bool,
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
        if high & TRANSPORT_ERROR != 0 {
            return Err(fault("the packet is marked as damaged"));
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
        let counter = control & 0xF;
        // A packet may be sent twice, the second time with the same counter (2.4.3.3). One that
        // begins a unit behind a whole unit is another, since units are written alone too.
        let begins = high & UNIT_START != 0;
        let twice = self
            .units
            .get(&stream)
            .is_some_and(|unit| unit.counter == counter && !(begins && unit.bytes.is_empty()));
        if twice {
            return Ok(());
        }
        if begins {
            let done = self.units.remove(&stream);
            self.begin(stream, counter, payload);
            if let Some(unit) = done.filter(|unit| unit.opened && !unit.bytes.is_empty()) {
                let left = unit.bytes.len();
                self.packets(stream, job, out)?;
                return Err(fault(&format!("{left} bytes of metadata have no end")));
            }
        } else if let Some(unit) = self.units.get_mut(&stream) {
            if counter != (unit.counter + 1) & 0xF {
                self.units.remove(&stream);
                return Err(fault("packets between this one and the last are missing"));
            }
            unit.counter = counter;
            let room = UNIT_BYTES_MAX.saturating_sub(unit.bytes.len());
            unit.bytes
                .extend_from_slice(&payload[..payload.len().min(room)]);
        }
        self.packets(stream, job, out)
    }
}

/// What the bytes of a unit begin with.
enum Opening {
    /// KLV behind so many bytes.
    Metadata(usize),
    /// Nothing that is read here.
    Other,
    /// More bytes must tell.
    Unclear,
}

/// Looks for KLV behind the head of a packetised elementary stream (2.4.3.6).
fn opening(bytes: &[u8]) -> Opening {
    let prefix = [0, 0, 1];
    let there = bytes.len().min(prefix.len());
    let private = bytes.get(3).is_none_or(|kind| matches!(kind, 0xBD | 0xFC));
    if bytes[..there] != prefix[..there] || !private {
        return Opening::Other;
    }
    let Some(head) = bytes.get(8) else {
        return Opening::Unclear;
    };
    let start = 9 + usize::from(*head);
    for start in [start, start + CELL_HEAD_BYTES] {
        match bytes.get(start..) {
            Some(content) if content.len() >= LABEL.len() && content.starts_with(&LABEL) => {
                return Opening::Metadata(start);
            }
            Some(content) if content.len() >= LABEL.len() => {}
            _ => return Opening::Unclear,
        }
    }
    Opening::Other
}

impl Stream {
    /// Begins a unit of an elementary stream.
    fn begin(&mut self, stream: u16, counter: u8, payload: &[u8]) {
        if matches!(opening(payload), Opening::Other) {
            return;
        }
        if self.units.len() >= STREAMS_MAX {
            self.units.pop_first();
        }
        let unit = Unit {
            bytes: payload.to_vec(),
            counter,
            opened: false,
        };
        self.units.insert(stream, unit);
    }

    /// Reads the KLV packets that are complete.
    fn packets(&mut self, stream: u16, job: &Job<'_>, out: &mut Decoded) -> Result<(), Fault> {
        let Some(unit) = self.units.get_mut(&stream) else {
            return Ok(());
        };
        if !unit.opened {
            match opening(&unit.bytes) {
                Opening::Unclear => return Ok(()),
                Opening::Metadata(start) => drop(unit.bytes.drain(..start)),
                Opening::Other => {
                    self.units.remove(&stream);
                    return Ok(());
                }
            }
            unit.opened = true;
        }
        while !unit.bytes.is_empty() {
            // Each of several cells has a head of its own.
            let cell = unit.bytes.get(CELL_HEAD_BYTES..);
            if cell.is_some_and(|cell| cell.starts_with(&LABEL)) && !unit.bytes.starts_with(&LABEL)
            {
                unit.bytes.drain(..CELL_HEAD_BYTES);
            }
            let there = unit.bytes.len().min(LABEL.len());
            if unit.bytes[..there] != LABEL[..there] {
                let unclear = unit.bytes.len() < CELL_HEAD_BYTES + LABEL.len();
                if !unclear {
                    unit.bytes.clear();
                }
                return Ok(());
            }
            let Cut::Message(length) = super::cut(&unit.bytes) else {
                return Ok(());
            };
            let length = length.min(unit.bytes.len());
            let bytes: Vec<u8> = unit.bytes.drain(..length).collect();
            packet(&bytes, job, out)?;
        }
        Ok(())
    }
}

/// Writes a detection as packets of one stream with asynchronous metadata.
///
/// # Errors
/// [`Unencodable`] for other readings and locations.
pub fn encode(observation: &Observation) -> Result<Vec<Vec<u8>>, Unencodable> {
    Ok(packets(&super::encode(observation)?.concat()))
}

/// A unit of private data as packets of one stream.
pub(super) fn packets(content: &[u8]) -> Vec<Vec<u8>> {
    let length = content.len() + 3;
    // A length of zero says that it is not stated, where it is too long (2.4.3.7).
    let [high, low] = u16::try_from(length).unwrap_or(0).to_be_bytes();
    let mut unit = vec![0, 0, 1, 0xBD, high, low, 0x80, 0, 0];
    unit.extend(content);
    let mut packets = Vec::new();
    let mut rest = &unit[..];
    while !rest.is_empty() {
        let index = packets.len();
        // Units are written alone, so the first packet's field says that its counter follows no
        // other (2.4.3.5, discontinuity indicator).
        let field_bytes = if index == 0 { 2 } else { 0 };
        let (part, after) = rest.split_at(rest.len().min(PACKET_BYTES - 4 - field_bytes));
        rest = after;
        let (begins, flags) = if index == 0 {
            (UNIT_START, 0x80)
        } else {
            (0, 0)
        };
        let counter = (index & 0xF) as u8;
        let mut packet = vec![SYNC, begins | 1, 0];
        let stuffing = PACKET_BYTES - 4 - part.len();
        if stuffing == 0 {
            packet.push(0x10 | counter);
        } else {
            // An adaptation field fills what is left.
            packet.extend([0x30 | counter, (stuffing - 1) as u8]);
            packet.extend(std::iter::repeat_n(flags, usize::from(stuffing > 1)));
            packet.extend(std::iter::repeat_n(0xFF, stuffing.saturating_sub(2)));
        }
        packet.extend(part);
        packets.push(packet);
    }
    packets
}
