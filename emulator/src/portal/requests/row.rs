//! One request in a line.

use std::time::{Duration, UNIX_EPOCH};

use askama::Template;

use crate::journal::RecordedRequest;

/// A row of the list.
#[derive(Template)]
#[template(path = "portal/row.html")]
pub(in super::super) struct Row {
    pub(super) number: u64,
    pub(super) link: String,
    pub(super) time: String,
    pub(super) client_id: String,
    pub(super) what: String,
    pub(super) grant: String,
    pub(super) answer: String,
    pub(super) took: String,
    /// `ok`, `refused` or `waiting`.
    pub(super) state: &'static str,
    pub(super) reason: String,
}

impl Row {
    pub(in super::super) fn of(request: &RecordedRequest) -> Self {
        Self {
            number: request.number,
            link: super::path_of(request.number),
            time: time_of_day(request.time_ms),
            client_id: request.client_id.clone().unwrap_or_default(),
            what: format!("{} {}", request.method, request.path),
            grant: request.grant_type.clone().unwrap_or_default(),
            answer: answer(request),
            took: request.took_us.map(took).unwrap_or_default(),
            state: state(request),
            reason: request.reason.clone().unwrap_or_default(),
        }
    }
}

fn answer(request: &RecordedRequest) -> String {
    match (&request.answer, request.took_us) {
        (Some(answer), _) => {
            let error = answer.error.as_deref().map(|error| format!(" {error}")).unwrap_or_default();
            format!("{}{error}", answer.status)
        }
        (None, Some(_)) => "connection closed".to_owned(),
        (None, None) => "not answered yet".to_owned(),
    }
}

fn state(request: &RecordedRequest) -> &'static str {
    match (request.is_refused(), request.took_us) {
        (true, _) => "refused",
        (false, Some(_)) => "ok",
        (false, None) => "waiting",
    }
}

fn took(us: u64) -> String {
    format!("{}.{} ms", us / 1000, us % 1000 / 100)
}

/// In UTC.
fn time_of_day(time_ms: u64) -> String {
    let (seconds, ms) = (time_ms / 1000, time_ms % 1000);
    format!("{:02}:{:02}:{:02}.{ms:03}", seconds / 3600 % 24, seconds / 60 % 60, seconds % 60)
}

pub(super) fn date(time_ms: u64) -> String {
    httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_millis(time_ms))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_of_the_day_and_durations_in_milliseconds() {
        assert_eq!(time_of_day(1_767_225_600_000 + 45_296_007), "12:34:56.007");
        assert_eq!(took(12_345), "12.3 ms");
    }
}
