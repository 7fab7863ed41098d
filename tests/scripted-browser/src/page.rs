//! Pages and their forms, as far as logins have need of HTML.

use url::Url;
use url::form_urlencoded::Serializer;

use crate::user::User;

/// A page that a server answered with.
#[derive(Clone, Debug)]
pub struct Page {
    /// Where it was found, after all redirects.
    pub url: Url,
    /// The HTTP status that it came with.
    pub status: u16,
    /// The HTML.
    pub body: String,
}

/// A form, with the values that it was given.
#[derive(Clone, Debug)]
pub struct Form {
    /// Where it is posted to.
    pub action: Url,
    /// Names and values, in the page's order, and last the button that was pressed.
    pub fields: Vec<(String, String)>,
    pub(crate) page: Url,
    buttons: Vec<(String, String)>,
}

impl Page {
    /// The path where it was found.
    pub fn path(&self) -> &str {
        self.url.path()
    }

    /// The first form, with what stands in it or names it elsewhere (HTML, section 4.10.17.3). A button without a name is
    /// as good as none.
    pub fn form(&self) -> Option<Form> {
        let first = tags(&self.body).find(|tag| is_named(tag, "form"))?;
        let action = self.url.join(&attribute(first, "action")?).ok()?;
        let mut form = Form { action, fields: Vec::new(), page: self.url.clone(), buttons: Vec::new() };
        let inside = tags(&self.body).skip_while(|tag| !is_named(tag, "form"));
        let inside = inside.take_while(|tag| !is_named(tag, "/form"));
        inside.filter(|tag| attribute(tag, "form").is_none()).for_each(|tag| form.read(tag));
        if let Some(id) = attribute(first, "id") {
            tags(&self.body)
                .filter(|tag| attribute(tag, "form").as_ref() == Some(&id))
                .for_each(|tag| form.read(tag));
        }
        Some(form)
    }

    /// What a reader would see of it.
    pub fn text(&self) -> String {
        let pieces = self.body.split('<');
        let pieces = pieces.map(|piece| piece.split_once('>').map_or(piece, |(_, text)| text).trim());
        pieces.filter(|piece| !piece.is_empty()).collect::<Vec<_>>().join(" ")
    }
}

impl Form {
    /// The body that is posted.
    pub fn body(&self) -> String {
        Serializer::new(String::new()).extend_pairs(&self.fields).finish()
    }

    /// The same form on a page of another site.
    ///
    /// # Errors
    ///
    /// The address of that page is no URL.
    pub fn on_page(self, page: &str) -> Result<Self, url::ParseError> {
        Ok(Self { page: Url::parse(page)?, ..self })
    }

    /// As this user fills it in, with the button that this user presses.
    pub(crate) fn filled(mut self, user: User) -> Self {
        let is_login = self.fields.iter().any(|(name, _)| name == "password");
        let (username, password) = user.credentials();
        for (name, value) in &mut self.fields {
            match name.as_str() {
                "username" => username.clone_into(value),
                "password" => password.clone_into(value),
                _ => {}
            }
        }
        let wanted = user.presses(is_login);
        let is_wanted = |word: &String| wanted.contains(&word.as_str());
        let pressed = self.buttons.iter().find(|(name, value)| is_wanted(name) || is_wanted(value));
        self.fields.extend(pressed.cloned());
        self
    }

    fn read(&mut self, tag: &str) {
        let is_button = is_named(tag, "button");
        if !is_button && !is_named(tag, "input") {
            return;
        }
        let Some(name) = attribute(tag, "name") else { return };
        let value = attribute(tag, "value").unwrap_or_default();
        if is_button || attribute(tag, "type").as_deref() == Some("submit") {
            self.buttons.push((name, value));
        } else {
            self.fields.push((name, value));
        }
    }
}

/// What stands between `<` and `>`.
fn tags(page: &str) -> impl Iterator<Item = &str> {
    page.split('<').filter_map(|piece| piece.split('>').next())
}

/// Keycloak writes some of its tags in capitals.
fn is_named(tag: &str, name: &str) -> bool {
    tag.split_whitespace().next().is_some_and(|word| word.eq_ignore_ascii_case(name))
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let wanted = format!(" {name}=\"");
    let start = tag.to_ascii_lowercase().find(&wanted)? + wanted.len();
    let value = tag.get(start..)?.split('"').next()?;
    let entities =
        [("&#38;", "&"), ("&#60;", "<"), ("&#62;", ">"), ("&#34;", "\""), ("&#39;", "'"), ("&amp;", "&")];
    Some(entities.iter().fold(value.to_owned(), |text, (entity, character)| text.replace(entity, character)))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    const LOGIN: &str = r#"<h1>Log in</h1><FORM METHOD="post" ACTION="/login?a=1&amp;b=2">
<input type="hidden" name="transaction" value="&#34;t&#34;"><INPUT NAME="username"><input name="password" type="password">
<button name="action" value="login">Log in</button><button name="action" value="cancel">Cancel</button></FORM>
<form action="/other"><input name="further"></form>"#;

    fn form(body: &str) -> Form {
        let url = Url::parse("http://127.0.0.1:1/start").unwrap();
        Page { url, status: 200, body: body.to_owned() }.form().unwrap()
    }

    fn pair(name: &str, value: &str) -> (String, String) {
        (name.to_owned(), value.to_owned())
    }

    #[test]
    fn the_first_form_is_read_with_its_own_fields_whatever_the_case_of_its_tags() {
        let form = form(LOGIN);
        assert_eq!(form.action.as_str(), "http://127.0.0.1:1/login?a=1&b=2");
        assert_eq!(form.fields, [pair("transaction", "\"t\""), pair("username", ""), pair("password", "")]);
    }

    #[test]
    fn a_user_logs_in_and_presses_the_button_that_says_so_by_value_or_name() {
        let bo = form(LOGIN).filled(User::Bo).fields;
        assert_eq!(
            bo[1..],
            [pair("username", "bo@example.com"), pair("password", "battery staple"), pair("action", "login"),]
        );
        let consent = r#"<form action="/c"><input type="submit" name="accept" value="Yes"><input type="submit" name="cancel" value="No"></form>"#;
        assert_eq!(form(consent).filled(User::Anna).fields, [pair("accept", "Yes")]);
        assert_eq!(form(consent).filled(User::AnnaWhoCancels).fields, [pair("cancel", "No")]);
    }

    #[test]
    fn a_button_outside_that_names_the_form_is_the_form_s() {
        let form = form(
            r#"<form id="out" action="/o"><input name="xsrf" value="x"><button form="in" name="accept"></button></form>
<button form="out" name="logout" value="yes">Yes</button>"#,
        );
        assert_eq!(form.filled(User::Anna).fields, [pair("xsrf", "x"), pair("logout", "yes")]);
    }

    #[test]
    fn a_page_without_a_form_has_none_and_can_be_read() {
        let url = Url::parse("http://127.0.0.1:1/").unwrap();
        let page = Page { url, status: 400, body: "<h1>Sorry</h1>\n<p>No way.</p>".to_owned() };
        assert!(page.form().is_none());
        assert_eq!(page.text(), "Sorry No way.");
    }
}
