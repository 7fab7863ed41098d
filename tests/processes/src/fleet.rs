//! The workers of one round, from the harness's side. All of them end with it.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::failure::{Failure, Result, cannot};
use crate::job::{Job, Report};

/// How long workers may take to stand at the line. Eight of them on a machine that is busy need seconds.
const READY_LIMIT: Duration = Duration::from_secs(60);

pub(crate) struct Fleet {
    workers: Vec<Worker>,
    said: Receiver<Said>,
}

struct Worker {
    child: Child,
    input: ChildStdin,
    state: State,
}

/// How a worker stands.
pub(crate) enum State {
    Starting,
    Ready,
    Running,
    /// It ended by itself, with its report.
    Done(Report),
    /// It was killed before it had reported.
    Killed,
    /// It ended without a report, and nobody killed it.
    Failed,
}

struct Said {
    worker: usize,
    what: What,
}

enum What {
    Line(String),
    End,
}

impl Fleet {
    /// Starts so many workers with this job; they wait at the line.
    pub(crate) fn assemble(count: usize, job: &Job) -> Result<Self> {
        let (sender, said) = channel();
        let mut fleet = Self { workers: Vec::new(), said };
        let job = serde_json::to_string(job).map_err(cannot("write the job"))?;
        for worker in 0..count {
            fleet.workers.push(Worker::spawn(worker, &job, &sender)?);
        }
        drop(sender);
        let deadline = Instant::now() + READY_LIMIT;
        fleet.hear_until(deadline, |workers| workers.iter().all(|worker| worker.state.is_past_start()));
        match fleet.workers.iter().all(|worker| matches!(worker.state, State::Ready)) {
            true => Ok(fleet),
            false => Err(Failure::new("a worker did not get ready: what it wrote stands above")),
        }
    }

    /// Lets all begin.
    pub(crate) fn start(&mut self) -> Result<()> {
        for worker in &mut self.workers {
            writeln!(worker.input, "go").map_err(cannot("start a worker"))?;
            worker.state = State::Running;
        }
        Ok(())
    }

    /// Hears what they say until `moment`, or until none of them runs.
    pub(crate) fn run_until(&mut self, moment: Instant) {
        self.hear_until(moment, |workers| !workers.iter().any(Worker::is_running));
    }

    /// The same of some of them.
    pub(crate) fn run_all_but(&mut self, others: &[usize], moment: Instant) {
        self.hear_until(moment, |workers| {
            !workers.iter().enumerate().any(|(index, worker)| worker.is_running() && !others.contains(&index))
        });
    }

    /// Hears what they say until `moment`, also when none of them runs any more.
    pub(crate) fn let_pass(&mut self, moment: Instant) {
        self.hear_until(moment, |_| false);
    }

    /// As `kill -9`. Answers whether it was still running.
    pub(crate) fn kill(&mut self, index: usize) -> bool {
        let Some(worker) = self.workers.get_mut(index).filter(|worker| worker.is_running()) else {
            return false;
        };
        let killed = worker.child.kill().is_ok();
        if killed {
            worker.state = State::Killed;
        }
        killed
    }

    /// Stops one in its tracks, where it still runs.
    pub(crate) fn stop(&self, index: usize) -> bool {
        self.workers.get(index).is_some_and(|worker| worker.is_running() && worker.signal(Signal::STOP))
    }

    /// Lets it go on.
    pub(crate) fn go_on(&self, index: usize) -> bool {
        self.workers.get(index).is_some_and(|worker| worker.signal(Signal::CONT))
    }

    /// How they stand.
    pub(crate) fn states(&self) -> impl Iterator<Item = &State> {
        self.workers.iter().map(|worker| &worker.state)
    }

    fn hear_until(&mut self, moment: Instant, enough: impl Fn(&[Worker]) -> bool) {
        while !enough(&self.workers) {
            let left = moment.saturating_duration_since(Instant::now());
            match self.said.recv_timeout(left) {
                Ok(said) => self.hear(said),
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    fn hear(&mut self, said: Said) {
        let Some(worker) = self.workers.get_mut(said.worker) else { return };
        match said.what {
            What::Line(line) => worker.hear(&line),
            What::End if worker.is_running() || matches!(worker.state, State::Starting | State::Ready) => {
                worker.state = State::Failed;
            }
            What::End => {}
        }
    }
}

impl Worker {
    fn spawn(index: usize, job: &str, sender: &Sender<Said>) -> Result<Self> {
        let program = std::env::current_exe().map_err(cannot("find this program"))?;
        let mut command = Command::new(program);
        command.arg("worker").stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().map_err(cannot("start a worker"))?;
        let (Some(input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(Failure::new("a worker has no pipes"));
        };
        let mut worker = Self { child, input, state: State::Starting };
        listen(index, output, sender.clone());
        writeln!(worker.input, "{job}").map_err(cannot("tell a worker its job"))?;
        Ok(worker)
    }

    fn hear(&mut self, line: &str) {
        match (&self.state, serde_json::from_str(line)) {
            (State::Starting, _) if line == "ready" => self.state = State::Ready,
            // A report that arrived before the kill is a report.
            (State::Running | State::Killed, Ok(report)) => self.state = State::Done(report),
            _ => {}
        }
    }

    fn is_running(&self) -> bool {
        matches!(self.state, State::Running)
    }

    fn signal(&self, signal: Signal) -> bool {
        // Not reaped yet, so the number is still this child's.
        let pid = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw);
        pid.is_some_and(|pid| kill_process(pid, signal).is_ok())
    }
}

impl State {
    fn is_past_start(&self) -> bool {
        !matches!(self, Self::Starting)
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        // It may have ended by itself; SIGKILL ends a stopped one too.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn listen(worker: usize, output: ChildStdout, sender: Sender<Said>) {
    thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            // The fleet is gone only when its round is over.
            let _ = sender.send(Said { worker, what: What::Line(line) });
        }
        let _ = sender.send(Said { worker, what: What::End });
    });
}
