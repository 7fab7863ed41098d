//! What a server says: read to its end, so that a full pipe never stops it.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, PipeReader};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use crate::failure::{Failure, Result};

const LIMIT: Duration = Duration::from_secs(30);
const LINES_KEPT: usize = 30;

/// The end of a server's log, and the news that it is ready.
#[derive(Debug)]
pub(crate) struct Output {
    lines: Arc<Mutex<VecDeque<String>>>,
    ready: Mutex<Receiver<()>>,
}

impl Output {
    /// `ready`: what the line contains that a server writes when it answers.
    pub(crate) fn read(pipe: PipeReader, ready: &'static str) -> Self {
        let lines = Arc::<Mutex<VecDeque<String>>>::default();
        let (sender, receiver) = channel();
        let kept = Arc::clone(&lines);
        thread::spawn(move || {
            for line in BufReader::new(pipe).split(b'\n').map_while(std::result::Result::ok) {
                let line = String::from_utf8_lossy(&line).into_owned();
                if line.contains(ready) {
                    // Nobody waits any more once the first such line was seen.
                    let _ = sender.send(());
                }
                keep(&kept, line);
            }
        });
        Self { lines, ready: Mutex::new(receiver) }
    }

    /// Returns as soon as the server is ready.
    pub(crate) fn wait_until_ready(&self, server: &str) -> Result<()> {
        self.next().map_err(|error| {
            let what = match error {
                RecvTimeoutError::Timeout => format!("was not ready after {LIMIT:?}"),
                RecvTimeoutError::Disconnected => "ended before it was ready".to_owned(),
            };
            Failure::new(format!("`{server}` {what}. It said:\n{}", self.tail()))
        })
    }

    /// Returns when nobody writes there any more: the server and all that it started have ended.
    pub(crate) fn wait_for_end(&self) {
        while self.next().is_ok() {}
    }

    fn next(&self) -> std::result::Result<(), RecvTimeoutError> {
        self.ready.lock().unwrap_or_else(PoisonError::into_inner).recv_timeout(LIMIT)
    }

    fn tail(&self) -> String {
        let lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        lines.iter().map(String::as_str).collect::<Vec<_>>().join("\n")
    }
}

fn keep(lines: &Mutex<VecDeque<String>>, line: String) {
    let mut lines = lines.lock().unwrap_or_else(PoisonError::into_inner);
    if lines.len() == LINES_KEPT {
        lines.pop_front();
    }
    lines.push_back(line);
}
