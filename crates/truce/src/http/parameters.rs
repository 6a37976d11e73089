//! Reading what a request asks for: query parameters and JSON bodies, with errors that name the
//! field.

use std::collections::BTreeMap;
use std::str::FromStr;

use axum::body::to_bytes;
use axum::extract::{FromRequest, FromRequestParts, Query, Request};
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use serde::de::DeserializeOwned;
use truce_core::Timestamp;

use super::error::Failure;

/// Longest body, bytes: a decision with a long reason fits.
const BODY_BYTES_MAX: usize = 64 * 1024;

/// Longest value of a query parameter, bytes.
const VALUE_BYTES_MAX: usize = 1_024;

/// The query's parameters. Empty ones count as not given; unknown ones are refused by
/// [`Parameters::finish`], so that a misspelt filter is not silently dropped.
pub(super) struct Parameters(BTreeMap<String, String>);

impl<S: Send + Sync> FromRequestParts<S> for Parameters {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        let query = Query::<Vec<(String, String)>>::from_request_parts(parts, state).await;
        let Query(pairs) = query.map_err(|error| Failure::bad_request(error.to_string()))?;
        let mut parameters = BTreeMap::new();
        for (name, value) in pairs {
            if value.len() > VALUE_BYTES_MAX {
                return Err(Failure::bad_request(format!("`{name:.40}` is too long")));
            }
            if parameters.insert(name.clone(), value).is_some() {
                let message = format!("`{name:.40}` is given twice");
                return Err(Failure::bad_request(message).hint("separate several values by commas"));
            }
        }
        Ok(Self(parameters))
    }
}

impl Parameters {
    /// The text of a parameter.
    pub(super) fn text(&mut self, name: &str) -> Option<String> {
        self.0.remove(name).filter(|value| !value.is_empty())
    }

    /// A parameter that is read by `FromStr`.
    pub(super) fn parsed<T: FromStr<Err: std::fmt::Display>>(
        &mut self,
        name: &str,
    ) -> Result<Option<T>, Failure> {
        let Some(value) = self.text(name) else {
            return Ok(None);
        };
        let refuse = |error| Failure::bad_request(format!("`{name}={value:.80}`: {error}"));
        value.parse().map(Some).map_err(refuse)
    }

    /// A parameter that is one of the words of an enumeration.
    pub(super) fn word<T: DeserializeOwned>(&mut self, name: &str) -> Result<Option<T>, Failure> {
        self.text(name).map(|value| word(name, &value)).transpose()
    }

    /// A parameter with words of an enumeration, separated by commas.
    pub(super) fn words<T: DeserializeOwned>(&mut self, name: &str) -> Result<Vec<T>, Failure> {
        let Some(values) = self.text(name) else {
            return Ok(Vec::new());
        };
        values.split(',').map(|value| word(name, value)).collect()
    }

    /// The parameters `from` and `to`: a half-open period.
    pub(super) fn period(&mut self) -> Result<(Option<Timestamp>, Option<Timestamp>), Failure> {
        Ok((self.parsed("from")?, self.parsed("to")?))
    }

    /// Refuses what was not asked for.
    pub(super) fn finish(self) -> Result<(), Failure> {
        match self.0.keys().next() {
            Some(name) => {
                let message = format!("there is no parameter `{name:.40}` here");
                Err(Failure::bad_request(message).hint("see /api/openapi.json"))
            }
            None => Ok(()),
        }
    }
}

fn word<T: DeserializeOwned>(name: &str, value: &str) -> Result<T, Failure> {
    let read = serde_json::from_value(serde_json::Value::String(value.to_owned()));
    read.map_err(|error| Failure::bad_request(format!("`{name}={value:.80}`: {error}")))
}

/// A JSON body of bounded length.
pub(super) struct Body<T>(pub(super) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, _: &S) -> Result<Self, Failure> {
        let media_type = request.headers().get(CONTENT_TYPE);
        let media_type = media_type
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        let media_type = media_type.split(';').next().unwrap_or_default().trim();
        if !media_type.eq_ignore_ascii_case("application/json") {
            return Err(Failure::media_type());
        }
        let bytes = to_bytes(request.into_body(), BODY_BYTES_MAX).await;
        let bytes = bytes.map_err(|_| Failure::too_large(BODY_BYTES_MAX))?;
        let body = serde_json::from_slice(&bytes);
        body.map(Self)
            .map_err(|error| Failure::bad_request(format!("the body: {error}")))
    }
}
