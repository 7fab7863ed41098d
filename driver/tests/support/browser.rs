//! A scripted browser: follows the redirects, keeps the cookies, posts the forms of the login and consent pages.

use std::collections::BTreeMap;

use url::Url;
use url::form_urlencoded::Serializer;

/// What the user does at the provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum User {
    /// Logs in and gives access.
    Accepts,
    /// Logs in and refuses access.
    RefusesConsent,
}

/// Where the browser ended.
#[derive(Debug, PartialEq, Eq)]
pub enum Landing {
    /// At the redirect URI, with this URL.
    Url(String),
    /// With a form that it posts to the redirect URI.
    FormPost { action: String, body: String },
    /// On a page of the provider's: its text.
    Page(String),
}

/// One browser.
pub struct Browser {
    http: reqwest::Client,
    cookies: BTreeMap<String, String>,
}

type Failure = Box<dyn std::error::Error>;

impl Browser {
    pub fn new() -> Result<Self, Failure> {
        let http =
            reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().build()?;
        Ok(Self { http, cookies: BTreeMap::new() })
    }

    /// Opens the authorization URL and goes on until the provider is left, or a page comes that has no form to
    /// post.
    pub async fn log_in(&mut self, url: &str, user: User) -> Result<Landing, Failure> {
        let provider = Url::parse(url)?.origin();
        let mut page = self.get(url).await?;
        loop {
            let body = match page {
                Answer::Redirect(to) if Url::parse(&to)?.origin() != provider => return Ok(Landing::Url(to)),
                Answer::Redirect(to) => {
                    page = self.get(&to).await?;
                    continue;
                }
                Answer::Page(body) => body,
            };
            let Some(form) = Form::find(&body) else { return Ok(Landing::Page(body)) };
            let action = Url::parse(url)?.join(&form.action)?;
            if action.origin() != provider {
                return Ok(Landing::FormPost { action: form.action, body: encode(&form.fields) });
            }
            page = self.post(action, &form.filled(user)).await?;
        }
    }

    async fn get(&mut self, url: &str) -> Result<Answer, Failure> {
        let request = self.http.get(url);
        self.send(request).await
    }

    async fn post(&mut self, url: Url, fields: &[(String, String)]) -> Result<Answer, Failure> {
        let form = "application/x-www-form-urlencoded";
        let request = self.http.post(url).header("content-type", form).body(encode(fields));
        self.send(request).await
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
            Some(location) => Ok(Answer::Redirect(response.url().join(location.to_str()?)?.into())),
            None => Ok(Answer::Page(response.text().await?)),
        }
    }
}

enum Answer {
    Redirect(String),
    Page(String),
}

/// The first form of a page.
struct Form {
    action: String,
    fields: Vec<(String, String)>,
}

impl Form {
    fn find(page: &str) -> Option<Self> {
        let form = tags(page, "form").next()?;
        let inputs = tags(page, "input").filter(|tag| attribute(tag, "name").is_some());
        let fields = inputs.map(|tag| {
            let named = |name| attribute(tag, name).unwrap_or_default();
            (named("name"), named("value"))
        });
        Some(Self { action: attribute(form, "action")?, fields: fields.collect() })
    }

    /// The fields as the user sends them.
    fn filled(self, user: User) -> Vec<(String, String)> {
        let mut fields: BTreeMap<_, _> = self.fields.into_iter().collect();
        let is_login = fields.contains_key("password");
        if is_login {
            fields.insert("username".to_owned(), "anna@example.com".to_owned());
            fields.insert("password".to_owned(), "correct horse".to_owned());
        }
        let action = match user {
            _ if is_login => "login",
            User::Accepts => "accept",
            User::RefusesConsent => "cancel",
        };
        fields.insert("action".to_owned(), action.to_owned());
        fields.into_iter().collect()
    }
}

fn tags<'a>(page: &'a str, name: &'a str) -> impl Iterator<Item = &'a str> {
    page.split('<').filter(move |tag| tag.starts_with(name)).filter_map(|tag| tag.split('>').next())
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let value = tag.split_once(&format!(" {name}=\""))?.1.split('"').next()?;
    let entities =
        [("&#38;", "&"), ("&#60;", "<"), ("&#62;", ">"), ("&#34;", "\""), ("&#39;", "'"), ("&amp;", "&")];
    Some(entities.iter().fold(value.to_owned(), |text, (entity, character)| text.replace(entity, character)))
}

fn encode(fields: &[(String, String)]) -> String {
    Serializer::new(String::new()).extend_pairs(fields).finish()
}
