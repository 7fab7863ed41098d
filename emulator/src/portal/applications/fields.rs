//! The fields of an application: in the form, read from it, and on its page.

use serde::Serialize;
use serde_json::Value;

use super::super::form::{Form, Wrong};
use super::super::form_page::Field;
use crate::config::{Application, ApplicationType, Config, IDENTITY_SCOPES, Mode};
use crate::keys::SigningAlgorithm;

/// What the form of a new application begins with: the defaults of the configuration file.
pub(super) fn of_a_new_one() -> Form {
    choices_of(&Application::new("", "", ApplicationType::Service))
}

pub(super) fn form_of(application: &Application) -> Form {
    let mut form = choices_of(application);
    form.set("client_id", application.client_id.as_str());
    form.set("name", application.name.as_str());
    set_if(&mut form, "public", application.is_public());
    form.set_all("scopes", &application.scopes);
    form.set("default_tenant", application.default_tenant.as_deref().unwrap_or(""));
    form.set("redirect_uris", application.redirect_uris.join("\n"));
    form.set("post_logout_redirect_uris", application.post_logout_redirect_uris.join("\n"));
    form.set("allowed_origins", application.allowed_origins.join("\n"));
    form.set("backchannel_logout_uri", application.backchannel_logout_uri.as_deref().unwrap_or(""));
    form.set("webhook_url", application.webhook_url.as_deref().unwrap_or(""));
    form
}

/// What has a value in every application.
fn choices_of(application: &Application) -> Form {
    let mut form = Form::default();
    form.set("type", name_of(application.kind));
    set_if(&mut form, "allow_loopback_any_port", application.allow_loopback_any_port);
    form.set("id_token_signed_response_alg", application.id_token_signed_response_alg.name());
    form.set("consent", name_of(application.consent));
    form.set("refresh", name_of(application.refresh));
    set_if(&mut form, "revoke_family_on_reuse", application.revoke_family_on_reuse);
    for (name, seconds) in seconds(application) {
        form.set(name, seconds.to_string());
    }
    form
}

fn set_if(form: &mut Form, name: &str, checked: bool) {
    if checked {
        form.set(name, "on");
    }
}

fn seconds(application: &Application) -> [(&'static str, u64); 6] {
    [
        ("grace_s", application.grace_s),
        ("access_token_s", application.access_token_s),
        ("id_token_s", application.id_token_s),
        ("code_s", application.code_s),
        ("refresh_token_s", application.refresh_token_s),
        ("refresh_token_absolute_s", application.refresh_token_absolute_s),
    ]
}

/// `known`: the application that is changed. Its secrets, and which customers approved it, are no part of the form.
pub(super) fn read(form: &Form, known: Option<&Application>) -> Result<Application, Wrong> {
    Ok(Application {
        client_id: known.map_or_else(|| form.text("client_id").to_owned(), |known| known.client_id.clone()),
        name: form
            .optional("name")
            .ok_or_else(|| Wrong::at("name", "give it a name: the consent page shows it"))?,
        kind: form.choice("type")?,
        secret: None,
        scopes: form.all("scopes"),
        approved_tenants: known
            .map_or_else(|| form.all("approved_tenants"), |known| known.approved_tenants.clone()),
        withdrawn_tenants: known.map(|known| known.withdrawn_tenants.clone()).unwrap_or_default(),
        default_tenant: form.optional("default_tenant"),
        redirect_uris: form.lines("redirect_uris"),
        allow_loopback_any_port: form.is_checked("allow_loopback_any_port"),
        post_logout_redirect_uris: form.lines("post_logout_redirect_uris"),
        allowed_origins: form.lines("allowed_origins"),
        backchannel_logout_uri: form.optional("backchannel_logout_uri"),
        webhook_url: form.optional("webhook_url"),
        webhook_secret: None,
        id_token_signed_response_alg: match form.text("id_token_signed_response_alg") {
            "" => SigningAlgorithm::default(),
            _ => form.choice("id_token_signed_response_alg")?,
        },
        consent: form.choice("consent")?,
        refresh: form.choice("refresh")?,
        grace_s: form.number("grace_s")?,
        revoke_family_on_reuse: form.is_checked("revoke_family_on_reuse"),
        access_token_s: form.number("access_token_s")?,
        id_token_s: form.number("id_token_s")?,
        code_s: form.number("code_s")?,
        refresh_token_s: form.number("refresh_token_s")?,
        refresh_token_absolute_s: form.number("refresh_token_absolute_s")?,
    })
}

/// `is_new`: its `client_id` can still be chosen, and who approved it.
pub(super) fn all(config: &Config, form: &Form, is_new: bool) -> Vec<Field> {
    let mut fields = Vec::new();
    if is_new {
        fields.push(
            Field::line(form, "client_id", "Client ID")
                .required()
                .hint("Such as isv_invoices; it cannot be changed later."),
        );
    }
    fields.extend(of_every_type(config, form));
    fields.extend(of_services(config, form, is_new));
    fields.extend(of_applications_with_users(config, form));
    fields.extend(lifetimes(form));
    fields
}

fn of_every_type(config: &Config, form: &Form) -> [Field; 4] {
    let of_apis = config.apis.iter().flat_map(|api| &api.scopes).map(String::as_str);
    let scopes = IDENTITY_SCOPES.into_iter().chain(of_apis);
    [
        Field::line(form, "name", "Name").required().hint("What the consent page shows."),
        Field::choice(
            form,
            "type",
            "Type",
            options(&[
                ("service", "service: no user, client credentials"),
                ("web", "web: a server with users"),
                ("native", "native: installed on a desktop or a phone"),
                ("spa", "spa: JavaScript in a browser"),
            ]),
        ),
        Field::tick(form, "public", "Public: it has no secret")
            .hint("For type web; native and spa are always public."),
        Field::ticks(
            form,
            "scopes",
            "Scopes it may ask for",
            scopes.map(|scope| (scope.to_owned(), scope.to_owned())),
        )
        .hint("openid, profile, email and offline_access need a user: not for services."),
    ]
}

fn of_services(config: &Config, form: &Form, is_new: bool) -> Vec<Field> {
    let tenants = || config.tenants.iter().map(|tenant| (tenant.id.clone(), tenant.name.clone()));
    let none = (String::new(), "none: each request names its customer".to_owned());
    let mut fields = vec![Field::heading("Services")];
    if is_new {
        fields.push(
            Field::ticks(form, "approved_tenants", "Approved by", tenants())
                .hint("Customers can approve and withdraw later, too."),
        );
    }
    fields.push(
        Field::choice(form, "default_tenant", "Default customer", std::iter::once(none).chain(tenants()))
            .hint("Taken when a request names none. It has to have approved the service."),
    );
    fields.push(
        Field::line(form, "webhook_url", "Webhook URL")
            .hint("Told when a customer approves; http on this machine. Its secret is made and shown once."),
    );
    fields
}

fn of_applications_with_users(config: &Config, form: &Form) -> Vec<Field> {
    let mut fields = vec![Field::heading("Web, native and single-page applications")];
    fields.extend(places(form));
    fields.extend(consent_and_refresh(form));
    if config.mode == Mode::Standard {
        fields.push(signature(form));
    }
    fields
}

/// Where users and messages go, and who may call.
fn places(form: &Form) -> [Field; 5] {
    [
        Field::lines(form, "redirect_uris", "Redirect URIs").hint(
            "One a line, compared exactly: https, or http on loopback; native applications also \
             com.example.app:/callback.",
        ),
        Field::tick(form, "allow_loopback_any_port", "http://127.0.0.1 matches on any port"),
        Field::lines(form, "post_logout_redirect_uris", "Post-logout redirect URIs")
            .hint("One a line, of the same kinds."),
        Field::lines(form, "allowed_origins", "Allowed origins (CORS)")
            .hint("For type spa, one a line, such as http://localhost:5173."),
        Field::line(form, "backchannel_logout_uri", "Back-channel logout URI")
            .hint("Told when a session ends; http on this machine."),
    ]
}

fn consent_and_refresh(form: &Form) -> [Field; 4] {
    let pages = options(&[("ask", "ask once"), ("skip", "skip unless prompt=consent")]);
    let policies =
        options(&[("one-time", "one-time: each use gives a new one"), ("re-use", "re-use: the same stays")]);
    [
        Field::choice(form, "consent", "Consent page", pages),
        Field::choice(form, "refresh", "Refresh tokens", policies),
        Field::number(form, "grace_s", "Grace in seconds")
            .hint("How long a used one-time refresh token still works: 0 for not at all, or 5 to 60."),
        Field::tick(
            form,
            "revoke_family_on_reuse",
            "A replay outside the grace ends every token of that login",
        ),
    ]
}

fn signature(form: &Form) -> Field {
    let algorithms =
        SigningAlgorithm::ALL.map(|algorithm| (algorithm.name().to_owned(), algorithm.name().to_owned()));
    Field::choice(form, "id_token_signed_response_alg", "ID tokens are signed with", algorithms)
}

fn lifetimes(form: &Form) -> [Field; 6] {
    [
        Field::heading("Lifetimes in seconds"),
        Field::number(form, "access_token_s", "Access token"),
        Field::number(form, "id_token_s", "ID token"),
        Field::number(form, "code_s", "Authorization code"),
        Field::number(form, "refresh_token_s", "Refresh token, from each use"),
        Field::number(form, "refresh_token_absolute_s", "Refresh tokens of a login together"),
    ]
}

fn options(pairs: &'static [(&'static str, &'static str)]) -> impl Iterator<Item = (String, String)> {
    pairs.iter().map(|(value, label)| ((*value).to_owned(), (*label).to_owned()))
}

/// What its page tells: what is empty is left out.
pub(super) fn facts(application: &Application) -> Vec<(&'static str, String)> {
    let loopback = if application.allow_loopback_any_port { "any port of http://127.0.0.1" } else { "" };
    let replay = if application.revoke_family_on_reuse { "ends every token of that login" } else { "" };
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let facts = vec![
        ("Scopes", application.scopes.join(" ")),
        ("Default customer", text(&application.default_tenant)),
        ("Redirect URIs", application.redirect_uris.join("\n")),
        ("Also", loopback.to_owned()),
        ("Post-logout redirect URIs", application.post_logout_redirect_uris.join("\n")),
        ("Allowed origins", application.allowed_origins.join("\n")),
        ("Back-channel logout URI", text(&application.backchannel_logout_uri)),
        ("Webhook URL", text(&application.webhook_url)),
        ("Consent", name_of(application.consent)),
        ("Refresh tokens", format!("{}, grace {} s", name_of(application.refresh), application.grace_s)),
        ("A replay", replay.to_owned()),
        ("ID tokens signed with", application.id_token_signed_response_alg.name().to_owned()),
        ("Access tokens live", format!("{} s", application.access_token_s)),
    ];
    facts.into_iter().filter(|(_, value)| !value.is_empty()).collect()
}

/// As the configuration names it.
fn name_of(value: impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(Value::String(name)) => name,
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_application_comes_back_from_its_form_as_it_was_but_for_its_secrets() {
        for application in Config::default().applications {
            let bare = Application { secret: None, webhook_secret: None, ..application.clone() };
            let read = read(&form_of(&application), Some(&application)).unwrap();
            assert_eq!(format!("{read:?}"), format!("{bare:?}"));
        }
    }
}
