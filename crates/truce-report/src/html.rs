//! HTML text in which only literals are markup: everything that is not known at compile time is
//! escaped on its way in.

use std::fmt::Write as _;

/// HTML under construction.
#[derive(Debug, Default)]
pub(crate) struct Html(String);

impl Html {
    /// Markup that stands in this program's source.
    pub(crate) fn markup(&mut self, literal: &'static str) -> &mut Self {
        self.0.push_str(literal);
        self
    }

    /// Text from anywhere. It is also safe inside a quoted attribute.
    pub(crate) fn text(&mut self, text: &str) -> &mut Self {
        for c in text.chars() {
            match c {
                '&' => self.0.push_str("&amp;"),
                '<' => self.0.push_str("&lt;"),
                '>' => self.0.push_str("&gt;"),
                '"' => self.0.push_str("&quot;"),
                '\'' => self.0.push_str("&#39;"),
                // Controls have no place in HTML, and marks of direction turn the text around them.
                c if c.is_control() && c != '\n' => self.0.push('\u{fffd}'),
                '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => self.0.push('\u{fffd}'),
                c => self.0.push(c),
            }
        }
        self
    }

    /// A number with so many decimals.
    pub(crate) fn number(&mut self, value: f64, decimals: usize) -> &mut Self {
        if value.is_finite() {
            // Writing to a String cannot fail.
            let _always = write!(self.0, "{value:.decimals$}");
        } else {
            self.0.push('–');
        }
        self
    }

    /// A count.
    pub(crate) fn count(&mut self, value: u64) -> &mut Self {
        let _always = write!(self.0, "{value}");
        self
    }

    /// Everything so far.
    pub(crate) fn finish(self) -> String {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_text_stays_text() {
        let cases = [
            (
                "<script>alert(1)</script>",
                "&lt;script&gt;alert(1)&lt;/script&gt;",
            ),
            ("\" onload='x' &", "&quot; onload=&#39;x&#39; &amp;"),
            (
                "a\u{0}b\u{1b}[2J\u{202e}c",
                "a\u{fffd}b\u{fffd}[2J\u{fffd}c",
            ),
            ("Київ\nдва", "Київ\nдва"),
        ];
        for (text, expected) in cases {
            let mut html = Html::default();
            html.text(text);
            assert_eq!(html.finish(), expected);
        }
    }
}
