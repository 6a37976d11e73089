//! The state of shipping.

use axum::extract::State;
use axum::response::Json;
use serde_json::{Value, json};

use super::error::Failure;
use super::parameters::Parameters;
use super::state::App;

/// `GET /api/sea`
pub(super) async fn shipping(
    State(app): State<App>,
    parameters: Parameters,
) -> Result<Json<Value>, Failure> {
    parameters.finish()?;
    Ok(Json(json!(*app.line().await?.shipping())))
}
