//! The client that applications share.

use std::sync::{Arc, Mutex, PoisonError};

use pyo3::prelude::*;
use pyo3::types::PyAny;

use crate::arguments::Span;
use crate::ending::Lasting;
use crate::error::raised;
use crate::events::Events;
use crate::sealing::SealingKeys;
use crate::store::Store;
use crate::{asynchronous, blocking};

/// What all applications of a process share: the store of their sessions, connections, and the tokens in memory.
///
/// Applications that are given none share one with the usual settings, which keeps sessions in memory. A client may be
/// used from any number of threads and event loops, and in a forked child as well: that begins without tokens, with
/// connections of its own, and shares with its parent what is in the store.
///
/// `store`: where sessions are kept, in memory unless set. `sealing_keys`: what seals them there; any store but memory
/// needs them, or `SealingKeys.dangerous_plaintext()`. `share_service_tokens`: keeps service tokens in the store as
/// well, so that processes share them.
/// `connect_timeout`: how long making a connection may take, as a `timedelta` or in seconds; 5 seconds unless set.
/// `http_timeout`: how long one request may take in all, from 2 to 10 seconds; 10 unless set.
/// `proxy`: the URL of a proxy for every request but those to loopback, instead of the system's settings.
/// `no_proxy`: use no proxy, whatever the system's settings say.
/// `root_certificates`: roots to trust besides the system's, in PEM.
/// `concurrency`: how many tokens are fetched at once, 64 unless set. `tokens_in_memory`: how many that nobody holds a
/// handle on stay there, 100,000 unless set; what is in the store stays there.
///
/// Raises `MisuseError` (`invalid_client_setting`, `sealing_key_missing`) and, for a forked child that opens the store
/// of its parent, `StoreError`.
///
/// >>> import os, tempfile
/// >>> from grantline import Client, Provider, SealingKeys, Store, WebApp
/// >>> folder = tempfile.TemporaryDirectory()
/// >>> keys = SealingKeys.from_text("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=")
/// >>> with Client(store=Store.sqlite(folder.name + "/sessions.db"), sealing_keys=keys) as client:
/// ...     app = WebApp(Provider.visma_connect(), "isv_web", redirect_uris=["https://a.example/cb"], client=client)
/// ...     list(app.sessions())
/// []
/// >>> folder.cleanup()
#[pyclass(frozen, module = "grantline")]
pub(crate) struct Client(Arc<Lasting>);

#[pymethods]
impl Client {
    #[new]
    #[pyo3(signature = (
        *, store=None, sealing_keys=None, share_service_tokens=false, connect_timeout=None, http_timeout=None, proxy=None,
        no_proxy=false, root_certificates=None, concurrency=None, tokens_in_memory=None
    ))]
    #[allow(
        clippy::too_many_arguments,
        clippy::fn_params_excessive_bools,
        reason = "they are Python's keyword arguments, each by its name"
    )]
    fn new(
        py: Python<'_>,
        store: Option<&Bound<'_, Store>>,
        sealing_keys: Option<&Bound<'_, SealingKeys>>,
        share_service_tokens: bool,
        connect_timeout: Option<Span>,
        http_timeout: Option<Span>,
        proxy: Option<String>,
        no_proxy: bool,
        root_certificates: Option<Pem>,
        concurrency: Option<usize>,
        tokens_in_memory: Option<usize>,
    ) -> PyResult<Self> {
        let mut builder = grantline::Client::builder();
        if let Some(store) = store {
            builder = builder.store(store.get().in_this_process(py)?);
        }
        if let Some(keys) = sealing_keys {
            builder = keys.get().seal(builder);
        }
        if share_service_tokens {
            builder = builder.share_service_tokens();
        }
        if let Some(Span(limit)) = connect_timeout {
            builder = builder.connect_timeout(limit);
        }
        if let Some(Span(limit)) = http_timeout {
            builder = builder.http_timeout(limit);
        }
        if let Some(url) = proxy {
            builder = builder.proxy(url);
        }
        if no_proxy {
            builder = builder.no_proxy();
        }
        if let Some(pem) = root_certificates {
            builder = builder.root_certificates(pem.into_bytes());
        }
        if let Some(flights) = concurrency {
            builder = builder.concurrency(flights);
        }
        if let Some(limit) = tokens_in_memory {
            builder = builder.tokens_in_memory(limit);
        }
        let client = py.detach(|| builder.build()).map_err(raised)?;
        Ok(Self(Lasting::new(py, client)))
    }

    /// Ends the client: new calls are refused with `client_closed` from now on, what has been sent is waited for until
    /// it is answered and saved, and what is not over after 10 seconds is given up; whoever waits for that sees
    /// `Cancelled`. Everything that shares this client is closed with it; it may be closed again.
    ///
    /// The ordinary end of a process does the same for every client, so it is seldom called for that. As a context
    /// manager, a client is closed at the end of the block.
    ///
    /// `timeout`: another limit, as a `timedelta` or in seconds. Raises `Cancelled` if something was given up.
    #[pyo3(signature = (*, timeout=None))]
    fn close(&self, py: Python<'_>, timeout: Option<Span>) -> PyResult<()> {
        blocking::outcome(py, self.end(timeout))
    }

    /// As `close`, for asyncio. Cancelling the task ends the waiting; the client is closed all the same.
    #[pyo3(signature = (*, timeout=None))]
    async fn aclose(&self, timeout: Option<Span>) -> PyResult<()> {
        asynchronous::outcome(self.end(timeout)).await
    }

    /// What happens to grants from now on while nobody asks, for the application's own log, metrics and alarms: for
    /// `for`, for `async for`, and for `get(timeout=...)`.
    fn events(&self) -> Events {
        Events::of(&self.0)
    }

    fn __enter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    /// What the block raised is worth more than what closing has to say.
    #[pyo3(signature = (error, *_rest))]
    fn __exit__(&self, py: Python<'_>, error: &Bound<'_, PyAny>, _rest: &Bound<'_, PyAny>) -> PyResult<()> {
        let closed = self.close(py, None);
        if error.is_none() { closed } else { Ok(()) }
    }

    #[allow(clippy::unused_async, reason = "it makes the coroutine that Python awaits")]
    async fn __aenter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    #[pyo3(signature = (error, *_rest))]
    async fn __aexit__(&self, error: Py<PyAny>, _rest: Py<PyAny>) -> PyResult<()> {
        let closed = self.aclose(None).await;
        if Python::attach(|py| error.is_none(py)) { closed } else { Ok(()) }
    }

    #[allow(clippy::unused_self, reason = "Python calls it on an object")]
    fn __repr__(&self) -> &'static str {
        "<grantline.Client>"
    }
}

impl Client {
    fn end(&self, timeout: Option<Span>) -> grantline::Call<()> {
        match timeout {
            Some(Span(limit)) => self.0.shutdown_within(limit),
            None => self.0.shutdown(),
        }
    }
}

/// PEM is text that is often kept as bytes.
#[derive(FromPyObject)]
pub(crate) enum Pem {
    Text(String),
    Bytes(Vec<u8>),
}

impl Pem {
    pub(crate) fn into_bytes(self) -> Vec<u8> {
        match self {
            Self::Text(text) => text.into_bytes(),
            Self::Bytes(bytes) => bytes,
        }
    }
}

/// The client that an application works with: its own, or the one of the process, made on first use.
pub(crate) fn client_of(py: Python<'_>, own: Option<&Bound<'_, Client>>) -> PyResult<Arc<Lasting>> {
    match own {
        Some(client) => Ok(Arc::clone(&client.get().0)),
        None => shared(py),
    }
}

/// The process's own client. Its place is locked by who holds the GIL alone, and never while that may be released, so
/// that no fork finds it locked.
fn shared(py: Python<'_>) -> PyResult<Arc<Lasting>> {
    static SHARED: Mutex<Option<Arc<Lasting>>> = Mutex::new(None);
    let known = SHARED.lock().unwrap_or_else(PoisonError::into_inner).clone();
    if let Some(client) = known {
        return Ok(client);
    }
    let client = Lasting::new(py, py.detach(grantline::Client::new).map_err(raised)?);
    let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
    // Another thread may have come first.
    Ok(Arc::clone(shared.get_or_insert(client)))
}
