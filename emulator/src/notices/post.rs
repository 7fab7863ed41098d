//! A POST to this machine: just enough of HTTP/1.1 (RFC 9112) to hand a message over and read the status.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use url::{Host, Url};

use super::Notice;

/// How long an application may take to answer.
const LIMIT: Duration = Duration::from_secs(5);

/// The longest status line that is read.
const STATUS_LINE: usize = 1024;

/// The status of the answer; the error is the reason why there was none.
pub(super) async fn post(notice: &Notice) -> Result<u16, String> {
    match tokio::time::timeout(LIMIT, exchange(notice)).await {
        Ok(Ok(status)) => Ok(status),
        Ok(Err(error)) => Err(error.to_string()),
        Err(_) => Err(format!("no answer within {} s", LIMIT.as_secs())),
    }
}

async fn exchange(notice: &Notice) -> io::Result<u16> {
    let refused = || io::Error::new(io::ErrorKind::InvalidInput, "not an http URL of this machine");
    let url = Url::parse(&notice.url).map_err(|_| refused())?;
    let addresses = addresses(&url).ok_or_else(refused)?;
    let mut stream = TcpStream::connect(&*addresses).await?;
    stream.write_all(head(notice, &url).as_bytes()).await?;
    stream.write_all(&notice.body).await?;
    let mut line = Vec::new();
    while !line.contains(&b'\n') && line.len() < STATUS_LINE {
        let mut part = [0; 128];
        let length = stream.read(&mut part).await?;
        if length == 0 {
            break;
        }
        line.extend(part.iter().take(length));
    }
    status(&line).ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "the answer is not HTTP"))
}

fn head(notice: &Notice, url: &Url) -> String {
    let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
    let host = url.authority();
    let field = notice.field.as_ref().map(|(name, value)| format!("{name}: {value}\r\n")).unwrap_or_default();
    format!(
        "POST {}{query} HTTP/1.1\r\nhost: {host}\r\ncontent-type: {}\r\ncontent-length: {}\r\n{field}connection: close\r\n\r\n",
        url.path(),
        notice.content_type,
        notice.body.len(),
    )
}

/// `HTTP/1.1 200 OK`
fn status(line: &[u8]) -> Option<u16> {
    let line = std::str::from_utf8(line.split(|byte| *byte == b'\n').next()?).ok()?;
    let mut words = line.trim_end().split(' ');
    words.next().filter(|version| version.starts_with("HTTP/1."))?;
    words.next()?.parse().ok()
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

    #[test]
    fn reads_the_status_and_nothing_but_http() {
        assert_eq!(status(b"HTTP/1.1 204 No Content\r\nx: y\r\n"), Some(204));
        assert_eq!(status(b"HTTP/1.0 400\r\n"), Some(400));
        assert_eq!(status(b"SSH-2.0-OpenSSH\r\n"), None);
        assert_eq!(status(b""), None);
    }
}
