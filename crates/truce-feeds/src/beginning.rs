//! The beginning of a file, by which its format is guessed.

use std::borrow::Cow;

/// The beginning of a file.
pub(crate) struct First<'a> {
    /// Its bytes without a byte order mark.
    pub(crate) bytes: &'a [u8],
    /// Its first line that is neither blank nor a remark.
    pub(crate) line: Cow<'a, str>,
    /// That line's columns in lower case, when it is no JSON.
    pub(crate) columns: Vec<String>,
}

impl<'a> First<'a> {
    pub(crate) fn of(bytes: &'a [u8]) -> Self {
        let text = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
        let line = text
            .split(|byte| *byte == b'\n')
            .map(<[u8]>::trim_ascii)
            .find(|line| !line.is_empty() && line[0] != b'#');
        let line = String::from_utf8_lossy(line.unwrap_or_default());
        let column = |field: &str| field.trim().trim_matches('"').to_ascii_lowercase();
        let columns = if line.starts_with('{') {
            Vec::new()
        } else {
            line.split(',').map(column).collect()
        };
        let bytes = text;
        Self {
            bytes,
            line,
            columns,
        }
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.columns.iter().any(|column| column == name)
    }

    pub(crate) fn number(&self, index: usize) -> bool {
        let text = self.columns.get(index);
        text.is_some_and(|text| text.parse::<f64>().is_ok())
    }

    pub(crate) fn time(&self, index: usize) -> bool {
        let text = self
            .columns
            .get(index)
            .map(|text| text.to_ascii_uppercase());
        text.is_some_and(|text| text.parse::<jiff::Timestamp>().is_ok())
    }

    /// True for a text that begins with a tag and holds another text.
    pub(crate) fn text_with(&self, part: &str) -> bool {
        let part = part.as_bytes();
        self.line.starts_with('<') && self.bytes.windows(part.len()).any(|window| window == part)
    }

    /// True for JSON that holds a text anywhere in the first bytes.
    pub(crate) fn json_with(&self, part: &str) -> bool {
        let part = part.as_bytes();
        self.line.starts_with(['{', '[']) && self.bytes.windows(part.len()).any(|w| w == part)
    }

    /// True for JSON with what ODK and KoBo add to each submission.
    pub(crate) fn is_submission(&self) -> bool {
        let marks = [
            "\"meta/instanceID\"",
            "\"_submission_time\"",
            "\"__system\"",
        ];
        marks.iter().any(|mark| self.json_with(mark))
    }

    pub(crate) fn object_with(&self, names: &[&str]) -> bool {
        self.line.starts_with('{') && names.iter().any(|name| self.line.contains(name))
    }
}
