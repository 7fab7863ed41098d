//! One error of each code, for documents and tests.

use std::time::Duration;

use serde_json::Map;

use super::{Advice, Endpoint, Error, Misuse, ServerError, SessionError, Transport, Unsupported, Violation};
use crate::http::{HttpFailure, HttpFailureKind, Sent};
use crate::store::{StoreFailure, StoreFailureKind};

/// One error of each code that is ours. Those of servers come as they are.
#[doc(hidden)]
pub fn samples() -> Vec<Error> {
    let reasons = Violation::samples().into_iter().map(Error::Violation);
    let reasons = reasons.chain(Misuse::samples().into_iter().map(Error::Misuse));
    let reasons = reasons.chain(Unsupported::samples().into_iter().map(Error::Unsupported));
    reasons.chain(transport()).chain(sessions()).chain(stores()).chain(others()).collect()
}

fn transport() -> impl Iterator<Item = Error> {
    use HttpFailureKind::{BodyTooLarge, Connect, ConnectionLost, Dns, NotHttp, NotPerformed, TimedOut, Tls};
    let kinds = [Dns, Connect, Tls, TimedOut, ConnectionLost, BodyTooLarge, NotHttp, NotPerformed];
    kinds.into_iter().map(|kind| {
        let failure = HttpFailure { kind, sent: Sent::CertainlyNot, detail: "...".to_owned() };
        Error::Transport(Transport { to: "https://...".to_owned(), failure })
    })
}

fn sessions() -> impl Iterator<Item = Error> {
    use SessionError::{Ended, NoRefreshToken, RefreshOutcomeUnknown, Unknown};
    [Unknown, Ended, RefreshOutcomeUnknown, NoRefreshToken].into_iter().map(Error::Session)
}

fn stores() -> impl Iterator<Item = Error> {
    use StoreFailureKind::{Damaged, Denied, Full, Misbehaved, TooNew, Unavailable};
    let kinds = [Unavailable, Full, Denied, Damaged, TooNew, Misbehaved];
    kinds.into_iter().map(|kind| Error::Store(StoreFailure::new(kind, "...")))
}

fn others() -> impl Iterator<Item = Error> {
    let refused = ServerError {
        endpoint: Endpoint::Token,
        status: Some(400),
        error: "a code of the server's that is none of one word".to_owned(),
        description: None,
        uri: None,
        members: Map::new(),
        advice: Advice::AskAdministrator,
        hint: None,
    };
    let cause = Box::new(Error::Cancelled);
    let resting = Error::Resting { issuer: "https://...".to_owned(), after: Duration::from_secs(1), cause };
    [Error::Server(Box::new(refused)), resting, Error::Cancelled, Error::Internal("...")].into_iter()
}
