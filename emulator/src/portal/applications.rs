//! Applications: listed, registered, shown, changed, given a new secret, removed.

mod fields;

use askama::Template;
use axum::extract::State;
use axum::response::Response;

use super::asked::Asked;
use super::form::{Form, Wrong};
use super::form_page::FormPage;
use super::page::{self, Confirm, Frame};
use super::secrets::{self, Told};
use super::{customers, requests};
use crate::app_state::{AppState, Shared};
use crate::config::{Application, ApplicationType, Config};
use crate::control::{ClientType, NewSecrets, applications};

pub(super) const PATH: &str = "/portal/applications";
pub(super) const ONE: &str = "/portal/application";
const SECTION: &str = "applications";

#[derive(Template)]
#[template(path = "portal/applications.html")]
struct List {
    frame: Frame,
    applications: Vec<Line>,
}

struct Line {
    link: String,
    name: String,
    client_id: String,
    kind: String,
    scopes: String,
}

pub(super) async fn list(State(app): State<Shared>, asked: Asked) -> Response {
    let line = |application: &Application| Line {
        link: page::link(ONE, &application.client_id),
        name: application.name.clone(),
        client_id: application.client_id.clone(),
        kind: kind(application),
        scopes: application.scopes.join(" "),
    };
    let applications = app.config().applications.iter().map(line).collect();
    page::show(&List { frame: Frame::after(SECTION, &asked), applications })
}

fn kind(application: &Application) -> String {
    let is_public_web = application.kind == ApplicationType::Web && application.is_public();
    if is_public_web { "web, public".to_owned() } else { application.kind.to_string() }
}

#[derive(Template)]
#[template(path = "portal/application.html")]
struct Detail<'a> {
    frame: Frame,
    application: &'a Application,
    kind: String,
    issuer: &'a str,
    facts: Vec<(&'static str, String)>,
    tenants: Vec<TenantLine<'a>>,
    change: String,
    new_secret: String,
    remove: String,
    requests: String,
}

struct TenantLine<'a> {
    link: String,
    name: &'a str,
    stands: &'static str,
}

pub(super) async fn show(State(app): State<Shared>, asked: Asked) -> Response {
    let (config, id) = (app.config(), asked.id());
    let Some(application) = config.application(id) else {
        return page::unknown("application", id);
    };
    page::show(&Detail {
        frame: Frame::after(SECTION, &asked),
        kind: kind(application),
        issuer: &app.issuer,
        facts: fields::facts(application),
        tenants: tenants(&config, application),
        change: page::link("/portal/application/change", id),
        new_secret: page::link("/portal/application/secret", id),
        remove: page::link("/portal/application/remove", id),
        requests: page::with_params(requests::PATH, &[("client_id", id)]),
        application,
    })
}

/// Which customers approved a service; other applications have none.
fn tenants<'a>(config: &'a Config, application: &Application) -> Vec<TenantLine<'a>> {
    if application.kind != ApplicationType::Service {
        return Vec::new();
    }
    let line = |tenant: &'a crate::config::Tenant| TenantLine {
        link: page::link(customers::ONE, &tenant.id),
        name: &tenant.name,
        stands: customers::stands(application, &tenant.id),
    };
    config.tenants.iter().map(line).collect()
}

pub(super) async fn begin(State(app): State<Shared>) -> Response {
    register_page(&app.config(), &fields::of_a_new_one()).show()
}

fn register_page(config: &Config, form: &Form) -> FormPage {
    FormPage {
        intro: "What does not apply to its type stays empty. A secret is made where one is needed, and shown once.",
        action: "/portal/applications/new".to_owned(),
        verb: "Register",
        back: PATH.to_owned(),
        ..FormPage::new(SECTION, "Register an application", fields::all(config, form, true))
    }
}

pub(super) async fn register(State(app): State<Shared>, form: Form) -> Response {
    match try_register(&app, &form) {
        Ok((client_id, secrets)) => registered(&app, &client_id, secrets, "registered"),
        Err(wrong) => register_page(&app.config(), &form).refuse(&wrong),
    }
}

fn try_register(app: &AppState, form: &Form) -> Result<(String, NewSecrets), Wrong> {
    let application = fields::read(form, None)?;
    let client_id = application.client_id.clone();
    let client_type = client_type(form, &application);
    let secrets = applications::register(app, application, client_type).map_err(at_its_field)?;
    Ok((client_id, secrets))
}

fn client_type(form: &Form, application: &Application) -> ClientType {
    match form.is_checked("public") {
        true => ClientType::Public,
        false => ClientType::usual_for(application.kind),
    }
}

/// The form has no field for the secret itself, but one for having none.
fn at_its_field(error: crate::control::ControlError) -> Wrong {
    Wrong::from(error).meaning("secret", "public").meaning("webhook_secret", "webhook_url")
}

/// To the secrets that were made, or to the application.
fn registered(app: &AppState, client_id: &str, made: NewSecrets, what: &str) -> Response {
    let client_secret = made.client_secret.map(|secret| ("Client secret", secret));
    let webhook_secret = made.webhook_secret.map(|secret| ("Webhook secret", secret));
    let secrets: Vec<_> = client_secret.into_iter().chain(webhook_secret).collect();
    if secrets.is_empty() {
        return page::done_at(ONE, client_id, what);
    }
    let next = page::with_params(ONE, &[("id", client_id), ("done", what)]);
    secrets::lead(
        app,
        Told { section: SECTION, heading: format!("The secret of {client_id}"), secrets, next },
    )
}

pub(super) async fn edit(State(app): State<Shared>, asked: Asked) -> Response {
    let (config, id) = (app.config(), asked.id());
    match config.application(id) {
        Some(application) => change_page(&config, id, &fields::form_of(application)).show(),
        None => page::unknown("application", id),
    }
}

fn change_page(config: &Config, id: &str, form: &Form) -> FormPage {
    FormPage {
        intro: "A change holds from the next request on. The secret stays as it is.",
        action: page::link("/portal/application/change", id),
        back: page::link(ONE, id),
        ..FormPage::new(SECTION, format!("Change {id}"), fields::all(config, form, false))
    }
}

pub(super) async fn change(State(app): State<Shared>, asked: Asked, form: Form) -> Response {
    let (config, id) = (app.config(), asked.id());
    let Some(known) = config.application(id) else {
        return page::unknown("application", id);
    };
    let changed = fields::read(&form, Some(known)).and_then(|application| {
        let client_type = client_type(&form, &application);
        applications::change(&app, application, client_type).map_err(at_its_field)
    });
    match changed {
        Ok(secrets) => registered(&app, id, secrets, "changed"),
        Err(wrong) => change_page(&config, id, &form).refuse(&wrong),
    }
}

pub(super) async fn ask_secret(State(app): State<Shared>, asked: Asked) -> Response {
    let id = asked.id();
    if app.config().application(id).is_none() {
        return page::unknown("application", id);
    }
    page::show(&Confirm {
        frame: Frame::of(SECTION),
        heading: format!("A new secret for {id}?"),
        words: "The old one is worth nothing from then on. Tokens that it got live on.",
        action: page::link("/portal/application/secret", id),
        verb: "Make a new secret",
        back: page::link(ONE, id),
    })
}

pub(super) async fn new_secret(State(app): State<Shared>, asked: Asked) -> Response {
    let id = asked.id();
    match applications::new_secret(&app, id) {
        Ok(secret) => {
            let made = NewSecrets { client_secret: Some(secret), webhook_secret: None };
            registered(&app, id, made, "changed")
        }
        Err(error) => page::refused("No new secret", &error),
    }
}

pub(super) async fn ask_remove(State(app): State<Shared>, asked: Asked) -> Response {
    let id = asked.id();
    if app.config().application(id).is_none() {
        return page::unknown("application", id);
    }
    page::show(&Confirm {
        frame: Frame::of(SECTION),
        heading: format!("Remove {id}?"),
        words: "Its logins and tokens end with it. Another application of the same name would not get them back.",
        action: page::link("/portal/application/remove", id),
        verb: "Remove it",
        back: page::link(ONE, id),
    })
}

pub(super) async fn remove(State(app): State<Shared>, asked: Asked) -> Response {
    match applications::remove(&app, asked.id()) {
        Ok(()) => page::done(PATH, "removed"),
        Err(error) => page::refused("Not removed", &error),
    }
}
