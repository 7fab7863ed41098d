//! What reached the emulator: the list, and each request with its checks and its answer.

pub(super) mod row;

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::json;

use super::asked::Asked;
use super::page::{self, Frame};
use crate::app_state::{AppState, Shared};
use crate::journal::{RecordedRequest, RequestFilter};
use crate::live::{self, RequestBatch};
use row::Row;

pub(super) const PATH: &str = "/portal/requests";
const SECTION: &str = "requests";

/// Which requests the list shows.
fn filter(asked: &Asked) -> RequestFilter {
    let client_id = asked.get("client_id").map(str::to_owned);
    RequestFilter { client_id, refused: asked.get("refused").is_some(), ..RequestFilter::default() }
}

/// The URL of what follows the same requests.
fn live_url(filter: &RequestFilter) -> String {
    let client_id = filter.client_id.as_deref().map(|id| ("client_id", id));
    let refused = filter.refused.then_some(("refused", "on"));
    let params: Vec<_> = client_id.into_iter().chain(refused).collect();
    page::with_params("/portal/requests/live", &params)
}

#[derive(Template)]
#[template(path = "portal/requests.html")]
struct List {
    frame: Frame,
    rows: Vec<Row>,
    /// Each `client_id`, and whether it is chosen.
    clients: Vec<(String, bool)>,
    refused: bool,
    live: String,
    problem: &'static str,
    error_id: String,
}

pub(super) async fn list(State(app): State<Shared>, asked: Asked) -> Response {
    page::show(&page_of(&app, &asked))
}

fn page_of(app: &AppState, asked: &Asked) -> List {
    let filter = filter(asked);
    List {
        frame: Frame::of(SECTION),
        rows: app.journal.newest(&filter, live::NEWEST).iter().rev().map(Row::of).collect(),
        clients: clients(app, filter.client_id.as_deref()),
        refused: filter.refused,
        live: live_url(&filter),
        problem: "",
        error_id: String::new(),
    }
}

/// The registered ones, and the chosen one also if it is not.
fn clients(app: &AppState, chosen: Option<&str>) -> Vec<(String, bool)> {
    let config = app.config();
    let registered = config.applications.iter().map(|application| application.client_id.as_str());
    let stranger = chosen.filter(|id| config.application(id).is_none());
    let all = registered.chain(stranger);
    all.map(|id| (id.to_owned(), Some(id) == chosen)).collect()
}

/// The list, kept up to date.
pub(super) async fn follow(State(app): State<Shared>, asked: Asked) -> Response {
    live::follow(app, filter(&asked), rows)
}

/// Each request as its row. In JSON, so that no row breaks the event's line.
fn rows(batch: &RequestBatch) -> String {
    let rows: Vec<String> =
        batch.requests.iter().filter_map(|request| Row::of(request).render().ok()).collect();
    let refused = batch.requests.iter().filter(|request| request.is_refused()).count();
    json!({"whole": batch.whole, "rows": rows, "refused": refused}).to_string()
}

/// Where the error page leads.
pub(crate) fn path_of_error(error_id: &str) -> String {
    page::with_params("/portal/requests/find", &[("error_id", error_id)])
}

/// Leads from an errorId to the request that it was given to.
pub(super) async fn find(State(app): State<Shared>, asked: Asked) -> Response {
    let error_id = asked.get("error_id").unwrap_or("").trim();
    let given = RequestFilter { error_id: Some(error_id.to_owned()), ..RequestFilter::default() };
    if let Some(request) = app.journal.newest(&given, 1).first() {
        return page::go(&path_of(request.number));
    }
    let list = List {
        problem: "No request that is remembered was given this errorId.",
        error_id: error_id.to_owned(),
        ..page_of(&app, &asked)
    };
    page::answer(StatusCode::NOT_FOUND, &list)
}

pub(super) fn path_of(number: u64) -> String {
    format!("{PATH}/{number}")
}

#[derive(Template)]
#[template(path = "portal/request.html")]
struct Entry<'a> {
    frame: Frame,
    request: &'a RecordedRequest,
    row: Row,
    date: String,
    application: String,
}

pub(super) async fn show(State(app): State<Shared>, Path(number): Path<String>) -> Response {
    let request = number.parse().ok().and_then(|number| app.journal.get(number));
    let Some(request) = request else {
        let words = "It is not among the newest 2000 requests, which are remembered.";
        return page::problem(StatusCode::NOT_FOUND, "No such request", words);
    };
    let known = request.client_id.as_deref().filter(|id| app.config().application(id).is_some());
    page::show(&Entry {
        frame: Frame::of(SECTION),
        row: Row::of(&request),
        date: row::date(request.time_ms),
        application: known.map(|id| page::link(super::applications::ONE, id)).unwrap_or_default(),
        request: &request,
    })
}
