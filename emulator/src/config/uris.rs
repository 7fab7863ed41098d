//! The URIs of an application, checked.

use url::Url;

use super::check::{Wrong, wrong};
use super::{Application, ApplicationType, redirects};
use crate::notices::is_on_loopback;

pub(super) fn check(application: &Application) -> Result<(), Wrong> {
    redirect_uris(application)?;
    post_logout_redirect_uris(application)?;
    allowed_origins(application)?;
    backchannel_logout_uri(application)?;
    webhook(application)
}

fn is_service(application: &Application) -> bool {
    application.kind == ApplicationType::Service
}

fn redirect_uris(application: &Application) -> Result<(), Wrong> {
    let uris = &application.redirect_uris;
    match (is_service(application), uris.is_empty()) {
        (true, true) => Ok(()),
        (true, false) => wrong("redirect_uris", "a service is never redirected to: remove `redirect_uris`"),
        (false, true) => wrong("redirect_uris", "redirect_uris is empty: list at least one"),
        (false, false) => all_fit("redirect_uris", uris, "redirect URI", application.kind),
    }
}

fn all_fit(key: &'static str, uris: &[String], what: &str, kind: ApplicationType) -> Result<(), Wrong> {
    match uris.iter().find_map(|uri| redirects::broken_rule(what, uri, kind)) {
        Some(words) => wrong(key, words),
        None => Ok(()),
    }
}

fn post_logout_redirect_uris(application: &Application) -> Result<(), Wrong> {
    if is_service(application) && !application.post_logout_redirect_uris.is_empty() {
        return wrong(
            "post_logout_redirect_uris",
            "a service has no users to log out: remove `post_logout_redirect_uris`",
        );
    }
    let uris = &application.post_logout_redirect_uris;
    all_fit("post_logout_redirect_uris", uris, "post-logout redirect URI", application.kind)
}

fn allowed_origins(application: &Application) -> Result<(), Wrong> {
    let origins = &application.allowed_origins;
    if application.kind != ApplicationType::Spa && !origins.is_empty() {
        return wrong(
            "allowed_origins",
            "only an application of type spa calls from a page: remove `allowed_origins`",
        );
    }
    let is_origin = |text: &String| {
        Url::parse(text).is_ok_and(|url| {
            matches!(url.scheme(), "http" | "https") && url.origin().ascii_serialization() == *text
        })
    };
    match origins.iter().find(|text| !is_origin(text)) {
        Some(text) => wrong(
            "allowed_origins",
            format!(
                "allowed origin \"{text}\" is none: write scheme, host and port as a browser does, such as \
             http://localhost:5173, without a slash at the end"
            ),
        ),
        None => Ok(()),
    }
}

fn backchannel_logout_uri(application: &Application) -> Result<(), Wrong> {
    match &application.backchannel_logout_uri {
        Some(_) if is_service(application) => wrong(
            "backchannel_logout_uri",
            "a service has no users to log out: remove `backchannel_logout_uri`",
        ),
        Some(uri) if !is_on_loopback(uri) => not_sent_to("backchannel_logout_uri", uri),
        _ => Ok(()),
    }
}

fn webhook(application: &Application) -> Result<(), Wrong> {
    match (&application.webhook_url, &application.webhook_secret) {
        (None, None) => Ok(()),
        _ if !is_service(application) => {
            wrong("webhook_url", "tenants approve services only: remove `webhook_url` and `webhook_secret`")
        }
        (Some(url), Some(_)) if !is_on_loopback(url) => not_sent_to("webhook_url", url),
        (Some(_), Some(secret)) if secret.expose_secret().is_empty() => {
            wrong("webhook_secret", "webhook_secret is empty: give one, or remove both keys")
        }
        (Some(_), Some(_)) => Ok(()),
        (Some(_), None) => wrong("webhook_secret", "a webhook is signed: add `webhook_secret`"),
        (None, Some(_)) => {
            wrong("webhook_url", "webhook_secret without a webhook_url: add it, or remove both")
        }
    }
}

fn not_sent_to(key: &'static str, uri: &str) -> Result<(), Wrong> {
    let words = format!(
        "{key} \"{uri}\" is not on this machine: the emulator sends to http://127.0.0.1 or http://localhost only"
    );
    wrong(key, words)
}

#[cfg(test)]
mod tests {
    use crate::config::{Config, Secret};

    use super::*;

    fn refused(client_id: &str, change: impl FnOnce(&mut Application)) -> String {
        let mut config = Config::default();
        change(config.application_mut(client_id).unwrap());
        config.check().unwrap_err().to_string()
    }

    #[test]
    fn both_kinds_of_redirect_uris_keep_to_the_rules_of_the_type() {
        let uri = || "com.example.other:/callback".to_owned();
        let problem = refused("isv_web", |app| app.redirect_uris.push(uri()));
        assert!(problem.contains("redirect URI \"com.example.other:/callback\""), "{problem}");
        let problem = refused("isv_spa", |app| app.post_logout_redirect_uris.push(uri()));
        assert!(problem.contains("post-logout redirect URI") && problem.contains("type spa"), "{problem}");
        let mut config = Config::default();
        let native = config.application_mut("isv_native").unwrap();
        native.redirect_uris.push(uri());
        native.post_logout_redirect_uris.push(uri());
        assert_eq!(config.check(), Ok(()));
    }

    #[test]
    fn refuses_what_is_no_origin_and_origins_of_other_types() {
        for text in ["http://localhost:5173/", "https://app.example:443", "app.example", "null", "*"] {
            let problem = refused("isv_spa", |app| app.allowed_origins = vec![text.to_owned()]);
            assert!(problem.contains("without a slash"), "{problem}");
        }
        let problem = refused("isv_web", |app| app.allowed_origins = vec!["https://app.example".to_owned()]);
        assert!(problem.contains("type spa"), "{problem}");
    }

    #[test]
    fn refuses_to_send_to_other_machines() {
        let elsewhere = || Some("https://app.example/x".to_owned());
        let problem = refused("isv_web", |app| app.backchannel_logout_uri = elsewhere());
        assert!(problem.contains("not on this machine"), "{problem}");
        let problem = refused("isv_service", |app| {
            app.webhook_url = elsewhere();
            app.webhook_secret = Some(Secret::new("x"));
        });
        assert!(problem.contains("not on this machine"), "{problem}");
    }

    #[test]
    fn refuses_half_a_webhook_and_one_for_users() {
        let url = || Some("http://127.0.0.1:9/x".to_owned());
        assert!(refused("isv_service", |app| app.webhook_url = url()).contains("add `webhook_secret`"));
        let secret = || Some(Secret::new("x"));
        assert!(refused("isv_service", |app| app.webhook_secret = secret()).contains("webhook_url"));
        assert!(refused("isv_web", |app| app.webhook_secret = secret()).contains("services only"));
    }

    #[test]
    fn refuses_users_things_for_a_service() {
        let uri = || "http://127.0.0.1:9/x".to_owned();
        assert!(refused("isv_service", |app| app.backchannel_logout_uri = Some(uri())).contains("no users"));
        assert!(refused("isv_service", |app| app.post_logout_redirect_uris.push(uri())).contains("no users"));
    }
}
