//! Just enough of HTTP/1.1 (RFC 9112) to know what was asked, on raw bytes.

use std::io::{Error, ErrorKind, Result};

use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncReadExt, AsyncWrite};

/// A connection, read through a buffer.
pub(crate) trait Wire: AsyncBufRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncBufRead + AsyncWrite + Unpin + Send> Wire for T {}

const LONGEST_HEAD: u64 = 64 * 1024;
const LONGEST_BODY: u64 = 16 * 1024 * 1024;

/// The head of a request.
#[derive(Debug)]
pub(crate) struct Head {
    pub(crate) method: String,
    pub(crate) target: String,
    /// The how manieth request of its connection it is, from 1.
    pub(crate) place: u32,
    headers: Vec<(String, String)>,
}

impl Head {
    /// Reads the next head; `None` if the client has hung up.
    pub(crate) async fn read(wire: &mut impl Wire, place: u32) -> Result<Option<Self>> {
        let mut limited = wire.take(LONGEST_HEAD);
        let mut line = String::new();
        if limited.read_line(&mut line).await? == 0 {
            return Ok(None);
        }
        let mut words = line.split_ascii_whitespace();
        let (Some(method), Some(target)) = (words.next(), words.next()) else { return Err(malformed()) };
        let (method, target) = (method.to_owned(), target.to_owned());
        let mut headers = Vec::new();
        loop {
            line.clear();
            limited.read_line(&mut line).await?;
            match line.trim_end() {
                "" if line.is_empty() => return Err(malformed()),
                "" => return Ok(Some(Self { method, target, place, headers })),
                field => headers.push(field_line(field)?),
            }
        }
    }

    /// The first header of that name.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// The path without the query: of a request to a proxy, too, whose target is a whole URL (RFC 9112 section
    /// 3.2.2).
    pub(crate) fn path(&self) -> &str {
        let resource = self.target.split('?').next().unwrap_or_default();
        match resource.split_once("://") {
            Some((_, rest)) => rest.find('/').map_or("/", |at| &rest[at..]),
            None => resource,
        }
    }

    /// Reads the body; `None` if its length is not told in advance.
    pub(crate) async fn read_body(&self, wire: &mut impl Wire) -> Result<Option<Vec<u8>>> {
        if self.header("transfer-encoding").is_some() {
            return Ok(None);
        }
        let length: u64 = match self.header("content-length") {
            Some(length) => length.parse().map_err(|_| malformed())?,
            None => 0,
        };
        let mut body = Vec::new();
        wire.take(length.min(LONGEST_BODY)).read_to_end(&mut body).await?;
        match body.len() as u64 == length {
            true => Ok(Some(body)),
            false => Err(ErrorKind::UnexpectedEof.into()),
        }
    }
}

/// Reads and forgets until the client hangs up.
pub(crate) async fn hung_up(wire: &mut impl Wire) {
    let mut ignored = [0; 1024];
    while !matches!(wire.read(&mut ignored).await, Ok(0) | Err(_)) {}
}

fn field_line(line: &str) -> Result<(String, String)> {
    let (name, value) = line.split_once(':').ok_or_else(malformed)?;
    Ok((name.to_owned(), value.trim().to_owned()))
}

fn malformed() -> Error {
    ErrorKind::InvalidData.into()
}
