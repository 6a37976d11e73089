//! Writes records of ASTERIX from sheets: the tables of items read backwards.
//!
//! An item is written when the sheet has it, an octet or a part of it when the sheet has one of its
//! fields; fields that are absent are written as zero. A quantity is taken from the own values where
//! they have it, else from the fields in SI units, and rounded to the nearest step of its table.

use serde_json::{Map, Value};

use super::shape::{Bits, Item, Kind, Shape, Unit};
use crate::hexadecimal;

/// Fields of an item, and the own values of those that were converted.
pub(super) type Values<'a> = (&'a Map<String, Value>, Option<&'a Map<String, Value>>);

/// A field or item whose value is not of its kind, by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Unfit(pub(super) &'static str);

/// Octets that say which of some items or parts follow (part 1, 4.3.3 and 4.2.5), and these.
pub(super) fn chosen(items: &[Item], values: Values<'_>) -> Result<Vec<u8>, Unfit> {
    let mut presence = vec![0_u8];
    let mut content = Vec::new();
    for (index, item) in items.iter().enumerate() {
        let Some(value) = values.0.get(item.0) else {
            continue;
        };
        let given = values.1.and_then(|given| given.get(item.0));
        content.extend(written(*item, value, given)?);
        while presence.len() <= index / 7 {
            if let Some(last) = presence.last_mut() {
                *last |= 1;
            }
            presence.push(0);
        }
        presence[index / 7] |= 0x80 >> (index % 7);
    }
    presence.extend(content);
    Ok(presence)
}

fn written((name, shape): Item, value: &Value, given: Option<&Value>) -> Result<Vec<u8>, Unfit> {
    let unfit = || Unfit(name);
    let nested = || {
        let fields = value.as_object().ok_or_else(unfit)?;
        Ok((fields, given.and_then(Value::as_object)))
    };
    let length = |count: usize| u8::try_from(count).map_err(|_| unfit());
    match shape {
        Shape::Fixed(bits) => fixed(bits, nested()?),
        Shape::Extended(octets) => extended(octets, nested()?),
        Shape::Compound(parts) => chosen(parts, nested()?),
        Shape::Chained(bits) => {
            let mut links = listed(bits, value, given).ok_or_else(unfit)??;
            // The last bit of each but the last says that another follows.
            let (_, before) = links.split_last_mut().ok_or_else(unfit)?;
            for last in before.iter_mut().filter_map(|link| link.last_mut()) {
                *last |= 1;
            }
            Ok(links.concat())
        }
        Shape::Repeated(bits) => {
            let all = listed(bits, value, given).ok_or_else(unfit)??;
            Ok([vec![length(all.len())?], all.concat()].concat())
        }
        Shape::Explicit => {
            let content = value.as_str().and_then(hexadecimal::bytes);
            let content = content.ok_or_else(unfit)?;
            Ok([vec![length(content.len() + 1)?], content].concat())
        }
    }
}

/// The bytes of each of a list.
type Listed = Result<Vec<Vec<u8>>, Unfit>;

/// Each of a list of the same; `None` when the value is none.
fn listed(bits: &[Bits], value: &Value, given: Option<&Value>) -> Option<Listed> {
    let given = given.and_then(Value::as_array);
    let own = |index: usize| given.and_then(|all| all.get(index)?.as_object());
    let all: Option<Vec<_>> = value.as_array()?.iter().map(Value::as_object).collect();
    let all = all?.into_iter().enumerate();
    Some(
        all.map(|(index, fields)| fixed(bits, (fields, own(index))))
            .collect(),
    )
}

/// Octets up to the last of which a field is there, at least the first.
fn extended(octets: &[&[Bits]], values: Values<'_>) -> Result<Vec<u8>, Unfit> {
    let there = |octet: &&[Bits]| octet.iter().any(|bits| raw(*bits, values) != Ok(None));
    let last = octets.iter().rposition(there).unwrap_or(0);
    let mut bytes = octets[..=last]
        .iter()
        .map(|octet| fixed(octet, values))
        .collect::<Result<Vec<_>, _>>()?
        .concat();
    for octet in &mut bytes[..last] {
        *octet |= 1;
    }
    Ok(bytes)
}

fn fixed(table: &[Bits], values: Values<'_>) -> Result<Vec<u8>, Unfit> {
    let length: usize = table.iter().map(|(_, length, _)| length).sum();
    let mut bytes = vec![0_u8; length.div_ceil(8)];
    let mut at = 0;
    for field in table {
        let code = raw(*field, values)?.unwrap_or(0);
        for index in 0..field.1 {
            let bit = (code >> (field.1 - 1 - index) & 1) as u8;
            bytes[(at + index) / 8] |= bit << (7 - (at + index) % 8);
        }
        at += field.1;
    }
    Ok(bytes)
}

/// The bits of a field; `None` when it is absent.
fn raw((name, length, kind): Bits, values: Values<'_>) -> Result<Option<u64>, Unfit> {
    let most = u64::MAX >> (64 - length);
    let plain = match kind {
        Kind::Spare => None,
        Kind::Unsigned(_, unit) | Kind::Signed(_, unit) => own_value(name, unit, values),
        _ => values.0.get(name).cloned(),
    };
    let Some(value) = plain else {
        return Ok(None);
    };
    let steps = |step: f64| value.as_f64().map(|own| libm::rint(own / step));
    let text = |bits, code| Some(characters(value.as_str()?, length / bits, (bits, code)));
    let half = (most >> 1).cast_signed();
    let code = match kind {
        Kind::Spare => None,
        Kind::Code => match &value {
            Value::Bool(flag) => Some(u64::from(*flag)),
            code => code.as_u64(),
        },
        // A cast of a float saturates.
        Kind::Unsigned(step, _) => steps(step).map(|steps| (steps as u64).min(most)),
        Kind::Signed(step, _) => {
            steps(step).map(|steps| (steps as i64).clamp(-half - 1, half).cast_unsigned() & most)
        }
        Kind::Octal => digits(&value, 8),
        Kind::Hex => digits(&value, 16),
        Kind::Six => text(6, six),
        Kind::Ascii => text(8, ascii),
    };
    let fits = code.filter(|code| *code <= most);
    fits.map(Some).ok_or(Unfit(name))
}

/// A quantity in its own unit.
fn own_value(name: &str, unit: Unit, (fields, given): Values<'_>) -> Option<Value> {
    let named = |suffix: &str| match suffix {
        "" => name.to_owned(),
        suffix => format!("{name}_{suffix}"),
    };
    let own = given.and_then(|given| given.get(&named(unit.own)));
    let si = || fields.get(&named(unit.si)).cloned();
    own.cloned().or_else(|| match si()?.as_f64() {
        Some(number) => Some((number / unit.factor).into()),
        // No number: the field has no such value.
        None => Some(Value::Null),
    })
}

fn digits(value: &Value, radix: u32) -> Option<u64> {
    u64::from_str_radix(value.as_str()?, radix).ok()
}

/// So many characters, padded with blanks; what is too long is cut.
fn characters(text: &str, count: usize, (bits, code): (usize, fn(char) -> u64)) -> u64 {
    let padded = text.chars().chain(std::iter::repeat(' ')).take(count);
    padded.fold(0, |word, character| word << bits | code(character))
}

/// ICAO Annex 10, volume IV, table 3-9; characters that it does not have become blanks.
fn six(character: char) -> u64 {
    match character.to_ascii_uppercase() {
        letter @ 'A'..='Z' => u64::from(letter) - u64::from('A') + 1,
        digit @ '0'..='9' => u64::from(digit),
        _ => 0x20,
    }
}

/// Characters beyond ASCII become a byte that is no character.
fn ascii(character: char) -> u64 {
    if character.is_ascii() {
        u64::from(character)
    } else {
        0xFF
    }
}
