//! Performs the cases, and says what was wrong.

mod data;

use std::fmt;
use std::time::Duration;

use tokio::time::timeout;

use crate::FaultServer;
use data::{Case, Vectors};

/// How much later than its time limit a request may end on a busy machine.
const GRACE: Duration = Duration::from_secs(3);

/// What a performer is asked to send, once.
#[derive(Clone, Debug)]
pub struct Request {
    /// `GET` or `POST`.
    pub method: String,
    /// The absolute URL.
    pub url: String,
    /// Names and values.
    pub headers: Vec<(String, String)>,
    /// The body of a POST.
    pub body: Option<Vec<u8>>,
    /// How long the whole exchange may take.
    pub timeout: Duration,
    /// A root certificate in PEM to be trusted besides the platform's.
    pub trusted_root: Option<String>,
}

/// What a performer answers.
#[derive(Clone)]
pub enum Outcome {
    /// A whole response, of whatever status.
    Response {
        /// The status code.
        status: u16,
        /// Names in any case, and values.
        headers: Vec<(String, String)>,
        /// The body.
        body: Vec<u8>,
    },
    /// No usable response.
    Failure {
        /// `dns`, `connect`, `tls`, `timed_out`, `connection_lost`, `body_too_large`, `not_http`, `not_performed`.
        kind: String,
        /// `certainly_not` or `maybe`.
        sent: String,
    },
}

/// Puts a performer through all cases, one after the other. Each complaint names its case; none means that the
/// contract is kept.
pub async fn run(server: &FaultServer, perform: impl AsyncFn(Request) -> Outcome) -> Vec<String> {
    let vectors = match Vectors::read() {
        Ok(vectors) => vectors,
        Err(error) => return vec![format!("the cases cannot be read: {error}")],
    };
    let mut complaints = Vec::new();
    for case in &vectors.cases {
        server.reset();
        let request = vectors.request_of(case, server);
        let result = match case.cancel {
            Some(data::Cancel::AfterArrival) => cancelled(server, case, perform(request)).await,
            None => performed(case, &request, &perform).await,
        };
        let result = match result {
            Ok(()) => counted(server, case).await,
            complaint => complaint,
        };
        complaints.extend(result.err().map(|complaint| format!("{}: {complaint}", case.name)));
    }
    complaints
}

async fn performed(
    case: &Case,
    request: &Request,
    perform: &impl AsyncFn(Request) -> Outcome,
) -> Result<(), String> {
    for earlier in 1..case.performs {
        match in_time(request, perform).await? {
            Outcome::Response { status: 200, .. } => {}
            other => return Err(format!("request {earlier} was to be answered 200, and got {other:?}")),
        }
    }
    let outcome = in_time(request, perform).await?;
    match case.expect.iter().any(|expected| expected.fits(&outcome)) {
        true => Ok(()),
        false => Err(format!("expected one of {:?}, and got {outcome:?}", case.expect)),
    }
}

async fn in_time(request: &Request, perform: &impl AsyncFn(Request) -> Outcome) -> Result<Outcome, String> {
    let limit = request.timeout + GRACE;
    let outcome = timeout(limit, perform(request.clone())).await;
    outcome.map_err(|_| format!("it had not ended {GRACE:?} after its time limit of {:?}", request.timeout))
}

/// The caller goes away once the request has arrived.
async fn cancelled(
    server: &FaultServer,
    case: &Case,
    performing: impl Future<Output = Outcome>,
) -> Result<(), String> {
    tokio::select! {
        outcome = performing => Err(format!("it ended before the caller went away: {outcome:?}")),
        _ = server.arrived(case.path_name()) => Ok(()),
    }?;
    let closed = timeout(GRACE, server.written(case.path_name())).await;
    closed.map(drop).map_err(|_| "the connection stayed open after the caller had gone".to_owned())
}

/// What reached the server.
async fn counted(server: &FaultServer, case: &Case) -> Result<(), String> {
    if let Some(most) = case.written_at_most {
        let written = timeout(GRACE, server.written(case.path_name())).await;
        let written = written.map_err(|_| "the connection stayed open".to_owned())?;
        if written > most {
            return Err(format!("{written} bytes were read, more than {most}"));
        }
    }
    if let Some(other) = case.untouched.as_deref().filter(|other| server.count(other) > 0) {
        return Err(format!("{other} was reached"));
    }
    let count = server.count(case.path_name());
    match &case.arrivals {
        Some(right) if !right.contains(&count) => Err(format!("{count} requests arrived, not {right:?}")),
        _ => Ok(()),
    }
}

/// Without the bytes of a long body.
impl fmt::Debug for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failure { kind, sent } => write!(f, "failure {kind}, sent {sent}"),
            Self::Response { status, headers, body } => {
                let start = String::from_utf8_lossy(&body[..body.len().min(400)]);
                write!(f, "response {status} {headers:?}, {} bytes: {start}", body.len())
            }
        }
    }
}
