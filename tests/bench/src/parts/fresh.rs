//! A fresh token from a handle.

use std::hint::black_box;
use std::time::Duration;

use grantline::{AccessToken, Client, Session, TokenSource};
use rustix::time::{ClockId, clock_gettime};
use tokio::runtime::{Builder, Runtime};

use crate::Result;
use crate::allocator;
use crate::applications::{self, service_request};
use crate::effort::Effort;
use crate::spread::{Spread, calls_per_microsecond, in_turns, nanoseconds};
use crate::table::{Table, figure};
use crate::token_server::TokenServer;

#[cfg(any(target_os = "linux", target_os = "android"))]
const BOOT_CLOCK: ClockId = ClockId::Boottime;
#[cfg(not(any(target_os = "linux", target_os = "android")))]
const BOOT_CLOCK: ClockId = ClockId::Monotonic;

const ABOUT: &str = "A token that is fresh, read from a handle: `peek` reads it where it stands, `fresh_token().await` \
gives a share of it. Beside it one read of the clock that counts suspend, which any answer to \"is it fresh?\" needs. \
Times are the thread's own. The machine's own scaling is that of the clock.";

pub(crate) fn measure(effort: &Effort) -> Result<Table> {
    let handles = Handles::new()?;
    let mut table = Table::new("A fresh token from a handle", ABOUT);
    times(&mut table, effort, &handles)?;
    allocations(&mut table, effort, &handles);
    scaling(&mut table, effort, "the clock", clock)?;
    scaling(&mut table, effort, "`Session::peek` of one handle", || handles.session.peek(length))?;
    let share = || drop(handles.session.fresh_token());
    scaling(&mut table, effort, "`Session::fresh_token()` of one handle", share)?;
    Ok(table)
}

/// Handles on tokens that are fresh for an hour.
struct Handles {
    session: Session,
    source: TokenSource,
    runtime: Runtime,
}

impl Handles {
    fn new() -> Result<Self> {
        let server = TokenServer::start(Duration::ZERO)?;
        let (client, issuer) = (Client::new()?, server.url());
        let session = applications::session(&client, &issuer)?;
        let source = applications::service_app(&client, &issuer)?.token_source(service_request(1)?);
        source.fresh_token().wait()?;
        Ok(Self { session, source, runtime: Builder::new_current_thread().build()? })
    }

    /// Awaits the session's token so many times.
    fn shares(&self, calls: u32) {
        self.runtime.block_on(async {
            for _ in 0..calls {
                black_box(self.session.fresh_token().await.is_ok_and(|token| length(&token) > 0));
            }
        });
    }
}

fn clock() -> rustix::time::Timespec {
    clock_gettime(BOOT_CLOCK)
}

fn length(token: &AccessToken) -> usize {
    black_box(token.expose_secret()).len()
}

fn times(table: &mut Table, effort: &Effort, handles: &Handles) -> Result<()> {
    let calls = effort.reads;
    let [bare, session, source, share] = in_turns(
        effort.rounds,
        [
            &mut || Ok(nanoseconds(calls, || repeat(calls, clock))),
            &mut || Ok(nanoseconds(calls, || repeat(calls, || handles.session.peek(length)))),
            &mut || Ok(nanoseconds(calls, || repeat(calls, || handles.source.peek(length)))),
            &mut || Ok(nanoseconds(calls, || handles.shares(calls))),
        ],
    )?;
    table.spread("a bare read of the clock (ns)", &Spread::of(bare.clone()), "");
    table.spread("`Session::peek` (ns)", &Spread::of(session.clone()), "at most 60");
    table.spread("`Session::peek` / the clock", &Spread::ratio(&session, &bare), "");
    table.spread("`TokenSource::peek` of a service token (ns)", &Spread::of(source), "at most 60");
    table.spread("`Session::fresh_token().await` (ns)", &Spread::of(share.clone()), "");
    table.spread("`Session::fresh_token().await` / the clock", &Spread::ratio(&share, &bare), "");
    Ok(())
}

fn repeat<T>(calls: u32, call: impl Fn() -> T) {
    for _ in 0..calls {
        black_box(call());
    }
}

fn allocations(table: &mut Table, effort: &Effort, handles: &Handles) {
    let calls = effort.reads;
    let mut row = |what: &str, work: &dyn Fn(u32)| {
        work(1);
        let before = allocator::made_here();
        work(calls);
        let made = allocator::made_here() - before;
        let what = format!("allocations in {} calls of {what}", figure(f64::from(calls)));
        table.single(what, made.to_string(), "0");
    };
    row("`Session::peek`", &|calls| repeat(calls, || handles.session.peek(length)));
    row("`Session::fresh_token().await`", &|calls| handles.shares(calls));
}

/// Throughput of two threads by that of one.
fn scaling<T>(table: &mut Table, effort: &Effort, what: &str, call: impl Fn() -> T + Sync) -> Result<()> {
    let calls = effort.reads;
    let [one, two] = in_turns(
        effort.rounds,
        [&mut || Ok(calls_per_microsecond(1, calls, &call)), &mut || {
            Ok(calls_per_microsecond(2, calls, &call))
        }],
    )?;
    table.spread(format!("throughput of 2 threads / 1: {what}"), &Spread::ratio(&two, &one), "");
    Ok(())
}
