//! An emulator that keeps its state: what lasts over a restart, and which files it does not take.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use grantline_emulator::{
    Application, ClientType, Config, Emulator, Fault, FaultKind, KeyRotation, StartError, StateError,
    StateFile, StateNews, TenantDetails, UserDetails,
};
use serde_json::{Value, json};

use crate::browser::Browser;
use crate::requests::{Request, refresh};
use crate::support::{FJORD, NOT_APPROVED, World};

/// A folder of its own for each test, gone at the end.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("grantline-state-{}-{number}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn file(&self) -> PathBuf {
        self.0.join("state.json")
    }

    fn with(content: &str) -> Self {
        let folder = Self::new();
        fs::write(folder.file(), content).unwrap();
        folder
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What is left lies in the system's folder for such things.
        let _ = fs::remove_dir_all(&self.0);
    }
}

const ANY_PORT: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 0);

fn open(path: &Path) -> Result<StateFile, StateError> {
    StateFile::open(path, Config::default())
}

fn new_service() -> Application {
    let keys =
        json!({"client_id": "isv_new", "name": "New", "type": "service", "scopes": ["visma_api:read"]});
    serde_json::from_value(keys).unwrap()
}

/// An emulator with this file, at the address that an earlier one had.
fn resume(path: &Path, address: SocketAddr) -> World {
    World::of(Emulator::resume(address, open(path).unwrap()).unwrap())
}

fn refused(folder: &Folder) -> String {
    let message = open(&folder.file()).unwrap_err().to_string();
    assert_eq!(message.lines().count(), 1, "{message}");
    assert!(message.contains("; "), "says what to do: {message}");
    message
}

#[tokio::test]
async fn what_was_registered_approved_and_granted_is_good_after_a_restart() {
    let folder = Folder::new();
    let world = resume(&folder.file(), ANY_PORT);
    let address = world.emulator.address();
    let secrets = world.emulator.register_application(new_service(), ClientType::Confidential).unwrap();
    let secret = secrets.client_secret.unwrap();
    world.emulator.approve_tenant("isv_service", NOT_APPROVED).unwrap();
    world.emulator.approve_tenant("isv_new", FJORD).unwrap();
    let tokens = Request::web().tokens(&world).await;
    let old = tokens["refresh_token"].as_str().unwrap().to_owned();
    let refreshed = refresh(&world, "isv_web", &old).await.json();
    let newest = refreshed["refresh_token"].as_str().unwrap().to_owned();
    let keys = jwks(&world).await;
    world.emulator.stop();

    let world = resume(&folder.file(), address);
    assert_eq!(jwks(&world).await, keys);
    let access_token = refreshed["access_token"].as_str().unwrap();
    assert_eq!(world.get_with_token("/connect/userinfo", access_token).await.status, 200);
    assert_eq!(refresh(&world, "isv_web", &newest).await.status, 200);
    assert_eq!(world.service_token(&[("tenant_id", NOT_APPROVED)]).await.status, 200);
    let form = [("grant_type", "client_credentials"), ("tenant_id", FJORD)];
    let basic = format!("isv_new:{}", secret.expose_secret());
    assert_eq!(world.token_with_basic(&basic, &form).await.status, 200);
    assert_eq!(world.emulator.grants("isv_web")[0].rotation, 2);
}

async fn jwks(world: &World) -> Value {
    world.get("/.well-known/openid-configuration/jwks").await.json()
}

#[tokio::test]
async fn whoever_has_logged_in_and_consented_is_not_asked_again_after_a_restart() {
    let folder = Folder::new();
    let world = resume(&folder.file(), ANY_PORT);
    let address = world.emulator.address();
    let mut browser = Browser::new(&world);
    browser.approve(&Request::web().path()).await;
    let cookies = browser.into_cookies();
    world.emulator.stop();

    let world = resume(&folder.file(), address);
    let back =
        Browser::with_cookies(&world, cookies).open(&Request::web().with("prompt", "none").path()).await;
    assert!(back.response().contains_key("code"), "{}", back.location());
}

#[tokio::test]
async fn a_used_refresh_token_is_known_as_used_after_a_restart() {
    let folder = Folder::new();
    let world = resume(&folder.file(), ANY_PORT);
    let address = world.emulator.address();
    let tokens = Request::web().tokens(&world).await;
    let old = tokens["refresh_token"].as_str().unwrap().to_owned();
    refresh(&world, "isv_web", &old).await;
    world.emulator.stop();

    let world = resume(&folder.file(), address);
    world.emulator.advance_clock(std::time::Duration::from_secs(120));
    assert_eq!(refresh(&world, "isv_web", &old).await.error(), "invalid_grant");
    let reason = world.emulator.requests("isv_web").pop().unwrap().reason.unwrap();
    assert!(reason.contains("used 12"), "{reason}");
}

#[test]
fn tenants_users_rotated_keys_and_the_clock_last() {
    let folder = Folder::new();
    let emulator = Emulator::resume(ANY_PORT, open(&folder.file()).unwrap()).unwrap();
    let tenant =
        emulator.add_tenant(TenantDetails { id: None, name: "Harbour Hotel AS".to_owned() }).unwrap();
    let details: UserDetails =
        serde_json::from_value(json!({"username": "carl@example.com", "name": "Carl"})).unwrap();
    let user = emulator.add_user(details).unwrap().user;
    emulator.rotate_keys(KeyRotation::Add).unwrap();
    emulator.set_clock_offset(-3600);
    emulator.stop();

    let file = open(&folder.file()).unwrap();
    let config = file.config();
    assert!(config.tenants.contains(&tenant));
    assert_eq!(config.user("carl@example.com").unwrap().sub, user.sub);
    assert_eq!(config.clock_offset_s, -3600);
    let saved: Value = serde_json::from_slice(&fs::read(folder.file()).unwrap()).unwrap();
    assert_eq!(saved["keys"]["older"].as_array().unwrap().len(), 1);
}

#[test]
fn the_configuration_of_the_file_wins_over_the_one_that_is_given_and_says_that_it_is_another() {
    let folder = Folder::new();
    Emulator::resume(ANY_PORT, open(&folder.file()).unwrap()).unwrap().stop();
    let same = open(&folder.file()).unwrap();
    assert!(!same.was_begun_with_another_configuration());
    drop(same);

    let mut other = Config::default();
    other.applications.retain(|application| application.client_id != "isv_web");
    let file = StateFile::open(&folder.file(), other).unwrap();
    assert!(file.was_begun_with_another_configuration());
    assert!(file.config().application("isv_web").is_some());
}

#[test]
fn two_emulators_do_not_share_a_file() {
    let folder = Folder::new();
    let first = open(&folder.file()).unwrap();
    assert!(refused(&folder).contains("in use by another emulator"));
    drop(first);
    open(&folder.file()).unwrap();
}

#[test]
fn a_file_of_a_newer_release_is_refused_and_left_as_it_is() {
    let content = r#"{"format": "grantline emulator state", "version": 2, "what": "nobody knows"}"#;
    let folder = Folder::with(content);
    let message = refused(&folder);
    assert!(message.contains("version 2") && message.contains("use the newer release"), "{message}");
    assert_eq!(fs::read_to_string(folder.file()).unwrap(), content);
}

#[test]
fn damaged_and_foreign_files_are_refused_without_showing_what_is_in_them() {
    let secret = "a-secret-that-must-not-show";
    for content in [
        String::new(),
        secret.to_owned(),
        format!(r#"{{"format": "{secret}", "version": 1}}"#),
        format!(r#"{{"format": "grantline emulator state", "version": "{secret}"}}"#),
        format!(
            r#"{{"format": "grantline emulator state", "version": 1, "begun_with": "x", "config": "{secret}"}}"#
        ),
        format!(r#"{{"name": "{secret}", "version": "1.0.0"}}"#),
    ] {
        let folder = Folder::with(&content);
        let message = refused(&folder);
        assert!(message.contains("no state file") && message.contains("to begin anew"), "{message}");
        assert!(!message.contains(secret), "{message}");
        assert_eq!(fs::read_to_string(folder.file()).unwrap(), content);
    }
}

#[test]
fn a_file_that_was_cut_off_and_one_whose_keys_were_altered_are_refused() {
    let folder = Folder::new();
    Emulator::resume(ANY_PORT, open(&folder.file()).unwrap()).unwrap().stop();
    let whole = fs::read_to_string(folder.file()).unwrap();
    fs::write(folder.file(), &whole[..whole.len() / 2]).unwrap();
    assert!(refused(&folder).contains("is damaged"));

    let mut altered: Value = serde_json::from_str(&whole).unwrap();
    altered["keys"]["current"]["rsa"]["pkcs8"] = "AAAA".into();
    fs::write(folder.file(), altered.to_string()).unwrap();
    let refused = Emulator::resume(ANY_PORT, open(&folder.file()).unwrap());
    assert!(matches!(refused, Err(StartError::State(StateError::Damaged { .. }))));
}

#[test]
fn a_folder_that_is_not_there_is_said_before_anything_is_started() {
    let error = open(&Folder::new().0.join("nowhere/state.json")).unwrap_err();
    assert!(matches!(error, StateError::Write { .. }), "{error}");
}

#[tokio::test]
async fn a_file_that_cannot_be_written_is_told_once_and_shown_until_it_can_be() {
    let folder = Folder::new();
    let mut file = open(&folder.file()).unwrap();
    let (sender, told) = std::sync::mpsc::channel();
    file.on_news(move |news| {
        // Nobody listens any more where the test has failed.
        let _ = sender.send(match news {
            StateNews::Failed(error) => error.to_string(),
            StateNews::Recovered(path) => path.display().to_string(),
        });
    });
    let next = || told.recv_timeout(std::time::Duration::from_secs(60)).expect("news");
    let world = World::of(Emulator::resume(ANY_PORT, file).unwrap());
    let address = world.emulator.address();
    while !folder.file().exists() {
        tokio::task::yield_now().await;
    }
    assert_eq!(world.get("/health").await.json(), json!({"status": "ok"}));

    fs::remove_dir_all(&folder.0).unwrap();
    world.emulator.add_fault(Fault::new(FaultKind::Html).for_client("nobody")).unwrap();
    let failure = next();
    assert!(failure.starts_with("cannot write "), "{failure}");
    let health = world.get("/health").await;
    assert_eq!((health.status, &health.json()["state_file"]), (200, &json!("not written")));
    for page in ["/portal", "/portal/controls"] {
        let shown = world.get(page).await.body;
        assert!(shown.contains("role=\"alert\"") && shown.contains("cannot write"), "{shown}");
    }

    fs::create_dir(&folder.0).unwrap();
    assert_eq!(next(), folder.file().display().to_string());
    assert_eq!(world.get("/health").await.json(), json!({"status": "ok"}));
    assert!(!world.get("/portal").await.body.contains("cannot write"));
    assert!(told.try_recv().is_err());
    world.emulator.stop();
    assert_eq!(resume(&folder.file(), address).emulator.faults().len(), 1);
}

#[cfg(unix)]
#[test]
fn the_file_is_readable_by_its_owner_alone_also_where_it_was_not_before() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = Folder::new();
    Emulator::resume(ANY_PORT, open(&folder.file()).unwrap()).unwrap().stop();
    fs::set_permissions(folder.file(), fs::Permissions::from_mode(0o644)).unwrap();
    Emulator::resume(ANY_PORT, open(&folder.file()).unwrap()).unwrap().stop();
    assert_eq!(fs::metadata(folder.file()).unwrap().permissions().mode() & 0o777, 0o600);
}

#[tokio::test]
async fn a_fault_waits_on_after_a_restart_whosever_it_is() {
    let folder = Folder::new();
    let world = resume(&folder.file(), ANY_PORT);
    let address = world.emulator.address();
    world.emulator.register_application(new_service(), ClientType::Confidential).unwrap();
    for client_id in ["nobody-here", "isv_new"] {
        world.emulator.add_fault(Fault::new(FaultKind::Html).for_client(client_id).times(2)).unwrap();
    }
    world.emulator.remove_application("isv_new").unwrap();
    let waiting = world.emulator.faults();
    assert_eq!(waiting.len(), 2);
    world.emulator.stop();
    assert_eq!(resume(&folder.file(), address).emulator.faults(), waiting);
}
