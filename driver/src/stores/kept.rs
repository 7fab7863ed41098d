//! Connections that are kept while they work, shared by all who use them.

use std::panic::AssertUnwindSafe;
use std::sync::Mutex;
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, Shared};
use grantline_core::{End, RecordOperation, StoreFailure, StoreFailureKind, StoreRequest};

use crate::clock::within;
use crate::mutex::lock;

/// One operation, with whatever connecting it takes.
pub(super) const LIMIT: Duration = Duration::from_secs(5);

/// A connection of type `C`, a cheap handle, that is made when it is first needed and again when it broke.
pub(super) struct Kept<C>(Mutex<Option<Connecting<C>>>);

type Connecting<C> = Shared<BoxFuture<'static, Result<C, StoreFailure>>>;

/// A handle of a connection, which many operations use at once.
pub(super) trait Connection: Clone + Send + Sync + 'static {
    /// Whether it is already known to have ended, so that nothing more can be sent over it.
    fn has_ended(&self) -> bool;
}

/// Why an attempt over a connection failed.
#[derive(Debug)]
pub(super) struct Broke {
    pub(super) failure: StoreFailure,
    /// Whether the connection is of no more use: it ended, or leads to a server that no longer is the right one.
    pub(super) connection: bool,
}

impl From<StoreFailure> for Broke {
    fn from(failure: StoreFailure) -> Self {
        Self { failure, connection: false }
    }
}

/// Whether a request may be sent again although it may have been done: whether the second answer tells what the first
/// would have told.
///
/// The second `Begin` finds its own lease held, and nobody to give it back; the second `Close` finds its own tombstone and
/// not the refresh token that is to be revoked, and so does the second end of a session. Those are left to core, which
/// knows what it asked for. It loads before each of them, so a connection that ended while nobody used it is made again
/// by then.
pub(super) fn may_be_repeated(request: &StoreRequest) -> bool {
    match request {
        StoreRequest::On { operation, .. } => !matches!(
            operation,
            RecordOperation::Begin { .. }
                | RecordOperation::Close
                | RecordOperation::End { why: End::RefusedByServer, .. }
        ),
        _ => true,
    }
}

impl<C: Connection> Kept<C> {
    /// Performs an operation, within five seconds.
    ///
    /// A connection that was kept may have ended since without a sign: then `work` is done once more over a new one, if
    /// it was certainly not done before, or `may_be_repeated`.
    pub(super) async fn perform<T, W, F>(
        &self,
        connect: impl Fn() -> BoxFuture<'static, Result<C, StoreFailure>> + Send + Sync,
        may_be_repeated: bool,
        work: W,
    ) -> Result<T, StoreFailure>
    where
        W: Fn(C) -> F + Send + Sync,
        F: Future<Output = Result<T, Broke>> + Send,
        T: Send,
    {
        let mut used = None;
        let attempts = async {
            let was_kept = self.is_kept();
            match self.attempt(&connect, &work, &mut used).await {
                // What was denied was not done: by a server that only reads now, where another one writes by then.
                Err(Broke { failure, connection: true })
                    if was_kept && (may_be_repeated || failure.kind == StoreFailureKind::Denied) =>
                {
                    self.attempt(&connect, &work, &mut used).await
                }
                result => result,
            }
        };
        let Some(result) = within(LIMIT, LIMIT, attempts).await else {
            // Whatever the silence is due to, it does not have to meet the next one as well.
            used.inspect(|connecting| self.forget(connecting));
            let detail = format!("no answer within {} seconds", LIMIT.as_secs());
            return Err(StoreFailure::new(StoreFailureKind::Unavailable, detail));
        };
        result.map_err(|broke| broke.failure)
    }

    async fn attempt<T, W, F>(
        &self,
        connect: impl Fn() -> BoxFuture<'static, Result<C, StoreFailure>>,
        work: &W,
        used: &mut Option<Connecting<C>>,
    ) -> Result<T, Broke>
    where
        W: Fn(C) -> F,
        F: Future<Output = Result<T, Broke>>,
    {
        let connecting = used.insert(self.connecting(connect)).clone();
        let result = match connecting.clone().await {
            Ok(connection) => work(connection).await,
            Err(failure) => Err(Broke { failure, connection: true }),
        };
        if result.as_ref().is_err_and(|broke| broke.connection) {
            self.forget(&connecting);
        }
        result
    }

    fn connecting(&self, connect: impl Fn() -> BoxFuture<'static, Result<C, StoreFailure>>) -> Connecting<C> {
        let mut kept = self.lock();
        kept.take_if(|kept| matches!(kept.peek(), Some(Ok(connection)) if connection.has_ended()));
        kept.get_or_insert_with(|| caught(connect()).shared()).clone()
    }

    fn is_kept(&self) -> bool {
        self.lock().as_ref().is_some_and(|connecting| connecting.peek().is_some())
    }

    /// Unless another one has taken its place already.
    fn forget(&self, connecting: &Connecting<C>) {
        self.lock().take_if(|current| current.ptr_eq(connecting));
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Connecting<C>>> {
        lock(&self.0)
    }
}

/// A panic as a failure: all who share the future would panic, now and later.
fn caught<C: 'static>(
    connecting: BoxFuture<'static, Result<C, StoreFailure>>,
) -> BoxFuture<'static, Result<C, StoreFailure>> {
    let panicked = |_| Err(StoreFailure::new(StoreFailureKind::Misbehaved, "connecting panicked"));
    AssertUnwindSafe(connecting)
        .catch_unwind()
        .map(move |connected| connected.unwrap_or_else(panicked))
        .boxed()
}

impl<C> Default for Kept<C> {
    fn default() -> Self {
        Self(Mutex::new(None))
    }
}

#[cfg(test)]
mod tests {
    use std::future::pending;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use futures_util::future::join_all;
    use tokio::join;
    use tokio::time::Instant;

    use super::*;

    /// Connections are numbers, from 1.
    #[derive(Default)]
    struct Server {
        connected: Arc<AtomicUsize>,
        kept: Kept<Numbered>,
        /// Up to which number they are known to have ended.
        ended: Arc<AtomicUsize>,
    }

    #[derive(Clone)]
    struct Numbered(usize, Arc<AtomicUsize>);

    impl Connection for Numbered {
        fn has_ended(&self) -> bool {
            self.0 <= self.1.load(Ordering::Relaxed)
        }
    }

    impl Server {
        fn connect(&self) -> BoxFuture<'static, Result<Numbered, StoreFailure>> {
            let (connected, ended) = (Arc::clone(&self.connected), Arc::clone(&self.ended));
            async move {
                tokio::task::yield_now().await;
                Ok(Numbered(connected.fetch_add(1, Ordering::Relaxed) + 1, ended))
            }
            .boxed()
        }

        async fn perform<F>(&self, work: impl Fn(usize) -> F + Send + Sync) -> Result<usize, StoreFailure>
        where
            F: Future<Output = Result<usize, Broke>> + Send,
        {
            self.kept.perform(|| self.connect(), true, |Numbered(number, _)| work(number)).await
        }

        async fn perform_once<F>(
            &self,
            work: impl Fn(usize) -> F + Send + Sync,
        ) -> Result<usize, StoreFailure>
        where
            F: Future<Output = Result<usize, Broke>> + Send,
        {
            self.kept.perform(|| self.connect(), false, |Numbered(number, _)| work(number)).await
        }

        async fn number(&self) -> Result<usize, StoreFailure> {
            self.perform(async |connection| Ok(connection)).await
        }
    }

    fn lost() -> Broke {
        Broke { failure: StoreFailure::new(StoreFailureKind::Unavailable, "lost"), connection: true }
    }

    fn read_only() -> Broke {
        Broke { failure: StoreFailure::new(StoreFailureKind::Denied, "read-only"), connection: true }
    }

    #[tokio::test]
    async fn all_who_come_at_once_share_one_connection() {
        let server = Server::default();
        let answers = join_all((0..5).map(|_| server.number())).await;
        assert_eq!(answers, vec![Ok(1); 5]);
    }

    #[tokio::test]
    async fn a_kept_connection_that_broke_is_made_again_and_a_new_one_is_not() {
        let server = Server::default();
        let always = server.perform(async |_| Err(lost())).await;
        assert_eq!(always, Err(lost().failure));
        assert_eq!(server.connected.load(Ordering::Relaxed), 1);
        assert_eq!(server.number().await, Ok(2));
        let after_a_break =
            server.perform(async |connection| if connection == 2 { Err(lost()) } else { Ok(connection) });
        assert_eq!(after_a_break.await, Ok(3));
    }

    #[tokio::test]
    async fn what_may_not_be_repeated_is_done_once_and_the_next_one_connects_anew() {
        let server = Server::default();
        assert_eq!(server.number().await, Ok(1));
        let done = AtomicUsize::new(0);
        let once = server.perform_once(async |_| {
            done.fetch_add(1, Ordering::Relaxed);
            Err(lost())
        });
        assert_eq!(once.await, Err(lost().failure));
        assert_eq!(done.load(Ordering::Relaxed), 1);
        assert_eq!(server.number().await, Ok(2));
    }

    #[tokio::test]
    async fn what_was_denied_or_not_sent_is_done_over_a_new_connection_whatever_it_is() {
        let server = Server::default();
        assert_eq!(server.number().await, Ok(1));
        let denied = async |connection| if connection == 1 { Err(read_only()) } else { Ok(connection) };
        assert_eq!(server.perform_once(denied).await, Ok(2));
        server.ended.store(2, Ordering::Relaxed);
        assert_eq!(server.perform_once(async |connection| Ok(connection)).await, Ok(3));
    }

    #[tokio::test(start_paused = true)]
    async fn who_gets_no_answer_waits_five_seconds_and_the_next_one_connects_anew() {
        let server = Server::default();
        let started = Instant::now();
        let failure = server.perform(async |_| pending().await).await.unwrap_err();
        assert_eq!((failure.kind, started.elapsed()), (StoreFailureKind::Unavailable, LIMIT));
        assert_eq!(server.number().await, Ok(2));
    }

    #[tokio::test(start_paused = true)]
    async fn who_gets_no_answer_leaves_the_connection_alone_that_another_made_meanwhile() {
        let server = Server::default();
        let (silent, other) = join!(server.perform(async |_| pending().await), async {
            tokio::time::sleep(LIMIT / 2).await;
            let broken = server.perform_once(async |_| Err(lost())).await;
            assert_eq!(broken, Err(lost().failure));
            server.number().await
        });
        assert_eq!(silent.unwrap_err().kind, StoreFailureKind::Unavailable);
        assert_eq!(other, Ok(2));
        assert_eq!(server.number().await, Ok(2));
    }

    #[tokio::test]
    async fn connecting_that_panics_is_a_failure_and_tried_again() {
        let server = Server::default();
        let panics = || async { panic!("as the test wants it") }.boxed();
        let work = async |Numbered(number, _)| Ok(number);
        let failure = server.kept.perform(panics, true, work).await.unwrap_err();
        assert_eq!(failure.kind, StoreFailureKind::Misbehaved);
        assert_eq!(server.number().await, Ok(1));
    }
}
