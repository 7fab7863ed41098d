//! What is known of servers: their metadata and their keys, fetched when they are needed and kept for a while.

mod cache;
mod fetch;

use std::sync::Arc;

use cache::{Cache, Need};

use crate::error::Error;
use crate::flow::Io;
use crate::jose::KeySet;
use crate::provider::{Metadata, Provider, Source};

/// By issuer.
#[derive(Default)]
pub(crate) struct Directory {
    metadata: Cache<Metadata>,
    keys: Cache<KeySet>,
}

/// The provider's metadata. Those that are known from here, or from the application, are not waited for.
pub(crate) async fn metadata(io: &Io, provider: &Provider) -> Result<Arc<Metadata>, Error> {
    match provider.source() {
        Source::Given(metadata) => Ok(Arc::clone(metadata)),
        Source::BuiltIn(metadata) => {
            let fetched = io.environment().directory.metadata.known(provider.issuer());
            Ok(fetched.unwrap_or_else(|| Arc::clone(metadata)))
        }
        Source::Discovered => discovered(io, provider).await,
    }
}

/// The provider's keys.
pub(crate) async fn keys(io: &Io, provider: &Provider) -> Result<Arc<KeySet>, Error> {
    fetched_keys(io, provider, Need::Good).await
}

/// The provider's keys, after `seen` had not the one that was looked for: fetched once more, if that was not done just
/// now. The same ones again: there are no others.
pub(crate) async fn other_keys(
    io: &Io,
    provider: &Provider,
    seen: &Arc<KeySet>,
) -> Result<Arc<KeySet>, Error> {
    fetched_keys(io, provider, Need::OtherThan(seen)).await
}

async fn fetched_keys(io: &Io, provider: &Provider, need: Need<'_, KeySet>) -> Result<Arc<KeySet>, Error> {
    let fetch = async || {
        let metadata = metadata_beside_keys(io, provider).await?;
        fetch::keys(io, metadata.jwks_uri()?).await
    };
    cache::obtain(io, |directory| &directory.keys, provider.issuer(), need, fetch).await
}

/// For keys the server is asked anyway: its own document is preferred to what is known of it from here.
async fn metadata_beside_keys(io: &Io, provider: &Provider) -> Result<Arc<Metadata>, Error> {
    match provider.source() {
        Source::BuiltIn(metadata) => {
            Ok(discovered(io, provider).await.unwrap_or_else(|_| Arc::clone(metadata)))
        }
        _ => self::metadata(io, provider).await,
    }
}

async fn discovered(io: &Io, provider: &Provider) -> Result<Arc<Metadata>, Error> {
    let fetch = async || fetch::metadata(io, provider.issuer()).await;
    cache::obtain(io, |directory| &directory.metadata, provider.issuer(), Need::Good, fetch).await
}
