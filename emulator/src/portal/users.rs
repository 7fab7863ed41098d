//! Users: listed, added, changed, removed; and whose data they can grant access to.

use askama::Template;
use axum::extract::State;
use axum::response::Response;

use super::asked::Asked;
use super::form::{Form, Wrong};
use super::form_page::{Field, FormPage};
use super::page::{self, Confirm, Frame};
use super::secrets::{self, Told};
use super::sessions;
use crate::app_state::Shared;
use crate::config::{Config, Secret, User};
use crate::control::{NewUser, UserDetails, users};

pub(super) const PATH: &str = "/portal/users";
pub(super) const CHANGE: &str = "/portal/user/change";
pub(super) const SECTION: &str = "users";

#[derive(Template)]
#[template(path = "portal/users.html")]
struct List {
    frame: Frame,
    users: Vec<Line>,
}

struct Line {
    sessions: String,
    change: String,
    remove: String,
    name: String,
    username: String,
    customers: String,
    mfa: bool,
}

pub(super) async fn list(State(app): State<Shared>, asked: Asked) -> Response {
    let config = app.config();
    let line = |user: &User| Line {
        sessions: page::link(sessions::PATH, &user.username),
        change: page::link(CHANGE, &user.username),
        remove: page::link("/portal/user/remove", &user.username),
        name: user.name.clone(),
        username: user.username.clone(),
        customers: user.tenants.iter().filter_map(|id| config.tenant_name(id)).collect::<Vec<_>>().join(", "),
        mfa: user.mfa,
    };
    let users = config.users.iter().map(line).collect();
    page::show(&List { frame: Frame::after(SECTION, &asked), users })
}

fn fields(config: &Config, form: &Form, password_hint: &str) -> Vec<Field> {
    let tenants = config.tenants.iter().map(|tenant| (tenant.id.clone(), tenant.name.clone()));
    vec![
        Field::line(form, "username", "User name").required().hint("Typed to log in; also the email claim."),
        Field::line(form, "name", "Name").required().hint("The name claim."),
        Field::password("password", "Password").hint(password_hint),
        Field::ticks(form, "tenants", "Customers whose data they can grant access to", tenants),
        Field::tick(form, "mfa", "Has a second factor")
            .hint("Whether a request for multi-factor authentication can be met."),
        Field::line(form, "sub", "Subject").hint("The sub claim; a random UUID unless given."),
    ]
}

fn read(form: &Form) -> Result<UserDetails, Wrong> {
    let name = form.optional("name").ok_or_else(|| Wrong::at("name", "give the user a name"))?;
    Ok(UserDetails {
        username: form.text("username").to_owned(),
        password: Some(form.verbatim("password")).filter(|typed| !typed.is_empty()).map(Secret::new),
        sub: form.optional("sub"),
        name,
        tenants: form.all("tenants"),
        mfa: form.is_checked("mfa"),
    })
}

pub(super) async fn begin(State(app): State<Shared>) -> Response {
    add_page(&app.config(), &Form::default()).show()
}

fn add_page(config: &Config, form: &Form) -> FormPage {
    FormPage {
        action: "/portal/users/new".to_owned(),
        verb: "Add",
        back: PATH.to_owned(),
        ..FormPage::new(SECTION, "Add a user", fields(config, form, "Made and shown once unless given."))
    }
}

pub(super) async fn add(State(app): State<Shared>, form: Form) -> Response {
    match read(&form).and_then(|details| users::add(&app, details).map_err(Wrong::from)) {
        Ok(NewUser { password: None, .. }) => page::done(PATH, "added"),
        Ok(NewUser { user, password: Some(password) }) => {
            let heading = format!("The password of {}", user.username);
            let next = page::with_params(PATH, &[("done", "added")]);
            secrets::lead(
                &app,
                Told { section: SECTION, heading, secrets: vec![("Password", password)], next },
            )
        }
        Err(wrong) => add_page(&app.config(), &form).refuse(&wrong),
    }
}

pub(super) async fn edit(State(app): State<Shared>, asked: Asked) -> Response {
    let config = app.config();
    let Some(user) = config.user(asked.id()) else {
        return page::unknown("user", asked.id());
    };
    let mut form = Form::default();
    form.set("username", user.username.as_str());
    form.set("name", user.name.as_str());
    form.set("sub", user.sub.as_str());
    form.set_all("tenants", &user.tenants);
    if user.mfa {
        form.set("mfa", "on");
    }
    change_page(&config, asked.id(), &form).show()
}

fn change_page(config: &Config, id: &str, form: &Form) -> FormPage {
    FormPage {
        action: page::link(CHANGE, id),
        back: PATH.to_owned(),
        ..FormPage::new(SECTION, format!("Change {id}"), fields(config, form, "Stays as it is unless given."))
    }
}

pub(super) async fn change(State(app): State<Shared>, asked: Asked, form: Form) -> Response {
    let id = asked.id();
    match read(&form).and_then(|details| users::change(&app, id, details).map_err(Wrong::from)) {
        Ok(_) => page::done(PATH, "changed"),
        Err(wrong) => change_page(&app.config(), id, &form).refuse(&wrong),
    }
}

pub(super) async fn ask_remove(State(app): State<Shared>, asked: Asked) -> Response {
    let id = asked.id();
    if app.config().user(id).is_none() {
        return page::unknown("user", id);
    }
    page::show(&Confirm {
        frame: Frame::of(SECTION),
        heading: format!("Remove {id}?"),
        words: "What this user granted ends: applications have to ask another one to log in.",
        action: page::link("/portal/user/remove", id),
        verb: "Remove",
        back: PATH.to_owned(),
    })
}

pub(super) async fn remove(State(app): State<Shared>, asked: Asked) -> Response {
    match users::remove(&app, asked.id()) {
        Ok(()) => page::done(PATH, "removed"),
        Err(error) => page::refused("Not removed", &error),
    }
}
