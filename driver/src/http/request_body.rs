//! A request body that leaves once at most, and from which it is known whether it left.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};

use grantline_core::{SecretBytes, Sent};
use hyper::body::{Body, Bytes, Frame, SizeHint};

/// Whether a request can have reached the server, decided once by whoever comes first: the connection that asks
/// for the body, or the performer that gives up.
///
/// hyper asks for the body when the request's turn on an open connection has come, and writes nothing before.
/// Until then it may move the request to another connection (`retry_canceled_requests`), which is no resend.
#[derive(Clone, Debug, Default)]
pub(super) struct Departure(Arc<OnceLock<Sent>>);

impl Departure {
    /// The body to be sent, which settles this departure.
    pub(super) fn body(&self, bytes: SecretBytes) -> reqwest::Body {
        reqwest::Body::wrap(OneShotBody { bytes: Some(bytes), departure: self.clone() })
    }

    /// Nothing will tell when a request without a body is written, so it may have been.
    pub(super) fn without_body(&self) {
        self.decide(Sent::Maybe);
    }

    /// The performer gives up: a body that has not left yet stays here.
    pub(super) fn verdict(&self) -> Sent {
        self.decide(Sent::CertainlyNot)
    }

    fn decide(&self, sent: Sent) -> Sent {
        *self.0.get_or_init(|| sent)
    }
}

struct OneShotBody {
    bytes: Option<SecretBytes>,
    departure: Departure,
}

impl Body for OneShotBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        let Some(bytes) = self.bytes.take() else { return Poll::Ready(None) };
        Poll::Ready(Some(match self.departure.decide(Sent::Maybe) {
            Sent::Maybe => Ok(Frame::data(Bytes::from_owner(Exposed(bytes)))),
            Sent::CertainlyNot => Err(io::Error::other("the request was given up")),
        }))
    }

    fn is_end_stream(&self) -> bool {
        self.size_hint().exact() == Some(0)
    }

    fn size_hint(&self) -> SizeHint {
        let left = self.bytes.as_ref().map_or(0, |bytes| bytes.expose_secret().len());
        SizeHint::with_exact(left as u64)
    }
}

/// Lends the secret to the connection without a copy; it is wiped when the connection is done with it.
struct Exposed(SecretBytes);

impl AsRef<[u8]> for Exposed {
    fn as_ref(&self) -> &[u8] {
        self.0.expose_secret()
    }
}
