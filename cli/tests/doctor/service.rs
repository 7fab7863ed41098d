//! What a provider says to a service: how it proves who it is, and whose data it gets.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::thread;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use grantline_emulator::{Config, Mode};

use crate::support::BAKERY;
use crate::{Report, SERVICE, doctor, world};

#[test]
fn an_authentication_method_that_the_provider_does_not_offer_is_named() {
    for config in [Config::default(), Config { mode: Mode::Standard, ..Config::default() }] {
        let profile = format!("{SERVICE}client_authentication = \"basic\"\n");
        doctor(&world(config, &profile), "it").says("authentication", "ok", "client_secret_basic");
    }
    // Its metadata offer one way.
    let provider =
        ScriptedProvider::start(r#""token_endpoint_auth_methods_supported":["client_secret_post"]"#, "");
    let profile = format!("provider = {:?}\n{SERVICE}client_authentication = \"basic\"\n", provider.url);
    let report = doctor(&world(Config::default(), &profile), "it");
    report.says("authentication", "error", "offers client_secret_post").ends_with(11);
    report.says("clock", "not_checked", "does not say its time");
}

#[test]
fn a_secret_that_is_good_and_shown_in_the_wrong_way_is_told_from_a_wrong_one() {
    let provider =
        ScriptedProvider::start(r#""grant_types_supported":["client_credentials"]"#, "e30.e30.c2ln");
    let profile = format!("provider = {:?}\n{STANDARD}client_authentication = \"post\"\n", provider.url);
    let report = doctor(&world(Config::default(), &profile), "it");
    report.says("authentication", "error", r#"client_authentication = \"basic\""#).ends_with(11);
}

#[test]
fn a_tenant_that_a_token_names_by_itself_is_compared_at_any_provider() {
    let claims = URL_SAFE_NO_PAD.encode(format!(r#"{{"tenant_id":"{BAKERY}"}}"#));
    let provider = ScriptedProvider::start(
        r#""grant_types_supported":["client_credentials"]"#,
        &format!("e30.{claims}.c2ln"),
    );
    let look = |tenant: &str| {
        let profile = STANDARD.replace("\"none\"", &format!("{tenant:?}"));
        let profile = format!("provider = {:?}\n{profile}tenant_parameter = \"tenant\"\n", provider.url);
        doctor(&world(Config::default(), &profile), "it")
    };
    look("none").says("default_tenant", "error", "its data would be read").ends_with(11);
    look(BAKERY)
        .says("tenant", "ok", "")
        .says("default_tenant", "warning", "the profile's own")
        .ends_with(10);
    let other = look("22222222-2222-4222-8222-222222222222");
    other.says("tenant", "error", "the token is for 11111111").ends_with(11);
}

/// At a provider that is known by its metadata.
const STANDARD: &str = r#"
# standard
type = "service"
client_id = "isv_service"
client_secret = { env = "EXPORT_SECRET" }
tenant_id = "none"
"#;

/// A provider that answers the one request of each connection, and does not say its time: with its metadata, or, to a client
/// that proves itself by Basic, with a token.
struct ScriptedProvider {
    url: String,
}

impl ScriptedProvider {
    fn start(members: &str, token: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let metadata = format!(r#"{{"issuer":"{url}","token_endpoint":"{url}/token",{members}}}"#);
        let token = format!(r#"{{"access_token":"{token}","token_type":"Bearer","expires_in":3600}}"#);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let (status, body) = match head_of(&mut stream) {
                    head if !head.starts_with("POST") => ("200 OK", metadata.as_str()),
                    head if head.contains("authorization: Basic") => ("200 OK", token.as_str()),
                    _ => ("401 Unauthorized", r#"{"error":"invalid_client"}"#),
                };
                let length = body.len();
                let head = format!("HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: {length}");
                let _ = write!(stream, "{head}\r\ncontent-type: application/json\r\n\r\n{body}");
            }
        });
        Self { url }
    }
}

/// The head of a request, after its body was read as well.
fn head_of(stream: &mut TcpStream) -> String {
    let mut reader = BufReader::new(stream);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") && reader.read_line(&mut head).unwrap() > 0 {}
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse::<usize>().ok());
    reader.read_exact(&mut vec![0; length.unwrap_or(0)]).unwrap();
    head
}

#[test]
fn a_tenant_that_has_not_approved_is_told_from_one_that_is_none() {
    let stranger = SERVICE.replace(BAKERY, "99999999-9999-4999-8999-999999999999");
    let report = doctor(&world(Config::default(), &stranger), "it");
    report.says("tenant", "error", "approve the application").ends_with(11);
    let word = SERVICE.replace(BAKERY, "bakery");
    doctor(&world(Config::default(), &word), "it").says("tenant", "error", "bakery").ends_with(11);
    let nobody = SERVICE.lines().filter(|line| !line.starts_with("tenant_id")).collect::<Vec<_>>().join("\n");
    doctor(&world(Config::default(), &nobody), "it").says("tenant", "error", "add tenant_id").ends_with(11);
    let none = SERVICE.replace(BAKERY, "none");
    doctor(&world(Config::default(), &none), "it").says("tenant", "error", "named no tenant").ends_with(11);
}

#[test]
fn a_default_tenant_that_answers_unasked_is_found() {
    let of_default = SERVICE.replace("isv_service", "isv_service_default");
    let look = |profile: &str| {
        let world = world(Config::default(), profile);
        let mut command = world.command(&["doctor"]);
        command.env("EXPORT_SECRET", "service-default-secret");
        Report::of(command)
    };
    let named = look(&of_default);
    named.says("tenant", "ok", BAKERY);
    named.says("default_tenant", "warning", "22222222-2222-4222-8222-222222222222").ends_with(10);
    look(&of_default.replace(BAKERY, "none")).says("default_tenant", "error", "remove").ends_with(11);
    look(&of_default.replace(BAKERY, "default")).says("tenant", "ok", "22222222").ends_with(0);
}
