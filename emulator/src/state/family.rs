//! What became of a login's grant.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Grant;
use crate::clock::UnixMillis;

/// One login's grant with all its refresh tokens, as a test sees it; it holds no secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct GrantReport {
    /// Its number, from 1 in the order of the logins.
    pub id: u64,
    /// Whom it was given to.
    pub client_id: String,
    /// The user who gave it.
    pub sub: String,
    /// The `sid` claim of its tokens.
    pub sid: String,
    /// What it lets the client do.
    pub scopes: Vec<String>,
    /// The number of its newest refresh token: 0 for the login's own, one more for each that followed. Under re-use it
    /// stays 0.
    pub rotation: u64,
    /// How often a refresh token that had not been used was exchanged; under re-use, every exchange.
    pub refreshes: u64,
    /// How often one that had been used was exchanged again within its grace window.
    pub replays_in_grace: u64,
    /// How often one that had been used was refused.
    pub replays_refused: u64,
    /// Why no token of it can be exchanged any more; `None` while it is alive.
    pub ended: Option<GrantEnd>,
}

/// Why a grant ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum GrantEnd {
    /// The client revoked it (RFC 7009).
    Revoked,
    /// A used refresh token came back after its grace window, and the application ends the family for that.
    Replayed,
    /// It reached its absolute lifetime.
    Expired,
    /// Its application or its user was removed.
    Removed,
}

/// All refresh tokens that stem from one login.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Family {
    pub(super) grant: Grant,
    pub(super) rotation: u64,
    pub(super) refreshes: u64,
    pub(super) replays_in_grace: u64,
    pub(super) replays_refused: u64,
    /// Why and when.
    pub(super) ended: Option<(GrantEnd, UnixMillis)>,
}

impl Family {
    pub(super) fn new(grant: Grant) -> Self {
        Self { grant, rotation: 0, refreshes: 0, replays_in_grace: 0, replays_refused: 0, ended: None }
    }

    /// The first reason stands.
    pub(super) fn end(&mut self, why: GrantEnd, now: UnixMillis) {
        self.ended = self.ended.or(Some((why, now)));
    }

    pub(super) fn report(&self, id: u64, expired: bool) -> GrantReport {
        GrantReport {
            id,
            client_id: self.grant.client_id.clone(),
            sub: self.grant.sub.clone(),
            sid: self.grant.authentication.sid.clone(),
            scopes: self.grant.scopes.clone(),
            rotation: self.rotation,
            refreshes: self.refreshes,
            replays_in_grace: self.replays_in_grace,
            replays_refused: self.replays_refused,
            ended: self.ended.map(|(end, _)| end).or(expired.then_some(GrantEnd::Expired)),
        }
    }
}
