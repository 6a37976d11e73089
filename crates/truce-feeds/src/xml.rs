//! XML as far as messages use it (W3C XML 1.0, fifth edition): elements, attributes, text, character
//! references, CDATA, comments, and the encodings of the WHATWG's standard that keep ASCII. Document
//! types are not read, so no message can define entities that grow.

use std::borrow::Cow;
use std::ops::Range;

use encoding_rs::Encoding;

use crate::decoder::Job;
use crate::fault::{Fault, RejectionClass, excerpt};
use crate::framer::Cut;

/// Deepest nesting that is read: messages have ten levels at most.
const DEPTH_MAX: usize = 64;

/// An element.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Element<'a> {
    /// Its name without a namespace prefix.
    pub(crate) name: &'a str,
    pub(crate) attributes: Vec<(&'a str, Cow<'a, str>)>,
    pub(crate) children: Vec<Element<'a>>,
    /// All text directly inside it, without blanks around it.
    pub(crate) text: Cow<'a, str>,
}

impl<'a> Element<'a> {
    /// The first child with a name.
    pub(crate) fn child(&self, name: &str) -> Option<&Element<'a>> {
        self.children.iter().find(|child| child.name == name)
    }

    /// An attribute; `None` when it is empty.
    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        let found = self.attributes.iter().find(|(known, _)| *known == name);
        found
            .map(|(_, value)| value.as_ref())
            .filter(|value| !value.is_empty())
    }

    /// Every attribute and text below it under its path, `detail.contact.callsign`; of elements with
    /// the same path the later ones have their number behind, from 2.
    pub(crate) fn flatten(&self, path: &str, out: &mut serde_json::Map<String, serde_json::Value>) {
        let mut put = |name: String, value: &str| {
            let number = (2..1_000).map(|n| format!("{name}.{n}"));
            let free = std::iter::once(name.clone())
                .chain(number)
                .find(|n| !out.contains_key(n));
            if let Some(free) = free {
                out.insert(free, value.into());
            }
        };
        let join = |name: &str| match path {
            "" => name.to_owned(),
            path => format!("{path}.{name}"),
        };
        for (name, value) in &self.attributes {
            put(join(name), value);
        }
        if !self.text.is_empty() {
            put(
                if path.is_empty() {
                    "text".to_owned()
                } else {
                    path.to_owned()
                },
                &self.text,
            );
        }
        for child in &self.children {
            child.flatten(&join(child.name), out);
        }
    }
}

fn fault(reason: impl Into<String>) -> Fault {
    Fault::new(RejectionClass::Xml, reason)
}

/// What a piece of a document is.
#[derive(Debug, Clone, Copy)]
enum Kind {
    Open {
        empty: bool,
    },
    Close,
    Text {
        raw: bool,
    },
    /// Comment, processing instruction, document type.
    Nothing,
}

/// A piece of a document: what stands between its marks, and where it ends.
struct Piece {
    kind: Kind,
    inside: Range<usize>,
    end: usize,
}

/// The end behind a mark.
fn behind(bytes: &[u8], from: usize, mark: &[u8]) -> Option<usize> {
    let mut windows = bytes.get(from..)?.windows(mark.len());
    Some(from + windows.position(|window| window == mark)? + mark.len())
}

/// The place of a byte of ASCII. Tags and values are short, which a plain search suits best.
fn find(text: &str, wanted: u8) -> Option<usize> {
    text.bytes().position(|byte| byte == wanted)
}

/// What stands before and behind a byte of ASCII.
fn parted(text: &str, wanted: u8) -> Option<(&str, &str)> {
    let at = find(text, wanted)?;
    Some((&text[..at], &text[at + 1..]))
}

/// A text without blanks around it. Most have none, which two bytes tell.
fn trimmed(text: &str) -> &str {
    match text.as_bytes() {
        [] | [b'!'..=b'~'] | [b'!'..=b'~', .., b'!'..=b'~'] => text,
        _ => text.trim(),
    }
}

/// The end of a tag, whose attributes may hold `>`.
fn tag_end(bytes: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        let mark = |byte: &u8| matches!(byte, b'"' | b'\'' | b'>');
        at += bytes[at..].iter().position(mark)?;
        let found = bytes[at];
        at += 1;
        if found == b'>' {
            return Some(at);
        }
        at += bytes[at..].iter().position(|byte| *byte == found)? + 1;
    }
}

/// The first piece of a document; `None` when it does not end. It is found in bytes of any encoding that
/// keeps ASCII: `<`, `>`, quotes and `?` are no part of another character in any of them.
fn piece(bytes: &[u8]) -> Option<Piece> {
    let (kind, start, end, mark_bytes) = if bytes.starts_with(b"<!--") {
        (Kind::Nothing, 4, behind(bytes, 4, b"-->")?, 3)
    } else if bytes.starts_with(b"<![CDATA[") {
        (Kind::Text { raw: true }, 9, behind(bytes, 9, b"]]>")?, 3)
    } else if bytes.starts_with(b"<?") {
        (Kind::Nothing, 2, behind(bytes, 2, b"?>")?, 2)
    } else if bytes.starts_with(b"<!") {
        (Kind::Nothing, 2, tag_end(bytes)?, 1)
    } else if bytes.starts_with(b"</") {
        (Kind::Close, 2, tag_end(bytes)?, 1)
    } else if bytes.starts_with(b"<") {
        let end = tag_end(bytes)?;
        let empty = bytes[1..end - 1].ends_with(b"/");
        (Kind::Open { empty }, 1, end, 1 + usize::from(empty))
    } else {
        let end = bytes.iter().position(|byte| *byte == b'<');
        (Kind::Text { raw: false }, 0, end.unwrap_or(bytes.len()), 0)
    };
    let inside = start..end - mark_bytes;
    Some(Piece { kind, inside, end })
}

/// Cuts a stream behind each root element. Bytes that begin no element are cut off for themselves.
pub(crate) fn cut(bytes: &[u8]) -> Cut {
    let blank = bytes
        .iter()
        .take_while(|byte| byte.is_ascii_whitespace())
        .count();
    if blank > 0 {
        return Cut::Skip(blank);
    }
    if bytes[0] != b'<' {
        let next = bytes.iter().position(|byte| *byte == b'<');
        return Cut::Stray(next.unwrap_or(bytes.len()));
    }
    let (mut at, mut depth) = (0, 0_usize);
    while at < bytes.len() {
        let Some(piece) = piece(&bytes[at..]) else {
            return Cut::More;
        };
        at += piece.end;
        match piece.kind {
            Kind::Open { empty: false } => depth += 1,
            Kind::Close => depth = depth.saturating_sub(1),
            Kind::Open { empty: true } => {}
            Kind::Text { .. } | Kind::Nothing => continue,
        }
        if depth == 0 {
            return Cut::Message(at);
        }
    }
    Cut::More
}

/// The text of a message that is a document; `None` when it says nothing. What is not UTF-8 is in the
/// encoding that its declaration names (4.3.3). What is UTF-8 is read as that, whatever it declares:
/// text that was declared before it was written out often names another.
pub(crate) fn text<'a>(job: &Job<'a>) -> Result<Option<Cow<'a, str>>, Fault> {
    job.text()
        .map(|text| text.map(Cow::Borrowed))
        .or_else(|fault| {
            let text = declared_encoding(job.bytes).and_then(|encoding| {
                encoding.decode_without_bom_handling_and_without_replacement(job.bytes)
            });
            text.map(Some).ok_or(fault)
        })
}

/// The encoding that the declaration of a document names, if it keeps ASCII.
fn declared_encoding(bytes: &[u8]) -> Option<&'static Encoding> {
    let declaration = bytes.starts_with(b"<?xml").then(|| piece(bytes))??;
    let declaration = std::str::from_utf8(&bytes[declaration.inside]).ok()?;
    let declaration = element(declaration).ok()?;
    let label = declaration.attribute("encoding")?;
    Encoding::for_label(label.as_bytes()).filter(|encoding| encoding.is_ascii_compatible())
}

/// Reads a document: its root element.
pub(crate) fn parse(text: &str) -> Result<Element<'_>, Fault> {
    let mut open: Vec<Element<'_>> = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let piece = piece(rest.as_bytes()).ok_or_else(|| fault("a tag does not end"))?;
        let inside = &rest[piece.inside];
        rest = &rest[piece.end..];
        let closed = match piece.kind {
            Kind::Nothing => None,
            Kind::Text { raw } => {
                add_text(open.last_mut(), inside, raw)?;
                None
            }
            Kind::Open { empty } => {
                let element = element(inside)?;
                if open.len() >= DEPTH_MAX {
                    return Err(fault(format!("more than {DEPTH_MAX} levels")));
                }
                if empty {
                    Some(element)
                } else {
                    open.push(element);
                    None
                }
            }
            Kind::Close => {
                let name = trimmed(inside);
                let element = open.pop().filter(|element| element.name == local(name));
                Some(
                    element
                        .ok_or_else(|| fault(format!("`</{}>` closes nothing", excerpt(name))))?,
                )
            }
        };
        let Some(element) = closed else { continue };
        match open.last_mut() {
            Some(parent) => parent.children.push(element),
            None if rest.trim().is_empty() => return Ok(element),
            None => return Err(fault("more than one root element")),
        }
    }
    Err(fault("no element that is closed"))
}

fn local(name: &str) -> &str {
    let colon = name.bytes().rposition(|byte| byte == b':');
    colon.map_or(name, |at| &name[at + 1..])
}

fn add_text<'a>(parent: Option<&mut Element<'a>>, text: &'a str, raw: bool) -> Result<(), Fault> {
    let text = trimmed(text);
    if text.is_empty() {
        return Ok(());
    }
    let parent = parent.ok_or_else(|| fault("text outside of the root element"))?;
    let text = if raw {
        Cow::Borrowed(text)
    } else {
        unescape(text)?
    };
    if parent.text.is_empty() {
        parent.text = text;
    } else {
        parent.text.to_mut().push_str(&text);
    }
    Ok(())
}

fn element(inside: &str) -> Result<Element<'_>, Fault> {
    let inside = trimmed(inside);
    let end = inside.find(char::is_whitespace).unwrap_or(inside.len());
    let name = local(&inside[..end]);
    if name.is_empty() {
        return Err(fault("an element without a name"));
    }
    let mut attributes = Vec::new();
    let mut rest = trimmed(&inside[end..]);
    while !rest.is_empty() {
        let unquoted = || {
            fault(format!(
                "an attribute of `{}` without a value",
                excerpt(name)
            ))
        };
        let (key, after) = parted(rest, b'=').ok_or_else(unquoted)?;
        let after = after.trim_start();
        let quote = after.bytes().next().filter(|b| matches!(b, b'"' | b'\''));
        let quote = quote.ok_or_else(unquoted)?;
        let (value, after) = parted(&after[1..], quote).ok_or_else(unquoted)?;
        attributes.push((local(trimmed(key)), unescape(value)?));
        rest = trimmed(after);
    }
    Ok(Element {
        name,
        attributes,
        ..Element::default()
    })
}

/// Replaces character references and the five predefined entities (4.6).
fn unescape(text: &str) -> Result<Cow<'_, str>, Fault> {
    if find(text, b'&').is_none() {
        return Ok(Cow::Borrowed(text));
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        out.push_str(before);
        let unknown = || fault(format!("unknown entity `&{}`", excerpt(after)));
        let (name, after) = after.split_once(';').ok_or_else(unknown)?;
        let number = name
            .strip_prefix('#')
            .map(|digits| match digits.strip_prefix('x') {
                Some(hex) => u32::from_str_radix(hex, 16),
                None => digits.parse(),
            });
        out.push(match (name, number) {
            ("lt", _) => '<',
            ("gt", _) => '>',
            ("amp", _) => '&',
            ("quot", _) => '"',
            ("apos", _) => '\'',
            (_, Some(Ok(code))) => char::from_u32(code).ok_or_else(unknown)?,
            _ => return Err(unknown()),
        });
        rest = after;
    }
    out.push_str(rest);
    Ok(Cow::Owned(out))
}

/// Escapes text for an attribute or an element.
pub(crate) fn escape(text: &str) -> String {
    text.chars()
        .fold(String::with_capacity(text.len()), |mut out, character| {
            match character {
                '<' => out.push_str("&lt;"),
                '>' => out.push_str("&gt;"),
                '&' => out.push_str("&amp;"),
                '"' => out.push_str("&quot;"),
                '\'' => out.push_str("&apos;"),
                '\n' | '\r' | '\t' => out.push(' '),
                other => out.push(other),
            }
            out
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents() {
        let text = "<?xml version='1.0'?><!-- x > y --><a:e k=\"1 &gt; &#x41;\"><b/> t &amp; u \
                    <![CDATA[<raw>]]></a:e>";
        let root = parse(text).unwrap();
        assert_eq!((root.name, root.attribute("k")), ("e", Some("1 > A")));
        assert_eq!(root.text, "t & u<raw>");
        assert_eq!(root.children.len(), 1);
    }

    #[test]
    fn what_is_no_document() {
        let deep = "<a>".repeat(100) + &"</a>".repeat(100);
        let cases = [
            "",
            "x",
            "<a>",
            "<a></b>",
            "<a/><b/>",
            "<a k=1/>",
            "<a k/>",
            "<a>&x;</a>",
            "<>",
            "< />",
            "<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>",
            "<a",
            &deep,
            "<a>&#xD800;</a>",
            "</a>",
        ];
        for text in cases {
            assert!(parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn streams_are_cut_behind_root_elements() {
        let text = "<?xml version=\"1.0\"?>\n<e k='>ü'><p/></e> \n<e/>junk<e>\u{20AC}</e>";
        for step in 1..text.len() {
            let mut got = Vec::new();
            let mut framer = crate::Framer::of(crate::Format::Cot);
            for piece in text.as_bytes().chunks(step) {
                framer.push(piece, &mut |bytes| got.push(bytes.to_vec()));
            }
            framer.finish(&mut |bytes| got.push(bytes.to_vec()));
            let whole: Vec<&[u8]> = got
                .iter()
                .map(Vec::as_slice)
                .filter(|m| m[0] == b'<')
                .collect();
            let expected = [
                "<?xml version=\"1.0\"?>\n<e k='>ü'><p/></e>".as_bytes(),
                b"<e/>",
                "<e>\u{20AC}</e>".as_bytes(),
            ];
            assert_eq!(whole, expected, "{step}");
        }
    }
}
