//! The client that applications share.

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;

use crate::arguments::Span;
use crate::error::raised;

/// What all applications of a process share: connections, and the tokens in memory.
///
/// Applications that are given none share one with the usual settings, so a client is only needed for settings of
/// one's own. It may be used from any number of threads and event loops.
///
/// `connect_timeout`: how long making a connection may take, as a `timedelta` or in seconds; 5 seconds unless set.
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
    #[pyo3(signature = (*, connect_timeout=None, proxy=None, no_proxy=false, root_certificates=None))]
    fn new(
        py: Python<'_>,
        connect_timeout: Option<Span>,
        proxy: Option<String>,
        no_proxy: bool,
        root_certificates: Option<Pem>,
    ) -> PyResult<Self> {
        let mut builder = grantline::Client::builder();
        if let Some(Span(limit)) = connect_timeout {
            builder = builder.connect_timeout(limit);
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

/// The client that an application works with: its own, or the one of the process, made on first use.
pub(crate) fn client_of(py: Python<'_>, own: Option<&Bound<'_, Client>>) -> PyResult<grantline::Client> {
    static SHARED: PyOnceLock<grantline::Client> = PyOnceLock::new();
    match own {
        Some(client) => Ok(client.get().0.clone()),
        None => SHARED.get_or_try_init(py, || py.detach(grantline::Client::new).map_err(raised)).cloned(),
    }
}
