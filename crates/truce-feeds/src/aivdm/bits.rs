//! The bits of an AIS message: out of and into the armour of a sentence, fields by their first bit
//! and length, and the standard's six-bit text.

use crate::fault::{Fault, RejectionClass};

/// Longest message taken, bits. The standard ends at five slots (1,008 bits, M.1371-5 Annex 2,
/// 3.2.2.11); nine sentences of the longest payload (NMEA 0183, 82 characters) give 3,348.
pub(crate) const MESSAGE_BITS_MAX: usize = 3_360;

const MESSAGE_BYTES_MAX: usize = MESSAGE_BITS_MAX / 8;

/// A field is read through a window of eight bytes, which may reach beyond the message's end.
const WINDOW_BYTES: usize = 8;

/// The six bits that each character stands for (NMEA 0183, symbol table for encapsulation): 0x30 to
/// 0x57 for 0 to 39, 0x60 to 0x77 for 40 to 63; 255 for characters that stand for nothing.
const SIX_BITS: [u8; 256] = {
    let mut table = [255; 256];
    let mut six = 0;
    while six < 64 {
        let character = if six < 40 { six + 0x30 } else { six + 0x38 };
        table[character as usize] = six;
        six += 1;
    }
    table
};

fn unknown_character(characters: &[u8]) -> Fault {
    let unknown = |character: &&u8| SIX_BITS[usize::from(**character)] > 63;
    let shown = characters.iter().find(unknown).copied().unwrap_or_default();
    let reason = format!("the payload holds 0x{shown:02X}");
    Fault::new(RejectionClass::Payload, reason)
}

/// A field of a message.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Field {
    /// Its first bit, counted from 0.
    pub(crate) start: usize,
    /// Its length, bits; at most 56 for a number.
    pub(crate) bits: usize,
}

/// The field that begins at a bit and has a length.
pub(crate) const fn field(start: usize, bits: usize) -> Field {
    Field { start, bits }
}

/// The bits of one message.
#[derive(Debug, Clone)]
pub(crate) struct Bits {
    bytes: [u8; MESSAGE_BYTES_MAX + WINDOW_BYTES],
    len: usize,
}

impl Default for Bits {
    fn default() -> Self {
        Self {
            bytes: [0; MESSAGE_BYTES_MAX + WINDOW_BYTES],
            len: 0,
        }
    }
}

impl Bits {
    /// Number of bits.
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// Empties it.
    pub(crate) fn clear(&mut self) {
        let used = self.len.div_ceil(8);
        self.bytes[..used].fill(0);
        self.len = 0;
    }

    /// Appends an armoured payload without its last `fill` bits.
    pub(crate) fn append_armoured(&mut self, payload: &[u8], fill: usize) -> Result<(), Fault> {
        let fault = |class, reason: String| Err(Fault::new(class, reason));
        if self.len + 6 * payload.len() > MESSAGE_BITS_MAX {
            let reason = format!("longer than {MESSAGE_BITS_MAX} bits");
            return fault(RejectionClass::PayloadLength, reason);
        }
        if fill > 5 || fill > 6 * payload.len() {
            let reason = format!("{fill} fill bits in {} characters", payload.len());
            return fault(RejectionClass::PayloadLength, reason);
        }
        // Four characters make three bytes.
        let (fours, rest) = payload.as_chunks::<4>();
        for four in fours {
            let [a, b, c, d] = four.map(|character| SIX_BITS[usize::from(character)]);
            if (a | b | c | d) > 63 {
                return Err(unknown_character(four));
            }
            let [a, b, c, d] = [a, b, c, d].map(u32::from);
            self.push(a << 18 | b << 12 | c << 6 | d, 24);
        }
        for character in rest {
            let six = SIX_BITS[usize::from(*character)];
            if six > 63 {
                return Err(unknown_character(rest));
            }
            self.push(u32::from(six), 6);
        }
        self.truncate(self.len - fill);
        Ok(())
    }

    /// Appends the lowest `bits` bits of a number, at most 24 of them; the others must be zero.
    fn push(&mut self, value: u32, bits: usize) {
        let (byte, used) = (self.len / 8, self.len % 8);
        let shifted = value << (32 - used - bits);
        for (place, add) in self.bytes[byte..byte + 4]
            .iter_mut()
            .zip(shifted.to_be_bytes())
        {
            *place |= add;
        }
        self.len += bits;
    }

    fn truncate(&mut self, len: usize) {
        let used = self.len.div_ceil(8);
        self.len = len;
        let kept = len.div_ceil(8);
        self.bytes[kept..used].fill(0);
        if !len.is_multiple_of(8) {
            self.bytes[kept - 1] &= 0xFF << (8 - len % 8);
        }
    }

    /// An unsigned number; `None` when the message ends before the field does.
    pub(crate) fn unsigned(&self, field: Field) -> Option<u64> {
        let Field { start, bits } = field;
        if start + bits > self.len {
            return None;
        }
        let window = self.bytes.get(start / 8..start / 8 + WINDOW_BYTES)?;
        let word = u64::from_be_bytes(window.try_into().ok()?);
        Some(word << (start % 8) >> (64 - bits))
    }

    /// A number in two's complement.
    pub(crate) fn signed(&self, field: Field) -> Option<i64> {
        let unsigned = self.unsigned(field)?;
        let shift = 64 - field.bits;
        Some((unsigned << shift).cast_signed() >> shift)
    }

    /// A flag.
    pub(crate) fn flag(&self, start: usize) -> Option<bool> {
        Some(self.unsigned(field(start, 1))? == 1)
    }

    /// A number of at most eight bits.
    pub(crate) fn byte(&self, field: Field) -> Option<u8> {
        u8::try_from(self.unsigned(field)?).ok()
    }

    /// Six-bit text without the blanks around it. `None` when nothing is left, which is how "not
    /// available" is written.
    pub(crate) fn text(&self, wanted: Field) -> Option<String> {
        let text = self.padded_text(wanted)?;
        let trimmed = text.trim();
        match trimmed.len() {
            0 => None,
            n if n == text.len() => Some(text),
            _ => Some(trimmed.to_owned()),
        }
    }

    /// Six-bit text (M.1371-5, Annex 8, table of 6-bit ASCII) up to the first `@`. When the message
    /// ends inside the field, the whole characters before its end are taken.
    pub(crate) fn padded_text(&self, wanted: Field) -> Option<String> {
        let end = (wanted.start + wanted.bits).min(self.len);
        let mut text = String::with_capacity(wanted.bits / 6);
        let mut start = wanted.start;
        while start + 6 <= end {
            let code = self.byte(field(start, 6))?;
            // 0 to 31 are @, A to Z and punctuation (0x40 to 0x5F); 32 to 63 are themselves.
            text.push(match code {
                0 => break,
                1..=31 => char::from(code + 0x40),
                _ => char::from(code),
            });
            start += 6;
        }
        Some(text)
    }

    /// The bits from `start` to `end` as hexadecimal digits, the last one padded with zero bits;
    /// `None` when there are none.
    pub(crate) fn hexadecimal(&self, start: usize, end: usize) -> Option<String> {
        let end = end.min(self.len);
        let nibble = |at: usize| {
            let bits = 4.min(end - at);
            let value = self.unsigned(field(at, bits))? << (4 - bits);
            char::from_digit(u32::try_from(value).ok()?, 16)
        };
        (start < end).then(|| (start..end).step_by(4).filter_map(nibble).collect())
    }

    /// Sets a field to a number, of which the lowest bits are taken. Bits between the end and the
    /// field become zero.
    pub(crate) fn set(&mut self, field: Field, value: u64) {
        let end = field.start + field.bits;
        assert!(end <= MESSAGE_BITS_MAX, "a field lies within a message");
        self.len = self.len.max(end);
        for index in 0..field.bits {
            let at = field.start + index;
            let mask = 0x80 >> (at % 8);
            if value >> (field.bits - 1 - index) & 1 == 1 {
                self.bytes[at / 8] |= mask;
            } else {
                self.bytes[at / 8] &= !mask;
            }
        }
    }

    /// Makes it at least so many bits long; what is added is zero.
    pub(crate) fn extend(&mut self, len: usize) {
        assert!(len <= MESSAGE_BITS_MAX, "the bits lie within a message");
        self.len = self.len.max(len);
    }

    /// Characters of six-bit text that a message has room for from a bit on.
    pub(crate) fn text_room(start: usize) -> usize {
        MESSAGE_BITS_MAX.saturating_sub(start) / 6
    }

    /// Sets a field to six-bit text, padded with `@`. Lower case becomes upper case; characters
    /// that six bits cannot say become `?`; what is too long is cut.
    pub(crate) fn set_text(&mut self, wanted: Field, text: &str) {
        let mut characters = text.chars().map(|character| {
            let upper = character.to_ascii_uppercase();
            match u8::try_from(upper) {
                Ok(code @ 0x20..=0x3F) => code,
                Ok(code @ 0x41..=0x5F) => code - 0x40,
                _ => b'?',
            }
        });
        for start in (wanted.start..wanted.start + wanted.bits).step_by(6) {
            let code = characters.next().unwrap_or(0);
            self.set(field(start, 6), u64::from(code));
        }
    }

    /// The armoured payload and its number of fill bits.
    pub(crate) fn armoured(&self) -> (String, usize) {
        let characters = self.len.div_ceil(6);
        let payload = (0..characters).map(|index| {
            let start = 6 * index;
            let bits = 6.min(self.len - start);
            let six = self.unsigned(field(start, bits)).unwrap_or(0) << (6 - bits);
            let six = u8::try_from(six).unwrap_or(0);
            char::from(if six < 40 { six + 0x30 } else { six + 0x38 })
        });
        (payload.collect(), 6 * characters - self.len)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn text_and_its_ends() {
        let cases = [
            ("ODESA", Some("ODESA")),
            ("M/V 7-A?", Some("M/V 7-A?")),
            ("small", Some("SMALL")),
            ("  X  ", Some("X")),
            ("", None),
            ("   ", None),
            ("Одеса", Some("?????")),
            ("A@B", Some("A?B")),
        ];
        for (text, expected) in cases {
            let mut bits = Bits::default();
            bits.set_text(field(3, 120), text);
            assert_eq!(bits.text(field(3, 120)).as_deref(), expected, "{text}");
        }
        let mut bits = Bits::default();
        bits.set_text(field(0, 20), "ABC");
        bits.truncate(17);
        assert_eq!(bits.text(field(0, 120)).as_deref(), Some("AB"));
        assert_eq!(bits.text(field(60, 120)), None);
    }

    #[test]
    fn armour_refuses_what_it_does_not_know() {
        let cases: &[(&[u8], usize, Option<RejectionClass>)] = &[
            (b"0W`w", 0, None),
            (b"", 0, None),
            (b"0", 5, None),
            (b"0", 6, Some(RejectionClass::PayloadLength)),
            (b"", 1, Some(RejectionClass::PayloadLength)),
            (b"X", 0, Some(RejectionClass::Payload)),
            (b"_", 0, Some(RejectionClass::Payload)),
            (b"x", 0, Some(RejectionClass::Payload)),
            (b"\xFF", 0, Some(RejectionClass::Payload)),
            (&[b'0'; 560], 0, None),
            (&[b'0'; 561], 0, Some(RejectionClass::PayloadLength)),
        ];
        for (payload, fill, class) in cases {
            let got = Bits::default().append_armoured(payload, *fill);
            assert_eq!(got.err().map(|fault| fault.class), *class, "{payload:?}");
        }
    }

    proptest! {
        #[test]
        fn fields_read_back(start in 0usize..300, bits in 1usize..57, value: u64) {
            let mut message = Bits::default();
            message.set(field(0, 1), 1);
            let wanted = field(start + 1, bits);
            message.set(wanted, value);
            let unsigned = value & (u64::MAX >> (64 - bits));
            prop_assert_eq!(message.unsigned(wanted), Some(unsigned));
            let signed = message.signed(wanted).unwrap();
            prop_assert_eq!(signed.cast_unsigned() & (u64::MAX >> (64 - bits)), unsigned);
            prop_assert_eq!(signed < 0, unsigned >> (bits - 1) == 1);
            prop_assert_eq!(message.unsigned(field(0, 1)), Some(1));
            prop_assert_eq!(message.unsigned(field(start + 1, bits + 1)), None);
        }

        #[test]
        fn armour_reads_back_whole_and_in_parts(
            payload in "[0-W`-w]{0,80}", fill in 0usize..6, cut in 0usize..80,
        ) {
            let fill = if payload.is_empty() { 0 } else { fill };
            let mut whole = Bits::default();
            whole.append_armoured(payload.as_bytes(), fill).unwrap();
            let (again, fill_again) = whole.armoured();
            prop_assert_eq!(fill_again, fill);
            let mut back = Bits::default();
            back.append_armoured(again.as_bytes(), fill).unwrap();
            prop_assert_eq!(back.bytes, whole.bytes);

            let (first, second) = payload.as_bytes().split_at(cut.min(payload.len()));
            let fill = if second.is_empty() { 0 } else { fill };
            let mut parts = Bits::default();
            parts.set(field(250, 50), 1);
            parts.clear();
            parts.append_armoured(first, 0).unwrap();
            parts.append_armoured(second, fill).unwrap();
            whole.clear();
            whole.append_armoured(payload.as_bytes(), fill).unwrap();
            prop_assert_eq!(parts.bytes, whole.bytes);
        }
    }
}
