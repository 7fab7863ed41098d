//! Questions to a store of the application, and its answers.

use std::sync::{Arc, Mutex, PoisonError};

use futures_channel::mpsc::{UnboundedReceiver, UnboundedSender, unbounded};
use futures_channel::oneshot;
use futures_util::StreamExt as _;
use futures_util::lock;
use grantline::core::StoreFailure;
use grantline::{Millis, Snapshot, Versioned};

/// What kind of failure a store's is, by what has to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum StoreFailureKind {
    /// It cannot be reached, is busy, or did not answer in time.
    Unavailable,
    /// There is no room left.
    Full,
    /// It may not be read or written.
    Denied,
    /// What it holds under that name is truncated or was changed.
    Damaged,
    /// What it holds was written by a newer release.
    TooNew,
    /// It raised something, or answered what does not fit the question.
    Misbehaved,
}

/// What a store is given to keep.
#[derive(Debug, uniffi::Object)]
pub struct StoredBytes(grantline::SecretBytes);

#[uniffi::export]
impl StoredBytes {
    /// The bytes themselves.
    pub fn expose_secret(&self) -> Vec<u8> {
        self.0.expose_secret().to_vec()
    }
}

impl StoredBytes {
    pub(super) fn new(bytes: grantline::SecretBytes) -> Arc<Self> {
        Arc::new(Self(bytes))
    }
}

/// What a store says.
#[derive(Debug)]
pub(super) enum Answer {
    Loaded(Option<grantline::SecretBytes>),
    Snapshot(Snapshot),
    Done,
    Decided(bool),
    Listed(Vec<String>),
}

/// What each question allows; anything else does not fit it.
impl Answer {
    pub(super) fn bytes(self) -> Result<Option<grantline::SecretBytes>, StoreFailure> {
        if let Self::Loaded(bytes) = self { Ok(bytes) } else { misfit() }
    }

    pub(super) fn snapshot(self) -> Result<Snapshot, StoreFailure> {
        if let Self::Snapshot(snapshot) = self { Ok(snapshot) } else { misfit() }
    }

    pub(super) fn done(self) -> Result<(), StoreFailure> {
        if let Self::Done = self { Ok(()) } else { misfit() }
    }

    pub(super) fn decision(self) -> Result<bool, StoreFailure> {
        if let Self::Decided(did) = self { Ok(did) } else { misfit() }
    }

    pub(super) fn names(self) -> Result<Vec<String>, StoreFailure> {
        if let Self::Listed(names) = self { Ok(names) } else { misfit() }
    }
}

type Told = Result<Answer, StoreFailure>;

/// Takes the one answer to a piece of work. Further ones, and those that nobody waits for any more, are ignored.
#[derive(Debug, uniffi::Object)]
pub struct StoreReply(Mutex<Option<oneshot::Sender<Told>>>);

#[uniffi::export]
impl StoreReply {
    /// To `BlobWork::Load`: what is there, if anything.
    pub fn loaded(&self, bytes: Option<Vec<u8>>) {
        self.tell(Ok(Answer::Loaded(bytes.map(grantline::SecretBytes::new))));
    }

    /// To `SharedWork::Load`, if something is there.
    pub fn loaded_version(&self, clock_ms: i64, version: String, bytes: Vec<u8>) {
        let bytes = grantline::SecretBytes::new(bytes);
        self.tell(snapshot(clock_ms, Some(Versioned { version, bytes })));
    }

    /// To `SharedWork::Load`, if nothing is there.
    pub fn loaded_nothing(&self, clock_ms: i64) {
        self.tell(snapshot(clock_ms, None));
    }

    /// To `Save`, and to `Delete` of a blob store.
    pub fn done(&self) {
        self.tell(Ok(Answer::Done));
    }

    /// To `Replace`, and to `Delete` of a shared store: whether it was still of that version.
    pub fn decided(&self, did: bool) {
        self.tell(Ok(Answer::Decided(did)));
    }

    /// To `List`.
    pub fn listed(&self, names: Vec<String>) {
        self.tell(Ok(Answer::Listed(names)));
    }

    /// To anything: that it was not done. `detail` is for a person and must hold no secret.
    pub fn failed(&self, kind: StoreFailureKind, detail: String) {
        self.tell(Err(StoreFailure::new(kind.into(), detail)));
    }
}

impl StoreReply {
    fn tell(&self, told: Told) {
        let sender = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(sender) = sender {
            // Whoever asked may have given up.
            drop(sender.send(told));
        }
    }
}

fn snapshot(clock_ms: i64, kept: Option<Versioned>) -> Told {
    match u64::try_from(clock_ms) {
        Ok(clock) => Ok(Answer::Snapshot(Snapshot { clock: Millis(clock), kept })),
        Err(_) => Err(misbehaved(format!("its clock stands at {clock_ms}: expected milliseconds from 0"))),
    }
}

fn misbehaved(detail: impl Into<String>) -> StoreFailure {
    StoreFailure::new(grantline::StoreFailureKind::Misbehaved, detail)
}

fn misfit<T>() -> Result<T, StoreFailure> {
    Err(misbehaved("the answer does not fit the question"))
}

/// Puts questions into a queue. The queue ends when the last of these is gone.
#[derive(Debug)]
pub(super) struct Asker<W>(UnboundedSender<W>);

impl<W> Clone for Asker<W> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<W> Asker<W> {
    /// Asks, and waits for the answer. `fits` takes what the question allows.
    pub(super) async fn ask<T>(
        &self,
        question: impl FnOnce(Arc<StoreReply>) -> W,
        fits: impl FnOnce(Answer) -> Result<T, StoreFailure>,
    ) -> Result<T, StoreFailure> {
        let (sender, receiver) = oneshot::channel();
        let work = question(Arc::new(StoreReply(Mutex::new(Some(sender)))));
        self.0.unbounded_send(work).map_err(|_| misbehaved("nobody does its work any more"))?;
        let told = receiver.await.map_err(|_| misbehaved("it was dropped without an answer"))?;
        fits(told?)
    }
}

/// Questions on their way to the application.
#[derive(Debug)]
pub(super) struct Questions<W>(lock::Mutex<UnboundedReceiver<W>>);

impl<W> Questions<W> {
    pub(super) async fn next(&self) -> Option<W> {
        self.0.lock().await.next().await
    }
}

pub(super) fn queue<W>() -> (Asker<W>, Questions<W>) {
    let (sender, receiver) = unbounded();
    (Asker(sender), Questions(lock::Mutex::new(receiver)))
}

impl From<StoreFailureKind> for grantline::StoreFailureKind {
    fn from(kind: StoreFailureKind) -> Self {
        match kind {
            StoreFailureKind::Unavailable => Self::Unavailable,
            StoreFailureKind::Full => Self::Full,
            StoreFailureKind::Denied => Self::Denied,
            StoreFailureKind::Damaged => Self::Damaged,
            StoreFailureKind::TooNew => Self::TooNew,
            StoreFailureKind::Misbehaved => Self::Misbehaved,
        }
    }
}
