//! What a token costs that is still fresh: from a handle, by threads at once, and by its key.
//!
//! `cargo bench -p grantline --bench fresh_token` prints one JSON object: nanoseconds and allocations for each call.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a measurement, whose result is its output")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::hint::black_box;
use std::sync::Barrier;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use grantline::{
    Client, ClientSecret, Provider, Registration, Scopes, ServiceTokenRequest, TenantChoice, TokenSource, now,
};
use grantline_emulator::{Config, Emulator};

const TENANT: &str = "11111111-1111-4111-8111-111111111111";
/// So few that a round is over before the system gives the processor to somebody else.
const CALLS: u32 = 10_000;
const ROUNDS: u32 = 300;

struct Counting;

static ALLOCATIONS: AtomicU64 = AtomicU64::new(0);

#[global_allocator]
static ALLOCATOR: Counting = Counting;

#[allow(unsafe_code, reason = "an allocator is unsafe by its trait; this one counts and passes on")]
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        unsafe { System.dealloc(pointer, layout) }
    }
}

fn main() {
    let emulator = Emulator::start(Config::default()).unwrap();
    let registration =
        Registration::new(Provider::visma_connect_at(emulator.issuer()).unwrap(), "isv_service")
            .client_secret(ClientSecret::new("service-secret"));
    let app = Client::new().unwrap().service_app(registration).unwrap();
    let request = ServiceTokenRequest::new(
        TenantChoice::tenant(TENANT).unwrap(),
        Scopes::list(["visma_api:read"]).unwrap(),
    );
    let source = app.token_source(request.clone());
    source.fresh_token().wait().unwrap();

    let cases = [
        ("clocks", measure(|| _ = black_box(now()))),
        ("peek", measure(|| _ = black_box(peek(&source)))),
        ("fresh_token", measure(|| drop(black_box(source.fresh_token())))),
        ("by_key", measure(|| drop(black_box(app.token(request.clone()))))),
    ];
    let mut lines: Vec<String> = cases.iter().map(|(name, cost)| line(name, *cost)).collect();
    for threads in [1, 2] {
        lines.push(line(
            &format!("peek_by_{threads}_threads"),
            at_once(threads, || _ = black_box(peek(&source))),
        ));
    }
    println!("{{\n{}\n}}", lines.join(",\n"));
}

fn peek(source: &TokenSource) -> Option<usize> {
    source.peek(|token| token.expose_secret().len())
}

/// What one call costs.
#[derive(Clone, Copy)]
struct Cost {
    time: Duration,
    allocations: u64,
}

/// The best of several rounds: whatever else the machine does only adds.
fn measure(call: impl Fn()) -> Cost {
    let mut best = Duration::MAX;
    let before = ALLOCATIONS.load(Ordering::Relaxed);
    for _ in 0..ROUNDS {
        let began = Instant::now();
        for _ in 0..CALLS {
            call();
        }
        best = best.min(began.elapsed());
    }
    let allocations = (ALLOCATIONS.load(Ordering::Relaxed) - before) / u64::from(CALLS * ROUNDS);
    Cost { time: best, allocations }
}

/// The time of one call of one thread while others do the same.
fn at_once(threads: usize, call: impl Fn() + Sync) -> Cost {
    let (together, call) = (Barrier::new(threads), &call);
    let slowest = |costs: Vec<Cost>| costs.into_iter().max_by_key(|cost| cost.time).unwrap();
    thread::scope(|scope| {
        let running: Vec<_> = (0..threads)
            .map(|_| {
                scope.spawn(|| {
                    together.wait();
                    measure(call)
                })
            })
            .collect();
        slowest(running.into_iter().map(|thread| thread.join().unwrap()).collect())
    })
}

fn line(name: &str, cost: Cost) -> String {
    let nanoseconds = cost.time.as_secs_f64() * 1e9 / f64::from(CALLS);
    format!("  \"{name}\": {{\"nanoseconds\": {nanoseconds:.1}, \"allocations\": {}}}", cost.allocations)
}
