//! The word that something changed which the state file holds.

use std::sync::Arc;

use tokio::sync::Notify;

/// Clones share it. Changes that nobody has waited for yet are one.
#[derive(Clone, Default)]
pub(crate) struct Changes(Arc<Notify>);

impl Changes {
    pub(crate) fn tell(&self) {
        self.0.notify_one();
    }

    /// Waits for a change, or ends at once if there was one since the last.
    pub(crate) async fn next(&self) {
        self.0.notified().await;
    }
}
