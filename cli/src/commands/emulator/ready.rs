//! What a program is told when the emulator is ready.

use grantline_emulator::{Application, Config, Server};
use serde_json::{Value, json};

use super::public;

/// Where it listens, and what it knows. The portal is null where nobody can reach it. A secret or password that is not of the built-in configuration is null.
pub(super) fn object(server: &Server, config: &Config) -> Value {
    let built_in = Config::default();
    let applications = config.applications.iter().map(|it| application(it, &built_in));
    let users = config.users.iter().map(|user| {
        let known = built_in.user(&user.username).map(|known| &known.password);
        json!({"username": user.username, "password": public(&user.password, known)})
    });
    let tenants = config.tenants.iter().map(|tenant| json!({"id": tenant.id, "name": tenant.name}));
    json!({
        "ready": format!("http://{}", server.address()),
        "issuer": server.issuer(),
        "portal": server.portal_url(),
        "mode": config.mode,
        "applications": applications.collect::<Vec<_>>(),
        "users": users.collect::<Vec<_>>(),
        "tenants": tenants.collect::<Vec<_>>(),
    })
}

fn application(application: &Application, built_in: &Config) -> Value {
    let known = built_in.application(&application.client_id).and_then(|known| known.secret.as_ref());
    let secret = application.secret.as_ref();
    json!({
        "client_id": application.client_id,
        "name": application.name,
        "type": application.kind,
        "has_secret": secret.is_some(),
        "secret": secret.and_then(|secret| public(secret, known)),
        "scopes": application.scopes,
        "redirect_uris": application.redirect_uris,
        "post_logout_redirect_uris": application.post_logout_redirect_uris,
        "approved_tenants": application.approved_tenants,
        "default_tenant": application.default_tenant,
    })
}
