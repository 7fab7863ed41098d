//! An application's own endpoint: takes what the emulator sends by itself, and answers.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::sync::mpsc;
use std::time::Duration;

use url::form_urlencoded;

pub struct Receiver {
    pub url: String,
    requests: mpsc::Receiver<Received>,
}

pub struct Received {
    pub head: String,
    pub body: String,
}

impl Receiver {
    /// Answers every request with this status line.
    pub fn answering(status: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/told?by=emulator", listener.local_addr().unwrap());
        let (sender, requests) = mpsc::channel();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let received = read(&mut stream);
                write!(stream, "HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n").unwrap();
                if sender.send(received).is_err() {
                    return;
                }
            }
        });
        Self { url, requests }
    }

    pub fn next(&self) -> Received {
        self.requests.recv_timeout(Duration::from_secs(30)).expect("a request")
    }

    pub fn is_idle(&self) -> bool {
        self.requests.try_recv().is_err()
    }
}

impl Received {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| line.strip_prefix(&format!("{name}: ")))
    }

    pub fn form(&self) -> BTreeMap<String, String> {
        form_urlencoded::parse(self.body.as_bytes()).into_owned().collect()
    }
}

fn read(stream: &mut std::net::TcpStream) -> Received {
    let mut bytes = Vec::new();
    let mut part = [0; 1024];
    loop {
        let text = String::from_utf8(bytes.clone()).unwrap();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
            if body.len() == length.parse::<usize>().unwrap() {
                return Received { head: head.to_owned(), body: body.to_owned() };
            }
        }
        let length = stream.read(&mut part).unwrap();
        assert_ne!(length, 0, "the request ended early");
        bytes.extend(&part[..length]);
    }
}
