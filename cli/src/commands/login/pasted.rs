//! A login of a web application: its answer goes to the application's own server, so the user pastes it.

use std::io::{self, BufRead as _};

use grantline::{BegunLogin, Binding, Callback, Error, LoggedIn, LoginRequest, ResponseMode, WebApp};

use super::{ask_for_paste, refuse_paste, show};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Output;
use crate::progress::wait;

pub(super) fn log_in(app: &WebApp, request: LoginRequest, output: Output) -> Result<LoggedIn, Failure> {
    let request = request.response_mode(ResponseMode::Query);
    let begun = wait(app.begin_login(request), "asking the provider")?;
    show(&begun.url, output);
    ask_for_paste(output);
    let callback = pasted(app, &begun, output)?;
    Ok(wait(app.complete_login(begun.pending.clone(), callback, binding(&begun)), "asking the provider")?)
}

/// The first line that is this login's answer, whatever it brings.
fn pasted(app: &WebApp, begun: &BegunLogin, output: Output) -> Result<Callback, Failure> {
    for line in io::stdin().lock().lines().map_while(Result::ok).filter(|line| !line.trim().is_empty()) {
        let callback = Callback::url(line.trim());
        match app.check_callback(&begun.pending, &callback, &binding(begun)) {
            // The server's refusal is an answer, too.
            Ok(()) | Err(Error::Server(_)) => return Ok(callback),
            Err(error) => refuse_paste(&error, output),
        }
    }
    let what = "standard input ended before the redirected URL came";
    Err(Failure::new(Exit::LogIn, "login_not_finished", what, "log in again, and paste the URL"))
}

/// This process is the browser's place: it holds what its cookie would.
fn binding(begun: &BegunLogin) -> Binding {
    Binding::cookie_value(begun.binding.as_ref().map_or("", |binding| binding.expose_value()))
}
