//! What the system tells: the machine, and this process's memory.

use std::fs;
use std::process::Command;
use std::thread;
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// How long this thread has been running.
pub(crate) fn thread_time() -> Duration {
    duration(ClockId::ThreadCPUTime)
}

/// How long the threads of this process have been running, all together.
pub(crate) fn process_time() -> Duration {
    duration(ClockId::ProcessCPUTime)
}

fn duration(clock: ClockId) -> Duration {
    clock_gettime(clock).try_into().unwrap_or_default()
}

/// Memory of this process that is in RAM now, and the most that ever was, in bytes. Linux alone tells.
pub(crate) fn resident() -> Option<(usize, usize)> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let field = |name| {
        let kibibytes =
            status.lines().find_map(|line| line.strip_prefix(name))?.trim().strip_suffix(" kB")?;
        kibibytes.parse::<usize>().ok().map(|kibibytes| kibibytes * 1024)
    };
    Some((field("VmRSS:")?, field("VmHWM:")?))
}

/// The machine in a line.
pub(crate) fn machine() -> String {
    let processors = thread::available_parallelism().map_or(1, usize::from);
    let cpu = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpu.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let model = model.map_or("processor of unknown make", |(_, model)| model);
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split(' ').next().unwrap_or_default();
    format!("{processors} x {model}, {}, load {load} at the start", said_by("uname", &["-s", "-r"]))
}

pub(crate) fn date() -> String {
    said_by("date", &["-u", "+%Y-%m-%d"])
}

pub(crate) fn compiler() -> String {
    said_by("rustc", &["--version"])
}

fn said_by(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output().ok();
    output.map_or_else(
        || format!("(no `{program}` here)"),
        |output| String::from_utf8_lossy(&output.stdout).trim().to_owned(),
    )
}
