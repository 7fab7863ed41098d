//! A proxy in front of a server that counts how often the two sides took turns: a question and its answer, however
//! many packets each had, are one round trip.

use std::io::{self, Read as _, Write as _};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::thread;

/// The proxy. Its threads end with the process.
pub(crate) struct Turns {
    port: u16,
    count: Arc<Count>,
}

#[derive(Default)]
struct Count {
    questions: AtomicUsize,
    /// Whether the client spoke last.
    asked: AtomicBool,
}

impl Turns {
    /// Listens on loopback for what is meant for that port of it.
    pub(crate) fn before(server: u16) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let (port, count) = (listener.local_addr()?.port(), Arc::<Count>::default());
        let counted = Arc::clone(&count);
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                // A client whose server cannot be reached sees its connection end.
                let _ = connect(client, server, &counted);
            }
        });
        Ok(Self { port, count })
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// The round trips until now.
    pub(crate) fn count(&self) -> usize {
        self.count.questions.load(SeqCst)
    }
}

fn connect(client: TcpStream, server: u16, count: &Arc<Count>) -> io::Result<()> {
    let server = TcpStream::connect((Ipv4Addr::LOCALHOST, server))?;
    for stream in [&client, &server] {
        stream.set_nodelay(true)?;
    }
    let (questions, answers) = ((client.try_clone()?, server.try_clone()?), (server, client));
    for ((from, to), asks) in [(questions, true), (answers, false)] {
        let count = Arc::clone(count);
        thread::spawn(move || pass_on(from, to, || count.spoke(asks)));
    }
    Ok(())
}

/// Until one of the two ends it.
fn pass_on(mut from: TcpStream, mut to: TcpStream, seen: impl Fn()) {
    let mut buffer = [0; 16 * 1024];
    while let Ok(read @ 1..) = from.read(&mut buffer) {
        seen();
        if to.write_all(buffer.get(..read).unwrap_or_default()).is_err() {
            break;
        }
    }
    // The other one may be gone already.
    let _ = to.shutdown(Shutdown::Write);
}

impl Count {
    fn spoke(&self, asks: bool) {
        if asks && !self.asked.swap(true, SeqCst) {
            self.questions.fetch_add(1, SeqCst);
        } else if !asks {
            self.asked.store(false, SeqCst);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sent_before_an_answer_is_one_question() {
        let count = Count::default();
        for asks in [true, true, false, false, true, false] {
            count.spoke(asks);
        }
        assert_eq!(count.questions.load(SeqCst), 2);
    }
}
