//! What applications were told, and telling it again.

use askama::Template;
use axum::extract::State;
use axum::response::Response;

use super::asked::Asked;
use super::form::Form;
use super::page::{self, Frame};
use crate::app_state::Shared;
use crate::control::ControlError;
use crate::notices::{self, Attempt, Delivery, NoticeKind};

pub(super) const PATH: &str = "/portal/deliveries";
const SECTION: &str = "deliveries";

/// The most rows of the list.
const ROWS: usize = 200;

#[derive(Template)]
#[template(path = "portal/deliveries.html")]
struct List {
    frame: Frame,
    deliveries: Vec<Line>,
}

struct Line {
    number: u64,
    kind: &'static str,
    client_id: String,
    url: String,
    arrived: bool,
    /// What came of each attempt, the last one last.
    attempts: Vec<String>,
    next: String,
}

pub(super) async fn list(State(app): State<Shared>, asked: Asked) -> Response {
    let now = app.clock.now();
    let all = app.deliveries.list();
    let deliveries = all.iter().rev().take(ROWS).map(|delivery| line(delivery, now)).collect();
    page::show(&List { frame: Frame::after(SECTION, &asked), deliveries })
}

fn line(delivery: &Delivery, now: u64) -> Line {
    Line {
        number: delivery.number,
        kind: match delivery.kind {
            NoticeKind::LogoutToken => "logout token",
            NoticeKind::Webhook => "webhook",
        },
        client_id: delivery.client_id.clone(),
        url: delivery.url.clone(),
        arrived: delivery.status.is_some_and(|status| (200..300).contains(&status)),
        attempts: delivery.attempts.iter().map(|attempt| words(attempt, now)).collect(),
        next: delivery
            .next_attempt_ms
            .map(|at| format!("again by itself in {} s", at.saturating_sub(now) / 1000))
            .unwrap_or_default(),
    }
}

fn words(attempt: &Attempt, now: u64) -> String {
    let came = match (&attempt.status, &attempt.error) {
        (Some(status), _) => format!("answered {status}"),
        (None, Some(error)) => error.clone(),
        (None, None) => "no answer".to_owned(),
    };
    format!("{came}, {}", crate::clock::ago(attempt.time_ms, now))
}

/// Answers when the application has been told again.
pub(super) async fn repeat(State(app): State<Shared>, form: Form) -> Response {
    let typed = form.text("number");
    let unknown = || ControlError::Unknown { kind: "delivery", id: typed.to_owned() };
    let repeated = match typed.parse() {
        Ok(number) => notices::repeat(&app, number).await.map(drop),
        Err(_) => Err(unknown()),
    };
    match repeated {
        Ok(()) => page::done(PATH, "sent"),
        Err(error) => page::refused("Not sent", &error),
    }
}
