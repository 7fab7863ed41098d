//! One HTTP request under way on a runtime.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use grantline_core::{EffectId, HttpFailure, HttpFailureKind, HttpReply, Reply, Sent};

use super::Pump;
use crate::mutex::lock;

/// However it ends, also with the runtime that it ran on, its reply is given.
pub(super) struct Performance {
    pump: Arc<Pump>,
    id: EffectId,
    reply: Option<HttpReply>,
    began: bool,
    ended: Arc<AtomicBool>,
}

impl Performance {
    pub(super) fn of(pump: Arc<Pump>, id: EffectId) -> Self {
        Self { pump, id, reply: None, began: false, ended: Arc::default() }
    }

    /// True when it is over.
    pub(super) fn ended(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.ended)
    }

    pub(super) fn begin(&mut self) {
        self.began = true;
    }

    pub(super) fn end_with(mut self, reply: HttpReply) {
        self.reply = Some(reply);
    }
}

impl Drop for Performance {
    fn drop(&mut self) {
        // A forked child that drops its parent's runtime.
        if !self.pump.process.is_current() {
            return;
        }
        // Before the removal: who inserts after it must see it.
        self.ended.store(true, Ordering::Release);
        lock(&self.pump.performing).remove(&self.id);
        match self.reply.take() {
            Some(reply) => self.pump.reply(self.id, Reply::Http(reply)),
            None => self.reply_elsewhere(),
        }
    }
}

impl Performance {
    /// Not on this stack: a runtime that has ended drops what it is given at once, and this reply may begin the next
    /// request, whose reply begins the one after it.
    fn reply_elsewhere(&self) {
        let sent = if self.began { Sent::Maybe } else { Sent::CertainlyNot };
        let detail = "the runtime that it ran on has ended, or nobody waits for it".to_owned();
        let failure = HttpFailure { kind: HttpFailureKind::NotPerformed, sent, detail };
        let (pump, id) = (Arc::clone(&self.pump), self.id);
        self.pump.stores.spawn(async move { pump.reply(id, Reply::Http(Err(failure))) });
    }
}
