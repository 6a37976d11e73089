//! Names that are defined once and referred to from elsewhere, possibly from another file. All
//! duplicates and all references to nothing are found once every file has been read.

use std::collections::BTreeMap;
use std::ops::Range;

use super::fields::nearest_hint;
use super::{Fields, Issues, Node, Source, Value};
use crate::identity::Slug;

/// What is defined and what is referred to, by kind of thing, such as `zone` or `feed`.
#[derive(Debug, Default)]
pub struct Names<'d> {
    defined: BTreeMap<&'static str, BTreeMap<Slug, Option<u32>>>,
    uses: Vec<Use<'d>>,
}

#[derive(Debug)]
struct Use<'d> {
    kind: &'static str,
    id: Slug,
    source: &'d Source,
    span: Range<usize>,
}

impl<'d> Names<'d> {
    /// Says that things of a kind are known, even if there turn out to be none. References to a
    /// kind that was never opened are not judged: its file is missing, which is an issue already.
    pub fn open(&mut self, kind: &'static str) {
        self.defined.entry(kind).or_default();
    }

    /// Defines a name that was read before, for example in another file.
    pub fn know(&mut self, kind: &'static str, id: &Slug) {
        self.defined
            .entry(kind)
            .or_default()
            .insert(id.clone(), None);
    }

    /// Defines the name read from a table's key; the second definition of a name is an issue.
    pub fn define(
        &mut self,
        kind: &'static str,
        id: Option<&Slug>,
        fields: &Fields<'d>,
        key: &str,
    ) {
        let Some(id) = id else { return };
        let names = self.defined.entry(kind).or_default();
        if let Some(first) = names.get(id) {
            let first = first.map_or_else(String::new, |line| format!(", first on line {line}"));
            let message = format!("the {kind} `{id}` is defined twice{first}");
            fields.issue_at(key, message, "give each its own name".to_owned());
            return;
        }
        let (source, _) = fields.context();
        let span = fields.node(key).map_or(0..0, |node| node.span.clone());
        let line = source.issue(&span, String::new(), String::new()).line;
        names.insert(id.clone(), Some(line));
    }

    /// Notes that the value of a table's key refers to a thing of a kind.
    pub fn refer(&mut self, kind: &'static str, id: Option<&Slug>, fields: &Fields<'d>, key: &str) {
        let (Some(id), Some(node)) = (id, fields.node(key)) else {
            return;
        };
        let (source, _) = fields.context();
        let (id, span) = (id.clone(), node.span.clone());
        self.uses.push(Use {
            kind,
            id,
            source,
            span,
        });
    }

    /// Notes that each text in the list under a table's key refers to a thing of a kind.
    pub fn refer_all(&mut self, kind: &'static str, fields: &Fields<'d>, key: &str) {
        let Some(Value::List(items)) = fields.node(key).map(|node| &node.value) else {
            return;
        };
        for item in items {
            self.refer_node(kind, fields, item);
        }
    }

    /// Notes that a text inside a table refers to a thing of a kind.
    pub fn refer_node(&mut self, kind: &'static str, fields: &Fields<'d>, node: &Node) {
        if let Value::Text(text) = &node.value
            && let Ok(id) = Slug::new(text)
        {
            let (source, _) = fields.context();
            let span = node.span.clone();
            self.uses.push(Use {
                kind,
                id,
                source,
                span,
            });
        }
    }

    /// Reports every reference to something that is not defined.
    pub fn settle(&self, issues: &Issues) {
        for used in &self.uses {
            let Some(known) = self.defined.get(used.kind) else {
                continue;
            };
            if known.contains_key(&used.id) {
                continue;
            }
            let words: Vec<String> = known.keys().map(ToString::to_string).collect();
            let message = format!("there is no {} `{}`", used.kind, used.id);
            let hint = if words.is_empty() {
                format!("define the {} first", used.kind)
            } else {
                shorten(nearest_hint(used.id.as_str(), words.iter()))
            };
            issues.push(used.source.issue(&used.span, message, hint));
        }
    }
}

/// Longest hint, characters; a list of all sensors helps nobody.
const HINT_LENGTH_MAX: usize = 200;

fn shorten(hint: String) -> String {
    if hint.chars().count() <= HINT_LENGTH_MAX {
        return hint;
    }
    let cut: String = hint.chars().take(HINT_LENGTH_MAX).collect();
    format!("{cut}…")
}
