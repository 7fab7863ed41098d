//! The page that shows a new secret, once.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use super::asked::Asked;
use super::page::{self, Frame};
use crate::app_state::{AppState, Shared};
use crate::clock::after;
use crate::config::Secret;
use crate::random;

pub(super) const PATH: &str = "/portal/secret";

/// How long a secret waits for its page, in seconds.
const WAITS_S: u64 = 300;

/// What the page says.
#[derive(Clone)]
pub(crate) struct Told {
    pub(super) section: &'static str,
    pub(super) heading: String,
    /// What each secret is called.
    pub(super) secrets: Vec<(&'static str, Secret)>,
    /// Where one goes on.
    pub(super) next: String,
}

/// Leads to the page that shows them. Its URL is worth nothing once it was opened.
pub(super) fn lead(app: &AppState, told: Told) -> Response {
    let (once, now) = (random::identifier(), app.clock.now());
    app.state().told.insert(once.clone(), told, after(now, WAITS_S), now);
    page::go(&page::with_params(PATH, &[("once", &once)]))
}

#[derive(Template)]
#[template(path = "portal/secret.html")]
struct SecretPage<'a> {
    frame: Frame,
    heading: &'a str,
    secrets: Vec<(&'static str, &'a str)>,
    next: &'a str,
}

pub(super) async fn tell(State(app): State<Shared>, asked: Asked) -> Response {
    let once = asked.get("once").unwrap_or("");
    let told = {
        let (mut state, now) = (app.state(), app.clock.now());
        let waits = state.told.get(once, now).is_some();
        state.told.remove(once).filter(|_| waits)
    };
    let Some(told) = told else {
        let words =
            "A secret is shown once, and within five minutes. If it was not written down, make a new one.";
        return page::problem(StatusCode::GONE, "This secret was shown already", words);
    };
    let secrets = told.secrets.iter().map(|(name, secret)| (*name, secret.expose_secret())).collect();
    page::show(&SecretPage {
        frame: Frame::of(told.section),
        heading: &told.heading,
        secrets,
        next: &told.next,
    })
}
