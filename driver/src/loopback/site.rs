//! What the listener answers: to its own path, from its own address, and to nothing else.

use std::sync::Arc;

use grantline_core::{Callback, Error, Judgement, PendingLogin};
use hyper::body::Body;
use hyper::header::{self, HeaderName, HeaderValue};
use hyper::{Method, Request, Response, StatusCode};
use tokio::sync::{Notify, mpsc, watch};

use super::address::Place;
use super::attendance::Answer;
use super::options::BrowserLoginOptions;
use super::page::Pages;
use crate::apps::{LoggedIn, Login};

/// Marks the response that holds the outcome.
#[derive(Clone)]
pub(super) struct Outcome;

/// How far the login is, as the browser sees it.
enum Stage {
    Waiting,
    Taken,
    Over(Arc<str>),
}

/// One login's corner of the web.
pub(super) struct Site {
    place: Place,
    /// Where the browser is sent on to, so that no code stays in its address bar (RFC 6749 section 3.1.2.5).
    outcome_path: String,
    login: Login,
    pending: PendingLogin,
    answers: mpsc::Sender<Answer>,
    pages: Pages,
    stage: watch::Sender<Stage>,
    shown: Notify,
}

/// A page may load nothing, run nothing, be framed by nobody and be kept nowhere.
const HEADERS: [(HeaderName, &str); 6] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ),
    (header::CACHE_CONTROL, "no-store"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
];

impl Site {
    pub(super) fn new(
        place: Place,
        login: Login,
        pending: PendingLogin,
        answers: mpsc::Sender<Answer>,
        options: &BrowserLoginOptions,
    ) -> Self {
        let outcome_path = format!("{}/done", place.path.trim_end_matches('/'));
        let pages = Pages::of(options);
        let stage = watch::Sender::new(Stage::Waiting);
        Self { place, outcome_path, login, pending, answers, pages, stage, shown: Notify::new() }
    }

    pub(super) async fn answer<B: Body>(&self, request: &Request<B>) -> Response<String> {
        let path = request.uri().path();
        let is_callback = path == self.place.path;
        if !self.is_addressed(request) {
            plain(StatusCode::MISDIRECTED_REQUEST)
        } else if !is_callback && path != self.outcome_path {
            plain(StatusCode::NOT_FOUND)
        } else if request.method() != Method::GET {
            with_header(plain(StatusCode::METHOD_NOT_ALLOWED), header::ALLOW, "GET")
        } else if !request.body().is_end_stream() {
            plain(StatusCode::BAD_REQUEST)
        } else if is_callback {
            self.take(request)
        } else {
            self.show().await
        }
    }

    /// Whether whoever asks means this address. A page elsewhere, whose name was made to lead here, names its own
    /// (DNS rebinding).
    fn is_addressed<B>(&self, request: &Request<B>) -> bool {
        let mut hosts = request.headers().get_all(header::HOST).iter();
        let named = hosts.next().is_some_and(|host| host.as_bytes() == self.place.authority.as_bytes());
        named && hosts.next().is_none() && request.uri().authority().is_none()
    }

    /// Takes what may be the login's answer, as it came: any other leaves the login waiting.
    fn take<B>(&self, request: &Request<B>) -> Response<String> {
        let target = request.uri().path_and_query().map_or("", |target| target.as_str());
        let callback = Callback::url(format!("http://{}{target}", self.place.authority));
        match self.login.judge(&self.pending, &callback) {
            Judgement::Foreign(refused) => html(StatusCode::BAD_REQUEST, Pages::foreign(&refused)),
            Judgement::Own(_) => {
                self.stage.send_if_modified(|stage| {
                    let is_first = matches!(stage, Stage::Waiting);
                    if is_first {
                        *stage = Stage::Taken;
                    }
                    is_first
                });
                // A browser that sends it twice is sent on twice.
                let _ = self.answers.try_send(Answer::Delivered(callback));
                with_header(plain(StatusCode::SEE_OTHER), header::LOCATION, &self.outcome_path)
            }
        }
    }

    /// Shows the outcome once there is one.
    async fn show(&self) -> Response<String> {
        let mut stage = self.stage.subscribe();
        if matches!(*stage.borrow(), Stage::Waiting) {
            return plain(StatusCode::NOT_FOUND);
        }
        let over = stage.wait_for(|stage| matches!(stage, Stage::Over(_))).await;
        let page = match over.as_deref() {
            Ok(Stage::Over(page)) => page.to_string(),
            _ => return plain(StatusCode::NOT_FOUND),
        };
        let mut response = html(StatusCode::OK, page);
        response.extensions_mut().insert(Outcome);
        // Its end says that the page has been sent.
        with_header(response, header::CONNECTION, "close")
    }

    /// From now on there is an outcome to show.
    pub(super) fn tell(&self, outcome: &Result<LoggedIn, Error>) {
        let page = self.pages.outcome(outcome.as_ref().err());
        self.stage.send_replace(Stage::Over(page.into()));
    }

    pub(super) fn was_shown(&self) {
        self.shown.notify_one();
    }

    /// Waits until a browser has the page with the outcome.
    pub(super) async fn shown(&self) {
        self.shown.notified().await;
    }
}

fn plain(status: StatusCode) -> Response<String> {
    let text = status.canonical_reason().unwrap_or_default();
    response(status, "text/plain; charset=utf-8", format!("{text}\n"))
}

fn html(status: StatusCode, page: String) -> Response<String> {
    response(status, "text/html; charset=utf-8", page)
}

fn response(status: StatusCode, content_type: &'static str, body: String) -> Response<String> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

fn with_header(mut response: Response<String>, name: HeaderName, value: &str) -> Response<String> {
    // A path of a URL that was parsed is always a header's value.
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
    response
}
