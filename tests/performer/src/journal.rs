//! What reached the server, by case.

use std::collections::BTreeMap;

use tokio::io::{AsyncWriteExt, Result};
use tokio::sync::watch;

use crate::wire::Wire;

/// The counters of all cases, and a bell that rings when one changes.
#[derive(Debug, Default)]
pub(crate) struct Journal(watch::Sender<BTreeMap<String, Counters>>);

#[derive(Debug, Default)]
struct Counters {
    begun: u64,
    running: u64,
    arrived: u64,
    written: u64,
}

impl Journal {
    pub(crate) fn begin(&self, case: &str) -> Visit<'_> {
        let visit = Visit { journal: self, case: case.to_owned() };
        visit.note(|counters| {
            counters.begun += 1;
            counters.running += 1;
        });
        visit
    }

    pub(crate) fn count(&self, case: &str) -> u64 {
        self.0.borrow().get(case).map_or(0, |counters| counters.arrived)
    }

    pub(crate) fn reset(&self) {
        self.0.send_modify(BTreeMap::clear);
    }

    /// How often the case arrived, as soon as it is not 0.
    pub(crate) async fn arrived(&self, case: &str) -> u64 {
        self.when(case, |counters| (counters.arrived > 0).then_some(counters.arrived)).await
    }

    /// How many bytes were written for the case, as soon as nothing of it runs any more.
    pub(crate) async fn written(&self, case: &str) -> u64 {
        let ended = |counters: &Counters| counters.begun > 0 && counters.running == 0;
        self.when(case, |counters| ended(counters).then_some(counters.written)).await
    }

    async fn when(&self, case: &str, told: impl Fn(&Counters) -> Option<u64>) -> u64 {
        let mut all = self.0.subscribe();
        loop {
            if let Some(answer) = all.borrow_and_update().get(case).and_then(&told) {
                return answer;
            }
            if all.changed().await.is_err() {
                return 0;
            }
        }
    }
}

/// One request of a case, from its head to the end of what is done about it.
#[derive(Debug)]
pub(crate) struct Visit<'a> {
    journal: &'a Journal,
    case: String,
}

impl Visit<'_> {
    pub(crate) fn case(&self) -> &str {
        &self.case
    }

    /// Notes that the request arrived complete, and says the how manieth of its case it is.
    pub(crate) fn arrived(&self) -> u64 {
        self.note(|counters| counters.arrived += 1);
        self.journal.count(&self.case)
    }

    /// Writes all of it and counts it, or fails since the client hung up.
    pub(crate) async fn write(&self, wire: &mut impl Wire, bytes: &[u8]) -> Result<()> {
        let mut left = bytes;
        while !left.is_empty() {
            let written = wire.write(left).await?;
            self.note(|counters| counters.written += written as u64);
            left = &left[written..];
        }
        wire.flush().await
    }

    fn note(&self, change: impl FnOnce(&mut Counters)) {
        self.journal.0.send_modify(|all| change(all.entry(self.case.clone()).or_default()));
    }
}

impl Drop for Visit<'_> {
    fn drop(&mut self) {
        // A reset in between forgets what was running.
        self.note(|counters| counters.running = counters.running.saturating_sub(1));
    }
}
