//! Cookies, as RFC 6265bis has a browser keep and send them, as far as tests can tell: by host and path, with `SameSite`
//! and the `__Host-` prefix. Loopback counts as secure.

use url::Url;

/// All cookies of one browser.
#[derive(Debug, Default)]
pub(crate) struct Cookies(Vec<Cookie>);

#[derive(Debug)]
struct Cookie {
    host: String,
    path: String,
    name: String,
    value: String,
    same_site: SameSite,
}

/// What is not said is `Lax`. `Strict` is not told apart from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum SameSite {
    Lax,
    None,
}

/// The attributes of a `Set-Cookie` header.
struct Attributes<'a>(Vec<(&'a str, &'a str)>);

impl Cookies {
    pub(crate) fn value(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|cookie| cookie.name == name).map(|cookie| &*cookie.value)
    }

    /// The `Cookie` header of a request, if there is any (RFC 6265bis, section 5.8).
    pub(crate) fn header(&self, url: &Url, is_cross_site_post: bool) -> Option<String> {
        let sent = |cookie: &&Cookie| {
            cookie.is_for(url) && (!is_cross_site_post || cookie.same_site == SameSite::None)
        };
        let pairs: Vec<String> =
            self.0.iter().filter(sent).map(|cookie| format!("{}={}", cookie.name, cookie.value)).collect();
        (!pairs.is_empty()).then(|| pairs.join("; "))
    }

    /// What an answer from `url` sets or deletes.
    pub(crate) fn keep(&mut self, url: &Url, set_cookie: &str) {
        let (pair, attributes) = set_cookie.split_once(';').unwrap_or((set_cookie, ""));
        let Some((name, value)) = pair.trim().split_once('=') else { return };
        let attributes = Attributes::read(attributes);
        if name.starts_with("__Host-") && !attributes.are_of_one_host() {
            return;
        }
        let same_site = match attributes.get("samesite") {
            Some(value) if value.eq_ignore_ascii_case("none") => SameSite::None,
            _ => SameSite::Lax,
        };
        let path = attributes.get("path").filter(|path| path.starts_with('/')).unwrap_or("/");
        let cookie = Cookie {
            host: url.host_str().unwrap_or_default().to_owned(),
            path: path.to_owned(),
            name: name.to_owned(),
            value: value.to_owned(),
            same_site,
        };
        self.replace(cookie, attributes.are_over());
    }

    pub(crate) fn plant(&mut self, host: &str, name: &str, value: &str) {
        let (host, path) = (host.to_owned(), "/".to_owned());
        let (name, value) = (name.to_owned(), value.to_owned());
        self.replace(Cookie { host, path, name, value, same_site: SameSite::Lax }, false);
    }

    fn replace(&mut self, cookie: Cookie, is_over: bool) {
        self.0.retain(|old| (&old.host, &old.path, &old.name) != (&cookie.host, &cookie.path, &cookie.name));
        if !is_over {
            self.0.push(cookie);
        }
    }
}

impl Cookie {
    /// Host and path, but not the port (RFC 6265bis, sections 5.1.4 and 8.5).
    fn is_for(&self, url: &Url) -> bool {
        let is_below = url
            .path()
            .strip_prefix(&self.path)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/') || self.path.ends_with('/'));
        is_below && Some(&*self.host) == url.host_str()
    }
}

impl<'a> Attributes<'a> {
    fn read(text: &'a str) -> Self {
        let pairs = text.split(';').map(|part| part.split_once('=').unwrap_or((part, "")));
        Self(pairs.map(|(name, value)| (name.trim(), value.trim())).collect())
    }

    fn get(&self, wanted: &str) -> Option<&'a str> {
        self.0.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, value)| *value)
    }

    /// What the prefix `__Host-` asks for (RFC 6265bis, section 4.1.3.2).
    fn are_of_one_host(&self) -> bool {
        self.get("secure").is_some() && self.get("domain").is_none() && self.get("path") == Some("/")
    }

    /// The ways in which the servers of the tests delete a cookie.
    fn are_over(&self) -> bool {
        self.get("max-age") == Some("0") || self.get("expires").is_some_and(|date| date.contains("1970"))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    fn kept(set_cookies: &[&str]) -> Cookies {
        let mut cookies = Cookies::default();
        for cookie in set_cookies {
            cookies.keep(&url("http://localhost:1/login"), cookie);
        }
        cookies
    }

    #[test]
    fn a_cookie_comes_back_to_its_host_on_every_port_and_below_its_path() {
        let cookies = kept(&["a=1; path=/login", "b=2; Path=/"]);
        let sent = |text| cookies.header(&url(text), false);
        assert_eq!(sent("http://localhost:2/login/next").as_deref(), Some("a=1; b=2"));
        assert_eq!(sent("http://localhost:1/logins").as_deref(), Some("b=2"));
        assert_eq!(sent("http://127.0.0.1:1/login"), None);
    }

    #[test]
    fn a_cookie_stays_behind_when_another_site_posts_unless_it_says_same_site_none() {
        let cookies = kept(&["a=1", "b=2; samesite=Lax", "c=3; SameSite=None; Secure"]);
        assert_eq!(cookies.header(&url("http://localhost:1/"), true).as_deref(), Some("c=3"));
    }

    #[test]
    fn a_cookie_is_replaced_and_deleted_at_its_own_path() {
        let cookies = kept(&["a=1; path=/x", "a=2", "a=3", "a=; path=/x; Max-Age=0"]);
        assert_eq!(cookies.value("a"), Some("3"));
        let gone = kept(&["a=1", "a=; expires=Thu, 01 Jan 1970 00:00:00 GMT"]);
        assert_eq!(gone.value("a"), None);
    }

    #[test]
    fn a_cookie_whose_name_binds_it_to_one_host_is_dropped_unless_it_is_so() {
        let cookies =
            kept(&["__Host-a=1; Path=/", "__Host-b=1; Secure; Path=/x", "__Host-c=1; Secure; Path=/"]);
        assert_eq!((cookies.value("__Host-a"), cookies.value("__Host-b")), (None, None));
        assert_eq!(cookies.value("__Host-c"), Some("1"));
    }
}
