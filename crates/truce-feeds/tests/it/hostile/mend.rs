//! Mends the checksums of a stream that was changed, so that what was changed is read and not
//! refused at its door. The sums are written from the standards anew, which holds the decoders' own
//! against them. Nothing else is mended, and the length of a stream stays.

use truce_feeds::Format;

/// Gives each message in which a checksum is found the one that it should have.
pub(crate) fn mend(format: Format, stream: &mut [u8]) {
    match format {
        Format::Aivdm | Format::Nmea => lines(stream, mend_sentence),
        Format::Avr => lines(stream, mend_hexadecimal_frame),
        Format::Beast => mend_beast(stream),
        Format::Mavlink => mend_each(stream, mend_mavlink),
        // In a transport stream as long as a packet of KLV lies within one of the stream's.
        Format::Klv | Format::MpegTs => mend_each(stream, mend_klv),
        Format::Miniseed => mend_each(stream, mend_miniseed),
        _ => {}
    }
}

fn lines(stream: &mut [u8], mend: fn(&mut [u8]) -> Option<()>) {
    for line in stream.split_mut(|byte| *byte == b'\n') {
        mend(line);
    }
}

/// Tries each place of a stream; `mend` says how many bytes the message there has.
fn mend_each(stream: &mut [u8], mend: fn(&mut [u8]) -> Option<usize>) {
    let mut at = 0;
    while at < stream.len() {
        at += mend(&mut stream[at..]).unwrap_or(1);
    }
}

/// NMEA 0183: the bytes between `!` or `$` and `*`, added without carry, in hexadecimal digits.
fn mend_sentence(line: &mut [u8]) -> Option<()> {
    let start = line.iter().rposition(|byte| matches!(byte, b'!' | b'$'))?;
    let sentence = &mut line[start + 1..];
    let end = sentence.iter().position(|byte| *byte == b'*')?;
    let sum = sentence[..end].iter().fold(0, |sum, byte| sum ^ byte);
    let digits = format!("{sum:02X}");
    for (place, digit) in sentence[end + 1..].iter_mut().zip(digits.bytes()) {
        *place = digit;
    }
    Some(())
}

/// A line of a Mode S receiver: behind its sign, and the counter and the level of some, a frame.
fn mend_hexadecimal_frame(line: &mut [u8]) -> Option<()> {
    let end = line.trim_ascii_end().len();
    let line = &mut line[..end];
    let end = line.strip_suffix(b";").map_or(line.len(), <[u8]>::len);
    let start = match line.first()? {
        b'*' | b':' => 1,
        b'@' | b'%' => 1 + 12,
        b'<' => 1 + 14,
        _ => 0,
    };
    let digits = line.get_mut(start..end)?;
    let (pairs, []) = digits.as_chunks::<2>() else {
        return None;
    };
    let byte = |pair: &[u8; 2]| u8::from_str_radix(str::from_utf8(pair).ok()?, 16).ok();
    let mut frame = pairs.iter().map(byte).collect::<Option<Vec<u8>>>()?;
    seal(&mut frame)?;
    let sealed: String = frame.iter().map(|byte| format!("{byte:02X}")).collect();
    let sum = digits.len() - 6;
    digits[sum..].copy_from_slice(&sealed.as_bytes()[sum..]);
    Some(())
}

/// Gives a frame of Mode S its parity, where that proves the frame: formats 11, 17 and 18 (RTCA
/// DO-260B, 2.2.3.2.1.2). In others the address lies over it.
fn seal(frame: &mut [u8]) -> Option<()> {
    let wanted = match frame.first()? >> 3 {
        11 => 7,
        17 | 18 => 14,
        _ => return None,
    };
    if frame.len() != wanted {
        return None;
    }
    let (body, sum) = frame.split_at_mut(wanted - 3);
    let parity = body.iter().fold(0_u32, |rest, byte| {
        (0..8).fold(rest ^ u32::from(*byte) << 16, |rest, _| {
            let shifted = rest << 1;
            if shifted & 0x100_0000 == 0 {
                shifted
            } else {
                shifted ^ 0x1FF_F409
            }
        })
    });
    sum.copy_from_slice(&parity.to_be_bytes()[1..]);
    Some(())
}

/// Frames of Beast: escaped, behind a counter of six bytes and a level of one.
fn mend_beast(stream: &mut [u8]) {
    let escape = 0x1A;
    for start in 0..stream.len() {
        let frame_bytes = match stream[start..] {
            [0x1A, b'2', ..] => 7,
            [0x1A, b'3', ..] => 14,
            _ => continue,
        };
        let (mut at, mut places) = (start + 2, Vec::new());
        while at < stream.len() && places.len() < 7 + frame_bytes {
            places.push(at);
            at += if stream[at] == escape { 2 } else { 1 };
        }
        let Some(places) = places.get(7..7 + frame_bytes) else {
            continue;
        };
        let mut frame: Vec<u8> = places.iter().map(|at| stream[*at]).collect();
        // A sum that would need more room or less stays as it is.
        let sum = frame_bytes - 3;
        let is_plain = |frame: &[u8]| !frame[sum..].contains(&escape);
        if is_plain(&frame) && seal(&mut frame).is_some() && is_plain(&frame) {
            for (at, byte) in places.iter().zip(frame) {
                stream[*at] = byte;
            }
        }
    }
}

/// A packet of MAVLink 1 or 2: CRC-16/MCRF4XX behind the payload.
fn mend_mavlink(stream: &mut [u8]) -> Option<usize> {
    let (head, id) = match *stream {
        [0xFE, _, _, _, _, id, ..] => (6, u32::from(id)),
        [0xFD, _, _, _, _, _, _, a, b, c, ..] => (10, u32::from_le_bytes([a, b, c, 0])),
        _ => return None,
    };
    // What stands for the definition of the message (MAVLink, common.xml).
    let definition = match id {
        0 => 50,
        24 => 24,
        33 => 104,
        246 => 184,
        12_900 => 114,
        12_901 => 254,
        12_902 => 140,
        12_903 => 249,
        12_904 => 77,
        12_905 => 49,
        12_915 => 94,
        _ => return None,
    };
    let end = head + usize::from(stream[1]);
    let covered = stream.get(1..end)?.iter().chain([&definition]);
    let sum = covered.fold(0xFFFF_u16, |sum, byte| {
        (0..8).fold(sum ^ u16::from(*byte), |sum, _| {
            sum >> 1 ^ if sum & 1 == 1 { 0x8408 } else { 0 }
        })
    });
    stream
        .get_mut(end..end + 2)?
        .copy_from_slice(&sum.to_le_bytes());
    Some(end + 2)
}

/// A packet of KLV: its last item is the sum of all before as words of 16 bits (MISB ST 0601.19,
/// tag 1).
fn mend_klv(stream: &mut [u8]) -> Option<usize> {
    let (key_bytes, item_bytes) = (16, 4);
    if !stream.starts_with(&[6, 0x0E, 0x2B, 0x34]) {
        return None;
    }
    let first = usize::from(*stream.get(key_bytes)?);
    let (head, length) = match first {
        0..=0x7F => (key_bytes + 1, first),
        0x81..=0x84 => {
            let head = key_bytes + 1 + (first & 0x7F);
            let digits = stream.get(key_bytes + 1..head)?;
            let length = digits.iter().fold(0, |n, byte| n << 8 | usize::from(*byte));
            (head, length)
        }
        _ => return None,
    };
    let end = head.checked_add(length)?;
    if length < item_bytes || end > stream.len() {
        return None;
    }
    stream[end - item_bytes..end - 2].copy_from_slice(&[1, 2]);
    let (words, odd) = stream[..end - 2].as_chunks::<2>();
    let last = odd.first().map(|byte| u16::from(*byte) << 8);
    let words = words.iter().map(|word| u16::from_be_bytes(*word));
    let sum = words.chain(last).fold(0, u16::wrapping_add);
    stream[end - 2..end].copy_from_slice(&sum.to_be_bytes());
    Some(end)
}

/// A record of miniSEED 3: CRC-32C over the record with zeros in its place (FDSN miniSEED 3, field
/// 11).
fn mend_miniseed(stream: &mut [u8]) -> Option<usize> {
    if !stream.starts_with(b"MS\x03") {
        return None;
    }
    let header = *stream.first_chunk::<40>()?;
    let payload = u32::from_le_bytes([header[36], header[37], header[38], header[39]]);
    let extra = u16::from_le_bytes([header[34], header[35]]);
    let length = 40 + usize::from(header[33]) + usize::from(extra) + payload as usize;
    let record = stream.get_mut(..length)?;
    record[28..32].fill(0);
    let sum = record.iter().fold(u32::MAX, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| {
            sum >> 1 ^ if sum & 1 == 1 { 0x82F6_3B78 } else { 0 }
        })
    });
    record[28..32].copy_from_slice(&(!sum).to_le_bytes());
    Some(length)
}
