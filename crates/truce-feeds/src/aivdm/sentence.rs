//! NMEA 0183 sentences that carry AIS: the encapsulation sentence `!--VDM` / `!--VDO`, the TAG
//! block before it, what some receivers append after it, and the `$PGHP` line of Gatehouse servers.
//!
//! ```text
//! \g:1-2-1234,s:odesa-1,c:1740830400*hh\!AIVDM,2,1,3,A,55NBh?82...,0*hh
//!   │         │         │                 │    │ │ │ │ │           │ └ checksum
//!   │         │         │                 │    │ │ │ │ │           └ fill bits
//!   │         │         │                 │    │ │ │ │ └ payload
//!   │         │         │                 │    │ │ │ └ channel
//!   │         │         │                 │    │ │ └ sequential message number
//!   │         │         │                 │    │ └ number of this sentence
//!   │         │         │                 │    └ number of sentences
//!   │         │         │                 └ talker (AI, BS, AB, …), VDM received or VDO own
//!   │         │         └ UNIX time of reception, seconds (or milliseconds)
//!   │         └ station
//!   └ sentence number, number of sentences, group
//! $PGHP,1,2013,3,18,9,19,10,624,219,,2190048,1,47*16
//!         └ year, month, day, hour, minute, second, millisecond of the next message
//! ```
//! The checksum is the exclusive or of what stands between `!`, `$` or `\` and `*`.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use truce_core::Timestamp;

use crate::fault::{Fault, RejectionClass};
use crate::sheet::Sheet;

/// Most sentences of one message: the field has one digit (NMEA 0183).
pub(crate) const SENTENCES_MAX: u8 = 9;

/// UNIX times from here on are milliseconds: as seconds they would lie after the year 5138.
const MILLISECONDS_FROM: i64 = 100_000_000_000;

/// A `VDM` or `VDO` sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Sentence<'a> {
    /// Talker and `VDM` or `VDO`, such as `AIVDM`.
    pub(crate) address: &'a [u8],
    /// Number of sentences that make up the message.
    pub(crate) total: u8,
    /// Which of them this is, from 1.
    pub(crate) number: u8,
    /// Sequential message number; `None` when empty.
    pub(crate) sequence: Option<u8>,
    /// Radio channel as it stands there; may be empty.
    pub(crate) channel: &'a [u8],
    /// The armoured payload.
    pub(crate) payload: &'a [u8],
    /// Fill bits at its end.
    pub(crate) fill: u8,
    /// Its checksum.
    pub(crate) checksum: u8,
    /// What the TAG block or the receiver says about it.
    pub(crate) tag: Tag<'a>,
}

/// What is said about a sentence beside it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Tag<'a> {
    /// Station that received it.
    pub(crate) station: Option<&'a [u8]>,
    /// When it was received.
    pub(crate) received_at: Option<Timestamp>,
    /// Group that it belongs to.
    pub(crate) group: Option<u32>,
    /// All pairs of the TAG block.
    pub(crate) pairs: &'a [u8],
}

/// What the letters of a TAG block mean (NMEA 0183 v4.11, 7.2).
const TAG_NAMES: [(&[u8], &str); 7] = [
    (b"c", "tag_time_s"),
    (b"d", "tag_destination"),
    (b"g", "tag_group"),
    (b"n", "tag_line_count"),
    (b"r", "tag_relative_time_s"),
    (b"s", "tag_source"),
    (b"t", "tag_text"),
];

/// Writes the pairs of a TAG block into a sheet; numbers as numbers.
pub(crate) fn describe_tag(pairs: &[u8], sheet: &mut Sheet) {
    for pair in pairs.split(|byte| *byte == b',') {
        let Some(colon) = pair.iter().position(|byte| *byte == b':') else {
            continue;
        };
        let (letter, value) = (&pair[..colon], &pair[colon + 1..]);
        let named = TAG_NAMES.iter().find(|(known, _)| *known == letter);
        let unknown = format!("tag_{}", String::from_utf8_lossy(letter));
        let name = named.map_or(unknown.as_str(), |(_, name)| name);
        match (letter, number::<i64>(value)) {
            (b"c", Some(time)) if time >= MILLISECONDS_FROM => {
                sheet.converted((name, Some(time as f64 / 1000.0)), ("tag_time_ms", time));
            }
            (b"c" | b"n" | b"r", Some(number)) => sheet.set(name, number),
            _ => sheet.set(name, String::from_utf8_lossy(value).into_owned()),
        }
    }
}

/// A `$PGHP` line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Gatehouse {
    /// When the next message was received.
    pub(crate) received_at: Timestamp,
    /// Checksum of the next sentence; of several sentences the exclusive or.
    pub(crate) checksum: Option<u8>,
}

/// What a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Line<'a> {
    /// Blank, a remark, or a whole sentence about something else: receivers and ships' networks send
    /// their own position and much more between the vessels'.
    Nothing,
    /// A `VDM` or `VDO` sentence.
    Ais(Sentence<'a>),
    /// A `$PGHP` line.
    Gatehouse(Gatehouse),
}

fn fault(reason: impl Into<String>) -> Fault {
    Fault::new(RejectionClass::Sentence, reason)
}

/// Bytes of the first message of a line. Receivers that write binary messages between their sentences
/// do not end a line before the next sentence, and some lose a line's end: a new message begins where
/// a sentence or a TAG block follows another sentence, or a sentence what is no text.
pub(crate) fn first_bytes(line: &[u8]) -> usize {
    if line.trim_ascii_start().starts_with(b"#") {
        return line.len();
    }
    let tag_end = match line {
        [b'\\', rest @ ..] => rest
            .iter()
            .position(|byte| *byte == b'\\')
            .map(|end| end + 2),
        _ => None,
    };
    let mut begun = false;
    for at in tag_end.unwrap_or(0)..line.len() {
        let begins = match line[at] {
            b'\\' => begun,
            _ => is_start(&line[at..]),
        };
        if begins && at > 0 && (begun || !is_text(&line[..at])) {
            return at;
        }
        begun |= begins;
    }
    line.len()
}

/// Where the sentence begins: at the first `$` or `!` with an address behind it, else at the first.
pub(crate) fn start(line: &[u8]) -> Option<usize> {
    let sign = |at: &usize| matches!(line[*at], b'$' | b'!');
    let mut starts = (0..line.len()).filter(|at| is_start(&line[*at..]));
    starts.next().or_else(|| (0..line.len()).find(sign))
}

fn is_start(text: &[u8]) -> bool {
    matches!(text, [b'$' | b'!', address @ ..] if is_address(address))
}

/// True where the address of a sentence stands: a talker and a formatter, or a maker's own.
fn is_address(text: &[u8]) -> bool {
    let letter = |byte: &u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
    text.len() >= 3 && text[..3].iter().all(letter)
}

fn is_text(bytes: &[u8]) -> bool {
    let text = std::str::from_utf8(bytes);
    text.is_ok_and(|text| !text.chars().any(|c| c.is_control() && c != '\t'))
}

/// Reads a line.
pub(crate) fn read(line: &[u8]) -> Result<Line<'_>, Fault> {
    let line = line.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(line);
    let mut rest = line.trim_ascii();
    let mut tag = Tag::default();
    match rest.first() {
        None | Some(b'#') => return Ok(Line::Nothing),
        Some(b'\\') => {
            let end = rest[1..].iter().position(|byte| *byte == b'\\');
            let end = end.ok_or_else(|| fault("the TAG block has no end"))? + 1;
            tag = read_tag(&rest[1..end])?;
            rest = &rest[end + 1..];
        }
        _ => {}
    }
    if rest.starts_with(b"$PGHP,") {
        return read_gatehouse(rest).map(Line::Gatehouse);
    }
    // Loggers put their own time before the sentence; what stands there is not ours to read.
    let start = start(rest).ok_or_else(|| fault("no sentence that begins with `!`"))?;
    read_sentence(&rest[start..], tag)
}

/// Splits `XYZ*hh…` behind its delimiter into body, checksum and what follows.
pub(crate) fn split_checksum(text: &[u8]) -> Result<(&[u8], u8, &[u8]), Fault> {
    let star = text.iter().rposition(|byte| *byte == b'*');
    let star = star.ok_or_else(|| Fault::new(RejectionClass::Checksum, "no checksum"))?;
    let digits = text.get(star + 1..star + 3).and_then(hexadecimal);
    let stated = digits.ok_or_else(|| Fault::new(RejectionClass::Checksum, "no checksum"))?;
    let body = &text[..star];
    let computed = body.iter().fold(0, |sum, byte| sum ^ byte);
    if computed != stated {
        let reason = format!("checksum {stated:02X}, computed {computed:02X}");
        return Err(Fault::new(RejectionClass::Checksum, reason));
    }
    Ok((body, stated, &text[star + 3..]))
}

fn hexadecimal(digits: &[u8]) -> Option<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let &[high, low] = digits else { return None };
    u8::try_from(digit(high)? << 4 | digit(low)?).ok()
}

/// A number of digits alone; 18 of them always fit.
fn number<T: TryFrom<i64>>(digits: &[u8]) -> Option<T> {
    if !(1..=18).contains(&digits.len()) {
        return None;
    }
    let mut number = 0;
    for digit in digits {
        if !digit.is_ascii_digit() {
            return None;
        }
        number = 10 * number + i64::from(digit - b'0');
    }
    T::try_from(number).ok()
}

fn read_sentence<'a>(text: &'a [u8], tag: Tag<'a>) -> Result<Line<'a>, Fault> {
    let (body, checksum, tail) = split_checksum(&text[1..])?;
    let mut fields = body.split(|byte| *byte == b',');
    let mut next = || fields.next();
    let kind = next().unwrap_or_default();
    if !(kind.len() == 5 && matches!(&kind[2..], b"VDM" | b"VDO")) {
        if is_address(kind) {
            return Ok(Line::Nothing);
        }
        let shown = String::from_utf8_lossy(kind);
        let shown = crate::fault::excerpt(&shown);
        return Err(fault(format!("`{shown}` is no address of a sentence")));
    }
    let parts = (|| {
        let total = next().and_then(number)?;
        let at = next().and_then(number)?;
        let sequence = next()?;
        let channel = next()?;
        let payload = next()?;
        let fill = next()?;
        let fill = if fill.is_empty() { 0 } else { number(fill)? };
        Some((total, at, number(sequence), channel, payload, fill))
    })();
    let (total, at, sequence, channel, payload, fill) =
        parts.ok_or_else(|| fault("fields are missing or are no numbers"))?;
    if fields.next().is_some() {
        return Err(fault("more fields than a VDM sentence has"));
    }
    if !(1..=SENTENCES_MAX).contains(&total) || !(1..=total).contains(&at) {
        return Err(fault(format!("sentence {at} of {total}")));
    }
    Ok(Line::Ais(Sentence {
        address: kind,
        total,
        number: at,
        sequence,
        channel,
        payload,
        fill,
        checksum,
        tag: read_tail(tail, tag),
    }))
}

/// A TAG block (NMEA 0183 v4, 7): comma-separated `key:value` pairs and a checksum.
pub(crate) fn read_tag(block: &[u8]) -> Result<Tag<'_>, Fault> {
    let (body, _, _) = split_checksum(block)?;
    let mut tag = Tag {
        pairs: body,
        ..Tag::default()
    };
    for pair in body.split(|byte| *byte == b',') {
        match pair {
            [b's', b':', station @ ..] if !station.is_empty() => tag.station = Some(station),
            [b'c', b':', time @ ..] => tag.received_at = number(time).and_then(unix_time),
            [b'g', b':', group @ ..] => {
                tag.group = group.rsplit(|byte| *byte == b'-').next().and_then(number);
            }
            _ => {}
        }
    }
    Ok(tag)
}

/// What the receivers of the US Coast Guard append: `,rSTATION` and at the end the UNIX time.
fn read_tail<'a>(tail: &'a [u8], tag: Tag<'a>) -> Tag<'a> {
    let mut tag = tag;
    if tail.first() == Some(&b',') {
        for field in tail[1..].split(|byte| *byte == b',') {
            match field {
                [b'r' | b'b', _, ..] if tag.station.is_none() => tag.station = Some(field),
                _ if field.len() >= 9 && tag.received_at.is_none() => {
                    tag.received_at = number(field).and_then(unix_time);
                }
                _ => {}
            }
        }
    }
    tag
}

fn unix_time(time: i64) -> Option<Timestamp> {
    if time >= MILLISECONDS_FROM {
        Timestamp::from_millisecond(time).ok()
    } else {
        Timestamp::from_second(time).ok()
    }
}

/// `$PGHP,type,year,month,day,hour,minute,second,millisecond,country,region,station,online,sum`.
fn read_gatehouse(line: &[u8]) -> Result<Gatehouse, Fault> {
    let (body, _, _) = split_checksum(&line[1..])?;
    let fields: Vec<&[u8]> = body.split(|byte| *byte == b',').collect();
    let at = |index: usize| fields.get(index).copied().and_then(number::<i16>);
    let small = |index: usize| at(index).and_then(|value| i8::try_from(value).ok());
    let received_at = (|| {
        let time = DateTime::new(
            at(2)?,
            small(3)?,
            small(4)?,
            small(5)?,
            small(6)?,
            small(7)?,
            i32::from(at(8)?).checked_mul(1_000_000)?,
        );
        TimeZone::UTC.to_timestamp(time.ok()?).ok()
    })();
    Ok(Gatehouse {
        received_at: received_at
            .ok_or_else(|| Fault::new(RejectionClass::Time, "the `$PGHP` line holds no time"))?,
        checksum: fields.get(13).copied().and_then(hexadecimal),
    })
}

/// Appends `body` between a delimiter and its checksum.
pub(crate) fn push_checked(line: &mut String, delimiter: char, body: &str) {
    use std::fmt::Write as _;
    let checksum = body.bytes().fold(0, |sum, byte| sum ^ byte);
    line.push(delimiter);
    line.push_str(body);
    // Writing to a String cannot fail.
    let _ = write!(line, "*{checksum:02X}");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ais(line: &str) -> Sentence<'_> {
        match read(line.as_bytes()) {
            Ok(Line::Ais(sentence)) => sentence,
            other => panic!("{line}: {other:?}"),
        }
    }

    /// Sentences of AisLib's sample file (Apache-2.0), and one as receivers of the U.S. Coast Guard
    /// write them.
    #[test]
    fn sentences() {
        let got =
            ais("!AIVDM,2,1,1,,53cMa3@000010WSW?V105=<45B2222222222220t388151:9e2UiDm851DTh,0*65");
        assert_eq!((got.total, got.number, got.sequence), (2, 1, Some(1)));
        assert_eq!((got.channel, got.fill, got.checksum), (&b""[..], 0, 0x65));
        assert_eq!(got.tag, Tag::default());
        let got = ais("!BSVDM,1,1,,B,14VliT002O0q2DBP:dAu7JRD0<0s,0*28");
        assert_eq!((got.sequence, got.channel), (None, &b"B"[..]));
        let got = ais("!$!BSVDM,1,1,,B,14VliT002O0q2DBP:dAu7JRD0<0s,0*28");
        assert_eq!(got.address, b"BSVDM");
        let got = ais("1630 !AIVDM,1,1,,A,15NG6V0P01G?cFhE`R2IU?wn28R>,0*06,r003669945,1273273454");
        assert_eq!(got.tag.station, Some(&b"r003669945"[..]));
        assert_eq!(
            got.tag.received_at,
            Timestamp::from_second(1_273_273_454).ok()
        );
    }

    #[test]
    fn tag_blocks() {
        let tagged = |body: &str| {
            let mut line = String::new();
            push_checked(&mut line, '\\', body);
            line + "\\!BSVDM,1,1,,B,14VliT002O0q2DBP:dAu7JRD0<0s,0*28"
        };
        let line = tagged("g:1-2-1234,s:odesa/ais-1,n:7,c:1740830400");
        let expected = Tag {
            station: Some(b"odesa/ais-1"),
            received_at: Timestamp::from_second(1_740_830_400).ok(),
            group: Some(1234),
            pairs: b"g:1-2-1234,s:odesa/ais-1,n:7,c:1740830400",
        };
        assert_eq!(ais(&line).tag, expected);
        let line = tagged("c:1740830400250,s:");
        let expected = Tag {
            received_at: Timestamp::from_millisecond(1_740_830_400_250).ok(),
            pairs: b"c:1740830400250,s:",
            ..Tag::default()
        };
        assert_eq!(ais(&line).tag, expected);
        let line = tagged("c:soon,g:x,q");
        let expected = Tag {
            pairs: b"c:soon,g:x,q",
            ..Tag::default()
        };
        assert_eq!(ais(&line).tag, expected);
    }

    #[test]
    fn gatehouse_lines() {
        let got = read(b"$PGHP,1,2013,3,18,9,19,10,624,219,,2190048,1,47*16");
        let expected = Gatehouse {
            received_at: "2013-03-18T09:19:10.624Z".parse().unwrap(),
            checksum: Some(0x47),
        };
        assert_eq!(got, Ok(Line::Gatehouse(expected)));
    }

    #[test]
    fn what_is_refused() {
        let sentence = |body: &str| {
            let mut line = String::new();
            push_checked(&mut line, '!', body);
            line
        };
        let cases = [
            ("".to_owned(), None),
            ("  \t".to_owned(), None),
            ("# remark".to_owned(), None),
            (sentence("AIVDM,1,1,,A,1,0"), None),
            (sentence("AIVDM,1,1,,A,1,"), None),
            (sentence("AIVDM,1,1,,A,1"), Some("sentence")),
            (sentence("AIVDM,1,1,,A,1,0,9"), Some("sentence")),
            (sentence("AIVDM,1,1,,A,1,x"), Some("sentence")),
            (sentence("AIVDM,1,2,,A,1,0"), Some("sentence")),
            (sentence("AIVDM,0,0,,A,1,0"), Some("sentence")),
            (sentence("AIVDM,10,1,,A,1,0"), Some("sentence")),
            (sentence("AIABM,1,1,,A,1,0"), None),
            (sentence("VDM"), None),
            (sentence("vdm"), Some("sentence")),
            ("$GPGGA,1*4B".to_owned(), None),
            ("$GPGGA,1*00".to_owned(), Some("checksum")),
            ("!".to_owned(), Some("checksum")),
            ("!AIVDM,1,1,,A,1,0*0".to_owned(), Some("checksum")),
            ("!AIVDM,1,1,,A,1,0*00".to_owned(), Some("checksum")),
            ("\\s:x".to_owned(), Some("sentence")),
            (
                "\\s:x*00\\!AIVDM,1,1,,A,1,0*00".to_owned(),
                Some("checksum"),
            ),
            ("\\".to_owned(), Some("sentence")),
            ("\\\\".to_owned(), Some("checksum")),
            ("$PGHP,1*12".to_owned(), Some("time")),
        ];
        for (line, class) in cases {
            let got = read(line.as_bytes()).err().map(|fault| fault.class.name());
            assert_eq!(got, class, "{line}");
        }
    }

    /// Lines like those that u-blox, Quectel and Teseo receivers write beside their binary messages
    /// (recordings in the tests of gpsd).
    #[test]
    fn messages_of_a_line() {
        let cases: [(&[u8], &[usize]); 12] = [
            (b"", &[]),
            (b"$GPGGA,1*57", &[]),
            (b"1630 !AIVDM,1,1,,A,1,0*16,r003669945", &[]),
            (b"# $GPGGA,1*57$GPGGA,1*57", &[]),
            (b"\\s:a*1A\\!AIVDM,1,1,,A,1,0*16", &[]),
            (b"$GPGGA,1*57$GPGGA,1*57", &[11]),
            (b"$GPGSV,4,1,15,0$GPGGA,1*57", &[15]),
            (b"$GPGGA,1*57\\s:a*1A\\!AIVDM,1*00", &[11]),
            (b"\x02\x0c@#$\x1a\xb5b\xf0$GPGGA,1*57", &[9]),
            (b"\xb5b$GPGGA,1*57\xb5b$GPGGA,1*57", &[2, 15]),
            (b"Z\xc3\xbcrich $GPGGA,1*57", &[]),
            (b"log! $5 $GPGGA,1*57", &[]),
        ];
        for (line, ends) in cases {
            let (mut got, mut at) = (Vec::new(), first_bytes(line));
            while at < line.len() {
                got.push(at);
                at += first_bytes(&line[at..]);
            }
            assert_eq!(got, ends, "{}", line.escape_ascii());
        }
    }

    /// A field of `$PGHP` beyond what the parts of a time can be; 4295 milliseconds are 32,704
    /// nanoseconds in 32 bits.
    #[test]
    fn times_that_are_none() {
        for fields in [
            "6,11,11,46,11,4295",
            "6,11,11,46,11,32767",
            "13,11,11,46,11,0",
        ] {
            let mut line = String::new();
            push_checked(
                &mut line,
                '$',
                &format!("PGHP,1,2010,{fields},231,45,992190934,1,2B"),
            );
            let Err(fault) = read(line.as_bytes()) else {
                panic!("{line} was read");
            };
            assert_eq!(fault.class, RejectionClass::Time, "{line}");
        }
    }
}
