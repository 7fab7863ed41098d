//! The listener's HTTP: connections, within bounds.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::future::select_all;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::{sleep, timeout};

use super::site::{Outcome, Site};

/// More than a browser opens, and few enough for anybody to hold them all.
const MOST_CONNECTIONS: usize = 32;

/// What is longer is answered with status 431.
const LONGEST_HEAD: usize = 16 * 1024;

const MOST_HEADERS: usize = 64;

/// For a request's head, and between two requests.
const HEAD_LIMIT: Duration = Duration::from_secs(5);

/// For a whole connection: longer than the exchange of a code takes.
const CONNECTION_LIMIT: Duration = Duration::from_secs(90);

/// Where the system has no room for another connection.
const PAUSE: Duration = Duration::from_millis(100);

/// Answers whoever comes, until it is dropped, and with it the ports and the connections.
pub(super) async fn serve(listeners: Vec<TcpListener>, site: Arc<Site>) -> Infallible {
    let mut connections = Connections::default();
    loop {
        match accept(&listeners).await {
            Ok(stream) => connections.add(converse(stream, Arc::clone(&site))),
            Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => {}
            Err(_) => sleep(PAUSE).await,
        }
    }
}

async fn accept(listeners: &[TcpListener]) -> io::Result<TcpStream> {
    let (accepted, ..) = select_all(listeners.iter().map(|listener| Box::pin(listener.accept()))).await;
    accepted.map(|(stream, _)| stream)
}

/// The connections that are open. Whoever holds one for long gives way to who comes: a slow sender, or a flood of them,
/// never keeps the browser out.
#[derive(Default)]
struct Connections {
    tasks: JoinSet<()>,
    by_age: VecDeque<AbortHandle>,
}

impl Connections {
    fn add(&mut self, conversation: impl Future<Output = ()> + Send + 'static) {
        while self.tasks.try_join_next().is_some() {}
        self.by_age.retain(|task| !task.is_finished());
        if self.by_age.len() >= MOST_CONNECTIONS
            && let Some(oldest) = self.by_age.pop_front()
        {
            oldest.abort();
        }
        self.by_age.push_back(self.tasks.spawn(conversation));
    }
}

/// One connection, from its first request to its end.
async fn converse(stream: TcpStream, site: Arc<Site>) {
    let shows_outcome = AtomicBool::new(false);
    let service = service_fn(async |request| {
        let response = site.answer(&request).await;
        if response.extensions().get::<Outcome>().is_some() {
            shows_outcome.store(true, Ordering::Relaxed);
        }
        Ok::<_, Infallible>(response)
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_LIMIT)
        .max_buf_size(LONGEST_HEAD)
        .max_headers(MOST_HEADERS)
        .serve_connection(TokioIo::new(stream), service);
    // A connection that breaks is no business of the login's: the browser may come again.
    let _ = timeout(CONNECTION_LIMIT, connection).await;
    if shows_outcome.into_inner() {
        site.was_shown();
    }
}
