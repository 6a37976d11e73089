//! What applications put into binary messages (6, 8, 25 and 26), told by designated area code and
//! function identifier: the international applications of ITU-R, SN/Circ.236 and SN.1/Circ.289, and
//! those of inland navigation and of lighthouse authorities. An application that is not in [`find`]
//! stays hexadecimal.
//!
//! - `table`: how a field of an application is coded, to and fro
//! - `international`, `weather`, `area`: area code 1
//! - `inland`: area code 200
//! - `aid`: area codes 235 and 250
//!
//! Fields follow each other without gaps, so a table is a list of names and lengths. Behind it an
//! application may have records of one length, as many as there are.

mod aid;
mod area;
mod inland;
mod international;
mod table;
mod weather;

use serde_json::{Map, Value};

use super::bits::Bits;
use table::{Item, Reading};

/// One application.
#[derive(Debug, Clone, Copy)]
struct Application {
    /// What it is called here.
    name: &'static str,
    head: &'static [Item],
    records: Option<Records>,
}

/// Records of one length behind the head of an application.
#[derive(Debug, Clone, Copy)]
struct Records {
    /// The list's name.
    name: &'static str,
    /// Length of each, bits.
    bits: usize,
    /// Most of them.
    most: usize,
    /// The fields of one, told by its bits and where it begins.
    items: fn(&Bits, usize) -> Vec<&'static [Item]>,
    /// The fields of one, told by the fields that it is written from.
    written: fn(&Map<String, Value>) -> Vec<&'static [Item]>,
}

const fn plain(name: &'static str, head: &'static [Item]) -> Application {
    Application {
        name,
        head,
        records: None,
    }
}

const fn listed(name: &'static str, head: &'static [Item], records: Records) -> Application {
    let records = Some(records);
    Application {
        name,
        head,
        records,
    }
}

/// What an application looks like from outside: a function may be defined anew for it.
#[derive(Debug, Clone, Copy)]
struct Form {
    /// To one station.
    addressed: bool,
    /// Bits of its own.
    bits: usize,
    /// The first of them.
    first: bool,
}

/// The application of an area code and a function.
fn find((area_code, function): (u64, u8), form: Form) -> Option<&'static Application> {
    match area_code {
        1 => international::find(function, form),
        200 => inland::find(function),
        235 | 250 => aid::find(function),
        _ => None,
    }
}

/// What an application says.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Opened {
    /// Its name under `application`, and its fields in SI units. The sensor's own values of fields
    /// that were converted, or that say "not available" or are reserved, stand under `given`.
    pub(super) fields: Map<String, Value>,
    /// What is wrong with it.
    pub(super) wrong: Vec<String>,
}

/// Opens the application whose own bits lie from `start` to `end`; `None` when it is not known.
pub(super) fn open(
    code: (u64, u8),
    addressed: bool,
    bits: &Bits,
    (start, end): (usize, usize),
) -> Option<Opened> {
    let end = end.min(bits.len());
    let form = Form {
        addressed,
        bits: end.saturating_sub(start),
        first: bits.flag(start).unwrap_or(false),
    };
    let application = find(code, form)?;
    let mut reading = Reading::new(bits, start, end);
    reading
        .fields
        .insert("application".into(), application.name.into());
    reading.table(application.head);
    let Some(records) = application.records else {
        reading.excess();
        return Some(reading.close());
    };
    let mut list = Vec::new();
    while list.len() < records.most && reading.left() >= records.bits {
        let begin = reading.at;
        let mut record = Reading::new(bits, begin, begin + records.bits);
        for items in (records.items)(bits, begin) {
            record.table(items);
        }
        let Opened { fields, wrong } = record.close();
        list.push(Value::Object(fields));
        reading.wrong.extend(wrong);
        reading.at = begin + records.bits;
    }
    reading.excess();
    reading.fields.insert(records.name.into(), list.into());
    Some(reading.close())
}

/// Writes an application's fields from a bit on; `None` when they are of no application that is
/// known here. What is absent is written as "not available".
pub(super) fn write(
    code: (u64, u8),
    addressed: bool,
    fields: &Map<String, Value>,
    bits: &mut Bits,
    start: usize,
) -> Option<()> {
    let name = fields.get("application")?.as_str()?;
    // Of the lengths at which a function means another thing the name chooses one.
    let lengths = [0, usize::MAX];
    let mut found = lengths.into_iter().filter_map(|bits| {
        let first = false;
        let form = Form {
            addressed,
            bits,
            first,
        };
        find(code, form)
    });
    let application = found.find(|application| application.name == name)?;
    let mut at = table::write(application.head, fields, bits, start);
    if let Some(records) = application.records {
        let list = fields.get(records.name).and_then(Value::as_array);
        for record in list.into_iter().flatten().take(records.most) {
            let record = record.as_object()?;
            let end = at + records.bits;
            for items in (records.written)(record) {
                at = table::write(items, record, bits, at);
            }
            at = end;
            bits.extend(end);
        }
    }
    Some(())
}

#[cfg(test)]
mod tests;
