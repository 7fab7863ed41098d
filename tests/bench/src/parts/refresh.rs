//! A refresh, on each store.

use std::fs::File;
use std::io::Write as _;
use std::time::{Duration, Instant};

use grantline::core::{SealingKey, SealingKeys};
use grantline::{Client, Session, Store};
use grantline_test_servers::{Postgres, Redis};
use tempfile::TempDir;

use crate::Result;
use crate::applications;
use crate::effort::Effort;
use crate::spread::{Spread, in_turns, real};
use crate::table::{Table, figure};
use crate::token_server::TokenServer;
use crate::turns::Turns;

const ABOUT: &str = "One session's refreshes, one after the other, at a server in the same process that answers as fast \
as it can; records are sealed. SQLite keeps what it has acknowledged whatever happens (`synchronous=FULL`); Redis here \
as well (`appendfsync always`), and PostgreSQL (`fsync`). Beside them two times 4 KiB written to a file in the same \
folder and `fdatasync`: a refresh needs two durable writes, the mark before the request and the tokens after it.";

/// What SQLite writes at least for a change.
const PAGE: [u8; 4096] = [7; 4096];

pub(crate) fn measure(effort: &Effort) -> Result<Table> {
    let mut table = Table::new("A refresh on each store", ABOUT);
    let server = TokenServer::start(Duration::ZERO)?;
    let folder = TempDir::new()?;
    let memory = session_in(Store::memory(), &server)?;
    let sqlite = session_in(Store::sqlite(folder.path().join("sessions.sqlite"))?, &server)?;
    let file = File::create(folder.path().join("bare"))?;
    let [memory_ms, bare_ms, sqlite_ms] = in_turns(
        effort.rounds,
        [
            &mut || milliseconds(effort.refreshes, || refresh(&memory)),
            &mut || milliseconds(effort.refreshes, || write_twice(&file)),
            &mut || milliseconds(effort.refreshes, || refresh(&sqlite)),
        ],
    )?;
    table.spread("memory (ms)", &Spread::of(memory_ms.clone()), "");
    table.spread("two bare writes with `fdatasync` (ms)", &Spread::of(bare_ms.clone()), "");
    table.spread("SQLite (ms)", &Spread::of(sqlite_ms.clone()), "");
    let added = sqlite_ms.iter().zip(&memory_ms).map(|(sqlite, memory)| sqlite - memory).collect::<Vec<_>>();
    table.spread("added by SQLite (ms)", &Spread::of(added.clone()), "at most 3");
    table.spread("added by SQLite / two bare writes", &Spread::ratio(&added, &bare_ms), "");
    redis(&mut table, effort, &server)?;
    postgres(&mut table, effort, &server)?;
    Ok(table)
}

fn redis(table: &mut Table, effort: &Effort, server: &TokenServer) -> Result<()> {
    let redis = Redis::with().setting("appendonly", "yes").setting("appendfsync", "always").start()?;
    let open = |port| Ok(Store::redis(format!("redis://127.0.0.1:{port}"))?);
    over_the_network(table, effort, server, ("Redis", "at most 4"), redis.port(), &open)
}

fn postgres(table: &mut Table, effort: &Effort, server: &TokenServer) -> Result<()> {
    let postgres = Postgres::with().setting("fsync", "on").start()?;
    let (url, own) = (postgres.url("postgres"), format!(":{}/", postgres.port()));
    let open = |port| Ok(Store::postgres(url.replace(&own, &format!(":{port}/")))?);
    over_the_network(table, effort, server, ("PostgreSQL", ""), postgres.port(), &open)
}

/// The time with a direct connection, and the round trips over one that counts them.
fn over_the_network(
    table: &mut Table,
    effort: &Effort,
    server: &TokenServer,
    (name, target): (&str, &str),
    port: u16,
    open: &dyn Fn(u16) -> Result<Store>,
) -> Result<()> {
    let (direct, turns) = (session_in(open(port)?, server)?, Turns::before(port)?);
    let counted = session_in(open(turns.port())?, server)?;
    let [took] = in_turns(effort.rounds, [&mut || milliseconds(effort.refreshes, || refresh(&direct))])?;
    table.spread(format!("{name} (ms)"), &Spread::of(took), "");
    // The first one may introduce itself.
    refresh(&counted)?;
    let before = turns.count();
    (0..effort.refreshes).try_for_each(|_| refresh(&counted))?;
    let each = real(turns.count() - before) / real(effort.refreshes);
    table.single(format!("round trips of a refresh to {name}"), figure(each), target);
    Ok(())
}

/// A session of a client with that store.
fn session_in(store: Store, server: &TokenServer) -> Result<Session> {
    let keys = SealingKeys::new(SealingKey::from_bytes([7; 32]));
    let client = Client::builder().store(store).sealing_keys(keys).build()?;
    Ok(applications::session(&client, &server.url())?)
}

fn refresh(session: &Session) -> Result<()> {
    session.refresh().wait()?;
    Ok(())
}

fn write_twice(mut file: &File) -> Result<()> {
    for _ in 0..2 {
        file.write_all(&PAGE)?;
        file.sync_data()?;
    }
    Ok(())
}

/// What one of so many takes.
fn milliseconds(count: usize, work: impl Fn() -> Result<()>) -> Result<f64> {
    let began = Instant::now();
    (0..count).try_for_each(|_| work())?;
    Ok(began.elapsed().as_secs_f64() * 1000.0 / real(count))
}
