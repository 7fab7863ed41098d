//! Where sessions are kept, and what is in the way there.
#![cfg(unix)]
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

mod support;

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use rusqlite::Connection;
use support::World;

fn database(world: &World) -> Connection {
    Connection::open(world.folder.path("data/sessions.db")).unwrap()
}

#[test]
fn the_data_folder_is_made_for_this_user_alone() {
    let world = World::new();
    world.run(&["token"]).done();
    for (name, mode) in [("data", 0o700), ("data/sealing.key", 0o600), ("data/sessions.db", 0o600)] {
        let found = fs::metadata(world.folder.path(name)).unwrap().permissions().mode();
        assert_eq!(found & 0o777, mode, "{name}");
    }
}

#[test]
fn the_data_folder_is_found_by_argument_before_environment() {
    let world = World::new();
    world.run(&["token", "--data", "other"]).done();
    assert!(world.folder.path("other/sessions.db").exists() && !world.folder.path("data").exists());
}

#[test]
fn what_is_kept_is_sealed() {
    let world = World::new();
    world.log_in(&[]).done();
    let token = world.run(&["token", "-p", "scanner"]).done();
    let kept = fs::read(world.folder.path("data/sessions.db")).unwrap();
    let wal = fs::read(world.folder.path("data/sessions.db-wal")).unwrap_or_default();
    let needle = token.trim_end().as_bytes();
    assert!(![kept, wal].iter().any(|bytes| bytes.windows(needle.len()).any(|window| window == needle)));
}

#[test]
fn a_folder_that_cannot_be_written_is_named_with_what_to_do() {
    let world = World::new();
    // Where not even root makes a folder.
    let nowhere = world.folder.write("a-file", "").join("data");
    let refused = world.run(&["token", "--data", nowhere.to_str().unwrap()]).refused(3);
    assert!(refused.contains("a-file/data cannot be made") && refused.contains("--data"), "{refused}");
}

#[test]
fn a_sealing_key_that_cannot_be_used_is_named_with_what_to_do() {
    let world = World::new();
    world.run(&["token"]).done();
    let key = world.folder.path("data/sealing.key");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
    let refused = world.run(&["token"]).refused(3);
    assert!(refused.contains("secret_unavailable") && refused.contains("chmod 600"), "{refused}");
    fs::remove_file(&key).unwrap();
    fs::create_dir(&key).unwrap();
    let refused = world.run(&["token"]).refused(3);
    assert!(refused.contains("data/sealing.key is a folder"), "{refused}");
    fs::remove_dir(&key).unwrap();
    world.folder.write_secret("data/sealing.key", &"0".repeat(64 * 1024 + 1));
    let refused = world.run(&["token"]).refused(3);
    assert!(refused.contains("file_unusable") && refused.contains("data/sealing.key"), "{refused}");
    assert!(refused.contains("check the path"), "{refused}");
}

#[test]
fn a_store_of_a_newer_release_is_left_alone() {
    let world = World::new();
    world.run(&["token"]).done();
    database(&world).pragma_update(None, "user_version", 2).unwrap();
    let refused = world.run(&["token"]).refused(7);
    assert!(refused.contains("store_too_new") && refused.contains("update grantline"), "{refused}");
    assert_eq!(world.run(&["token", "--json"]).refused_in_json(7)["code"], "store_too_new");
}

#[test]
fn a_file_of_another_program_is_left_alone() {
    let world = World::new();
    fs::create_dir(world.folder.path("data")).unwrap();
    world.folder.write(
        "data/sessions.db",
        "this is not a database, although it is long enough to be taken for one\n",
    );
    let refused = world.run(&["token"]).refused(7);
    assert!(refused.contains("store_damaged"), "{refused}");
}

#[test]
fn a_store_that_another_process_holds_is_told_after_five_seconds() {
    let world = World::new();
    world.run(&["token"]).done();
    let holder = database(&world);
    holder.execute_batch("BEGIN IMMEDIATE").unwrap();
    let refused = world.run(&["token"]).refused(7);
    assert!(
        refused.contains("store_unavailable") && refused.contains("end the program that holds it"),
        "{refused}"
    );
    holder.execute_batch("ROLLBACK").unwrap();
    world.run(&["token"]).done();
}

#[test]
fn another_sealing_key_opens_nothing_and_deletes_nothing() {
    let world = World::new();
    world.log_in(&[]).done();
    let key = world.folder.path("data/sealing.key");
    let own = fs::read(&key).unwrap();
    fs::write(&key, format!("{}\n", "0f".repeat(32))).unwrap();
    assert!(world.run(&["token", "-p", "scanner"]).refused(3).contains("sealing_key_unknown"));
    fs::write(&key, "no key").unwrap();
    let refused = world.run(&["token", "-p", "scanner"]).refused(3);
    assert!(refused.contains("sealing_key_malformed") && refused.contains("data/sealing.key"), "{refused}");
    assert!(refused.contains("restore a copy"), "{refused}");
    fs::write(&key, own).unwrap();
    world.run(&["token", "-p", "scanner"]).done();
}

#[test]
fn a_profile_s_own_store_and_sealing_key_are_beside_the_profile_file() {
    let profile = "[profile.scanner]\nprovider = \"URL\"\nbehaves_like = \"visma-connect\"\ntype = \"native\"\n\
                   client_id = \"isv_native\"\nredirect_uri = \"http://127.0.0.1/callback\"\n\
                   store = { sqlite = \"own.db\" }\nsealing_key = { env = \"KEY\" }\n";
    let world = World::with(grantline_emulator::Config::default(), profile);
    let mut command = world.command(&["sessions", "--json"]);
    let key = "0f".repeat(32);
    let ended = support::ended(command.env("KEY", key).current_dir("/").output().unwrap());
    assert_eq!(ended.json()["sessions"], serde_json::json!([]));
    assert!(world.folder.path("own.db").exists() && !world.folder.path("data").exists());
}

#[test]
fn a_redis_and_a_postgres_that_are_down_are_code_7_without_their_urls() {
    for store in ["redis", "postgres"] {
        let profile = format!(
            "[profile.scanner]\nprovider = \"URL\"\nbehaves_like = \"visma-connect\"\ntype = \"native\"\n\
             client_id = \"isv_native\"\nredirect_uri = \"http://127.0.0.1/callback\"\n\
             store = {{ {store} = {{ env = \"STORE\" }} }}\n"
        );
        let world = World::with(grantline_emulator::Config::default(), &profile);
        let mut command = world.command(&["sessions"]);
        command.env("STORE", format!("{store}://user:hunter2@127.0.0.1:1/1"));
        let refused = support::ended(command.output().unwrap()).refused(7);
        assert!(refused.contains("store_unavailable") && !refused.contains("hunter2"), "{refused}");
        assert!(refused.ends_with("; start it, or correct its URL\n"), "{refused}");
        let mut command = world.command(&["sessions"]);
        command.env("STORE", "hunter2");
        let refused = support::ended(command.output().unwrap()).refused(7);
        assert!(refused.contains("; correct its URL") && !refused.contains("hunter2"), "{refused}");
    }
}
