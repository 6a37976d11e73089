//! The HTTP interface: reads from the tables and the log, writes through the line's queue.
//!
//! Loopback only until accounts exist. Every route is in the OpenAPI document; errors are JSON;
//! requests, bodies, waiting and listeners are bounded. Nothing here decides what an incident
//! means, and nothing here writes: decisions and replies go to the line and are answered when they
//! are durable.

mod assets;
mod error;
mod events;
mod evidence;
mod feeds;
mod incidents;
mod log;
mod mission;
mod openapi;
mod parameters;
mod passes;
mod plan;
mod report;
mod sea;
mod security;
mod state;
mod summary;
#[cfg(test)]
mod tests;
mod tracks;
mod watched;

use std::future::Future;
use std::time::Duration;

use axum::Router;
use axum::http::StatusCode;
use axum::middleware::from_fn;
use axum::routing::{MethodRouter, get, post};
use tokio::net::TcpListener;
use tower_http::CompressionLevel;
use tower_http::compression::CompressionLayer;
use tower_http::timeout::TimeoutLayer;
use tower_http::trace::TraceLayer;

pub use error::Failure;
pub use security::{NotLoopback, check_loopback};
pub use state::{AppState, Sources};

use state::App;

use crate::service::Handle;

/// Longest time from a request to the head of its answer. A report over ten thousand incidents
/// takes a few seconds.
const ANSWER_TIME_MAX: Duration = Duration::from_secs(30);

/// How long open connections may go on after the end was asked for; event streams never end by
/// themselves.
const SHUTDOWN_TIME_MAX: Duration = Duration::from_secs(3);

/// Every route with its path, as the OpenAPI document names it.
fn routes() -> Vec<(&'static str, MethodRouter<App>)> {
    vec![
        ("/", get(assets::page)),
        ("/api/mission", get(mission::mission)),
        ("/api/zones", get(mission::zones)),
        ("/api/sensors", get(mission::sensors)),
        ("/api/feeds", get(feeds::feeds)),
        ("/api/feeds/{id}/keys/{key}/revocation", post(feeds::revoke)),
        ("/api/notify", get(feeds::receivers)),
        ("/api/incidents", get(incidents::list)),
        ("/api/known", get(incidents::known)),
        ("/api/incidents/{id}", get(incidents::one)),
        ("/api/incidents/{id}/decisions", post(incidents::decide)),
        ("/api/incidents/{id}/replies", post(incidents::reply)),
        ("/api/incidents/{id}/evidence", get(evidence::download)),
        ("/api/tracks", get(tracks::list)),
        ("/api/tracks/{id}", get(tracks::one)),
        ("/api/paths", get(tracks::paths)),
        ("/api/summary", get(summary::summary)),
        ("/api/plan", get(plan::files)),
        ("/api/plan/outcome", get(plan::outcome)),
        ("/api/plan/unlock", get(plan::unlocks)),
        ("/api/plan/coverage", get(plan::picture)),
        ("/api/plan/coverage/cells", get(plan::cells)),
        ("/api/plan/passes", get(passes::passes)),
        ("/api/plan/tasks", get(plan::tasks)),
        ("/api/sea", get(sea::shipping)),
        ("/api/log", get(log::state)),
        ("/api/reports", get(report::list)),
        ("/api/report/{kind}", get(report::one)),
        ("/api/watched", get(watched::cells)),
        ("/api/events", get(events::follow)),
        ("/api/openapi.json", get(openapi::document)),
        ("/checkpoint", get(log::checkpoint)),
        ("/witnessed", get(log::witnessed)),
        ("/tile/{*path}", get(log::tile)),
    ]
}

fn router(state: AppState, handle: Handle) -> Router {
    let mut router = Router::new();
    for (path, handler) in routes() {
        router = router.route(path, handler);
    }
    router
        .fallback(assets::file)
        .method_not_allowed_fallback(error::method_not_allowed)
        .layer(TimeoutLayer::with_status_code(
            StatusCode::SERVICE_UNAVAILABLE,
            ANSWER_TIME_MAX,
        ))
        // Quick rather than small: what is answered now and then is not worth the wait.
        .layer(CompressionLayer::new().quality(CompressionLevel::Fastest))
        .layer(from_fn(security::guard))
        .layer(TraceLayer::new_for_http())
        .with_state(App::new(state, handle))
}

/// Serves until `shutdown` ends, then lets open requests finish for a moment.
///
/// # Errors
/// When the listener fails or is not on a loopback address.
pub async fn serve(
    listener: TcpListener,
    state: AppState,
    handle: Handle,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    check_loopback(listener.local_addr()?).map_err(std::io::Error::other)?;
    let (ended, end) = tokio::sync::oneshot::channel();
    let shutdown = async move {
        shutdown.await;
        // The other side waits for this as long as it serves.
        let _ = ended.send(());
    };
    let serving = axum::serve(listener, router(state, handle)).with_graceful_shutdown(shutdown);
    tokio::select! {
        served = serving.into_future() => served,
        () = async {
            // Without a word the sender is gone, and so is the server.
            let _ = end.await;
            tokio::time::sleep(SHUTDOWN_TIME_MAX).await;
        } => Ok(()),
    }
}
