//! Schedules from seeds.

use crate::clock::{Clock, Ms};
use crate::faults::{Class, Fault, Kind, Phase, Told, What, refuses_unseen};
use crate::random::Random;
use crate::schedule::{Ask, Caller, Provider, Schedule, Wish};
use crate::server::{Again, FamilyEnd, Policy};

/// What kind of schedules are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Any number of faults of any kind, under any policy.
    Any,
    /// One fault at most, one-time tokens with this grace, and callers that keep asking.
    OneFault { grace: Ms },
    /// One fault of a kind, at a time when the access token is dead and every host wants another. Whether the
    /// application was told of the grace.
    Loss { grace: Ms, kind: Kind, known: bool },
}

/// The faults that come alone: all but those that no client can survive, and those that are no event.
pub(crate) const ALONE: [Kind; 17] = [
    Kind::Crash,
    Kind::Shutdown,
    Kind::ShortSleep,
    Kind::NoConnection,
    Kind::LostRequest,
    Kind::LostReply,
    Kind::LateRequest,
    Kind::UnreadableReply,
    Kind::ServerTrouble,
    Kind::SilentPump,
    Kind::StoreRefuses,
    Kind::LostStoreReply,
    Kind::SlowStore,
    Kind::StoreOutage,
    Kind::WallJump,
    Kind::StoreClockJump,
    Kind::CallerLeaves,
];

/// The schedule of a seed.
pub(crate) fn generate(seed: u64, mode: Mode) -> Schedule {
    let mut random = Random::new(seed);
    match mode {
        Mode::Any => any(seed, &mut random),
        Mode::OneFault { grace } => {
            let kind = random.pick(&ALONE);
            one_fault(seed, grace, kind, &mut random)
        }
        Mode::Loss { grace, kind, known } => loss(seed, (grace, known), kind, &mut random),
    }
}

fn any(seed: u64, random: &mut Random) -> Schedule {
    let policy = any_policy(random);
    let mut schedule = quiet(seed, policy, random);
    schedule.asks_for_login = random.percent(4);
    let faults = random.pick(&[0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 4, 4, 5, 7, 10]);
    let kinds: Vec<Kind> = Kind::ALL.into_iter().filter(|kind| *kind != Kind::GrantEnds).collect();
    for _ in 0..faults {
        let kind = if random.percent(2) { Kind::GrantEnds } else { random.pick(&kinds) };
        add(&mut schedule, kind, random);
    }
    if random.percent(15) {
        overtake(&mut schedule, random);
    }
    schedule
}

/// A holder that sleeps until another has its lease, and a store that fails when either wants to save or to end: what
/// all safeguards are there for, and chance brings about seldom.
fn overtake(schedule: &mut Schedule, random: &mut Random) {
    if random.percent(60) {
        let grace = random.pick(&[None, Some(0), Some(5_000)]);
        let again = random.pick(&[Again::Another, Again::TheSame]);
        schedule.policy = Policy::OneTime { grace, again, revokes_family: false };
        fit_ways(schedule);
    }
    let phase = random.pick(&[Phase::OnTheWire, Phase::OnTheWire, Phase::Waiting, Phase::Answered]);
    let longest = random.pick(&[60_000, 300_000]);
    let time = random.between(schedule.short_sleep() + 10_000, longest);
    let what = What::Sleep { phase, time, timers_first: random.percent(50) };
    schedule.faults.push(Fault { at: Class::Send, nth: random.pick(&[0, 0, 1]), what });
    let kind = random.pick(&[Kind::StoreRefuses, Kind::LostStoreReply, Kind::SlowStore, Kind::StoreOutage]);
    let what = event(kind, schedule, random);
    let at = random.pick(&[Class::Commit, Class::End, Class::End]);
    schedule.faults.push(Fault { at, nth: random.pick(&[0, 0, 1]), what });
}

fn any_policy(random: &mut Random) -> Policy {
    if random.percent(8) {
        return Policy::ReUse { repeats: random.percent(50) };
    }
    let grace = random.pick(&[None, Some(0), Some(5_000), Some(10_000), Some(30_000), Some(60_000)]);
    one_time(grace, random)
}

fn one_time(grace: Option<Ms>, random: &mut Random) -> Policy {
    let again = random.pick(&[Again::Another, Again::TheSame]);
    Policy::OneTime { grace, again, revokes_family: random.percent(40) }
}

fn one_fault(seed: u64, grace: Ms, kind: Kind, random: &mut Random) -> Schedule {
    let policy = one_time(Some(grace), random);
    let mut schedule = quiet(seed, policy, random);
    keep_asking(&mut schedule);
    add(&mut schedule, kind, random);
    schedule
}

/// The usual time limit, and one time at which every host wants a token.
fn loss(seed: u64, (grace, known): (Ms, bool), kind: Kind, random: &mut Random) -> Schedule {
    let policy = one_time(Some(grace), random);
    let mut schedule = quiet(seed, policy, random);
    (schedule.http_timeout, schedule.grace_is_known) = (10_000, known);
    fit_ways(&mut schedule);
    let at = schedule.access_life;
    let session = 0;
    let caller = |host: usize| {
        let ask = Ask { at: at + random.between(0, 2_000), ..ask(at, random) };
        Caller { host, session, obeys: false, asks: vec![ask] }
    };
    schedule.callers = (0..schedule.hosts.len()).map(caller).collect();
    keep_asking(&mut schedule);
    add(&mut schedule, kind, random);
    schedule
}

fn keep_asking(schedule: &mut Schedule) {
    schedule.one_fault = true;
    schedule.callers.iter_mut().for_each(|caller| caller.obeys = false);
    for ask in schedule.callers.iter_mut().flat_map(|caller| &mut caller.asks) {
        ask.keeps_asking = 70_000;
        if matches!(ask.wish, Wish::End | Wish::LogIn) {
            ask.wish = Wish::Token;
        }
    }
}

/// A world in which nothing goes wrong.
fn quiet(seed: u64, policy: Policy, random: &mut Random) -> Schedule {
    let http_timeout = random.pick(&[2_000, 3_000, 5_000, 10_000, 10_000]);
    let http_way = random.pick(&[(2, 60), (2, 60), (20, 400), (20, 400), (100, 1_800), (500, 4_000)]);
    let sessions = if random.percent(90) { 1 } else { 2 };
    let access_life = random.pick(&[30_000, 60_000, 300_000, 900_000, 3_600_000]);
    let hosts = random.pick(&[1, 2, 2, 2, 3, 3, 4]);
    let mut schedule = Schedule {
        seed,
        provider: random.pick(&[Provider::Standard, Provider::VismaConnect]),
        policy,
        grace_is_known: random.percent(50),
        asks_for_login: false,
        access_life,
        http_timeout,
        http_way,
        store_way: random.pick(&[(0, 2), (1, 20), (5, 300)]),
        sessions,
        hosts: vec![Clock::right(); hosts],
        store_clock: Clock::right(),
        callers: Vec::new(),
        faults: Vec::new(),
        one_fault: false,
    };
    fit_ways(&mut schedule);
    schedule.callers = callers(&schedule, random);
    schedule
}

/// A request and its answer stay within the time limit.
fn fit_ways(schedule: &mut Schedule) {
    schedule.http_way.1 = schedule.http_way.1.min(schedule.request_limit() * 2 / 5);
}

/// Callers who come together about when a token ends, and now and then in between.
fn callers(schedule: &Schedule, random: &mut Random) -> Vec<Caller> {
    let mut bursts = Vec::new();
    let mut at = 0;
    for _ in 0..random.pick(&[1, 1, 2, 2, 3]) {
        at += schedule.access_life * random.between(75, 130) / 100;
        bursts.push((at, random.pick(&[0, 20, 500, 3_000, 30_000])));
    }
    let count = schedule.hosts.len() + random.place(3);
    let caller = |place: usize, random: &mut Random| {
        let session = if schedule.sessions > 1 { random.place(schedule.sessions) } else { 0 };
        let mut asks: Vec<Ask> = bursts.iter().filter_map(|burst| in_burst(*burst, random)).collect();
        if random.percent(15) {
            asks.push(ask(random.between(1, at), random));
        }
        asks.sort_by_key(|ask| ask.at);
        Caller { host: place % schedule.hosts.len(), session, obeys: random.percent(30), asks }
    };
    (0..count).map(|place| caller(place, random)).collect()
}

fn in_burst((at, width): (Ms, Ms), random: &mut Random) -> Option<Ask> {
    random.percent(85).then(|| ask(at + random.between(0, width), random))
}

fn ask(at: Ms, random: &mut Random) -> Ask {
    let keeps_asking = random.pick(&[0, 5_000, 70_000]);
    let wish = match random.below(100) {
        0..3 => Wish::Newer,
        3..6 => Wish::Replacement,
        6 => Wish::End,
        7 => Wish::LogIn,
        _ => Wish::Token,
    };
    Ask { at, wish, leaves_after: None, keeps_asking }
}

/// Adds a fault of a kind, aimed at an effect that it can strike.
fn add(schedule: &mut Schedule, kind: Kind, random: &mut Random) {
    match kind {
        Kind::WrongClock => wrong_clock(schedule, random),
        Kind::CallerLeaves => caller_leaves(schedule, random),
        _ => {
            let at = aim(kind, random);
            let nth = match at {
                Class::Load | Class::Begin => random.pick(&[0, 0, 1, 1, 2, 3, 5, 8, 20, 60]),
                _ => random.pick(&[0, 0, 0, 1, 1, 2, 3]),
            };
            let what = event(kind, schedule, random);
            schedule.faults.push(Fault { at, nth, what });
        }
    }
}

fn aim(kind: Kind, random: &mut Random) -> Class {
    use Class::{Begin, Commit, End, Load, Send};
    match kind {
        Kind::NoConnection
        | Kind::LostRequest
        | Kind::LostReply
        | Kind::LateRequest
        | Kind::UnreadableReply
        | Kind::ServerTrouble => Send,
        Kind::StoreRefuses | Kind::LostStoreReply | Kind::SlowStore | Kind::StoreOutage => {
            random.pick(&[Load, Begin, Begin, Commit, Commit, Commit, End])
        }
        _ => random.pick(&[Load, Begin, Send, Send, Send, Commit, Commit, End]),
    }
}

fn event(kind: Kind, schedule: &Schedule, random: &mut Random) -> What {
    let told = random.pick(&[Told::AtOnce, Told::AtTheLimit]);
    match kind {
        Kind::Crash => crash(schedule, random),
        Kind::Shutdown => What::Shutdown { restart: restart(schedule, random) },
        Kind::LongSleep => {
            let longest = random.pick(&[40_000, 90_000, 600_000]);
            sleep(random.between(schedule.short_sleep() + 1_000, longest), random)
        }
        Kind::LostRequest => What::LostRequest { told },
        Kind::LostReply => What::LostReply { told },
        Kind::LateRequest => What::LateRequest { late: random.between(1, 25_000) },
        Kind::UnreadableReply => What::UnreadableReply,
        Kind::ServerTrouble => server_trouble(random),
        Kind::SilentPump => What::SilentPump { performed: random.percent(50) },
        Kind::StoreRefuses => What::StoreRefuses,
        Kind::LostStoreReply => What::LostStoreReply,
        Kind::SlowStore => What::SlowStore { time: random.pick(&[1_000, 5_000, 9_000, 12_000, 40_000]) },
        Kind::StoreOutage => {
            // Longer than any grace, if anything else may go wrong as well.
            let longest = if schedule.one_fault { 30_000 } else { 90_000 };
            let time = random.pick(&[300, 1_000, 5_000, 15_000, 30_000, longest]);
            What::StoreOutage { time, for_all: random.percent(60) }
        }
        Kind::WallJump => What::WallJump { by: far(random) },
        Kind::StoreClockJump => What::StoreClockJump { by: random.between(-60_000, 120_000) },
        Kind::GrantEnds => {
            let ends = [FamilyEnd::Revoked, FamilyEnd::Expired, FamilyEnd::ScopeRemoved];
            What::GrantEnds { why: random.pick(&ends) }
        }
        Kind::NoConnection => What::NoConnection,
        Kind::ShortSleep | Kind::WrongClock | Kind::CallerLeaves => {
            sleep(random.between(100, schedule.short_sleep()), random)
        }
    }
}

fn phase(random: &mut Random) -> Phase {
    random.pick(&[Phase::Decided, Phase::OnTheWire, Phase::Waiting, Phase::Waiting, Phase::Answered])
}

/// In a schedule of one fault somebody is left who wants the token in time.
fn crash(schedule: &Schedule, random: &mut Random) -> What {
    let restart = restart(schedule, random);
    What::Crash { phase: phase(random), restart }
}

fn restart(schedule: &Schedule, random: &mut Random) -> Option<Ms> {
    let alone = schedule.hosts.len() == 1 && schedule.one_fault;
    (alone || random.percent(60)).then(|| random.between(200, if alone { 8_000 } else { 60_000 }))
}

fn sleep(time: Ms, random: &mut Random) -> What {
    What::Sleep { phase: phase(random), time, timers_first: random.percent(50) }
}

fn server_trouble(random: &mut Random) -> What {
    let status = random.pick(&[429, 500, 502, 503, 504, 520, 524]);
    let retry_after = random.percent(40).then(|| random.pick(&[0, 1, 20, 400]));
    let performed = !refuses_unseen(status, retry_after) && random.percent(60);
    What::ServerTrouble { status, retry_after, performed }
}

/// A jump of a wall clock: seconds, an hour, ten years, either way.
fn far(random: &mut Random) -> Ms {
    let size = random.pick(&[5_000, 120_000, 3_600_000, 315_360_000_000]);
    if random.percent(50) { size } else { -size }
}

fn wrong_clock(schedule: &mut Schedule, random: &mut Random) {
    let place = random.place(schedule.hosts.len() + 1);
    let is_host = place < schedule.hosts.len();
    let clock = schedule.hosts.get_mut(place).unwrap_or(&mut schedule.store_clock);
    clock.drift_ppm = random.between(-2_000, 2_000);
    clock.boot_at_zero = random.between(0, 10_000_000);
    if is_host && random.percent(70) {
        clock.wall_ahead = far(random);
    }
}

fn caller_leaves(schedule: &mut Schedule, random: &mut Random) {
    let place = random.place(schedule.callers.len());
    let longest = random.pick(&[5, 300, 4_000, 30_000]);
    let asks = &mut schedule.callers[place].asks;
    let place = random.place(asks.len().max(1));
    if let Some(ask) = asks.get_mut(place) {
        ask.leaves_after = Some(random.between(0, longest));
    }
}
