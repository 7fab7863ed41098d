//! A sign of life on standard error for what takes over a second.

use std::pin::pin;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use grantline::{Call, Error};
use indicatif::ProgressBar;

/// What takes less says nothing.
const PATIENCE: Duration = Duration::from_secs(1);
const TICK: Duration = Duration::from_millis(120);

/// Waits for a call. `doing`: what is shown meanwhile, where standard error is a terminal.
pub(crate) fn wait<T: Unpin>(mut call: Call<T>, doing: &str) -> Result<T, Error> {
    if let Some(outcome) = call.wait_for(PATIENCE) {
        return outcome;
    }
    let _spinner = Spinner::start(doing);
    call.wait()
}

/// Waits for something else than a call, likewise.
pub(crate) async fn wait_for<T>(waiting: impl Future<Output = T>, doing: &str) -> T {
    let mut waiting = pin!(waiting);
    if let Ok(outcome) = tokio::time::timeout(PATIENCE, &mut waiting).await {
        return outcome;
    }
    let _spinner = Spinner::start(doing);
    waiting.await
}

/// Does what holds this thread, likewise.
pub(crate) fn while_doing<T>(work: impl FnOnce() -> T, doing: &'static str) -> T {
    let (working, done) = mpsc::channel::<()>();
    // Where the system gives no thread there is no sign, and the work is done all the same.
    let sign = thread::Builder::new().name("sign".to_owned()).spawn(move || {
        if done.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout) {
            let _spinner = Spinner::start(doing);
            let _ = done.recv();
        }
    });
    let outcome = work();
    drop(working);
    if let Ok(sign) = sign {
        // It has cleaned the terminal up before anything else is written there.
        let _ = sign.join();
    }
    outcome
}

/// Turns until it is dropped. Where standard error is no terminal, nothing is shown.
pub(crate) struct Spinner(ProgressBar);

impl Spinner {
    pub(crate) fn start(doing: &str) -> Self {
        let bar = ProgressBar::new_spinner().with_message(doing.to_owned());
        bar.enable_steady_tick(TICK);
        Self(bar)
    }
}

impl Drop for Spinner {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
