//! Which process this is: a forked child has its parent's memory, and of its threads only the one that forked.
//!
//! What other threads did at that moment stays half done in the child: locks that they held, their runtimes, their
//! connections. So whatever belongs to another process is neither locked nor closed here; it is made anew.
//!
//! For grantline's own bindings: an application has handles that do this by themselves.

use std::fmt;
#[cfg(unix)]
use std::sync::atomic::AtomicBool;
use std::sync::atomic::{AtomicU32, Ordering};

use grantline_core::Error;

static GENERATION: AtomicU32 = AtomicU32::new(0);

/// A process: two are equal only if no fork is between them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Process(pub(crate) u32);

impl Process {
    /// This one, as long as [`watch`] was called before any fork that matters. One load, where `getpid` is a system
    /// call.
    pub fn current() -> Self {
        Self(GENERATION.load(Ordering::Relaxed))
    }

    /// Whether it is this one: no fork came between.
    pub fn is_current(self) -> bool {
        self == Self::current()
    }
}

/// Something of the process that it was made in. A forked child has it not, and does not drop it.
pub struct Owned<T> {
    process: Process,
    value: Option<T>,
}

impl<T> Owned<T> {
    /// Nothing yet: for a `static`.
    pub const fn nothing() -> Self {
        Self { process: Process(0), value: None }
    }

    /// This process's own.
    pub fn new(value: T) -> Self {
        Self { process: Process::current(), value: Some(value) }
    }

    /// The value, where it was made.
    pub fn get(&self) -> Option<&T> {
        self.value.as_ref().filter(|_| self.process.is_current())
    }

    /// The value, where it was made.
    pub fn get_mut(&mut self) -> Option<&mut T> {
        self.value.as_mut().filter(|_| self.process.is_current())
    }

    /// The value, made now if this process has none.
    ///
    /// Errors: those of `make`.
    pub fn get_or_try_make<E>(&mut self, make: impl FnOnce() -> Result<T, E>) -> Result<&T, E> {
        let value = match self.take() {
            Some(value) => value,
            None => make()?,
        };
        // What a parent left there is leaked by the drop.
        *self = Self { process: Process::current(), value: None };
        Ok(self.value.insert(value))
    }

    /// The value, out of here, where it was made.
    pub fn take(&mut self) -> Option<T> {
        let process = self.process;
        self.value.take_if(|_| process.is_current())
    }
}

impl<T> fmt::Debug for Owned<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Owned").field("process", &self.process).finish_non_exhaustive()
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
/// Errors: the operating system takes no handler.
///
/// It takes no lock, which a child could find locked for ever. Two threads may both get here first: then a fork counts
/// twice, which is as good.
#[cfg(unix)]
pub fn watch() -> Result<(), Error> {
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
///
/// Errors: none.
#[cfg(not(unix))]
#[allow(clippy::unnecessary_wraps, reason = "elsewhere it can fail")]
pub fn watch() -> Result<(), Error> {
    Ok(())
}
