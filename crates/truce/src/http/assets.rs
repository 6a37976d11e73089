//! The page's files, embedded in the binary.

use axum::body::Body;
use axum::http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, IF_NONE_MATCH, VARY,
};
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};

use super::error::Failure;

/// One embedded file.
struct Asset {
    /// Its path below the root, without the leading slash.
    path: &'static str,
    media_type: &'static str,
    /// Its digest, in quotes (RFC 9110, 8.8.3).
    etag: &'static str,
    bytes: &'static [u8],
    /// Compressed, when that saves something.
    gzip: Option<&'static [u8]>,
}

/// Files under this folder carry their digest in their name.
const NAMED_BY_CONTENT: &str = "assets/";

mod table {
    use super::Asset;

    include!(concat!(env!("OUT_DIR"), "/assets.rs"));
}

/// `GET /`
pub(super) async fn page(headers: HeaderMap) -> Response {
    answer("index.html", &headers)
}

/// Any path that no route has: a file of the page, or not found.
pub(super) async fn file(method: Method, uri: Uri, headers: HeaderMap) -> Response {
    if method != Method::GET && method != Method::HEAD {
        return super::error::method_not_allowed(method, uri)
            .await
            .into_response();
    }
    answer(uri.path().trim_start_matches('/'), &headers)
}

fn answer(path: &str, headers: &HeaderMap) -> Response {
    let Some(asset) = table::FILES.iter().find(|asset| asset.path == path) else {
        return Failure::not_found(format!("there is no `/{path:.80}`"))
            .hint("the interface is described by /api/openapi.json")
            .into_response();
    };
    let caching = if path.starts_with(NAMED_BY_CONTENT) {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    let common = [
        (ETAG, asset.etag),
        (CACHE_CONTROL, caching),
        (VARY, "accept-encoding"),
    ];
    let says = |name, word: &str| {
        let value = headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        value
            .split(',')
            .any(|part| part.split(';').next().is_some_and(|p| p.trim() == word))
    };
    if says(IF_NONE_MATCH, asset.etag) {
        return (StatusCode::NOT_MODIFIED, common).into_response();
    }
    let media_type = [(CONTENT_TYPE, asset.media_type)];
    match asset.gzip {
        Some(gzip) if says(ACCEPT_ENCODING, "gzip") => {
            let encoding = [(CONTENT_ENCODING, "gzip")];
            (common, media_type, encoding, Body::from(gzip)).into_response()
        }
        _ => (common, media_type, Body::from(asset.bytes)).into_response(),
    }
}
