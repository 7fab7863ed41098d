//! Waiting in asyncio.
//!
//! An `async fn` of a class becomes PyO3's own coroutine: the event loop that awaits it polls the [`Call`], and
//! cancelling the task drops it. So it works under any loop of asyncio's kind, in any number of threads, and needs
//! no runtime; pyo3-async-runtimes would start a second tokio runtime beside the driver's, only to poll there.
//!
//! What is added here is who wakes the loop. PyO3's waker takes the GIL, and the driver's thread must not: Python
//! code may keep the GIL for long, and nothing would be sent or saved meanwhile. One thread of its own does it
//! instead. It also lets the interpreter end: it is stopped before finalization, after which no thread may ask for
//! the GIL. A forked child, which has no such thread, starts another.

use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, JoinHandle};

use grantline::Call;
use grantline::fork::Owned;
use pyo3::prelude::*;

use crate::error::raised;

/// The outcome of a call, for a coroutine. One that is known at once wakes nobody.
pub(crate) async fn outcome<T: Unpin>(mut call: Call<T>) -> PyResult<T> {
    poll_fn(|context| {
        let known = Pin::new(&mut call).poll(&mut Context::from_waker(Waker::noop()));
        if let Poll::Ready(outcome) = known {
            return Poll::Ready(outcome.map_err(raised));
        }
        let waker = match Python::attach(|_| waker(context.waker())) {
            Ok(waker) => waker,
            Err(error) => return Poll::Ready(Err(error)),
        };
        Pin::new(&mut call).poll(&mut Context::from_waker(&waker)).map(|outcome| outcome.map_err(raised))
    })
    .await
}

enum Message {
    Wake(Waker),
    Stop,
}

/// The thread that wakes event loops. It starts with the first wait.
struct Herald {
    sender: Sender<Message>,
    thread: JoinHandle<()>,
}

/// The lock is taken by who holds the GIL alone, and the GIL is not released under it: so no fork finds it taken.
static HERALD: Mutex<Owned<Herald>> = Mutex::new(Owned::nothing());

fn herald() -> MutexGuard<'static, Owned<Herald>> {
    HERALD.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A waker for the driver, that has the herald call the one of an event loop.
fn waker(of_loop: &Waker) -> PyResult<Waker> {
    let sender = herald().get_or_try_make(Herald::start)?.sender.clone();
    Ok(Waker::from(Arc::new(Errand { sender, of_loop: of_loop.clone() })))
}

/// Ends the thread, since the interpreter is about to be finalized.
pub(crate) fn stop(py: Python<'_>) {
    let running = herald().take();
    if let Some(herald) = running {
        // It fails only if the thread has ended already.
        let _ = herald.sender.send(Message::Stop);
        // Without the GIL, which the thread may need for its last errand. It catches its panics, so it ends well.
        py.detach(|| drop(herald.thread.join()));
    }
}

impl Herald {
    fn start() -> PyResult<Self> {
        let (sender, receiver) = channel();
        let thread = thread::Builder::new().name("grantline-asyncio".to_owned());
        let thread = thread.spawn(move || wake_all(&receiver))?;
        Ok(Self { sender, thread })
    }
}

fn wake_all(receiver: &Receiver<Message>) {
    while let Ok(Message::Wake(waker)) = receiver.recv() {
        // PyO3's waker panics where a loop refuses `call_soon_threadsafe` although it is not closed. That is the
        // trouble of this loop, not of the others.
        let _ = catch_unwind(AssertUnwindSafe(|| waker.wake()));
    }
}

struct Errand {
    sender: Sender<Message>,
    of_loop: Waker,
}

impl Wake for Errand {
    fn wake(self: Arc<Self>) {
        // It fails only once the interpreter ends, and then nobody waits.
        let _ = self.sender.send(Message::Wake(self.of_loop.clone()));
    }
}
