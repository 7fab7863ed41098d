//! What a session costs that nobody asks for.

use std::hint::black_box;

use grantline::Client;
use grantline::core::{Engine, Settings};

use crate::Result;
use crate::allocator::live_bytes;
use crate::applications::{self, service_request};
use crate::by_hand::{self, session_id};
use crate::effort::Effort;
use crate::system::resident;
use crate::table::{Table, count};
use crate::token_server::TOKEN_BYTES;

pub(crate) fn measure(effort: &Effort) -> Result<Table> {
    let many = effort.many;
    let about = format!(
        "What {} sessions or service tokens take in memory that nobody asks for, each: what was asked of the \
         allocator, without the {} bytes of the access token itself. Resident memory includes the allocator's own, and \
         the token.",
        count(many),
        count(TOKEN_BYTES)
    );
    let mut table = Table::new("Memory", about);
    sessions(&mut table, many)?;
    service_tokens(&mut table, many)?;
    handles(&mut table, many)?;
    Ok(table)
}

fn sessions(table: &mut Table, many: usize) -> Result<()> {
    let app = by_hand::native_app()?;
    let before = (live_bytes(), resident());
    let engine = Engine::with(&Settings::default().tokens_in_memory(many));
    let ids = (0..many).map_while(|number| session_id(number).ok());
    by_hand::load_sessions(&engine, &app, ids, TOKEN_BYTES)?;
    table.single(
        "an idle session in the engine (bytes)",
        since(before.0, many, TOKEN_BYTES),
        "at most 1,024",
    );
    if let (Some((now, _)), Some((before, _))) = (resident(), before.1) {
        let what = "an idle session in the engine, resident, with its token (bytes)";
        table.single(what, count(now.saturating_sub(before) / many), "");
    }
    drop(black_box(engine));
    Ok(())
}

fn service_tokens(table: &mut Table, many: usize) -> Result<()> {
    let app = by_hand::service_app()?;
    let before = live_bytes();
    let engine = Engine::with(&Settings::default().tokens_in_memory(many));
    let requests = (0..many).map_while(|number| service_request(number).ok());
    by_hand::fetch_service_tokens(&engine, &app, requests, TOKEN_BYTES)?;
    table.single("a service token in the engine (bytes)", since(before, many, TOKEN_BYTES), "");
    drop(black_box(engine));
    Ok(())
}

/// For who keeps one for each session: its place in the engine is part of it.
fn handles(table: &mut Table, many: usize) -> Result<()> {
    let app = Client::new()?.native_app(applications::native("https://connect.visma.com")?)?;
    let before = live_bytes();
    let mut handles = Vec::with_capacity(many);
    for number in 0..many {
        handles.push(app.session(session_id(number)?));
    }
    table.single("a handle whose token was never asked for (bytes)", since(before, many, 0), "");
    drop(black_box(handles));
    Ok(())
}

/// What was allocated since, by each of so many things, without their tokens' bytes.
fn since(before: usize, many: usize, token_bytes: usize) -> String {
    count(live_bytes().saturating_sub(before) / many - token_bytes)
}
