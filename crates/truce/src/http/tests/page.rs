//! The embedded page and what every answer tells the browser.

use axum::body::Body as Bytes;
use axum::http::StatusCode;

use super::stage::{Stage, request};

#[tokio::test]
async fn the_page_is_there_with_its_tag_and_form() {
    let stage = Stage::new();
    let page = stage.get("/").await;
    assert_eq!(page.status, StatusCode::OK);
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    assert!(page.text().starts_with("<!doctype html>"));
    let same = request("GET", "/").header("if-none-match", page.header("etag"));
    let answer = stage.answer(same.body(Bytes::empty()).unwrap()).await;
    assert_eq!(
        (answer.status, answer.bytes.len()),
        (StatusCode::NOT_MODIFIED, 0)
    );
    let packed = request("GET", "/").header("accept-encoding", "br, gzip;q=0.8");
    let answer = stage.answer(packed.body(Bytes::empty()).unwrap()).await;
    assert_eq!(answer.header("content-encoding"), "gzip");
    let mut decoder = flate2::read::GzDecoder::new(answer.bytes.as_slice());
    let mut text = String::new();
    std::io::Read::read_to_string(&mut decoder, &mut text).unwrap();
    assert_eq!(text, page.text());
}

#[tokio::test]
async fn every_answer_binds_the_browser() {
    let stage = Stage::new();
    for path in [
        "/",
        "/api/mission",
        "/api/nothing",
        "/api/report/daily",
        "/checkpoint",
    ] {
        let answer = stage.get(path).await;
        let policy = answer.header("content-security-policy");
        assert!(
            policy.starts_with("default-src 'self';"),
            "{path}: {policy}"
        );
        assert!(policy.contains("frame-ancestors 'none'"));
        assert!(
            !policy.contains("unsafe-eval") && !policy.contains("script-src"),
            "{policy}"
        );
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("referrer-policy"), "no-referrer", "{path}");
    }
}

#[tokio::test]
async fn methods_that_a_route_lacks_are_refused() {
    let stage = Stage::new();
    for (method, path) in [
        ("DELETE", "/api/mission"),
        ("PUT", "/"),
        ("POST", "/nowhere"),
    ] {
        let request = request(method, path).body(Bytes::empty()).unwrap();
        let answer = stage.answer(request).await;
        assert_eq!(
            answer.status,
            StatusCode::METHOD_NOT_ALLOWED,
            "{method} {path}"
        );
        assert_eq!(answer.json()["error"]["code"], "method_not_allowed");
    }
}
