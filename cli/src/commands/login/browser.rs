//! A login whose answer comes to a listener on loopback, or is pasted.

use std::io::{self, BufRead as _, IsTerminal as _};
use std::thread;
use std::time::Duration;

use grantline::{BrowserLogin, BrowserLoginOptions, Error, LoggedIn, LoginRequest, Misuse, NativeApp};

use super::{Arguments, ask_for_paste, refuse_paste, show};
use crate::failure::Failure;
use crate::output::Output;
use crate::progress::{Spinner, wait};

pub(super) fn log_in(
    app: &NativeApp,
    request: LoginRequest,
    arguments: &Arguments,
    output: Output,
) -> Result<LoggedIn, Failure> {
    let login = wait(app.begin_browser_login(request, options(arguments)), "asking the provider");
    let login = login.map_err(not_begun)?;
    let is_opened = wait(login.browser_opened(), "opening a browser")?;
    let reads_pasted = arguments.paste || (!is_opened && io::stdin().is_terminal());
    if !is_opened {
        show(login.url(), output);
    }
    if reads_pasted {
        ask_for_paste(output);
        read_pasted(login.clone(), arguments.paste, output)?;
        return Ok(login.outcome().wait()?);
    }
    let _spinner = Spinner::start("waiting for the login in the browser");
    Ok(login.outcome().wait()?)
}

fn not_begun(error: Error) -> Failure {
    let is_port =
        matches!(error, Error::Misuse(Misuse::LoopbackPortTaken { .. } | Misuse::LoopbackUnavailable { .. }));
    let failure = Failure::from(error);
    match is_port {
        true => {
            failure.advising("choose another port with --port (0: any free one), if the provider takes it")
        }
        false => failure,
    }
}

fn options(arguments: &Arguments) -> BrowserLoginOptions {
    let limit = Duration::from_secs(arguments.timeout);
    let mut options = BrowserLoginOptions::default().time_limit(limit);
    if let Some(port) = arguments.port {
        options = options.port(port);
    }
    if arguments.no_browser {
        options = options.without_browser();
    }
    options
}

/// Reads lines until one is this login's, while the listener waits as well. The thread ends with the process.
///
/// `is_only_way`: the end of the input is the end of the login.
fn read_pasted(login: BrowserLogin, is_only_way: bool, output: Output) -> Result<(), Failure> {
    let read = move || {
        for line in io::stdin().lock().lines().map_while(Result::ok).filter(|line| !line.trim().is_empty()) {
            match login.paste(&line) {
                Ok(()) => return,
                Err(error) => refuse_paste(&error, output),
            }
        }
        if is_only_way {
            login.cancel();
        }
    };
    let started = thread::Builder::new().name("pasted".to_owned()).spawn(read);
    started.map(drop).map_err(|error| Failure::unexpected("starting a thread", &error))
}
