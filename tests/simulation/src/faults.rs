//! What goes wrong: kinds of fault, and where each strikes.

use grantline_core::{Effect, RecordOperation, StoreRequest};

use crate::clock::Ms;
use crate::server::FamilyEnd;

/// The kinds of effect that a fault can be aimed at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    Load,
    Begin,
    /// The refresh request, or any other.
    Send,
    Commit,
    /// The end of an attempt.
    End,
    /// Whatever else is asked of the store.
    Other,
}

impl Class {
    pub(crate) const ALL: [Self; 6] =
        [Self::Load, Self::Begin, Self::Send, Self::Commit, Self::End, Self::Other];

    pub(crate) fn of(effect: &Effect) -> Self {
        let Effect::Store(StoreRequest::On { operation, .. }) = effect else {
            return if matches!(effect, Effect::Http(_)) { Self::Send } else { Self::Other };
        };
        match operation {
            RecordOperation::Load => Self::Load,
            RecordOperation::Begin { .. } => Self::Begin,
            RecordOperation::Commit { .. } => Self::Commit,
            RecordOperation::End { .. } => Self::End,
            _ => Self::Other,
        }
    }
}

/// Where in the life of an effect its host stops or dies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// It is decided, and nobody has begun to perform it.
    Decided,
    /// The performer has looked at the deadline, and nothing has left.
    OnTheWire,
    /// It has left, and its answer is on the way.
    Waiting,
    /// The answer is here, and nobody has looked at it.
    Answered,
}

/// When a host learns that no answer will come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Told {
    /// The connection breaks.
    AtOnce,
    /// Its time limit ends.
    AtTheLimit,
}

/// A fault, and the effect that it strikes: the `nth` of its class, counted over all hosts.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Fault {
    pub(crate) at: Class,
    pub(crate) nth: u32,
    pub(crate) what: What,
}

/// What happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum What {
    /// The process dies with all its memory, and starts again empty after a while, or never.
    Crash { phase: Phase, restart: Option<Ms> },
    /// The process ends in an orderly way: nobody is served any more, and what was sent is waited for, up to 10 s.
    Shutdown { restart: Option<Ms> },
    /// The process is stopped, and goes on later. Then its timers are seen to before its answers, or after them.
    Sleep { phase: Phase, time: Ms, timers_first: bool },
    /// No connection is made.
    NoConnection,
    /// The request is lost on its way.
    LostRequest { told: Told },
    /// The server's answer is lost on its way.
    LostReply { told: Told },
    /// The request arrives only so long after its sender gave it up.
    LateRequest { late: Ms },
    /// The answer comes and is cut off in the middle of its JSON.
    UnreadableReply,
    /// The server refuses before it looks at the request; or a gateway loses its answer, which is `performed`.
    ServerTrouble { status: u16, retry_after: Option<u64>, performed: bool },
    /// The pump never replies.
    SilentPump { performed: bool },
    /// The store does not do this one thing: a conflict, a busy file.
    StoreRefuses,
    /// The store does it, and says that it did not.
    LostStoreReply,
    /// The store takes so long to begin with it.
    SlowStore { time: Ms },
    /// The store does nothing for so long: for anybody, or for this host.
    StoreOutage { time: Ms, for_all: bool },
    /// The host's wall clock is set.
    WallJump { by: Ms },
    /// The store's clock is set.
    StoreClockJump { by: Ms },
    /// The grant ends at the server.
    GrantEnds { why: FamilyEnd },
}

/// A server that is too busy refuses before it looks, and says when to come back; any other 5xx may be a gateway's that
/// has lost the answer.
pub(crate) fn refuses_unseen(status: u16, retry_after: Option<u64>) -> bool {
    status == 429 || status == 503 && retry_after.is_some()
}

/// How faults are told apart in reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Crash,
    Shutdown,
    ShortSleep,
    LongSleep,
    NoConnection,
    LostRequest,
    LostReply,
    LateRequest,
    UnreadableReply,
    ServerTrouble,
    SilentPump,
    StoreRefuses,
    LostStoreReply,
    SlowStore,
    StoreOutage,
    WallJump,
    StoreClockJump,
    WrongClock,
    CallerLeaves,
    GrantEnds,
}

impl Kind {
    pub(crate) const ALL: [Self; 20] = [
        Self::Crash,
        Self::Shutdown,
        Self::ShortSleep,
        Self::LongSleep,
        Self::NoConnection,
        Self::LostRequest,
        Self::LostReply,
        Self::LateRequest,
        Self::UnreadableReply,
        Self::ServerTrouble,
        Self::SilentPump,
        Self::StoreRefuses,
        Self::LostStoreReply,
        Self::SlowStore,
        Self::StoreOutage,
        Self::WallJump,
        Self::StoreClockJump,
        Self::WrongClock,
        Self::CallerLeaves,
        Self::GrantEnds,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Crash => "crash of a host",
            Self::Shutdown => "orderly end of a host",
            Self::ShortSleep => "a host sleeps, shorter than the lease",
            Self::LongSleep => "a host sleeps, longer than the lease",
            Self::NoConnection => "no connection",
            Self::LostRequest => "lost request",
            Self::LostReply => "lost reply",
            Self::LateRequest => "a request arrives after it was given up",
            Self::UnreadableReply => "unreadable reply",
            Self::ServerTrouble => "429, 5xx, Retry-After",
            Self::SilentPump => "the pump never replies",
            Self::StoreRefuses => "store conflict",
            Self::LostStoreReply => "lost store reply",
            Self::SlowStore => "slow store",
            Self::StoreOutage => "store outage",
            Self::WallJump => "a wall clock jumps",
            Self::StoreClockJump => "the store's clock jumps",
            Self::WrongClock => "a host's clocks are wrong or drift",
            Self::CallerLeaves => "a caller goes away",
            Self::GrantEnds => "the grant ends at the server",
        }
    }

    pub(crate) fn place(self) -> usize {
        self as usize
    }
}

impl What {
    /// Its kind, where a sleep of `short` or less certainly ends before the lease.
    pub(crate) fn kind(self, short: Ms) -> Kind {
        match self {
            Self::Crash { .. } => Kind::Crash,
            Self::Shutdown { .. } => Kind::Shutdown,
            Self::Sleep { time, .. } if time <= short => Kind::ShortSleep,
            Self::Sleep { .. } => Kind::LongSleep,
            Self::NoConnection => Kind::NoConnection,
            Self::LostRequest { .. } => Kind::LostRequest,
            Self::LostReply { .. } => Kind::LostReply,
            Self::LateRequest { .. } => Kind::LateRequest,
            Self::UnreadableReply => Kind::UnreadableReply,
            Self::ServerTrouble { .. } => Kind::ServerTrouble,
            Self::SilentPump { .. } => Kind::SilentPump,
            Self::StoreRefuses => Kind::StoreRefuses,
            Self::LostStoreReply => Kind::LostStoreReply,
            Self::SlowStore { .. } => Kind::SlowStore,
            Self::StoreOutage { .. } => Kind::StoreOutage,
            Self::WallJump { .. } => Kind::WallJump,
            Self::StoreClockJump { .. } => Kind::StoreClockJump,
            Self::GrantEnds { .. } => Kind::GrantEnds,
        }
    }
}
