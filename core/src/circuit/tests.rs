use serde_json::json;

use super::*;
use crate::error::{Endpoint, Fault, Misuse, ServerError, Transport};
use crate::http::{HttpFailure, Sent};
use crate::time::UnixMillis;

const ISSUER: &str = "https://a.example";
/// Draws the shortest of each rest: half of it.
const SHORTEST: u64 = 0;

/// The circuits and a clock that is moved by hand.
struct Scene {
    circuits: Circuits,
    now: Now,
}

impl Scene {
    fn new() -> Self {
        Self { circuits: Circuits::default(), now: Now { wall: UnixMillis(1), boot: Millis(60_000) } }
    }

    fn after(&mut self, millis: u64) -> &mut Self {
        self.now.boot.0 += millis;
        self
    }

    fn reports(&mut self, outcome: &Result<(), Error>) -> &mut Self {
        self.circuits.report(ISSUER, outcome, self.now, SHORTEST);
        self
    }

    fn fails(&mut self, times: u32) -> &mut Self {
        (0..times).for_each(|_| {
            self.reports(&Err(status(500, None)));
        });
        self
    }

    /// For how many milliseconds it has to rest; 0: it goes out.
    fn rest(&self) -> u128 {
        match self.circuits.admit(ISSUER, self.now) {
            Ok(()) => 0,
            Err(Error::Resting { after, .. }) => after.as_millis(),
            Err(other) => panic!("it rests or goes out, and came to {other:?}"),
        }
    }
}

fn status(status: u16, after: Option<u64>) -> Error {
    Violation::ServerUnavailable { status, after: after.map(Duration::from_secs) }.into()
}

fn transport(kind: HttpFailureKind) -> Error {
    let failure = HttpFailure { kind, sent: Sent::Maybe, detail: "x".to_owned() };
    Error::Transport(Transport { to: "https://a.example/token".to_owned(), failure })
}

fn refusal(status: u16, advice: Advice) -> Error {
    Error::Server(Box::new(ServerError {
        endpoint: Endpoint::Token,
        status: Some(status),
        error: "e".to_owned(),
        description: None,
        uri: None,
        members: Map::from_iter([("filler".to_owned(), json!("x"))]),
        advice,
        hint: None,
    }))
}

#[test]
fn the_fifth_failure_in_a_row_opens_it_and_an_answer_starts_the_count_again() {
    let mut scene = Scene::new();
    assert_eq!(scene.fails(4).rest(), 0);
    assert_eq!(scene.reports(&Ok(())).fails(4).rest(), 0);
    assert_eq!(scene.fails(1).rest(), 500);
}

#[test]
fn every_kind_of_trouble_counts() {
    for trouble in [
        transport(HttpFailureKind::Dns),
        transport(HttpFailureKind::Connect),
        transport(HttpFailureKind::TimedOut),
        transport(HttpFailureKind::ConnectionLost),
        status(502, None),
        status(429, None),
        refusal(500, Advice::Retry { after: None }),
        refusal(429, Advice::Retry { after: None }),
        Error::LoginSpent(Box::new(status(503, None))),
    ] {
        let mut scene = Scene::new();
        assert_eq!(scene.fails(4).reports(&Err(trouble.clone())).rest(), 500, "{trouble:?}");
    }
}

#[test]
fn what_is_no_word_of_the_provider_neither_counts_nor_clears() {
    for other in [
        Error::Cancelled,
        transport(HttpFailureKind::NotPerformed),
        Misuse::EmptyScopes.into(),
        Violation::NotJson { status: 200, content_type: "text/html".to_owned() }.into(),
        Error::broken("x"),
    ] {
        let mut scene = Scene::new();
        assert_eq!(scene.fails(4).reports(&Err(other.clone())).rest(), 0, "{other:?}");
        assert_eq!(scene.fails(1).rest(), 500, "{other:?}");
    }
}

#[test]
fn a_refusal_in_the_server_s_own_words_is_an_answer() {
    let mut scene = Scene::new();
    let refused = || Err(refusal(400, Advice::LogInAgain));
    assert_eq!(scene.fails(4).reports(&refused()).fails(4).rest(), 0);
    assert_eq!(scene.fails(1).after(500).rest(), 0, "the probe");
    assert_eq!(scene.reports(&refused()).rest(), 0);
    assert_eq!(scene.rest(), 0, "all go out");
}

#[test]
fn when_its_time_is_over_one_probe_goes_out_and_the_others_rest_until_its_report() {
    let mut scene = Scene::new();
    assert_eq!(scene.fails(5).after(499).rest(), 1);
    assert_eq!(scene.after(1).rest(), 0);
    assert_eq!(scene.rest(), 1000);
    scene.reports(&Ok(()));
    assert_eq!((scene.rest(), scene.rest()), (0, 0));
}

#[test]
fn each_probe_that_fails_doubles_the_rest_up_to_a_minute() {
    let mut scene = Scene::new();
    scene.fails(5);
    for rest in [500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000] {
        assert_eq!(scene.rest(), u128::from(rest));
        assert_eq!(scene.after(rest).rest(), 0);
        scene.fails(1);
    }
    assert_eq!(backoff(u32::MAX, 30_000), LONGEST_REST);
}

#[test]
fn the_second_half_of_each_rest_is_drawn() {
    assert_eq!(backoff(THRESHOLD, SHORTEST), Duration::from_millis(500));
    assert_eq!(backoff(THRESHOLD, 500), FIRST_REST);
    assert_eq!(backoff(THRESHOLD, 501), Duration::from_millis(500));
    for jitter in [u64::MAX, 1 << 40, 77] {
        let rest = backoff(THRESHOLD + 6, jitter);
        assert!(rest >= LONGEST_REST / 2 && rest <= LONGEST_REST, "{rest:?}");
    }
}

#[test]
fn a_probe_that_is_never_reported_makes_room_for_another() {
    let mut scene = Scene::new();
    assert_eq!(scene.fails(5).after(500).rest(), 0);
    assert_eq!(scene.after(14_999).rest(), 1000);
    assert_eq!(scene.after(1).rest(), 0);
    assert_eq!(scene.rest(), 1000);
}

#[test]
fn a_probe_that_was_not_performed_makes_room_for_another() {
    let mut scene = Scene::new();
    assert_eq!(scene.fails(5).after(500).rest(), 0);
    assert_eq!(scene.reports(&Err(Error::Cancelled)).rest(), 0);
    assert_eq!(scene.rest(), 1000);
}

#[test]
fn a_time_that_the_server_names_is_kept_from_the_first_failure_on() {
    for told in [status(503, Some(20)), refusal(429, Advice::Retry { after: Some(Duration::from_secs(20)) })]
    {
        let mut scene = Scene::new();
        assert_eq!(scene.reports(&Err(told)).rest(), 20_000);
        assert_eq!(scene.reports(&Ok(())).rest(), 20_000, "an answer to an earlier request changes nothing");
        assert_eq!(scene.after(20_000).rest(), 0, "the probe");
        assert_eq!(scene.rest(), 1000);
        assert_eq!(scene.reports(&Err(status(500, None))).rest(), 500, "a probe that fails opens it again");
    }
}

#[test]
fn a_named_time_lengthens_a_rest_and_never_shortens_it() {
    let mut scene = Scene::new();
    assert_eq!(scene.fails(5).reports(&Err(status(503, Some(20)))).rest(), 20_000);
    assert_eq!(scene.reports(&Err(status(503, Some(3)))).rest(), 20_000);
    let mut scene = Scene::new();
    assert_eq!(scene.reports(&Err(status(503, Some(0)))).rest(), 0, "at once is no time to wait");
    assert_eq!(scene.fails(3).reports(&Err(status(503, Some(0)))).rest(), 500);
}

#[test]
fn failures_of_requests_that_went_out_before_it_opened_do_not_lengthen_the_rest() {
    let mut scene = Scene::new();
    assert_eq!(scene.fails(16).rest(), 500);
    assert_eq!(scene.after(500).rest(), 0);
    assert_eq!(scene.fails(1).rest(), 1000);
}

#[test]
fn an_answer_to_an_earlier_request_closes_it() {
    assert_eq!(Scene::new().fails(5).reports(&Ok(())).rest(), 0);
}

#[test]
fn one_issuer_s_trouble_is_not_another_s() {
    let mut scene = Scene::new();
    scene.fails(5);
    assert_eq!(scene.circuits.admit("https://b.example", scene.now), Ok(()));
}

#[test]
fn whoever_rests_is_told_for_how_long_and_what_happened_last() {
    let mut scene = Scene::new();
    scene.fails(4).reports(&Err(transport(HttpFailureKind::Connect)));
    let resting = scene.circuits.admit(ISSUER, scene.now).unwrap_err();
    assert_eq!(resting.code(), "provider_resting");
    assert_eq!(resting.fault(), Fault::Transport);
    assert_eq!(resting.advice(), Advice::Retry { after: Some(Duration::from_millis(500)) });
    assert!(!resting.outcome_unknown(), "nothing was sent");
    assert_eq!(
        resting.to_string(),
        "nothing was sent: https://a.example is in trouble, and left alone for 500ms. Its last failure: no connection \
         to the server (https://a.example/token); the request may have arrived: x"
    );
}

#[test]
fn what_is_remembered_is_bounded() {
    let mut scene = Scene::new();
    scene.reports(&Err(status(503, Some(60))));
    for number in 0..2 * LIMIT {
        let issuer = format!("https://{number}.example");
        scene.circuits.report(&issuer, &Err::<(), _>(status(503, Some(30))), scene.now, SHORTEST);
    }
    assert_eq!(scene.circuits.lock().len(), LIMIT);
    assert_eq!(scene.rest(), 60_000, "the one with the longest rest stays");

    let mut scene = Scene::new();
    scene.reports(&Err(refusal(503, Advice::Retry { after: Some(LONGEST_REST) })));
    let Err(Error::Resting { cause, .. }) = scene.circuits.admit(ISSUER, scene.now) else {
        panic!("it rests")
    };
    assert!(matches!(*cause, Error::Server(refusal) if refusal.members.is_empty()));
}
