//! Against a real server.

use std::sync::LazyLock;
use std::time::Duration;

use futures_executor::block_on;
use grantline_core::{Generation, Record, RecordOperation, StoreFailureKind, StoreReply, UnixMillis};
use grantline_test_servers::{PgBouncer, Postgres};

use crate::stores::clock::TestClock;
use crate::stores::contract::Contract;
use crate::stores::testing::{
    Asked, Network, begins_and_ends_once, certificate, failed, loaded, reads_the_first_release, record,
};
use crate::stores::{PostgresOptions, Store};

struct Shared {
    postgres: Postgres,
    certificate: String,
}

/// For the tests that leave it as it is. Each has a database of its own.
static SHARED: LazyLock<Shared> = LazyLock::new(|| {
    let (certificate, key) = certificate();
    let postgres = Postgres::with().tls(&certificate, key).start().unwrap();
    Shared { postgres, certificate }
});

fn database(name: &str) -> Asked {
    SHARED.postgres.create_database(name).unwrap();
    in_database(name)
}

fn in_database(name: &str) -> Asked {
    Asked::new(Store::postgres(SHARED.postgres.url(name)).unwrap(), name)
}

fn sql(database: &str, statements: &str) -> String {
    SHARED.postgres.sql(database, statements).unwrap()
}

#[test]
fn postgresql_keeps_the_contract() {
    SHARED.postgres.create_database("contract").unwrap();
    let url = SHARED.postgres.url("contract");
    block_on(Contract::shared(move || Store::postgres(url.as_str()).unwrap()).check()).assert_kept();
}

#[test]
fn postgresql_keeps_the_contract_behind_a_pooler_in_transaction_mode() {
    SHARED.postgres.create_database("pooled").unwrap();
    let pooler = PgBouncer::before(&SHARED.postgres).unwrap();
    let contract = Contract::shared(move || Store::postgres(pooler.url("pooled")).unwrap());
    block_on(contract.check()).assert_kept();
}

#[test]
fn tables_that_many_create_at_once_are_created_once() {
    SHARED.postgres.create_database("created").unwrap();
    let creating: Vec<_> = (0..8).map(|_| std::thread::spawn(|| in_database("created").create(1))).collect();
    let mut replies: Vec<_> = creating.into_iter().map(|thread| thread.join().unwrap()).collect();
    replies.retain(|reply| *reply != StoreReply::Newer(record(1)));
    assert_eq!(replies, [StoreReply::Done]);
    assert_eq!(sql("created", "SELECT count(*) FROM grantline_schema"), "1");
}

#[test]
fn a_server_that_was_killed_is_unavailable_until_it_is_back() {
    let mut postgres = Postgres::start().unwrap();
    let asked = Asked::new(Store::postgres(postgres.url("postgres")).unwrap(), "killed");
    assert_eq!(asked.create(1), StoreReply::Done);
    postgres.kill();
    failed(StoreFailureKind::Unavailable, asked.load());
    failed(StoreFailureKind::Unavailable, asked.commit(1));
    postgres.restart().unwrap();
    assert_eq!(asked.commit(1), StoreReply::Done);
    postgres.restart().unwrap();
    assert_eq!(asked.load(), loaded(2), "a connection that ended meanwhile is not noticed");
}

#[test]
fn a_row_that_was_tampered_with_is_damaged_and_left_alone() {
    let asked = database("damaged");
    for change in [
        "mark_set = 1",
        "mark_attempt = gen_random_uuid()",
        "lease_until = 1",
        "generation = -1",
        "discard_after = -1",
    ] {
        assert_eq!(asked.create(1), StoreReply::Done);
        sql("damaged", &format!("UPDATE grantline_records SET {change}"));
        let before = sql("damaged", "SELECT * FROM grantline_records");
        for reply in asked.all_but_delete() {
            failed(StoreFailureKind::Damaged, reply);
        }
        assert_eq!(sql("damaged", "SELECT * FROM grantline_records"), before, "{change}");
        assert_eq!(asked.on(RecordOperation::Delete), StoreReply::Done);
    }
    sql("damaged", "ALTER TABLE grantline_records DROP COLUMN lease_until");
    failed(StoreFailureKind::Damaged, asked.load());
}

#[test]
fn tables_of_a_newer_release_are_refused_and_left_alone() {
    let asked = database("newer");
    assert_eq!(asked.create(1), StoreReply::Done);
    sql("newer", "UPDATE grantline_schema SET version = 2");
    let later = in_database("newer");
    for reply in later.all_but_delete() {
        failed(StoreFailureKind::TooNew, reply);
    }
    failed(StoreFailureKind::TooNew, later.on(RecordOperation::Delete));
    sql("newer", "DELETE FROM grantline_schema");
    failed(StoreFailureKind::Damaged, in_database("newer").load());
}

#[test]
fn a_role_needs_no_more_rights_than_are_documented_and_is_denied_with_less() {
    let owner = database("rights");
    assert_eq!(owner.create(1), StoreReply::Done);
    sql("rights", "CREATE ROLE app LOGIN PASSWORD 'app'; GRANT SELECT ON grantline_schema TO app");
    let url = SHARED.postgres.url_as("app", "app", "rights");
    let asked = Asked::new(Store::postgres(url.as_str()).unwrap(), "rights");
    failed(StoreFailureKind::Denied, asked.load());
    sql("rights", "GRANT SELECT ON grantline_records TO app");
    assert_eq!(asked.load(), loaded(1));
    failed(StoreFailureKind::Denied, asked.begin(1));
    sql("rights", "GRANT INSERT, UPDATE, DELETE ON grantline_records TO app");
    block_on(Contract::shared(move || Store::postgres(url.as_str()).unwrap()).check()).assert_kept();
}

#[test]
fn a_replica_may_be_read_and_not_written() {
    let owner = database("replica");
    assert_eq!(owner.create(1), StoreReply::Done);
    sql("replica", "CREATE ROLE reader SUPERUSER LOGIN PASSWORD 'reader'");
    sql("replica", "ALTER ROLE reader SET default_transaction_read_only = on");
    let url = SHARED.postgres.url_as("reader", "reader", "replica");
    let asked = Asked::new(Store::postgres(url).unwrap(), "replica");
    assert_eq!(asked.load(), loaded(1));
    failed(StoreFailureKind::Denied, asked.begin(1));
    sql("replica", "ALTER ROLE reader RESET default_transaction_read_only");
    assert!(matches!(asked.begin(1), StoreReply::Begun { .. }), "the next connection may write");
}

#[test]
fn a_password_that_is_wrong_or_missing_is_denied_and_not_shown() {
    let url = SHARED.postgres.url_as("grantline", "hunter2", "postgres");
    assert!(!format!("{:?}", PostgresOptions::new(url.as_str())).contains("hunter2"));
    for url in [url.clone(), url.replace(":hunter2", "")] {
        let asked = Asked::new(Store::postgres(url).unwrap(), "password");
        let failure = failed(StoreFailureKind::Denied, asked.load());
        assert!(!format!("{failure:?} {failure}").contains("hunter2"), "{failure}");
    }
    let elsewhere = Asked::new(Store::postgres(SHARED.postgres.url("nowhere")).unwrap(), "nowhere");
    failed(StoreFailureKind::Denied, elsewhere.load());
}

#[test]
fn a_server_without_a_free_connection_is_unavailable() {
    database("crowded");
    sql("crowded", "CREATE ROLE crowd LOGIN PASSWORD 'crowd' CONNECTION LIMIT 0");
    let url = SHARED.postgres.url_as("crowd", "crowd", "crowded");
    failed(StoreFailureKind::Unavailable, Asked::new(Store::postgres(url).unwrap(), "crowded").load());
}

#[test]
fn tls_is_spoken_to_a_server_whose_certificate_is_trusted_and_to_no_other() {
    SHARED.postgres.create_database("tls").unwrap();
    let by_name = SHARED.postgres.url("tls").replace("127.0.0.1", "localhost");
    let options = PostgresOptions::new(format!("{by_name}?sslmode=require"));
    let trusting = options.clone().root_certificates(SHARED.certificate.as_str()).open().unwrap();
    let trusting = Asked::new(trusting, "tls");
    assert_eq!(trusting.create(1), StoreReply::Done);
    let encrypted = "SELECT count(*) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) \
                     WHERE ssl AND datname = 'tls' AND application_name = 'grantline'";
    assert_eq!(sql("postgres", encrypted), "1");
    failed(StoreFailureKind::Denied, Asked::new(options.clone().open().unwrap(), "tls").load());
    let none = options.root_certificates("no certificate").open();
    assert_eq!(none.err().unwrap().kind, StoreFailureKind::Denied);
}

#[test]
fn a_server_without_tls_is_denied_where_tls_is_required() {
    let pooler = PgBouncer::before(&SHARED.postgres).unwrap();
    let store = Store::postgres(format!("{}?sslmode=require", pooler.url("postgres"))).unwrap();
    let failure = failed(StoreFailureKind::Denied, Asked::new(store, "no tls").load());
    assert!(failure.detail.contains("server does not support TLS"), "{failure}");
}

#[test]
fn what_may_be_discarded_is_removed_when_a_store_is_opened_and_a_tombstone_after_90_days() {
    let asked = database("discarded");
    let past = Record { discard_after: Some(UnixMillis(1)), ..record(1) };
    assert_eq!(asked.named("past").on(RecordOperation::Create { record: past }), StoreReply::Done);
    asked.create(1);
    asked.on(RecordOperation::Close);
    let days = "SELECT round((discard_after / 1000 - extract(epoch FROM now())) / 86400) FROM grantline_records \
                WHERE ended";
    assert_eq!(sql("discarded", days), "90");
    assert_eq!(in_database("discarded").load(), StoreReply::Ended { generation: Generation((1 << 32) + 1) });
    assert_eq!(sql("discarded", "SELECT name FROM grantline_records"), "session");
}

#[test]
fn a_store_that_stays_open_drops_every_hour_what_may_go_and_no_more_than_a_thousand_at_once() {
    SHARED.postgres.create_database("swept").unwrap();
    let clock = TestClock::at(crate::clock::now());
    let store = PostgresOptions::new(SHARED.postgres.url("swept")).open_by(clock.clock()).unwrap();
    let asked = Asked::new(store, "swept");
    asked.create(1);
    let many = "INSERT INTO grantline_records (version, collection, name, generation, ended, record, discard_after) \
                SELECT gen_random_uuid(), 'other', number::text, 1, false, '', 1 FROM generate_series(1, 1001) number";
    sql("swept", many);
    let count = || sql("swept", "SELECT count(*) FROM grantline_records");
    asked.load();
    assert_eq!(count(), "1002", "not before the next hour");
    clock.pass(Duration::from_secs(3600));
    asked.load();
    assert_eq!(count(), "2", "the record, and one beyond the thousand");
    asked.load();
    assert_eq!(count(), "1");
}

#[test]
fn a_record_is_found_by_a_store_that_was_reopened() {
    let asked = database("reopened");
    assert_eq!(asked.create(1), StoreReply::Done);
    let child = Asked { store: asked.store.reopen().unwrap(), key: asked.key.clone() };
    assert_eq!(child.load(), loaded(1));
}

#[test]
fn a_lease_or_an_end_whose_reply_was_lost_is_told_as_a_failure_and_other_things_are_asked_again() {
    SHARED.postgres.create_database("lost_replies").unwrap();
    let (url, port) = (SHARED.postgres.url("lost_replies"), SHARED.postgres.port());
    let network = Network::before(port);
    let url = url.replace(&format!(":{port}/"), &format!(":{}/", network.port()));
    begins_and_ends_once(&Asked::new(Store::postgres(url).unwrap(), "lost replies"), &network, 2);
}

/// A database as the first release wrote it: it has to stay readable for ever.
const FIRST_V1: &str = include_str!("../../../tests/fixtures/postgres_v1.sql");

#[test]
fn the_first_release_s_database_is_read() {
    SHARED.postgres.create_database("first_release").unwrap();
    sql("first_release", FIRST_V1);
    reads_the_first_release(Store::postgres(SHARED.postgres.url("first_release")).unwrap());
}

#[test]
fn what_decides_over_survival_is_told_for_this_role_and_database() {
    SHARED.postgres.create_database("settings").unwrap();
    sql("settings", "ALTER DATABASE settings SET synchronous_commit = off");
    let all = block_on(Store::postgres(SHARED.postgres.url("settings")).unwrap().settings()).unwrap();
    let all: Vec<_> = all.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(all, [("fsync", "off"), ("full_page_writes", "on"), ("synchronous_commit", "off")]);
}
