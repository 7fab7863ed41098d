//! The thread that pumps: one per process, started on first use, never the caller's.
//!
//! A caller's runtime, event loop or scope may end at any time, and a refresh that was sent must still be saved.

use std::future::pending;
use std::sync::{Arc, Mutex};
use std::thread;

use arc_swap::ArcSwapOption;
use grantline_core::{Error, Misuse};
use tokio::runtime::{Builder, Handle};

use crate::fork::Process;
use crate::mutex::lock;

/// The place of that thread's runtime. Its lock is used by this process only: the one of a parent may be locked for
/// ever.
struct Own {
    process: Process,
    runtime: Mutex<Option<Handle>>,
}

static OWN: ArcSwapOption<Own> = ArcSwapOption::const_empty();

/// The runtime of this process.
pub(crate) fn shared() -> Result<Handle, Error> {
    let own = own();
    let mut runtime = lock(&own.runtime);
    if let Some(running) = &*runtime {
        return Ok(running.clone());
    }
    let started = start()
        .map_err(|error| Misuse::InvalidClientSetting { setting: "runtime", why: error.to_string() })?;
    Ok(runtime.insert(started).clone())
}

fn own() -> Arc<Own> {
    let process = Process::current();
    loop {
        let current = OWN.load_full();
        match &current {
            Some(own) if own.process == process => return Arc::clone(own),
            _ => {
                let own = Arc::new(Own { process, runtime: Mutex::default() });
                OWN.compare_and_swap(&current, Some(own));
            }
        }
    }
}

fn start() -> std::io::Result<Handle> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let handle = runtime.handle().clone();
    thread::Builder::new().name("grantline".to_owned()).spawn(move || runtime.block_on(pending::<()>()))?;
    Ok(handle)
}
