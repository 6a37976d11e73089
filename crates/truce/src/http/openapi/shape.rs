//! JSON Schema in few words.

use serde_json::{Map, Value, json};

pub(super) fn text() -> Value {
    json!({ "type": "string" })
}

pub(super) fn number() -> Value {
    json!({ "type": "number" })
}

pub(super) fn probability() -> Value {
    json!({ "type": "number", "minimum": 0, "maximum": 1 })
}

pub(super) fn count() -> Value {
    json!({ "type": "integer", "minimum": 0 })
}

pub(super) fn instant() -> Value {
    json!({ "type": "string", "format": "date-time" })
}

pub(super) fn digest() -> Value {
    json!({ "type": "string", "pattern": "^[0-9a-f]{64}$" })
}

pub(super) fn boolean() -> Value {
    json!({ "type": "boolean" })
}

/// An object of which nothing more is said.
pub(super) fn any() -> Value {
    json!({ "type": "object" })
}

pub(super) fn list(of: Value) -> Value {
    json!({ "type": "array", "items": of })
}

pub(super) fn tuple(of: &[Value]) -> Value {
    json!({ "type": "array", "prefixItems": of, "minItems": of.len(), "maxItems": of.len() })
}

pub(super) fn or_null(of: Value) -> Value {
    json!({ "oneOf": [of, { "type": "null" }] })
}

/// An object that has all of these properties.
pub(super) fn object(properties: Value) -> Value {
    let names = properties.as_object().into_iter().flat_map(Map::keys);
    let names: Vec<String> = names.cloned().collect();
    json!({ "type": "object", "properties": properties, "required": names })
}

/// The same with properties that it may have.
pub(super) fn optional(mut object: Value, properties: Value) -> Value {
    if let (Some(all), Value::Object(more)) = (object["properties"].as_object_mut(), properties) {
        all.extend(more);
    }
    object
}
