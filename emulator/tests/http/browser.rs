//! A scripted browser: keeps cookies, follows the emulator's own redirects, posts its forms.

use std::collections::BTreeMap;

use reqwest::Method;
use url::Url;

use crate::support::{Answer, FORM, World, encode};

pub struct Browser<'a> {
    world: &'a World,
    cookies: BTreeMap<String, String>,
}

/// Where the browser ended up.
pub enum Place {
    /// A page of the emulator.
    Page { path: String, answer: Answer },
    /// A redirect that leaves the emulator: the authorization response.
    Left { location: String, status: u16 },
}

impl<'a> Browser<'a> {
    pub fn new(world: &'a World) -> Self {
        Self { world, cookies: BTreeMap::new() }
    }

    /// One that has been here before.
    pub fn with_cookies(world: &'a World, cookies: BTreeMap<String, String>) -> Self {
        Self { world, cookies }
    }

    pub fn into_cookies(self) -> BTreeMap<String, String> {
        self.cookies
    }

    pub async fn open(&mut self, path: &str) -> Place {
        self.go(Method::GET, path.to_owned(), String::new()).await
    }

    /// Posts the one form of `page` with its hidden fields, these fields and the button `action`.
    pub async fn submit(&mut self, page: &Place, fields: &[(&str, &str)], action: &str) -> Place {
        let html = page.html();
        let hidden = hidden_fields(html);
        let mut form: Vec<(&str, &str)> =
            hidden.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        form.extend(fields);
        form.push(("action", action));
        let target = attribute(html.split("<form").nth(1).expect("a form"), "action");
        self.go(Method::POST, target, encode(&form)).await
    }

    pub async fn post(&mut self, path: &str, form: String) -> Place {
        self.go(Method::POST, path.to_owned(), form).await
    }

    pub async fn log_in(&mut self, page: &Place, username: &str, password: &str) -> Place {
        self.submit(page, &[("username", username), ("password", password)], "login").await
    }

    /// Opens `path`, logs Anna in and accepts, as far as the emulator asks for it.
    pub async fn approve(&mut self, path: &str) -> Place {
        let mut place = self.open(path).await;
        if place.path() == Some("/login") {
            place = self.log_in(&place, "anna@example.com", "correct horse").await;
        }
        if place.path() == Some("/consent") {
            place = self.submit(&place, &[], "accept").await;
        }
        place
    }

    async fn go(&mut self, method: Method, path: String, form: String) -> Place {
        let (mut method, mut path, mut form) = (method, path, form);
        loop {
            let answer = self.send(method, &path, form).await;
            let Some(location) = answer.header("location").map(str::to_owned) else {
                return Place::Page { path: path.split('?').next().unwrap_or("").to_owned(), answer };
            };
            let location_in_emulator = location.strip_prefix(&self.world.emulator.url()).unwrap_or(&location);
            if !location_in_emulator.starts_with('/') {
                return Place::Left { location, status: answer.status };
            }
            (method, path, form) = (Method::GET, location_in_emulator.to_owned(), String::new());
        }
    }

    async fn send(&mut self, method: Method, path: &str, form: String) -> Answer {
        let cookies =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ");
        let answer =
            self.world.send(method, path, &[("cookie", &cookies), ("content-type", FORM)], form).await;
        for cookie in answer.headers.get_all("set-cookie") {
            let pair = cookie.to_str().unwrap().split(';').next().unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
        answer
    }
}

impl Place {
    /// The path of a page of the emulator.
    pub fn path(&self) -> Option<&str> {
        match self {
            Self::Page { path, .. } => Some(path),
            Self::Left { .. } => None,
        }
    }

    pub fn answer(&self) -> &Answer {
        match self {
            Self::Page { answer, .. } => answer,
            Self::Left { location, .. } => panic!("left to {location}"),
        }
    }

    pub fn html(&self) -> &str {
        &self.answer().body
    }

    pub fn location(&self) -> &str {
        match self {
            Self::Page { path, answer } => panic!("still at {path}: {}", answer.body),
            Self::Left { location, .. } => location,
        }
    }

    pub fn status(&self) -> u16 {
        match self {
            Self::Page { answer, .. } => answer.status,
            Self::Left { status, .. } => *status,
        }
    }

    /// The parameters of an authorization response: of the redirect, or of the form that would be posted.
    pub fn response(&self) -> BTreeMap<String, String> {
        match self {
            Self::Page { answer, .. } => hidden_fields(&answer.body).into_iter().collect(),
            Self::Left { location, .. } => {
                let url = Url::parse(location).unwrap();
                url.query_pairs().map(|(name, value)| (name.into_owned(), value.into_owned())).collect()
            }
        }
    }
}

pub fn hidden_fields(html: &str) -> Vec<(String, String)> {
    html.split("<input type=\"hidden\"")
        .skip(1)
        .map(|field| (attribute(field, "name"), attribute(field, "value")))
        .collect()
}

fn attribute(tag: &str, name: &str) -> String {
    let start = tag.find(&format!("{name}=\"")).expect(name) + name.len() + 2;
    let value = tag[start..].split('"').next().unwrap();
    value
        .replace("&quot;", "\"")
        .replace("&#34;", "\"")
        .replace("&#39;", "'")
        .replace("&#60;", "<")
        .replace("&#62;", ">")
        .replace("&#38;", "&")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&")
}
