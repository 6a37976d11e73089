//! Paths that a file's code speaks, with `use` trees spelt out and names traced to their import.
//!
//! `use std::{fs, time::Instant as Tick}` makes `fs::read` mean `std::fs::read` and `Tick::now` mean
//! `std::time::Instant::now`. Scopes are not told apart: an import counts for its whole file.

use std::collections::BTreeMap;

use super::tokens::Token;

/// A path in the code, with imported first names replaced by what they stand for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Path {
    /// Segments, such as `["std", "fs", "read"]`; a glob import ends in `*`.
    pub(crate) segments: Vec<String>,
    /// Line of the path's first segment, from 1.
    pub(crate) line: usize,
}

/// All paths of the code: imports first, then every other path and lone identifier in order.
pub(crate) fn paths(tokens: &[Token]) -> Vec<Path> {
    let (mut imports, mut names, mut plain) = (Vec::new(), BTreeMap::new(), Vec::new());
    let mut at = 0;
    while at < tokens.len() {
        if is_use(tokens, at) {
            let mut tree = UseTree {
                tokens,
                at: at + 1,
                imports: &mut imports,
                names: &mut names,
            };
            tree.read(&[]);
            at = tree.at.max(at + 1);
        } else if tokens[at].ident().is_some() {
            let (path, next) = plain_path(tokens, at);
            plain.push(path);
            at = next;
        } else {
            at += 1;
        }
    }
    for path in &mut plain {
        resolve(path, &names);
    }
    imports.append(&mut plain);
    imports
}

/// `use` opens an import unless it is the bound `use<'a>` of a return type.
fn is_use(tokens: &[Token], at: usize) -> bool {
    tokens[at].ident() == Some("use") && !tokens.get(at + 1).is_some_and(|next| next.is('<'))
}

fn plain_path(tokens: &[Token], start: usize) -> (Path, usize) {
    let mut segments = vec![tokens[start].ident().unwrap_or_default().to_owned()];
    let mut at = start + 1;
    while is_separator(tokens, at)
        && let Some(name) = tokens.get(at + 2).and_then(Token::ident)
    {
        segments.push(name.to_owned());
        at += 3;
    }
    (
        Path {
            segments,
            line: tokens[start].line,
        },
        at,
    )
}

fn is_separator(tokens: &[Token], at: usize) -> bool {
    matches!(tokens.get(at..at + 2), Some([a, b]) if a.is(':') && b.is(':'))
}

/// Replaces an imported first segment by its full path, at most a few aliases deep.
fn resolve(path: &mut Path, names: &BTreeMap<String, Vec<String>>) {
    /// More aliases of aliases than anyone writes; a cycle ends here.
    const ALIAS_DEPTH_MAX: usize = 8;
    for _ in 0..ALIAS_DEPTH_MAX {
        let Some(full) = names.get(&path.segments[0]) else {
            return;
        };
        if full[0] == path.segments[0] {
            return;
        }
        path.segments.splice(0..1, full.iter().cloned());
    }
}

struct UseTree<'a> {
    tokens: &'a [Token],
    at: usize,
    imports: &'a mut Vec<Path>,
    names: &'a mut BTreeMap<String, Vec<String>>,
}

impl UseTree<'_> {
    fn here(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    /// Reads one tree after `prefix` and stops at the `,`, `}` or `;` behind it.
    fn read(&mut self, prefix: &[String]) {
        let mut path = prefix.to_vec();
        let line = self.here().map_or(0, |token| token.line);
        while let Some(token) = self.here() {
            if token.is('{') {
                return self.read_group(&path);
            } else if token.is('*') {
                path.push("*".to_owned());
            } else if token.ident() == Some("as") {
                self.at += 1;
                let alias = self.here().and_then(Token::ident).map(str::to_owned);
                self.at += 1;
                return self.emit(path, alias, line);
            } else if let Some(name) = token.ident() {
                if name != "self" || path.is_empty() {
                    path.push(name.to_owned());
                }
            } else if !token.is(':') {
                break;
            }
            self.at += 1;
        }
        let name = path.last().cloned();
        self.emit(path, name, line);
    }

    fn read_group(&mut self, prefix: &[String]) {
        self.at += 1;
        while let Some(token) = self.here() {
            if token.is('}') {
                self.at += 1;
                return;
            } else if token.is(',') {
                self.at += 1;
            } else {
                let before = self.at;
                self.read(prefix);
                // Source that does not compile must not hang the scan.
                self.at = self.at.max(before + usize::from(self.at == before));
            }
        }
    }

    fn emit(&mut self, segments: Vec<String>, name: Option<String>, line: usize) {
        if segments.is_empty() {
            return;
        }
        if let Some(name) = name.filter(|name| name != "*" && name != "_") {
            self.names.insert(name, segments.clone());
        }
        self.imports.push(Path { segments, line });
    }
}

#[cfg(test)]
mod tests {
    use super::super::tokens::tokens;
    use super::*;

    fn check(source: &str, expected: &[&str]) {
        let found: Vec<String> = paths(&tokens(source))
            .into_iter()
            .map(|path| path.segments.join("::"))
            .collect();
        assert_eq!(found, expected, "source: {source}");
    }

    #[test]
    fn use_trees_are_spelt_out() {
        check("use std::fs;", &["std::fs"]);
        check(
            "use ::std::{fs, io::{self, Read}};",
            &["std::fs", "std::io", "std::io::Read"],
        );
        check("use std::time::*;", &["std::time::*"]);
        check("use {std::fs, a::b,};", &["std::fs", "a::b"]);
        check("use self::a::B;", &["self::a::B"]);
        check(
            "fn f() -> impl T + use<'a> {}",
            &["fn", "f", "impl", "T", "use", "a"],
        );
        check("use std::fs", &["std::fs"]);
        check("use {std", &["std"]);
    }

    #[test]
    fn names_are_traced_to_their_import() {
        check(
            "use std::{fs, x}; fs::read",
            &["std::fs", "std::x", "std::fs::read"],
        );
        check("use std as s; s::fs::read", &["std", "std::fs::read"]);
        check("use a::T as U; U::now", &["a::T", "a::T::now"]);
        check("use a::b; use b::c; c::d", &["a::b", "b::c", "a::b::c::d"]);
        check("use jiff; jiff::now", &["jiff", "jiff::now"]);
    }
}
