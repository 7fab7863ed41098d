//! Work that threads leave to each other.

use std::sync::atomic::{AtomicUsize, Ordering};

/// Has work done by one thread at a time, without anybody waiting: whoever comes meanwhile leaves it to the one that is
/// at it, and that one goes on until there is no more.
#[derive(Default)]
pub(super) struct OneAtATime(AtomicUsize);

impl OneAtATime {
    /// `work` takes what there is. It must not panic, and may come back here.
    pub(super) fn run(&self, work: impl Fn()) {
        if self.0.fetch_add(1, Ordering::AcqRel) > 0 {
            return;
        }
        let mut seen = 1;
        loop {
            work();
            let have_come = self.0.fetch_sub(seen, Ordering::AcqRel) - seen;
            if have_come == 0 {
                return;
            }
            seen = have_come;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;
    use std::sync::Mutex;
    use std::thread;

    use super::*;

    #[test]
    fn what_comes_while_one_is_at_it_follows_in_order() {
        let queue = Mutex::new(VecDeque::from([1]));
        let (told, at_it) = (Mutex::new(Vec::new()), OneAtATime::default());
        let tell = || {
            let next = || queue.lock().unwrap().pop_front();
            while let Some(number) = next() {
                if number == 1 {
                    thread::scope(|scope| {
                        scope.spawn(|| {
                            queue.lock().unwrap().push_back(2);
                            at_it.run(|| panic!("another is at it"));
                        });
                    });
                }
                told.lock().unwrap().push(number);
            }
        };
        at_it.run(tell);
        assert_eq!(*told.lock().unwrap(), [1, 2]);
    }

    #[test]
    fn what_comes_when_the_one_has_looked_for_the_last_time_is_done_as_well() {
        let (left, done, at_it) = (AtomicUsize::new(1), AtomicUsize::new(0), OneAtATime::default());
        at_it.run(|| {
            done.fetch_add(left.swap(0, Ordering::SeqCst), Ordering::SeqCst);
            if done.load(Ordering::SeqCst) == 1 {
                left.store(2, Ordering::SeqCst);
                at_it.run(|| panic!("this one is at it"));
            }
        });
        assert_eq!(done.load(Ordering::SeqCst), 3);
        at_it.run(|| left.store(7, Ordering::SeqCst));
        assert_eq!(left.load(Ordering::SeqCst), 7, "it begins anew");
    }
}
