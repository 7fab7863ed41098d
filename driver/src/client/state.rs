//! What a client is behind its handles: its settings, and the pump of this process.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;

use arc_swap::ArcSwap;
use grantline_core::{Error, LoginApp, Misuse, Operation, Rescue, Settings};
use tokio::runtime::Handle;
use tokio::sync::watch;

use crate::clock;
use crate::fork::{self, Owned, Process};
use crate::http::{HttpOptions, Performer};
use crate::outside::Outside;
use crate::pump::{End, Http, NEVER, Pump};
use crate::runtime;
use crate::stores::Store;

/// What the pump of each process is made of.
#[derive(Debug)]
pub(super) struct Options {
    pub(super) settings: Settings,
    pub(super) http: HttpOptions,
    pub(super) http_outside: bool,
}

/// One client. Its handles share it.
pub(crate) struct ClientState {
    options: Options,
    serving: ArcSwap<Serving>,
    /// The process that tokens in memory are handed out in; [`CLOSED`] after the end. It only grows.
    open_in: AtomicU32,
}

/// No process has this number.
const CLOSED: u32 = u32::MAX;

enum Serving {
    Open(Arc<Pump>),
    Closed(Closed),
}

/// A client that was shut down. Its pump goes on by itself for what was sent, and leaves word of how it ended.
#[derive(Clone)]
struct Closed {
    process: Process,
    pump: Weak<Pump>,
    /// Not where it was closed in a forked child, whose parent's pump it is.
    end: Option<Arc<Owned<watch::Receiver<Option<End>>>>>,
}

impl ClientState {
    pub(super) fn open(options: Options, store: Store, runtime: Option<Handle>) -> Result<Self, Error> {
        fork::watch()?;
        let pump = options.pump(store, runtime)?;
        let open_in = AtomicU32::new(pump.process().0);
        Ok(Self { options, serving: ArcSwap::from_pointee(Serving::Open(pump)), open_in })
    }

    /// Whether a token that was put into memory in that process may be handed out from there.
    pub(crate) fn is_open_in(&self, process: Process) -> bool {
        process.is_current() && self.open_in.load(Ordering::Relaxed) == process.0
    }

    /// The pump of this process. A forked child makes its own on first use.
    ///
    /// Errors: `client_closed`; in a child, whatever keeps the store from being opened.
    pub(crate) fn pump(&self) -> Result<Arc<Pump>, Error> {
        loop {
            let serving = self.serving.load_full();
            match &*serving {
                Serving::Closed(_) => return Err(Misuse::ClientClosed.into()),
                Serving::Open(pump) if pump.process().is_current() => return Ok(Arc::clone(pump)),
                Serving::Open(of_parent) => self.begin_in_child(&serving, of_parent)?,
            }
        }
    }

    /// Looks after the sessions whose refresh was begun by a process that is gone, while the server may still take the
    /// old refresh token again. What comes of it is told by events; a store that fails is told to who asks for a token.
    pub(crate) fn rescue_sessions(&self, app: &LoginApp) {
        let Ok(pump) = self.pump() else { return };
        if pump.store.outlives_the_process() {
            for when in [Rescue::AtOnce, Rescue::OnceLeasesHaveEnded] {
                let _ = pump.begin(Operation::RescueSessions { app: app.clone(), when });
            }
        }
    }

    /// Two threads may come here at once: the pump of one of them is used, and the other's ends.
    fn begin_in_child(&self, serving: &Arc<Serving>, of_parent: &Pump) -> Result<(), Error> {
        let store = of_parent.store.reopen().map_err(Error::Store)?;
        // A runtime that was handed in has stayed with the parent.
        let pump = self.options.pump(store, None)?;
        if self.replace(serving, Serving::Open(Arc::clone(&pump))) {
            self.open_in.fetch_max(pump.process().0, Ordering::Relaxed);
        } else {
            pump.close(NEVER);
        }
        Ok(())
    }

    fn replace(&self, old: &Arc<Serving>, new: Serving) -> bool {
        let found = self.serving.compare_and_swap(old, Arc::new(new));
        Arc::ptr_eq(&found, old)
    }

    /// Refuses new calls, and gives up what still runs after so long. `None`: there is nothing to wait for, since it
    /// runs in the parent of a forked child.
    pub(super) fn close(&self, limit: Duration) -> Option<watch::Receiver<Option<End>>> {
        self.open_in.fetch_max(CLOSED, Ordering::Relaxed);
        let closed = self.closed();
        if let Some(pump) = closed.pump_of_this_process() {
            pump.close(clock::now().boot.plus(limit));
        }
        closed.end.as_deref().and_then(Owned::get).cloned()
    }

    fn closed(&self) -> Closed {
        loop {
            let serving = self.serving.load_full();
            let closed = match &*serving {
                Serving::Open(pump) => Closed::of(pump),
                Serving::Closed(closed) => return closed.clone(),
            };
            if self.replace(&serving, Serving::Closed(closed.clone())) {
                return closed;
            }
        }
    }

    /// The pump that replies belong to: also one that is closing.
    pub(super) fn pump_for_replies(&self) -> Option<Arc<Pump>> {
        match &**self.serving.load() {
            Serving::Closed(closed) => closed.pump_of_this_process(),
            Serving::Open(_) => self.pump().ok(),
        }
    }
}

impl Closed {
    fn of(pump: &Arc<Pump>) -> Self {
        let process = pump.process();
        let end = process.is_current().then(|| Arc::new(Owned::new(pump.end())));
        Self { process, pump: Arc::downgrade(pump), end }
    }

    fn pump_of_this_process(&self) -> Option<Arc<Pump>> {
        self.process.is_current().then(|| self.pump.upgrade()).flatten()
    }
}

impl Options {
    fn pump(&self, store: Store, runtime: Option<Handle>) -> Result<Arc<Pump>, Error> {
        let http = match self.http_outside {
            true => Http::Outside(Arc::new(Outside::default())),
            false => Http::Inside(Performer::new(&self.http)?),
        };
        let runtime = runtime.map_or_else(runtime::shared, Ok)?;
        Pump::start(&self.settings, http, store, runtime)
    }
}

/// The last handle is gone: what was sent is waited for by the pump itself.
impl Drop for ClientState {
    fn drop(&mut self) {
        if let Serving::Open(pump) = &**self.serving.load()
            && pump.process().is_current()
        {
            pump.close(NEVER);
        }
    }
}
