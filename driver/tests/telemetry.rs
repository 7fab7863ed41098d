//! What a client tells to `tracing`, and what it must not.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use std::fmt::{Debug, Write as _};
use std::sync::{Arc, Mutex};

use grantline_emulator::{CannedReply, Mode};
use support::{BAKERY, NATIVE, SERVICE, client, emulator, registration, service_request, session};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

/// Keeps all that is told, as text.
#[derive(Clone, Default)]
struct Captured(Arc<Mutex<String>>);

struct Line<'a>(&'a mut String);

impl Visit for Line<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        write!(self.0, " {field}={value:?}").unwrap();
    }
}

impl Captured {
    fn line(&self, name: &str, fields: impl FnOnce(&mut Line<'_>)) {
        let mut text = self.0.lock().unwrap();
        text.push_str(name);
        fields(&mut Line(&mut text));
        text.push('\n');
    }

    fn text(&self) -> String {
        self.0.lock().unwrap().clone()
    }
}

impl Subscriber for Captured {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        self.line(span.metadata().name(), |line| span.record(line));
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, values: &Record<'_>) {
        self.line("record", |line| values.record(line));
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        self.line(event.metadata().target(), |line| event.record(line));
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

/// The only test of this process: the subscriber is the process's.
#[tokio::test]
async fn operations_exchanges_and_events_are_told_with_counters_and_without_secrets() {
    let captured = Captured::default();
    tracing::subscriber::set_global_default(captured.clone()).unwrap();
    let emulator = emulator(Mode::VismaConnect);
    let client = client();
    let app = client.service_app(registration(&emulator, SERVICE).await).unwrap();
    let service_token = app.token(service_request(BAKERY)).await.unwrap();
    let session = session(&client, &emulator).await;
    let first = session.fresh_token().await.unwrap();
    let tokens =
        r#"{"access_token":"at-secret","refresh_token":"rt-secret","token_type":"Bearer","expires_in":3600}"#;
    let echo = r#"{"error":"invalid_grant","error_description":"the token rt-secret is unknown"}"#;
    for (status, body) in [(200, tokens), (503, "rt-secret"), (400, echo)] {
        let reply = CannedReply::json("/connect/token", status, body).header("retry-after", "0");
        emulator.reply_next(reply.for_client(NATIVE)).unwrap();
    }
    session.refresh().await.unwrap();
    session.refresh().await.unwrap_err();
    session.refresh().await.unwrap_err();

    let text = captured.text();
    for told in [
        r#"grantline.operation operation="session_token""#,
        r#"outcome="ok""#,
        r#"outcome="invalid_grant""#,
        "monotonic_counter.grantline.http_requests=1",
        "monotonic_counter.grantline.refreshes=1",
        "monotonic_counter.grantline.refresh_failures=1",
        "monotonic_counter.grantline.sessions_ended=1",
    ] {
        assert!(text.contains(told), "{told} is missing in:\n{text}");
    }
    for secret in [
        service_token.expose_secret(),
        first.expose_secret(),
        "at-secret",
        "rt-secret",
        "service-secret",
        "grant_type",
        "code_verifier",
    ] {
        assert!(!text.contains(secret), "{secret} is told in:\n{text}");
    }
}
