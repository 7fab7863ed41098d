//! What a server's clock says beside this machine's.

use std::fmt;

use crate::time::UnixMillis;

/// How far this machine's clock is from the server's, as far as the server says what time it is. A hint for whoever reads
/// the message: nothing is decided by it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ClockDifference {
    seconds: Option<i64>,
}

impl ClockDifference {
    pub(crate) fn new(here: UnixMillis, there: Option<UnixMillis>) -> Self {
        let seconds = |moment: UnixMillis| i64::try_from(moment.0 / 1000).unwrap_or(i64::MAX);
        Self { seconds: there.map(|there| seconds(here).saturating_sub(seconds(there))) }
    }
}

impl fmt::Display for ClockDifference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.seconds {
            Some(seconds @ 1..) => write!(f, ", which is {seconds} s ahead of the server's"),
            Some(seconds @ ..=-1) => write!(f, ", which is {} s behind the server's", seconds.unsigned_abs()),
            Some(0) => f.write_str(", which the server's agrees with"),
            None => Ok(()),
        }
    }
}
