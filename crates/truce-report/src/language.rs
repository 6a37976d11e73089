//! The language of a report. The English sentence is the key of the catalogue.

use std::fmt::{self, Display};
use std::str::FromStr;

use crate::catalogue;

/// A language that reports are written in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Language {
    /// English.
    #[default]
    English,
    /// Ukrainian.
    Ukrainian,
    /// Russian.
    Russian,
    /// French.
    French,
}

impl Language {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::English, Self::Ukrainian, Self::Russian, Self::French];

    /// Its code (ISO 639-1).
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Ukrainian => "uk",
            Self::Russian => "ru",
            Self::French => "fr",
        }
    }

    /// A sentence or word in this language.
    pub(crate) fn t(self, english: &'static str) -> &'static str {
        catalogue::translated(self, english)
    }

    /// A sentence in which each `{}` stands for a value, or `{0}`, `{1}` where the order differs.
    pub(crate) fn fill(self, english: &'static str, values: &[&dyn Display]) -> String {
        filled(self.t(english), values)
    }

    /// How a date is written, for `strftime`.
    pub(crate) fn date_format(self) -> &'static str {
        match self {
            Self::English => "%-d %b %Y",
            Self::Ukrainian | Self::Russian => "%d.%m.%Y",
            Self::French => "%d/%m/%Y",
        }
    }

    /// How a date is written where the year is plain.
    pub(crate) fn day_format(self) -> &'static str {
        match self {
            Self::English => "%-d %b",
            Self::Ukrainian | Self::Russian => "%d.%m",
            Self::French => "%d/%m",
        }
    }
}

/// Puts values where a template has `{}`, in order, or `{n}`, counted from 0.
fn filled(template: &str, values: &[&dyn Display]) -> String {
    let mut out = String::with_capacity(template.len() + 16 * values.len());
    let mut next = 0;
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let Some((number, behind)) = after.split_once('}') else {
            break;
        };
        let index = number.parse().unwrap_or(next);
        next += 1;
        if let Some(value) = values.get(index) {
            out.push_str(&value.to_string());
        }
        rest = behind;
    }
    out.push_str(rest);
    out
}

impl Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl FromStr for Language {
    type Err = String;

    fn from_str(code: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|known| known.code() == code);
        found.ok_or_else(|| format!("`{code:.20}` is no language of reports: en, uk, ru or fr"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_stand_where_the_language_wants_them() {
        for (template, expected) in [
            ("{} of {}", "a of b"),
            ("{1} - {0}", "b - a"),
            ("plain", "plain"),
            ("{} and nothing {2}", "a and nothing "),
        ] {
            assert_eq!(filled(template, &[&"a", &"b"]), expected);
        }
    }

    #[test]
    fn codes_are_read_back() {
        for language in Language::ALL {
            assert_eq!(language.code().parse(), Ok(language));
        }
        assert!("de".parse::<Language>().is_err());
    }
}
