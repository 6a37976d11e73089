//! Everything that one message says, field by field, beside the observations that follow from it.
//!
//! An observation keeps what the mission's line needs; a sheet keeps the rest too, so that a
//! decoder can be held against other programs and a person can read a message whole. Numbers are in
//! SI units with the unit at the end of the name; where a number was converted, the sensor's own
//! value stands in `given` under its own name and unit. A field that is there but says "not
//! available" is null.

use serde::Serialize;
use serde_json::{Map, Value};

/// What one message says.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Sheet {
    /// Which message of the format it is, such as `5` of AIS or `CAT062` of ASTERIX.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub kind: String,
    /// Its fields in SI units.
    pub fields: Map<String, Value>,
    /// The sensor's own values of fields that were converted.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub given: Map<String, Value>,
    /// What was wrong with it, in words.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub wrong: Vec<String>,
}

impl Sheet {
    /// An empty sheet of a kind of message.
    #[must_use]
    pub fn new(kind: impl ToString) -> Self {
        let kind = kind.to_string();
        Self {
            kind,
            ..Self::default()
        }
    }

    /// Sets a field that needs no conversion.
    pub fn set(&mut self, name: &str, value: impl Into<Value>) {
        self.fields.insert(name.to_owned(), value.into());
    }

    /// Sets a field that may be absent.
    pub fn maybe(&mut self, name: &str, value: Option<impl Into<Value>>) {
        if let Some(value) = value {
            self.set(name, value);
        }
    }

    /// Sets a field and the sensor's own value of it.
    pub fn converted(
        &mut self,
        (name, value): (&str, Option<f64>),
        (own_name, own): (&str, impl Into<Value>),
    ) {
        self.set(name, value);
        self.given.insert(own_name.to_owned(), own.into());
    }

    /// Says that something was wrong.
    pub fn wrong(&mut self, reason: impl Into<String>) {
        self.wrong.push(reason.into());
    }
}
