//! Public documents that are fetched by hand, for diagnosis.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use std::net::{Ipv4Addr, TcpListener};

use grantline::{Client, Error, HttpFailureKind, KeySet};
use grantline_emulator::Mode;
use support::{client, emulator};

#[tokio::test]
async fn keys_and_the_time_of_the_server_are_there_for_a_look() {
    let emulator = emulator(Mode::VismaConnect);
    let url = format!("{}/.well-known/openid-configuration/jwks", emulator.url());
    let answer = client().fetch_document(&url).await.unwrap();
    assert_eq!(answer.status, 200);
    assert!(answer.header("date").unwrap().ends_with("GMT"));
    let text = String::from_utf8(answer.body.expose_secret().to_vec()).unwrap();
    assert!(KeySet::from_json(&text).is_ok());
}

#[tokio::test]
async fn an_answer_of_any_status_is_an_answer() {
    let emulator = emulator(Mode::VismaConnect);
    let answer = client().fetch_document(&format!("{}/nowhere", emulator.url())).await.unwrap();
    assert_eq!(answer.status, 404);
}

#[tokio::test]
async fn what_is_in_the_way_is_told_by_its_kind_and_without_the_query() {
    let closed = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap();
    let failed = client().fetch_document(&format!("http://{closed}/keys?hunter2")).await.unwrap_err();
    assert!(!failed.to_string().contains("hunter2"), "{failed}");
    let Error::Transport(failed) = failed else { panic!("{failed}") };
    assert_eq!(failed.failure.kind, HttpFailureKind::Connect);
}

#[tokio::test]
async fn nothing_is_fetched_in_clear_by_a_closed_client_or_past_the_application_s_own_http() {
    let code = async |client: &Client, url| client.fetch_document(url).await.unwrap_err().code().into_owned();
    for url in ["http://login.example/keys", "keys", "ftp://127.0.0.1/keys"] {
        assert_eq!(code(&client(), url).await, "insecure_endpoint", "{url}");
    }
    let outside = Client::builder().http_outside().build().unwrap();
    assert_eq!(code(&outside, "http://127.0.0.1/keys").await, "invalid_client_setting");
    let closed = client();
    closed.shutdown().await.unwrap();
    assert_eq!(code(&closed, "http://127.0.0.1/keys").await, "client_closed");
}
