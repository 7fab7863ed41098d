//! Where sessions are kept.

use std::fs;

use grantline_emulator::Config;
use grantline_test_servers::{Postgres, Redis};

use crate::support::{ended, mode};
use crate::{Report, SERVICE, doctor, world};

#[test]
fn the_rights_of_an_sqlite_file_and_of_its_folder_are_looked_at() {
    let world = world(Config::default(), &format!("{SERVICE}store = {{ sqlite = \"kept/sessions.db\" }}\n"));
    doctor(&world, "it").says("store", "error", "there is no folder").ends_with(11);
    let folder = world.folder.path("kept");
    fs::create_dir(&folder).unwrap();
    doctor(&world, "it").says("store", "ok", "is made when it is first needed").ends_with(0);
    world.run(&["token"]).done();
    mode(&folder.join("sessions.db"), 0o644);
    doctor(&world, "it").says("permissions", "warning", "mode 644").ends_with(10);
    doctor(&world, "it").says("permissions", "ok", "").ends_with(0);
    mode(&folder, 0o777);
    doctor(&world, "it").says("permissions", "error", "chmod 700").ends_with(11);
    // As /tmp is, where that would shut everybody out.
    mode(&folder, 0o1777);
    let shared = doctor(&world, "it");
    shared.says("permissions", "error", "move the store into a folder of its own").ends_with(11);
    assert!(!shared.all.contains("chmod"), "{}", shared.all);
    mode(&folder, 0o700);
    mode(&world.folder.path("data/sealing.key"), 0o644);
    doctor(&world, "it").says("sealing_key", "error", "chmod 600").ends_with(11);
    mode(&world.folder.path("data/sealing.key"), 0o600);
    fs::remove_dir_all(&folder).unwrap();
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("sessions.db"), "no database").unwrap();
    doctor(&world, "it").says("store", "error", "file is not a database").ends_with(11);
}

/// A service whose sessions are on a server.
fn on(store: &str, url: &str) -> Report {
    let profile = format!(
        "{SERVICE}store = {{ {store} = {{ env = \"STORE\" }} }}\nsealing_key = {{ env = \"KEY\" }}\n"
    );
    let world = world(Config::default(), &profile);
    let mut command = world.command(&["doctor"]);
    command.env("STORE", url).env("KEY", "00".repeat(32));
    Report::of(command)
}

#[test]
fn what_redis_is_set_to_decides_over_durability_and_eviction() {
    let redis = Redis::start().unwrap();
    let set =
        |name: &str, value: &str| assert_eq!(redis.command(&["CONFIG", "SET", name, value]).unwrap(), "OK");
    on("redis", &redis.url())
        .says("durability", "error", "appendonly no")
        .says("eviction", "ok", "")
        .ends_with(11);
    set("appendonly", "yes");
    for (fsync, level) in [("always", "ok"), ("everysec", "warning"), ("no", "warning")] {
        set("appendfsync", fsync);
        on("redis", &redis.url()).says("durability", level, &format!("appendfsync {fsync}"));
    }
    set("appendfsync", "always");
    on("redis", &redis.url()).says("store", "ok", "").says("sealing_key", "ok", "").ends_with(0);
    set("maxmemory-policy", "allkeys-lru");
    on("redis", &redis.url()).says("eviction", "warning", "maxmemory is 0").ends_with(10);
    set("maxmemory", "64mb");
    on("redis", &redis.url()).says("eviction", "error", "noeviction").ends_with(11);
    redis.command(&["ACL", "SETUSER", "guest", "on", ">hunter2", "~*", "+@all", "-config"]).unwrap();
    let guest = on("redis", &redis.url().replace("redis://", "redis://guest:hunter2@"));
    guest.says("durability", "not_checked", "ask who runs it").says("eviction", "error", "allkeys-lru");
    let refused = on("redis", &redis.url().replace("redis://", "redis://guest:hunter3@"));
    refused.says("store", "error", "").ends_with(11);
    assert!(!refused.all.contains("hunter"), "{}", refused.all);
    let no_url = on("redis", "hunter2");
    no_url.says("store", "error", "the Redis URL cannot be used").ends_with(11);
    assert!(no_url.all.contains("correct its URL") && !no_url.all.contains("hunter"), "{}", no_url.all);
}

#[test]
fn what_postgresql_is_set_to_decides_over_durability() {
    let postgres = Postgres::with().setting("fsync", "on").start().unwrap();
    let url = postgres.url("postgres");
    on("postgres", &url).says("durability", "ok", "").says("store", "ok", "").ends_with(0);
    postgres.sql("postgres", "ALTER ROLE grantline SET synchronous_commit = off").unwrap();
    on("postgres", &url).says("durability", "warning", "synchronous_commit off").ends_with(10);
    drop(postgres);
    on("postgres", &url).says("store", "error", "").ends_with(11);
    let careless = Postgres::start().unwrap();
    on("postgres", &careless.url("postgres")).says("durability", "error", "fsync off").ends_with(11);
}

#[test]
fn a_sealing_key_of_one_machine_beside_a_store_of_several_is_doubtful() {
    let redis = Redis::with().setting("appendonly", "yes").setting("appendfsync", "always").start().unwrap();
    let profile = format!("{SERVICE}store = {{ redis = {{ env = \"STORE\" }} }}\n");
    let world = world(Config::default(), &profile);
    let command = |arguments: &[&str]| {
        let mut command = world.command(arguments);
        command.env("STORE", redis.url());
        command
    };
    ended(command(&["token"]).output().unwrap()).done();
    Report::of(command(&["doctor"])).says("sealing_key", "warning", "one sealing_key").ends_with(10);
}
