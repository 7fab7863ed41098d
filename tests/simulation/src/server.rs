//! The simulated authorization server, after the provider's rules for refresh tokens, and its memory of everything
//! that was presented to it: it is the judge of what is alive.

use grantline_core::{Attempt, Record};

use crate::clock::Ms;

/// The provider's settings of refresh tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Policy {
    /// The same refresh token is good again and again.
    ReUse {
        /// Whether every answer repeats it.
        repeats: bool,
    },
    /// A refresh token is good once.
    OneTime {
        /// For so long after its first use it may be used again, if at all.
        grace: Option<Ms>,
        /// What a use within the grace yields.
        again: Again,
        /// Whether a use after the grace ends all tokens of the grant.
        revokes_family: bool,
    },
}

/// What a repeated use within the grace yields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Again {
    /// Another refresh token, as good as the first.
    Another,
    /// The refresh token that the first use yielded.
    TheSame,
}

/// Why all tokens of a grant are dead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FamilyEnd {
    /// Its user revoked it.
    Revoked,
    /// Its absolute lifetime is over.
    Expired,
    /// A scope of it was removed from the client.
    ScopeRemoved,
    /// A spent token was presented outside its grace.
    Reuse,
}

/// A refresh token, by its place among all that were issued.
pub(crate) type TokenId = usize;
/// An access token, likewise.
pub(crate) type AccessId = usize;
/// What one answer brought.
pub(crate) type Issued = (TokenId, AccessId);

#[derive(Debug)]
pub(crate) struct Token {
    pub(crate) session: usize,
    /// The grant that it belongs to: each login is a later one.
    pub(crate) family: usize,
    parent: Option<TokenId>,
    first_child: Option<TokenId>,
    pub(crate) spent: Option<Ms>,
    /// The hosts whose engines took an answer with this token.
    pub(crate) reached: Vec<Reached>,
}

/// Where an answer arrived.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reached {
    pub(crate) host: usize,
    pub(crate) life: u32,
    /// The attempt that it answered.
    pub(crate) attempt: Attempt,
    pub(crate) at: Ms,
}

#[derive(Debug)]
pub(crate) struct Access {
    pub(crate) session: usize,
    pub(crate) issued: Ms,
    /// When the store had it, with the refresh token that came with it.
    pub(crate) saved: Option<Ms>,
    refresh: TokenId,
}

/// What the server makes of a presented refresh token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    Tokens { access: AccessId, refresh: TokenId },
    Refused(Refusal),
}

/// Why a refresh token was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// All tokens of the grant are dead.
    FamilyEnded(FamilyEnd),
    /// It was spent, and its grace is over.
    Spent,
}

impl Refusal {
    /// The `error` of the answer (RFC 6749 section 5.2).
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::FamilyEnded(FamilyEnd::ScopeRemoved) => "invalid_scope",
            _ => "invalid_grant",
        }
    }
}

#[derive(Debug)]
pub(crate) struct Server {
    policy: Policy,
    access_life: Ms,
    pub(crate) tokens: Vec<Token>,
    pub(crate) access: Vec<Access>,
    families: Vec<Option<FamilyEnd>>,
}

impl Server {
    pub(crate) fn new(policy: Policy, access_life: Ms) -> Self {
        Self { policy, access_life, tokens: Vec::new(), access: Vec::new(), families: Vec::new() }
    }

    /// The first tokens of a grant.
    pub(crate) fn login(&mut self, session: usize, at: Ms) -> (AccessId, TokenId) {
        self.families.push(None);
        let refresh = self.issue(session, self.families.len() - 1, None);
        (self.issue_access(session, refresh, at), refresh)
    }

    /// RFC 6749 section 6.
    pub(crate) fn refresh(&mut self, token: TokenId, at: Ms) -> Answer {
        let Token { session, family, spent, first_child, .. } = self.tokens[token];
        if let Some(end) = self.families[family] {
            return Answer::Refused(Refusal::FamilyEnded(end));
        }
        let Policy::OneTime { grace, again, revokes_family } = self.policy else {
            return Answer::Tokens { access: self.issue_access(session, token, at), refresh: token };
        };
        let refresh = match (spent, grace) {
            (None, _) => self.issue(session, family, Some(token)),
            (Some(spent), Some(grace)) if at - spent <= grace => match (again, first_child) {
                (Again::TheSame, Some(child)) => child,
                _ => self.issue(session, family, Some(token)),
            },
            _ => {
                if revokes_family {
                    self.families[family] = Some(FamilyEnd::Reuse);
                }
                return Answer::Refused(Refusal::Spent);
            }
        };
        self.tokens[token].spent.get_or_insert(at);
        self.tokens[token].first_child.get_or_insert(refresh);
        Answer::Tokens { access: self.issue_access(session, refresh, at), refresh }
    }

    /// A token's grant ends, whatever the client does.
    pub(crate) fn end(&mut self, token: TokenId, why: FamilyEnd) {
        self.families[self.tokens[token].family].get_or_insert(why);
    }

    /// Why the grant of a token has ended.
    pub(crate) fn family_end(&self, token: TokenId) -> Option<FamilyEnd> {
        self.families[self.tokens[token].family]
    }

    fn issue(&mut self, session: usize, family: usize, parent: Option<TokenId>) -> TokenId {
        self.tokens.push(Token {
            session,
            family,
            parent,
            first_child: None,
            spent: None,
            reached: Vec::new(),
        });
        self.tokens.len() - 1
    }

    fn issue_access(&mut self, session: usize, refresh: TokenId, at: Ms) -> AccessId {
        self.access.push(Access { session, issued: at, saved: None, refresh });
        self.access.len() - 1
    }

    /// Whether presenting this token would bring new ones, grace apart.
    pub(crate) fn is_live(&self, token: TokenId) -> bool {
        let Token { family, spent, .. } = self.tokens[token];
        self.families[family].is_none() && (spent.is_none() || matches!(self.policy, Policy::ReUse { .. }))
    }

    /// The tokens that presenting this one brought.
    pub(crate) fn children(&self, of: TokenId) -> impl Iterator<Item = TokenId> + '_ {
        (of + 1..self.tokens.len()).filter(move |token| self.tokens[*token].parent == Some(of))
    }

    /// The tokens that presenting this one brought, directly or through others.
    pub(crate) fn descendants(&self, of: TokenId) -> impl Iterator<Item = TokenId> + '_ {
        let descends = move |token: &TokenId| {
            std::iter::successors(self.tokens[*token].parent, |up| self.tokens[*up].parent).any(|up| up == of)
        };
        (of + 1..self.tokens.len()).filter(descends)
    }

    /// Whether the store had what came of presenting this token, before that moment.
    pub(crate) fn was_saved(&self, after: TokenId, before: Ms) -> bool {
        let saved = |access: &Access| access.saved.is_some_and(|at| at < before);
        self.descendants(after)
            .any(|token| self.access.iter().any(|access| access.refresh == token && saved(access)))
    }

    /// The JSON of a successful token response (RFC 6749 section 5.1). `is_new`: whether the client has not seen its
    /// refresh token yet.
    pub(crate) fn success(&self, access: AccessId, refresh: TokenId, is_new: bool) -> String {
        let seconds = self.access_life / 1000;
        let refresh = match self.policy {
            Policy::ReUse { repeats: false } if !is_new => String::new(),
            _ => format!(r#","refresh_token":"rt{refresh}""#),
        };
        format!(r#"{{"access_token":"at{access}","token_type":"Bearer","expires_in":{seconds}{refresh}}}"#)
    }
}

/// The tokens in a record, which the judge reads in clear.
pub(crate) fn issued_in(record: &Record) -> Option<Issued> {
    let text = std::str::from_utf8(record.bytes.expose_secret()).ok()?;
    let member = |name: &str, prefix: &str| named(text.split(name).nth(1)?.split('"').next()?, prefix);
    Some((member(r#""refresh_token":""#, "rt")?, member(r#""access_token":""#, "at")?))
}

/// The place of a token that was issued by that name (`rt7`, `at12`).
pub(crate) fn named(text: &str, prefix: &str) -> Option<usize> {
    text.strip_prefix(prefix)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server(grace: Option<Ms>, again: Again, revokes_family: bool) -> (Server, TokenId) {
        let mut server = Server::new(Policy::OneTime { grace, again, revokes_family }, 60_000);
        let (_, first) = server.login(0, 0);
        (server, first)
    }

    fn tokens(answer: Answer) -> TokenId {
        let Answer::Tokens { refresh, .. } = answer else { panic!("expected tokens, got {answer:?}") };
        refresh
    }

    #[test]
    fn a_one_time_token_is_good_once() {
        let (mut server, first) = server(None, Again::Another, false);
        let second = tokens(server.refresh(first, 10));
        assert_eq!(server.refresh(first, 10), Answer::Refused(Refusal::Spent));
        assert!(server.is_live(second) && !server.is_live(first));
    }

    #[test]
    fn a_replay_within_the_grace_yields_another_token_or_the_same() {
        let (mut server_a, first) = server(Some(5), Again::Another, true);
        let (one, other) = (tokens(server_a.refresh(first, 10)), tokens(server_a.refresh(first, 15)));
        assert!(one != other && server_a.is_live(one) && server_a.is_live(other));
        let (mut server_b, first) = server(Some(5), Again::TheSame, true);
        assert_eq!(tokens(server_b.refresh(first, 10)), tokens(server_b.refresh(first, 15)));
    }

    #[test]
    fn a_replay_after_the_grace_ends_the_family_where_the_policy_says_so() {
        for revokes in [true, false] {
            let (mut server, first) = server(Some(5), Again::Another, revokes);
            let second = tokens(server.refresh(first, 10));
            assert_eq!(server.refresh(first, 16), Answer::Refused(Refusal::Spent));
            assert_eq!(server.is_live(second), !revokes);
        }
    }

    #[test]
    fn a_re_used_token_stays_the_same() {
        let mut server = Server::new(Policy::ReUse { repeats: true }, 60_000);
        let (_, first) = server.login(0, 0);
        assert_eq!(tokens(server.refresh(first, 10)), first);
        assert!(server.is_live(first));
    }

    #[test]
    fn descendants_are_found_through_others() {
        let (mut server, first) = server(Some(5), Again::Another, false);
        let second = tokens(server.refresh(first, 10));
        let third = tokens(server.refresh(second, 20));
        assert_eq!(server.descendants(first).collect::<Vec<_>>(), [second, third]);
        assert_eq!(server.descendants(third).count(), 0);
    }
}
