//! Cuts a stream of bytes into messages: into lines, or as a format's own framing says. Bytes may be
//! cut anywhere between reads. Line ends are LF or CRLF; a byte order mark at the start of a stream
//! of lines is left out. A line of a format may be cut again, where the format says so.

use truce_core::message::MESSAGE_BYTES_MAX;

use crate::format::Format;

/// Longest message taken whole, bytes. One byte below the longest raw message, so that one that was
/// cut still fits and is told by its length.
pub const LINE_BYTES_MAX: usize = MESSAGE_BYTES_MAX - 1;

/// True for a message that a [`Framer`] cut because it was too long. Its decoder rejects it.
#[must_use]
pub fn is_overlong(line: &[u8]) -> bool {
    line.len() > LINE_BYTES_MAX
}

/// How a stream of a format is cut.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) enum Framing {
    /// One message a line.
    #[default]
    Lines,
    /// One message a line, unless the line holds several: how long the first one is.
    PartsOfLines(fn(&[u8]) -> usize),
    /// By what the bytes themselves say.
    Own(fn(&[u8]) -> Cut),
}

/// What the first bytes of a stream are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cut {
    /// So many bytes between messages that say nothing.
    Skip(usize),
    /// A message of so many bytes; also bytes that are none, for the decoder to reject.
    Message(usize),
    /// So many bytes that begin no message: for the decoder to reject, unless they are the rest of one
    /// that was too long.
    Stray(usize),
    /// The beginning of a message whose end has not come yet.
    More,
}

/// Cuts bytes into messages. It holds at most one message and what was pushed last.
#[derive(Debug, Default)]
pub struct Framer {
    framing: Framing,
    /// The beginning of a message whose end has not come yet; never longer than one message.
    held: Vec<u8>,
    /// True behind a message that was too long, until the next one begins.
    within_overlong: bool,
    /// False until the first line has been delivered: only there a byte order mark may stand.
    begun: bool,
}

impl Framer {
    /// A framer of lines at the start of a stream.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A framer at the start of a stream of a format.
    #[must_use]
    pub fn of(format: Format) -> Self {
        Self {
            framing: format.framing(),
            ..Self::default()
        }
    }

    /// Takes the next bytes and delivers each message that is complete; lines without their line
    /// end. Empty lines are delivered too. What is longer than [`LINE_BYTES_MAX`] is delivered once,
    /// cut to one byte more than that; see [`is_overlong`].
    pub fn push(&mut self, bytes: &[u8], deliver: &mut dyn FnMut(&[u8])) {
        match self.framing {
            Framing::Lines | Framing::PartsOfLines(_) => self.push_lines(bytes, deliver),
            Framing::Own(cut) => self.push_cut(cut, bytes, deliver),
        }
    }

    /// Delivers the last message when the stream ended without saying so.
    pub fn finish(&mut self, deliver: &mut dyn FnMut(&[u8])) {
        let rest = std::mem::take(&mut self.held);
        match self.framing {
            _ if rest.is_empty() => {}
            Framing::Lines | Framing::PartsOfLines(_) => self.hand_over(&rest, deliver),
            Framing::Own(_) if rest.trim_ascii().is_empty() => {}
            Framing::Own(_) => deliver(&rest),
        }
    }

    fn push_cut(&mut self, cut: fn(&[u8]) -> Cut, bytes: &[u8], deliver: &mut dyn FnMut(&[u8])) {
        // Without a beginning that waits the bytes are cut where they lie.
        let mut held = std::mem::take(&mut self.held);
        let joined = !held.is_empty();
        if joined {
            held.extend_from_slice(bytes);
        }
        let mut rest = if joined { held.as_slice() } else { bytes };
        while !rest.is_empty() {
            // Never more than a message may have, so that it does not matter how much came at once.
            let window = &rest[..rest.len().min(MESSAGE_BYTES_MAX)];
            match cut(window) {
                Cut::Skip(n) => rest = &rest[n.clamp(1, rest.len())..],
                Cut::Stray(n) if self.within_overlong => rest = &rest[n.clamp(1, rest.len())..],
                Cut::Message(n) | Cut::Stray(n) => {
                    let (message, after) = rest.split_at(n.clamp(1, rest.len()));
                    deliver(&message[..message.len().min(MESSAGE_BYTES_MAX)]);
                    self.within_overlong = false;
                    rest = after;
                }
                Cut::More if window.len() == MESSAGE_BYTES_MAX => {
                    deliver(window);
                    self.within_overlong = true;
                    rest = &rest[window.len()..];
                }
                Cut::More => break,
            }
        }
        self.held = rest.to_vec();
    }

    fn push_lines(&mut self, bytes: &[u8], deliver: &mut dyn FnMut(&[u8])) {
        let mut rest = bytes;
        while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
            if self.held.is_empty() && end <= LINE_BYTES_MAX {
                self.hand_over(&rest[..end], deliver);
            } else {
                self.hold(&rest[..end]);
                let line = std::mem::take(&mut self.held);
                self.hand_over(&line, deliver);
                self.held = line;
                self.held.clear();
            }
            rest = &rest[end + 1..];
        }
        self.hold(rest);
    }

    fn hold(&mut self, bytes: &[u8]) {
        let room = MESSAGE_BYTES_MAX - self.held.len();
        self.held.extend_from_slice(&bytes[..bytes.len().min(room)]);
    }

    fn hand_over(&mut self, line: &[u8], deliver: &mut dyn FnMut(&[u8])) {
        let mut line = line;
        if !self.begun {
            self.begun = true;
            line = line.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(line);
        }
        if is_overlong(line) {
            return deliver(line);
        }
        let mut rest = line.strip_suffix(b"\r").unwrap_or(line);
        if let Framing::PartsOfLines(first) = self.framing {
            let mut part_bytes = first(rest);
            while (1..rest.len()).contains(&part_bytes) {
                deliver(&rest[..part_bytes]);
                rest = &rest[part_bytes..];
                part_bytes = first(rest);
            }
        }
        deliver(rest);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn lines(pieces: &[&[u8]]) -> Vec<Vec<u8>> {
        let mut framer = Framer::new();
        let mut lines = Vec::new();
        for piece in pieces {
            framer.push(piece, &mut |line| lines.push(line.to_vec()));
        }
        framer.finish(&mut |line| lines.push(line.to_vec()));
        lines
    }

    #[test]
    fn lines_end_in_lf_or_crlf() {
        let cases: &[[&[&[u8]]; 2]] = &[
            [&[b"a\nb\r\nc"], &[b"a", b"b", b"c"]],
            [
                &[b"\xEF\xBB", b"\xBFa\n\xEF\xBB\xBFb\n"],
                &[b"a", b"\xEF\xBB\xBFb"],
            ],
            [&[b"a\r", b"\nb"], &[b"a", b"b"]],
            [&[b"a\rb\n"], &[b"a\rb"]],
            [&[b"\n\n"], &[b"", b""]],
            [&[b""], &[]],
        ];
        for [pieces, expected] in cases {
            assert_eq!(lines(pieces), *expected, "{pieces:?}");
        }
    }

    #[test]
    fn an_overlong_line_is_cut_and_known_by_its_length() {
        let flood = vec![b'x'; 3 * MESSAGE_BYTES_MAX];
        let exact = vec![b'y'; LINE_BYTES_MAX];
        let got = lines(&[&flood, b"\n", &exact, b"\nlast"]);
        assert_eq!(got.len(), 3);
        assert!(is_overlong(&got[0]) && got[0].len() == MESSAGE_BYTES_MAX);
        assert!(!is_overlong(&got[1]));
        assert_eq!(got[2], b"last");
        let whole = [&flood[..], b"\nz"].concat();
        let got = lines(&[&whole]);
        assert!(is_overlong(&got[0]) && got[1] == b"z");
    }

    #[test]
    fn the_rest_of_an_overlong_document_is_none_of_its_own() {
        let coordinates = "  1.25,\n  2.5\n],[\n".repeat(MESSAGE_BYTES_MAX / 4);
        let letters = "QUJD\n".repeat(MESSAGE_BYTES_MAX);
        let cases = [
            (
                Format::Stac,
                format!("{{\"a\":[[\n{coordinates}]]}}\n{{\"b\":1}}"),
                vec!["{\"b\":1}"],
            ),
            (
                Format::Cot,
                format!("<event><image>{letters}</image></event><event/>"),
                vec!["</image>", "</event>", "<event/>"],
            ),
        ];
        for (format, stream, behind) in cases {
            for step in [1_000, 100_000, stream.len()] {
                let mut got = Vec::new();
                let mut framer = Framer::of(format);
                for piece in stream.as_bytes().chunks(step) {
                    framer.push(piece, &mut |message| got.push(message.to_vec()));
                }
                framer.finish(&mut |message| got.push(message.to_vec()));
                assert!(is_overlong(&got[0]), "{format:?}");
                let rest: Vec<_> = got[1..]
                    .iter()
                    .map(|m| String::from_utf8_lossy(m))
                    .collect();
                assert_eq!(rest, behind, "{format:?} {step}");
            }
        }
    }

    proptest! {
        #[test]
        fn cuts_do_not_matter(
            text in prop::collection::vec(prop::sample::select(b"ab\r\n\xEF".to_vec()), 0..60),
            cuts in prop::collection::vec(0usize..60, 0..5),
        ) {
            let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(text.len())).collect();
            cuts.extend([0, text.len()]);
            cuts.sort_unstable();
            let pieces: Vec<&[u8]> = cuts.windows(2).map(|pair| &text[pair[0]..pair[1]]).collect();
            prop_assert_eq!(lines(&pieces), lines(&[&text]));
        }
    }
}
