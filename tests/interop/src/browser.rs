//! A scripted browser: follows redirects, keeps cookies, and posts the forms of the servers' login and consent pages.

use std::collections::BTreeMap;

use url::Url;
use url::form_urlencoded::Serializer;

use crate::failure::{Failure, failure};

const PAGES: usize = 20;
const USERNAME: &str = "anna@example.com";
const PASSWORD: &str = "correct horse";

/// What the user does at the provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum User {
    /// Logs in and gives access.
    Accepts,
    /// Logs in and refuses access.
    RefusesConsent,
}

/// Where the browser leaves the provider.
#[derive(Debug)]
pub(crate) enum Landing {
    /// By a redirect to this URL.
    Url(String),
    /// By a form that it posts there.
    FormPost { action: String, body: String },
}

/// One browser.
#[derive(Debug)]
pub(crate) struct Browser {
    http: reqwest::Client,
    cookies: BTreeMap<String, String>,
}

enum Answer {
    Redirect(Url),
    Page(String),
}

impl Browser {
    pub(crate) fn new() -> Result<Self, Failure> {
        let http =
            reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().build()?;
        Ok(Self { http, cookies: BTreeMap::new() })
    }

    /// Opens a page of the provider's and goes on until the provider is left.
    pub(crate) async fn open(&mut self, url: &str, user: User) -> Result<Landing, Failure> {
        let mut place = Url::parse(url)?;
        let provider = place.origin();
        let mut answer = self.send(self.http.get(place.clone())).await?;
        for _ in 0..PAGES {
            answer = match answer {
                Answer::Redirect(to) if to.origin() != provider => return Ok(Landing::Url(to.into())),
                Answer::Redirect(to) => {
                    place = to;
                    self.send(self.http.get(place.clone())).await?
                }
                Answer::Page(page) => {
                    let form = Form::find(&page)?;
                    let action = place.join(&form.action)?;
                    let body = encode(form.filled(user));
                    if action.origin() != provider {
                        return Ok(Landing::FormPost { action: action.into(), body });
                    }
                    place = action;
                    let form = "application/x-www-form-urlencoded";
                    self.send(self.http.post(place.clone()).header("content-type", form).body(body)).await?
                }
            };
        }
        Err(failure(format!("the browser did not leave the provider after {PAGES} pages")))
    }

    async fn send(&mut self, request: reqwest::RequestBuilder) -> Result<Answer, Failure> {
        let cookies: Vec<String> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let response = request.header("cookie", cookies.join("; ")).send().await?;
        for cookie in response.headers().get_all("set-cookie") {
            let pair = cookie.to_str()?.split(';').next().unwrap_or_default();
            if let Some((name, value)) = pair.split_once('=') {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        match response.headers().get("location") {
            Some(location) => Ok(Answer::Redirect(response.url().join(location.to_str()?)?)),
            None => Ok(Answer::Page(response.text().await?)),
        }
    }
}

/// The first form of a page. Keycloak writes some of its tags in capitals.
#[derive(Debug)]
struct Form {
    action: String,
    fields: BTreeMap<String, String>,
    buttons: Vec<(String, String)>,
}

impl Form {
    fn find(page: &str) -> Result<Self, Failure> {
        let lost = || failure(format!("a page without a form: {}", text(page)));
        let action = tags(page, "form").next().and_then(|tag| attribute(tag, "action")).ok_or_else(lost)?;
        let mut form = Self { action, fields: BTreeMap::new(), buttons: Vec::new() };
        for tag in tags(page, "input").chain(tags(page, "button")) {
            let Some(name) = attribute(tag, "name") else { continue };
            let value = attribute(tag, "value").unwrap_or_default();
            if attribute(tag, "type").as_deref() == Some("submit") || tag.starts_with("button") {
                form.buttons.push((name, value));
            } else {
                form.fields.insert(name, value);
            }
        }
        Ok(form)
    }

    /// The fields as the user sends them, and the button that is pressed. Which one that is, is in its name at
    /// Keycloak, and in its value elsewhere.
    fn filled(mut self, user: User) -> Vec<(String, String)> {
        let is_login = self.fields.contains_key("password");
        if is_login {
            self.fields.insert("username".to_owned(), USERNAME.to_owned());
            self.fields.insert("password".to_owned(), PASSWORD.to_owned());
        }
        let wanted: &[&str] = match user {
            _ if is_login => &["login"],
            User::Accepts => &["accept", "logout"],
            User::RefusesConsent => &["cancel"],
        };
        let is_wanted = |word: &String| wanted.contains(&word.as_str());
        let pressed = self.buttons.into_iter().find(|(name, value)| is_wanted(name) || is_wanted(value));
        self.fields.into_iter().chain(pressed).collect()
    }
}

fn tags<'a>(page: &'a str, name: &'a str) -> impl Iterator<Item = &'a str> {
    let is_named =
        move |tag: &&str| tag.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name));
    page.split('<').filter(is_named).filter_map(|tag| tag.split('>').next())
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let wanted = format!(" {name}=\"");
    let start = tag.to_ascii_lowercase().find(&wanted)? + wanted.len();
    let value = tag.get(start..)?.split('"').next()?;
    let entities =
        [("&#38;", "&"), ("&#60;", "<"), ("&#62;", ">"), ("&#34;", "\""), ("&#39;", "'"), ("&amp;", "&")];
    Some(entities.iter().fold(value.to_owned(), |text, (entity, character)| text.replace(entity, character)))
}

/// What a reader would see of a page.
fn text(page: &str) -> String {
    let pieces = page.split('<').map(|piece| piece.split_once('>').map_or(piece, |(_, text)| text).trim());
    pieces.filter(|piece| !piece.is_empty()).collect::<Vec<_>>().join(" ")
}

fn encode(fields: Vec<(String, String)>) -> String {
    Serializer::new(String::new()).extend_pairs(fields).finish()
}
