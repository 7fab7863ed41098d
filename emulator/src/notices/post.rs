//! A POST to this machine: hands a message over and reads the status of the answer.

use std::error::Error as _;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use axum::body::Body;
use axum::http::header::{CONNECTION, CONTENT_TYPE, HOST};
use axum::http::{self, Request};
use hyper::client::conn::http1::handshake;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use url::{Host, Url};

use super::Notice;

/// How long an application may take to answer.
const LIMIT: Duration = Duration::from_secs(5);

/// The status of the answer; the error is the reason why there was none.
pub(super) async fn post(notice: &Notice) -> Result<u16, String> {
    match tokio::time::timeout(LIMIT, exchange(notice)).await {
        Ok(exchanged) => exchanged,
        Err(_) => Err(format!("no answer within {} s", LIMIT.as_secs())),
    }
}

async fn exchange(notice: &Notice) -> Result<u16, String> {
    let refused = || "not an http URL of this machine".to_owned();
    let url = Url::parse(&notice.url).map_err(|_| refused())?;
    let addresses = addresses(&url).ok_or_else(refused)?;
    let request = request(notice, &url).map_err(|error| error.to_string())?;
    let stream = TcpStream::connect(&*addresses).await.map_err(|error| error.to_string())?;
    let (mut sender, connection) = handshake(TokioIo::new(stream)).await.map_err(|error| in_words(&error))?;
    // It ends when the sender and the answer are dropped, whatever the application still has to say.
    tokio::spawn(connection);
    let response = sender.send_request(request).await.map_err(|error| in_words(&error))?;
    Ok(response.status().as_u16())
}

fn request(notice: &Notice, url: &Url) -> http::Result<Request<Body>> {
    let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
    let mut request = Request::post(format!("{}{query}", url.path()))
        .header(HOST, url.authority())
        .header(CONTENT_TYPE, notice.content_type)
        .header(CONNECTION, "close");
    if let Some((name, value)) = &notice.field {
        request = request.header(*name, value);
    }
    request.body(Body::from(notice.body.clone()))
}

fn in_words(error: &hyper::Error) -> String {
    if error.is_parse() {
        return "the answer is not HTTP".to_owned();
    }
    if error.is_incomplete_message() {
        return "the connection was closed before the answer".to_owned();
    }
    error.source().map_or_else(|| error.to_string(), ToString::to_string)
}

/// Whether this is a URL that the emulator sends to: plain http on loopback, without credentials.
pub(crate) fn is_on_loopback(url: &str) -> bool {
    Url::parse(url).is_ok_and(|url| addresses(&url).is_some())
}

fn addresses(url: &Url) -> Option<Vec<SocketAddr>> {
    let ips = match url.host()? {
        Host::Domain("localhost") => vec![Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()],
        Host::Ipv4(ip) => vec![IpAddr::from(ip)],
        Host::Ipv6(ip) => vec![IpAddr::from(ip)],
        Host::Domain(_) => return None,
    };
    let plain = url.scheme() == "http" && url.username().is_empty() && url.password().is_none();
    let port = url.port_or_known_default()?;
    let usable = plain && ips.iter().all(IpAddr::is_loopback);
    usable.then(|| ips.into_iter().map(|ip| SocketAddr::new(ip, port)).collect())
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::TcpListener;

    use super::super::NoticeKind;
    use super::*;

    #[test]
    fn only_plain_http_on_loopback_is_sent_to() {
        for good in ["http://127.0.0.1:8080/x", "http://localhost/x", "http://[::1]:1/x?y=z"] {
            assert!(is_on_loopback(good), "{good}");
        }
        for bad in [
            "https://127.0.0.1/x",
            "http://192.0.2.1/x",
            "http://app.example/x",
            "http://localhost.example/x",
            "http://user@127.0.0.1/x",
            "/x",
        ] {
            assert!(!is_on_loopback(bad), "{bad}");
        }
    }

    /// What became of a message to an application that answers this, byte for byte.
    async fn answered(answer: &'static [u8]) -> Result<u16, String> {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/told?by=emulator", listener.local_addr().unwrap());
        let application = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let (mut received, mut part) = (Vec::new(), [0; 1024]);
            while !received.ends_with(b"the message") {
                let length = stream.read(&mut part).unwrap();
                assert_ne!(length, 0);
                received.extend_from_slice(&part[..length]);
            }
            stream.write_all(answer).unwrap();
            String::from_utf8(received).unwrap()
        });
        let notice = Notice {
            kind: NoticeKind::Webhook,
            client_id: "isv_service".into(),
            url,
            content_type: "application/json",
            field: Some(("x-signature", "abc".into())),
            body: b"the message".to_vec(),
        };
        let status = post(&notice).await;
        let received = application.join().unwrap();
        assert!(received.starts_with("POST /told?by=emulator HTTP/1.1\r\nhost: 127.0.0.1:"), "{received}");
        for field in
            ["content-type: application/json", "content-length: 11", "x-signature: abc", "connection: close"]
        {
            assert!(received.contains(&format!("\r\n{field}\r\n")), "{received}");
        }
        status
    }

    #[tokio::test]
    async fn the_status_of_the_answer_counts_whatever_was_said_before_and_after_it() {
        for (answer, status) in [
            (&b"HTTP/1.1 204 No Content\r\nx: y\r\n\r\n"[..], 204),
            (b"HTTP/1.0 400\r\n\r\n", 400),
            (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n", 200),
            (b"HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\nHTTP/1.1 202 Accepted\r\n\r\n", 202),
            (b"HTTP/1.1 500 x\r\ncontent-length: 1000\r\n\r\nand then nothing", 500),
        ] {
            assert_eq!(answered(answer).await, Ok(status));
        }
    }

    #[tokio::test]
    async fn what_is_no_answer_is_told_in_words() {
        for (answer, words) in [
            (&b"SSH-2.0-OpenSSH\r\n"[..], "the answer is not HTTP"),
            (b"", "the connection was closed before the answer"),
            (b"HTTP/1.1 20", "the connection was closed before the answer"),
        ] {
            assert_eq!(answered(answer).await, Err(words.to_owned()));
        }
    }
}
