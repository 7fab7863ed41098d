//! What a user is logged in to and has granted, and ending a session.

use std::collections::HashSet;

use askama::Template;
use axum::extract::State;
use axum::response::Response;

use super::asked::Asked;
use super::form::Form;
use super::page::{self, Frame};
use super::{applications, users};
use crate::app_state::Shared;
use crate::clock::UnixMillis;
use crate::config::{Config, User};
use crate::control::ControlError;
use crate::state::{GrantReport, SessionReport};
use crate::{logout, notices};

pub(super) const PATH: &str = "/portal/user/sessions";
pub(super) const END: &str = "/portal/user/sessions/end";

/// The most rows of each list, the newest.
const ROWS: usize = 100;

#[derive(Template)]
#[template(path = "portal/sessions.html")]
struct List<'a> {
    frame: Frame,
    user: &'a User,
    end: String,
    sessions: Vec<SessionLine>,
    /// How many there are, shown or not.
    session_count: usize,
    grants: Vec<GrantLine>,
    grant_count: usize,
}

struct SessionLine {
    sid: String,
    place: &'static str,
    applications: Vec<Named>,
    left: String,
}

struct GrantLine {
    number: u64,
    application: Named,
    scopes: String,
    refreshes: u64,
    /// Empty where it is over.
    sid: String,
}

/// An application by its name, with the way to its page.
struct Named {
    link: String,
    name: String,
}

impl Named {
    fn of(config: &Config, client_id: &str) -> Self {
        let name = config.application(client_id).map_or(client_id, |application| &application.name);
        Self { link: page::link(applications::ONE, client_id), name: name.to_owned() }
    }
}

pub(super) async fn show(State(app): State<Shared>, asked: Asked) -> Response {
    let (config, now) = (app.config(), app.clock.now());
    let Some(user) = config.user(asked.id()) else {
        return page::unknown("user", asked.id());
    };
    let sessions = app.sessions(|session| session.sub == user.sub);
    let grants = app.grants(|grant| grant.sub == user.sub && grant.ended.is_none());
    let newest = sessions.iter().rev().take(ROWS);
    let newest_grants = grants.iter().rev().take(ROWS);
    let sids: HashSet<&str> = sessions.iter().map(|session| session.sid.as_str()).collect();
    page::show(&List {
        frame: Frame::after(users::SECTION, &asked),
        user,
        end: page::link(END, asked.id()),
        sessions: newest.map(|session| session_line(&config, session, now)).collect(),
        session_count: sessions.len(),
        grants: newest_grants.map(|grant| grant_line(&config, grant, &sids)).collect(),
        grant_count: grants.len(),
    })
}

fn session_line(config: &Config, session: &SessionReport, now: UnixMillis) -> SessionLine {
    SessionLine {
        sid: session.sid.clone(),
        place: if session.in_browser { "a browser" } else { "without a browser" },
        applications: session.client_ids.iter().map(|id| Named::of(config, id)).collect(),
        left: hours_and_minutes(session.ends_at_ms.saturating_sub(now)),
    }
}

/// `sids`: of the sessions that are not over.
fn grant_line(config: &Config, grant: &GrantReport, sids: &HashSet<&str>) -> GrantLine {
    GrantLine {
        number: grant.id,
        application: Named::of(config, &grant.client_id),
        scopes: grant.scopes.join(" "),
        refreshes: grant.refreshes,
        sid: if sids.contains(grant.sid.as_str()) { grant.sid.clone() } else { String::new() },
    }
}

fn hours_and_minutes(milliseconds: u64) -> String {
    let minutes = milliseconds / 60_000;
    format!("in {} h {} min", minutes / 60, minutes % 60)
}

/// Ends one session of the user, or all where the form names none. Answers when their applications have been told.
pub(super) async fn end(State(app): State<Shared>, asked: Asked, form: Form) -> Response {
    let config = app.config();
    let Some(user) = config.user(asked.id()) else {
        return page::unknown("user", asked.id());
    };
    let own = logout::sessions_of(&app, &user.sub);
    let meant = match form.optional("sid") {
        None => own,
        Some(sid) if own.contains(&sid) => vec![sid],
        Some(sid) => {
            return page::refused("Nothing was ended", &ControlError::Unknown { kind: "session", id: sid });
        }
    };
    notices::send(&app, logout::end(&app, &meant)).await;
    page::done_at(PATH, asked.id(), "ended")
}
