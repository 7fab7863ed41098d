//! The worker: a process of its own that asks for the tokens of all sessions from many threads at once.
//!
//! It reads its job from the first line of its standard input, says `ready`, begins at the second line, writes its report
//! and ends. It ends with the harness: at the end of its input, and where the system can, when its parent is gone.

use std::io::{self, Write};
use std::sync::{Arc, Barrier, Mutex, PoisonError};
use std::thread;
use std::time::Instant;

use grantline::{AccessToken, Client, Error, Session};

use crate::failure::{Failure, Result, cannot};
use crate::job::{Job, Outcomes, Report};

pub(crate) fn run() -> Result<()> {
    end_with_parent();
    let job: Job = serde_json::from_str(&line()?).map_err(cannot("read the job"))?;
    let crew = Crew::assemble(&job)?;
    say("ready")?;
    line()?;
    thread::spawn(|| {
        while line().is_ok() {}
        std::process::exit(1);
    });
    let report = crew.work()?;
    say(&serde_json::to_string(&report).map_err(cannot("write the report"))?)
}

fn line() -> Result<String> {
    let mut line = String::new();
    match io::stdin().read_line(&mut line).map_err(cannot("read the standard input"))? {
        0 => Err(Failure::new("the harness is gone")),
        _ => Ok(line),
    }
}

fn say(line: &str) -> Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{line}").and_then(|()| out.flush()).map_err(cannot("write to the harness"))
}

#[cfg(target_os = "linux")]
fn end_with_parent() {
    // A stopped process reads no end of input; the kernel ends it all the same. Without this it ends at its input's end.
    let _ = rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::KILL));
}

#[cfg(not(target_os = "linux"))]
fn end_with_parent() {}

/// Threads that stand at the line.
struct Crew {
    client: Client,
    threads: Vec<thread::JoinHandle<()>>,
    start: Arc<Barrier>,
    report: Arc<Mutex<Report>>,
}

impl Crew {
    fn assemble(job: &Job) -> Result<Self> {
        let (client, sessions) = job.open()?;
        let sessions: Arc<[Session]> = sessions.into();
        let start = Arc::new(Barrier::new(job.threads + 1));
        let empty = sessions.iter().map(|_| Outcomes::default()).collect();
        let report = Arc::new(Mutex::new(Report { sessions: empty, ..Report::default() }));
        let mut threads = Vec::new();
        for number in 0..job.threads {
            let (sessions, start, report) = (Arc::clone(&sessions), Arc::clone(&start), Arc::clone(&report));
            let body = move || {
                start.wait();
                ask_for_all(&sessions, number, &report);
            };
            threads.push(thread::Builder::new().spawn(body).map_err(cannot("start a thread"))?);
        }
        Ok(Self { client, threads, start, report })
    }

    /// What is still to be saved when the last caller has its token is saved before this ends, if the store lets it.
    fn work(self) -> Result<Report> {
        self.start.wait();
        for thread in self.threads {
            // One that panicked has said so, and its calls are missing in the report.
            let _ = thread.join();
        }
        let gave_up = match self.client.shutdown().wait() {
            Ok(()) => false,
            Err(Error::Cancelled) => true,
            Err(error) => return Err(error.into()),
        };
        let report = std::mem::take(&mut *self.report.lock().unwrap_or_else(PoisonError::into_inner));
        Ok(Report { gave_up, ..report })
    }
}

/// Each thread begins with another session, so that all are asked for at once.
fn ask_for_all(sessions: &[Session], number: usize, report: &Mutex<Report>) {
    for step in 0..sessions.len() {
        let index = (number + step) % sessions.len();
        let Some(session) = sessions.get(index) else { continue };
        let begun = Instant::now();
        let outcome = session.fresh_token().wait();
        let took = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        let mut report = report.lock().unwrap_or_else(PoisonError::into_inner);
        report.slowest_ms = report.slowest_ms.max(took);
        report.add(index, outcome);
    }
}

impl Report {
    fn add(&mut self, session: usize, outcome: Result<Arc<AccessToken>, Error>) {
        let Some(outcomes) = self.sessions.get_mut(session) else { return };
        let (code, message) = match outcome {
            Ok(token) if is_good(&token) => {
                *outcomes.tokens.entry(token.generation().0).or_default() += 1;
                return;
            }
            Ok(_) => ("expired_token".to_owned(), "the token had expired".to_owned()),
            Err(error) => (error.code().into_owned(), error.to_string()),
        };
        *outcomes.errors.entry(code.clone()).or_default() += 1;
        self.messages.entry(code).or_insert(message);
    }
}

fn is_good(token: &AccessToken) -> bool {
    token.expires_at().is_none_or(|end| end > grantline::now().wall)
}
