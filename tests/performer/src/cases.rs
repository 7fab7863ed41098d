//! What is done with the request of each case.

mod answers;
mod floods;

use std::io::{ErrorKind, Result};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::journal::Visit;
use crate::server::Shared;
use crate::wire::{Head, Wire, hung_up};

use answers::{echo, fixed};

/// What becomes of the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum After {
    /// The next request may follow on it.
    KeepOpen,
    /// It is closed in order.
    Close,
    /// It is reset.
    Reset,
}

/// Plays the case to which this request belongs. An error means that the client hung up.
pub(crate) async fn play(
    visit: &Visit<'_>,
    head: &Head,
    wire: &mut impl Wire,
    shared: &Shared,
) -> Result<After> {
    if visit.case() == "early-response" {
        return answer_without_reading(visit, wire).await;
    }
    let Some(body) = head.read_body(wire).await? else {
        visit.write(wire, &answers::plain("411 Length Required", "Connection: close\r\n", "")).await?;
        return Ok(After::Close);
    };
    let arrival = visit.arrived();
    if let Some((answer, after)) = fixed(visit.case(), &shared.origins) {
        visit.write(wire, &answer).await?;
        return Ok(after);
    }
    match (visit.case(), arrival) {
        ("closed", _) | ("keepalive-closed", 2) => return Ok(After::Close),
        ("reset", _) => return Ok(After::Reset),
        ("silent" | "caller-gone", _) => {
            hung_up(wire).await;
            return Ok(After::Close);
        }
        ("keepalive-stale", 1) => {
            // Without a word about closing, as a server does whose patience with an idle connection ends.
            visit.write(wire, &echo(head, &body)).await?;
            return Ok(After::Close);
        }
        ("ok" | "redirect-target" | "set-cookie" | "keepalive-closed" | "keepalive-stale", _) => {
            visit.write(wire, &echo(head, &body)).await?;
        }
        ("slow-head", _) => return drip(visit, wire, b"HTTP/1.1 200 OK\r\nX-Slow: ").await,
        ("slow-body", _) => {
            return drip(visit, wire, b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n").await;
        }
        (case, _) => {
            let Some(flood) = floods::of(case) else {
                visit.write(wire, &answers::plain("404 Not Found", "", "no such case")).await?;
                return Ok(After::KeepOpen);
            };
            flood.pour(visit, wire).await?;
        }
    }
    Ok(After::KeepOpen)
}

/// Answers, says that no more will come, and waits for the client to close, so that the answer is not lost
/// to the reset which closing over an unread body causes.
async fn answer_without_reading(visit: &Visit<'_>, wire: &mut impl Wire) -> Result<After> {
    let refusal = answers::plain("401 Unauthorized", "Connection: close\r\n", "too early");
    visit.write(wire, &refusal).await?;
    wire.shutdown().await?;
    hung_up(wire).await;
    Ok(After::Close)
}

/// One byte each 100 ms, for ever.
async fn drip(visit: &Visit<'_>, wire: &mut impl Wire, first: &[u8]) -> Result<After> {
    visit.write(wire, first).await?;
    let mut pace = tokio::time::interval(Duration::from_millis(100));
    let mut ignored = [0; 64];
    loop {
        tokio::select! {
            read = wire.read(&mut ignored) => match read {
                Ok(0) | Err(_) => return Err(ErrorKind::ConnectionAborted.into()),
                Ok(_) => {}
            },
            _ = pace.tick() => visit.write(wire, b"a").await?,
        }
    }
}
