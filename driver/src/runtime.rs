//! The thread that pumps: one per process, started on first use, never the caller's.
//!
//! A caller's runtime, event loop or scope may end at any time, and a refresh that was sent must still be saved.

use std::future::pending;
use std::sync::OnceLock;
use std::thread;

use grantline_core::{Error, Misuse};
use tokio::runtime::{Builder, Handle};

/// The runtime of that thread.
pub(crate) fn shared() -> Result<Handle, Error> {
    static RUNTIME: OnceLock<Result<Handle, String>> = OnceLock::new();
    let started = RUNTIME.get_or_init(|| start().map_err(|error| error.to_string()));
    started.clone().map_err(|why| Misuse::InvalidClientSetting { setting: "runtime", why }.into())
}

fn start() -> std::io::Result<Handle> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let handle = runtime.handle().clone();
    thread::Builder::new().name("grantline".to_owned()).spawn(move || runtime.block_on(pending::<()>()))?;
    Ok(handle)
}
