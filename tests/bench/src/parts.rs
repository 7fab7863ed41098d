//! The parts, each a table.

mod command;
mod emulator;
mod fresh;
mod lookup;
mod memory;
mod program;
mod protocol;
mod refresh;
mod storm;
mod throughput;

use crate::Result;
use crate::effort::Effort;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Fresh,
    Lookup,
    Memory,
    Storm,
    Throughput,
    Refresh,
    Protocol,
    Emulator,
    Command,
}

impl Part {
    pub(crate) const ALL: [Self; 9] = [
        Self::Fresh,
        Self::Lookup,
        Self::Memory,
        Self::Storm,
        Self::Throughput,
        Self::Refresh,
        Self::Protocol,
        Self::Emulator,
        Self::Command,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Fresh => "fresh",
            Self::Lookup => "lookup",
            Self::Memory => "memory",
            Self::Storm => "storm",
            Self::Throughput => "throughput",
            Self::Refresh => "refresh",
            Self::Protocol => "protocol",
            Self::Emulator => "emulator",
            Self::Command => "command",
        }
    }

    pub(crate) fn named(word: &str) -> Result<Self> {
        let known = || Self::ALL.map(Self::name).join(", ");
        let part = Self::ALL.into_iter().find(|part| part.name() == word);
        part.ok_or_else(|| format!("expected --quick or a part ({}), got `{word}`", known()).into())
    }

    pub(crate) fn measure(self, effort: &Effort) -> Result<()> {
        eprintln!("measuring: {}", self.name());
        let table = match self {
            Self::Fresh => fresh::measure(effort),
            Self::Lookup => lookup::measure(effort),
            Self::Memory => memory::measure(effort),
            Self::Storm => storm::measure(effort),
            Self::Throughput => throughput::measure(effort),
            Self::Refresh => refresh::measure(effort),
            Self::Protocol => protocol::measure(effort),
            Self::Emulator => emulator::measure(effort),
            Self::Command => command::measure(effort),
        }?;
        println!("{table}");
        Ok(())
    }
}
