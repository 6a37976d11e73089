//! What is said instead of an answer: a status, and JSON with a code, a message and a hint.

use axum::http::{Method, StatusCode, Uri};
use axum::response::{IntoResponse, Json, Response};
use serde_json::json;

use crate::engine::Refused;
use crate::service::{Reached, Unanswered};

/// What is said instead of an answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Failure {
    status: StatusCode,
    code: &'static str,
    message: String,
    hint: String,
}

impl Failure {
    fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            code,
            message: message.into(),
            hint: String::new(),
        }
    }

    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = hint.into();
        self
    }

    /// The request does not make sense.
    pub(super) fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "bad_request", message)
    }

    /// What was asked for is not there.
    pub(super) fn not_found(message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", message)
    }

    /// The mission's rules do not allow it now.
    pub(super) fn conflict(message: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, "not_allowed", message)
    }

    /// The request comes from where none may come from.
    pub(super) fn forbidden(message: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, "forbidden", message)
    }

    /// The body is not of the media type that is read here.
    pub(super) fn media_type() -> Self {
        let message = "the body must be JSON";
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "media_type", message)
            .hint("send `Content-Type: application/json`")
    }

    /// The body is longer than may be.
    pub(super) fn too_large(bytes_max: usize) -> Self {
        let message = format!("the body is longer than {bytes_max} bytes");
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", message)
    }

    /// Too many are served already.
    pub(super) fn busy(message: impl Into<String>) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "busy", message)
            .hint("try again in a few seconds")
    }

    /// The line takes nothing yet.
    pub(super) fn opening(Reached { done, total }: Reached) -> Self {
        let message = format!(
            "the log is being concluded again since the server started: {done} of {total} entries"
        );
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "opening", message)
            .hint("everything can be read meanwhile; try again when `opening` in /api/log is null")
    }

    /// Something broke here; the reason is in the server's log and not told.
    pub(super) fn internal() -> Self {
        let message = "the server could not answer; the reason is in its log";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", message)
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let error = json!({
            "code": self.code,
            "message": self.message,
            "hint": self.hint,
        });
        (self.status, Json(json!({ "error": error }))).into_response()
    }
}

impl From<truce_store::Error> for Failure {
    fn from(error: truce_store::Error) -> Self {
        use truce_store::Error;
        match error {
            Error::Ambiguous { .. } | Error::Cursor { .. } => Self::bad_request(error.to_string()),
            other => {
                tracing::error!(error = %other, "the tables could not be read");
                Self::internal()
            }
        }
    }
}

impl From<truce_ledger::Error> for Failure {
    fn from(error: truce_ledger::Error) -> Self {
        if let truce_ledger::Error::OutOfRange { .. } = error {
            return Self::busy("the newest records are not under a published checkpoint yet");
        }
        tracing::error!(%error, "the log could not be read");
        Self::internal()
    }
}

impl From<truce_core::record::Error> for Failure {
    fn from(error: truce_core::record::Error) -> Self {
        tracing::error!(%error, "a row of the log is no record of this version");
        Self::internal()
    }
}

impl From<crate::line::Error> for Failure {
    fn from(error: crate::line::Error) -> Self {
        use crate::line::Error;
        match error {
            Error::Store(error) => error.into(),
            Error::Ledger(error) => error.into(),
            other => {
                tracing::error!(error = %other, "the line's files could not be read");
                Self::internal()
            }
        }
    }
}

impl From<Unanswered> for Failure {
    fn from(unanswered: Unanswered) -> Self {
        match unanswered {
            Unanswered::Refused(Refused::UnknownIncident { incident }) => {
                Self::not_found(format!("there is no incident {incident}"))
            }
            Unanswered::Refused(Refused::Ladder(why)) => Self::conflict(why),
            Unanswered::Stopped => Self::busy(unanswered.to_string()),
        }
    }
}

/// The answer to a method that a route does not have.
pub(super) async fn method_not_allowed(method: Method, uri: Uri) -> Failure {
    let message = format!("{} has no {method}", uri.path());
    Failure::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "method_not_allowed",
        message,
    )
    .hint("see /api/openapi.json")
}
