//! TOML and JSON texts to nodes with places.

use std::ops::Range;

use super::{DOCUMENT_BYTES_MAX, Document, Issues, Key, Node, Source, Value};

/// Deepest nesting accepted; GeoJSON's multi-polygons need 9.
const DEPTH_MAX: usize = 64;

/// Parses TOML. A syntax mistake becomes an issue and `None`.
#[must_use]
pub fn toml(file: &str, text: &str, issues: &Issues) -> Option<Document> {
    let source = sized_source(file, text, issues)?;
    match toml::de::DeTable::parse(text) {
        Ok(table) => {
            let span = table.span();
            let value = toml_table(table.get_ref());
            Some(Document {
                source,
                root: Node { span, value },
            })
        }
        Err(error) => {
            let span = error.span().unwrap_or(0..0);
            let hint = "this is not TOML 1.0; look at the brackets and quotes before this place";
            issues.push(source.issue(&span, error.message().to_owned(), hint.to_owned()));
            None
        }
    }
}

/// Parses JSON. A syntax mistake becomes an issue and `None`.
#[must_use]
pub fn json(file: &str, text: &str, issues: &Issues) -> Option<Document> {
    let source = sized_source(file, text, issues)?;
    let options = jsonc_parser::ParseOptions {
        allow_comments: false,
        allow_loose_object_property_names: false,
        allow_trailing_commas: false,
        ..Default::default()
    };
    let collect = jsonc_parser::CollectOptions::default();
    match jsonc_parser::parse_to_ast(text, &collect, &options) {
        Ok(result) => {
            let root = result.value.as_ref().and_then(|value| json_node(value, 0));
            if root.is_none() {
                let hint = format!("one JSON value is expected, nested at most {DEPTH_MAX} deep");
                issues.push(source.issue(&(0..0), "the file holds no JSON value".into(), hint));
            }
            Some(Document {
                source,
                root: root?,
            })
        }
        Err(error) => {
            let span = error.range();
            let hint = "this is not JSON (RFC 8259); look at the commas and brackets before it";
            let message = error.kind().to_string();
            issues.push(source.issue(&(span.start..span.end), message, hint.to_owned()));
            None
        }
    }
}

fn sized_source(file: &str, text: &str, issues: &Issues) -> Option<Source> {
    if text.len() <= DOCUMENT_BYTES_MAX {
        return Some(Source::new(file, text));
    }
    let message = format!(
        "the file has {} bytes; at most {DOCUMENT_BYTES_MAX} are read",
        text.len()
    );
    issues.push(Source::new(file, "").issue(&(0..0), message, "split or simplify it".into()));
    None
}

fn toml_table(table: &toml::de::DeTable<'_>) -> Value {
    let mut entries: Vec<_> = table
        .iter()
        .map(|(key, value)| {
            let key = Key {
                name: key.get_ref().to_string(),
                span: key.span(),
            };
            (key, toml_node(value.get_ref(), value.span()))
        })
        .collect();
    entries.sort_by_key(|(key, _)| key.span.start);
    Value::Table(entries)
}

fn toml_node(value: &toml::de::DeValue<'_>, span: Range<usize>) -> Node {
    use toml::de::DeValue;
    let value = match value {
        DeValue::String(text) => Value::Text(text.to_string()),
        DeValue::Integer(number) => match i64::from_str_radix(number.as_str(), number.radix()) {
            Ok(number) => Value::Integer(number),
            Err(_) => Value::Float(number.as_str().parse().unwrap_or(f64::NAN)),
        },
        DeValue::Float(number) => Value::Float(number.as_str().parse().unwrap_or(f64::NAN)),
        DeValue::Boolean(truth) => Value::Boolean(*truth),
        DeValue::Datetime(datetime) => Value::Text(datetime.to_string()),
        DeValue::Array(items) => Value::List(
            items
                .iter()
                .map(|item| toml_node(item.get_ref(), item.span()))
                .collect(),
        ),
        DeValue::Table(table) => toml_table(table),
    };
    Node { span, value }
}

fn json_node(value: &jsonc_parser::ast::Value<'_>, depth: usize) -> Option<Node> {
    use jsonc_parser::ast::Value as Json;
    use jsonc_parser::common::Ranged;
    if depth > DEPTH_MAX {
        return None;
    }
    let range = value.range();
    let converted = match value {
        Json::NullKeyword(_) => Value::Null,
        Json::BooleanLit(literal) => Value::Boolean(literal.value),
        Json::StringLit(literal) => Value::Text(literal.value.to_string()),
        Json::NumberLit(literal) => match literal.value.parse::<i64>() {
            Ok(number) => Value::Integer(number),
            Err(_) => Value::Float(literal.value.parse().unwrap_or(f64::NAN)),
        },
        Json::Array(array) => Value::List(
            array
                .elements
                .iter()
                .map(|e| json_node(e, depth + 1))
                .collect::<Option<_>>()?,
        ),
        Json::Object(object) => Value::Table(
            object
                .properties
                .iter()
                .map(|property| {
                    let span = property.name.range();
                    let name = property.name.as_str().to_owned();
                    let key = Key {
                        name,
                        span: span.start..span.end,
                    };
                    Some((key, json_node(&property.value, depth + 1)?))
                })
                .collect::<Option<_>>()?,
        ),
    };
    Some(Node {
        span: range.start..range.end,
        value: converted,
    })
}
