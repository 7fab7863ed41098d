//! One after the other, for each name.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use tokio::sync::{Mutex as Queue, OwnedMutexGuard};

use crate::mutex::lock;

/// The turns of all names.
#[derive(Default)]
pub(super) struct Turns(Mutex<HashMap<String, Arc<Queue<()>>>>);

/// The turn of one name. The next one has it when this is dropped.
pub(super) type Turn = OwnedMutexGuard<()>;

/// Below so many names nothing is tidied up.
const FEW: usize = 64;

impl Turns {
    /// Waits for it.
    pub(super) async fn of(&self, name: &str) -> Turn {
        self.queue(name).lock_owned().await
    }

    /// Only if nobody has it.
    pub(super) fn free(&self, name: &str) -> Option<Turn> {
        self.queue(name).try_lock_owned().ok()
    }

    fn queue(&self, name: &str) -> Arc<Queue<()>> {
        let mut queues = lock(&self.0);
        // Doubling in between makes the price of tidying up a constant per turn.
        if queues.len() >= FEW && queues.len() == queues.capacity() {
            queues.retain(|_, queue| Arc::strong_count(queue) > 1);
        }
        Arc::clone(queues.entry(name.to_owned()).or_default())
    }
}
