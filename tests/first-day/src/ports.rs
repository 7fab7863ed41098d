//! The ports of the page, and those of a test.
//!
//! The page has two: the emulator's 4455, and 8080 of the application that users log in to. Here both are free ones, so that
//! tests can run side by side. A server is told to take any port, and says which it took. `localhost:8080` has to be known
//! before that: it is a [`Front`], which is open from the start and leads to the server.

use std::io;
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};
use std::thread;

use crate::failure::Failure;

const EMULATOR: &str = "4455";
const SITE: &str = "8080";

pub(crate) struct Ports {
    emulator: Option<u16>,
    front: Front,
}

impl Ports {
    pub(crate) fn new() -> Result<Self, Failure> {
        Ok(Self { emulator: None, front: Front::open()? })
    }

    /// Commands, and what they show.
    pub(crate) fn of(&self, text: &str) -> String {
        let text = text.replace(&format!("localhost:{SITE}"), &format!("localhost:{}", self.front.port));
        match self.emulator {
            Some(port) => text.replace(EMULATOR, &port.to_string()),
            None => text,
        }
    }

    /// The commands of a server.
    pub(crate) fn of_server(&self, script: &str) -> String {
        let mut script = script.replace(&format!("127.0.0.1:{SITE}"), "127.0.0.1:0");
        for port in [EMULATOR, SITE] {
            script = script.replace(&format!("--port {port}"), "--port 0");
        }
        self.of(&script)
    }

    /// Whether a server's line is the one that the page shows; then the port in it is remembered.
    pub(crate) fn learn(&mut self, shown: &str, line: &str) -> bool {
        if let Some(port) = port_in(shown, EMULATOR, line) {
            self.emulator = Some(port);
            return true;
        }
        let port = port_in(shown, SITE, line);
        port.inspect(|port| self.front.lead_to(*port)).is_some()
    }

    pub(crate) fn emulator(&self) -> Option<u16> {
        self.emulator
    }
}

/// The number in the place where the page has `port`.
fn port_in(shown: &str, port: &str, line: &str) -> Option<u16> {
    let (before, _) = shown.split_once(port)?;
    let rest = line.strip_prefix(before)?;
    rest.split(|character: char| !character.is_ascii_digit()).next()?.parse().ok()
}

/// A port of `localhost` from which connections go on to a server, once there is one.
struct Front {
    port: u16,
    leads_to: Arc<AtomicU16>,
}

impl Front {
    fn open() -> Result<Self, Failure> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let (port, leads_to) = (listener.local_addr()?.port(), Arc::new(AtomicU16::new(0)));
        let server = Arc::clone(&leads_to);
        thread::spawn(move || {
            for browser in listener.incoming().map_while(Result::ok) {
                let port = server.load(Ordering::SeqCst);
                // Without a server the connection is closed, as the system would refuse it.
                thread::spawn(move || lead(&browser, port));
            }
        });
        Ok(Self { port, leads_to })
    }

    fn lead_to(&self, port: u16) {
        self.leads_to.store(port, Ordering::SeqCst);
    }
}

fn lead(browser: &TcpStream, port: u16) -> io::Result<()> {
    let server = TcpStream::connect(("127.0.0.1", port))?;
    let (mut from_browser, mut to_server) = (browser.try_clone()?, server.try_clone()?);
    let there = thread::spawn(move || {
        // Either side may close at any time.
        let _ = io::copy(&mut from_browser, &mut to_server);
        let _ = to_server.shutdown(std::net::Shutdown::Write);
    });
    io::copy(&mut &server, &mut &*browser)?;
    browser.shutdown(std::net::Shutdown::Both)?;
    // The thread ends with the connection.
    drop(there);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_port_is_where_the_page_has_one() {
        assert_eq!(
            port_in("ready http://127.0.0.1:4455", "4455", "ready http://127.0.0.1:39001"),
            Some(39001)
        );
        let running = "INFO:     Uvicorn running on http://127.0.0.1:8080 (Press CTRL+C to quit)";
        assert_eq!(port_in(running, "8080", &running.replace("8080", "39002")), Some(39002));
        for line in ["", "ready", "ready http://127.0.0.1:", "not ready http://127.0.0.1:1"] {
            assert_eq!(port_in("ready http://127.0.0.1:4455", "4455", line), None, "{line}");
        }
    }

    #[test]
    fn commands_get_the_ports_of_the_test() {
        let mut ports = Ports::new().unwrap();
        assert_eq!(ports.of_server("grantline emulator --port 4455"), "grantline emulator --port 0");
        assert!(ports.learn("ready http://127.0.0.1:4455", "ready http://127.0.0.1:39001"));
        assert_eq!(ports.of("curl http://127.0.0.1:4455/api"), "curl http://127.0.0.1:39001/api");
        let (front, server) = (ports.front.port, "LISTEN=127.0.0.1:8080 BASE_URL=http://localhost:8080 a");
        assert_eq!(
            ports.of_server(server),
            format!("LISTEN=127.0.0.1:0 BASE_URL=http://localhost:{front} a")
        );
    }
}
