//! What stands in the profile: redirect URI, scopes, secret, environment, refresh tokens.

use grantline_emulator::{Config, Mode};

use crate::support::{BAKERY, Folder, World, mode};
use crate::{NATIVE, Report, SERVICE, WEB, doctor, world};

#[test]
fn a_redirect_uri_is_judged_by_its_form_its_type_and_the_registration() {
    for (profile, uri, check, level, part) in [
        (WEB, "http://app.example/callback", "redirect_uri", "error", "neither https nor http on loopback"),
        (WEB, "com.example.app:/callback", "redirect_uri", "error", "native applications only"),
        (WEB, "https://app.example/callback#x", "redirect_uri", "error", "fragment"),
        (WEB, "https://app.example/callback/", "login", "error", "a slash at the end counts"),
        (NATIVE, "http://localhost/callback", "redirect_uri", "warning", "127.0.0.1"),
        (NATIVE, "/callback", "redirect_uri", "error", "absolute"),
    ] {
        let (before, rest) = profile.split_once("redirect_uri = \"").unwrap();
        let (_, after) = rest.split_once('"').unwrap();
        let world = world(Config::default(), &format!("{before}redirect_uri = {uri:?}{after}"));
        doctor(&world, "it").says(check, level, part).ends_with(11);
    }
    let long = format!("https://app.example/{}", "x".repeat(400));
    let report = doctor(&world(Config::default(), &WEB.replace("https://app.example/callback", &long)), "it");
    report.says("redirect_uri", "error", "takes 400").ends_with(11);
    let missing = NATIVE.replace("redirect_uri = \"http://127.0.0.1/callback\"", "");
    doctor(&world(Config::default(), &missing), "it").says("redirect_uri", "error", "byte for byte");
    let service = format!("{SERVICE}redirect_uri = \"https://app.example/\"\n");
    doctor(&world(Config::default(), &service), "it").says("redirect_uri", "warning", "").ends_with(10);
}

#[test]
fn a_client_that_is_not_registered_is_told_from_scopes_that_are_not() {
    let unknown = NATIVE.replace("isv_native", "isv_nobody");
    doctor(&world(Config::default(), &unknown), "it").says("login", "error", "the client id").ends_with(11);
    let foreign = NATIVE.replace("visma_api:read", "visma_api:everything");
    doctor(&world(Config::default(), &foreign), "it").says("login", "error", "").ends_with(11);
}

#[test]
fn api_origins_that_no_request_can_use_are_an_error() {
    let profile = format!("{SERVICE}api_origins = [\"https://api.example.com/v1\"]\n");
    let report = doctor(&world(Config::default(), &profile), "it");
    report.says("api_origins", "error", "https://api.example.com/v1").ends_with(11);
    assert!(report.all.contains("write each of them as https://host"), "{}", report.all);
    let profile = profile.replace("api.example.com/v1", "anna:hunter2@api.example.com");
    let report = doctor(&world(Config::default(), &profile), "it");
    report.says("api_origins", "error", "holds a user name or a password").ends_with(11);
    assert!(!report.all.contains("hunter2"), "{}", report.all);
}

#[test]
fn scopes_beyond_300_characters_are_a_warning_and_those_of_users_no_service_s() {
    let many = (0..20).map(|number| format!("\"warehouse_api:{number}\"")).collect::<Vec<_>>().join(", ");
    let profile = NATIVE.replace("\"visma_api:read\"", &many);
    doctor(&world(Config::default(), &profile), "it").says("scopes", "warning", "takes 300").ends_with(11);
    let profile = SERVICE.replace("visma_api:read", "offline_access");
    doctor(&world(Config::default(), &profile), "it").says("scopes", "error", "offline_access");
    let profile = SERVICE.replace("visma_api:read", "visma_api:everything");
    doctor(&world(Config::default(), &profile), "it").says("scopes", "error", "invalid_scope").ends_with(11);
    let profile = SERVICE.replace("visma_api:read", "a b");
    doctor(&world(Config::default(), &profile), "it").says("scopes", "error", "a b").ends_with(11);
}

#[test]
fn the_limits_of_visma_connect_are_no_other_provider_s() {
    let many = (0..20).map(|number| format!("\"warehouse_api:{number}\"")).collect::<Vec<_>>().join(", ");
    let long = format!("https://app.example/{}", "x".repeat(400));
    let profile = WEB.replace("\"visma_api:read\"", &many).replace("https://app.example/callback", &long);
    let look = |head: &str| {
        let config = Config { mode: Mode::Standard, ..Config::default() };
        let world = world(config, &format!("{head}{profile}"));
        world.folder.write_secret("portal.secret", &"hunter2".repeat(15));
        doctor(&world, "it")
    };
    let like_visma_connect = look("");
    like_visma_connect.says("scopes", "warning", "takes 300").says("secret", "error", "takes 100");
    like_visma_connect.says("redirect_uri", "error", "takes 400");
    let other = look("# standard\n");
    other.says("scopes", "ok", "characters in all").says("secret", "ok", "105 characters");
    other.says("redirect_uri", "ok", "may have it");
    assert!(!other.all.contains("Visma Connect takes"), "{}", other.all);
}

#[test]
fn visma_connect_by_its_url_alone_has_its_limits() {
    let folder = Folder::new();
    let head = "[profile.it]\nprovider = \"https://connect.visma.com\"\n";
    folder.write("profiles.toml", &format!("{head}{SERVICE}"));
    let mut command = folder.command(&["doctor"]);
    // Nothing here is to reach a provider.
    command.env("HTTPS_PROXY", "http://127.0.0.1:9").env_remove("NO_PROXY").env_remove("no_proxy");
    command.env("EXPORT_SECRET", "hunter2".repeat(15));
    Report::of(command).says("secret", "error", "takes 100");
}

#[test]
fn a_secret_that_is_too_long_spaced_cut_off_wrong_or_missing_is_told_by_its_length_alone() {
    let world = World::new();
    for (secret, level, part) in [
        ("hunter2 ".to_owned(), "error", "space"),
        ("hunter2".repeat(15), "error", "105 characters"),
        ("hunter2-hunter2".to_owned(), "error", "invalid_client"),
        ("hunter2".to_owned(), "warning", "7 characters"),
    ] {
        let mut command = world.command(&["doctor"]);
        command.env("EXPORT_SECRET", secret);
        let report = Report::of(command);
        report.says("secret", level, part).ends_with(11);
        assert!(!report.all.contains("hunter2"), "{}", report.all);
    }
    let mut command = world.command(&["doctor"]);
    command.env_remove("EXPORT_SECRET");
    Report::of(command).says("secret", "error", "EXPORT_SECRET is not set").ends_with(11);
    mode(&world.folder.path("portal.secret"), 0o644);
    doctor(&world, "portal").says("secret", "error", "chmod 600").ends_with(11);
    let native = format!("{NATIVE}client_secret = {{ env = \"EXPORT_SECRET\" }}\n");
    let report = doctor(&self::world(Config::default(), &native), "it");
    report.says("secret", "error", "type = \\\"web\\\"").ends_with(11);
}

#[test]
fn sandbox_and_production_are_not_mixed() {
    let folder = Folder::new();
    let run = |profiles: &str, name: &str| {
        folder.write("profiles.toml", profiles);
        let mut command = folder.command(&["doctor", "--profile", name]);
        // Nothing here is to reach a provider.
        command.env("HTTPS_PROXY", "http://127.0.0.1:9").env("X", "a-secret-of-one").env_remove("NO_PROXY");
        Report::of(command)
    };
    let profile = |name: &str, provider: &str, tenant: &str, rest: &str| {
        format!(
            "[profile.{name}]\nprovider = {provider:?}\ntype = \"service\"\nclient_id = \"isv_x\"\ntenant_id = {tenant:?}\n{rest}\n"
        )
    };
    let (secret, other) = ("client_secret = { env = \"X\" }", "client_secret = { env = \"Y\" }");
    let (live, test) = ("visma-connect", "visma-connect-staging");
    let separate = profile("a", live, "none", secret) + &profile("b", test, "none", other);
    run(&separate, "a").says("environment", "ok", "production");
    run(&separate, "b").says("environment", "ok", "sandbox");
    let one_secret = profile("a", live, "none", secret) + &profile("b", test, "none", secret);
    run(&one_secret, "b").says("environment", "warning", "the client secret is the same as in the profile a");
    let one_tenant = profile("a", live, BAKERY, secret) + &profile("b", test, BAKERY, other);
    run(&one_tenant, "a").says("environment", "warning", "the tenant is the same");
    let api =
        profile("a", live, "none", &format!("{secret}\napi_origins = [\"https://api.staging.example\"]"));
    run(&api, "a").says("environment", "warning", "an API of the sandbox");
    let by_url = profile("a", "https://connect.visma.com", "none", secret);
    run(&by_url, "a").says("environment", "warning", "write provider = \\\"visma-connect\\\"");
}

#[test]
fn refresh_tokens_for_one_use_with_a_short_grace_are_a_risk_that_is_told() {
    for (refresh, level, part, code) in [
        ("refresh = \"one-time\"\nrefresh_grace_s = 60", "ok", "60 s", 0),
        ("refresh = \"re-use\"", "ok", "again and again", 0),
        ("refresh = \"one-time\"", "not_checked", "refresh_grace_s", 0),
        ("refresh_grace_s = 30", "warning", "within 30 s", 10),
        ("refresh = \"one-time\"\nrefresh_grace_s = 10", "warning", "comes too late", 10),
        ("refresh = \"one-time\"\nrefresh_grace_s = 0", "warning", "ends the session", 10),
    ] {
        let (before, _) = NATIVE.split_once("refresh =").unwrap();
        let report = doctor(&world(Config::default(), &format!("{before}{refresh}\n")), "it");
        report.says("refresh_tokens", level, part).ends_with(code);
    }
    let without = NATIVE.replace("\"offline_access\", ", "");
    doctor(&world(Config::default(), &without), "it").says("refresh_tokens", "ok", "none are asked for");
}
