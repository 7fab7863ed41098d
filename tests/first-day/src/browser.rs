//! The browser before which anna sits.

use grantline_scripted_browser::{Browser, Landing, Page, User};
use url::Url;

use crate::failure::Failure;

/// The user's browser, of whatever page she is asked to open.
pub(crate) struct Anna {
    browser: Browser,
    runtime: tokio::runtime::Runtime,
}

impl Anna {
    pub(crate) fn new() -> Result<Self, Failure> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        Ok(Self { browser: Browser::new()?, runtime })
    }

    /// Opens a page. Where it sends her to another server, she logs in there and gives access.
    pub(crate) fn open(&mut self, url: &str) -> Result<Page, Failure> {
        let Self { browser, runtime } = self;
        runtime.block_on(async {
            let page = browser.open(url).await?;
            match page.url.origin() == Url::parse(url)?.origin() {
                true => Ok(page),
                false => go_through(browser, page.url.as_str()).await,
            }
        })
    }

    /// What the emulator's test controls answer.
    pub(crate) fn get(&self, url: &str) -> Result<String, Failure> {
        let asked = async { client()?.get(url).send().await?.error_for_status()?.text().await };
        Ok(self.runtime.block_on(asked)?)
    }

    /// Has the emulator's test controls put JSON in the place of what is there.
    pub(crate) fn put(&self, url: &str, json: String) -> Result<(), Failure> {
        let request = client()?.put(url).header("content-type", "application/json").body(json);
        let answer = self.runtime.block_on(async { request.send().await?.error_for_status() });
        answer.map(drop).map_err(Failure::from)
    }
}

fn client() -> reqwest::Result<reqwest::Client> {
    reqwest::Client::builder().no_proxy().build()
}

/// What a native application has the system's browser open: logs in, gives access, and goes where that leads.
pub(crate) fn log_in(url: &str) -> Result<Page, Failure> {
    let Anna { mut browser, runtime } = Anna::new()?;
    runtime.block_on(go_through(&mut browser, url))
}

async fn go_through(browser: &mut Browser, url: &str) -> Result<Page, Failure> {
    match browser.go_through(url, User::Anna).await? {
        Landing::Url(url) => browser.open(&url).await,
        Landing::FormPost(form) => browser.submit(&form).await,
        Landing::Page(page) => Ok(page),
    }
}
