//! The place where an application is told what happens at the provider.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc;

use super::LIMIT;

pub struct Receiver {
    pub url: String,
    requests: mpsc::Receiver<Received>,
}

pub struct Received {
    head: String,
    pub body: String,
}

impl Receiver {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/told", listener.local_addr().unwrap());
        let (sender, requests) = mpsc::channel();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let received = Received::read(&mut stream);
                stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").unwrap();
                if sender.send(received).is_err() {
                    return;
                }
            }
        });
        Self { url, requests }
    }

    pub fn next(&self) -> Received {
        self.requests.recv_timeout(LIMIT).unwrap()
    }
}

impl Received {
    /// Empty, if it was not sent.
    pub fn header(&self, name: &str) -> &str {
        self.head.lines().find_map(|line| line.strip_prefix(&format!("{name}: "))).unwrap_or_default()
    }

    fn read(stream: &mut TcpStream) -> Self {
        let mut bytes = Vec::new();
        let mut part = [0; 1024];
        loop {
            let text = String::from_utf8_lossy(&bytes);
            if let Some((head, body)) = text.split_once("\r\n\r\n") {
                let received = Self { head: head.to_owned(), body: body.to_owned() };
                if received.header("content-length") == body.len().to_string() {
                    return received;
                }
            }
            let length = stream.read(&mut part).unwrap();
            assert_ne!(length, 0, "the request ended early");
            bytes.extend(&part[..length]);
        }
    }
}
