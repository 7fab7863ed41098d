//! Cancelling from a language whose tasks do not drop a Rust future (Swift).

use std::sync::{Arc, Mutex, PoisonError};

use futures_channel::oneshot::{self, Receiver, Sender};
use futures_util::FutureExt as _;
use futures_util::future::{Either, Shared, select};
use grantline::{Call, Error};

/// Gives up the calls that it was handed to, those that come later included. What others share goes on.
#[derive(Debug, uniffi::Object)]
pub struct Cancellation {
    sender: Mutex<Option<Sender<()>>>,
    cancelled: Shared<Receiver<()>>,
}

#[uniffi::export]
impl Cancellation {
    /// One that has not cancelled anything yet.
    #[uniffi::constructor]
    pub fn new() -> Arc<Self> {
        let (sender, receiver) = oneshot::channel();
        Arc::new(Self { sender: Mutex::new(Some(sender)), cancelled: receiver.shared() })
    }

    /// Ends them with the error `cancelled`. It works before a call has begun to wait, too.
    pub fn cancel(&self) {
        // Dropping the sender completes the receiver.
        self.sender.lock().unwrap_or_else(PoisonError::into_inner).take();
    }
}

/// Waits for the call, or drops it when it is cancelled.
pub(crate) async fn wait<T: Unpin>(
    call: Call<T>,
    cancellation: Option<Arc<Cancellation>>,
) -> Result<T, Error> {
    let Some(cancellation) = cancellation else { return call.await };
    match select(cancellation.cancelled.clone(), call).await {
        Either::Left(_) => Err(Error::Cancelled),
        Either::Right((outcome, _)) => outcome,
    }
}
