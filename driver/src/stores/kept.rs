//! Connections that are kept while they work, shared by all who use them.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, Shared};
use grantline_core::{StoreFailure, StoreFailureKind};

use crate::clock::within;

/// One operation, with whatever connecting it takes.
pub(super) const LIMIT: Duration = Duration::from_secs(5);

/// A connection of type `C`, a cheap handle, that is made when it is first needed and again when it broke.
pub(super) struct Kept<C>(Mutex<Option<Connecting<C>>>);

type Connecting<C> = Shared<BoxFuture<'static, Result<C, StoreFailure>>>;

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

impl<C: Clone + Send + Sync + 'static> Kept<C> {
    /// Performs an operation, within five seconds.
    ///
    /// A connection that was kept may have ended since without a sign: then `work` is done once more over a new one.
    /// That may be its second time; an operation of the session protocol bears it, as it bears a caller that repeats it.
    pub(super) async fn perform<T, W, F>(
        &self,
        connect: impl Fn() -> BoxFuture<'static, Result<C, StoreFailure>> + Send + Sync,
        work: W,
    ) -> Result<T, StoreFailure>
    where
        W: Fn(C) -> F + Send + Sync,
        F: Future<Output = Result<T, Broke>> + Send,
        T: Send,
    {
        let attempts = async {
            let was_kept = self.is_kept();
            match self.attempt(&connect, &work).await {
                Err(broke) if broke.connection && was_kept => self.attempt(&connect, &work).await,
                result => result,
            }
        };
        let Some(result) = within(LIMIT, LIMIT, attempts).await else {
            // Whatever the silence is due to, it does not have to meet the next one as well.
            *self.lock() = None;
            let detail = format!("no answer within {} seconds", LIMIT.as_secs());
            return Err(StoreFailure::new(StoreFailureKind::Unavailable, detail));
        };
        result.map_err(|broke| broke.failure)
    }

    async fn attempt<T, W, F>(
        &self,
        connect: impl Fn() -> BoxFuture<'static, Result<C, StoreFailure>>,
        work: &W,
    ) -> Result<T, Broke>
    where
        W: Fn(C) -> F,
        F: Future<Output = Result<T, Broke>>,
    {
        let connecting = self.lock().get_or_insert_with(|| connect().shared()).clone();
        let result = match connecting.clone().await {
            Ok(connection) => work(connection).await,
            Err(failure) => Err(Broke { failure, connection: true }),
        };
        if result.as_ref().is_err_and(|broke| broke.connection) {
            self.forget(&connecting);
        }
        result
    }

    fn is_kept(&self) -> bool {
        self.lock().as_ref().is_some_and(|connecting| connecting.peek().is_some())
    }

    /// Unless another one has taken its place already.
    fn forget(&self, connecting: &Connecting<C>) {
        self.lock().take_if(|current| current.ptr_eq(connecting));
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Connecting<C>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
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
    use tokio::time::Instant;

    use super::*;

    /// Connections are numbers, from 1.
    #[derive(Default)]
    struct Server {
        connected: Arc<AtomicUsize>,
        kept: Kept<usize>,
    }

    impl Server {
        fn connect(&self) -> BoxFuture<'static, Result<usize, StoreFailure>> {
            let connected = Arc::clone(&self.connected);
            async move {
                tokio::task::yield_now().await;
                Ok(connected.fetch_add(1, Ordering::Relaxed) + 1)
            }
            .boxed()
        }

        async fn perform<F>(&self, work: impl Fn(usize) -> F + Send + Sync) -> Result<usize, StoreFailure>
        where
            F: Future<Output = Result<usize, Broke>> + Send,
        {
            self.kept.perform(|| self.connect(), work).await
        }
    }

    fn lost() -> Broke {
        Broke { failure: StoreFailure::new(StoreFailureKind::Unavailable, "lost"), connection: true }
    }

    #[tokio::test]
    async fn all_who_come_at_once_share_one_connection() {
        let server = Server::default();
        let answers = join_all((0..5).map(|_| server.perform(async |connection| Ok(connection)))).await;
        assert_eq!(answers, vec![Ok(1); 5]);
    }

    #[tokio::test]
    async fn a_kept_connection_that_broke_is_made_again_and_a_new_one_is_not() {
        let server = Server::default();
        let always = server.perform(async |_| Err(lost())).await;
        assert_eq!(always, Err(lost().failure));
        assert_eq!(server.connected.load(Ordering::Relaxed), 1);
        let first = server.perform(async |connection| Ok(connection)).await;
        assert_eq!(first, Ok(2));
        let after_a_break =
            server.perform(async |connection| if connection == 2 { Err(lost()) } else { Ok(connection) });
        assert_eq!(after_a_break.await, Ok(3));
    }

    #[tokio::test(start_paused = true)]
    async fn who_gets_no_answer_waits_five_seconds_and_the_next_one_connects_anew() {
        let server = Server::default();
        let started = Instant::now();
        let failure = server.perform(async |_| pending().await).await.unwrap_err();
        assert_eq!((failure.kind, started.elapsed()), (StoreFailureKind::Unavailable, LIMIT));
        assert_eq!(server.perform(async |connection| Ok(connection)).await, Ok(2));
    }
}
