//! Answers that are the same bytes each time, and the echo.

use serde_json::json;

use super::After;
use crate::server::Origins;
use crate::wire::Head;

/// Cases whose answer does not depend on the request, and what follows it.
pub(super) fn fixed(case: &str, origins: &Origins) -> Option<(Vec<u8>, After)> {
    if let Some(status) = case.strip_prefix("redirect-") {
        return redirect(status, origins).map(|answer| (answer, After::KeepOpen));
    }
    let (answer, after) = match case {
        "status-204" => (b"HTTP/1.1 204 No Content\r\n\r\n".to_vec(), After::KeepOpen),
        "status-304" => (b"HTTP/1.1 304 Not Modified\r\n\r\n".to_vec(), After::KeepOpen),
        "status-401" => {
            let challenge = "WWW-Authenticate: Basic realm=\"token endpoint\"\r\n";
            (plain("401 Unauthorized", challenge, "who are you?"), After::KeepOpen)
        }
        "status-408" => (plain("408 Request Timeout", "Connection: close\r\n", "too slow"), After::Close),
        "status-421" => (plain("421 Misdirected Request", "", "not here"), After::KeepOpen),
        "status-429" => (plain("429 Too Many Requests", "Retry-After: 0\r\n", "slow down"), After::KeepOpen),
        "status-500-html" => {
            let html = "Content-Type: text/html; charset=utf-8\r\n";
            (plain("500 Internal Server Error", html, "<html><h1>Oops</h1></html>"), After::KeepOpen)
        }
        "status-503" => (plain("503 Service Unavailable", "Retry-After: 0\r\n", "busy"), After::KeepOpen),
        "informational" => {
            let hints = "HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n";
            ([hints.as_bytes(), &plain("200 OK", "", "after the hints")].concat(), After::KeepOpen)
        }
        "until-close" => {
            (b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nuntil the end".to_vec(), After::Close)
        }
        "closed-mid-head" => (b"HTTP/1.1 200 OK\r\nContent-Le".to_vec(), After::Close),
        "closed-mid-body" => {
            (b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"access".to_vec(), After::Close)
        }
        "closed-mid-chunk" => (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n7\r\n{\"a\":1}\r\n".to_vec(),
            After::Close,
        ),
        "not-http" => (b"SSH-2.0-OpenSSH_9.6\r\n".to_vec(), After::Close),
        _ => return None,
    };
    Some((answer, after))
}

/// A whole response with a short body.
pub(super) fn plain(status: &str, fields: &str, body: &str) -> Vec<u8> {
    format!("HTTP/1.1 {status}\r\n{fields}Content-Length: {}\r\n\r\n{body}", body.len()).into_bytes()
}

/// What the request was like, as far as the contract cares. Each answer tries to leave a cookie behind.
pub(super) fn echo(head: &Head, body: &[u8]) -> Vec<u8> {
    let offers = head.header("accept-encoding").is_some_and(|offer| offer != "identity");
    let told = json!({
        "method": head.method,
        "content_type": head.header("content-type"),
        "authorization": head.header("authorization"),
        "body": String::from_utf8_lossy(body),
        "cookie": head.header("cookie"),
        "referer": head.header("referer"),
        "offers_compression": offers,
        "proxied": head.target.contains("://"),
        "proxy_authorization": head.header("proxy-authorization"),
        "user_agent": head.header("user-agent"),
        "place_on_connection": head.place,
    });
    let fields = "Content-Type: application/json\r\nSet-Cookie: session=1; Path=/\r\n";
    plain("200 OK", fields, &told.to_string())
}

fn redirect(status: &str, origins: &Origins) -> Option<Vec<u8>> {
    let reason = match status {
        "301" => "Moved Permanently",
        "302" => "Found",
        "303" => "See Other",
        "307" => "Temporary Redirect",
        "308" => "Permanent Redirect",
        _ => return None,
    };
    let location = origins.fill("Location: http://{http}/case/redirect-target\r\n");
    Some(plain(&format!("{status} {reason}"), &location, ""))
}
