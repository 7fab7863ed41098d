//! The fault server: its origins, its thread, its connections.

use std::io::{ErrorKind, Result};
use std::net::{Ipv4Addr, TcpListener};
use std::sync::Arc;
use std::thread;

use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::{TcpSocket, TcpStream};
use tokio::runtime::Builder;
use tokio::sync::oneshot;
use tokio_rustls::TlsAcceptor;

use crate::cases::{After, play};
use crate::control;
use crate::journal::Journal;
use crate::tls::Authority;
use crate::wire::{Head, Wire, hung_up};

/// A server on loopback that misbehaves exactly. It ends when it is dropped.
#[derive(Debug)]
pub struct FaultServer {
    shared: Arc<Shared>,
    _end: oneshot::Sender<()>,
    /// Bound and not listening: whoever connects to it is refused, and nobody else can take it.
    _refused: TcpSocket,
}

/// What all connections share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) journal: Journal,
    pub(crate) origins: Origins,
    pub(crate) root_certificate: String,
}

/// The addresses that cases go to, by name.
#[derive(Debug)]
pub(crate) struct Origins(Vec<(&'static str, String)>);

/// What answers at an origin.
enum Speaks {
    Http,
    Tls(TlsAcceptor),
    Nothing,
}

impl FaultServer {
    /// Starts on ports that the system chooses, with a thread of its own.
    ///
    /// Errors: as of binding to loopback and of making certificates.
    pub fn start() -> Result<Self> {
        Self::start_on(0)
    }

    /// Starts with plain HTTP on that port, or on any for 0.
    ///
    /// Errors: as [`Self::start`].
    pub fn start_on(port: u16) -> Result<Self> {
        let authority = Authority::new()?;
        let here = ["127.0.0.1", "localhost"];
        let listeners = vec![
            ("http", listen(port)?, Speaks::Http),
            ("tls", listen(0)?, Speaks::Tls(authority.acceptor(&here)?)),
            ("tls_other_name", listen(0)?, Speaks::Tls(authority.acceptor(&["other.example"])?)),
            ("tls_expired", listen(0)?, Speaks::Tls(authority.expired_acceptor(&here)?)),
            ("silent", listen(0)?, Speaks::Nothing),
        ];
        let refused = TcpSocket::new_v4()?;
        refused.bind((Ipv4Addr::LOCALHOST, 0).into())?;
        let mut origins = vec![("refused", refused.local_addr()?.to_string())];
        for (name, listener, _) in &listeners {
            let address = listener.local_addr()?;
            origins.push((name, address.to_string()));
            if *name == "http" {
                // A name that may have an IPv6 address, too, at which nobody listens.
                origins.push(("http_by_name", format!("localhost:{}", address.port())));
            }
        }
        let shared = Arc::new(Shared {
            journal: Journal::default(),
            origins: Origins(origins),
            root_certificate: authority.certificate,
        });
        let (end, ended) = oneshot::channel();
        let listeners = listeners.into_iter().map(|(_, listener, speaks)| (listener, speaks)).collect();
        spawn(&shared, listeners, ended)?;
        Ok(Self { shared, _end: end, _refused: refused })
    }

    /// The plain HTTP origin, as `http://127.0.0.1:PORT`.
    pub fn url(&self) -> String {
        self.fill("http://{http}")
    }

    /// The text with `{http}`, `{tls}` and the like replaced by the origins of those names, as `host:port`.
    pub fn fill(&self, text: &str) -> String {
        self.shared.origins.fill(text)
    }

    /// The root certificate of the TLS origins, in PEM.
    pub fn root_certificate(&self) -> &str {
        &self.shared.root_certificate
    }

    /// How often a request of that case arrived complete, head and body.
    pub fn count(&self, case: &str) -> u64 {
        self.shared.journal.count(case)
    }

    /// The same, as soon as it is not 0.
    pub async fn arrived(&self, case: &str) -> u64 {
        self.shared.journal.arrived(case).await
    }

    /// How many bytes of responses were written for that case, as soon as it has ended: the client hung up, or
    /// was answered.
    pub async fn written(&self, case: &str) -> u64 {
        self.shared.journal.written(case).await
    }

    /// Sets all counters to zero.
    pub fn reset(&self) {
        self.shared.journal.reset();
    }
}

impl Origins {
    pub(crate) fn fill(&self, text: &str) -> String {
        let replace =
            |text: String, (name, address): &(&str, String)| text.replace(&format!("{{{name}}}"), address);
        self.0.iter().fold(text.to_owned(), replace)
    }

    pub(crate) fn to_json(&self) -> String {
        let members = self.0.iter().map(|(name, address)| (*name, address.as_str()));
        members.collect::<serde_json::Value>().to_string()
    }
}

fn listen(port: u16) -> Result<TcpListener> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

fn spawn(
    shared: &Arc<Shared>,
    listeners: Vec<(TcpListener, Speaks)>,
    ended: oneshot::Receiver<()>,
) -> Result<()> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let entered = runtime.enter();
    for (listener, speaks) in listeners {
        runtime.spawn(accept(tokio::net::TcpListener::from_std(listener)?, speaks, Arc::clone(shared)));
    }
    drop(entered);
    let run = move || {
        // The sender is never used; dropping it ends the wait.
        let _ = runtime.block_on(ended);
    };
    thread::Builder::new().name("fault-server".to_owned()).spawn(run)?;
    Ok(())
}

async fn accept(listener: tokio::net::TcpListener, speaks: Speaks, shared: Arc<Shared>) {
    while let Ok((stream, _)) = listener.accept().await {
        let shared = Arc::clone(&shared);
        match &speaks {
            Speaks::Http => {
                tokio::spawn(async move { plain(stream, &shared).await });
            }
            Speaks::Tls(acceptor) => {
                let handshake = acceptor.accept(stream);
                tokio::spawn(async move {
                    if let Ok(stream) = handshake.await {
                        let mut wire = BufReader::new(stream);
                        converse(&mut wire, &shared).await;
                        close(wire).await;
                    }
                });
            }
            Speaks::Nothing => {
                tokio::spawn(async move { hung_up(&mut BufReader::new(stream)).await });
            }
        }
    }
}

async fn plain(stream: TcpStream, shared: &Shared) {
    let mut wire = BufReader::new(stream);
    match converse(&mut wire, shared).await {
        // A socket that is closed without lingering sends a reset instead of an end.
        After::Reset => drop(wire.get_ref().set_zero_linger()),
        After::Close | After::KeepOpen => close(wire).await,
    }
}

/// Serves one request after the other, until a case or the client ends the connection.
async fn converse(wire: &mut impl Wire, shared: &Shared) -> After {
    let mut place = 0;
    loop {
        place += 1;
        match serve_one(wire, place, shared).await {
            Ok(After::KeepOpen) => {}
            Ok(end) => return end,
            Err(error) if error.kind() == ErrorKind::InvalidData => {
                // As servers do that are addressed with TLS on a plain port; whether it gets there is all one.
                let _ = wire.write_all(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n").await;
                return After::Close;
            }
            Err(_) => return After::Close,
        }
    }
}

async fn serve_one(wire: &mut impl Wire, place: u32, shared: &Shared) -> Result<After> {
    let Some(head) = Head::read(wire, place).await? else { return Ok(After::Close) };
    if head.method == "CONNECT" {
        let visit = shared.journal.begin("connect");
        visit.arrived();
        visit.write(wire, b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n").await?;
        return Ok(After::Close);
    }
    match head.path().strip_prefix("/case/") {
        Some(case) => {
            let visit = shared.journal.begin(case);
            play(&visit, &head, wire, shared).await
        }
        None => control::answer(&head, wire, shared).await.map(|()| After::KeepOpen),
    }
}

/// Ends the connection in order: the last answer goes out whole.
async fn close(mut wire: BufReader<impl AsyncRead + AsyncWrite + Unpin>) {
    // The client may be gone already.
    let _ = wire.shutdown().await;
}
