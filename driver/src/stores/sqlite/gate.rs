//! Forks. SQLite notes in the memory of a process which locks it holds on a file, for all connections together, and a
//! forked child inherits the notes but not the locks. It would go on without any, and its database would be damaged
//! ("How To Corrupt An SQLite Database File", section 2.6).
//!
//! So a process does not fork while a connection is at work, and a child closes what it inherited, which then is at
//! rest, before it opens anything. That gives back notes, not locks: those are its parent's.
//!
//! One lock it does inherit: that of its parent as a holder of leases. It would keep it after the parent's death, so it lets
//! go of it at once.

#[cfg(unix)]
use std::cell::RefCell;
#[cfg(unix)]
use std::sync::RwLockWriteGuard;
#[cfg(unix)]
use std::sync::atomic::AtomicBool;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard, Weak};

#[cfg(unix)]
use grantline_core::StoreFailureKind;

use super::failure::Trouble;
use crate::fork::Process;
use crate::mutex::lock;

/// What is open, where a child finds what it inherited. `None`: it has been closed.
pub(super) type Shared<T> = Arc<Mutex<Option<T>>>;

/// What a forked child inherits.
pub(super) trait Inherited: Send + 'static {
    /// Gives up the lock that says that its owner lives. Called by a handler in the child, where little is allowed: it only
    /// closes files.
    fn let_go(&mut self);
}

/// Of any kind.
trait Open: Send + Sync {
    #[cfg_attr(not(unix), allow(dead_code, reason = "there is no fork"))]
    fn let_go(&self);
    fn close(&self);
}

impl<T: Inherited> Open for Mutex<Option<T>> {
    fn let_go(&self) {
        // Nobody was at work with it when the process forked.
        if let Ok(mut open) = self.try_lock()
            && let Some(open) = open.as_mut()
        {
            open.let_go();
        }
    }

    fn close(&self) {
        drop(lock(self).take());
    }
}

/// Whoever works with SQLite holds it for reading, and who forks for writing.
static GATE: RwLock<()> = RwLock::new(());

static OPEN: Mutex<Vec<Opened>> = Mutex::new(Vec::new());

struct Opened {
    by: Process,
    what: Weak<dyn Open>,
}

/// The process whose own connections are the only ones.
static CLEAN: AtomicU32 = AtomicU32::new(0);

/// Works with SQLite: until the guard is dropped, nobody forks.
pub(super) fn enter() -> RwLockReadGuard<'static, ()> {
    let guard = GATE.read().unwrap_or_else(PoisonError::into_inner);
    let process = Process::current();
    if CLEAN.load(Ordering::Acquire) != process.0 {
        close_inherited(process);
    }
    guard
}

/// Makes what was opened known to children.
pub(super) fn register<T: Inherited>(shared: &Shared<T>) {
    let shared: Arc<dyn Open> = Arc::clone(shared) as Arc<dyn Open>;
    let mut open = lock(&OPEN);
    open.retain(|opened| opened.what.strong_count() > 0);
    open.push(Opened { by: Process::current(), what: Arc::downgrade(&shared) });
}

fn close_inherited(process: Process) {
    let mut open = lock(&OPEN);
    for inherited in open.extract_if(.., |opened| opened.by != process) {
        if let Some(inherited) = inherited.what.upgrade() {
            inherited.close();
        }
    }
    CLEAN.store(process.0, Ordering::Release);
}

/// From now on forks wait for whoever is at work.
///
/// It takes no lock that a child could find locked for ever. A second thread that comes here meanwhile goes on at once.
#[cfg(unix)]
pub(super) fn watch() -> Result<(), Trouble> {
    static WATCHED: AtomicBool = AtomicBool::new(false);

    if WATCHED.swap(true, Ordering::AcqRel) {
        return Ok(());
    }
    #[allow(unsafe_code, reason = "the handlers only lock, unlock and close, in the thread that forks")]
    let refused = unsafe { libc::pthread_atfork(Some(before), Some(after), Some(in_the_child)) };
    if refused != 0 {
        WATCHED.store(false, Ordering::Release);
        let detail = "the operating system takes no handler for forks";
        return Err(Trouble::Found(StoreFailureKind::Unavailable, detail));
    }
    Ok(())
}

/// There is no fork on this system.
#[cfg(not(unix))]
#[allow(clippy::unnecessary_wraps, reason = "elsewhere it can fail")]
pub(super) fn watch() -> Result<(), Trouble> {
    Ok(())
}

#[cfg(unix)]
thread_local! {
    /// What the thread that forks holds meanwhile; in the child it is that thread that goes on.
    static HELD: RefCell<Option<RwLockWriteGuard<'static, ()>>> = const { RefCell::new(None) };
}

#[cfg(unix)]
extern "C" fn before() {
    // A thread that forks while it is being torn down forks without waiting.
    let _ =
        HELD.try_with(|held| *held.borrow_mut() = Some(GATE.write().unwrap_or_else(PoisonError::into_inner)));
}

#[cfg(unix)]
extern "C" fn after() {
    let _ = HELD.try_with(|held| drop(held.borrow_mut().take()));
}

#[cfg(unix)]
extern "C" fn in_the_child() {
    // All of it is the parent's, and all of its owners are alive for ever here: nothing is freed.
    if let Ok(open) = OPEN.try_lock() {
        open.iter().filter_map(|opened| opened.what.upgrade()).for_each(|inherited| inherited.let_go());
    }
    after();
}
