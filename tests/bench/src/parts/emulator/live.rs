//! The live view of the portal under load.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::net::TcpStream;
use std::thread;
use std::time::{Duration, Instant};

use super::connection::Connection;
use super::program::Program;
use crate::Result;
use crate::spread::{Spread, real};
use crate::table::{Table, count, figure};

pub(super) const IN_A_SECOND: u32 = 500;
pub(super) const REQUESTS: usize = 2000;

/// Whoever waits for a request to be shown waits no longer than this.
const PATIENCE: Duration = Duration::from_secs(5);

/// When each request was first seen with its answer, by its number.
type Seen = BTreeMap<usize, Instant>;

pub(super) fn measure(table: &mut Table) -> Result<()> {
    let program = Program::start()?;
    let stream = Connection::open(program.address())?.follow("/portal/requests/live")?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let watching = thread::spawn(move || watch(stream));
    let began = Instant::now();
    let answered = send(&program)?;
    let rate = real(REQUESTS) / began.elapsed().as_secs_f64();
    let seen = watching.join().map_err(|_| "the reader panicked")?;

    let delays: Vec<f64> = answered
        .iter()
        .enumerate()
        .filter_map(|(index, at)| seen.get(&(index + 1)).map(|seen| seen.saturating_duration_since(*at)))
        .map(|delay| delay.as_secs_f64() * 1000.0)
        .collect();
    table.single("requests in a second, while the live view is followed", figure(rate), "500");
    table.single("of them not shown", count(REQUESTS - delays.len()), "0");
    table.spread("from an answer until the live view shows it (ms)", &Spread::of(delays), "at most 1,000");
    Ok(())
}

/// One after the other, so that their numbers are known; when each was answered.
fn send(program: &Program) -> Result<Vec<Instant>> {
    let mut connection = Connection::open(program.address())?;
    let began = Instant::now();
    let one = |number: usize| {
        let due = began + Duration::from_secs(1) * u32::try_from(number)? / IN_A_SECOND;
        thread::sleep(due.saturating_duration_since(Instant::now()));
        connection.token()?;
        Ok(Instant::now())
    };
    (0..REQUESTS).map(one).collect()
}

/// Until the last one was seen, or none comes any more.
fn watch(mut stream: TcpStream) -> Seen {
    let (mut seen, mut event, mut buffer) = (Seen::new(), Vec::new(), [0; 16 * 1024]);
    while let Ok(read @ 1..) = stream.read(&mut buffer) {
        event.extend_from_slice(buffer.get(..read).unwrap_or_default());
        if event.ends_with(b"\n\n\r\n") {
            let now = Instant::now();
            answered(&event).for_each(|number| _ = seen.entry(number).or_insert(now));
            event.clear();
        }
        if seen.contains_key(&REQUESTS) {
            break;
        }
    }
    seen
}

/// The numbers of the rows in an event that say what the answer was: `id="r7" class="ok"`, in JSON. A row comes when the
/// request arrives, too.
fn answered(event: &[u8]) -> impl Iterator<Item = usize> {
    let text = String::from_utf8_lossy(event).into_owned();
    let number = |row: &str| row.split_once(r#"\" class=\"ok\""#)?.0.parse().ok();
    text.split(r#"id=\"r"#).skip(1).filter_map(number).collect::<Vec<_>>().into_iter()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_counts_once_it_has_its_answer() {
        let event = br#"data: {"rows":"<tr id=\"r7\" class=\"waiting\"><td>a</td></tr><tr id=\"r8\" class=\"ok\"><td>b</td></tr>"}"#;
        assert_eq!(answered(event).collect::<Vec<_>>(), [8]);
    }
}
