//! A witness that a party runs: `add-checkpoint`, and a page that says what it cosigned last.

use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use truce_core::Timestamp;
use truce_ledger::{AddCheckpoint, MAX_REQUEST_BYTES, Refusal, Witness};

type Shared = Arc<Mutex<Witness>>;

/// The routes of a witness.
pub fn router(witness: Witness) -> Router {
    Router::new()
        .route("/add-checkpoint", post(add))
        .route("/", get(page))
        .layer(DefaultBodyLimit::max(MAX_REQUEST_BYTES))
        .with_state(Arc::new(Mutex::new(witness)))
}

/// Requests are answered one after another: what was cosigned last is looked at and replaced as one
/// step.
async fn add(State(witness): State<Shared>, body: String) -> Response {
    let now_s = u64::try_from(Timestamp::now().as_second()).unwrap_or(0);
    let request = match AddCheckpoint::parse(&body) {
        Ok(request) => request,
        Err(error) => return (StatusCode::BAD_REQUEST, format!("{error}\n")).into_response(),
    };
    let (origin, size) = (request.checkpoint.origin.clone(), request.checkpoint.size);
    let cosigning = tokio::task::spawn_blocking(move || {
        let mut witness = witness.lock().unwrap_or_else(PoisonError::into_inner);
        witness.add_checkpoint(&request, now_s)
    });
    match cosigning.await {
        Ok(Ok(lines)) => {
            tracing::info!(%origin, size, "cosigned");
            let lines = lines.iter().map(|line| format!("{line}\n"));
            lines.collect::<String>().into_response()
        }
        Ok(Err(refusal)) => {
            tracing::warn!(%origin, size, %refusal, "refused");
            refuse(&refusal)
        }
        Err(error) => {
            tracing::error!(%error, "the witness broke");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

fn refuse(refusal: &Refusal) -> Response {
    let status = StatusCode::from_u16(refusal.status());
    let status = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    match refusal {
        Refusal::Conflict { size } => {
            let headers = [(CONTENT_TYPE, "text/x.tlog.size")];
            (status, headers, format!("{size}\n")).into_response()
        }
        _ => (status, format!("{refusal}\n")).into_response(),
    }
}

/// Who it is and what it cosigned last, for people and monitors.
async fn page(State(witness): State<Shared>) -> String {
    let witness = witness.lock().unwrap_or_else(PoisonError::into_inner);
    let mut text = format!("{}\n", witness.cosigner());
    if let Some(second) = witness.ml_dsa_cosigner() {
        text.push_str(&format!("{second}\n"));
    }
    for checkpoint in witness.cosigned() {
        text.push_str(&format!("\n{checkpoint}"));
    }
    text
}
