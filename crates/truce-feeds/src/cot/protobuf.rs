//! TAK protocol version 1: the event as protocol buffers (takproto, `takmessage.proto` and
//! `cotevent.proto`).
//!
//! ```text
//! BF length message            a stream: the length as a varint
//! BF 01 BF message             a datagram
//! ```
//!
//! | message | fields |
//! |---|---|
//! | TakMessage | 1 control, 2 event |
//! | CotEvent | 1 type, 2 access, 3 qos, 4 opex, 5 uid, 6 sent, 7 start, 8 stale (ms), 9 how, 10 latitude, 11 longitude, 12 height, 13 ce, 14 le, 15 detail |
//! | Detail | 1 xml, 2 contact (2 call sign), 3 group (1 name, 2 role), 5 status (1 battery), 6 takv, 7 track (1 speed, 2 course) |

use truce_core::{Observation, Timestamp};

use super::event::{Event, UNKNOWN};
use crate::decoder::{Decoded, Job, Reader};
use crate::fault::{Fault, RejectionClass, Unencodable};
use crate::framer::Cut;
use crate::sheet::Sheet;

const MAGIC: u8 = 0xBF;

/// Cuts messages of a stream by their length, and datagrams whole.
pub(crate) fn cut(bytes: &[u8]) -> Cut {
    match bytes {
        [MAGIC, 1, MAGIC, ..] => return Cut::Message(bytes.len()),
        [MAGIC, ..] => {}
        _ => {
            let next = bytes.iter().position(|byte| *byte == MAGIC);
            return Cut::Message(next.unwrap_or(bytes.len()));
        }
    }
    let mut rest = &bytes[1..];
    let Some(length) = varint(&mut rest) else {
        // Ten bytes are enough for any number.
        return if bytes.len() > 11 {
            Cut::Message(1)
        } else {
            Cut::More
        };
    };
    let head = bytes.len() - rest.len();
    match usize::try_from(length)
        .ok()
        .filter(|n| *n < crate::LINE_BYTES_MAX)
    {
        None => Cut::Message(1),
        Some(length) if rest.len() < length => Cut::More,
        Some(length) => Cut::Message(head + length),
    }
}

fn varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0_u64;
    for (index, byte) in bytes.iter().take(10).enumerate() {
        value |= u64::from(byte & 0x7F) << (7 * index).min(63);
        if byte & 0x80 == 0 {
            *bytes = &bytes[index + 1..];
            return Some(value);
        }
    }
    None
}

/// A field's value.
#[derive(Debug, Clone, Copy)]
enum Value<'a> {
    Number(u64),
    Double(f64),
    Bytes(&'a [u8]),
}

impl<'a> Value<'a> {
    fn text(self) -> Option<&'a str> {
        match self {
            Self::Bytes(bytes) => std::str::from_utf8(bytes).ok(),
            _ => None,
        }
    }

    fn bytes(self) -> &'a [u8] {
        match self {
            Self::Bytes(bytes) => bytes,
            _ => &[],
        }
    }

    fn double(self) -> Option<f64> {
        match self {
            Self::Double(value) => Some(value).filter(|value| value.is_finite()),
            _ => None,
        }
    }

    fn time(self) -> Option<Timestamp> {
        match self {
            Self::Number(ms) => Timestamp::from_millisecond(i64::try_from(ms).ok()?).ok(),
            _ => None,
        }
    }
}

/// The fields of a message; `None` at the first that is broken.
fn fields(bytes: &[u8]) -> impl Iterator<Item = Result<(u64, Value<'_>), Fault>> {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let field = next(&mut rest);
        if field.is_none() {
            rest = &[];
        }
        Some(field.ok_or_else(|| Fault::new(RejectionClass::Frame, "a field is cut short")))
    })
}

fn next<'a>(bytes: &mut &'a [u8]) -> Option<(u64, Value<'a>)> {
    let key = varint(bytes)?;
    let value = match key & 7 {
        0 => Value::Number(varint(bytes)?),
        1 => {
            let (head, rest) = bytes.split_first_chunk::<8>()?;
            *bytes = rest;
            Value::Double(f64::from_le_bytes(*head))
        }
        2 => {
            let length = usize::try_from(varint(bytes)?).ok()?;
            let (head, rest) = bytes.split_at_checked(length)?;
            *bytes = rest;
            Value::Bytes(head)
        }
        5 => {
            let (head, rest) = bytes.split_first_chunk::<4>()?;
            *bytes = rest;
            Value::Number(u64::from(u32::from_le_bytes(*head)))
        }
        _ => return None,
    };
    Some((key >> 3, value))
}

/// Reads the messages of one feed.
#[derive(Debug)]
pub(crate) struct Messages;

impl Reader for Messages {
    fn read(&mut self, job: &Job<'_>, out: &mut Decoded) -> Result<(), Fault> {
        let content = match job.bytes {
            [MAGIC, 1, MAGIC, content @ ..] => content,
            [MAGIC, rest @ ..] => {
                let mut rest = rest;
                let length = varint(&mut rest).and_then(|length| usize::try_from(length).ok());
                if length != Some(rest.len()) {
                    return Err(Fault::new(RejectionClass::Frame, "cut short"));
                }
                rest
            }
            _ => return Err(Fault::new(RejectionClass::Frame, "no TAK message")),
        };
        let mut event = None;
        for field in fields(content) {
            if let (2, value) = field? {
                event = Some(value.bytes());
            }
        }
        // A message of control alone says nothing of the world.
        let Some(event) = event else { return Ok(()) };
        let mut sheet = Sheet::default();
        let event = read(event, &mut sheet)?;
        out.sheet(|| {
            sheet.kind.clone_from(&event.kind);
            event.write(&mut sheet);
            sheet
        });
        if let Some(said) = event.said(job) {
            job.say(said, 0, out);
        }
        Ok(())
    }
}

fn read(bytes: &[u8], sheet: &mut Sheet) -> Result<Event, Fault> {
    // A field that is left out has the value zero (protocol buffers 3, default values).
    let mut event = Event {
        uid: String::new(),
        kind: String::new(),
        how: String::new(),
        sent_at: None,
        start: Timestamp::UNIX_EPOCH,
        stale: None,
        lat_deg: 0.0,
        lon_deg: 0.0,
        height_m: Some(0.0),
        circular_m: Some(0.0),
        linear_m: Some(0.0),
        call_sign: None,
        speed_m_s: None,
        course_deg: None,
    };
    for field in fields(bytes) {
        let (number, value) = field?;
        let text = || value.text().unwrap_or_default().to_owned();
        match number {
            1 => event.kind = text(),
            2 => sheet.set("access", text()),
            3 => sheet.set("qos", text()),
            4 => sheet.set("opex", text()),
            5 => event.uid = text(),
            6 => event.sent_at = value.time(),
            7 => event.start = value.time().unwrap_or(event.start),
            8 => event.stale = value.time(),
            9 => event.how = text(),
            10 => event.lat_deg = value.double().unwrap_or(f64::NAN),
            11 => event.lon_deg = value.double().unwrap_or(f64::NAN),
            12 => event.height_m = value.double(),
            13 => event.circular_m = value.double(),
            14 => event.linear_m = value.double(),
            15 => detail(value.bytes(), &mut event, sheet)?,
            16 => sheet.set("caveat", text()),
            17 => sheet.set("releasable_to", text()),
            _ => sheet.wrong(format!("field {number} of the event is not known")),
        }
    }
    for (name, text) in [("uid", &event.uid), ("type", &event.kind)] {
        if text.is_empty() {
            return Err(Fault::missing(name));
        }
    }
    Ok(event.known())
}

fn detail(bytes: &[u8], event: &mut Event, sheet: &mut Sheet) -> Result<(), Fault> {
    const GROUPS: [(u64, &str, &[&str]); 5] = [
        (2, "contact", &["endpoint", "callsign"]),
        (3, "group", &["name", "role"]),
        (4, "precision_location", &["geopointsrc", "altsrc"]),
        (5, "status", &["battery"]),
        (6, "takv", &["device", "platform", "os", "version"]),
    ];
    for field in fields(bytes) {
        let (number, value) = field?;
        if number == 1 {
            sheet.set("detail_xml", value.text());
        }
        for inner in fields(if number == 1 { &[] } else { value.bytes() }) {
            let (place, value) = inner?;
            match (number, place) {
                (2, 2) => event.call_sign = value.text().map(str::to_owned),
                (7, 1) => event.speed_m_s = value.double(),
                (7, 2) => event.course_deg = value.double(),
                _ => {}
            }
            let group = GROUPS.iter().find(|(known, ..)| *known == number);
            let name = group.and_then(|(_, group, names)| {
                let index = usize::try_from(place.checked_sub(1)?).ok()?;
                Some(format!("{group}_{}", names.get(index)?))
            });
            match (name, value) {
                (Some(name), Value::Number(number)) => sheet.set(&name, number),
                (Some(name), value) => sheet.set(&name, value.text()),
                (None, _) => {}
            }
        }
    }
    Ok(())
}

/// Writes an observation with a position as a message of a stream.
///
/// # Errors
/// [`Unencodable`] for readings that are no thing at a place.
pub fn encode(observation: &Observation) -> Result<Vec<Vec<u8>>, Unencodable> {
    let event = Event::of(observation)?;
    let mut body = Vec::new();
    text(&mut body, 1, &event.kind);
    text(&mut body, 5, &event.uid);
    let times = [(6, event.sent_at), (7, Some(event.start)), (8, event.stale)];
    for (field, at) in times {
        let ms = at.map_or(0, |at| at.as_millisecond().max(0).cast_unsigned());
        push_varint(&mut body, field << 3);
        push_varint(&mut body, ms);
    }
    text(&mut body, 9, &event.how);
    let point = [event.height_m, event.circular_m, event.linear_m];
    let [height, circular, linear] = point.map(|value| value.unwrap_or(UNKNOWN));
    let numbers = [event.lat_deg, event.lon_deg, height, circular, linear];
    for (field, value) in (10..).zip(numbers) {
        double(&mut body, field, value);
    }
    let mut detail = Vec::new();
    if let Some(name) = &event.call_sign {
        let mut contact = Vec::new();
        text(&mut contact, 2, name);
        message(&mut detail, 2, &contact);
    }
    if let (Some(speed), Some(course)) = (event.speed_m_s, event.course_deg) {
        let mut track = Vec::new();
        double(&mut track, 1, speed);
        double(&mut track, 2, course);
        message(&mut detail, 7, &track);
    }
    message(&mut body, 15, &detail);
    let mut content = Vec::new();
    message(&mut content, 2, &body);
    let mut bytes = vec![MAGIC];
    push_varint(&mut bytes, content.len() as u64);
    bytes.extend(content);
    Ok(vec![bytes])
}

fn push_varint(out: &mut Vec<u8>, value: u64) {
    let mut rest = value;
    while rest > 0x7F {
        out.push(0x80 | rest.to_le_bytes()[0] & 0x7F);
        rest >>= 7;
    }
    out.push(rest.to_le_bytes()[0]);
}

fn message(out: &mut Vec<u8>, field: u64, content: &[u8]) {
    push_varint(out, field << 3 | 2);
    push_varint(out, content.len() as u64);
    out.extend(content);
}

fn text(out: &mut Vec<u8>, field: u64, text: &str) {
    message(out, field, text.as_bytes());
}

fn double(out: &mut Vec<u8>, field: u64, value: f64) {
    push_varint(out, field << 3 | 1);
    out.extend(value.to_le_bytes());
}
