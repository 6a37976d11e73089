//! Reading a table field by field. What is missing, of the wrong kind or unknown becomes an issue;
//! reading goes on, so that all mistakes are found in one go.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::ops::{Range, RangeInclusive};

use super::{Issues, Node, Source, Value};
use crate::identity::Slug;
use crate::place::Position;
use crate::time::Timestamp;

/// Why a node is not what a field wants: the message and the hint.
pub type Refusal = (String, String);

/// A table being read. Every key must be asked for before [`Fields::finish`].
pub struct Fields<'d> {
    source: &'d Source,
    issues: &'d Issues,
    entries: &'d [(super::Key, Node)],
    span: Range<usize>,
    what: String,
    asked: RefCell<BTreeSet<String>>,
}

impl<'d> Fields<'d> {
    /// Opens a node that should be a table; `what` names it in messages. A node of another kind is
    /// an issue and reads as an empty table.
    pub fn open(source: &'d Source, issues: &'d Issues, node: &'d Node, what: &str) -> Self {
        let entries = match &node.value {
            Value::Table(entries) => entries.as_slice(),
            other => {
                let message = format!("{what} should be a table, not {}", other.what());
                issues.push(source.issue(&node.span, message, String::new()));
                &[]
            }
        };
        let mut seen = BTreeSet::new();
        for (key, _) in entries {
            if !seen.insert(key.name.as_str()) {
                let message = format!("`{}` is given twice in {what}", key.name);
                issues.push(source.issue(&key.span, message, "keep one of them".to_owned()));
            }
        }
        let (span, what) = (node.span.clone(), what.to_owned());
        Self {
            source,
            issues,
            entries,
            span,
            what,
            asked: RefCell::default(),
        }
    }

    /// The node under a key, when it is there.
    pub fn node(&self, key: &str) -> Option<&'d Node> {
        self.asked.borrow_mut().insert(key.to_owned());
        self.entries
            .iter()
            .find(|(k, _)| k.name == key)
            .map(|(_, node)| node)
    }

    /// A field that may be absent.
    pub fn maybe<T>(&self, key: &str, read: impl Fn(&Node) -> Result<T, Refusal>) -> Option<T> {
        let node = self.node(key)?;
        match read(node) {
            Ok(value) => Some(value),
            Err((message, hint)) => {
                self.refuse(&node.span, format!("`{key}`: {message}"), hint);
                None
            }
        }
    }

    /// A field that must be there.
    pub fn need<T>(&self, key: &str, read: impl Fn(&Node) -> Result<T, Refusal>) -> Option<T> {
        if self.node(key).is_none() {
            let message = format!("{} has no `{key}`", self.what);
            self.refuse(&self.span.clone(), message, format!("add `{key}`"));
            return None;
        }
        self.maybe(key, read)
    }

    /// The table under a key, when it is there.
    pub fn table(&self, key: &str) -> Option<Fields<'d>> {
        let node = self.node(key)?;
        Some(Fields::open(
            self.source,
            self.issues,
            node,
            &format!("`{key}`"),
        ))
    }

    /// The table under a key that must be there.
    pub fn need_table(&self, key: &str) -> Option<Fields<'d>> {
        self.need(key, |_| Ok(()))?;
        self.table(key)
    }

    /// The tables of a list of tables; none when the key is absent.
    pub fn tables(&self, key: &str) -> Vec<Fields<'d>> {
        let Some(node) = self.node(key) else {
            return Vec::new();
        };
        let Value::List(items) = &node.value else {
            let message = format!(
                "`{key}` should be a list of tables, not {}",
                node.value.what()
            );
            self.refuse(&node.span, message, format!("write it as [[{key}]]"));
            return Vec::new();
        };
        let open = |(i, item)| {
            Fields::open(
                self.source,
                self.issues,
                item,
                &format!("`{key}` number {}", i + 1),
            )
        };
        items.iter().enumerate().map(open).collect()
    }

    /// All keys with their nodes, for tables whose keys are names; each counts as asked for.
    pub fn all(&self) -> Vec<(&'d super::Key, &'d Node)> {
        let mut asked = self.asked.borrow_mut();
        asked.extend(self.entries.iter().map(|(key, _)| key.name.clone()));
        self.entries.iter().map(|(key, node)| (key, node)).collect()
    }

    /// Reports a mistake at a key's value, or at the table when the key is absent.
    pub fn issue_at(&self, key: &str, message: String, hint: String) {
        let node = self
            .entries
            .iter()
            .find(|(k, _)| k.name == key)
            .map(|(_, node)| node);
        let span = node.map_or_else(|| self.span.clone(), |node| node.span.clone());
        self.refuse(&span, message, hint);
    }

    /// Reports a mistake at a place in the text.
    pub fn refuse(&self, span: &Range<usize>, message: String, hint: String) {
        self.issues.push(self.source.issue(span, message, hint));
    }

    /// The source and the issues, for opening nodes by hand.
    pub fn context(&self) -> (&'d Source, &'d Issues) {
        (self.source, self.issues)
    }

    /// Where the table stands.
    pub fn span(&self) -> Range<usize> {
        self.span.clone()
    }

    /// Ends reading: every key that nobody asked for is an issue.
    pub fn finish(self) {
        let asked = self.asked.borrow();
        for (key, _) in self
            .entries
            .iter()
            .filter(|(key, _)| !asked.contains(&key.name))
        {
            let message = format!("unknown key `{}` in {}", key.name, self.what);
            self.refuse(&key.span, message, nearest_hint(&key.name, asked.iter()));
        }
    }
}

/// "Did you mean" the nearest known word, else the list of all.
pub(crate) fn nearest_hint<'a>(given: &str, known: impl Iterator<Item = &'a String>) -> String {
    let mut known: Vec<_> = known
        .map(|word| (edit_distance(given, word), word))
        .collect();
    known.sort();
    match known.first() {
        None => "remove it".to_owned(),
        Some((distance, word)) if *distance <= 1 + given.len() / 4 => {
            format!("did you mean `{word}`?")
        }
        Some(_) => {
            let words: Vec<_> = known.iter().map(|(_, word)| word.as_str()).collect();
            let mut words = words;
            words.sort_unstable();
            format!("known here: {}", words.join(", "))
        }
    }
}

/// Levenshtein's distance in characters.
fn edit_distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let change = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = change.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

fn wanted(what: &str, node: &Node) -> Refusal {
    (
        format!("{what} is expected, not {}", node.value.what()),
        String::new(),
    )
}

/// Text.
///
/// # Errors
/// A refusal when the node is something else.
pub fn text(node: &Node) -> Result<String, Refusal> {
    match &node.value {
        Value::Text(text) => Ok(text.clone()),
        _ => Err(wanted("text", node)),
    }
}

/// A name.
///
/// # Errors
/// A refusal when the node is no text or no slug.
pub fn slug(node: &Node) -> Result<Slug, Refusal> {
    let text = text(node)?;
    Slug::new(&text).map_err(|error| {
        (
            error.to_string(),
            format!("for example `{}`", slugify(&text)),
        )
    })
}

fn slugify(text: &str) -> String {
    let lower = text.to_ascii_lowercase();
    let mapped = lower
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' });
    let name: String = mapped.collect();
    let name = name.trim_matches('-');
    if name.is_empty() {
        "post-1".to_owned()
    } else {
        name.to_owned()
    }
}

/// A list of names.
///
/// # Errors
/// A refusal when the node is no list of slugs.
pub fn slugs(node: &Node) -> Result<Vec<Slug>, Refusal> {
    list(slug)(node)
}

/// A list whose items are read by `item`.
pub fn list<T>(
    item: impl Fn(&Node) -> Result<T, Refusal>,
) -> impl Fn(&Node) -> Result<Vec<T>, Refusal> {
    move |node| match &node.value {
        Value::List(items) => items.iter().map(&item).collect(),
        _ => Err(wanted("a list", node)),
    }
}

/// True or false.
///
/// # Errors
/// A refusal when the node is something else.
pub fn boolean(node: &Node) -> Result<bool, Refusal> {
    match node.value {
        Value::Boolean(truth) => Ok(truth),
        _ => Err(wanted("true or false", node)),
    }
}

/// A finite number.
///
/// # Errors
/// A refusal when the node is no number, infinite or not a number.
pub fn number(node: &Node) -> Result<f64, Refusal> {
    match node.value {
        Value::Integer(number) => Ok(number as f64),
        Value::Float(number) if number.is_finite() => Ok(number),
        Value::Float(_) => Err(("the number is not finite".into(), String::new())),
        _ => Err(wanted("a number", node)),
    }
}

/// A number within bounds, both included.
pub fn in_range(range: RangeInclusive<f64>) -> impl Fn(&Node) -> Result<f64, Refusal> {
    move |node| {
        let value = number(node)?;
        if range.contains(&value) {
            return Ok(value);
        }
        let (low, high) = (range.start(), range.end());
        Err((
            format!("{value} is out of range"),
            format!("it must lie between {low} and {high}"),
        ))
    }
}

/// A whole number within bounds, both included.
pub fn integer(range: RangeInclusive<i64>) -> impl Fn(&Node) -> Result<i64, Refusal> {
    move |node| match node.value {
        Value::Integer(number) if range.contains(&number) => Ok(number),
        Value::Integer(number) => {
            let (low, high) = (range.start(), range.end());
            Err((
                format!("{number} is out of range"),
                format!("it must lie between {low} and {high}"),
            ))
        }
        _ => Err(wanted("a whole number", node)),
    }
}

/// An instant with its offset (RFC 3339).
///
/// # Errors
/// A refusal when the node is no such text.
pub fn timestamp(node: &Node) -> Result<Timestamp, Refusal> {
    let text = text(node)?;
    let hint = "write it with its offset from UTC, for example 2025-03-01T00:00:00Z";
    text.parse()
        .map_err(|_| (format!("`{text}` is not an instant"), hint.to_owned()))
}

/// One word of a fixed set, with its meaning.
pub fn one_of<T: Clone>(words: &[(&str, T)]) -> impl Fn(&Node) -> Result<T, Refusal> {
    move |node| {
        let given = text(node)?;
        let found = words.iter().find(|(word, _)| *word == given);
        found.map(|(_, meaning)| meaning.clone()).ok_or_else(|| {
            let known: Vec<String> = words.iter().map(|(word, _)| (*word).to_owned()).collect();
            (
                format!("`{given}` is not known here"),
                nearest_hint(&given, known.iter()),
            )
        })
    }
}

/// A position as a table with `lat_deg` and `lon_deg`.
///
/// # Errors
/// A refusal when one of the two is missing, out of range, or something else stands beside them.
pub fn position(node: &Node) -> Result<Position, Refusal> {
    let hint = "write it as { lat_deg = 48.5, lon_deg = 37.2 }, degrees north and east";
    let refuse = |why: &str| (why.to_owned(), hint.to_owned());
    let Value::Table(entries) = &node.value else {
        return Err(wanted("a position", node));
    };
    let read = |key: &str| {
        entries
            .iter()
            .find(|(k, _)| k.name == key)
            .map(|(_, n)| number(n))
    };
    match (read("lat_deg"), read("lon_deg")) {
        (Some(lat), Some(lon)) if entries.len() == 2 => {
            Position::new(lat?, lon?).ok_or_else(|| refuse("the position is not on the globe"))
        }
        _ => Err(refuse("a position has exactly `lat_deg` and `lon_deg`")),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{json, toml};
    use super::*;

    fn mistakes(file: &str, text: &str, read: impl Fn(&Fields<'_>)) -> Vec<String> {
        let issues = Issues::default();
        let parse = if file.ends_with("json") { json } else { toml };
        if let Some(document) = parse(file, text, &issues) {
            let fields = document.fields(&issues);
            read(&fields);
            fields.finish();
        }
        issues
            .into_sorted()
            .iter()
            .map(ToString::to_string)
            .collect()
    }

    #[test]
    fn all_mistakes_are_reported_at_once_with_their_places() {
        let text = "name = \"No Slug\"\nradius_m = \"far\"\ncolour = 1\n[where]\nlat_deg = 91\nlon_deg = 0\n";
        let found = mistakes("m.toml", text, |fields| {
            fields.need("name", slug);
            fields.need("radius_m", in_range(0.0..=10.0));
            fields.need("color", text_or_none);
            fields.maybe("where", position);
        });
        let expected = [
            "m.toml:1:1: the file has no `color`",
            "m.toml:1:8: `name`: `No Slug` is not a name",
            "m.toml:2:12: `radius_m`: a number is expected, not text",
            "m.toml:3:1: unknown key `colour` in the file\n    hint: did you mean `color`?",
            "m.toml:4:1: `where`: the position is not on the globe",
        ];
        assert_eq!(found.len(), expected.len(), "{found:#?}");
        for (found, expected) in found.iter().zip(expected) {
            assert!(found.starts_with(expected), "{found}\n{expected}");
        }
    }

    fn text_or_none(node: &Node) -> Result<String, Refusal> {
        text(node)
    }

    #[test]
    fn json_knows_its_places_too() {
        let found = mistakes(
            "z.geojson",
            "{\n  \"a\": 1.5,\n  \"b\": [1, \"x\"]\n}",
            |fields| {
                fields.need("a", integer(0..=3));
                fields.need("b", list(number));
            },
        );
        assert_eq!(
            found,
            [
                "z.geojson:2:8: `a`: a whole number is expected, not a number",
                "z.geojson:3:8: `b`: a number is expected, not text"
            ]
        );
    }

    #[test]
    fn a_key_given_twice_is_an_issue() {
        let found = mistakes("z.geojson", "{ \"a\": 1,\n  \"a\": 2 }", |fields| {
            fields.need("a", integer(0..=3));
        });
        let expected = "z.geojson:2:3: `a` is given twice in the file\n    hint: keep one of them";
        assert_eq!(found, [expected]);
    }

    #[test]
    fn broken_syntax_is_one_issue() {
        assert_eq!(mistakes("a.toml", "a = [1,\nb = 2", |_| ()).len(), 1);
        assert_eq!(mistakes("a.json", "{\"a\": }", |_| ()).len(), 1);
        assert_eq!(mistakes("a.json", "", |_| ()).len(), 1);
        assert_eq!(mistakes("a.json", &"[".repeat(100_000), |_| ()).len(), 1);
    }
}
