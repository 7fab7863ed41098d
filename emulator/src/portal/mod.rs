//! The portal: pages on which a developer registers applications, lets customers approve them, and sees what went wrong.

mod applications;
mod asked;
mod assets;
mod controls;
mod customers;
mod deliveries;
mod faults;
mod form;
mod form_page;
mod page;
mod requests;
mod secrets;
mod sessions;
mod start;
mod users;

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::{ConnectInfo, DefaultBodyLimit, Request, State};
use axum::http::{Method, StatusCode};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use axum::routing::{get, post};

pub(crate) use requests::path_of_error;
pub(crate) use secrets::Told;
pub(crate) use start::PATH;

use crate::access;
use crate::app_state::Shared;
use crate::limits;

pub(crate) fn routes(shared: &Shared) -> Router<Shared> {
    Router::new()
        .route("/", get(start::lead))
        .route(start::PATH, get(start::show))
        .route("/portal/assets/portal.css", get(assets::style))
        .route("/portal/assets/portal.js", get(assets::script))
        .route("/portal/assets/icon.svg", get(assets::icon))
        .merge(entities())
        .route(requests::PATH, get(requests::list))
        .route("/portal/requests/find", get(requests::find))
        .route("/portal/requests/live", get(requests::follow))
        .route("/portal/requests/{number}", get(requests::show))
        .route(deliveries::PATH, get(deliveries::list))
        .route("/portal/deliveries/repeat", post(deliveries::repeat))
        .route(controls::PATH, get(controls::show))
        .route("/portal/controls/clock", post(controls::move_clock))
        .route("/portal/controls/keys", post(controls::rotate_keys))
        .route("/portal/controls/faults/new", get(faults::begin).post(faults::add))
        .route("/portal/controls/faults/clear", post(faults::clear))
        .layer(DefaultBodyLimit::max(limits::BODY))
        .route_layer(from_fn_with_state(Arc::clone(shared), guard))
}

/// What is registered: applications, customers, users.
fn entities() -> Router<Shared> {
    Router::new()
        .route(secrets::PATH, get(secrets::tell))
        .route(applications::PATH, get(applications::list))
        .route("/portal/applications/new", get(applications::begin).post(applications::register))
        .route(applications::ONE, get(applications::show))
        .route("/portal/application/change", get(applications::edit).post(applications::change))
        .route("/portal/application/secret", get(applications::ask_secret).post(applications::new_secret))
        .route("/portal/application/remove", get(applications::ask_remove).post(applications::remove))
        .route(customers::PATH, get(customers::list))
        .route("/portal/customers/new", get(customers::begin).post(customers::add))
        .route(customers::ONE, get(customers::show))
        .route("/portal/customer/change", get(customers::edit).post(customers::rename))
        .route("/portal/customer/approve", post(customers::approve))
        .route("/portal/customer/withdraw", post(customers::withdraw))
        .route("/portal/customer/remove", get(customers::ask_remove).post(customers::remove))
        .route(users::PATH, get(users::list))
        .route("/portal/users/new", get(users::begin).post(users::add))
        .route("/portal/user/change", get(users::edit).post(users::change))
        .route("/portal/user/remove", get(users::ask_remove).post(users::remove))
        .route(sessions::PATH, get(sessions::show))
        .route(sessions::END, post(sessions::end))
}

/// Refuses other machines, pages of other sites, and names that were made to point at loopback; and every change that
/// one of these pages did not ask for.
async fn guard(
    State(app): State<Shared>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
    next: Next,
) -> Response {
    let headers = request.headers();
    if !app.access.allows(peer, headers) {
        let why = "The portal answers only to this machine, at its loopback address or localhost, and to no page of \
                   another site. --portal-host NAME lets others in.";
        return page::problem(StatusCode::FORBIDDEN, "Not from here", why);
    }
    if request.method() == Method::POST && !access::is_sent_by_own_page(headers) {
        let why = "A change has to come from a page of the portal itself. Programs use the test controls under \
                   /admin.";
        return page::problem(StatusCode::FORBIDDEN, "Not from this page", why);
    }
    next.run(request).await
}
