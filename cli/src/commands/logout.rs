//! `grantline logout`.

use clap::Args;
use grantline::{LogoutRequest, Revocation, Session};
use serde_json::json;

use crate::failure::Failure;
use crate::opened::{Common, Opened, SessionName};
use crate::progress::wait;

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) common: Common,
    #[command(flatten)]
    session: SessionName,
    /// Print the URL, too, that ends the user's session at the provider in a browser. It holds the ID token
    #[arg(long)]
    end_session_url: bool,
}

/// A session that is over.
struct EndedSession {
    revocation: Revocation,
    url: Option<String>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let profiles = arguments.common.profiles()?;
    let opened = arguments.common.open(&profiles)?;
    let session = opened.session(&arguments.session)?;
    let ended = match arguments.end_session_url {
        true => with_url(&opened, &session),
        false => without_url(&session),
    };
    let ended = ended.map_err(|failure| opened.explain(&arguments.session, failure))?;
    let (code, words) = outcome(&ended.revocation);
    let human = match &ended.url {
        // The URL alone on standard output, for a script that opens it.
        Some(url) => format!("{url}\n"),
        None => format!("{}: {words}\n", session.id().as_str()),
    };
    let json = json!({
        "session": session.id().as_str(),
        "revocation": code,
        "end_session_url": ended.url,
    });
    let result = arguments.common.output().result(&human, &json);
    opened.close().and(result)
}

fn without_url(session: &Session) -> Result<EndedSession, Failure> {
    Ok(EndedSession { revocation: wait(session.end(), "ending the session")?, url: None })
}

fn with_url(opened: &Opened<'_>, session: &Session) -> Result<EndedSession, Failure> {
    let request = match &opened.profile.entry.post_logout_redirect_uri {
        Some(uri) => LogoutRequest::new().post_logout_redirect_uri(uri),
        None => LogoutRequest::new(),
    };
    let begun = wait(session.begin_logout(request), "ending the session")?;
    if begun.redirect.url.is_some() {
        return Ok(EndedSession { revocation: begun.revocation, url: begun.redirect.url });
    }
    let what = "the session is over here, and the provider offers no URL to end its own";
    Err(Failure::configuration("end_session_not_offered", what, "leave --end-session-url out"))
}

fn outcome(revocation: &Revocation) -> (&'static str, String) {
    match revocation {
        Revocation::Done => ("done", "over, and its refresh token revoked".to_owned()),
        Revocation::NothingToRevoke => ("nothing_to_revoke", "over; there was no refresh token".to_owned()),
        Revocation::NotOffered => {
            ("not_offered", "over here; the provider offers no revocation of its refresh token".to_owned())
        }
        Revocation::Failed(error) => {
            let why = crate::failure::one_line(&error.to_string());
            ("failed", format!("over here; its refresh token was not revoked: {why}"))
        }
        _ => ("unknown", "over".to_owned()),
    }
}
