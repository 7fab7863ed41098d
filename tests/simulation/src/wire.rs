//! What happens between a host and the server.

use grantline_core::{
    EffectId, HttpFailure, HttpFailureKind, HttpReply, HttpRequest, HttpResponse, Reply, SecretBytes, Sent,
};

use crate::clock::Ms;
use crate::faults::{Told, What, refuses_unseen};
use crate::host::{Known, Refused, Sender};
use crate::pump::Fact;
use crate::safeguards::Safeguard;
use crate::server::{Answer, FamilyEnd, TokenId, named};
use crate::world::{Event, World};

/// A request under way.
#[derive(Debug)]
pub(crate) struct Exchange {
    pub(crate) host: usize,
    pub(crate) life: u32,
    pub(crate) id: EffectId,
    pub(crate) session: usize,
    pub(crate) asks: Asks,
    pub(crate) sent: Ms,
    /// When its performer gives up.
    limit: Ms,
    /// How long the answer is on its way.
    back: Ms,
    what: Option<What>,
}

/// What is asked of the server.
#[derive(Clone, Debug)]
pub(crate) enum Asks {
    /// New tokens for a refresh token.
    Refresh { token: TokenId, sender: Sender },
    /// The first tokens of a grant (RFC 6749 section 4.1.3).
    CodeExchange,
    /// The end of a grant (RFC 7009).
    Revocation { token: TokenId },
}

impl World<'_> {
    pub(crate) fn send(&mut self, host: usize, id: EffectId, request: &HttpRequest, what: Option<What>) {
        let refresh = presented(request, "refresh_token=", "rt");
        let session = match refresh {
            Some(token) => Some(self.server.tokens[token].session),
            None => presented(request, "code=", "c"),
        };
        let (asks, session) = match (refresh, session, presented(request, "token=", "rt")) {
            (Some(token), Some(session), _) => match self.sends_refresh(host, session, token, id, what) {
                Some(sender) => (Asks::Refresh { token, sender }, session),
                None => return self.not_sent(host, session, id),
            },
            (None, Some(session), _) => (Asks::CodeExchange, session),
            (_, _, Some(token)) => (Asks::Revocation { token }, self.server.tokens[token].session),
            _ => return self.not_sent(host, 0, id),
        };
        if what == Some(What::NoConnection) {
            return self.not_sent(host, session, id);
        }
        let (mut chance, way) = (self.chance("http", host, self.hosts[host].effects), self.plan.http_way);
        let (there, back) = (chance.between(way.0, way.1), chance.between(way.0, way.1));
        let life = self.hosts[host].life;
        let timeout = i64::try_from(request.timeout.as_millis()).unwrap_or(i64::MAX);
        let (sent, limit) = (self.now, self.now.saturating_add(timeout));
        let exchange = Exchange { host, life, id, session, asks, sent, limit, back, what };
        if let Some(at) = self.leaves(host, there, what) {
            self.travel(exchange, at);
        }
    }

    /// Who sends, if anything leaves.
    fn sends_refresh(
        &mut self,
        host: usize,
        session: usize,
        token: TokenId,
        id: EffectId,
        what: Option<What>,
    ) -> Option<Sender> {
        let after_mark = |attempt| self.lease_of(attempt).is_some_and(|lease| lease.after_mark);
        let sender = self.hosts[host].views[session].sender(after_mark);
        if what == Some(What::NoConnection) || self.is_removed_replay(host, session) {
            self.hosts[host].views[session].sends(id, Known::NotSent);
            return None;
        }
        self.judge_send(host, session, token, sender.as_ref());
        self.hosts[host].views[session].sends(id, Known::Nothing);
        sender
    }

    fn not_sent(&mut self, host: usize, session: usize, id: EffectId) {
        let reply = failed(HttpFailureKind::Connect, Sent::CertainlyNot);
        let fact = Fact::Request { session, id, known: Known::NotSent };
        let life = self.hosts[host].life;
        self.bring((host, life), id, self.now + self.plan.http_way.0, (reply, fact), None);
    }

    /// The replay of a holder whose answer was lost is what this safeguard is about.
    fn is_removed_replay(&self, host: usize, session: usize) -> bool {
        self.removed == Some(Safeguard::ImmediateReplay)
            && self.hosts[host].views[session].sent().any(|known| known == Known::Nothing)
    }

    fn travel(&mut self, exchange: Exchange, at: Ms) {
        let limit = exchange.limit;
        match exchange.what {
            Some(What::LostRequest { told }) => {
                let at = if told == Told::AtOnce { at } else { limit };
                self.lose(&exchange, at, told, None);
            }
            Some(What::LateRequest { late }) => {
                self.lose(&exchange, limit, Told::AtTheLimit, None);
                self.later(limit + late, Event::HttpArrives(exchange));
            }
            Some(What::SilentPump { performed: false }) => {}
            _ => self.later(at, Event::HttpArrives(exchange)),
        }
    }

    /// No answer reaches the host; it learns of that at some time.
    fn lose(&mut self, exchange: &Exchange, at: Ms, told: Told, served: Option<Ms>) {
        let kind = match told {
            Told::AtOnce => HttpFailureKind::ConnectionLost,
            Told::AtTheLimit => HttpFailureKind::TimedOut,
        };
        let fact = no_answer(exchange, served);
        let to = (exchange.host, exchange.life);
        self.bring(to, exchange.id, at.max(self.now), (failed(kind, Sent::Maybe), fact), None);
    }

    pub(crate) fn http_arrives(&mut self, exchange: &Exchange) {
        if let Some(What::ServerTrouble { status, retry_after, performed: false }) = exchange.what {
            return self.trouble(exchange, status, retry_after, None);
        }
        let told = match &exchange.asks {
            Asks::Refresh { token, sender } => self.server_refreshes(exchange, *token, sender),
            Asks::CodeExchange => self.server_logs_in(exchange.session),
            Asks::Revocation { token } => self.server_revokes(*token),
        };
        let (to, id, now) = ((exchange.host, exchange.life), exchange.id, self.now);
        match exchange.what {
            Some(What::LostReply { told: Told::AtOnce }) => {
                self.lose(exchange, now + exchange.back, Told::AtOnce, Some(now));
            }
            Some(What::LostReply { told: Told::AtTheLimit }) => {
                self.lose(exchange, exchange.limit, Told::AtTheLimit, Some(now));
            }
            Some(What::ServerTrouble { status, retry_after, .. }) => {
                self.trouble(exchange, status, retry_after, Some(now));
            }
            Some(What::UnreadableReply) if matches!(told.1, Fact::Tokens { .. }) => {
                let fact = no_answer(exchange, Some(now));
                let reply = json(200, r#"{"access_token":"at"#);
                self.bring(to, id, now + exchange.back, (reply, fact), None);
            }
            Some(What::LateRequest { .. } | What::SilentPump { .. }) => {}
            // It left so late that its performer does not wait for the answer.
            _ if now + exchange.back > exchange.limit => {
                self.lose(exchange, exchange.limit, Told::AtTheLimit, Some(now));
            }
            what => self.bring(to, id, now + exchange.back, told, what),
        }
    }

    fn server_refreshes(&mut self, exchange: &Exchange, token: TokenId, sender: &Sender) -> (Reply, Fact) {
        let (session, id) = (exchange.session, exchange.id);
        let was_live = self.server.is_live(token);
        let family_end = self.server.family_end(token);
        let answer = self.server.refresh(token, self.now);
        crate::say!(self, "the server is shown rt{token} by host {} and answers {answer:?}", exchange.host);
        self.verdict.replays += u64::from(!was_live);
        if family_end != self.server.family_end(token) {
            self.judge_revocation(exchange, token, sender);
        }
        match answer {
            Answer::Tokens { access, refresh } => {
                self.verdict.refreshes += 1;
                let fact = Fact::Tokens { session, id, sender: sender.clone(), refresh };
                (json(200, &self.server.success(access, refresh, refresh != token)), fact)
            }
            Answer::Refused(why) => {
                let living = self.store.kept(session).filter(|kept| !kept.ended);
                let stored_then = living.map(|kept| kept.record.generation);
                let (attempt, spent, after_a_loss) = (sender.attempt, sender.spent, sender.after_a_loss);
                let refused = Refused { attempt, spent, after_a_loss, stored_then };
                let reply = json(400, &format!(r#"{{"error":"{}"}}"#, why.code()));
                (reply, Fact::Refused { session, id, refused })
            }
        }
    }

    fn server_logs_in(&mut self, session: usize) -> (Reply, Fact) {
        let (access, refresh) = self.server.login(session, self.now);
        crate::say!(self, "the server logs the user of session {session} in: rt{refresh}");
        (json(200, &self.server.success(access, refresh, true)), Fact::Nothing)
    }

    /// RFC 7009: with the refresh token the grant ends.
    fn server_revokes(&mut self, token: TokenId) -> (Reply, Fact) {
        crate::say!(self, "the server revokes rt{token}");
        self.server.end(token, FamilyEnd::Revoked);
        (json(200, "{}"), Fact::Nothing)
    }

    fn trouble(&mut self, exchange: &Exchange, status: u16, retry_after: Option<u64>, served: Option<Ms>) {
        let (session, id) = (exchange.session, exchange.id);
        let headers = retry_after.map(|seconds| ("Retry-After".to_owned(), seconds.to_string()));
        let response = HttpResponse {
            status,
            headers: headers.into_iter().collect(),
            body: SecretBytes::new(b"trouble".to_vec()),
        };
        // Where a lost answer means a login, a plain 503 is taken at its word.
        let is_taken_at_its_word = status == 503 && self.plan.asks_for_login;
        let fact = match is_taken_at_its_word || refuses_unseen(status, retry_after) {
            true => Fact::Request { session, id, known: Known::Answer },
            false => no_answer(exchange, served),
        };
        let told = (Reply::Http(Ok(response)), fact);
        self.bring((exchange.host, exchange.life), id, self.now + exchange.back, told, None);
    }
}

/// What a request's parameter names.
fn presented(request: &HttpRequest, name: &str, prefix: &str) -> Option<usize> {
    let body = std::str::from_utf8(request.body.as_ref()?.expose_secret()).ok()?;
    named(body.split('&').find_map(|member| member.strip_prefix(name))?, prefix)
}

fn no_answer(exchange: &Exchange, served: Option<Ms>) -> Fact {
    match exchange.asks {
        Asks::Refresh { .. } => Fact::NoAnswer { session: exchange.session, served },
        _ => Fact::Nothing,
    }
}

pub(crate) fn json(status: u16, body: &str) -> Reply {
    let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
    let body = SecretBytes::new(body.as_bytes().to_vec());
    Reply::Http(Ok(HttpResponse { status, headers, body }))
}

fn failed(kind: HttpFailureKind, sent: Sent) -> Reply {
    let reply: HttpReply = Err(HttpFailure { kind, sent, detail: String::new() });
    Reply::Http(reply)
}
