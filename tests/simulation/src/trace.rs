//! What happened, in words, for whoever looks into a schedule.

use std::fmt;

use crate::clock::Ms;

/// The lines of one run, if anybody wants them.
#[derive(Debug)]
pub(crate) struct Trace(Option<Vec<(Ms, String)>>);

impl Trace {
    pub(crate) fn new(wanted: bool) -> Self {
        Self(wanted.then(Vec::new))
    }

    pub(crate) fn is_wanted(&self) -> bool {
        self.0.is_some()
    }

    pub(crate) fn note(&mut self, at: Ms, what: String) {
        if let Some(lines) = &mut self.0 {
            lines.push((at, what));
        }
    }
}

impl fmt::Display for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, what) in self.0.iter().flatten() {
            writeln!(f, "{:>10}.{:03} s  {what}", at / 1000, at % 1000)?;
        }
        Ok(())
    }
}

/// Notes a line in the world's trace. The line is made only if somebody wants it.
#[macro_export]
macro_rules! say {
    ($world:expr, $($line:tt)*) => {
        if $world.trace.is_wanted() {
            let line = format!($($line)*);
            $world.trace.note($world.now, line);
        }
    };
}
