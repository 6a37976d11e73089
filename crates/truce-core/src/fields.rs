//! Where a record's canonical bytes are cut, so that each of its fields can be released or withheld
//! by itself.
//!
//! A field is a member whose value holds no further object: a number, a text, a list of them. The
//! bytes are cut before and behind each such value. So the names of all fields, and the shape of the
//! record, stand in the pieces between the values, and what is withheld is always the value of a
//! field whose name is proven.

use std::ops::Range;

/// A field of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field<'a> {
    /// Its name, without what it lies in.
    pub name: &'a str,
    /// Where its value stands in the record's bytes.
    pub value: Range<usize>,
}

/// The fields of a record's canonical bytes, in their order. Bytes that are no canonical record
/// give whatever of them can be read; the pieces always make up the bytes.
#[must_use]
pub fn fields(canonical: &[u8]) -> Vec<Field<'_>> {
    let mut found = Vec::new();
    let mut scan = Scan {
        bytes: canonical,
        at: 0,
    };
    // Canonical bytes nest no deeper than the types they come from.
    scan.value("", &mut found, 0);
    found
}

/// The lengths of the pieces into which [`fields`] cut a record: between values and values by
/// turns, so that field `k` is piece `2k + 1`.
#[must_use]
pub fn pieces(canonical: &[u8]) -> Vec<u32> {
    let length = |from: usize, to: usize| u32::try_from(to - from).unwrap_or(u32::MAX);
    let (mut lengths, mut at) = (Vec::new(), 0);
    for field in fields(canonical) {
        lengths.push(length(at, field.value.start));
        lengths.push(length(field.value.start, field.value.end));
        at = field.value.end;
    }
    lengths.push(length(at, canonical.len()));
    lengths
}

/// Nesting beyond this is one value.
const DEPTH_MAX: u32 = 32;

struct Scan<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Scan<'a> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    /// Goes over a value; notes it as the field `name` when it holds no object.
    fn value(&mut self, name: &'a str, found: &mut Vec<Field<'a>>, depth: u32) {
        let start = self.at;
        let (end, holds_object) = self.extent();
        let shape = self.peek();
        if !holds_object || depth >= DEPTH_MAX {
            if end > start && start > 0 {
                let value = start..end;
                found.push(Field { name, value });
            }
            self.at = end;
            return;
        }
        self.at += 1;
        while self.at + 1 < end {
            let inner = match shape {
                Some(b'{') => self.name(),
                _ => name,
            };
            let before = self.at;
            self.value(inner, found, depth + 1);
            if self.peek() == Some(b',') {
                self.at += 1;
            }
            if self.at == before {
                break;
            }
        }
        self.at = end;
    }

    /// Goes over a member's name and its colon.
    fn name(&mut self) -> &'a str {
        let start = self.at + 1;
        self.text();
        let name = self.bytes.get(start..self.at.saturating_sub(1));
        if self.peek() == Some(b':') {
            self.at += 1;
        }
        name.and_then(|name| std::str::from_utf8(name).ok())
            .unwrap_or("")
    }

    /// Goes over a text in quotes.
    fn text(&mut self) {
        self.at += 1;
        while let Some(byte) = self.peek() {
            self.at += if byte == b'\\' { 2 } else { 1 };
            if byte == b'"' {
                break;
            }
        }
        self.at = self.at.min(self.bytes.len());
    }

    /// Where the value that begins here ends, and whether it is or holds an object.
    fn extent(&mut self) -> (usize, bool) {
        let start = self.at;
        let (mut open, mut holds_object) = (0u32, false);
        while let Some(byte) = self.peek() {
            match byte {
                b'"' => {
                    self.text();
                    if open == 0 {
                        break;
                    }
                    continue;
                }
                b'{' | b'[' => {
                    holds_object |= byte == b'{';
                    open += 1;
                }
                b'}' | b']' | b',' | b':' if open == 0 => break,
                b'}' | b']' => {
                    open -= 1;
                    if open == 0 {
                        self.at += 1;
                        break;
                    }
                }
                _ => {}
            }
            self.at += 1;
        }
        let end = std::mem::replace(&mut self.at, start);
        (end, holds_object)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(canonical: &str, expected: &[(&str, &str)]) {
        let bytes = canonical.as_bytes();
        let found: Vec<_> = fields(bytes)
            .into_iter()
            .map(|field| (field.name, &canonical[field.value]))
            .collect();
        assert_eq!(found, expected, "{canonical}");
        let sum: u32 = pieces(bytes).iter().sum();
        assert_eq!(sum as usize, bytes.len(), "{canonical}");
        assert_eq!(pieces(bytes).len(), 2 * expected.len() + 1, "{canonical}");
    }

    #[test]
    fn each_value_without_an_object_is_a_field() {
        check(r#"{"a":1}"#, &[("a", "1")]);
        check(
            r#"{"a":"x,\"}{","b":null}"#,
            &[("a", r#""x,\"}{""#), ("b", "null")],
        );
        check(
            r#"{"a":[1,[2,3]],"b":[]}"#,
            &[("a", "[1,[2,3]]"), ("b", "[]")],
        );
        check(
            r#"{"label":{"level":"mission"},"body":{"finding":{"history":[{"by":"x"},{"by":"y","n":-1.5e3}]}}}"#,
            &[
                ("level", "\"mission\""),
                ("by", "\"x\""),
                ("by", "\"y\""),
                ("n", "-1.5e3"),
            ],
        );
        check(r#"{"a":{},"b":true}"#, &[("b", "true")]);
        check(r#"{"a":["x",{"b":1}]}"#, &[("a", "\"x\""), ("b", "1")]);
    }

    #[test]
    fn what_is_no_record_is_cut_without_loss() {
        let whole = r#"{"label":{"level":"mission"},"body":{"x":{"history":[{"by":"\"x"}]}}}"#;
        for end in 0..=whole.len() {
            for middle in 0..end {
                let bytes = [
                    &whole.as_bytes()[..middle],
                    &whole.as_bytes()[middle + 1..end],
                ];
                let bytes = bytes.concat();
                let sum: u32 = pieces(&bytes).iter().sum();
                assert_eq!(
                    sum as usize,
                    bytes.len(),
                    "{}",
                    String::from_utf8_lossy(&bytes)
                );
            }
        }
    }
}
