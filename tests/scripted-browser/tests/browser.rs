//! The way through pages: where it ends, and what the browser does not do.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};

use grantline_scripted_browser::{Browser, Landing, User};

const ELSEWHERE: &str = "https://app.example/callback";

/// A server that answers by the first line of the request; its address.
fn server(answer: fn(&str) -> String) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let request = read(&mut stream);
            stream.write_all(answer(request.lines().next().unwrap_or_default()).as_bytes()).unwrap();
        }
    });
    format!("http://{address}")
}

/// One request, with the body of a form if it has one.
fn read(stream: &mut TcpStream) -> String {
    let (mut text, mut part) = (String::new(), [0; 1024]);
    loop {
        let length = stream.read(&mut part).unwrap();
        text.push_str(std::str::from_utf8(&part[..length]).unwrap());
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let expected = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap_or("0");
        if expected == body.len().to_string() {
            return text;
        }
    }
}

fn page(html: &str) -> String {
    format!("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{html}", html.len())
}

fn redirect(status: &str, to: &str) -> String {
    format!("HTTP/1.1 {status}\r\nlocation: {to}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n")
}

fn form(action: &str) -> String {
    page(&format!(r#"<form action="{action}"><input name="code" value="c d"></form>"#))
}

async fn landing(answer: fn(&str) -> String) -> Landing {
    Browser::new().unwrap().go_through(&server(answer), User::Anna).await.unwrap()
}

async fn failure(answer: fn(&str) -> String) -> String {
    Browser::new().unwrap().go_through(&server(answer), User::Anna).await.unwrap_err().to_string()
}

#[tokio::test]
async fn a_redirect_to_another_server_is_where_it_ends() {
    let landing = landing(|request| match request {
        "GET / HTTP/1.1" => form("/next"),
        "POST /next HTTP/1.1" => redirect("303 See Other", "/last"),
        "GET /last HTTP/1.1" => redirect("302 Found", "https://app.example/callback?code=c"),
        other => panic!("{other}"),
    });
    let landing = landing.await;
    assert!(matches!(&landing, Landing::Url(url) if *url == format!("{ELSEWHERE}?code=c")), "{landing:?}");
}

#[tokio::test]
async fn a_form_for_another_server_is_handed_over_and_a_page_without_one_is_shown() {
    let landed = landing(|_| form(ELSEWHERE)).await;
    let Landing::FormPost(form) = landed else { panic!("{landed:?}") };
    assert_eq!((form.action.as_str(), form.body().as_str()), (ELSEWHERE, "code=c+d"));
    let landed = landing(|_| page("<p>Sorry.</p>")).await;
    let Landing::Page(page) = landed else { panic!("{landed:?}") };
    assert_eq!((page.status, page.text().as_str()), (200, "Sorry."));
}

#[tokio::test]
async fn what_was_posted_is_not_sent_on_by_a_redirect() {
    let failure = failure(|request| match request.starts_with("GET") {
        true => form("/next"),
        false => redirect("307 Temporary Redirect", "/other"),
    });
    assert!(failure.await.starts_with("HTTP status 307 sends what was posted on to http://127.0.0.1:"));
}

#[tokio::test]
async fn redirects_and_forms_without_end_are_given_up() {
    let redirects = failure(|_| redirect("302 Found", "/again")).await;
    assert!(redirects.ends_with("/again redirects without end"), "{redirects}");
    let forms = failure(|_| form("/again")).await;
    assert!(forms.ends_with("is not left after 20 pages"), "{forms}");
}
