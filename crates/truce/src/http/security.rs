//! Who may speak to the server, and what every answer tells the browser.
//!
//! Until accounts exist the server is for the people at this machine: it listens on a loopback
//! address, answers only to names of this machine (so that no foreign page can reach it by giving
//! its own name this address), and takes changes only from its own page.

use std::net::SocketAddr;

use axum::extract::Request;
use axum::http::header::{
    CONTENT_SECURITY_POLICY, HOST, HeaderName, HeaderValue, ORIGIN, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, Method};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::error::Failure;

/// Nothing but our own files. MapLibre styles its elements inline and draws on blobs.
const POLICY: &str = "default-src 'self'; worker-src 'self' blob:; img-src 'self' data: blob:; \
    style-src 'self' 'unsafe-inline'; connect-src 'self'; frame-ancestors 'none'; \
    base-uri 'none'; form-action 'self'; object-src 'none'";

/// The address is one that others could reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "{address} can be reached by other machines. Truce has no accounts yet, so everyone who \
     reaches the server could decide in an officer's name; it listens on a loopback address only, \
     such as 127.0.0.1:{}. To use it from elsewhere, forward a port (ssh -L)",
    address.port()
)]
pub struct NotLoopback {
    address: SocketAddr,
}

/// Refuses an address that others could reach.
///
/// # Errors
/// [`NotLoopback`], which says why.
pub fn check_loopback(address: SocketAddr) -> Result<(), NotLoopback> {
    if address.ip().to_canonical().is_loopback() {
        Ok(())
    } else {
        Err(NotLoopback { address })
    }
}

/// Turns away requests under foreign names and changes from foreign pages, and sets the headers
/// that bind the browser.
pub(super) async fn guard(request: Request, next: Next) -> Response {
    let mut response = match admit(request.method(), request.headers()) {
        Ok(()) => next.run(request).await,
        Err(failure) => failure.into_response(),
    };
    let headers = response.headers_mut();
    for (name, value) in [
        (CONTENT_SECURITY_POLICY, POLICY),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (REFERRER_POLICY, "no-referrer"),
        (
            HeaderName::from_static("cross-origin-opener-policy"),
            "same-origin",
        ),
        (
            HeaderName::from_static("cross-origin-resource-policy"),
            "same-origin",
        ),
        (
            HeaderName::from_static("permissions-policy"),
            "geolocation=(), camera=(), microphone=()",
        ),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

fn admit(method: &Method, headers: &HeaderMap) -> Result<(), Failure> {
    let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    let host = text(HOST).unwrap_or_default();
    if !is_own_name(host) {
        let message = format!("this server does not answer to the name `{host:.80}`");
        return Err(Failure::forbidden(message).hint("use http://127.0.0.1 with its port"));
    }
    if method == Method::GET || method == Method::HEAD {
        return Ok(());
    }
    let own = format!("http://{host}");
    let from_elsewhere = headers.contains_key(ORIGIN) && text(ORIGIN) != Some(&own);
    let cross_site = text(HeaderName::from_static("sec-fetch-site"))
        .is_some_and(|site| !matches!(site, "same-origin" | "none"));
    if from_elsewhere || cross_site {
        let message = "changes are taken from the server's own page only";
        return Err(Failure::forbidden(message));
    }
    Ok(())
}

/// True for names of this machine, with or without a port.
fn is_own_name(host: &str) -> bool {
    let (name, port) = match host.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((name, rest)) => (name, rest.strip_prefix(':')),
        None => match host.split_once(':') {
            Some((name, port)) => (name, Some(port)),
            None => (host, None),
        },
    };
    let number = port.is_none_or(|port| port.parse::<u16>().is_ok());
    let loopback = name
        .parse::<std::net::IpAddr>()
        .is_ok_and(|ip| ip.is_loopback());
    number && (loopback || name.eq_ignore_ascii_case("localhost"))
}

#[cfg(test)]
mod unit {
    use super::*;

    #[test]
    fn only_loopback_addresses_are_listened_on() {
        for (address, expected) in [
            ("127.0.0.1:8040", true),
            ("127.8.0.1:1", true),
            ("[::1]:8040", true),
            ("[::ffff:127.0.0.1]:8040", true),
            ("0.0.0.0:8040", false),
            ("[::]:8040", false),
            ("192.168.1.5:8040", false),
        ] {
            let answer = check_loopback(address.parse().unwrap());
            assert_eq!(answer.is_ok(), expected, "{address}");
            if let Err(refused) = answer {
                assert!(refused.to_string().contains("no accounts"), "{refused}");
            }
        }
    }

    #[test]
    fn names_of_this_machine() {
        for own in [
            "localhost",
            "LOCALHOST:8040",
            "127.0.0.1:8040",
            "127.0.0.1",
            "[::1]:8040",
        ] {
            assert!(is_own_name(own), "{own}");
        }
        for foreign in [
            "",
            "example.org",
            "example.org:8040",
            "localhost.example.org",
            "127.0.0.1.example.org",
            "127.0.0.1:x",
            "10.0.0.1",
            "[::1",
            "[::2]",
            "localhost:8040:1",
        ] {
            assert!(!is_own_name(foreign), "{foreign}");
        }
    }

    #[test]
    fn changes_come_from_the_own_page() {
        let admit = |method: &Method, pairs: &[(&'static str, &'static str)]| {
            let mut headers = HeaderMap::new();
            headers.insert(HOST, HeaderValue::from_static("127.0.0.1:8040"));
            for (name, value) in pairs {
                headers.insert(*name, HeaderValue::from_static(value));
            }
            super::admit(method, &headers).is_ok()
        };
        let (get, post) = (Method::GET, Method::POST);
        assert!(admit(&post, &[]));
        assert!(admit(&post, &[("origin", "http://127.0.0.1:8040")]));
        assert!(admit(&get, &[("origin", "http://example.org")]));
        for origin in [
            "http://example.org",
            "null",
            "http://127.0.0.1:8041",
            "https://127.0.0.1:8040",
        ] {
            assert!(!admit(&post, &[("origin", origin)]), "{origin}");
        }
        assert!(!admit(&post, &[("sec-fetch-site", "cross-site")]));
        assert!(admit(&post, &[("sec-fetch-site", "same-origin")]));
    }
}
