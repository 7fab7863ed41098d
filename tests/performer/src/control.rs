//! What the server answers about itself.

use std::io::Result;
use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::time::timeout;

use crate::server::Shared;
use crate::wire::{Head, Wire};

const LONGEST_WAIT: Duration = Duration::from_secs(10);

/// Answers a request that is not a case.
pub(crate) async fn answer(head: &Head, wire: &mut impl Wire, shared: &Shared) -> Result<()> {
    let (status, text) = found(head, shared).await.unwrap_or(("404 Not Found", String::new()));
    let length = text.len();
    let head = format!("HTTP/1.1 {status}\r\nContent-Type: text/plain\r\nContent-Length: {length}\r\n\r\n");
    wire.write_all((head + &text).as_bytes()).await?;
    wire.flush().await
}

async fn found(head: &Head, shared: &Shared) -> Option<(&'static str, String)> {
    let journal = &shared.journal;
    let ok = |text: String| Some(("200 OK", text));
    match (head.method.as_str(), head.path()) {
        ("POST" | "DELETE", "/reset") => {
            journal.reset();
            ok(String::new())
        }
        ("GET", "/origins") => ok(shared.origins.to_json()),
        ("GET", "/root.pem") => ok(shared.root_certificate.clone()),
        ("GET", path) => {
            let (question, case) = path.strip_prefix('/')?.split_once('/')?;
            match question {
                "count" => ok(journal.count(case).to_string()),
                "arrived" => in_time(journal.arrived(case)).await,
                "written" => in_time(journal.written(case)).await,
                _ => None,
            }
        }
        _ => None,
    }
}

async fn in_time(answer: impl Future<Output = u64>) -> Option<(&'static str, String)> {
    match timeout(LONGEST_WAIT, answer).await {
        Ok(number) => Some(("200 OK", number.to_string())),
        Err(_) => Some(("504 Gateway Timeout", String::new())),
    }
}
