//! What the emulator sends to applications by itself: logout tokens and webhooks, on loopback only.

mod deliveries;
mod post;
pub(crate) mod webhook;

use std::sync::Arc;

use futures_util::future::join_all;
use serde::Serialize;
use utoipa::ToSchema;

use deliveries::Again;
pub(crate) use deliveries::Deliveries;
pub use deliveries::{Attempt, Delivery};
pub(crate) use post::is_on_loopback;

use crate::app_state::{AppState, Shared};
use crate::control::ControlError;

/// What is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum NoticeKind {
    /// A logout token (OpenID Connect Back-Channel Logout 1.0).
    LogoutToken,
    /// An event of the Developer Portal.
    Webhook,
}

/// A message that is ready to be sent.
pub(crate) struct Notice {
    pub(crate) kind: NoticeKind,
    pub(crate) client_id: String,
    pub(crate) url: String,
    pub(crate) content_type: &'static str,
    /// A further header field.
    pub(crate) field: Option<(&'static str, String)>,
    pub(crate) body: Vec<u8>,
}

/// Sends them all at once and keeps what became of them. What failed and is worth it is sent again later, by itself.
pub(crate) async fn send(app: &Shared, notices: Vec<Notice>) -> Vec<Delivery> {
    let attempts = join_all(notices.iter().map(|notice| attempt(app, notice))).await;
    let sent = notices.into_iter().zip(attempts);
    sent.map(|(notice, attempt)| {
        let delivery = app.deliveries.add(notice, attempt);
        if delivery.next_attempt_ms.is_some() {
            tokio::spawn(retry(Arc::clone(app), delivery.number));
        }
        delivery
    })
    .collect()
}

/// Sends one again, word for word.
pub(crate) async fn repeat(app: &AppState, number: u64) -> Result<Delivery, ControlError> {
    send_again(app, number, Again::OnDemand).await.ok_or_else(|| unknown(number))
}

pub(crate) fn check_known(app: &AppState, number: u64) -> Result<(), ControlError> {
    app.deliveries.notice(number).map(drop).ok_or_else(|| unknown(number))
}

fn unknown(number: u64) -> ControlError {
    ControlError::Unknown { kind: "delivery", id: number.to_string() }
}

async fn retry(app: Shared, number: u64) {
    while let Some(at) = app.deliveries.next_attempt(number) {
        app.clock.reached(at).await;
        // It may have been repeated on demand, and arrived.
        if app.deliveries.next_attempt(number).is_some() {
            send_again(&app, number, Again::ByItself).await;
        }
    }
}

async fn send_again(app: &AppState, number: u64, again: Again) -> Option<Delivery> {
    let notice = app.deliveries.notice(number)?;
    let attempt = attempt(app, &notice).await;
    app.deliveries.attempted(number, attempt, again)
}

async fn attempt(app: &AppState, notice: &Notice) -> Attempt {
    let (status, error) = match post::post(notice).await {
        Ok(status) => (Some(status), None),
        Err(error) => (None, Some(error)),
    };
    Attempt { time_ms: app.clock.now(), status, error }
}
