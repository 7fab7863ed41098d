//! The thread that pumps: one per process, started on first use, never the caller's.
//!
//! A caller's runtime, event loop or scope may end at any time, and a refresh that was sent must still be saved.

use std::future::pending;
use std::sync::{Mutex, PoisonError};
use std::{process, thread};

use grantline_core::{Error, Misuse};
use tokio::runtime::{Builder, Handle};

/// The runtime of that thread, and the process that it runs in: a forked child has no threads but its own.
static RUNTIME: Mutex<Option<(u32, Handle)>> = Mutex::new(None);

/// The runtime of this process.
pub(crate) fn shared() -> Result<Handle, Error> {
    let mut runtime = RUNTIME.lock().unwrap_or_else(PoisonError::into_inner);
    match runtime.as_ref() {
        Some((process, handle)) if *process == process::id() => Ok(handle.clone()),
        _ => {
            let handle = start().map_err(|error| Misuse::InvalidClientSetting {
                setting: "runtime",
                why: error.to_string(),
            })?;
            *runtime = Some((process::id(), handle.clone()));
            Ok(handle)
        }
    }
}

fn start() -> std::io::Result<Handle> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let handle = runtime.handle().clone();
    thread::Builder::new().name("grantline".to_owned()).spawn(move || runtime.block_on(pending::<()>()))?;
    Ok(handle)
}
