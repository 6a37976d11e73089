//! Reading a mission's files: every mistake is reported at once, each with file, line, column and a
//! hint. TOML (1.0) and JSON (RFC 8259) become one tree of nodes that know where they stand.
//!
//! This room never opens a file; it is given names and texts.

mod fields;
mod names;
mod parse;

use std::fmt;
use std::ops::Range;

use serde::{Deserialize, Serialize};

pub(crate) use fields::nearest_hint;
pub use fields::{
    Fields, Refusal, boolean, in_range, integer, list, number, one_of, position, slug, slugs, text,
    timestamp,
};
pub use names::Names;
pub use parse::{json, toml};

/// Largest file of a mission folder, bytes: a line of contact of 1,200 km at metre detail fits.
pub const DOCUMENT_BYTES_MAX: usize = 64 * 1024 * 1024;

/// One mistake in a file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Issue {
    /// The file's name as given.
    pub file: String,
    /// Line, counted from 1.
    pub line: u32,
    /// Column in characters, counted from 1.
    pub column: u32,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub hint: String,
}

impl fmt::Display for Issue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            file,
            line,
            column,
            message,
            hint,
        } = self;
        write!(f, "{file}:{line}:{column}: {message}")?;
        if hint.is_empty() {
            Ok(())
        } else {
            write!(f, "\n    hint: {hint}")
        }
    }
}

/// A file's name and text; turns byte offsets into lines and columns.
#[derive(Debug, Clone)]
pub struct Source {
    file: String,
    text: String,
    line_starts: Vec<usize>,
}

impl Source {
    /// A source with the name that its issues will carry.
    #[must_use]
    pub fn new(file: &str, text: &str) -> Self {
        let newlines = text
            .bytes()
            .enumerate()
            .filter(|(_, b)| *b == b'\n')
            .map(|(i, _)| i + 1);
        Self {
            file: file.to_owned(),
            text: text.to_owned(),
            line_starts: std::iter::once(0).chain(newlines).collect(),
        }
    }

    /// An issue at a place in the text.
    #[must_use]
    pub fn issue(&self, span: &Range<usize>, message: String, hint: String) -> Issue {
        let start = span.start.min(self.text.len());
        let line = self.line_starts.partition_point(|at| *at <= start).max(1);
        let before = self
            .text
            .get(self.line_starts[line - 1]..start)
            .unwrap_or("");
        Issue {
            file: self.file.clone(),
            line: u32::try_from(line).unwrap_or(u32::MAX),
            column: u32::try_from(before.chars().count() + 1).unwrap_or(u32::MAX),
            message,
            hint,
        }
    }
}

/// A value and where it stands in the text, in bytes.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// From its first byte to behind its last.
    pub span: Range<usize>,
    /// The value.
    pub value: Value,
}

/// What TOML and JSON have in common.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// JSON's null.
    Null,
    /// True or false.
    Boolean(bool),
    /// A whole number.
    Integer(i64),
    /// Any other number.
    Float(f64),
    /// Text; TOML's dates and times are kept as they are written.
    Text(String),
    /// A list.
    List(Vec<Node>),
    /// Keys with values, in the order of the text.
    Table(Vec<(Key, Node)>),
}

impl Value {
    /// What it is, in words.
    #[must_use]
    pub fn what(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Boolean(_) => "true or false",
            Self::Integer(_) => "a whole number",
            Self::Float(_) => "a number",
            Self::Text(_) => "text",
            Self::List(_) => "a list",
            Self::Table(_) => "a table",
        }
    }
}

/// A key and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Key {
    /// The key.
    pub name: String,
    /// From its first byte to behind its last.
    pub span: Range<usize>,
}

/// A parsed file.
#[derive(Debug, Clone)]
pub struct Document {
    /// Its name and text.
    pub source: Source,
    /// Its outermost value.
    pub root: Node,
}

impl Document {
    /// Reads the outermost table.
    pub fn fields<'d>(&'d self, issues: &'d Issues) -> Fields<'d> {
        Fields::open(&self.source, issues, &self.root, "the file")
    }
}

/// The issues found so far, over all files. Readers share it by reference.
#[derive(Debug, Default)]
pub struct Issues(std::cell::RefCell<Vec<Issue>>);

impl Issues {
    /// Adds one.
    pub fn push(&self, issue: Issue) {
        self.0.borrow_mut().push(issue);
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.borrow().len()
    }

    /// True when there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All of them, by file, line and column.
    #[must_use]
    pub fn into_sorted(self) -> Vec<Issue> {
        let mut issues = self.0.into_inner();
        issues.sort();
        issues.dedup();
        issues
    }
}
