//! Waiting in asyncio.
//!
//! An `async fn` of a class becomes PyO3's own coroutine: the event loop that awaits it polls the [`Call`], and
//! cancelling the task drops it. So it works under any loop of asyncio's kind, in any number of threads, and needs
//! no runtime; pyo3-async-runtimes would start a second tokio runtime beside the driver's, only to poll there.
//!
//! What is added here is who wakes the loop. PyO3's waker takes the GIL, and the driver's thread must not: Python
//! code may keep the GIL for long, and nothing would be sent or saved meanwhile. One thread of its own does it
//! instead. It also lets the interpreter end: it is stopped before finalization, after which no thread may ask for
//! the GIL.

use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, JoinHandle};

use grantline::Call;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;

use crate::error::raised;

/// The outcome of a call, for a coroutine. One that is known at once wakes nobody.
pub(crate) async fn outcome<T: Unpin>(mut call: Call<T>) -> PyResult<T> {
    poll_fn(|context| {
        let known = Pin::new(&mut call).poll(&mut Context::from_waker(Waker::noop()));
        if let Poll::Ready(outcome) = known {
            return Poll::Ready(outcome.map_err(raised));
        }
        let waker = match Python::attach(Herald::get) {
            Ok(herald) => herald.waker(context.waker()),
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
    thread: Mutex<Option<JoinHandle<()>>>,
}

static HERALD: PyOnceLock<Herald> = PyOnceLock::new();

impl Herald {
    fn get(py: Python<'_>) -> PyResult<&'static Self> {
        HERALD.get_or_try_init(py, || {
            let stop = wrap_pyfunction!(stop_herald, py)?;
            py.import("atexit")?.call_method1("register", (stop,))?;
            let (sender, receiver) = channel();
            let thread = thread::Builder::new()
                .name("grantline-asyncio".to_owned())
                .spawn(move || wake_all(&receiver))?;
            Ok(Self { sender, thread: Mutex::new(Some(thread)) })
        })
    }

    fn waker(&self, of_loop: &Waker) -> Waker {
        Waker::from(Arc::new(Errand { sender: self.sender.clone(), of_loop: of_loop.clone() }))
    }
}

/// Runs before the interpreter is finalized.
#[pyfunction]
fn stop_herald(py: Python<'_>) {
    let Some(herald) = HERALD.get(py) else { return };
    // It fails only if the thread has ended already.
    let _ = herald.sender.send(Message::Stop);
    let thread = herald.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
    // Without the GIL, which the thread may need for its last errand. It catches its panics, so it ends well.
    py.detach(|| thread.map(JoinHandle::join));
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
