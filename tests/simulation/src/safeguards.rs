//! The protocol's safeguards, of which one at a time can be taken away: the simulation has to notice.

/// Something without which grants would be lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Safeguard {
    /// `begin` leaves a mark. Without: the store keeps none.
    PendingMark,
    /// `commit` writes only over the generation that was spent. Without: over any.
    GenerationFence,
    /// After `invalid_grant` the store is read again. Without: the read brings the record that the attempt began with.
    ReRead,
    /// `begin` waits while another holds the lease. Without: it is given to whoever asks.
    LeaseWait,
    /// A holder whose answer is lost sends once more, at once. Without: the second request is not performed.
    ImmediateReplay,
    /// A late valid answer is saved over a tombstone of its generation. Without: it is not.
    TombstoneRevival,
}

impl Safeguard {
    pub(crate) const ALL: [Self; 6] = [
        Self::PendingMark,
        Self::GenerationFence,
        Self::ReRead,
        Self::LeaseWait,
        Self::ImmediateReplay,
        Self::TombstoneRevival,
    ];

    /// Its name on the command line and in reports.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::PendingMark => "pending-mark",
            Self::GenerationFence => "generation-fence",
            Self::ReRead => "re-read",
            Self::LeaseWait => "lease-wait",
            Self::ImmediateReplay => "immediate-replay",
            Self::TombstoneRevival => "tombstone-revival",
        }
    }
}
