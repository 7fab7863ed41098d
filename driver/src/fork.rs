//! Which process this is: a forked child has its parent's memory, and of its threads only the one that forked.
//!
//! What other threads did at that moment stays half done in the child: locks that they held, their runtimes, their
//! connections. So whatever belongs to another process is neither locked nor closed here; it is made anew.

#[cfg(unix)]
use std::sync::atomic::AtomicBool;
use std::sync::atomic::{AtomicU32, Ordering};

use grantline_core::Error;

static GENERATION: AtomicU32 = AtomicU32::new(0);

/// A process: two are equal only if no fork is between them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Process(pub(crate) u32);

impl Process {
    /// This one, as long as [`watch`] was called before any fork that matters. One load, where `getpid` is a system
    /// call.
    pub(crate) fn current() -> Self {
        Self(GENERATION.load(Ordering::Relaxed))
    }

    pub(crate) fn is_current(self) -> bool {
        self == Self::current()
    }
}

/// Something of the process that it was made in. A forked child has it not, and does not drop it.
pub(crate) struct Owned<T> {
    process: Process,
    value: Option<T>,
}

impl<T> Owned<T> {
    pub(crate) fn new(value: T) -> Self {
        Self { process: Process::current(), value: Some(value) }
    }

    pub(crate) fn get(&self) -> Option<&T> {
        self.value.as_ref().filter(|_| self.process.is_current())
    }

    pub(crate) fn get_mut(&mut self) -> Option<&mut T> {
        self.value.as_mut().filter(|_| self.process.is_current())
    }
}

impl<T> Drop for Owned<T> {
    fn drop(&mut self) {
        if !self.process.is_current() {
            std::mem::forget(self.value.take());
        }
    }
}

/// From now on a forked child knows that it is one.
///
/// It takes no lock, which a child could find locked for ever. Two threads may both get here first: then a fork counts
/// twice, which is as good.
#[cfg(unix)]
pub(crate) fn watch() -> Result<(), Error> {
    static WATCHED: AtomicBool = AtomicBool::new(false);

    extern "C" fn in_the_child() {
        GENERATION.fetch_add(1, Ordering::Relaxed);
    }

    if WATCHED.load(Ordering::Acquire) {
        return Ok(());
    }
    #[allow(unsafe_code, reason = "the handler only adds to an atomic, which a forked child may do")]
    let refused = unsafe { libc::pthread_atfork(None, None, Some(in_the_child)) };
    match refused {
        0 => {
            WATCHED.store(true, Ordering::Release);
            Ok(())
        }
        _ => Err(Error::Internal("the operating system takes no handler for forks")),
    }
}

/// There is no fork on this system.
#[cfg(not(unix))]
#[allow(clippy::unnecessary_wraps, reason = "elsewhere it can fail")]
pub(crate) fn watch() -> Result<(), Error> {
    Ok(())
}
