//! What the tests of the command share: an emulator, a folder with a profile file, and the real binary.

#![allow(dead_code, reason = "each test file uses its part of this")]

use std::fs;
use std::io::{BufRead as _, BufReader, Lines, Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use grantline_emulator::{Config, Emulator};
use serde_json::Value;
use url::Url;

pub const BAKERY: &str = "11111111-1111-4111-8111-111111111111";
pub const ANNA: &str = "anna@example.com";
pub const ANNAS_SUBJECT: &str = "a0a0a0a0-0000-4000-8000-000000000001";

/// What the profiles of the tests have in common with those of a user: one of each type, and a default.
pub const PROFILES: &str = r#"
default = "export"

[profile.export]
provider = "URL"
behaves_like = "visma-connect"
type = "service"
client_id = "isv_service"
client_secret = { env = "EXPORT_SECRET" }
scopes = ["visma_api:read"]
tenant_id = "11111111-1111-4111-8111-111111111111"
api_origins = ["URL"]

[profile.scanner]
provider = "URL"
behaves_like = "visma-connect"
type = "native"
client_id = "isv_native"
scopes = ["openid", "profile", "offline_access", "visma_api:read"]
redirect_uri = "http://127.0.0.1/callback"
api_origins = ["URL"]

[profile.portal]
provider = "URL"
behaves_like = "visma-connect"
type = "web"
client_id = "isv_web"
client_secret = { file = "portal.secret" }
scopes = ["openid", "offline_access", "visma_api:read"]
redirect_uri = "https://app.example/callback"
post_logout_redirect_uri = "https://app.example/"
"#;

/// An emulator, and a user's folder.
pub struct World {
    pub emulator: Emulator,
    pub folder: Folder,
}

/// A folder of one test, removed with it.
pub struct Folder(PathBuf);

/// What a command came to.
#[derive(Debug)]
pub struct Ended {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl World {
    pub fn new() -> Self {
        Self::with(Config::default(), PROFILES)
    }

    pub fn with(config: Config, profiles: &str) -> Self {
        let (emulator, folder) = (Emulator::start(config).unwrap(), Folder::new());
        folder.write("profiles.toml", &profiles.replace("URL", &emulator.url()));
        folder.write_secret("portal.secret", "web:secret+100%25&more\n");
        Self { emulator, folder }
    }

    /// Before there is a profile file.
    pub fn with_no_profiles() -> Self {
        Self { emulator: Emulator::start(Config::default()).unwrap(), folder: Folder::new() }
    }

    /// The command line, in this folder.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.folder.command(arguments);
        command.env("EXPORT_SECRET", "service-secret");
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Ended {
        ended(self.command(arguments).output().unwrap())
    }

    /// With this on standard input.
    pub fn run_with(&self, arguments: &[&str], input: &str) -> Ended {
        let mut child = self.command(arguments).stdin(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        ended(child.wait_with_output().unwrap())
    }

    /// A session of Anna's by the native profile.
    pub fn log_in(&self, arguments: &[&str]) -> Ended {
        let mut all = vec!["login", "--profile", "scanner", "--no-browser"];
        all.extend(arguments);
        let login = Login::start(self.command(&all));
        let landing = self.emulator.log_in(&login.url, ANNA).unwrap();
        get(&format!("{}?{}", landing.redirect_uri, landing.response));
        login.ended()
    }

    pub fn token_requests(&self, client_id: &str) -> usize {
        let requests = self.emulator.requests(client_id);
        requests.iter().filter(|request| request.path == "/connect/token").count()
    }
}

impl Folder {
    pub fn new() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("grantline-cli-{}-{number}", std::process::id()));
        fs::create_dir(&path).unwrap();
        Self(path)
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    pub fn write(&self, name: &str, text: &str) -> PathBuf {
        fs::write(self.path(name), text).unwrap();
        self.path(name)
    }

    pub fn write_secret(&self, name: &str, text: &str) {
        let path = self.write(name, text);
        mode(&path, 0o600);
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_grantline"));
        command
            .args(arguments)
            .current_dir(&self.0)
            .env("GRANTLINE_CONFIG", self.path("profiles.toml"))
            .env("GRANTLINE_DATA", self.path("data"))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        // No test opens a browser.
        for variable in ["DISPLAY", "WAYLAND_DISPLAY", "BROWSER", "WSL_DISTRO_NAME"] {
            command.env_remove(variable);
        }
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Ended {
        ended(self.command(arguments).output().unwrap())
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

pub fn mode(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt as _;

    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

pub fn mode_of(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt as _;

    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

pub fn ended(output: Output) -> Ended {
    Ended {
        code: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

impl Ended {
    /// Standard output of a command that did what it was asked.
    pub fn done(self) -> String {
        assert_eq!((self.code, self.err.as_str()), (0, ""), "{}", self.out);
        self.out
    }

    pub fn json(self) -> Value {
        serde_json::from_str(&self.done()).unwrap()
    }

    /// The one line of a command that was refused with this exit code.
    pub fn refused(self, code: i32) -> String {
        assert_eq!((self.code, self.err.lines().count()), (code, 1), "{self:?}");
        assert!(self.err.starts_with("grantline: "), "{}", self.err);
        self.err
    }

    /// The same with `--json`.
    pub fn refused_in_json(self, code: i32) -> Value {
        assert_eq!((self.code, self.out.as_str()), (code, ""), "{self:?}");
        let error = serde_json::from_str::<Value>(&self.err).unwrap()["error"].clone();
        assert_eq!(error["exit_code"], code, "{error}");
        error
    }
}

/// A login that waits for its user.
pub struct Login {
    child: Child,
    said: Lines<BufReader<ChildStderr>>,
    pub url: String,
}

impl Login {
    pub fn start(mut command: Command) -> Self {
        let mut child = command.spawn().unwrap();
        let mut said = BufReader::new(child.stderr.take().unwrap()).lines();
        let url = loop {
            let line = said.next().expect("a URL").unwrap();
            let in_json = serde_json::from_str::<Value>(&line).ok();
            let url = in_json.and_then(|object| Some(object["login_url"].as_str()?.to_owned()));
            if let Some(url) =
                url.or_else(|| Some(line.trim().to_owned()).filter(|line| line.starts_with("http")))
            {
                break url;
            }
        };
        Self { child, said, url }
    }

    /// Pastes a line.
    pub fn paste(&mut self, line: &str) {
        writeln!(self.child.stdin.as_mut().unwrap(), "{line}").unwrap();
    }

    /// Reads on until a line says this.
    pub fn wait_for(&mut self, words: &str) -> String {
        self.said.by_ref().map(Result::unwrap).find(|line| line.contains(words)).expect(words)
    }

    pub fn parameter(&self, name: &str) -> String {
        let url = Url::parse(&self.url).unwrap();
        url.query_pairs().find(|(own, _)| own == name).unwrap().1.into_owned()
    }

    /// What came after the URL.
    pub fn ended(mut self) -> Ended {
        let mut out = String::new();
        self.child.stdout.take().unwrap().read_to_string(&mut out).unwrap();
        let err = self.said.map(Result::unwrap).filter(|line| !line.is_empty());
        let err = err.map(|line| line + "\n").collect();
        Ended { code: self.child.wait().unwrap().code().unwrap(), out, err }
    }
}

/// What a browser does with a redirect to loopback.
pub fn get(url: &str) -> String {
    let url = Url::parse(url).unwrap();
    let authority = format!("{}:{}", url.host_str().unwrap(), url.port().unwrap());
    let mut stream = TcpStream::connect(&authority).unwrap();
    let target = &url[url::Position::BeforePath..];
    write!(stream, "GET {target} HTTP/1.1\r\nhost: {authority}\r\nconnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}
