//! What a forked child must leave alone: it has its parent's memory, and none of its threads.

use std::mem;
use std::process;

/// Something of the process that it was made in. A forked child has it not, and does not even drop it: its locks may be
/// taken for ever there.
pub(crate) struct Owned<T> {
    process: u32,
    value: Option<T>,
}

impl<T> Owned<T> {
    pub(crate) const fn nothing() -> Self {
        Self { process: 0, value: None }
    }

    pub(crate) fn new(value: T) -> Self {
        Self { process: process::id(), value: Some(value) }
    }

    pub(crate) fn get(&self) -> Option<&T> {
        self.value.as_ref().filter(|_| self.process == process::id())
    }

    pub(crate) fn get_or_try_make<E>(&mut self, make: impl FnOnce() -> Result<T, E>) -> Result<&T, E> {
        let value = match self.take() {
            Some(value) => value,
            None => make()?,
        };
        *self = Self { process: process::id(), value: None };
        Ok(self.value.insert(value))
    }

    pub(crate) fn take(&mut self) -> Option<T> {
        self.value.take_if(|_| self.process == process::id())
    }
}

impl<T> Drop for Owned<T> {
    fn drop(&mut self) {
        if self.process != process::id() {
            mem::forget(self.value.take());
        }
    }
}
