//! Requests, redirects, and the way through a server's pages.

use reqwest::Method;
use reqwest::header::{CONTENT_TYPE, COOKIE, LOCATION, SET_COOKIE};
use url::{Origin, Url};

use crate::Failure;
use crate::cookies::Cookies;
use crate::page::{Form, Page};
use crate::user::User;

/// A login has no more pages, and a page no more redirects.
const LIMIT: usize = 20;

/// One browser, with its cookies.
#[derive(Debug)]
pub struct Browser {
    http: reqwest::Client,
    cookies: Cookies,
}

/// Where a server was left, or where its pages ended.
#[derive(Debug)]
pub enum Landing {
    /// It redirects to this URL of another server, which was not opened.
    Url(String),
    /// Its page holds this form, which goes to another server and was not posted.
    FormPost(Form),
    /// Its page has no form.
    Page(Page),
}

enum Arrival {
    Page(Page),
    Elsewhere(Url),
}

/// What is sent, and the page that leads there.
struct Navigation {
    method: Method,
    url: Url,
    body: String,
    from: Url,
}

impl Navigation {
    /// Of a URL that the user typed.
    fn to(url: &str) -> Result<Self, Failure> {
        let url = Url::parse(url)?;
        Ok(Self { method: Method::GET, from: url.clone(), url, body: String::new() })
    }

    fn of(form: &Form) -> Self {
        Self { method: Method::POST, url: form.action.clone(), body: form.body(), from: form.page.clone() }
    }

    /// The page that leads there stays the same.
    fn redirected(self, url: Url) -> Self {
        Self { method: Method::GET, url, body: String::new(), from: self.from }
    }
}

impl Browser {
    /// One that has no cookies yet.
    ///
    /// # Errors
    ///
    /// The HTTP client cannot be made.
    pub fn new() -> Result<Self, Failure> {
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy();
        // Each request goes to the server that answers at the address by then.
        let http = http.pool_max_idle_per_host(0).build()?;
        Ok(Self { http, cookies: Cookies::default() })
    }

    /// Opens a URL that the user typed: the page where its redirects end, on whatever server that is.
    ///
    /// # Errors
    ///
    /// A server cannot be reached, redirects without end, or has the browser repeat a POST (RFC 9700, section 4.12).
    pub async fn open(&mut self, url: &str) -> Result<Page, Failure> {
        self.follow(Navigation::to(url)?).await
    }

    /// Posts a form as it is: the page where that ends, on whatever server.
    ///
    /// # Errors
    ///
    /// As [`Browser::open`].
    pub async fn submit(&mut self, form: &Form) -> Result<Page, Failure> {
        self.follow(Navigation::of(form)).await
    }

    /// Opens a URL and goes on as this user does, form after form, until its server is left or a page has no form.
    ///
    /// # Errors
    ///
    /// As [`Browser::open`], and where forms come without end.
    pub async fn go_through(&mut self, url: &str, user: User) -> Result<Landing, Failure> {
        let mut next = Navigation::to(url)?;
        let server = next.url.origin();
        for _ in 0..LIMIT {
            let page = match self.navigate(next, Some(&server)).await? {
                Arrival::Elsewhere(url) => return Ok(Landing::Url(url.into())),
                Arrival::Page(page) => page,
            };
            let Some(form) = page.form() else { return Ok(Landing::Page(page)) };
            if form.action.origin() != server {
                return Ok(Landing::FormPost(form));
            }
            next = Navigation::of(&form.filled(user));
        }
        Err(format!("{url} is not left after {LIMIT} pages").into())
    }

    /// The value of a cookie, of whatever host.
    pub fn cookie(&self, name: &str) -> Option<&str> {
        self.cookies.value(name)
    }

    /// Puts a cookie there for a host, as somebody could who once had the browser in hand.
    pub fn plant_cookie(&mut self, host: &str, name: &str, value: &str) {
        self.cookies.plant(host, name, value);
    }

    async fn follow(&mut self, navigation: Navigation) -> Result<Page, Failure> {
        match self.navigate(navigation, None).await? {
            Arrival::Page(page) => Ok(page),
            Arrival::Elsewhere(url) => Err(format!("a redirect to {url} was not followed").into()),
        }
    }

    /// Follows redirects; `within` one server, if one is given.
    async fn navigate(
        &mut self,
        mut navigation: Navigation,
        within: Option<&Origin>,
    ) -> Result<Arrival, Failure> {
        for _ in 0..LIMIT {
            let response = self.send(&navigation).await?;
            let status = response.status().as_u16();
            let Some(location) = response.headers().get(LOCATION) else {
                let body = response.text().await?;
                return Ok(Arrival::Page(Page { url: navigation.url, status, body }));
            };
            let to = navigation.url.join(location.to_str()?)?;
            if within.is_some_and(|server| to.origin() != *server) {
                return Ok(Arrival::Elsewhere(to));
            }
            if status > 303 && navigation.method == Method::POST {
                return Err(format!("HTTP status {status} sends what was posted on to {to}").into());
            }
            navigation = navigation.redirected(to);
        }
        Err(format!("{} redirects without end", navigation.url).into())
    }

    async fn send(&mut self, to: &Navigation) -> Result<reqwest::Response, Failure> {
        let is_post = to.method == Method::POST;
        let is_cross_site = to.from.host_str() != to.url.host_str();
        let mut request = self.http.request(to.method.clone(), to.url.clone());
        if let Some(cookies) = self.cookies.header(&to.url, is_post && is_cross_site) {
            request = request.header(COOKIE, cookies);
        }
        if is_post {
            request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(to.body.clone());
        }
        let response = request.send().await?;
        for cookie in response.headers().get_all(SET_COOKIE) {
            self.cookies.keep(&to.url, cookie.to_str()?);
        }
        Ok(response)
    }
}
