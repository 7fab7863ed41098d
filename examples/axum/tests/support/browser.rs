//! A scripted browser: it follows redirects, fills in the forms of pages, and sends cookies as `SameSite` says
//! (RFC 6265bis section 5.6.7).

use reqwest::Method;
use reqwest::header::{CONTENT_TYPE, COOKIE, LOCATION, SET_COOKIE};
use url::Url;
use url::form_urlencoded::Serializer;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum User {
    Anna,
    Bo,
}

/// What the user presses on the consent page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Consent {
    Accept,
    Cancel,
}

pub struct Browser {
    http: reqwest::Client,
    cookies: Vec<Cookie>,
}

struct Cookie {
    host: String,
    name: String,
    value: String,
    same_site: SameSite,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum SameSite {
    Lax,
    None,
}

#[derive(Clone, Debug)]
pub struct Page {
    pub url: Url,
    pub status: u16,
    pub body: String,
}

#[derive(Clone, Debug)]
pub struct Form {
    pub action: Url,
    pub fields: Vec<(String, String)>,
    page: Url,
}

impl Default for Browser {
    fn default() -> Self {
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy();
        // Each request goes to the server that serves at its time.
        let http = http.pool_max_idle_per_host(0).build().unwrap();
        Self { http, cookies: Vec::new() }
    }
}

impl Browser {
    /// Opens a URL that the user typed.
    pub async fn open(&mut self, url: &str) -> Page {
        let url = Url::parse(url).unwrap();
        self.navigate(Method::GET, url.clone(), String::new(), &url).await
    }

    /// Posts a form of a page.
    pub async fn submit(&mut self, form: &Form) -> Page {
        self.navigate(Method::POST, form.action.clone(), encode(&form.fields), &form.page).await
    }

    /// Logs in, from this URL of the application to the form that the provider has the browser post to it.
    pub async fn log_in_up_to_the_callback(&mut self, url: &str, user: User, consent: Consent) -> Form {
        let mut page = self.open(url).await;
        loop {
            let form = page.form().unwrap_or_else(|| panic!("no form: {page:?}")).filled(user, consent);
            if form.action.path() == "/callback" {
                return form;
            }
            page = self.submit(&form).await;
        }
    }

    /// Logs in: the page of the application where that ends.
    pub async fn log_in(&mut self, url: &str, user: User) -> Page {
        let form = self.log_in_up_to_the_callback(url, user, Consent::Accept).await;
        self.submit(&form).await
    }

    /// The value of a cookie of the application's.
    pub fn cookie(&self, name: &str) -> Option<&str> {
        self.cookies.iter().find(|cookie| cookie.name == name).map(|cookie| &*cookie.value)
    }

    /// As somebody could who once had the browser in hand.
    pub fn plant_cookie(&mut self, name: &str, value: &str) {
        self.keep("localhost", &format!("{name}={value}"));
    }

    /// `from`: the page that leads there. Redirects keep it.
    async fn navigate(&mut self, method: Method, url: Url, body: String, from: &Url) -> Page {
        let (mut method, mut url, mut body) = (method, url, body);
        loop {
            let is_cross_site = from.host_str() != url.host_str();
            let cookies = self.cookies_for(&url, is_cross_site && method == Method::POST);
            let request = self.http.request(method, url.clone()).header(COOKIE, cookies);
            let request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(body);
            let response = request.send().await.unwrap();
            for cookie in response.headers().get_all(SET_COOKIE) {
                self.keep(url.host_str().unwrap(), cookie.to_str().unwrap());
            }
            let status = response.status().as_u16();
            let Some(location) = response.headers().get(LOCATION) else {
                return Page { url, status, body: response.text().await.unwrap() };
            };
            assert_eq!(status, 303, "a redirect that makes a GET of a POST");
            url = url.join(location.to_str().unwrap()).unwrap();
            (method, body) = (Method::GET, String::new());
        }
    }

    fn cookies_for(&self, url: &Url, is_cross_site_post: bool) -> String {
        let own = self.cookies.iter().filter(|cookie| Some(&*cookie.host) == url.host_str());
        let sent = own.filter(|cookie| !is_cross_site_post || cookie.same_site == SameSite::None);
        sent.map(|cookie| format!("{}={}", cookie.name, cookie.value)).collect::<Vec<_>>().join("; ")
    }

    fn keep(&mut self, host: &str, set_cookie: &str) {
        let (pair, attributes) = set_cookie.split_once(';').unwrap_or((set_cookie, ""));
        let (name, value) = pair.split_once('=').unwrap();
        let same_site = match attributes.contains("SameSite=None") {
            true => SameSite::None,
            false => SameSite::Lax,
        };
        if name.starts_with("__Host-") && !attributes.is_empty() {
            let has = |attribute| attributes.split("; ").any(|each| each.trim() == attribute);
            assert!(has("Secure") && has("HttpOnly") && has("Path=/"), "a browser drops {set_cookie}");
        }
        self.cookies.retain(|cookie| cookie.host != host || cookie.name != name);
        if !attributes.contains("Max-Age=0") {
            let (host, name, value) = (host.to_owned(), name.to_owned(), value.to_owned());
            self.cookies.push(Cookie { host, name, value, same_site });
        }
    }
}

impl Page {
    pub fn path(&self) -> &str {
        self.url.path()
    }

    /// The first form.
    pub fn form(&self) -> Option<Form> {
        let form = tags(&self.body, "form").next()?;
        let inputs = tags(&self.body, "input").filter(|tag| attribute(tag, "name").is_some());
        let fields = inputs.map(|tag| {
            let named = |name| attribute(tag, name).unwrap_or_default();
            (named("name"), named("value"))
        });
        let action = self.url.join(&attribute(form, "action")?).ok()?;
        Some(Form { action, fields: fields.collect(), page: self.url.clone() })
    }
}

impl Form {
    /// The same on a page of another site.
    pub fn on_page(self, page: &str) -> Self {
        Self { page: Url::parse(page).unwrap(), ..self }
    }

    /// As the user sends it, or as it is where the user has nothing to say.
    fn filled(mut self, user: User, consent: Consent) -> Self {
        let is_login = self.fields.iter().any(|(name, _)| name == "password");
        let (username, password) = match user {
            User::Anna => ("anna@example.com", "correct horse"),
            User::Bo => ("bo@example.com", "battery staple"),
        };
        let action = match (is_login, consent) {
            (true, _) => "login",
            (false, Consent::Accept) => "accept",
            (false, Consent::Cancel) => "cancel",
        };
        if self.action.path() == "/callback" {
            return self;
        }
        for (name, value) in &mut self.fields {
            match name.as_str() {
                "username" => username.clone_into(value),
                "password" => password.clone_into(value),
                _ => {}
            }
        }
        self.fields.push(("action".to_owned(), action.to_owned()));
        self
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
