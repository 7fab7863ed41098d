//! Sealing keys from files and from the environment, and what is refused.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops at the first surprise")]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs, thread};

use grantline::core::{SealingKey, SealingKeys};
use grantline::sealing_keys::{create_file, from_environment, from_file};

/// A folder of its own for each test.
fn folder(test: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("sealing_keys").join(test);
    if folder.exists() {
        fs::remove_dir_all(&folder).unwrap();
    }
    fs::create_dir_all(&folder).unwrap();
    folder
}

fn key(byte: u8) -> SealingKey {
    SealingKey::from_bytes([byte; 32])
}

fn text(byte: u8) -> String {
    key(byte).to_text().expose_secret().to_owned()
}

/// A file with that text, which only its owner may read.
fn file(folder: &Path, text: &str) -> PathBuf {
    let path = folder.join("sealing.key");
    fs::write(&path, text).unwrap();
    allow(&path, 0o600);
    path
}

#[cfg(unix)]
fn allow(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[cfg(not(unix))]
fn allow(_: &Path, _: u32) {}

fn refused(path: &Path, code: &str) -> String {
    let error = from_file(path).unwrap_err();
    assert_eq!(error.code(), code, "{error}");
    error.to_string()
}

#[test]
fn a_file_that_was_made_holds_a_key_of_its_own_and_is_read_again() {
    let folder = folder("made");
    let made = create_file(folder.join("one")).unwrap();
    assert_eq!(from_file(folder.join("one")).unwrap(), made);
    assert_ne!(create_file(folder.join("other")).unwrap(), made);
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 2, "no draft stays behind");
}

#[cfg(unix)]
#[test]
fn a_file_that_was_made_is_its_owner_s_alone() {
    use std::os::unix::fs::PermissionsExt;

    let path = folder("mode").join("key");
    create_file(&path).unwrap();
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
}

#[cfg(unix)]
#[test]
fn a_file_that_others_may_read_or_change_is_refused_with_the_remedy() {
    let path = file(&folder("open"), &text(1));
    for mode in [0o640, 0o604, 0o620, 0o602, 0o644, 0o666] {
        allow(&path, mode);
        let why = refused(&path, "invalid_client_setting");
        assert!(why.contains(&format!("mode {mode:o}): chmod 600 {}", path.display())), "{why}");
    }
    for mode in [0o600, 0o400] {
        allow(&path, mode);
        assert_eq!(from_file(&path).unwrap(), SealingKeys::new(key(1)));
    }
}

#[test]
fn the_first_key_of_a_file_seals_and_the_others_open() {
    let hexadecimal = "03".repeat(32);
    let path = file(&folder("several"), &format!("{}\n{}\r\n\n  {hexadecimal}\n", text(1), text(2)));
    assert_eq!(from_file(path).unwrap(), SealingKeys::new(key(1)).older(key(2)).older(key(3)));
}

#[test]
fn a_file_that_holds_no_key_is_refused_and_not_quoted() {
    let folder = folder("no_key");
    for text in ["", "\n", "hunter2", &format!("{} hunter2", text(1)), &text(1)[..40]] {
        let why = refused(&file(&folder, text), "sealing_key_malformed");
        assert!(!why.contains("hunter2") && !why.contains("AQEB"), "{why}");
    }
    fs::write(file(&folder, ""), b"\xff\xfe").unwrap();
    refused(&folder.join("sealing.key"), "invalid_client_setting");
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let path = folder("missing").join("sealing.key");
    assert!(refused(&path, "invalid_client_setting").contains(&path.display().to_string()));
}

#[test]
fn a_file_is_never_written_over() {
    let folder = folder("kept");
    let path = file(&folder, &text(1));
    let error = create_file(&path).unwrap_err();
    assert_eq!(error.code(), "invalid_client_setting");
    assert!(error.to_string().contains("not written over"), "{error}");
    assert_eq!(fs::read_to_string(&path).unwrap(), text(1));
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 1, "no draft stays behind");
}

#[test]
fn of_many_who_make_the_file_at_once_one_does() {
    let path = folder("at_once").join("sealing.key");
    let made: Vec<_> = thread::scope(|scope| {
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(|| create_file(&path))).collect();
        threads.into_iter().filter_map(|thread| thread.join().unwrap().ok()).collect()
    });
    assert_eq!(made, [from_file(&path).unwrap()]);
}

#[test]
fn a_folder_that_is_not_there_is_no_place_for_a_key() {
    let path = folder("nowhere").join("not").join("there");
    let error = create_file(&path).unwrap_err();
    assert_eq!(error.code(), "invalid_client_setting");
    assert!(error.to_string().contains(&path.display().to_string()), "{error}");
}

#[test]
fn a_file_that_is_longer_than_any_list_of_keys_is_refused_and_not_cut() {
    let (folder, line) = (folder("long"), format!("{}\n", text(1)));
    let mut fits = line.repeat(65_536 / line.len());
    fits.extend(std::iter::repeat_n(' ', 65_536 - fits.len()));
    from_file(file(&folder, &fits)).unwrap();
    let long = refused(&file(&folder, &(fits + &text(2))), "invalid_client_setting");
    assert!(long.contains("longer than 65536 bytes"), "{long}");
}

/// Runs itself in a process that has the variable.
#[cfg(unix)]
#[test]
fn a_variable_that_is_no_text_is_refused_and_not_quoted() {
    use std::os::unix::ffi::OsStringExt as _;

    const VARIABLE: &str = "GRANTLINE_TEST_NO_TEXT";
    if env::var_os(VARIABLE).is_some() {
        let error = from_environment(VARIABLE).unwrap_err();
        assert_eq!(error.code(), "sealing_key_malformed");
        assert!(!format!("{error} {error:?}").contains("AQEB"), "{error:?}");
        return;
    }
    let value = std::ffi::OsString::from_vec([text(1).as_bytes(), b"\xff"].concat());
    let child = Command::new(env::current_exe().unwrap())
        .args(["--exact", "a_variable_that_is_no_text_is_refused_and_not_quoted"])
        .env(VARIABLE, value)
        .output()
        .unwrap();
    assert!(child.status.success(), "{}", String::from_utf8_lossy(&child.stdout));
}

/// Runs itself in a process that has the variables.
#[test]
fn keys_come_from_the_environment() {
    const VARIABLE: &str = "GRANTLINE_TEST_SEALING_KEYS";
    if env::var_os(VARIABLE).is_some() {
        assert_eq!(from_environment(VARIABLE).unwrap(), SealingKeys::new(key(1)).older(key(2)));
        let malformed = from_environment("GRANTLINE_TEST_NO_KEY").unwrap_err();
        assert_eq!(malformed.code(), "sealing_key_malformed");
        assert!(!malformed.to_string().contains("hunter2"));
        return;
    }
    let child = Command::new(env::current_exe().unwrap())
        .args(["--exact", "keys_come_from_the_environment"])
        .env(VARIABLE, format!("{} {}", text(1), text(2)))
        .env("GRANTLINE_TEST_NO_KEY", "hunter2")
        .output()
        .unwrap();
    assert!(child.status.success(), "{}", String::from_utf8_lossy(&child.stdout));

    let missing = from_environment("GRANTLINE_TEST_IS_NOT_SET").unwrap_err();
    assert_eq!(missing.code(), "invalid_client_setting");
    assert!(missing.to_string().contains("GRANTLINE_TEST_IS_NOT_SET"), "{missing}");
}
