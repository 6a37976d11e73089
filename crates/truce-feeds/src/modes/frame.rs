//! Frames of Mode S: the downlink format, the parity, the address (ICAO Annex 10, volume IV,
//! 3.1.2.3; RTCA DO-260B, 2.2.3.2 for formats 17 and 18).
//!
//! | format | bits | what | address |
//! |---|---|---|---|
//! | 0, 16 | 56, 112 | air-air surveillance | in the parity |
//! | 4, 20 | 56, 112 | altitude reply, with Comm-B | in the parity |
//! | 5, 21 | 56, 112 | identity reply, with Comm-B | in the parity |
//! | 11 | 56 | all-call reply | bits 9–32 |
//! | 17, 18 | 112 | extended squitter (ADS-B, TIS-B) | bits 9–32 |
//! | 19 | 112 | military extended squitter | – |
//! | 24–31 | 112 | Comm-D | in the parity |

use crate::fault::{Fault, RejectionClass};

/// Longest frame, bytes.
pub(super) const LONG_BYTES: usize = 14;

/// Shortest frame, bytes.
pub(super) const SHORT_BYTES: usize = 7;

/// Generator of the parity without its leading bit: x²⁴ + x²³ + … + x¹⁰ + x³ + 1 (Annex 10, volume
/// IV, 3.1.2.3.3.1.2).
const GENERATOR: u32 = 0xFF_F409;

/// Remainder of each byte value shifted by 24 bits.
const REMAINDERS: [u32; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let mut remainder = (byte as u32) << 16;
        let mut bit = 0;
        while bit < 8 {
            let carry = remainder & 0x80_0000 != 0;
            remainder = (remainder << 1) & 0xFF_FFFF;
            if carry {
                remainder ^= GENERATOR;
            }
            bit += 1;
        }
        table[byte] = remainder;
        byte += 1;
    }
    table
};

/// The parity of some bytes.
pub(super) fn parity(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0, |remainder, byte| {
        let top = (remainder >> 16) as u8 ^ byte;
        (remainder << 8) & 0xFF_FFFF ^ REMAINDERS[usize::from(top)]
    })
}

/// A frame whose length fits its format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Frame<'a> {
    pub(super) bytes: &'a [u8],
    /// Downlink format, 0 to 24.
    pub(super) format: u8,
    /// The address that it states, or for others what its parity leaves.
    pub(super) icao: u32,
    /// True when the parity proves the frame; false where the address itself lies in the parity.
    pub(super) proven: bool,
    /// Interrogator whose code is laid over the parity of an all-call reply.
    pub(super) interrogator: u32,
}

/// Number of bits of the interrogator's code (3.1.2.3.3.2).
const INTERROGATOR_MASK: u32 = 0x7F;

impl<'a> Frame<'a> {
    /// The three bits behind the format: capability, or of format 18 the control field.
    pub(super) fn control(&self) -> u8 {
        self.bytes[0] & 7
    }

    /// Reads a frame.
    pub(super) fn read(bytes: &'a [u8]) -> Result<Self, Fault> {
        let first = bytes.first().copied().unwrap_or(0);
        let format = (first >> 3).min(24);
        let wanted = if format < 16 { SHORT_BYTES } else { LONG_BYTES };
        if bytes.len() != wanted {
            let reason = format!("{} bytes, format {format} has {wanted}", bytes.len());
            return Err(Fault::new(RejectionClass::PayloadLength, reason));
        }
        let (body, sum) = bytes.split_at(wanted - 3);
        let remainder = parity(body) ^ number(sum);
        let stated = number(&bytes[1..4]);
        let wrong = || {
            let reason = format!("the parity leaves {remainder:06X}");
            Fault::new(RejectionClass::Checksum, reason)
        };
        match format {
            17 | 18 if remainder != 0 => Err(wrong()),
            11 if remainder & !INTERROGATOR_MASK != 0 => Err(wrong()),
            11 | 17 | 18 => Ok(Self {
                bytes,
                format,
                icao: stated,
                proven: true,
                interrogator: remainder,
            }),
            0 | 4 | 5 | 16 | 20 | 21 | 24 => Ok(Self {
                bytes,
                format,
                icao: remainder,
                proven: false,
                interrogator: 0,
            }),
            _ => {
                let reason = format!("downlink format {format} is not defined for civil use");
                Err(Fault::new(RejectionClass::MessageType, reason))
            }
        }
    }

    /// Bits of the frame, counted from 1 as the standard does, both ends included; at most 56.
    pub(super) fn bits(&self, first: usize, last: usize) -> u64 {
        bits(self.bytes, first, last)
    }

    /// The message field of an extended squitter or Comm-B reply, 56 bits.
    pub(super) fn message(&self) -> [u8; 7] {
        let mut message = [0; 7];
        message.copy_from_slice(&self.bytes[4..11]);
        message
    }
}

/// Big-endian number of at most eight bytes.
pub(super) fn number(bytes: &[u8]) -> u32 {
    bytes
        .iter()
        .fold(0, |sum, byte| sum << 8 | u32::from(*byte))
}

/// Bits counted from 1, both ends included; at most 56.
pub(super) fn bits(bytes: &[u8], first: usize, last: usize) -> u64 {
    let (start, end) = ((first - 1) / 8, last.div_ceil(8));
    let word = bytes[start..end]
        .iter()
        .fold(0_u64, |word, byte| word << 8 | u64::from(*byte));
    let length = last + 1 - first;
    (word >> (8 * end - last)) & (u64::MAX >> (64 - length))
}

/// Appends the parity to the body of an extended squitter.
pub(super) fn seal(body: [u8; LONG_BYTES - 3]) -> [u8; LONG_BYTES] {
    let mut frame = [0; LONG_BYTES];
    frame[..11].copy_from_slice(&body);
    frame[11..].copy_from_slice(&parity(&body).to_be_bytes()[1..]);
    frame
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parity_and_address() {
        let good = [
            0x8D, 0x40, 0x6B, 0x90, 0x58, 0xB9, 0x75, 0x87, 0x0B, 0x73, 0x87, 0x54, 0xF4, 0x80,
        ];
        let frame = Frame::read(&good).unwrap();
        assert_eq!(
            (frame.format, frame.icao, frame.proven),
            (17, 0x40_6B90, true)
        );
        assert_eq!(frame.bits(33, 37), 11);
        let body: [u8; 11] = good[..11].try_into().unwrap();
        assert_eq!(seal(body), good);
        for at in 0..good.len() * 8 {
            let mut bad = good;
            bad[at / 8] ^= 0x80 >> (at % 8);
            if bad[0] >> 3 == 17 {
                assert!(Frame::read(&bad).is_err(), "bit {at}");
            }
        }
        assert!(Frame::read(&good[..7]).is_err());
        assert!(Frame::read(&[]).is_err());
        // An altitude reply of the same chapter: DF 4, address in the parity.
        let reply = [0x20, 0x00, 0x17, 0x18, 0x02, 0x99, 0x15];
        assert!(!Frame::read(&reply).unwrap().proven);
    }
}
