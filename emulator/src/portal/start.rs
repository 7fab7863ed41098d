//! The start page: where the emulator is, and what to do first.

use askama::Template;
use axum::extract::State;
use axum::response::Response;

use super::page::{self, Frame};
use crate::app_state::Shared;
use crate::discovery::METADATA_PATHS;

pub(crate) const PATH: &str = "/portal";

/// From the emulator's address alone.
pub(super) async fn lead() -> Response {
    page::go(PATH)
}

#[derive(Template)]
#[template(path = "portal/start.html")]
struct Start<'a> {
    frame: Frame,
    unwritten: Option<String>,
    issuer: &'a str,
    metadata: &'a str,
    mode: String,
}

pub(super) async fn show(State(app): State<Shared>) -> Response {
    page::show(&Start {
        frame: Frame::of("start"),
        unwritten: app.unwritten.problem(),
        issuer: &app.issuer,
        metadata: METADATA_PATHS[0],
        mode: app.config().mode.to_string(),
    })
}
