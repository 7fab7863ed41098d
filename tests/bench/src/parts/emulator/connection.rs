//! HTTP/1.1 by hand, so that the one who asks takes as little as possible from the one who answers.

use std::io::{Error, ErrorKind, Read as _, Result, Write as _};
use std::net::{SocketAddr, TcpStream};

/// One connection that is kept.
pub(super) struct Connection {
    stream: TcpStream,
    address: SocketAddr,
    answer: Vec<u8>,
}

impl Connection {
    pub(super) fn open(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, address, answer: Vec::new() })
    }

    pub(super) fn get(&mut self, path: &str) -> Result<()> {
        let request = format!("GET {path} HTTP/1.1\r\nHost: {}\r\n\r\n", self.address);
        self.send(&request)
    }

    /// A service token of the built-in configuration.
    pub(super) fn token(&mut self) -> Result<()> {
        let form = "grant_type=client_credentials&client_id=isv_service&client_secret=service-secret\
                    &scope=visma_api%3Aread&tenant_id=11111111-1111-4111-8111-111111111111";
        let request = format!(
            "POST /connect/token HTTP/1.1\r\nHost: {}\r\nContent-Type: application/x-www-form-urlencoded\r\n\
             Content-Length: {}\r\n\r\n{form}",
            self.address,
            form.len()
        );
        self.send(&request)
    }

    /// The stream of a GET, for an answer without an end.
    pub(super) fn follow(mut self, path: &str) -> Result<TcpStream> {
        write!(self.stream, "GET {path} HTTP/1.1\r\nHost: {}\r\n\r\n", self.address)?;
        Ok(self.stream)
    }

    fn send(&mut self, request: &str) -> Result<()> {
        self.stream.write_all(request.as_bytes())?;
        self.answer.clear();
        let (mut buffer, mut length) = ([0; 16 * 1024], None);
        while length.is_none_or(|length| self.answer.len() < length) {
            let read = self.stream.read(&mut buffer)?;
            if read == 0 {
                return Err(ErrorKind::UnexpectedEof.into());
            }
            self.answer.extend_from_slice(buffer.get(..read).unwrap_or_default());
            length = length.or_else(|| length_of(&self.answer));
        }
        let is_good = self.answer.starts_with(b"HTTP/1.1 200");
        is_good.then_some(()).ok_or_else(|| Error::other(String::from_utf8_lossy(&self.answer).into_owned()))
    }
}

/// How long an answer is with its head, once that is there.
fn length_of(answer: &[u8]) -> Option<usize> {
    let head = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n")? + 4;
    let fields = String::from_utf8_lossy(answer.get(..head)?).to_ascii_lowercase();
    let (_, length) = fields.split_once("content-length: ")?;
    length.lines().next()?.trim().parse::<usize>().ok().map(|body| head + body)
}
