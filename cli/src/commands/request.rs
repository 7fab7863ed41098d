//! `grantline request`.

mod body;
mod headers;
mod input;
mod target;

use std::time::Duration;

use clap::Args;
use grantline::core::is_loopback;
use grantline::{ApiError, ApiResponse};
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Client, Method, Request, Response, StatusCode, Url};
use serde_json::{Value, json};

use crate::arguments;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::opened::{Common, Opened, SessionName};
use crate::output::{self, Output};
use crate::profile::Profile;
use crate::progress::wait_for;

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) common: Common,
    #[command(flatten)]
    session: SessionName,
    /// Where to send it: a URL of one of the profile's `api_origins`, or a path, if there is only one
    url: String,
    /// The method [default: GET, or POST with a body]
    #[arg(long, short = 'X', value_name = "METHOD")]
    request: Option<String>,
    /// A header, as 'Name: value', or @FILE with one in each line (@- for standard input), which is the place for secrets
    /// such as an API's subscription key; may be given more than once
    #[arg(long = "header", short = 'H', value_name = "HEADER|@FILE")]
    headers: Vec<String>,
    /// The body: @FILE, or @- for standard input. It is JSON, unless a Content-Type says otherwise
    #[arg(long, short = 'd', value_name = "@FILE")]
    body: Option<String>,
    /// Print the status and the headers of the answer, too
    #[arg(long, short = 'i')]
    include: bool,
    /// For a service: whose data the token is for, by UUID, or "default", or "none", instead of the profile's
    #[arg(long, value_name = "TENANT", value_parser = arguments::tenant_choice)]
    tenant: Option<String>,
    /// How long the answer may take, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    max_time: u64,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let profiles = arguments.common.profiles()?;
    let request = arguments.request(arguments.common.choose(&profiles)?)?;
    let opened = arguments.common.open(&profiles)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::unexpected("starting", &error))?;
    let sent = runtime.block_on(send(arguments, &opened, request));
    let sent = sent.map_err(|failure| opened.explain(&arguments.session, failure));
    opened.close().and(sent)
}

async fn send(arguments: &Arguments, opened: &Opened<'_>, request: Request) -> Result<(), Failure> {
    let tokens = opened.tokens(&arguments.session, arguments.tenant.as_deref(), &[])?;
    let api = tokens.api(opened.profile.api_origins()?);
    let http = client(request.url(), Duration::from_secs(arguments.max_time))?;
    let answered = wait_for(api.send(&http, request), "waiting for the API").await;
    let ApiResponse { response, refusal } = answered.map_err(not_answered)?;
    let status = response.status();
    show(response, arguments.include, arguments.common.output()).await?;
    match refusal {
        Some(refusal) => Err(Failure::of_api(&refusal)),
        None => judge(status),
    }
}

impl Arguments {
    fn request(&self, profile: Profile<'_>) -> Result<Request, Failure> {
        let url = target::read(&self.url, profile)?;
        input::refuse_twice(self.headers.iter().chain(&self.body))?;
        let body = self.body.as_deref().map(body::read).transpose()?;
        let named = self.request.as_deref().unwrap_or(if body.is_some() { "POST" } else { "GET" });
        let method = Method::from_bytes(named.as_bytes()).map_err(|_| {
            Failure::usage("method_invalid", format!("{named:?} is no HTTP method"), "write GET, say")
        })?;
        let mut request = Request::new(method, url);
        *request.headers_mut() = headers::read(&self.headers)?;
        if let Some(body) = body {
            let json = HeaderValue::from_static("application/json");
            request.headers_mut().entry(CONTENT_TYPE).or_insert(json);
            *request.body_mut() = Some(body.into());
        }
        Ok(request)
    }
}

/// Follows no redirect, as curl does not: where the token may go is said by the profile.
fn client(url: &Url, limit: Duration) -> Result<Client, Failure> {
    let agent = concat!("grantline-cli/", env!("CARGO_PKG_VERSION"));
    let builder =
        Client::builder().user_agent(agent).redirect(reqwest::redirect::Policy::none()).timeout(limit);
    let is_here = url.host_str().is_some_and(is_loopback);
    let builder = if is_here { builder.no_proxy() } else { builder };
    builder.build().map_err(|error| Failure::unexpected("preparing the request", &error))
}

fn not_answered(error: ApiError) -> Failure {
    match error {
        ApiError::Token(error) => error.into(),
        ApiError::Http(error) => broken(&error),
        _ => Failure::unexpected("sending the request", &error),
    }
}

fn broken(error: &reqwest::Error) -> Failure {
    let mut words = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(deeper) = cause {
        words = format!("{words}: {deeper}");
        cause = deeper.source();
    }
    Failure::new(Exit::Later, "api_not_answered", words, "check the URL and the network, or try again")
}

/// What the status says of a request whose token was good.
fn judge(status: StatusCode) -> Result<(), Failure> {
    let what = format!("the API answered {status}");
    match status.as_u16() {
        // RFC 9110 section 15.5.9, RFC 8470 section 5.2, RFC 6585 section 4.
        408 | 425 | 429 | 500.. => Err(Failure::new(Exit::Later, "api_in_trouble", what, "try again later")),
        400.. => Err(Failure::new(
            Exit::Refused,
            "api_refused",
            what,
            "correct the request: the answer's body may say how",
        )),
        _ => Ok(()),
    }
}

async fn show(response: Response, include: bool, output: Output) -> Result<(), Failure> {
    if output.is_json() {
        return show_as_json(response, output).await;
    }
    if include {
        output::write(head(&response).as_bytes())?;
    }
    let mut response = response;
    while let Some(chunk) = response.chunk().await.map_err(|error| broken(&error))? {
        if output::write_part(&chunk)?.is_break() {
            break;
        }
    }
    Ok(())
}

fn head(response: &Response) -> String {
    let mut lines = vec![format!("{:?} {}", response.version(), response.status())];
    let field = |(name, value): (&HeaderName, &HeaderValue)| {
        format!("{name}: {}", String::from_utf8_lossy(value.as_bytes()))
    };
    lines.extend(response.headers().iter().map(field));
    lines.join("\n") + "\n\n"
}

async fn show_as_json(response: Response, output: Output) -> Result<(), Failure> {
    let (status, headers) = (response.status().as_u16(), fields(response.headers()));
    let body = wait_for(response.bytes(), "reading the answer").await.map_err(|error| broken(&error))?;
    let (member, body) = body::as_json(&body);
    output.result("", &json!({"status": status, "headers": headers, member: body}))
}

fn fields(headers: &HeaderMap) -> Vec<Value> {
    let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    headers.iter().map(|(name, value)| json!([name.as_str(), text(value)])).collect()
}
