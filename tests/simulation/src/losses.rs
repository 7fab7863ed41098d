//! Grants lost by grace and fault: what a user chooses a grace by.

use grantline_core::Error;

use crate::client::Providers;
use crate::clock::Ms;
use crate::faults::Kind;
use crate::generate::Mode;
use crate::runner::{Campaign, run_all};

/// The graces that a provider offers, in milliseconds.
const GRACES: [Ms; 5] = [0, 5_000, 10_000, 30_000, 60_000];

/// The faults by which a grant can be lost at all, and those that users ask about.
const FAULTS: [Kind; 10] = [
    Kind::Crash,
    Kind::LostRequest,
    Kind::LostReply,
    Kind::UnreadableReply,
    Kind::LateRequest,
    Kind::SilentPump,
    Kind::ShortSleep,
    Kind::LongSleep,
    Kind::LostStoreReply,
    Kind::StoreOutage,
];

/// How many schedules a fault has struck, and in how many of them a grant was lost.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Cell {
    pub(crate) struck: u64,
    pub(crate) lost: u64,
}

#[derive(Debug)]
pub(crate) struct Losses {
    pub(crate) graces: Vec<Ms>,
    pub(crate) rows: Vec<(Kind, Vec<Cell>)>,
}

/// Runs a campaign for every grace and fault. `like`: how many schedules each, and from which seed. `known`: whether the
/// application was told of the grace.
pub(crate) fn measure(providers: &Providers, like: Campaign, known: bool) -> Result<Losses, Error> {
    let cell = |kind: Kind, grace: Ms| {
        let mode = Mode::Loss { grace, kind, known };
        let tally = run_all(providers, Campaign { mode, ..like })?;
        Ok(Cell { struck: tally.struck, lost: tally.lost })
    };
    let row = |kind: Kind| {
        let cells = GRACES.into_iter().map(|grace| cell(kind, grace)).collect::<Result<_, Error>>()?;
        Ok((kind, cells))
    };
    let rows = FAULTS.into_iter().map(row).collect::<Result<_, Error>>()?;
    Ok(Losses { graces: GRACES.to_vec(), rows })
}
