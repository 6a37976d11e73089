//! Every field of every AIS message, bit by bit, for [`Sheet`]s, read by the tables of `tables`.
//!
//! A message that ends early gives the fields before its end; one that goes on after its last field
//! gives them all. Both say what was wrong.

use serde_json::Value;

use super::application;
use super::bits::{Bits, Field, field};
use super::tables::{BINARY, HEAD, Kind, tables};
use crate::sheet::Sheet;
use crate::units::KNOT_M_S;
use Kind::{
    Course, Decimetres, Degrees, Flag, Knots, Number, Or, Rest, RestText, Spare, Text, Turn,
};

/// Messages that may end after any of their repeated groups: the end of
/// the message behind the first group is no fault.
fn may_end(message_type: u8, at: usize) -> bool {
    match message_type {
        7 | 13 => at >= 72 && (at - 40).is_multiple_of(32),
        15 => matches!(at, 88 | 90 | 108 | 110),
        16 => at == 92,
        17 => at == 80,
        20 => at >= 70 && (at - 40).is_multiple_of(30),
        // 160 bits in the text of the standard, 168 on the air.
        24 => at == 160,
        _ => false,
    }
}

/// Longest field that is a number, bits; see [`Field`].
pub(super) const NUMBER_BITS_MAX: usize = 56;

/// Bits behind the last field that are no fault: senders fill up to whole bytes.
pub(super) const FILL_BITS_MAX: usize = 7;

/// Everything that a message says.
pub(super) fn sheet(bits: &Bits) -> Sheet {
    let message_type = bits.byte(field(0, 6)).unwrap_or(0);
    let mut sheet = Sheet::new(message_type);
    let mut at = 0;
    let mmsi = bits.unsigned(field(8, 30)).unwrap_or(0);
    let own = tables(bits, message_type, mmsi);
    if own.is_none() {
        sheet.wrong(format!("message type {message_type} is not defined"));
    }
    let undefined = vec![std::slice::from_ref(&BINARY)];
    let tables = std::iter::once(HEAD).chain(own.unwrap_or(undefined));
    for &(name, length, kind) in tables.flatten() {
        let length = match kind {
            RestText => bits.len().saturating_sub(at),
            Rest(tail) => bits.len().saturating_sub(at + tail),
            _ => length,
        };
        let cut = at + length > bits.len();
        let optional = may_end(message_type, at);
        if cut && !matches!(kind, Spare) && !(optional && bits.len() < at + 8) {
            sheet.wrong(format!("{} bits: `{name}` is cut off", bits.len()));
        }
        // Of text that is cut off the whole characters are good.
        if cut && !(matches!(kind, Text) && at < bits.len()) {
            return sheet;
        }
        put(&mut sheet, name, kind, bits, field(at, length));
        if matches!(kind, Rest(_)) {
            open(&mut sheet, bits, (at, at + length));
        }
        at += length;
    }
    if bits.len() > at + FILL_BITS_MAX {
        let excess = bits.len() - at;
        sheet.wrong(format!("{excess} bits follow the last field"));
    }
    if message_type == 24 && sheet.fields["part_number"].as_u64() > Some(1) {
        sheet.wrong("message 24 has parts A and B only");
    }
    sheet
}

/// Opens what an application put into binary data, where it is known. The hexadecimal digits beside
/// it are then the sensor's own value.
fn open(sheet: &mut Sheet, bits: &Bits, own: (usize, usize)) {
    let number = |name: &str| sheet.fields.get(name).and_then(Value::as_u64);
    let (Some(area_code), Some(function)) = (
        number("designated_area_code"),
        number("function_identifier"),
    ) else {
        return;
    };
    let function = u8::try_from(function).unwrap_or(u8::MAX);
    let addressed = sheet.fields.contains_key("destination_mmsi");
    if let Some(opened) = application::open((area_code, function), addressed, bits, own) {
        sheet.set("application", opened.fields);
        sheet.wrong.extend(opened.wrong);
    }
}

fn put(sheet: &mut Sheet, name: &'static str, kind: Kind, bits: &Bits, at: Field) {
    // Texts and binary data are longer than a number may be, or empty.
    let number = |at: Field| (1..=NUMBER_BITS_MAX).contains(&at.bits).then_some(at);
    let code = number(at).and_then(|at| bits.unsigned(at)).unwrap_or(0);
    let signed = number(at).and_then(|at| bits.signed(at)).unwrap_or(0);
    match kind {
        Spare => {}
        Number => sheet.set(name, code),
        Or(none) => sheet.set(name, (code != none).then_some(code)),
        Flag => sheet.set(name, code == 1),
        Text | RestText => sheet.set(name, bits.text(at)),
        Rest(_) => sheet.maybe(name, bits.hexadecimal(at.start, at.start + at.bits)),
        Degrees(per_deg, deg_max) => {
            let deg = signed as f64 / per_deg;
            let possible = deg.abs() <= deg_max;
            // 181 and 91 degrees are "not available", everything else beyond is a fault.
            if !possible && deg != deg_max + 1.0 {
                sheet.wrong(format!("`{name}` is {deg}"));
            }
            let minutes = name.replace("_deg", "_min");
            sheet.converted(
                (name, Some(deg).filter(|_| possible)),
                (&minutes, signed as f64 * 60.0 / per_deg),
            );
        }
        Knots(per_knot) => {
            let own = code as f64 / per_knot;
            let known = code != (1 << at.bits) - 1;
            let si = known.then_some(own * KNOT_M_S);
            sheet.converted((name, si), ("speed_kn", own));
        }
        Course(per_deg) => {
            let own = code as f64 / per_deg;
            sheet.set(name, Some(own).filter(|deg| *deg < 360.0));
            sheet
                .given
                .insert("course_code".to_owned(), Value::from(code));
        }
        Turn => {
            let root = signed as f64 / 4.733;
            // -128 is not available; 127 and -127 say only that it turns, without an indicator.
            let known = signed.abs() < 127;
            let rate = known.then_some(root * root.abs());
            sheet.converted((name, rate), ("rate_of_turn_code", signed));
        }
        Decimetres => {
            let own = code as f64 / 10.0;
            sheet.set(name, Some(own).filter(|metres| *metres > 0.0));
        }
    }
}
