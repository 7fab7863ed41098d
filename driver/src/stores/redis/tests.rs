//! Against a real server.

use std::sync::LazyLock;

use futures_executor::block_on;
use grantline_core::{Generation, Record, RecordOperation, StoreFailureKind, StoreReply, UnixMillis};
use grantline_test_servers::Redis;

use crate::stores::contract::Contract;
use crate::stores::testing::{
    Asked, Network, begins_and_ends_once, certificate, failed, loaded, reads_the_first_release, record,
};
use crate::stores::{RedisOptions, Store};

/// For the tests that leave it as it is.
static SHARED: LazyLock<Redis> = LazyLock::new(|| Redis::start().unwrap());

fn asked(redis: &Redis, test: &str) -> Asked {
    Asked::new(Store::redis(redis.url()).unwrap(), test)
}

fn key(asked: &Asked, kind: &str) -> String {
    format!("grantline:{{{}}}:{kind}", asked.key.collection)
}

fn record_key(asked: &Asked) -> String {
    key(asked, &format!("record:{}", asked.key.name))
}

#[test]
fn redis_keeps_the_contract() {
    block_on(Contract::shared(|| Store::redis(SHARED.url()).unwrap()).check()).assert_kept();
}

/// Three nodes that share the slots.
fn cluster() -> Vec<Redis> {
    let nodes: Vec<Redis> = (0..3).map(|_| Redis::with().in_cluster().start().unwrap()).collect();
    let [first, others @ ..] = nodes.as_slice() else { panic!("there are no nodes") };
    for (node, slots) in nodes.iter().zip([["0", "5461"], ["5462", "10922"], ["10923", "16383"]]) {
        node.command(&["CLUSTER", "ADDSLOTSRANGE", slots[0], slots[1]]).unwrap();
    }
    for node in others {
        let (port, bus) = (node.port().to_string(), node.cluster_port().unwrap().to_string());
        first.command(&["CLUSTER", "MEET", "127.0.0.1", &port, &bus]).unwrap();
    }
    let is_joined = |node: &Redis| {
        let state = node.command(&["CLUSTER", "INFO"]).unwrap();
        state.contains("cluster_state:ok") && state.contains("cluster_known_nodes:3")
    };
    while !nodes.iter().all(is_joined) {}
    nodes
}

#[test]
fn a_cluster_keeps_the_contract() {
    let nodes = cluster();
    let store = move || RedisOptions::cluster([nodes[0].url(), nodes[1].url()]).open().unwrap();
    block_on(Contract::shared(store).check()).assert_kept();
}

#[test]
fn a_refresh_takes_three_round_trips() {
    let redis = Redis::start().unwrap();
    let asked = asked(&redis, "round trips");
    asked.create(1);
    asked.load();
    asked.begin(1);
    asked.commit(1);
    redis.command(&["CONFIG", "RESETSTAT"]).unwrap();
    assert_eq!(asked.load(), loaded(2));
    assert!(matches!(asked.begin(2), StoreReply::Begun { .. }));
    assert_eq!(asked.commit(2), StoreReply::Done);
    let calls = redis.command(&["INFO", "commandstats"]).unwrap();
    assert!(calls.contains("cmdstat_evalsha:calls=3,"), "{calls}");
    assert!(!calls.contains("cmdstat_script") && !calls.contains("cmdstat_eval:"), "{calls}");
}

#[test]
fn a_server_that_forgot_the_scripts_is_told_them_again() {
    let redis = Redis::start().unwrap();
    let asked = asked(&redis, "forgotten scripts");
    assert_eq!(asked.create(1), StoreReply::Done);
    redis.command(&["SCRIPT", "FLUSH"]).unwrap();
    assert_eq!(asked.create(2), StoreReply::Done);
}

#[test]
fn a_server_that_was_killed_is_unavailable_until_it_is_back() {
    let persistent = Redis::with().setting("appendonly", "yes").setting("appendfsync", "always");
    let mut redis = persistent.start().unwrap();
    let asked = asked(&redis, "killed");
    assert_eq!(asked.create(1), StoreReply::Done);
    redis.kill();
    failed(StoreFailureKind::Unavailable, asked.load());
    failed(StoreFailureKind::Unavailable, asked.commit(1));
    redis.restart().unwrap();
    assert_eq!(asked.commit(1), StoreReply::Done);
    redis.restart().unwrap();
    assert_eq!(asked.load(), loaded(2), "a connection that ended meanwhile is not noticed");
}

#[test]
fn a_record_that_redis_cannot_have_written_is_damaged_and_left_alone() {
    let asked = asked(&SHARED, "damaged");
    let key = record_key(&asked);
    for (field, value) in [
        ("version", "one"),
        ("generation", "1"),
        ("generation", "18446744073709551616"),
        ("generation", "0000000000000000000x"),
        ("discard_after", "never"),
        ("mark_attempt", "00000000000000000000000000000001"),
        ("lease_until", "1"),
    ] {
        assert_eq!(asked.create(1), StoreReply::Done);
        SHARED.command(&["HSET", &key, field, value]).unwrap();
        for reply in asked.all_but_delete() {
            failed(StoreFailureKind::Damaged, reply);
        }
        assert_eq!(SHARED.command(&["HGET", &key, field]).unwrap(), value);
        assert_eq!(asked.on(RecordOperation::Delete), StoreReply::Done);
    }
    SHARED.command(&["SET", &key, "a string"]).unwrap();
    for reply in asked.all_but_delete() {
        failed(StoreFailureKind::Damaged, reply);
    }
    assert_eq!(asked.on(RecordOperation::Delete), StoreReply::Done);
    assert_eq!(asked.load(), StoreReply::Missing);
}

#[test]
fn a_record_of_a_newer_release_is_refused_and_left_alone() {
    let asked = asked(&SHARED, "newer release");
    asked.create(1);
    SHARED.command(&["HSET", &record_key(&asked), "version", "2"]).unwrap();
    for reply in asked.all_but_delete() {
        failed(StoreFailureKind::TooNew, reply);
    }
    assert_eq!(SHARED.command(&["HGET", &record_key(&asked), "record"]).unwrap(), "record 1");
}

#[test]
fn a_full_server_takes_no_new_record_and_goes_on_with_those_it_has() {
    let redis = Redis::start().unwrap();
    let asked = asked(&redis, "full");
    assert_eq!(asked.create(1), StoreReply::Done);
    redis.command(&["CONFIG", "SET", "maxmemory", "1"]).unwrap();
    failed(StoreFailureKind::Full, asked.named("another").create(1));
    assert!(matches!(asked.begin(1), StoreReply::Begun { .. }));
    assert_eq!(asked.commit(1), StoreReply::Done);
    assert_eq!(asked.load(), loaded(2));
}

#[test]
fn a_replica_may_be_read_and_not_written() {
    let redis = Redis::start().unwrap();
    let asked = asked(&redis, "replica");
    assert_eq!(asked.create(1), StoreReply::Done);
    redis.command(&["REPLICAOF", "127.0.0.1", "1"]).unwrap();
    assert_eq!(asked.load(), loaded(1));
    failed(StoreFailureKind::Denied, asked.begin(1));
    redis.command(&["REPLICAOF", "NO", "ONE"]).unwrap();
    assert!(matches!(asked.begin(1), StoreReply::Begun { .. }));
}

#[test]
fn a_password_that_is_wrong_or_missing_is_denied_and_not_shown() {
    let redis = Redis::with().setting("requirepass", "right").start().unwrap();
    let url = |user: &str| format!("redis://{user}127.0.0.1:{}", redis.port());
    for user in ["", ":hunter2@", "nobody:hunter2@"] {
        let asked = Asked::new(Store::redis(url(user)).unwrap(), "password");
        let failure = failed(StoreFailureKind::Denied, asked.load());
        assert!(!format!("{failure:?} {failure}").contains("hunter2"), "{failure}");
    }
    let asked = Asked::new(Store::redis(url(":right@")).unwrap(), "password");
    assert_eq!(asked.load(), StoreReply::Missing);
    assert!(!format!("{:?}", RedisOptions::new(url(":right@"))).contains("right"));
}

#[test]
fn the_rights_that_are_documented_are_enough_and_others_are_denied() {
    let redis = Redis::start().unwrap();
    let allowed =
        ["+evalsha", "+script|load", "+time", "+zrangebylex", "+hmget", "+hset", "+hdel", "+exists"];
    let also = ["+persist", "+pexpireat", "+zadd", "+zrem", "+zrangebyscore", "+del", "~grantline:*"];
    let rule = [&["ACL", "SETUSER", "app", "on", ">secret"][..], &allowed, &also].concat();
    assert_eq!(redis.command(&rule).unwrap(), "OK");
    let url = format!("redis://app:secret@127.0.0.1:{}", redis.port());
    let contract = url.clone();
    block_on(Contract::shared(move || Store::redis(contract.as_str()).unwrap()).check()).assert_kept();
    redis.command(&["ACL", "SETUSER", "app", "-hset"]).unwrap();
    let asked = Asked::new(Store::redis(url).unwrap(), "rights");
    failed(StoreFailureKind::Denied, asked.create(1));
}

#[test]
fn a_url_that_cannot_be_read_is_denied_and_not_shown() {
    for url in ["http://user:hunter2@host", "redis://user:hunter2@host:port", "hunter2", "redis:///hunter2"] {
        let failure = Store::redis(url).err().unwrap();
        assert_eq!(failure.kind, StoreFailureKind::Denied, "{url}");
        assert!(!format!("{failure:?}").contains("hunter2"), "{failure:?}");
    }
}

#[test]
fn tls_is_spoken_to_a_server_whose_certificate_is_trusted_and_to_no_other() {
    let (certificate, key) = certificate();
    let redis = Redis::with().tls(&certificate, key).start().unwrap();
    let trusting = RedisOptions::new(redis.url()).root_certificates(certificate).open().unwrap();
    assert_eq!(Asked::new(trusting, "tls").create(1), StoreReply::Done);
    failed(StoreFailureKind::Denied, asked(&redis, "tls").load());
    let none = RedisOptions::new(redis.url()).root_certificates("").open();
    assert_eq!(none.err().unwrap().kind, StoreFailureKind::Denied);
}

#[test]
fn redis_drops_what_may_be_discarded_and_a_tombstone_after_90_days() {
    let asked = asked(&SHARED, "discarded");
    let discard_after = 4_102_444_800_123;
    let ends = Record { discard_after: Some(UnixMillis(discard_after)), ..record(1) };
    asked.on(RecordOperation::Create { record: ends });
    let expires = SHARED.command(&["PEXPIRETIME", &record_key(&asked)]).unwrap();
    assert_eq!(expires, discard_after.to_string());
    asked.commit(1);
    assert_eq!(SHARED.command(&["PTTL", &record_key(&asked)]).unwrap(), "-1", "the next one stays");
    asked.on(RecordOperation::Close);
    let left: u64 = SHARED.command(&["TTL", &record_key(&asked)]).unwrap().parse().unwrap();
    assert!((89 * 86_400..=90 * 86_400).contains(&left), "{left}");
    assert_eq!(asked.create(1 << 33), StoreReply::Done);
    assert_eq!(SHARED.command(&["TTL", &record_key(&asked)]).unwrap(), "-1", "a new one stays");
}

#[test]
fn the_name_of_a_record_that_redis_dropped_is_not_listed_and_soon_forgotten() {
    let asked = asked(&SHARED, "dropped");
    let past = Record { discard_after: Some(UnixMillis(1)), ..record(1) };
    assert_eq!(asked.on(RecordOperation::Create { record: past }), StoreReply::Done);
    assert_eq!(asked.list(), []);
    assert_eq!(SHARED.command(&["ZCARD", &key(&asked, "living")]).unwrap(), "1");
    asked.named("another").create(1);
    assert_eq!(asked.list().len(), 1);
    assert_eq!(SHARED.command(&["ZCARD", &key(&asked, "living")]).unwrap(), "1");
    assert_eq!(SHARED.command(&["ZCARD", &key(&asked, "expiring")]).unwrap(), "0");
}

#[test]
fn a_record_is_found_by_a_store_that_was_reopened() {
    let asked = asked(&SHARED, "reopened");
    assert_eq!(asked.create(u64::MAX), StoreReply::Done);
    let child = Asked { store: asked.store.reopen().unwrap(), key: asked.key.clone() };
    let StoreReply::Loaded(Record { generation, .. }) = child.load() else { panic!("it is not there") };
    assert_eq!(generation, Generation(u64::MAX));
}

#[test]
fn a_lease_or_an_end_whose_reply_was_lost_is_told_as_a_failure_and_other_things_are_asked_again() {
    let network = Network::before(SHARED.port());
    let store = Store::redis(format!("redis://127.0.0.1:{}", network.port())).unwrap();
    begins_and_ends_once(&Asked::new(store, "lost replies"), &network, 1);
}

/// Records as the first release wrote them: they have to stay readable for ever.
const FIRST_V1: &str = include_str!("../../../tests/fixtures/redis_v1.txt");

#[test]
fn the_first_release_s_records_are_read() {
    let redis = Redis::start().unwrap();
    for line in FIRST_V1.lines().filter(|line| !line.starts_with('#')) {
        let words: Vec<_> = line.split('\t').collect();
        let answer = redis.command(&words).unwrap();
        assert!(answer.parse::<u32>().is_ok(), "{line}: {answer}");
    }
    reads_the_first_release(Store::redis(redis.url()).unwrap());
}

fn settings(redis: &Redis, user: &str) -> Vec<String> {
    let url = redis.url().replace("redis://", &format!("redis://{user}"));
    let all = block_on(Store::redis(url).unwrap().settings()).unwrap();
    all.into_iter().map(|(name, value)| format!("{name} {value}")).collect()
}

#[test]
fn what_decides_over_survival_is_told_also_where_the_server_does_not_show_its_configuration() {
    let redis = Redis::with()
        .setting("appendonly", "yes")
        .setting("appendfsync", "always")
        .setting("maxmemory", "64mb")
        .setting("maxmemory-policy", "volatile-lru")
        .start()
        .unwrap();
    let without_fsync = ["appendonly yes", "maxmemory 67108864", "maxmemory-policy volatile-lru"];
    let mut all = without_fsync.to_vec();
    all.insert(0, "appendfsync always");
    assert_eq!(settings(&redis, ""), all);
    redis.command(&["ACL", "SETUSER", "guest", "on", ">word", "~*", "+@all", "-config"]).unwrap();
    assert_eq!(settings(&redis, "guest:word@"), without_fsync);
}
