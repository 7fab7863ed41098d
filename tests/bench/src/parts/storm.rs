//! A start: everybody's token at once.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread;
use std::time::{Duration, Instant};

use grantline::{Call, Client, Error, ServiceApp, Session};

use crate::Result;
use crate::allocator::live_bytes;
use crate::applications::{self, service_request};
use crate::effort::Effort;
use crate::spread::{Spread, real};
use crate::system::resident;
use crate::table::{Table, count, figure};
use crate::token_server::{TOKEN_BYTES, TokenServer};

/// A provider takes its time.
const THINKS_FOR: Duration = Duration::from_millis(2);
/// How often a user comes by in the middle of it, at most.
const VISITS: usize = 20;

pub(crate) fn measure(effort: &Effort) -> Result<Table> {
    let tenants = effort.many;
    let server = TokenServer::start(THINKS_FOR)?;
    let (client, issuer) = (Client::new()?, server.url());
    let app = applications::service_app(&client, &issuer)?;
    let session = applications::session(&client, &issuer)?;
    let alone = visit(&server, &session)?;
    let (requests_before, live_before) = (server.requests(), live_bytes());

    let is_over = AtomicBool::new(false);
    let (took, visits) = thread::scope(|scope| {
        let visitor = scope.spawn(|| visit_now_and_then(&server, &session, tenants, &is_over));
        let took = fetch_all(&app, tenants);
        is_over.store(true, Relaxed);
        (took, visitor.join())
    });
    let (took, visits) = (took?.as_secs_f64(), visits.map_err(|_| "the visitor panicked")??);
    let requests = server.requests() - requests_before - visits.len();

    let mut table = Table::new("A storm at the start", about(tenants, visits.len()));
    table.single("time until everybody had a token (s)", figure(took), "");
    table.single("tokens in a second", figure(real(tenants) / took), "");
    table.single("requests sent for them", count(requests), &count(tenants));
    table.single("most requests under way at once", count(server.most_at_once()), "at most 64");
    table.single("a user's refresh before the storm (ms)", figure(alone.milliseconds), "");
    let of_all = |value: fn(&Visit) -> f64| Spread::of(visits.iter().map(value).collect());
    table.spread("a user's refresh in the storm (ms)", &of_all(|visit| visit.milliseconds), "");
    table.spread("requests of the storm meanwhile", &of_all(|visit| real(visit.passed)), "");
    let each = (live_bytes().saturating_sub(live_before) / tenants).saturating_sub(TOKEN_BYTES);
    table.single("memory afterwards, of each, without the token's own bytes", count(each), "at most 1,024");
    if let Some((now, most)) = resident() {
        table.single("resident memory afterwards (MiB)", count(now >> 20), "");
        table.single("resident memory at its highest (MiB)", count(most >> 20), "");
    }
    Ok(table)
}

fn about(tenants: usize, visits: usize) -> String {
    format!(
        "A service asks for the tokens of {} tenants at once, of a server in the same process that thinks about each \
         request for {} ms. A user's session is refreshed {visits} times meanwhile.",
        count(tenants),
        THINKS_FOR.as_millis()
    )
}

fn fetch_all(app: &ServiceApp, tenants: usize) -> Result<Duration, Error> {
    let began = Instant::now();
    let token = |tenant| Ok(app.token(service_request(tenant)?));
    let calls: Vec<Call<_>> = (0..tenants).map(token).collect::<Result<_, Error>>()?;
    calls.into_iter().try_for_each(|call| call.wait().map(drop))?;
    Ok(began.elapsed())
}

/// One refresh of a user's session.
struct Visit {
    milliseconds: f64,
    /// How many requests of others arrived from the question to the answer.
    passed: usize,
}

fn visit(server: &TokenServer, session: &Session) -> Result<Visit, Error> {
    let (began, before) = (Instant::now(), server.requests());
    session.refresh().wait()?;
    let milliseconds = began.elapsed().as_secs_f64() * 1000.0;
    Ok(Visit { milliseconds, passed: server.requests() - before - 1 })
}

/// Evenly spread over the storm.
fn visit_now_and_then(
    server: &TokenServer,
    session: &Session,
    tenants: usize,
    is_over: &AtomicBool,
) -> Result<Vec<Visit>, Error> {
    let (first, mut visits) = (server.requests(), Vec::new());
    while visits.len() < VISITS && !is_over.load(Relaxed) {
        let due = first + tenants * (visits.len() + 1) / (VISITS + 2);
        match server.requests() < due {
            true => thread::sleep(Duration::from_millis(1)),
            false => visits.push(visit(server, session)?),
        }
    }
    Ok(visits)
}
