//! A store that a newer release has written.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::{Path, PathBuf};

use grantline::{
    Client, ClientSecret, Error, LoginRequest, Provider, Registration, Scopes, SealingKey, SealingKeys,
    Store, StoredLogin,
};
use rusqlite::Connection;

fn folder() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("newer-store-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// Begins a login whose record goes to that file, and ends the client.
fn begin(file: &Path) -> Result<StoredLogin, Error> {
    let keys = SealingKeys::new(SealingKey::from_bytes([7; 32]));
    let client =
        Client::builder().store(Store::sqlite(file).map_err(Error::Store)?).sealing_keys(keys).build()?;
    let registration = Registration::new(Provider::visma_connect(), "isv_web")
        .client_secret(ClientSecret::new("s"))
        .redirect_uri("https://app.example/callback");
    let begun =
        client.web_app(registration)?.begin_stored_login(LoginRequest::new(Scopes::list(["openid"])?));
    let begun = begun.wait();
    client.shutdown().wait()?;
    begun
}

/// The version that the file says it is of, and how many records it has.
fn content(database: &Connection) -> (i64, i64) {
    let number = |sql: &str| database.query_row(sql, [], |row| row.get(0)).unwrap();
    (number("PRAGMA user_version"), number("SELECT count(*) FROM record"))
}

#[test]
fn a_store_of_a_newer_release_is_refused_with_its_code_and_left_as_it_is() {
    let folder = folder();
    let file = folder.join("sessions.db");
    begin(&file).unwrap();
    let database = Connection::open(&file).unwrap();
    let (version, records) = content(&database);
    database.pragma_update(None, "user_version", version + 1).unwrap();

    let refused = begin(&file).unwrap_err();
    assert_eq!((refused.code().as_ref(), refused.advice().name()), ("store_too_new", "fix_configuration"));
    assert!(refused.to_string().contains("update grantline"), "{refused}");
    assert_eq!((content(&database), records), ((version + 1, records), 1));
    drop(database);
    fs::remove_dir_all(folder).unwrap();
}
