//! Who sits before the browser.

/// A user whom every provider of the tests knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum User {
    /// Logs in and gives access.
    Anna,
    /// Logs in and refuses access.
    AnnaWhoCancels,
    /// Another one, who logs in and gives access.
    Bo,
}

impl User {
    pub(crate) fn credentials(self) -> (&'static str, &'static str) {
        match self {
            Self::Anna | Self::AnnaWhoCancels => ("anna@example.com", "correct horse"),
            Self::Bo => ("bo@example.com", "battery staple"),
        }
    }

    /// What the buttons are called that this user presses, on a page that asks for a password or another one. At Keycloak
    /// it is the button's name, elsewhere its value.
    pub(crate) fn presses(self, is_login: bool) -> &'static [&'static str] {
        match self {
            _ if is_login => &["login"],
            Self::Anna | Self::Bo => &["accept", "logout"],
            Self::AnnaWhoCancels => &["cancel"],
        }
    }
}
