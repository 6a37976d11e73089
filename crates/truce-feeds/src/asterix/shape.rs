//! How data items of ASTERIX are built (EUROCONTROL-SPEC-0149, part 1, edition 3.1, chapter 4), and
//! how they are read into sheets. The categories themselves are tables of these.

use serde_json::{Map, Value};

use crate::hexadecimal;
use crate::units::{FOOT_M, KNOT_M_S, NAUTICAL_MILE_M};

/// What a number counts, and what one of it is in SI units.
#[derive(Debug, Clone, Copy)]
pub(super) struct Unit {
    /// Its name at the end of the sensor's own value; empty for none.
    pub(super) own: &'static str,
    /// The SI unit's name.
    pub(super) si: &'static str,
    /// SI units in one of its own.
    pub(super) factor: f64,
}

const fn unit(own: &'static str, si: &'static str, factor: f64) -> Unit {
    Unit { own, si, factor }
}

pub(super) const ONE: Unit = unit("", "", 1.0);
pub(super) const METRE: Unit = unit("m", "m", 1.0);
pub(super) const SECOND: Unit = unit("s", "s", 1.0);
pub(super) const NANOSECOND: Unit = unit("ns", "s", 1e-9);
pub(super) const DEGREE: Unit = unit("deg", "deg", 1.0);
pub(super) const DEGREE_SECOND: Unit = unit("deg_s", "deg_s", 1.0);
pub(super) const METRE_SECOND: Unit = unit("m_s", "m_s", 1.0);
pub(super) const METRE_SECOND_2: Unit = unit("m_s2", "m_s2", 1.0);
pub(super) const NAUTICAL_MILE: Unit = unit("nm", "m", NAUTICAL_MILE_M);
pub(super) const NAUTICAL_MILE_SECOND: Unit = unit("nm_s", "m_s", NAUTICAL_MILE_M);
pub(super) const KNOT: Unit = unit("kn", "m_s", KNOT_M_S);
pub(super) const FOOT: Unit = unit("ft", "m", FOOT_M);
pub(super) const FOOT_MINUTE: Unit = unit("ft_min", "m_s", FOOT_M / 60.0);
/// A flight level is a hundred feet.
pub(super) const LEVEL: Unit = unit("fl", "m", 30.48);
pub(super) const DECIBEL_MILLIWATT: Unit = unit("dbm", "dbm", 1.0);
pub(super) const HECTOPASCAL: Unit = unit("hpa", "pa", 100.0);
pub(super) const CELSIUS: Unit = unit("c", "c", 1.0);
pub(super) const MEGAHERTZ: Unit = unit("mhz", "hz", 1e6);

/// How the bits of a field are read.
#[derive(Debug, Clone, Copy)]
pub(super) enum Kind {
    /// Not used.
    Spare,
    /// A code; of one bit a flag.
    Code,
    /// Unsigned: its lowest bit is so much of the unit.
    Unsigned(f64, Unit),
    /// Two's complement.
    Signed(f64, Unit),
    /// Four octal digits.
    Octal,
    /// Hexadecimal digits.
    Hex,
    /// Six-bit characters (ICAO Annex 10, volume IV, table 3-9).
    Six,
    /// Eight-bit characters.
    Ascii,
}

/// Name, length in bits, kind; from the highest bit down.
pub(super) type Bits = (&'static str, usize, Kind);

pub(super) const fn spare(bits: usize) -> Bits {
    ("", bits, Kind::Spare)
}

/// A code of some bits.
pub(super) const fn code(name: &'static str, bits: usize) -> Bits {
    (name, bits, Kind::Code)
}

/// An unsigned quantity.
pub(super) const fn of(name: &'static str, bits: usize, step: f64, unit: Unit) -> Bits {
    (name, bits, Kind::Unsigned(step, unit))
}

/// A signed quantity.
pub(super) const fn signed(name: &'static str, bits: usize, step: f64, unit: Unit) -> Bits {
    (name, bits, Kind::Signed(step, unit))
}

/// How an item is built.
#[derive(Debug, Clone, Copy)]
pub(super) enum Shape {
    /// So long as its bits.
    Fixed(&'static [Bits]),
    /// Octets of seven bits, each with a bit that says whether another follows.
    Extended(&'static [&'static [Bits]]),
    /// The same again and again, the last bit of each saying whether another follows.
    Chained(&'static [Bits]),
    /// A count and so many times the same.
    Repeated(&'static [Bits]),
    /// Octets whose bits say which of the parts follow.
    Compound(&'static [(&'static str, Shape)]),
    /// Its own length and bytes that this table does not open.
    Explicit,
}

/// A data item: its number in the category, and how it is built.
pub(super) type Item = (&'static str, Shape);

/// The item ends before its bytes do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct CutShort;

/// Takes some bytes off the front.
pub(super) fn take<'a>(bytes: &mut &'a [u8], count: usize) -> Result<&'a [u8], CutShort> {
    let (head, rest) = bytes.split_at_checked(count).ok_or(CutShort)?;
    *bytes = rest;
    Ok(head)
}

/// What items say: values in SI units, and own values of those that were converted.
#[derive(Debug, Default)]
pub(super) struct Read {
    pub(super) fields: Map<String, Value>,
    pub(super) given: Map<String, Value>,
}

impl Read {
    fn nest(&mut self, name: &str, inner: Self) {
        self.fields.insert(name.to_owned(), inner.fields.into());
        if !inner.given.is_empty() {
            self.given.insert(name.to_owned(), inner.given.into());
        }
    }

    /// A number of a field of an item, in SI units.
    pub(super) fn number(&self, item: &str, field: &str) -> Option<f64> {
        self.fields.get(item)?.get(field)?.as_f64()
    }

    /// A text of a field of an item.
    pub(super) fn text(&self, item: &str, field: &str) -> Option<&str> {
        self.fields.get(item)?.get(field)?.as_str()
    }

    /// The part of a compound item as if it were an item.
    pub(super) fn part(&self, item: &str) -> Self {
        let fields = self.fields.get(item).and_then(Value::as_object);
        Self {
            fields: fields.cloned().unwrap_or_default(),
            given: Map::new(),
        }
    }
}

/// Most levels of octets with an extension bit: the longest item has five.
const OCTETS_MAX: usize = 16;

/// Which bits of a chain of octets with extension bits are set, from the first.
pub(super) fn presence(bytes: &mut &[u8]) -> Result<Vec<bool>, CutShort> {
    let mut present = Vec::new();
    for _ in 0..OCTETS_MAX {
        let octet = take(bytes, 1)?[0];
        present.extend((1..8).rev().map(|bit| octet >> bit & 1 == 1));
        if octet & 1 == 0 {
            return Ok(present);
        }
    }
    Err(CutShort)
}

/// Reads an item off the front of some bytes.
pub(super) fn read((name, shape): Item, bytes: &mut &[u8], out: &mut Read) -> Result<(), CutShort> {
    match shape {
        Shape::Fixed(bits) => out.nest(name, fixed(bits, take(bytes, length(bits))?)),
        Shape::Extended(octets) => {
            let mut inner = Read::default();
            for index in 0..OCTETS_MAX {
                let octet = take(bytes, 1)?;
                let known = octets.get(index).copied().unwrap_or(&[]);
                let read = fixed(known, octet);
                inner.fields.extend(read.fields);
                inner.given.extend(read.given);
                if octet[0] & 1 == 0 {
                    break;
                }
            }
            out.nest(name, inner);
        }
        Shape::Chained(bits) => {
            let mut links = Vec::new();
            loop {
                let link = take(bytes, length(bits))?;
                links.push(Value::from(fixed(bits, link).fields));
                if link.last().is_none_or(|octet| octet & 1 == 0) {
                    break;
                }
            }
            out.fields.insert(name.to_owned(), links.into());
        }
        Shape::Repeated(bits) => {
            let count = usize::from(take(bytes, 1)?[0]);
            let mut values = Vec::new();
            let mut given = Vec::new();
            for _ in 0..count {
                let read = fixed(bits, take(bytes, length(bits))?);
                values.push(Value::from(read.fields));
                given.push(read.given);
            }
            out.fields.insert(name.to_owned(), values.into());
            if given.iter().any(|own| !own.is_empty()) {
                out.given.insert(name.to_owned(), given.into());
            }
        }
        Shape::Compound(parts) => {
            let mut inner = Read::default();
            for (index, present) in presence(bytes)?.into_iter().enumerate() {
                if present {
                    // A part that the table does not know has no length that could be skipped.
                    let part = parts.get(index).ok_or(CutShort)?;
                    self::read(*part, bytes, &mut inner)?;
                }
            }
            out.nest(name, inner);
        }
        Shape::Explicit => {
            let length = usize::from(take(bytes, 1)?[0]);
            let content = take(bytes, length.checked_sub(1).ok_or(CutShort)?)?;
            out.fields
                .insert(name.to_owned(), hexadecimal::text(content).into());
        }
    }
    Ok(())
}

/// Bytes that some bits fill.
fn length(bits: &[Bits]) -> usize {
    bits.iter()
        .map(|(_, length, _)| length)
        .sum::<usize>()
        .div_ceil(8)
}

fn fixed(table: &[Bits], bytes: &[u8]) -> Read {
    let mut read = Read::default();
    let mut at = 0;
    for &(name, length, kind) in table {
        put(&mut read, name, kind, bytes, (at, length));
        at += length;
    }
    read
}

/// Bits of some bytes; at most 57, from the highest of the first byte.
fn bits(bytes: &[u8], (start, length): (usize, usize)) -> u64 {
    let (first, end) = (start / 8, (start + length).div_ceil(8));
    let word = bytes[first..end]
        .iter()
        .fold(0_u64, |word, byte| word << 8 | u64::from(*byte));
    (word >> (8 * end - start - length)) & (u64::MAX >> (64 - length))
}

fn put(read: &mut Read, name: &str, kind: Kind, bytes: &[u8], at: (usize, usize)) {
    let set = |read: &mut Read, value: Value| {
        read.fields.insert(name.to_owned(), value);
    };
    match kind {
        Kind::Spare => {}
        Kind::Code if at.1 == 1 => set(read, (bits(bytes, at) == 1).into()),
        Kind::Code => set(read, bits(bytes, at).into()),
        Kind::Unsigned(step, unit) => quantity(read, name, bits(bytes, at) as f64 * step, unit),
        Kind::Signed(step, unit) => {
            let shift = 64 - at.1;
            let value = (bits(bytes, at) << shift).cast_signed() >> shift;
            quantity(read, name, value as f64 * step, unit);
        }
        Kind::Octal => set(read, format!("{:04o}", bits(bytes, at)).into()),
        Kind::Hex => {
            let digits = at.1.div_ceil(4);
            set(read, format!("{:0digits$X}", bits(bytes, at)).into());
        }
        Kind::Six => {
            let characters = (0..at.1 / 6).map(|index| {
                let code = bits(bytes, (at.0 + 6 * index, 6));
                char::from(six(code))
            });
            let text: String = characters.collect();
            set(read, text.trim_end().into());
        }
        Kind::Ascii => {
            let text = &bytes[at.0 / 8..(at.0 + at.1) / 8];
            // One byte is one character, and beyond ASCII none.
            let character = |byte: &u8| match byte.is_ascii() {
                true => char::from(*byte),
                false => char::REPLACEMENT_CHARACTER,
            };
            let text: String = text.iter().map(character).collect();
            set(read, text.trim_end_matches([' ', '\0']).into());
        }
    }
}

fn six(code: u64) -> u8 {
    match code as u8 {
        code @ 1..=26 => code + b'A' - 1,
        code @ 48..=57 => code,
        _ => b' ',
    }
}

fn quantity(read: &mut Read, name: &str, own: f64, unit: Unit) {
    let named = |suffix: &str| match suffix {
        "" => name.to_owned(),
        suffix => format!("{name}_{suffix}"),
    };
    read.fields
        .insert(named(unit.si), (own * unit.factor).into());
    if unit.own != unit.si {
        read.given.insert(named(unit.own), own.into());
    }
}
