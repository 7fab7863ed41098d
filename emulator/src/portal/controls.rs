//! Faults that wait, the keys and the clock.

use std::time::Duration;

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::Value;

use super::asked::Asked;
use super::faults;
use super::form::{Form, Wrong};
use super::page::{self, Frame};
use crate::app_state::{AppState, Shared};
use crate::keys::KeyRotation;

pub(super) const PATH: &str = "/portal/controls";
pub(super) const SECTION: &str = "controls";

#[derive(Template)]
#[template(path = "portal/controls.html")]
struct Controls {
    frame: Frame,
    unwritten: Option<String>,
    now: String,
    faults: Vec<faults::Line>,
    kids: Vec<(String, String)>,
    advance_s: String,
    offset_s: String,
    /// The field of the clock that was refused, and why.
    wrong: &'static str,
    problem: String,
}

pub(super) async fn show(State(app): State<Shared>, asked: Asked) -> Response {
    page::show(&page_of(&app, Frame::after(SECTION, &asked)).await)
}

async fn page_of(app: &AppState, frame: Frame) -> Controls {
    Controls {
        frame,
        unwritten: app.unwritten.problem(),
        now: app.clock.http_date(),
        faults: app.faults.list().iter().map(faults::Line::of).collect(),
        kids: kids(app).await,
        advance_s: String::new(),
        offset_s: String::new(),
        wrong: "",
        problem: String::new(),
    }
}

/// Each published key: its id and its algorithm.
async fn kids(app: &AppState) -> Vec<(String, String)> {
    let set = app.keys.made().await.jwks(app.config().signing_algorithms()).unwrap_or_default();
    let text = |key: &Value, member: &str| key[member].as_str().unwrap_or("").to_owned();
    let keys = set["keys"].as_array().into_iter().flatten();
    keys.map(|key| (text(key, "kid"), text(key, "alg"))).collect()
}

/// One of two ways to move it: forward from where it is, or off from the system's clock.
pub(super) async fn move_clock(State(app): State<Shared>, form: Form) -> Response {
    match try_move(&app, &form) {
        Ok(()) => page::done(PATH, "moved"),
        Err(wrong) => {
            let page = Controls {
                advance_s: form.text("advance_s").to_owned(),
                offset_s: form.text("offset_s").to_owned(),
                wrong: wrong.key(),
                problem: wrong.words().to_owned(),
                ..page_of(&app, Frame::of(SECTION)).await
            };
            page::answer(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
    }
}

fn try_move(app: &AppState, form: &Form) -> Result<(), Wrong> {
    match (form.number_if_any("advance_s")?, form.number_if_any("offset_s")?) {
        (Some(seconds), None) => app.clock.advance(Duration::from_secs(seconds)),
        (None, Some(seconds)) => app.clock.set_offset(seconds),
        (Some(_), Some(_)) => return Err(Wrong::at("offset_s", "give one of the two, not both")),
        (None, None) => return Err(Wrong::at("advance_s", "give a number of seconds")),
    }
    Ok(())
}

pub(super) async fn rotate_keys(State(app): State<Shared>, form: Form) -> Response {
    let rotation: KeyRotation = match form.choice("rotate") {
        Ok(rotation) => rotation,
        Err(wrong) => {
            return page::problem(
                StatusCode::UNPROCESSABLE_ENTITY,
                "The keys are as they were",
                wrong.words(),
            );
        }
    };
    match app.keys.rotate(rotation) {
        Ok(()) => page::done(PATH, "rotated"),
        Err(error) => page::problem(StatusCode::CONFLICT, "The keys are as they were", &error.to_string()),
    }
}
