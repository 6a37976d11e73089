//! Rust source as plain tokens, with comments gone and literals emptied.
//!
//! The walls test must not be fooled by a forbidden name in a comment or a string, nor miss one that
//! a `use` tree spells in pieces. This lexer follows the lexical structure chapter of the Rust
//! reference as far as that needs: nested block comments, raw strings, byte and C strings, raw
//! identifiers, lifetimes against character literals, numbers. It never parses: no grammar, no types.

/// What a token is; only identifiers and punctuation keep their text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// An identifier or keyword, without a leading `r#`.
    Ident(String),
    /// One punctuation character; `::` is two of them.
    Punct(char),
    /// A string, character or number. Its content never matters here.
    Literal,
}

/// A token and the line it starts on, counted from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Token {
    /// What the token is.
    pub(crate) kind: Kind,
    /// Line of its first character, from 1.
    pub(crate) line: usize,
}

impl Token {
    /// The identifier's text, or nothing when this is no identifier.
    pub(crate) fn ident(&self) -> Option<&str> {
        match &self.kind {
            Kind::Ident(name) => Some(name),
            _ => None,
        }
    }

    /// Whether this is the punctuation character `c`.
    pub(crate) fn is(&self, c: char) -> bool {
        self.kind == Kind::Punct(c)
    }
}

/// The tokens of a Rust file. Unterminated comments and strings end with the file.
pub(crate) fn tokens(source: &str) -> Vec<Token> {
    let mut lexer = Lexer {
        chars: source.chars().collect(),
        at: 0,
        line: 1,
    };
    let mut out = Vec::new();
    while let Some(token) = lexer.next_token() {
        out.push(token);
    }
    out
}

struct Lexer {
    chars: Vec<char>,
    at: usize,
    line: usize,
}

impl Lexer {
    fn peek(&self, ahead: usize) -> Option<char> {
        self.chars.get(self.at + ahead).copied()
    }

    fn bump(&mut self) -> Option<char> {
        let c = self.peek(0)?;
        self.at += 1;
        self.line += usize::from(c == '\n');
        Some(c)
    }

    fn next_token(&mut self) -> Option<Token> {
        loop {
            match (self.peek(0)?, self.peek(1)) {
                ('/', Some('/')) => self.skip_line_comment(),
                ('/', Some('*')) => self.skip_block_comment(),
                (c, _) if c.is_whitespace() => {
                    self.bump();
                }
                _ => break,
            }
        }
        let line = self.line;
        let kind = self.kind_here()?;
        Some(Token { kind, line })
    }

    fn kind_here(&mut self) -> Option<Kind> {
        let c = self.peek(0)?;
        if let Some(prefix) = self.string_prefix() {
            for _ in 0..prefix {
                self.bump();
            }
            self.skip_string(prefix);
            return Some(Kind::Literal);
        }
        if c == '\'' || (c == 'b' && self.peek(1) == Some('\'')) {
            return Some(self.quote());
        }
        if c.is_ascii_digit() {
            self.skip_number();
            return Some(Kind::Literal);
        }
        if is_ident_start(c) {
            return Some(Kind::Ident(self.take_ident()));
        }
        self.bump();
        Some(Kind::Punct(c))
    }

    fn skip_line_comment(&mut self) {
        while self.peek(0).is_some_and(|c| c != '\n') {
            self.bump();
        }
    }

    fn skip_block_comment(&mut self) {
        let mut depth = 0_usize;
        while let Some(c) = self.bump() {
            match (c, self.peek(0)) {
                ('/', Some('*')) => depth += 1,
                ('*', Some('/')) => depth -= 1,
                _ => continue,
            }
            self.bump();
            if depth == 0 {
                return;
            }
        }
    }

    /// Length of `b`, `r`, `br`, `c` or `cr` (or 0) when a string literal starts here.
    fn string_prefix(&self) -> Option<usize> {
        let letters = (0..2)
            .take_while(|&i| matches!(self.peek(i), Some('b' | 'c' | 'r')))
            .count();
        let raw = letters > 0 && self.peek(letters - 1) == Some('r');
        let hashes = if raw { self.hashes(letters) } else { 0 };
        (self.peek(letters + hashes) == Some('"')).then_some(letters)
    }

    fn hashes(&self, from: usize) -> usize {
        (from..).take_while(|&i| self.peek(i) == Some('#')).count()
    }

    /// Skips from the opening quote (or its hashes) to the end of the literal.
    fn skip_string(&mut self, prefix: usize) {
        let raw = prefix > 0 && self.chars.get(self.at - 1) == Some(&'r');
        let hashes = self.hashes(0);
        for _ in 0..=hashes {
            self.bump();
        }
        while let Some(c) = self.bump() {
            if c == '\\' && !raw {
                self.bump();
            } else if c == '"' && (!raw || self.hashes(0) >= hashes) {
                for _ in 0..hashes {
                    self.bump();
                }
                return;
            }
        }
    }

    /// A character literal, or the tick of a lifetime (whose name follows as an identifier).
    fn quote(&mut self) -> Kind {
        if self.peek(0) == Some('b') {
            self.bump();
        }
        self.bump();
        if self.peek(0) != Some('\\') && self.peek(1) != Some('\'') {
            return Kind::Punct('\'');
        }
        if self.bump() == Some('\\') {
            self.bump();
        }
        while self.bump().is_some_and(|c| c != '\'') {}
        Kind::Literal
    }

    /// Digits, suffix, fraction and exponent; the dot of `0..9` and of `pair.0.ln()` stays outside.
    fn skip_number(&mut self) {
        while let Some(c) = self.peek(0) {
            let fraction = c == '.' && self.peek(1).is_some_and(|d| d.is_ascii_digit());
            if !(c.is_alphanumeric() || c == '_' || fraction) {
                return;
            }
            self.bump();
        }
    }

    fn take_ident(&mut self) -> String {
        if self.peek(0) == Some('r') && self.peek(1) == Some('#') {
            self.bump();
            self.bump();
        }
        let mut name = String::new();
        while let Some(c) = self
            .peek(0)
            .filter(|&c| is_ident_start(c) || c.is_ascii_digit())
        {
            name.push(c);
            self.bump();
        }
        name
    }
}

fn is_ident_start(c: char) -> bool {
    c == '_' || c.is_alphabetic()
}

/// The tokens without items marked `#[cfg(test)]`, and the names of out-of-line test modules
/// (`#[cfg(test)] mod tests;`), whose files the caller leaves out too.
pub(crate) fn without_tests(tokens: &[Token]) -> (Vec<Token>, Vec<String>) {
    let (mut kept, mut modules) = (Vec::new(), Vec::new());
    let mut at = 0;
    while at < tokens.len() {
        if !is_cfg_test(&tokens[at..]) {
            kept.push(tokens[at].clone());
            at += 1;
            continue;
        }
        let end = item_end(tokens, at);
        let item = &tokens[at..end];
        if let [.., keyword, name, semicolon] = item
            && keyword.ident() == Some("mod")
            && semicolon.is(';')
        {
            modules.extend(name.ident().map(str::to_owned));
        }
        at = end;
    }
    (kept, modules)
}

fn is_cfg_test(tokens: &[Token]) -> bool {
    let [hash, open, cfg, paren, test, close, end, ..] = tokens else {
        return false;
    };
    hash.is('#')
        && open.is('[')
        && cfg.ident() == Some("cfg")
        && paren.is('(')
        && test.ident() == Some("test")
        && close.is(')')
        && end.is(']')
}

/// One past the last token of the item that starts at `start`: its `;` outside all brackets, or the
/// brace that closes its body.
fn item_end(tokens: &[Token], start: usize) -> usize {
    let mut depth = 0_usize;
    for (at, token) in tokens.iter().enumerate().skip(start) {
        match token.kind {
            Kind::Punct('(' | '[' | '{') => depth += 1,
            Kind::Punct(')' | ']') => depth = depth.saturating_sub(1),
            Kind::Punct('}') => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return at + 1;
                }
            }
            Kind::Punct(';') if depth == 0 => return at + 1,
            _ => {}
        }
    }
    tokens.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(source: &str, expected: &str) {
        let words: Vec<String> = tokens(source)
            .into_iter()
            .map(|token| match token.kind {
                Kind::Ident(name) => name,
                Kind::Punct(c) => c.to_string(),
                Kind::Literal => "_".to_owned(),
            })
            .collect();
        assert_eq!(words.join(" "), expected, "source: {source}");
    }

    #[test]
    fn literals_and_comments_carry_no_names() {
        check("a // std::fs\nb", "a b");
        check("a /* x /* std::fs */ y */ b", "a b");
        check(r#"f("std::fs \" HashMap") g"#, "f ( _ ) g");
        check(r###"f(r#"a " std::fs"#) g"###, "f ( _ ) g");
        check(
            r###"f(br##"a "# b"##, b"x", c"y", cr"\") g"###,
            "f ( _ , _ , _ , _ ) g",
        );
        check(
            r"['a', '\'', b'\\', '\u{1F600}', '\x41']",
            "[ _ , _ , _ , _ , _ ]",
        );
        check("fn f<'a>(x: &'a str)", "fn f < ' a > ( x : & ' a str )");
        check("let c = 'x'; std::fs", "let c = _ ; std : : fs");
        check("r#type + rest", "type + rest");
        check(
            "0..10, 1.5e3.ln(), 0x1f_u8, p.0.ln()",
            "_ . . _ , _ . ln ( ) , _ , p . _ . ln ( )",
        );
        check("\"open", "_");
        check("/* open", "");
    }

    #[test]
    fn lines_are_counted_through_comments_and_strings() {
        let found = tokens("/* a\n\n*/ x \"1\n2\" y");
        let lines: Vec<usize> = found.iter().map(|token| token.line).collect();
        assert_eq!(lines, [3, 3, 4]);
    }

    fn check_without_tests(source: &str, kept: &str, modules: &[&str]) {
        let (tokens, names) = without_tests(&tokens(source));
        let words: Vec<&str> = tokens.iter().filter_map(Token::ident).collect();
        assert_eq!(words.join(" "), kept, "source: {source}");
        assert_eq!(names, modules, "source: {source}");
    }

    #[test]
    fn test_items_are_left_out() {
        check_without_tests("a #[cfg(test)] mod t { fn f() { b } } c", "a c", &[]);
        check_without_tests(
            "a #[cfg(test)] #[allow(x)] fn f(y: [u8; 3]) { b } c",
            "a c",
            &[],
        );
        check_without_tests("a #[cfg(test)] mod tests; c", "a c", &["tests"]);
        check_without_tests("a #[cfg(test)] pub(crate) mod tests; c", "a c", &["tests"]);
        check_without_tests("a #[cfg(test)] use x::{y, z}; c", "a c", &[]);
        check_without_tests("#[cfg(not(test))] mod t { b }", "cfg not test mod t b", &[]);
        check_without_tests("#[cfg(feature)] mod t { b }", "cfg feature mod t b", &[]);
    }
}
