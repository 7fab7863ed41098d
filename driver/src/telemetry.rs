//! What is told to `tracing`: a span for each operation, an event for each HTTP exchange and each event of a grant,
//! with counters as fields by the convention of `tracing-opentelemetry` (`monotonic_counter.`, `histogram.`).
//!
//! No field holds a secret: names and codes are told, and errors by their own words, which hold none.

use std::time::Instant;

use grantline_core::{Error, Event, HttpReply, HttpRequest, Operation, Registration, Subject};
use tracing::field::Empty;
use tracing::{Span, debug, debug_span, error, info, warn};

/// The life of one operation, from its beginning to its outcome or to the end of its caller's patience.
pub(crate) struct OperationSpan(Span);

impl OperationSpan {
    pub(crate) fn of(operation: &Operation) -> Self {
        let (name, registration) = described(operation);
        Self(debug_span!(
            "grantline.operation",
            operation = name,
            issuer = registration.map(|registration| registration.provider().issuer()),
            client_id = registration.map(Registration::client_id),
            outcome = Empty,
        ))
    }

    pub(crate) fn end(&self, error: Option<&Error>) {
        match error {
            None => self.0.record("outcome", "ok"),
            Some(error) => self.0.record("outcome", &*error.code()),
        };
    }
}

fn described(operation: &Operation) -> (&'static str, Option<&Registration>) {
    match operation {
        Operation::ServiceToken { app, .. } => ("service_token", Some(app.registration())),
        Operation::BeginLogin { app, .. } => ("begin_login", Some(app.registration())),
        Operation::CompleteLogin { app, .. } => ("complete_login", Some(app.registration())),
        Operation::SessionToken { app, .. } => ("session_token", Some(app.registration())),
        Operation::EndSession { app, .. } => ("end_session", Some(app.registration())),
        Operation::ListSessions { app, .. } => ("list_sessions", Some(app.registration())),
        Operation::BeginStoredLogin { app, .. } => ("begin_stored_login", Some(app.registration())),
        Operation::CompleteStoredLogin { app, .. } => ("complete_stored_login", Some(app.registration())),
        Operation::SessionIdentity { app, .. } => ("session_identity", Some(app.registration())),
        Operation::UserInfo { app, .. } => ("user_info", Some(app.registration())),
        Operation::Introspect { registration, .. } => ("introspect", Some(registration)),
        Operation::RedirectToLogout { app, .. } => ("redirect_to_logout", Some(app.registration())),
        Operation::CheckLogoutNotice { app, .. } => ("check_logout_notice", Some(app.registration())),
        Operation::RescueSessions { app, .. } => ("rescue_sessions", Some(app.registration())),
        _ => ("other", None),
    }
}

/// One HTTP request and its response.
pub(crate) struct Exchange {
    began: Instant,
    method: &'static str,
    url: String,
}

impl Exchange {
    pub(crate) fn begin(request: &HttpRequest) -> Self {
        let url = request.url.split('?').next().unwrap_or_default().to_owned();
        Self { began: Instant::now(), method: request.method.as_str(), url }
    }

    pub(crate) fn end(self, reply: &HttpReply) {
        let (status, failure) = match reply {
            Ok(response) => (Some(response.status), None),
            Err(failure) => (None, Some(&*failure.detail)),
        };
        debug!(
            monotonic_counter.grantline.http_requests = 1_u64,
            histogram.grantline.http_seconds = self.began.elapsed().as_secs_f64(),
            method = self.method,
            url = self.url,
            status,
            failure,
            "an HTTP exchange",
        );
    }
}

/// What happened to a grant.
pub(crate) fn event(event: &Event) {
    match event {
        Event::Refreshed { subject, generation } => info!(
            monotonic_counter.grantline.refreshes = 1_u64,
            subject = %Told(subject),
            generation = generation.0,
            "new tokens",
        ),
        Event::NotSaved { subject, generation, failure } => warn!(
            monotonic_counter.grantline.not_saved = 1_u64,
            subject = %Told(subject),
            generation = generation.0,
            code = failure.kind.code(),
            failure = %failure,
            "new tokens are not saved: saving is tried again",
        ),
        Event::SavedLate { subject, generation } => info!(
            monotonic_counter.grantline.saved_late = 1_u64,
            subject = %Told(subject),
            generation = generation.0,
            "tokens are saved after all",
        ),
        Event::RefreshFailed { subject, error } => warn!(
            monotonic_counter.grantline.refresh_failures = 1_u64,
            subject = %Told(subject),
            code = &*error.code(),
            advice = error.advice().name(),
            %error,
            "no new tokens",
        ),
        Event::AnswerDiscarded { subject, error } => error!(
            monotonic_counter.grantline.answers_discarded = 1_u64,
            subject = %Told(subject),
            code = &*error.code(),
            %error,
            "a refresh was answered for somebody else",
        ),
        Event::SessionEnded { key, why } => info!(
            monotonic_counter.grantline.sessions_ended = 1_u64,
            issuer = key.issuer,
            client_id = key.client_id,
            session = %key.session,
            why = why.name(),
            "a session has ended",
        ),
        Event::StoreTrouble { subject, failure } => warn!(
            monotonic_counter.grantline.store_troubles = 1_u64,
            subject = %Told(subject),
            code = failure.kind.code(),
            failure = %failure,
            "the store failed",
        ),
        other => info!(event = other.name(), "something happened"),
    }
}

/// Whose token it is, in one line.
struct Told<'a>(&'a Subject);

impl std::fmt::Display for Told<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0 {
            Subject::Session(key) => {
                write!(f, "session {} of {} at {}", key.session, key.client_id, key.issuer)
            }
            Subject::Service { issuer, client_id, tenant } => {
                write!(f, "service {client_id} at {issuer} for {tenant}")
            }
            _ => f.write_str("a grant"),
        }
    }
}
