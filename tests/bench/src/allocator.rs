//! An allocator that counts, on top of the system's.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

/// The system's allocator, with counters.
pub(crate) struct Counting;

static LIVE: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    static MADE_HERE: Cell<u64> = const { Cell::new(0) };
}

/// The bytes that were asked for and not given back yet, by all threads.
pub(crate) fn live_bytes() -> usize {
    LIVE.load(Relaxed)
}

/// How many allocations this thread has made.
pub(crate) fn made_here() -> u64 {
    MADE_HERE.with(Cell::get)
}

fn count(layout: Layout) {
    LIVE.fetch_add(layout.size(), Relaxed);
    // A thread that is about to end may be beyond its own counter.
    let _ = MADE_HERE.try_with(|made| made.set(made.get() + 1));
}

#[allow(unsafe_code, reason = "an allocator cannot be had otherwise; all but the counting is the system's")]
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout);
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count(layout);
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        LIVE.fetch_sub(layout.size(), Relaxed);
        unsafe { System.dealloc(place, layout) }
    }

    unsafe fn realloc(&self, place: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        LIVE.fetch_sub(layout.size(), Relaxed);
        count(Layout::from_size_align(size, layout.align()).unwrap_or(layout));
        unsafe { System.realloc(place, layout, size) }
    }
}
