//! The profile file: `grantline profiles` and `init`, and what is refused in it.
#![cfg(unix)]
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

mod support;

use std::process::Stdio;

use serde_json::json;
use support::{ANNA, Folder, Login, World, get, mode, mode_of};

/// The refusal of a profile file, which has to name its file.
fn refused(text: &str) -> String {
    let folder = Folder::new();
    folder.write("profiles.toml", text);
    let refused = folder.run(&["profiles"]).refused(3);
    assert!(refused.contains("profiles.toml"), "{refused}");
    refused
}

const GOOD: &str = "[profile.a]\nprovider = \"visma-connect\"\ntype = \"native\"\nclient_id = \"isv_a\"\n";

#[test]
fn profiles_are_listed_with_the_default_one() {
    let world = World::new();
    let url = world.emulator.url();
    let listed = world.run(&["profiles"]).done();
    let expected = format!(
        "export: service, isv_service at {url}, the default\nportal: web, isv_web at {url}\nscanner: native, isv_native at {url}\n"
    );
    assert_eq!(listed, expected);
    let object = world.run(&["profiles", "--json"]).json();
    assert_eq!((&object["default"], object["profiles"].as_array().unwrap().len()), (&json!("export"), 3));
    let one = json!({"name": "export", "type": "service", "client_id": "isv_service", "provider": url});
    assert_eq!(object["profiles"][0], one);
}

#[test]
fn the_file_is_found_by_argument_before_environment() {
    let folder = Folder::new();
    folder.write("other.toml", GOOD);
    let listed = folder.run(&["profiles", "--config", "other.toml"]).done();
    assert!(listed.starts_with("a: native"), "{listed}");
    let missing = folder.run(&["profiles"]).refused(3);
    assert!(missing.contains("profiles.toml") && missing.contains("grantline init"), "{missing}");
}

#[test]
fn without_argument_and_environment_it_is_in_the_platform_s_folder() {
    let folder = Folder::new();
    let mut command = folder.command(&["profiles"]);
    command.env_remove("GRANTLINE_CONFIG").env("HOME", folder.path("home")).env_remove("XDG_CONFIG_HOME");
    let refused = support::ended(command.output().unwrap()).refused(3);
    let expected = match cfg!(target_os = "macos") {
        true => "home/Library/Preferences/grantline/profiles.toml",
        false => "home/.config/grantline/profiles.toml",
    };
    assert!(refused.contains(expected), "{refused}");
}

#[test]
fn a_value_that_cannot_be_is_not_repeated_since_it_may_hold_a_secret() {
    for (value, says) in [
        ("store = \"redis://user:hunter2@host\"", "expected one of `sqlite`, `redis`, `postgres`"),
        ("refresh_grace_s = \"hunter2\"", "expected u64"),
        ("sealing_key = { env = \"hunter2 and more\" }", "env takes the name of an environment variable"),
        ("client_secret = { file = \"\" }", "file takes a path"),
        ("client_secret = { keyring = \"\" }", "keyring a name"),
    ] {
        let refused = refused(&format!("{GOOD}{value}\n"));
        assert!(refused.contains("line 5") && refused.contains(says), "{refused}");
        assert!(!refused.contains("hunter2"), "{refused}");
    }
}

#[test]
fn an_unknown_key_is_refused_with_its_line() {
    let refused = refused(&format!("{GOOD}colour = \"blue\"\n"));
    assert!(refused.contains("line 5") && refused.contains("colour"), "{refused}");
    assert!(refused.contains("correct the key or remove it"), "{refused}");
}

#[test]
fn an_unknown_key_at_the_top_is_refused_with_its_line() {
    let refused = refused(&format!("colour = \"blue\"\n{GOOD}"));
    assert!(refused.contains("line 1") && refused.contains("colour"), "{refused}");
}

#[test]
fn a_profile_that_is_there_twice_is_refused_with_its_line() {
    let refused = refused(&format!("{GOOD}\n{GOOD}"));
    assert!(refused.contains("line 6") && refused.contains("a name of its own"), "{refused}");
}

#[test]
fn a_secret_in_clear_is_refused_with_its_line_and_not_repeated() {
    for secret in [
        "client_secret = \"hunter2\"",
        "sealing_key = \"hunter2\"",
        "store = { redis = \"redis://:hunter2@host\" }",
        "store = { postgres = \"postgres://u:hunter2@host\" }",
        "client_secret = 47110815",
        "client_secret = true",
        "client_secret = 4.7110815",
    ] {
        let refused = refused(&format!("{GOOD}{secret}\n"));
        assert!(refused.contains("line 5: a secret in clear"), "{secret}: {refused}");
        assert!(refused.contains("{ env = \"VARIABLE\" }"), "{refused}");
        assert!(!refused.contains("hunter2") && !refused.contains("7110815"), "{refused}");
    }
}

#[test]
fn no_way_of_writing_a_secret_wrongly_repeats_it() {
    for secret in [
        "client_secret = hunter2",
        "client_secret = 'hunter2",
        "client_secret = [\"hunter2\"]",
        "client_secret = { value = \"hunter2\" }",
        "client_secret = { env = \"A\", hunter2 = \"b\" }",
        "client_secret = { env = 5 }",
        "client_secret = {}",
        "client_secret \"hunter2\"",
    ] {
        let refused = refused(&format!("{GOOD}{secret}\n"));
        assert!(refused.contains("line 5") || refused.contains("line 6"), "{secret}: {refused}");
        assert!(!refused.contains("hunter2"), "{secret}: {refused}");
    }
}

#[test]
fn a_missing_key_a_wrong_type_and_a_wrong_provider_are_refused_with_their_lines() {
    let missing = refused("[profile.a]\nprovider = \"visma-connect\"\ntype = \"native\"\n");
    assert!(missing.contains("client_id") && missing.contains("add it"), "{missing}");
    let kind = refused(&GOOD.replace("native", "spa"));
    assert!(kind.contains("line 3") && kind.contains("service"), "{kind}");
    let folder = Folder::new();
    folder.write("profiles.toml", &GOOD.replace("visma-connect", "connect.visma.com"));
    let provider = folder.run(&["token"]).refused(3);
    assert!(provider.contains("line 2") && provider.contains("visma-connect-staging"), "{provider}");
}

#[test]
fn a_default_that_is_no_profile_names_those_there_are() {
    let refused = refused(&format!("\ndefault = \"b\"\n{GOOD}"));
    assert!(refused.contains("line 2") && refused.contains("write one of: a"), "{refused}");
}

#[test]
fn a_profile_that_is_not_there_names_those_there_are() {
    let world = World::new();
    let refused = world.run(&["token", "-p", "nobody"]).refused(3);
    assert!(refused.contains("profile_unknown") && refused.contains("export, portal, scanner"), "{refused}");
}

#[test]
fn several_profiles_without_a_default_have_to_be_chosen_from() {
    let folder = Folder::new();
    folder.write("profiles.toml", &format!("{GOOD}{}", GOOD.replace("profile.a", "profile.b")));
    let refused = folder.run(&["token"]).refused(3);
    assert!(refused.contains("a, b") && refused.contains("--profile"), "{refused}");
    folder.write("profiles.toml", "");
    assert!(folder.run(&["token"]).refused(3).contains("has no profile"));
}

#[test]
fn a_service_has_to_say_whose_data_it_wants() {
    let profile = "[profile.a]\nprovider = \"URL\"\ntype = \"service\"\nclient_id = \"isv_service\"\n\
                   client_secret = { env = \"EXPORT_SECRET\" }\n";
    let world = World::with(grantline_emulator::Config::default(), profile);
    let refused = world.run(&["token"]).refused(3);
    assert!(refused.contains("tenant_missing") && refused.contains("\"none\""), "{refused}");
}

#[test]
fn a_public_client_with_a_secret_is_refused() {
    let folder = Folder::new();
    let more = "client_secret = { env = \"S\" }\nredirect_uri = \"http://127.0.0.1/callback\"\n";
    folder.write("profiles.toml", &format!("{GOOD}{more}"));
    let mut command = folder.command(&["token"]);
    let refused = support::ended(command.env("S", "x").output().unwrap()).refused(3);
    assert!(refused.contains("secret_for_public_client"), "{refused}");
}

#[test]
fn a_secret_s_file_that_others_can_read_is_refused() {
    let world = World::new();
    mode(&world.folder.path("portal.secret"), 0o644);
    let refused = world.run(&["token", "-p", "portal"]).refused(3);
    assert!(refused.contains("secret_unavailable") && refused.contains("chmod 600"), "{refused}");
}

#[test]
fn a_secret_that_stands_in_the_place_of_a_variable_s_name_is_not_repeated() {
    for secret in ["hunter2abcDEF123", &"HUNTER2".repeat(10)] {
        for key in ["client_secret", "sealing_key"] {
            let folder = Folder::new();
            folder.write("profiles.toml", &format!("{GOOD}{key} = {{ env = {secret:?} }}\n"));
            let refused = folder.run(&["token"]).refused(3);
            assert!(refused.contains("that the profile names is not set"), "{refused}");
            assert!(!refused.to_ascii_lowercase().contains("hunter2"), "{refused}");
        }
    }
}

#[test]
fn a_secret_s_file_that_is_missing_or_empty_is_named() {
    let world = World::new();
    std::fs::remove_file(world.folder.path("portal.secret")).unwrap();
    std::fs::create_dir(world.folder.path("portal.secret")).unwrap();
    let refused = world.run(&["token", "-p", "portal"]).refused(3);
    assert!(refused.contains("portal.secret is a folder") && !refused.contains("chmod"), "{refused}");
    std::fs::remove_dir(world.folder.path("portal.secret")).unwrap();
    world.folder.write_secret("portal.secret", "\n");
    assert!(world.run(&["token", "-p", "portal"]).refused(3).contains("portal.secret is empty"));
    std::fs::remove_file(world.folder.path("portal.secret")).unwrap();
    assert!(world.run(&["token", "-p", "portal"]).refused(3).contains("portal.secret cannot be read"));
}

#[test]
fn a_keyring_that_does_not_answer_is_told_with_the_other_places() {
    let folder = Folder::new();
    folder.write("profiles.toml", &format!("{GOOD}client_secret = {{ keyring = \"a\" }}\n"));
    let nowhere = |arguments: &[&str]| {
        let mut command = folder.command(arguments);
        command
            .env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent")
            .env("XDG_RUNTIME_DIR", "/nonexistent");
        command
    };
    let refused = support::ended(nowhere(&["token"]).output().unwrap()).refused(3);
    assert!(refused.contains("secret_unavailable") && refused.contains("{ file = \"path\" }"), "{refused}");
    let mut child = nowhere(&["keyring", "a"]).stdin(Stdio::piped()).spawn().unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), b"hunter2").unwrap();
    let refused = support::ended(child.wait_with_output().unwrap()).refused(3);
    assert!(!refused.contains("hunter2"), "{refused}");
}

#[test]
fn a_secret_for_the_keyring_comes_from_standard_input() {
    let folder = Folder::new();
    let refused = folder.run(&["keyring", "a"]).refused(2);
    assert!(refused.contains("secret_missing") && refused.contains("standard input"), "{refused}");
}

#[test]
fn init_makes_a_file_that_can_be_read_and_writes_over_none() {
    let folder = Folder::new();
    let made = folder.run(&["init", "--config", "new/profiles.toml"]).done();
    assert!(made.contains("new/profiles.toml"), "{made}");
    let listed = folder.run(&["profiles", "--config", "new/profiles.toml"]).done();
    assert_eq!(listed.lines().count(), 4, "{listed}");
    let refused = folder.run(&["init", "--config", "new/profiles.toml"]).refused(3);
    assert!(refused.contains("file_exists"), "{refused}");
    let printed = folder.run(&["init", "--print"]).done();
    assert_eq!(printed, std::fs::read_to_string(folder.path("new/profiles.toml")).unwrap());
    assert_eq!(folder.run(&["init", "--print", "--json"]).json()["configuration"], printed);
    let printed = folder.run(&["init", "--emulator", "--print"]).done();
    assert_eq!(folder.run(&["init", "--emulator", "--print", "--json"]).json()["configuration"], printed);
    folder.write("a-file", "");
    let refused = folder.run(&["init", "--config", "a-file/profiles.toml"]).refused(3);
    assert!(refused.contains("another file with --config") && !refused.contains("--data"), "{refused}");
    let object = folder.run(&["init", "--json"]).json();
    assert_eq!(object["file"], folder.path("profiles.toml").to_str().unwrap());
}

#[test]
fn init_makes_profiles_that_work_against_an_emulator_with_nothing_to_change() {
    let world = World::with_no_profiles();
    let said = world.run(&["init", "--emulator", "--issuer", &world.emulator.url()]).done();
    assert!(said.ends_with("has the profiles emulator-service, emulator-web, emulator-native\n"), "{said}");
    let answer = world.run(&["request", &format!("{}/api/invoices", world.emulator.url())]).json();
    assert_eq!(answer["tenant_name"], "Fjord Bakery AS");
    for profile in ["emulator-service", "emulator-web", "emulator-native"] {
        let checked = world.run(&["doctor", "-p", profile, "--json"]);
        assert_eq!(checked.code, 0, "{checked:?}");
    }
    let login = Login::start(world.command(&["login", "-p", "emulator-native", "--no-browser"]));
    let landing = world.emulator.log_in(&login.url, ANNA).unwrap();
    get(&format!("{}?{}", landing.redirect_uri, landing.response));
    assert!(login.ended().done().contains("session emulator-native"));
}

#[test]
fn the_emulator_s_profiles_are_for_its_usual_port_another_one_or_an_issuer() {
    let folder = Folder::new();
    let printed =
        |arguments: &[&str]| folder.run(&[&["init", "--emulator", "--print"], arguments].concat()).done();
    assert_eq!(printed(&[]).matches("\"http://127.0.0.1:4455\"").count(), 6);
    assert_eq!(printed(&["--port", "4460"]).matches("\"http://127.0.0.1:4460\"").count(), 6);
    let other = printed(&["--issuer", "https://login.example.com/visma"]);
    assert_eq!(other.matches("provider = \"https://login.example.com/visma\"").count(), 3, "{other}");
    assert_eq!(other.matches("api_origins = [\"https://login.example.com\"]").count(), 3, "{other}");
    assert!(!folder.path("profiles.toml").exists());
}

#[test]
fn the_emulator_s_profiles_leave_what_is_in_the_file() {
    let folder = Folder::new();
    let mine = format!("# mine\ndefault = \"a\"\n{}", GOOD.trim_end());
    folder.write("profiles.toml", &mine);
    mode(&folder.path("profiles.toml"), 0o640);
    let object = folder.run(&["init", "--emulator", "--json"]).json();
    assert_eq!(object["profiles"], json!(["emulator-service", "emulator-web", "emulator-native"]));
    assert_eq!(object["secrets"][1], folder.path("emulator-web.secret").to_str().unwrap());
    let text = std::fs::read_to_string(folder.path("profiles.toml")).unwrap();
    assert!(text.starts_with(&format!("{mine}\n")), "{text}");
    assert_eq!(mode_of(&folder.path("profiles.toml")), 0o640);
    let listed = folder.run(&["profiles"]).done();
    assert_eq!(listed.lines().count(), 4, "{listed}");
    assert!(listed.contains("a: native, isv_a at visma-connect, the default"), "{listed}");
}

#[test]
fn a_file_without_a_default_is_told_that_one_has_to_be_chosen_now() {
    let folder = Folder::new();
    folder.write("profiles.toml", GOOD);
    let said = folder.run(&["init", "--emulator"]).done();
    assert!(said.contains("it has no default: choose a profile with --profile"), "{said}");
}

#[test]
fn the_emulator_s_secrets_are_in_files_that_nobody_else_can_read() {
    let folder = Folder::new();
    folder.run(&["init", "--emulator"]).done();
    let profiles = std::fs::read_to_string(folder.path("profiles.toml")).unwrap();
    assert!(!profiles.contains("service-secret") && !profiles.contains("web:secret"), "{profiles}");
    for (name, secret) in
        [("emulator-service.secret", "service-secret\n"), ("emulator-web.secret", "web:secret+100%25&more\n")]
    {
        assert_eq!(std::fs::read_to_string(folder.path(name)).unwrap(), secret);
        assert_eq!(mode_of(&folder.path(name)), 0o600, "{name}");
    }
    assert_eq!(mode_of(&folder.path("profiles.toml")), 0o600);
}

#[test]
fn the_emulator_s_profiles_are_written_over_nothing_and_then_nothing_is_written() {
    let folder = Folder::new();
    folder.run(&["init", "--emulator"]).done();
    let before = std::fs::read_to_string(folder.path("profiles.toml")).unwrap();
    let refused = folder.run(&["init", "--emulator"]).refused(3);
    assert!(refused.contains("profile_exists") && refused.contains("emulator-native"), "{refused}");
    assert_eq!(std::fs::read_to_string(folder.path("profiles.toml")).unwrap(), before);

    let other = Folder::new();
    other.write_secret("emulator-web.secret", "mine\n");
    let refused = other.run(&["init", "--emulator"]).refused(3);
    assert!(refused.contains("file_exists") && refused.contains("emulator-web.secret"), "{refused}");
    assert!(!other.path("profiles.toml").exists() && !other.path("emulator-service.secret").exists());
    other.write_secret("emulator-web.secret", "web:secret+100%25&more\n");
    other.run(&["init", "--emulator"]).done();
}

#[test]
fn a_file_or_an_issuer_that_is_wrong_is_refused_before_anything_is_written() {
    let folder = Folder::new();
    folder.write("profiles.toml", &format!("{GOOD}colour = \"blue\"\n"));
    let refused = folder.run(&["init", "--emulator"]).refused(3);
    assert!(refused.contains("line 5") && refused.contains("colour"), "{refused}");
    assert!(!folder.path("emulator-service.secret").exists());

    let folder = Folder::new();
    let refused = folder.run(&["init", "--emulator", "--issuer", "nowhere"]).refused(2);
    assert!(refused.contains("url_invalid"), "{refused}");
    let refused = folder.run(&["init", "--emulator", "--issuer", "http://login.example.com"]).refused(2);
    assert!(refused.contains("url_invalid"), "{refused}");
    assert!(!folder.path("profiles.toml").exists() && !folder.path("emulator-service.secret").exists());
}
