//! The client that applications share.

use std::process;
use std::sync::{Mutex, PoisonError};

use pyo3::prelude::*;

use crate::arguments::Span;
use crate::error::raised;

/// What all applications of a process share: connections, and the tokens in memory.
///
/// Applications that are given none share one with the usual settings, so a client is only needed for settings of
/// one's own. It may be used from any number of threads and event loops.
///
/// `connect_timeout`: how long making a connection may take, as a `timedelta` or in seconds; 5 seconds unless set.
/// `http_timeout`: how long one request may take in all, from 2 to 10 seconds; 10 unless set.
/// `proxy`: the URL of a proxy for every request but those to loopback, instead of the system's settings.
/// `no_proxy`: use no proxy, whatever the system's settings say.
/// `root_certificates`: roots to trust besides the system's, in PEM.
///
/// Raises `MisuseError` (`invalid_client_setting`).
#[pyclass(frozen, module = "grantline")]
pub(crate) struct Client(grantline::Client);

#[pymethods]
impl Client {
    #[new]
    #[pyo3(signature = (*, connect_timeout=None, http_timeout=None, proxy=None, no_proxy=false, root_certificates=None))]
    fn new(
        py: Python<'_>,
        connect_timeout: Option<Span>,
        http_timeout: Option<Span>,
        proxy: Option<String>,
        no_proxy: bool,
        root_certificates: Option<Pem>,
    ) -> PyResult<Self> {
        let mut builder = grantline::Client::builder();
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
        py.detach(|| builder.build()).map(Self).map_err(raised)
    }

    #[allow(clippy::unused_self, reason = "Python calls it on an object")]
    fn __repr__(&self) -> &'static str {
        "<grantline.Client>"
    }
}

/// PEM is text that is often kept as bytes.
#[derive(FromPyObject)]
enum Pem {
    Text(String),
    Bytes(Vec<u8>),
}

impl Pem {
    fn into_bytes(self) -> Vec<u8> {
        match self {
            Self::Text(text) => text.into_bytes(),
            Self::Bytes(bytes) => bytes,
        }
    }
}

/// The process's own client: a forked child makes another, since a client's thread stays with the parent.
fn shared() -> Result<grantline::Client, grantline::Error> {
    static SHARED: Mutex<Option<(u32, grantline::Client)>> = Mutex::new(None);
    let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
    match shared.as_ref() {
        Some((process, client)) if *process == process::id() => Ok(client.clone()),
        _ => {
            let client = grantline::Client::new()?;
            *shared = Some((process::id(), client.clone()));
            Ok(client)
        }
    }
}

/// The client that an application works with: its own, or the one of the process, made on first use.
pub(crate) fn client_of(py: Python<'_>, own: Option<&Bound<'_, Client>>) -> PyResult<grantline::Client> {
    match own {
        Some(client) => Ok(client.get().0.clone()),
        None => py.detach(shared).map_err(raised),
    }
}
