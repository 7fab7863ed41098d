//! Customers, which the provider calls tenants: listed, added, renamed, removed; the services that they approve.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use super::asked::Asked;
use super::form::{Form, Wrong};
use super::form_page::{Field, FormPage};
use super::page::{self, Confirm, Frame};
use super::{applications, users};
use crate::app_state::Shared;
use crate::config::{Application, ApplicationType, Config};
use crate::control::{ApprovalError, TenantDetails, approvals, tenants};
use crate::notices;

pub(super) const PATH: &str = "/portal/customers";
pub(super) const ONE: &str = "/portal/customer";
const SECTION: &str = "customers";

/// How it stands between a service and a customer.
pub(super) fn stands(service: &Application, tenant_id: &str) -> &'static str {
    match (service.is_approved_by(tenant_id), service.is_withdrawn_by(tenant_id)) {
        (true, _) => "approved",
        (false, true) => "withdrawn",
        (false, false) => "not approved",
    }
}

#[derive(Template)]
#[template(path = "portal/customers.html")]
struct List {
    frame: Frame,
    customers: Vec<Line>,
}

struct Line {
    link: String,
    name: String,
    id: String,
    approved: String,
}

pub(super) async fn list(State(app): State<Shared>, asked: Asked) -> Response {
    let config = app.config();
    let line = |tenant: &crate::config::Tenant| Line {
        link: page::link(ONE, &tenant.id),
        name: tenant.name.clone(),
        id: tenant.id.clone(),
        approved: services(&config)
            .filter(|service| service.is_approved_by(&tenant.id))
            .map(|service| service.name.as_str())
            .collect::<Vec<_>>()
            .join(", "),
    };
    let customers = config.tenants.iter().map(line).collect();
    page::show(&List { frame: Frame::after(SECTION, &asked), customers })
}

fn services(config: &Config) -> impl Iterator<Item = &Application> {
    config.applications.iter().filter(|application| application.kind == ApplicationType::Service)
}

#[derive(Template)]
#[template(path = "portal/customer.html")]
struct Detail<'a> {
    frame: Frame,
    name: &'a str,
    id: &'a str,
    services: Vec<ServiceLine<'a>>,
    users: Vec<(String, &'a str)>,
    change: String,
    remove: String,
    approve: String,
    withdraw: String,
}

struct ServiceLine<'a> {
    link: String,
    name: &'a str,
    client_id: &'a str,
    stands: &'static str,
}

pub(super) async fn show(State(app): State<Shared>, asked: Asked) -> Response {
    let (config, id) = (app.config(), asked.id());
    let Some(name) = config.tenant_name(id) else {
        return page::unknown("customer", id);
    };
    let service = |service| ServiceLine::new(service, id);
    let members = config.users.iter().filter(|user| user.tenants.iter().any(|tenant| tenant == id));
    page::show(&Detail {
        frame: Frame::after(SECTION, &asked),
        name,
        id,
        services: services(&config).map(service).collect(),
        users: members.map(|user| (page::link(users::CHANGE, &user.username), user.name.as_str())).collect(),
        change: page::link("/portal/customer/change", id),
        remove: page::link("/portal/customer/remove", id),
        approve: page::link("/portal/customer/approve", id),
        withdraw: page::link("/portal/customer/withdraw", id),
    })
}

impl<'a> ServiceLine<'a> {
    fn new(service: &'a Application, tenant_id: &str) -> Self {
        Self {
            link: page::link(applications::ONE, &service.client_id),
            name: &service.name,
            client_id: &service.client_id,
            stands: stands(service, tenant_id),
        }
    }
}

/// Answers when the service has been told by its webhook.
pub(super) async fn approve(State(app): State<Shared>, asked: Asked, form: Form) -> Response {
    match approvals::approve(&app, form.text("client_id"), asked.id()) {
        Ok(webhook) => {
            notices::send(&app, webhook.into_iter().collect()).await;
            page::done_at(ONE, asked.id(), "approved")
        }
        Err(error) => refused(&error),
    }
}

pub(super) async fn withdraw(State(app): State<Shared>, asked: Asked, form: Form) -> Response {
    match approvals::withdraw(&app, form.text("client_id"), asked.id()) {
        Ok(()) => page::done_at(ONE, asked.id(), "withdrawn"),
        Err(error) => refused(&error),
    }
}

fn refused(error: &ApprovalError) -> Response {
    page::problem(StatusCode::UNPROCESSABLE_ENTITY, "Nothing was changed", &error.to_string())
}

pub(super) async fn begin() -> Response {
    add_page(&Form::default()).show()
}

fn add_page(form: &Form) -> FormPage {
    let fields = vec![
        Field::line(form, "name", "Name").required().hint("What the consent page shows."),
        Field::line(form, "id", "Tenant ID").hint("A lower-case UUID; a random one unless given."),
    ];
    FormPage {
        action: "/portal/customers/new".to_owned(),
        verb: "Add",
        back: PATH.to_owned(),
        ..FormPage::new(SECTION, "Add a customer", fields)
    }
}

pub(super) async fn add(State(app): State<Shared>, form: Form) -> Response {
    let added = name(&form).and_then(|name| {
        let details = TenantDetails { id: form.optional("id"), name };
        tenants::add(&app, details).map_err(Wrong::from)
    });
    match added {
        Ok(tenant) => page::done_at(ONE, &tenant.id, "added"),
        Err(wrong) => add_page(&form).refuse(&wrong),
    }
}

fn name(form: &Form) -> Result<String, Wrong> {
    form.optional("name").ok_or_else(|| Wrong::at("name", "give it a name: the consent page shows it"))
}

pub(super) async fn edit(State(app): State<Shared>, asked: Asked) -> Response {
    let mut form = Form::default();
    match app.config().tenant_name(asked.id()) {
        Some(name) => form.set("name", name),
        None => return page::unknown("customer", asked.id()),
    }
    rename_page(asked.id(), &form).show()
}

fn rename_page(id: &str, form: &Form) -> FormPage {
    FormPage {
        action: page::link("/portal/customer/change", id),
        back: page::link(ONE, id),
        ..FormPage::new(SECTION, "Rename the customer", vec![Field::line(form, "name", "Name").required()])
    }
}

pub(super) async fn rename(State(app): State<Shared>, asked: Asked, form: Form) -> Response {
    let id = asked.id();
    match name(&form).and_then(|name| tenants::rename(&app, id, name).map_err(Wrong::from)) {
        Ok(_) => page::done_at(ONE, id, "changed"),
        Err(wrong) => rename_page(id, &form).refuse(&wrong),
    }
}

pub(super) async fn ask_remove(State(app): State<Shared>, asked: Asked) -> Response {
    let (config, id) = (app.config(), asked.id());
    let Some(name) = config.tenant_name(id) else {
        return page::unknown("customer", id);
    };
    page::show(&Confirm {
        frame: Frame::of(SECTION),
        heading: format!("Remove {name}?"),
        words: "Its approvals go with it, and its users lose their access to it.",
        action: page::link("/portal/customer/remove", id),
        verb: "Remove it",
        back: page::link(ONE, id),
    })
}

pub(super) async fn remove(State(app): State<Shared>, asked: Asked) -> Response {
    match tenants::remove(&app, asked.id()) {
        Ok(()) => page::done(PATH, "removed"),
        Err(error) => page::refused("Not removed", &error),
    }
}
