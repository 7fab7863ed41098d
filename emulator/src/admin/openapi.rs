//! The description of the test controls: `OpenAPI` 3.1, made from the handlers and the types that they take and give.

use axum::Json;
use utoipa::openapi::schema::{KnownFormat, SchemaFormat};
use utoipa::openapi::{Object, ObjectBuilder, OpenApi as Document, RefOr, Schema, Type};
use utoipa::{OpenApi, PartialSchema, ToSchema};

use super::{applications, faults, grants, requests, sessions, tenants, users};
use crate::config::Application;

pub(super) const PATH: &str = "/admin/openapi.json";

#[derive(OpenApi)]
#[openapi(
    info(
        title = "grantline emulator: test controls",
        description = "They answer to programs on this machine, which call them by its loopback address, and to whoever \
                       calls them by a --portal-host; to others and to pages of another origin with 403. A body of \
                       more than 64 KiB is refused with 413."
    ),
    tags(
        (name = "faults", description = "What goes wrong on demand; keys and the clock"),
        (name = "requests", description = "What reached the emulator"),
        (name = "grants", description = "Logins and grants without pages, and what became of them"),
        (name = "sessions", description = "Sessions and their end, approvals, and what applications were told"),
        (name = "applications", description = "The registered applications"),
        (name = "tenants", description = "The customers"),
        (name = "users", description = "The people who can log in")
    ),
    paths(
        faults::add,
        faults::list,
        faults::clear,
        faults::clear_one,
        faults::add_reply,
        faults::clear_replies,
        faults::rotate_keys,
        faults::set_clock,
        faults::clock,
        requests::list,
        requests::follow,
        requests::one,
        grants::begin,
        grants::list,
        grants::log_in,
        grants::set_lifetime,
        sessions::list,
        sessions::log_out,
        sessions::approve,
        sessions::withdraw,
        sessions::deliveries,
        sessions::repeat,
        applications::list,
        applications::register,
        applications::one,
        applications::change,
        applications::remove,
        applications::new_secret,
        tenants::list,
        tenants::add,
        tenants::rename,
        tenants::remove,
        users::list,
        users::add,
        users::change,
        users::remove,
        document,
    )
)]
struct Description;

/// This description.
#[utoipa::path(
    get, path = "/admin/openapi.json", operation_id = "readDescription",
    responses((status = 200, body = serde_json::Value, description = "An OpenAPI document"))
)]
pub(super) async fn document() -> Json<Document> {
    Json(Description::openapi())
}

/// An application as it is asked for: the keys of the configuration file, and `public`.
pub(super) struct ApplicationDetails;

/// An application as it is shown: the keys of the configuration file but for secrets, `public`, and secrets that were
/// made.
pub(super) struct ShownApplication;

impl PartialSchema for ApplicationDetails {
    fn schema() -> RefOr<Schema> {
        changed_application(|keys| add(keys, "public", Type::Boolean, None, "Whether it has no secret"))
    }
}

impl ToSchema for ApplicationDetails {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        Application::schemas(schemas);
    }
}

impl PartialSchema for ShownApplication {
    fn schema() -> RefOr<Schema> {
        changed_application(|keys| {
            keys.properties.remove("secret");
            add(keys, "public", Type::Boolean, None, "Whether it has no secret");
            for name in ["client_secret", "webhook_secret"] {
                add(keys, name, Type::String, Some(KnownFormat::Password), "One that was made, told once");
            }
        })
    }
}

impl ToSchema for ShownApplication {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        Application::schemas(schemas);
    }
}

fn changed_application(change: impl FnOnce(&mut Object)) -> RefOr<Schema> {
    let mut schema = Application::schema();
    if let RefOr::T(Schema::Object(keys)) = &mut schema {
        change(keys);
    }
    schema
}

fn add(keys: &mut Object, name: &str, kind: Type, format: Option<KnownFormat>, words: &str) {
    let format = format.map(SchemaFormat::KnownFormat);
    let member = ObjectBuilder::new().schema_type(kind).format(format).description(Some(words)).build();
    keys.properties.insert(name.to_owned(), member.into());
}
