//! True, false and unknown (Kleene's strong logic), and conditions joined by *and* and *or*.
//!
//! Expressions hold no *not*: inside one political world more true conditions never take a pledge
//! away. "A only without B" is an explicit exclusion between conditions.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use truce_core::Slug;
use truce_core::document::{Fields, Names, Node, Refusal, Value, slug};

/// Deepest nesting of an expression.
const DEPTH_MAX: usize = 16;

/// Three values, ordered by how much they allow: false, unknown, true.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Truth {
    /// It does not hold.
    False,
    /// Nobody can say.
    #[default]
    Unknown,
    /// It holds.
    True,
}

impl Truth {
    /// Both: the lesser of the two (Kleene 1952, § 64).
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        self.min(other)
    }

    /// Either: the greater of the two.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        self.max(other)
    }
}

impl From<bool> for Truth {
    fn from(holds: bool) -> Self {
        if holds { Self::True } else { Self::False }
    }
}

/// The words of a truth value in files and on the command line.
pub const TRUTHS: [(&str, Truth); 3] = [
    ("true", Truth::True),
    ("false", Truth::False),
    ("unknown", Truth::Unknown),
];

/// On what something hangs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Expression {
    /// On one condition.
    Is(Slug),
    /// On all of these; an empty list holds.
    All(Vec<Expression>),
    /// On at least one of these; an empty list does not hold.
    Any(Vec<Expression>),
}

impl Expression {
    /// Hangs on nothing.
    #[must_use]
    pub fn always() -> Self {
        Self::All(Vec::new())
    }

    /// Its value when conditions have the given states; a condition without a state is unknown.
    #[must_use]
    pub fn value(&self, states: &BTreeMap<Slug, Truth>) -> Truth {
        match self {
            Self::Is(id) => states.get(id).copied().unwrap_or_default(),
            Self::All(parts) => parts
                .iter()
                .fold(Truth::True, |all, part| all.and(part.value(states))),
            Self::Any(parts) => parts
                .iter()
                .fold(Truth::False, |any, part| any.or(part.value(states))),
        }
    }

    /// The conditions that keep it from being true, each once, in order of their names.
    #[must_use]
    pub fn waiting_for(&self, states: &BTreeMap<Slug, Truth>) -> Vec<Slug> {
        let mut waiting = Vec::new();
        self.collect_waiting(states, &mut waiting);
        waiting.sort();
        waiting.dedup();
        waiting
    }

    fn collect_waiting(&self, states: &BTreeMap<Slug, Truth>, waiting: &mut Vec<Slug>) {
        if self.value(states) == Truth::True {
            return;
        }
        match self {
            Self::Is(id) => waiting.push(id.clone()),
            Self::All(parts) | Self::Any(parts) => {
                for part in parts {
                    part.collect_waiting(states, waiting);
                }
            }
        }
    }
}

/// Reads an expression: a condition's name, `{ all = [...] }` or `{ any = [...] }`, nested.
///
/// # Errors
/// A refusal when the node is none of these, or nested too deep.
pub fn expression(node: &Node) -> Result<Expression, Refusal> {
    read_expression(node, 0)
}

fn read_expression(node: &Node, depth: usize) -> Result<Expression, Refusal> {
    let hint = "write a condition's name, { all = [..] } or { any = [..] }";
    let refuse = |message: &str| Err((message.to_owned(), hint.to_owned()));
    if depth > DEPTH_MAX {
        return refuse("the expression is nested too deep");
    }
    let Value::Table(entries) = &node.value else {
        return slug(node)
            .map(Expression::Is)
            .map_err(|(message, _)| (message, hint.to_owned()));
    };
    let [(key, parts)] = entries.as_slice() else {
        return refuse("an expression has exactly one of `all` and `any`");
    };
    let Value::List(parts) = &parts.value else {
        return refuse("`all` and `any` take a list");
    };
    let parts: Result<Vec<_>, Refusal> = parts
        .iter()
        .map(|part| read_expression(part, depth + 1))
        .collect();
    match key.name.as_str() {
        "all" => Ok(Expression::All(parts?)),
        "any" => Ok(Expression::Any(parts?)),
        _ => refuse("an expression has exactly one of `all` and `any`"),
    }
}

/// Notes that every name in the expression under a key refers to a condition.
pub(crate) fn refer<'d>(fields: &Fields<'d>, key: &str, names: &mut Names<'d>) {
    if let Some(node) = fields.node(key) {
        refer_node(fields, node, names);
    }
}

fn refer_node<'d>(fields: &Fields<'d>, node: &'d Node, names: &mut Names<'d>) {
    match &node.value {
        Value::Text(_) => names.refer_node("condition", fields, node),
        Value::List(parts) => {
            for part in parts {
                refer_node(fields, part, names);
            }
        }
        Value::Table(entries) => {
            for (_, part) in entries {
                refer_node(fields, part, names);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is(name: &str) -> Expression {
        Expression::Is(Slug::new(name).unwrap())
    }

    #[test]
    fn three_values_follow_kleene() {
        use Truth::{False, True, Unknown};
        for (a, b, and, or) in [
            (True, True, True, True),
            (True, Unknown, Unknown, True),
            (True, False, False, True),
            (Unknown, Unknown, Unknown, Unknown),
            (Unknown, False, False, Unknown),
            (False, False, False, False),
        ] {
            assert_eq!((a.and(b), b.and(a)), (and, and), "{a:?} {b:?}");
            assert_eq!((a.or(b), b.or(a)), (or, or), "{a:?} {b:?}");
        }
    }

    #[test]
    fn expressions_say_what_they_wait_for() {
        let expression = Expression::All(vec![
            is("consent"),
            Expression::Any(vec![is("mandate"), is("invitation")]),
        ]);
        let slug = |name: &str| Slug::new(name).unwrap();
        let mut states = BTreeMap::from([
            (slug("consent"), Truth::True),
            (slug("mandate"), Truth::False),
        ]);
        assert_eq!(expression.value(&states), Truth::Unknown);
        let waiting = expression.waiting_for(&states);
        assert_eq!(waiting, [slug("invitation"), slug("mandate")]);
        states.insert(slug("invitation"), Truth::True);
        assert_eq!(expression.value(&states), Truth::True);
        assert!(expression.waiting_for(&states).is_empty());
        assert_eq!(Expression::always().value(&states), Truth::True);
    }
}
