//! API requests with a token: where it goes, and what a refusal leads to.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use futures_util::future::poll_fn;
use grantline::{Api, ApiError, ApiOrigins, ApiRefusal, TokenSource};
use grantline_emulator::{CannedReply, Emulator, Mode, RequestFilter};
use grantline_performer_contract::FaultServer;
use http::header::{AUTHORIZATION, HeaderValue, WWW_AUTHENTICATE};
use hyper::body::{Body, Bytes, Frame};
use reqwest::{Client, Request};
use serde_json::Value;
use support::{BAKERY, SERVICE, client, emulator, registration, service_request};
use tower_layer::Layer;
use tower_service::Service;

const INVALID: &str = r#"Bearer error="invalid_token""#;
const SCOPE_MISSING: &str = r#"Bearer error="insufficient_scope", scope="visma_api:admin""#;

struct World {
    emulator: Emulator,
    source: TokenSource,
    api: Api,
    http: Client,
}

async fn world() -> World {
    let emulator = emulator(Mode::VismaConnect);
    let app = client().service_app(registration(&emulator, SERVICE).await).unwrap();
    let source = app.token_source(service_request(BAKERY));
    let api = source.api(ApiOrigins::new([emulator.url()]).unwrap());
    World { emulator, source, api, http: Client::new() }
}

impl World {
    fn request(&self) -> Request {
        self.http.get(format!("{}/api/invoices", self.emulator.url())).build().unwrap()
    }

    /// The API's next answers, which the emulator would not give.
    fn refuses(&self, status: u16, challenge: &str, times: u32) {
        let reply = CannedReply::json("/api/invoices", status, "{}").header("www-authenticate", challenge);
        self.emulator.reply_next(reply.times(times)).unwrap();
    }

    fn count(&self, path: &str) -> usize {
        let filter = RequestFilter { path: Some(path.to_owned()), ..RequestFilter::default() };
        self.emulator.find_requests(&filter).len()
    }

    /// Requests for tokens, and to the API.
    fn requests(&self) -> (usize, usize) {
        (self.count("/connect/token"), self.count("/api/invoices"))
    }
}

async fn authorization_in(response: reqwest::Response) -> Value {
    let echo: Value = serde_json::from_slice(&response.bytes().await.unwrap()).unwrap();
    echo["authorization"].clone()
}

#[tokio::test]
async fn a_request_to_a_named_origin_gets_the_token() {
    let world = world().await;
    for _ in 0..2 {
        let answer = world.api.send(&world.http, world.request()).await.unwrap();
        assert_eq!((answer.response.status().as_u16(), answer.refusal), (200, None));
    }
    assert_eq!(world.requests(), (1, 2));
}

#[tokio::test]
async fn a_token_that_the_api_refuses_is_replaced_and_the_request_sent_once_more() {
    let world = world().await;
    let first = world.source.fresh_token().await.unwrap();
    world.refuses(401, INVALID, 1);
    let answer = world.api.send(&world.http, world.request()).await.unwrap();
    assert_eq!((answer.response.status().as_u16(), answer.refusal), (200, None));
    assert_eq!(world.requests(), (2, 2));
    assert!(first.generation() < world.source.fresh_token().await.unwrap().generation());
}

#[tokio::test]
async fn a_new_token_that_is_refused_as_well_is_passed_on_with_advice_and_not_replaced_by_later_requests() {
    let world = world().await;
    world.refuses(401, INVALID, 4);
    for sent in [2, 3, 4] {
        let answer = world.api.send(&world.http, world.request()).await.unwrap();
        let refusal = answer.refusal.unwrap();
        assert_eq!(
            (answer.response.status().as_u16(), refusal.code()),
            (401, "api_token_invalid_though_new")
        );
        assert!(refusal.to_string().contains("licence"), "{refusal}");
        assert_eq!(world.requests(), (2, sent));
    }
}

#[tokio::test]
async fn a_missing_scope_is_told_and_costs_no_token() {
    let world = world().await;
    world.refuses(403, SCOPE_MISSING, 1);
    let refusal = world.api.send(&world.http, world.request()).await.unwrap().refusal.unwrap();
    assert_eq!(refusal.code(), "api_insufficient_scope");
    assert!(refusal.scopes.unwrap().contains("visma_api:admin"));
    assert_eq!(world.requests(), (1, 1));
}

/// A body that is gone when it was sent.
struct Stream(Option<Bytes>);

impl Body for Stream {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(self.0.take().map(|bytes| Ok(Frame::data(bytes))))
    }
}

#[tokio::test]
async fn a_body_that_cannot_be_cloned_is_sent_once_and_the_next_request_has_another_token() {
    let world = world().await;
    world.refuses(401, INVALID, 1);
    let mut request = world.request();
    *request.body_mut() = Some(reqwest::Body::wrap(Stream(Some(Bytes::from_static(b"{}")))));
    let refusal = world.api.send(&world.http, request).await.unwrap().refusal.unwrap();
    assert_eq!((refusal.code(), refusal.advice().name()), ("api_token_invalid", "retry"));
    assert_eq!(world.requests(), (1, 1));
    assert!(world.api.send(&world.http, world.request()).await.unwrap().refusal.is_none());
    assert_eq!(world.requests(), (2, 2));
}

#[tokio::test]
async fn a_request_to_another_origin_goes_without_a_token_whatever_it_answers() {
    let world = world().await;
    let elsewhere = FaultServer::start().unwrap();
    let to =
        |case: &str| world.http.get(elsewhere.fill(&format!("http://{{http}}/case/{case}"))).build().unwrap();
    let answer = world.api.send(&world.http, to("ok")).await.unwrap();
    assert_eq!(authorization_in(answer.response).await, Value::Null);
    let answer = world.api.send(&world.http, to("status-401")).await.unwrap();
    assert_eq!((answer.response.status().as_u16(), answer.refusal), (401, None));
    assert_eq!(world.requests(), (0, 0));
}

#[tokio::test]
async fn a_redirect_to_another_origin_goes_without_the_token() {
    let world = world().await;
    let elsewhere = FaultServer::start().unwrap();
    for status in [301, 302, 303, 307, 308] {
        let to = elsewhere.fill("http://{http}/case/ok");
        let reply = CannedReply::json("/api/invoices", status, "").header("location", &to);
        world.emulator.reply_next(reply).unwrap();
        let answer = world.api.send(&world.http, world.request()).await.unwrap();
        assert_eq!(answer.response.url().as_str(), to);
        assert_eq!(authorization_in(answer.response).await, Value::Null);
    }
}

#[tokio::test]
async fn an_authorization_header_of_the_application_s_own_is_refused_and_nothing_is_sent() {
    let world = world().await;
    let mut request = world.request();
    request.headers_mut().insert(AUTHORIZATION, HeaderValue::from_static("Basic YTpi"));
    let ApiError::Token(refused) = world.api.send(&world.http, request).await.unwrap_err() else {
        panic!("it was sent")
    };
    assert_eq!(refused.code(), "authorization_present");
    assert_eq!(world.requests(), (0, 0));
}

/// The Authorization header and the body of a request.
type Got = (Option<String>, String);

/// An HTTP client that keeps what it got and answers from a script.
#[derive(Clone, Default)]
struct Scripted {
    answers: Arc<Mutex<Vec<(u16, &'static str)>>>,
    got: Arc<Mutex<Vec<Got>>>,
}

impl Service<http::Request<String>> for Scripted {
    type Response = http::Response<()>;
    type Error = Infallible;
    type Future = Ready<Result<http::Response<()>, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<String>) -> Self::Future {
        let authorization =
            request.headers().get(AUTHORIZATION).map(|value| value.to_str().unwrap().to_owned());
        self.got.lock().unwrap().push((authorization, request.into_body()));
        let (status, challenge) = self.answers.lock().unwrap().remove(0);
        let response = http::Response::builder().status(status).header(WWW_AUTHENTICATE, challenge);
        ready(Ok(response.body(()).unwrap()))
    }
}

async fn call<S>(mut service: S, url: String) -> Result<http::Response<()>, S::Error>
where
    S: Service<http::Request<String>, Response = http::Response<()>>,
{
    poll_fn(|context| service.poll_ready(context)).await?;
    service.call(http::Request::post(url).body("{}".to_owned()).unwrap()).await
}

#[tokio::test]
async fn the_layer_does_the_same_around_any_tower_client() {
    let world = world().await;
    let client = Scripted::default();
    *client.answers.lock().unwrap() = vec![(401, INVALID), (401, INVALID), (200, "")];
    let service = world.api.layer().layer(client.clone());

    let refused = call(service.clone(), format!("{}/api/orders", world.emulator.url())).await.unwrap();
    let refusal = refused.extensions().get::<ApiRefusal>().unwrap();
    assert_eq!((refused.status().as_u16(), refusal.code()), (401, "api_token_invalid_though_new"));
    call(service, "https://elsewhere.example/".to_owned()).await.unwrap();

    let got = client.got.lock().unwrap();
    let [(Some(first), body), (Some(second), again), (None, _)] = got.as_slice() else { panic!("{got:?}") };
    assert!(first.starts_with("Bearer ") && first != second);
    assert_eq!((body, again), (&"{}".to_owned(), &"{}".to_owned()));
}

#[tokio::test]
async fn the_layer_for_streams_sends_nothing_twice() {
    let world = world().await;
    let client = Scripted::default();
    *client.answers.lock().unwrap() = vec![(401, INVALID)];
    let service = world.api.layer_for_streams().layer(client);
    let refused = call(service, format!("{}/api/orders", world.emulator.url())).await.unwrap();
    assert_eq!(refused.extensions().get::<ApiRefusal>().unwrap().code(), "api_token_invalid");
}
