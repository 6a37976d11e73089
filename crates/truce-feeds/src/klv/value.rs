//! How values are coded: integers mapped on ranges (ST 0107, and IMAPB of ST 1201), texts, bytes.

use serde_json::Value;

use crate::hexadecimal;

/// How an item's value is read.
#[derive(Debug, Clone, Copy)]
pub(super) enum Kind {
    /// UTF-8.
    Text,
    /// An unsigned number of any length, times a step.
    Number(f64),
    /// A number in two's complement of any length, times a step.
    Signed(f64),
    /// All codes of an unsigned number over a range from its least to its most value.
    Over(f64, f64),
    /// All codes of a number in two's complement over a range from -most to most; the lowest code
    /// means "out of range".
    Around(f64),
    /// IMAPB over a range (ST 1201.5, 8).
    Mapped(f64, f64),
    /// Another set, or data that this table does not open.
    Bytes,
}

pub(super) fn unsigned(bytes: &[u8]) -> Option<u64> {
    let short = (1..=8).contains(&bytes.len());
    short.then(|| {
        bytes
            .iter()
            .fold(0, |sum, byte| sum << 8 | u64::from(*byte))
    })
}

fn signed(bytes: &[u8]) -> Option<i64> {
    let shift = 64 - 8 * bytes.len();
    Some((unsigned(bytes)? << shift).cast_signed() >> shift)
}

/// A value mapped by IMAPB: `sR (y − zOffset) + a` (ST 1201.5, equations 7 to 11); codes with the
/// highest bit set beside the largest are special values.
pub(super) fn mapped(bytes: &[u8], least: f64, most: f64) -> Option<f64> {
    let code = unsigned(bytes)?;
    let bits = 8 * bytes.len() as i32;
    let power = libm::ceil(libm::log2(most - least)) as i32;
    let forward = libm::exp2(f64::from(bits - 1 - power));
    let offset = if least < 0.0 && most > 0.0 {
        forward * least - libm::floor(forward * least)
    } else {
        0.0
    };
    let highest = 1_u64 << (bits - 1);
    if code > highest {
        return None;
    }
    Some((code as f64 - offset) / forward + least)
}

/// Reads a value; `None` when its bytes are none of the kind.
pub(super) fn read(kind: Kind, bytes: &[u8]) -> Option<Value> {
    let all = |bytes: &[u8]| libm::exp2(8.0 * bytes.len() as f64) - 1.0;
    let number: Option<f64> = match kind {
        Kind::Text => {
            let text = std::str::from_utf8(bytes).ok()?;
            return Some(text.trim_end_matches('\0').into());
        }
        Kind::Bytes => return Some(hexadecimal::text(bytes).into()),
        Kind::Number(1.0) => return unsigned(bytes).map(Value::from),
        Kind::Signed(1.0) if !bytes.is_empty() && bytes.len() <= 8 => {
            return signed(bytes).map(Value::from);
        }
        Kind::Number(step) => unsigned(bytes).map(|code| code as f64 * step),
        Kind::Signed(step) if (1..=8).contains(&bytes.len()) => {
            signed(bytes).map(|code| code as f64 * step)
        }
        Kind::Signed(_) => None,
        Kind::Over(least, most) => {
            unsigned(bytes).map(|code| code as f64 * (most - least) / all(bytes) + least)
        }
        Kind::Around(most) if (1..=8).contains(&bytes.len()) => {
            let code = signed(bytes)?;
            let lowest = i64::MIN >> (64 - 8 * bytes.len());
            if code == lowest {
                return Some(Value::Null);
            }
            Some(code as f64 * 2.0 * most / (all(bytes) - 1.0))
        }
        Kind::Around(_) => None,
        Kind::Mapped(least, most) => match mapped(bytes, least, most) {
            Some(value) => Some(value),
            None if bytes.is_empty() || bytes.len() > 8 => None,
            None => return Some(Value::Null),
        },
    };
    number.map(Value::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Examples of ST 0601 beside the tags: 5, 13, 15, 96.
    #[test]
    fn values_of_the_standard() {
        let cases: &[(Kind, &[u8], f64)] = &[
            (Kind::Over(0.0, 360.0), &[0x71, 0xC2], 159.974_365),
            (
                Kind::Around(90.0),
                &[0x55, 0x95, 0xB6, 0x6D],
                60.176_822_967,
            ),
            (Kind::Over(-900.0, 19_000.0), &[0xC2, 0x21], 14_190.719_463),
            (
                Kind::Mapped(0.0, 1_500_000.0),
                &[0x00, 0xD9, 0x2A],
                13_898.5,
            ),
        ];
        for (kind, bytes, expected) in cases {
            let got = read(*kind, bytes).unwrap().as_f64().unwrap();
            assert!((got - expected).abs() < 1e-3, "{kind:?}: {got}");
        }
        assert_eq!(
            read(Kind::Around(90.0), &[0x80, 0, 0, 0]),
            Some(Value::Null)
        );
        assert_eq!(read(Kind::Around(90.0), &[]), None);
        assert_eq!(read(Kind::Number(1.0), &[0; 9]), None);
    }
}
