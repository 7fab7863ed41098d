//! What went wrong, by what has to be done.

use std::error::Error;
use std::io;

use grantline_core::{StoreFailure, StoreFailureKind};

use crate::stores::kept::Broke;

pub(super) fn broke(error: &tokio_postgres::Error) -> Broke {
    let Some(answer) = error.as_db_error() else {
        return without_answer(error);
    };
    let code = answer.code().code();
    // Not its detail, which may quote a row.
    let failure = StoreFailure::new(kind(code), format!("{} ({code})", answer.message()));
    Broke { failure, connection: is_of_no_more_use(code) }
}

/// Whether another statement with the same aim may pass: somebody else was faster.
pub(super) fn is_conflict(error: &tokio_postgres::Error) -> bool {
    matches!(error.code().map(tokio_postgres::error::SqlState::code), Some("40001" | "40P01"))
}

fn without_answer(error: &tokio_postgres::Error) -> Broke {
    let kind = if error.source().is_some_and(is_refusal) {
        StoreFailureKind::Denied
    } else if error.source().is_some_and(<dyn Error>::is::<io::Error>) || error.is_closed() {
        StoreFailureKind::Unavailable
    } else {
        StoreFailureKind::Misbehaved
    };
    let detail = error.source().map_or_else(|| error.to_string(), |source| format!("{error}: {source}"));
    Broke { failure: StoreFailure::new(kind, detail), connection: true }
}

/// Waiting does not help: a certificate that is not trusted, a server without TLS, a password that is not there.
fn is_refusal(source: &(dyn Error + 'static)) -> bool {
    let inner = source.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
    let text = source.to_string();
    inner.is_some_and(<dyn Error + Send + Sync>::is::<rustls::Error>)
        || ["server does not support TLS", "password missing", "user missing"].contains(&text.as_str())
        || text.starts_with("unsupported authentication method")
}

/// By the server's SQLSTATE.
fn kind(code: &str) -> StoreFailureKind {
    match (code, code.get(..2).unwrap_or_default()) {
        ("53100" | "53400", _) => StoreFailureKind::Full,
        // Not permitted, read-only, no such database or schema; and authorization of any kind.
        ("42501" | "25006" | "3D000" | "3F000", _) | (_, "28") => StoreFailureKind::Denied,
        // Damaged pages; tables and columns that are not there, or not what they were.
        ("XX001" | "XX002" | "42P01" | "42703" | "42804" | "42883", _) => StoreFailureKind::Damaged,
        // Connections, transactions, resources, locks, shutdowns and interruptions, the system.
        (_, "08" | "25" | "40" | "53" | "55" | "57" | "58") => StoreFailureKind::Unavailable,
        _ => StoreFailureKind::Misbehaved,
    }
}

/// The server ends the session; or it is no longer the one that writes, and the address leads elsewhere by now.
fn is_of_no_more_use(code: &str) -> bool {
    code.starts_with("08") || code.starts_with("57P") || code == "25006"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_brought_about_in_a_test_is_told_by_its_code() {
        for (code, due) in [
            ("53100", StoreFailureKind::Full),
            ("53300", StoreFailureKind::Unavailable),
            ("28000", StoreFailureKind::Denied),
            ("57P01", StoreFailureKind::Unavailable),
            ("58030", StoreFailureKind::Unavailable),
            ("XX001", StoreFailureKind::Damaged),
            ("22021", StoreFailureKind::Misbehaved),
            ("", StoreFailureKind::Misbehaved),
        ] {
            assert_eq!(kind(code), due, "{code}");
        }
    }
}
