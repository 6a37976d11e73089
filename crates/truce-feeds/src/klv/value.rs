//! How values are coded: integers mapped on ranges (ST 0107, and IMAPB of ST 1201), texts, bytes, and
//! packs of these. What is read can be written.

use serde_json::{Map, Value};

use super::{item, length, put_item, put_length, put_tag, tag};
use crate::hexadecimal;

/// How an item's value is coded.
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
    /// Numbers coded as tags are (ST 0107.5, BER-OID), up to the end.
    Identifiers,
    /// Parts one after the other; those that are missing at the end are absent.
    Parts(&'static [Part]),
    /// The same again and again, each behind its length.
    List(&'static [Part]),
    /// A local set of its own.
    Set(&'static [Tag]),
}

/// Tag, name, kind, and the bytes that are written, 0 for as many as are needed.
pub(super) type Tag = (u32, &'static str, Kind, usize);

/// A part of a pack.
pub(super) type Part = (&'static str, Coding);

/// How long a part of a pack is.
#[derive(Debug, Clone, Copy)]
pub(super) enum Coding {
    /// So many bytes.
    Of(Kind, usize),
    /// A number coded as tags are.
    Identifier,
    /// Its length stands before it.
    Sized(Kind),
    /// Up to the end of the pack.
    Rest(Kind),
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

/// Scale and offset of IMAPB for values of so many bytes (ST 1201.5, equations 7 to 11).
fn scale(count: usize, least: f64, most: f64) -> (f64, f64) {
    let power = libm::ceil(libm::log2(most - least)) as i32;
    let forward = libm::exp2(f64::from(8 * count as i32 - 1 - power));
    let offset = if least < 0.0 && most > 0.0 {
        forward * least - libm::floor(forward * least)
    } else {
        0.0
    };
    (forward, offset)
}

/// A value mapped by IMAPB: `sR (y − zOffset) + a`; codes with the highest bit set beside the largest
/// are special values.
pub(super) fn mapped(bytes: &[u8], least: f64, most: f64) -> Option<f64> {
    let code = unsigned(bytes)?;
    let (forward, offset) = scale(bytes.len(), least, most);
    let highest = 1_u64 << (8 * bytes.len() - 1);
    if code > highest {
        return None;
    }
    Some((code as f64 - offset) / forward + least)
}

/// Reads a value; `None` when its bytes are none of the kind.
pub(super) fn read(kind: Kind, bytes: &[u8]) -> Option<Value> {
    let all = |bytes: &[u8]| libm::exp2(8.0 * bytes.len() as f64) - 1.0;
    let numeric = (1..=8).contains(&bytes.len());
    let number: Option<f64> = match kind {
        Kind::Text => {
            let text = std::str::from_utf8(bytes).ok()?;
            return Some(text.trim_end_matches('\0').into());
        }
        Kind::Bytes => return Some(hexadecimal::text(bytes).into()),
        Kind::Identifiers => return identifiers(bytes),
        Kind::Parts(parts) => return pack(parts, bytes).map(Value::from),
        Kind::List(parts) => return list(parts, bytes),
        Kind::Set(tags) => return set(tags, bytes),
        _ if !numeric => None,
        Kind::Number(1.0) => return unsigned(bytes).map(Value::from),
        Kind::Signed(1.0) => return signed(bytes).map(Value::from),
        Kind::Number(step) => unsigned(bytes).map(|code| code as f64 * step),
        Kind::Signed(step) => signed(bytes).map(|code| code as f64 * step),
        Kind::Over(least, most) => {
            unsigned(bytes).map(|code| code as f64 * (most - least) / all(bytes) + least)
        }
        Kind::Around(most) => {
            let code = signed(bytes)?;
            let lowest = i64::MIN >> (64 - 8 * bytes.len());
            if code == lowest {
                return Some(Value::Null);
            }
            Some(code as f64 * 2.0 * most / (all(bytes) - 1.0))
        }
        Kind::Mapped(least, most) => match mapped(bytes, least, most) {
            Some(value) => Some(value),
            None => return Some(Value::Null),
        },
    };
    number.map(Value::from)
}

fn identifiers(bytes: &[u8]) -> Option<Value> {
    let mut rest = bytes;
    let mut all = Vec::new();
    while !rest.is_empty() {
        all.push(Value::from(tag(&mut rest)?));
    }
    Some(all.into())
}

fn pack(parts: &[Part], bytes: &[u8]) -> Option<Map<String, Value>> {
    let mut rest = bytes;
    let mut fields = Map::new();
    for (name, coding) in parts {
        if rest.is_empty() {
            break;
        }
        let (kind, count) = match *coding {
            Coding::Identifier => {
                fields.insert((*name).to_owned(), tag(&mut rest)?.into());
                continue;
            }
            Coding::Of(kind, count) => (kind, count),
            Coding::Sized(kind) => (kind, length(&mut rest)?),
            Coding::Rest(kind) => (kind, rest.len()),
        };
        let (value, after) = rest.split_at_checked(count)?;
        rest = after;
        let value = match value {
            [] => Value::Null,
            value => read(kind, value)?,
        };
        fields.insert((*name).to_owned(), value);
    }
    Some(fields)
}

fn list(parts: &[Part], bytes: &[u8]) -> Option<Value> {
    let mut rest = bytes;
    let mut all = Vec::new();
    while !rest.is_empty() {
        let count = length(&mut rest)?;
        let (one, after) = rest.split_at_checked(count)?;
        rest = after;
        all.push(Value::from(pack(parts, one)?));
    }
    Some(all.into())
}

fn set(tags: &[Tag], bytes: &[u8]) -> Option<Value> {
    let mut rest = bytes;
    let mut fields = Map::new();
    while !rest.is_empty() {
        let (number, value) = item(&mut rest)?;
        let (name, value) = named(tags, number, value);
        fields.insert(name, value);
    }
    Some(fields.into())
}

/// Name and value of an item; one that the table does not know under its number.
pub(super) fn named(tags: &[Tag], number: u32, value: &[u8]) -> (String, Value) {
    match tags.iter().find(|(known, ..)| *known == number) {
        Some((_, name, kind, _)) => {
            let value = Some(value).filter(|value| !value.is_empty());
            let value = value.and_then(|value| read(*kind, value));
            ((*name).to_owned(), value.unwrap_or(Value::Null))
        }
        None => (format!("tag_{number}"), hexadecimal::text(value).into()),
    }
}

/// The fields that [`named`] had no name for, by their numbers.
pub(super) fn unnamed(fields: &Map<String, Value>) -> impl Iterator<Item = (u32, &Value)> {
    let number = |name: &str| name.strip_prefix("tag_")?.parse().ok();
    fields
        .iter()
        .filter_map(move |(name, value)| Some((number(name)?, value)))
}

/// Writes a value in so many bytes, 0 for as many as are needed; `None` when it is none of the kind.
/// Quantities get the nearest code within their range.
pub(super) fn write(kind: Kind, count: usize, value: &Value) -> Option<Vec<u8>> {
    let bits = 8 * count as i32;
    let all = libm::exp2(f64::from(bits)) - 1.0;
    // Casts of floats saturate.
    let quantity = |code: &dyn Fn(f64) -> f64| Some(libm::rint(code(value.as_f64()?)));
    let code = match kind {
        Kind::Text => {
            // Without any byte the text would not be known.
            let text = Some(value.as_str()?).filter(|text| !text.is_empty());
            return Some(text.unwrap_or("\0").as_bytes().to_vec());
        }
        Kind::Bytes => return hexadecimal::bytes(value.as_str()?),
        Kind::Identifiers => {
            let mut out = Vec::new();
            for number in value.as_array()? {
                put_tag(identifier(number)?, &mut out);
            }
            return Some(out);
        }
        Kind::Parts(parts) => return write_pack(parts, value.as_object()?),
        Kind::List(parts) => {
            let mut out = Vec::new();
            for one in value.as_array()? {
                let one = write_pack(parts, one.as_object()?)?;
                put_length(one.len(), &mut out);
                out.extend(one);
            }
            return Some(out);
        }
        Kind::Set(tags) => return write_set(tags, value.as_object()?),
        Kind::Number(1.0) if value.is_u64() => value.as_u64()?,
        Kind::Signed(1.0) if value.is_i64() => value.as_i64()?.cast_unsigned(),
        Kind::Number(step) => quantity(&|value| value / step)? as u64,
        Kind::Signed(step) => (quantity(&|value| value / step)? as i64).cast_unsigned(),
        Kind::Over(least, most) => {
            let code = quantity(&|value| (value - least) / (most - least) * all)?;
            code.clamp(0.0, all) as u64
        }
        Kind::Around(most) => {
            let half = (all - 1.0) / 2.0;
            let code = quantity(&|value| value / most * half)?;
            (code.clamp(-half, half) as i64).cast_unsigned()
        }
        Kind::Mapped(least, most) => {
            let (forward, offset) = scale(count, least, most);
            let highest = libm::exp2(f64::from(bits - 1));
            let code = quantity(&|value| forward * (value - least) + offset)?;
            code.clamp(0.0, highest) as u64
        }
    };
    // A number of any length is written in all its bytes, or those that it needs.
    let bytes = code.to_be_bytes();
    let needed = bytes.iter().position(|byte| *byte != 0).unwrap_or(7);
    let first = match count {
        0 => needed,
        count => bytes.len().checked_sub(count)?,
    };
    let lost = match kind {
        Kind::Signed(_) => signed(&bytes[first..]) != Some(code.cast_signed()),
        Kind::Number(_) => first > needed,
        _ => false,
    };
    if lost {
        return None;
    }
    Some(bytes[first..].to_vec())
}

fn identifier(value: &Value) -> Option<u32> {
    u32::try_from(value.as_u64()?).ok()
}

/// The parts up to the first that is absent.
fn write_pack(parts: &[Part], fields: &Map<String, Value>) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    for (name, coding) in parts {
        let Some(value) = fields.get(*name) else {
            break;
        };
        let written = |kind, count| match value {
            Value::Null => Some(Vec::new()),
            value => write(kind, count, value),
        };
        match *coding {
            Coding::Identifier => put_tag(identifier(value)?, &mut out),
            Coding::Of(kind, count) if value.is_null() => out.extend(unknown(kind, count)?),
            Coding::Of(kind, count) => out.extend(write(kind, count, value)?),
            Coding::Rest(kind) => out.extend(written(kind, 0)?),
            Coding::Sized(kind) => {
                let bytes = written(kind, 0)?;
                put_length(bytes.len(), &mut out);
                out.extend(bytes);
            }
        }
    }
    Some(out)
}

/// The code for "not known" in so many bytes: NaN of IMAPB (ST 1201.5, table 3), the lowest code of
/// a number around zero.
fn unknown(kind: Kind, count: usize) -> Option<Vec<u8>> {
    let first = match kind {
        Kind::Mapped(..) => 0xD0,
        Kind::Around(_) => 0x80,
        _ => return None,
    };
    let mut bytes = vec![0; count];
    *bytes.first_mut()? = first;
    Some(bytes)
}

/// The items of a local set that have a value, in the order of its table.
pub(super) fn write_set(tags: &[Tag], fields: &Map<String, Value>) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    for (number, name, kind, count) in tags {
        match fields.get(*name) {
            None => {}
            Some(Value::Null) => put_item(*number, &[], &mut out),
            Some(value) => put_item(*number, &write(*kind, *count, value)?, &mut out),
        }
    }
    for (number, value) in unnamed(fields) {
        put_item(number, &hexadecimal::bytes(value.as_str()?)?, &mut out);
    }
    Some(out)
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
