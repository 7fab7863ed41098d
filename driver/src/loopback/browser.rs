//! Opening a browser.

use std::io;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::task::spawn_blocking;
use tokio::time::timeout;

use super::options::Browser;

/// Whoever opens a browser and has not come back by then is the browser itself, or waits for it.
const PATIENCE: Duration = Duration::from_secs(3);

/// Whether it was opened; if not, why.
pub(super) type Opened = Result<(), String>;

/// Opens the browser on a thread of its own, and tells what became of it.
pub(super) fn open(browser: Browser, url: &str, runtime: &Handle) -> watch::Receiver<Option<Opened>> {
    let (sender, receiver) = watch::channel(None);
    let url = url.to_owned();
    runtime.spawn(async move {
        let opening = spawn_blocking(move || start(&browser, &url));
        let opened = match timeout(PATIENCE, opening).await {
            Err(_) | Ok(Ok(Ok(()))) => Ok(()),
            Ok(Ok(Err(error))) => Err(error.to_string()),
            Ok(Err(_)) => Err("the function that opens it panicked".to_owned()),
        };
        sender.send_replace(Some(opened));
    });
    receiver
}

fn start(browser: &Browser, url: &str) -> io::Result<()> {
    match browser {
        Browser::System => start_systems(url),
        Browser::Own(open) => open(url),
        Browser::None => Err(io::Error::other("none was to be opened")),
    }
}

/// Where there is no desktop, what opens URLs there would start a browser for terminals in the application's own.
#[cfg(all(unix, not(any(target_vendor = "apple", target_os = "android"))))]
fn start_systems(url: &str) -> io::Result<()> {
    const DESKTOPS: [&str; 4] = ["DISPLAY", "WAYLAND_DISPLAY", "BROWSER", "WSL_DISTRO_NAME"];
    let is_set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    match DESKTOPS.into_iter().any(is_set) {
        true => open::that_detached(url),
        false => Err(io::Error::other("there is no desktop")),
    }
}

#[cfg(any(windows, target_os = "macos"))]
fn start_systems(url: &str) -> io::Result<()> {
    open::that_detached(url)
}

#[cfg(not(any(
    windows,
    target_os = "macos",
    all(unix, not(any(target_vendor = "apple", target_os = "android")))
)))]
fn start_systems(_url: &str) -> io::Result<()> {
    Err(io::Error::other("this system has no browser that a program could start"))
}
