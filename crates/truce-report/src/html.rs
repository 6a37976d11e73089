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

    /// A drawing that was written by this type.
    pub(crate) fn drawing(&mut self, svg: &str) -> &mut Self {
        self.0.push_str(svg);
        self
    }

    /// A pair of coordinates, pixels.
    pub(crate) fn pair(&mut self, x: f64, y: f64) -> &mut Self {
        self.number(x, 1).markup(" ").number(y, 1)
    }

    /// Opens a drawing of this size that carries its own style. It is closed by `</svg>`.
    pub(crate) fn svg(&mut self, width_px: f64, height_px: f64, label: &str) -> &mut Self {
        self.markup("<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" viewBox=\"0 0 ")
            .number(width_px, 0)
            .markup(" ")
            .number(height_px, 0)
            .markup("\" aria-label=\"")
            .text(label)
            .markup("\"><style>")
            .markup(include_str!("svg.css"))
            .markup("</style>")
    }

    /// The rest of a rectangle whose class has been begun: left, top, width and height, pixels.
    pub(crate) fn rect(&mut self, [x, y, width, height]: [f64; 4]) -> &mut Self {
        self.markup("\" x=\"")
            .number(x, 1)
            .markup("\" y=\"")
            .number(y, 1)
            .markup("\" width=\"")
            .number(width, 1)
            .markup("\" height=\"")
            .number(height, 1)
            .markup("\"/>")
    }

    /// Text in a drawing.
    pub(crate) fn label(&mut self, class: &'static str, x: f64, y: f64, text: &str) -> &mut Self {
        self.markup("<text class=\"")
            .markup(class)
            .markup("\" x=\"")
            .number(x, 1)
            .markup("\" y=\"")
            .number(y, 1)
            .markup("\">")
            .text(text)
            .markup("</text>")
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
