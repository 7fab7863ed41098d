//! Service tokens in a second, beside a bare client that sends the same requests.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::{Duration, Instant};

use grantline::{Call, Client, Error, ServiceApp};
use grantline_emulator::{Application, Config, Emulator, Secret, Tenant};
use reqwest::header::{ACCEPT, CONTENT_TYPE};
use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinSet;

use crate::Result;
use crate::applications::{self, CLIENT_ID, SECRET, SERVICE_SCOPES, service_request, tenant};
use crate::effort::Effort;
use crate::spread::{Spread, in_turns, real};
use crate::system;
use crate::table::{Table, count};
use crate::token_server::TokenServer;

/// What the driver has under way at once.
const AT_ONCE: usize = 64;
/// A signature costs so much that a fraction of the requests says enough.
const SIGNED: usize = 4;

/// Two servers: one that answers as fast as it can, so that the client is all there is to see, and the emulator, which
/// checks and signs as a provider has to.
pub(crate) fn measure(effort: &Effort) -> Result<Table> {
    let mut table = at_the_fastest_server(effort)?;
    at_the_emulator(effort, &mut table)?;
    Ok(table)
}

fn at_the_fastest_server(effort: &Effort) -> Result<Table> {
    let fetches = effort.fetches;
    let server = TokenServer::start(Duration::ZERO)?;
    let driver = Driver::new(&server)?;
    let one_thread = Builder::new_current_thread().enable_all().build()?;
    let bare = Bare::new(&server.url(), one_thread)?;
    let two_threads = Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let bare_on_two = Bare::new(&server.url(), two_threads)?;
    let [driver, bare, bare_on_two] = in_turns(
        effort.rounds,
        [
            &mut || Pace::of(fetches, &server, || driver.fetch(fetches)),
            &mut || Pace::of(fetches, &server, || bare.fetch(fetches)),
            &mut || Pace::of(fetches, &server, || bare_on_two.fetch(fetches)),
        ],
    )?;

    let about = format!(
        "{} tokens, {AT_ONCE} at once, from a server in the same process that answers as fast as it can, and {} from the \
         emulator, which signs each (RS256). The bare client is reqwest, sends the same POSTs and reads the body of the \
         answer, but makes nothing of it. A client's own time is that of all threads but the server's.",
        count(fetches),
        count(signed_fetches(effort)),
    );
    let mut table = Table::new("Throughput of service tokens", about);
    let rates = [&driver, &bare, &bare_on_two].map(|paces| values(paces, |pace| pace.in_a_second));
    let times = [&driver, &bare, &bare_on_two].map(|paces| values(paces, |pace| pace.microseconds));
    table.spread("a bare client on one thread (in a second)", &Spread::of(rates[1].clone()), "");
    table.spread("a bare client on two threads (in a second)", &Spread::of(rates[2].clone()), "");
    table.spread("the driver (in a second)", &Spread::of(rates[0].clone()), "");
    table.spread("driver / bare client on one thread", &Spread::ratio(&rates[0], &rates[1]), "");
    table.spread("driver / bare client on two threads", &Spread::ratio(&rates[0], &rates[2]), "");
    table.spread("a bare client's own time for one (us)", &Spread::of(times[1].clone()), "");
    table.spread("the driver's own time for one (us)", &Spread::of(times[0].clone()), "");
    Ok(table)
}

fn at_the_emulator(effort: &Effort, table: &mut Table) -> Result<()> {
    let fetches = signed_fetches(effort);
    let emulator = Emulator::start(emulator_config()?)?;
    let two_threads = || Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let app = applications::service_app(&Client::new()?, &emulator.url())?;
    let (callers, bare) = (two_threads()?, Bare::new(&emulator.url(), two_threads()?)?);
    let rate = |fetch: &dyn Fn() -> Result<()>| {
        let began = Instant::now();
        fetch()?;
        Ok(real(fetches) / began.elapsed().as_secs_f64())
    };
    let [driver, bare] = in_turns(
        effort.rounds,
        [&mut || rate(&|| refresh(&app, &callers, fetches)), &mut || rate(&|| bare.fetch(fetches))],
    )?;
    table.spread(
        "at the emulator: a bare client on two threads (in a second)",
        &Spread::of(bare.clone()),
        "",
    );
    table.spread("at the emulator: the driver (in a second)", &Spread::of(driver.clone()), "");
    table.spread("at the emulator: driver / bare client", &Spread::ratio(&driver, &bare), "at least 0.9");
    Ok(())
}

/// The same number for each caller.
fn signed_fetches(effort: &Effort) -> usize {
    (effort.fetches / SIGNED).next_multiple_of(AT_ONCE)
}

/// One application that so many tenants have approved as are asked for at once.
fn emulator_config() -> Result<Config> {
    let mut config = Config::default();
    let model = config.application("isv_service").ok_or("the emulator has an isv_service")?;
    let tenants: Vec<String> = (0..AT_ONCE).map(tenant).collect();
    let service = Application {
        client_id: CLIENT_ID.to_owned(),
        secret: Some(Secret::new(SECRET)),
        approved_tenants: tenants.clone(),
        ..model.clone()
    };
    config.applications = vec![service];
    config.tenants = tenants.into_iter().map(|id| Tenant { name: id.clone(), id }).collect();
    config.users = Vec::new();
    Ok(config)
}

/// New tokens for the same tenants again and again.
fn refresh(app: &ServiceApp, callers: &Runtime, count: usize) -> Result<()> {
    let mut tasks = JoinSet::new();
    for number in 0..AT_ONCE {
        let source = app.token_source(service_request(number)?);
        let fetching = async move {
            for _ in 0..count / AT_ONCE {
                source.refresh().await?;
            }
            Ok::<_, Error>(())
        };
        tasks.spawn_on(fetching, callers.handle());
    }
    callers.block_on(async {
        while let Some(ended) = tasks.join_next().await {
            ended??;
        }
        Ok(())
    })
}

/// How fast a client was.
struct Pace {
    in_a_second: f64,
    /// Of the client's threads, for one request.
    microseconds: f64,
}

impl Pace {
    fn of(fetches: usize, server: &TokenServer, fetch: impl FnOnce() -> Result<()>) -> Result<Self> {
        let own_time = || system::process_time().saturating_sub(server.thread_time());
        let (began, own_before) = (Instant::now(), own_time());
        fetch()?;
        let (took, own) = (began.elapsed(), own_time().saturating_sub(own_before));
        let in_a_second = real(fetches) / took.as_secs_f64();
        Ok(Self { in_a_second, microseconds: own.as_secs_f64() * 1e6 / real(fetches) })
    }
}

fn values(paces: &[Pace], value: fn(&Pace) -> f64) -> Vec<f64> {
    paces.iter().map(value).collect()
}

struct Driver {
    app: ServiceApp,
    /// The first tenant that has no token yet.
    next: AtomicUsize,
}

impl Driver {
    fn new(server: &TokenServer) -> Result<Self> {
        let app = applications::service_app(&Client::new()?, &server.url())?;
        Ok(Self { app, next: AtomicUsize::new(0) })
    }

    fn fetch(&self, count: usize) -> Result<()> {
        let first = self.next.fetch_add(count, Relaxed);
        let token = |tenant| Ok(self.app.token(service_request(tenant)?));
        let calls: Vec<Call<_>> = (first..first + count).map(token).collect::<Result<_, Error>>()?;
        calls.into_iter().try_for_each(|call| call.wait().map(drop))?;
        Ok(())
    }
}

struct Bare {
    runtime: Runtime,
    http: reqwest::Client,
    url: Arc<str>,
}

impl Bare {
    fn new(issuer: &str, runtime: Runtime) -> Result<Self> {
        let http = reqwest::Client::builder().http1_only().no_proxy().build()?;
        Ok(Self { runtime, http, url: format!("{issuer}/connect/token").into() })
    }

    fn fetch(&self, count: usize) -> Result<()> {
        let next = Arc::new(AtomicUsize::new(0));
        let mut tasks = JoinSet::new();
        for _ in 0..AT_ONCE {
            let fetching = fetch_until(count, Arc::clone(&next), self.http.clone(), Arc::clone(&self.url));
            tasks.spawn_on(fetching, self.runtime.handle());
        }
        self.runtime.block_on(async {
            while let Some(ended) = tasks.join_next().await {
                ended??;
            }
            Ok(())
        })
    }
}

async fn fetch_until(
    count: usize,
    next: Arc<AtomicUsize>,
    http: reqwest::Client,
    url: Arc<str>,
) -> Result<(), reqwest::Error> {
    loop {
        let number = next.fetch_add(1, Relaxed);
        if number >= count {
            return Ok(());
        }
        let request = http.post(&*url).header(ACCEPT, "application/json");
        let request =
            request.header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(form(number % AT_ONCE));
        let response = request.send().await?.error_for_status()?;
        response.bytes().await?;
    }
}

/// What the driver sends.
fn form(number: usize) -> String {
    let (scope, tenant) = (SERVICE_SCOPES.replace(' ', "+").replace(':', "%3A"), tenant(number));
    format!(
        "grant_type=client_credentials&scope={scope}&tenant_id={tenant}&client_id={CLIENT_ID}&client_secret={SECRET}"
    )
}
