//! What reqwest's errors mean, and what may be told of them.

use std::error::Error;
use std::io;

use grantline_core::{HttpFailure, HttpFailureKind, Sent};

use super::request_body::Departure;

/// No response came.
pub(super) fn from_reqwest(error: &reqwest::Error, departure: &Departure) -> HttpFailure {
    let sent = match error.is_connect() {
        true => Sent::CertainlyNot,
        false => departure.verdict(),
    };
    HttpFailure { kind: kind(error), sent, detail: in_words(error) }
}

/// The head of a response came, and not the whole of its body.
pub(super) fn while_reading(error: &reqwest::Error) -> HttpFailure {
    HttpFailure { kind: HttpFailureKind::ConnectionLost, sent: Sent::Maybe, detail: in_words(error) }
}

/// The innermost two causes. Not the error's own words: those name the URL.
pub(super) fn in_words(error: &reqwest::Error) -> String {
    let mut words: Vec<String> = causes(error).map(ToString::to_string).collect();
    words.dedup();
    match words.as_slice() {
        [.., outer, inner] => format!("{outer}: {inner}"),
        [only] => only.clone(),
        [] => "no cause was given".to_owned(),
    }
}

fn kind(error: &reqwest::Error) -> HttpFailureKind {
    if error.is_builder() {
        HttpFailureKind::NotPerformed
    } else if error.is_dns() {
        HttpFailureKind::Dns
    } else if error.is_connect() {
        match causes(error).any(is_tls) {
            true => HttpFailureKind::Tls,
            false => HttpFailureKind::Connect,
        }
    } else if causes(error).any(is_not_http) {
        HttpFailureKind::NotHttp
    } else {
        HttpFailureKind::ConnectionLost
    }
}

/// While connecting, only the TLS handshake reads: tokio-rustls reports what rustls refuses as invalid data, and
/// a server that hangs up in mid-handshake as an unexpected end.
fn is_tls(cause: &(dyn Error + 'static)) -> bool {
    cause.downcast_ref::<io::Error>().is_some_and(|error| {
        matches!(error.kind(), io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof)
    })
}

fn is_not_http(cause: &(dyn Error + 'static)) -> bool {
    cause.downcast_ref::<hyper::Error>().is_some_and(hyper::Error::is_parse)
}

fn causes(error: &reqwest::Error) -> impl Iterator<Item = &(dyn Error + 'static)> {
    std::iter::successors(error.source(), |&cause| next_cause(cause))
}

/// An I/O error that wraps another one names the wrapped one's source as its own, and so skips it.
fn next_cause<'a>(cause: &'a (dyn Error + 'static)) -> Option<&'a (dyn Error + 'static)> {
    match cause.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
        Some(wrapped) => Some(wrapped),
        None => cause.source(),
    }
}
