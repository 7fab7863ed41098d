//! `grantline sessions`.

use clap::Args;
use grantline::{Error, IdTokenClaims, SessionId};
use serde_json::{Value, json};

use crate::failure::Failure;
use crate::opened::{Common, LoginApp};
use crate::progress::wait;

/// So many are asked for at once.
const PAGE: u32 = 500;

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) common: Common,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let profiles = arguments.common.profiles()?;
    let opened = arguments.common.open(&profiles)?;
    let app = opened.login_app()?;
    let mut lines = String::new();
    let mut objects = Vec::new();
    let of_store = |error: Error| Failure::from(error).of_store(opened.profile);
    for id in all(&app).map_err(of_store)? {
        let identity = match wait(app.session(id.clone()).identity(), "reading the store") {
            Ok(identity) => identity,
            // It ended after it was listed.
            Err(Error::Session(_)) => continue,
            Err(error) => return Err(of_store(error)),
        };
        lines.push_str(&line(&id, identity.as_ref()));
        objects.push(object(&id, identity.as_ref()));
    }
    if lines.is_empty() {
        lines = format!("no sessions; begin one with `grantline login --profile {}`\n", opened.profile.name);
    }
    let json = json!({"profile": opened.profile.name, "sessions": objects});
    let result = arguments.common.output().result(&lines, &json);
    opened.close().and(result)
}

fn all(app: &LoginApp<'_>) -> Result<Vec<SessionId>, Error> {
    let mut all: Vec<SessionId> = Vec::new();
    loop {
        let page = wait(app.sessions(all.last(), PAGE), "reading the store")?;
        let is_last = page.len() < PAGE as usize;
        all.extend(page);
        if is_last {
            return Ok(all);
        }
    }
}

fn line(id: &SessionId, identity: Option<&IdTokenClaims>) -> String {
    let who = match identity {
        Some(identity) => match identity.tenant_id() {
            Some(tenant) => format!("{} of tenant {tenant}", identity.subject()),
            None => identity.subject().to_owned(),
        },
        None => "nobody was identified".to_owned(),
    };
    crate::failure::one_line(&format!("{}: {who}", id.as_str())) + "\n"
}

fn object(id: &SessionId, identity: Option<&IdTokenClaims>) -> Value {
    json!({
        "session": id.as_str(),
        "issuer": identity.map(IdTokenClaims::issuer),
        "subject": identity.map(IdTokenClaims::subject),
        "tenant_id": identity.and_then(IdTokenClaims::tenant_id),
    })
}
