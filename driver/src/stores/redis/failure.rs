//! What went wrong, by what has to be done.

use std::error::Error;
use std::io;
use std::sync::Arc;

use grantline_core::{StoreFailure, StoreFailureKind};
use redis::{ErrorKind, RedisError, ServerErrorKind};

use crate::stores::kept::Broke;

/// Redis says what is wrong in the first word of an error. Before its version 7, an error within a script has
/// that word further back.
const WORDS: [(&str, StoreFailureKind); 12] = [
    ("NOAUTH", StoreFailureKind::Denied),
    ("WRONGPASS", StoreFailureKind::Denied),
    ("NOPERM", StoreFailureKind::Denied),
    ("The user executing the script can't", StoreFailureKind::Denied),
    ("READONLY", StoreFailureKind::Denied),
    ("OOM", StoreFailureKind::Full),
    ("MISCONF", StoreFailureKind::Unavailable),
    ("NOREPLICAS", StoreFailureKind::Unavailable),
    ("BUSY", StoreFailureKind::Unavailable),
    ("CLUSTERDOWN", StoreFailureKind::Unavailable),
    ("WRONGTYPE", StoreFailureKind::Damaged),
    ("max number of clients reached", StoreFailureKind::Unavailable),
];

pub(super) fn broke(error: &RedisError) -> Broke {
    let failure = StoreFailure::new(kind(error), without_arguments(&error.to_string()));
    // After a failover the old server is a replica, and the address leads elsewhere.
    let is_replica = error.kind() == ErrorKind::Server(ServerErrorKind::ReadOnly);
    Broke { failure, connection: error.is_io_error() || error.is_unrecoverable_error() || is_replica }
}

/// What a server does not understand it repeats, the first arguments with it: names, and perhaps what was to be kept.
fn without_arguments(text: &str) -> &str {
    text.split(", with args").next().unwrap_or_default()
}

fn kind(error: &RedisError) -> StoreFailureKind {
    match error.kind() {
        ErrorKind::Io if is_refused_certificate(error) => StoreFailureKind::Denied,
        ErrorKind::AuthenticationFailed
        | ErrorKind::InvalidClientConfig
        | ErrorKind::Server(ServerErrorKind::ReadOnly | ServerErrorKind::NoPerm) => StoreFailureKind::Denied,
        ErrorKind::Io
        | ErrorKind::Server(
            ServerErrorKind::BusyLoading
            | ServerErrorKind::TryAgain
            | ServerErrorKind::ClusterDown
            | ServerErrorKind::MasterDown
            | ServerErrorKind::Moved
            | ServerErrorKind::Ask,
        ) => StoreFailureKind::Unavailable,
        _ => by_word(&error.to_string()),
    }
}

fn by_word(text: &str) -> StoreFailureKind {
    let known = WORDS.into_iter().find(|(word, _)| text.contains(word));
    known.map_or(StoreFailureKind::Misbehaved, |(_, kind)| kind)
}

/// Waiting does not make a certificate good.
fn is_refused_certificate(error: &RedisError) -> bool {
    let source = error.source().and_then(|source| source.downcast_ref::<Arc<dyn Error + Send + Sync>>());
    let source = source.and_then(|source| source.downcast_ref::<io::Error>());
    source.and_then(io::Error::get_ref).is_some_and(<dyn Error + Send + Sync>::is::<rustls::Error>)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_server_repeats_of_a_command_is_not_told() {
        let text = "An error was signalled by the server: unknown command 'EVALSHA', with args beginning with: 'anna' 'secret'";
        assert_eq!(
            without_arguments(text),
            "An error was signalled by the server: unknown command 'EVALSHA'"
        );
    }

    #[test]
    fn an_error_within_a_script_of_an_older_redis_is_told_by_its_word() {
        let text = "Error running script (call to f_0): @user_script:1: -OOM command not allowed";
        assert_eq!(by_word(text), StoreFailureKind::Full);
        assert_eq!(by_word("unknown command `EVALSHA`"), StoreFailureKind::Misbehaved);
    }
}
