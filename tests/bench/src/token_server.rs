//! A token endpoint on loopback that gives everybody the same answer, and as little work to the machine as it can: what
//! is measured is the client.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

use crate::system;

/// As long as a JWT of Visma Connect with a few scopes.
pub(crate) const TOKEN_BYTES: usize = 1000;

/// The server, on a thread of its own; it ends when dropped.
pub(crate) struct TokenServer {
    address: SocketAddr,
    seen: Arc<Seen>,
    end: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Seen {
    requests: AtomicUsize,
    /// How long the server's thread has been running, in nanoseconds.
    thread_time: AtomicU64,
    at_once: AtomicUsize,
    most_at_once: AtomicUsize,
}

impl TokenServer {
    /// `thinks_for`: how long it takes for an answer; nothing for "as fast as it can".
    pub(crate) fn start(thinks_for: Duration) -> io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let listener = runtime.block_on(TcpListener::bind((Ipv4Addr::LOCALHOST, 0)))?;
        let address = listener.local_addr()?;
        let seen = Arc::<Seen>::default();
        let (end, ended) = oneshot::channel();
        let serving = serve(listener, Arc::clone(&seen), thinks_for);
        let thread = thread::Builder::new().name("token-server".to_owned()).spawn(move || {
            runtime.block_on(async {
                tokio::select! {
                    () = serving => {}
                    _ = ended => {}
                }
            });
        })?;
        Ok(Self { address, seen, end: Some(end), thread: Some(thread) })
    }

    /// The issuer.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn requests(&self) -> usize {
        self.seen.requests.load(Relaxed)
    }

    /// How long its thread had been running at the last request.
    pub(crate) fn thread_time(&self) -> Duration {
        Duration::from_nanos(self.seen.thread_time.load(Relaxed))
    }

    /// The most requests that were not answered yet at any one time.
    pub(crate) fn most_at_once(&self) -> usize {
        self.seen.most_at_once.load(Relaxed)
    }
}

impl Drop for TokenServer {
    fn drop(&mut self) {
        drop(self.end.take());
        if let Some(thread) = self.thread.take() {
            // A panic there was printed by the panic hook.
            let _ = thread.join();
        }
    }
}

async fn serve(listener: TcpListener, seen: Arc<Seen>, thinks_for: Duration) {
    let answer: Arc<[u8]> = answer().into();
    while let Ok((connection, _)) = listener.accept().await {
        tokio::spawn(answer_all(connection, Arc::clone(&answer), Arc::clone(&seen), thinks_for));
    }
}

/// One connection. A client that goes away is no error.
async fn answer_all(
    mut connection: TcpStream,
    answer: Arc<[u8]>,
    seen: Arc<Seen>,
    thinks_for: Duration,
) -> io::Result<()> {
    connection.set_nodelay(true)?;
    let mut request = Vec::with_capacity(4096);
    loop {
        while !is_complete(&request) {
            if connection.read_buf(&mut request).await? == 0 {
                return Ok(());
            }
        }
        // A client waits for its answer before it sends the next request.
        request.clear();
        seen.requests.fetch_add(1, Relaxed);
        seen.most_at_once.fetch_max(seen.at_once.fetch_add(1, Relaxed) + 1, Relaxed);
        if !thinks_for.is_zero() {
            tokio::time::sleep(thinks_for).await;
        }
        seen.at_once.fetch_sub(1, Relaxed);
        connection.write_all(&answer).await?;
        let running = u64::try_from(system::thread_time().as_nanos()).unwrap_or_default();
        seen.thread_time.store(running, Relaxed);
    }
}

/// Whether a request with a body of known length is all there (RFC 9112 section 6.3).
fn is_complete(request: &[u8]) -> bool {
    let Some(head) = request.windows(4).position(|window| window == b"\r\n\r\n") else { return false };
    let lines = request.get(..head).unwrap_or_default().split(|byte| *byte == b'\n');
    let length =
        lines.filter_map(|line| std::str::from_utf8(line).ok()?.split_once(':')).find_map(|(name, value)| {
            name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
        });
    request.len() >= head + 4 + length.unwrap_or(0)
}

/// Fits every grant: who asks for a service token does not look at the refresh token.
fn answer() -> Vec<u8> {
    let body = body(TOKEN_BYTES);
    let head =
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nCache-Control: no-store\r\nContent-Length";
    format!("{head}: {}\r\n\r\n{body}", body.len()).into_bytes()
}

/// A token response with an access token of that many bytes.
pub(crate) fn body(token_bytes: usize) -> String {
    let token = "t".repeat(token_bytes);
    format!(
        r#"{{"access_token":"{token}","token_type":"Bearer","expires_in":3600,"scope":"{SCOPES}","refresh_token":"{}"}}"#,
        "r".repeat(64)
    )
}

/// What is asked for, and granted.
pub(crate) const SCOPES: &str = "visma_api:read visma_api:write offline_access";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_complete_with_the_last_byte_of_its_body() {
        assert!(!is_complete(b"POST / HTTP/1.1\r\ncontent-length: 3\r\n\r\nab"));
        assert!(is_complete(b"POST / HTTP/1.1\r\nhost: a\r\nContent-Length: 3\r\n\r\nabc"));
        assert!(!is_complete(b"GET / HTTP/1.1\r\nhost: a\r\n"));
        assert!(is_complete(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n"));
    }
}
