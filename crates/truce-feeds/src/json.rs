//! Streams of JSON objects (RFC 8259): one after the other, in an array, or in the list of a page
//! that a service answers with.

use crate::framer::Cut;

/// Cuts a stream behind each object. What stands around objects is skipped: blanks, arrays, and the
/// page around a list, which is told by the name of its list, with what it says behind the list. So each item of a page is a message
/// of its own, and the same item on two pages is one message. Bytes that begin no object are cut off
/// for themselves.
pub(crate) fn cut(bytes: &[u8], lists: &[&str]) -> Cut {
    let around = |byte: &u8| byte.is_ascii_whitespace() || b"[],}".contains(byte);
    let bytes = match bytes.strip_prefix(b"\xEF\xBB\xBF") {
        Some(_) => return Cut::Skip(3),
        None => bytes,
    };
    match bytes.iter().take_while(|byte| around(byte)).count() {
        0 => {}
        n => return Cut::Skip(n),
    }
    if let Some(cut) = member(bytes) {
        return cut;
    }
    if bytes[0] != b'{' {
        let next = bytes
            .iter()
            .position(|byte| *byte == b'{' || *byte == b'\n');
        return Cut::Stray(next.unwrap_or(bytes.len()));
    }
    object(bytes, lists)
}

/// Skips a name with its value, as they stand in a page behind its list; `None` when the bytes begin
/// with none.
fn member(bytes: &[u8]) -> Option<Cut> {
    if bytes[0] != b'"' {
        return None;
    }
    let Some(end) = string_end(bytes, 0) else {
        return Some(Cut::More);
    };
    let is_blank = |byte: &&u8| byte.is_ascii_whitespace();
    let colon = end + bytes[end..].iter().take_while(is_blank).count();
    match bytes.get(colon) {
        Some(b':') => {}
        Some(_) => return None,
        None => return Some(Cut::More),
    }
    let value = colon + 1 + bytes[colon + 1..].iter().take_while(is_blank).count();
    Some(match bytes.get(value) {
        Some(b'"') => string_end(bytes, value).map_or(Cut::More, Cut::Skip),
        Some(b'{' | b'[') => match object(&bytes[value..], &[]) {
            Cut::Message(length) => Cut::Skip(value + length),
            other => other,
        },
        Some(_) => {
            let length = bytes[value..]
                .iter()
                .position(|byte| b",]}\n".contains(byte));
            length.map_or(Cut::More, |length| Cut::Skip(value + length))
        }
        None => Cut::More,
    })
}

/// Cuts behind the object that the bytes begin with, or into it when it is a page.
fn object(bytes: &[u8], lists: &[&str]) -> Cut {
    let (mut depth, mut at) = (0_usize, 0);
    let mut name: &[u8] = &[];
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => {
                let Some(end) = string_end(bytes, at) else {
                    return Cut::More;
                };
                name = &bytes[at + 1..end - 1];
                at = end;
                continue;
            }
            b'[' if depth == 1 && lists.iter().any(|list| list.as_bytes() == name) => {
                return Cut::Skip(at + 1);
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' => {
                depth -= 1;
                if depth == 0 {
                    return Cut::Message(at + 1);
                }
            }
            b',' => name = &[],
            _ => {}
        }
        at += 1;
    }
    Cut::More
}

/// The end of the string that begins at a place.
fn string_end(bytes: &[u8], start: usize) -> Option<usize> {
    let mut at = start + 1;
    loop {
        match bytes.get(at)? {
            b'"' => return Some(at + 1),
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces(text: &str) -> Vec<String> {
        let mut rest = text.as_bytes();
        let mut pieces = Vec::new();
        while !rest.is_empty() {
            match cut(rest, &["results"]) {
                Cut::Skip(n) => rest = &rest[n..],
                Cut::Message(n) | Cut::Stray(n) => {
                    pieces.push(String::from_utf8_lossy(&rest[..n]).into_owned());
                    rest = &rest[n..];
                }
                Cut::More => {
                    pieces.push(format!("…{}", String::from_utf8_lossy(rest)));
                    break;
                }
            }
        }
        pieces
    }

    #[test]
    fn objects_are_cut_wherever_they_stand() {
        let cases: &[(&str, &[&str])] = &[
            ("{\"a\":1}\n{\"b\":{}}", &["{\"a\":1}", "{\"b\":{}}"]),
            ("[{\"a\":\"}\\\"]\"},\n{}]", &["{\"a\":\"}\\\"]\"}", "{}"]),
            (
                "{\"count\":2,\"next\":null,\"results\":[{\"a\":[1]},{\"b\":2}]}{}",
                &["{\"a\":[1]}", "{\"b\":2}", "{}"],
            ),
            (
                "{\"results\":[{\"a\":1}], \"next\" : null,\"links\":[{\"b\":[]}],\"s\":\"}\"}{}",
                &["{\"a\":1}", "{}"],
            ),
            ("\"junk\" {}", &["\"junk\" ", "{}"]),
            ("\"next\":", &["…\"next\":"]),
            ("{\"a\":{\"results\":[1]}}", &["{\"a\":{\"results\":[1]}}"]),
            (
                "{\"a\":\"results\",\"b\":[1]}",
                &["{\"a\":\"results\",\"b\":[1]}"],
            ),
            ("junk{}", &["junk", "{}"]),
            ("junk\n{}", &["junk", "{}"]),
            ("\u{feff}{}", &["{}"]),
            ("{\"a\":\"", &["…{\"a\":\""]),
            ("{\"a\":\"\\", &["…{\"a\":\"\\"]),
            ("{]}", &["{]"]),
        ];
        for (text, expected) in cases {
            assert_eq!(pieces(text), *expected, "{text}");
        }
    }
}
