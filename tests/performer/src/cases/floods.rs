//! Answers that are too much, and those that are just not.

use std::io::Result;

use crate::journal::Visit;
use crate::wire::Wire;

const MIB: usize = 1024 * 1024;
const PIECE: usize = 64 * 1024;

/// A long answer, made while it is written.
#[derive(Debug)]
pub(super) struct Flood {
    head: String,
    body: Body,
}

#[derive(Debug)]
enum Body {
    /// So many bytes, in chunks or not (RFC 9112 section 7.1).
    Letters { length: usize, chunked: bool },
    /// These bytes.
    Bytes(Vec<u8>),
}

/// The flood of that case.
pub(super) fn of(case: &str) -> Option<Flood> {
    let length = match case {
        "huge-body" | "huge-body-chunked" => 1024 * MIB,
        "body-at-limit" | "body-at-limit-chunked" => MIB,
        "body-over-limit" | "body-over-limit-chunked" => MIB + 1,
        "gzip-bomb" => return Some(gzip_bomb()),
        "huge-header" => return Some(with_header(&format!("X-Pad: {}\r\n", "a".repeat(MIB)))),
        "many-headers" => return Some(with_header(&"X-Pad: a\r\n".repeat(100_000))),
        _ => return None,
    };
    let chunked = case.ends_with("-chunked");
    let framing = match chunked {
        true => "Transfer-Encoding: chunked\r\n".to_owned(),
        false => format!("Content-Length: {length}\r\n"),
    };
    let head = format!("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n{framing}\r\n");
    Some(Flood { head, body: Body::Letters { length, chunked } })
}

impl Flood {
    /// Writes it, as far as the client lets it.
    pub(super) async fn pour(&self, visit: &Visit<'_>, wire: &mut impl Wire) -> Result<()> {
        visit.write(wire, self.head.as_bytes()).await?;
        match &self.body {
            Body::Bytes(bytes) => visit.write(wire, bytes).await,
            Body::Letters { length, chunked: false } => {
                for at in (0..*length).step_by(PIECE) {
                    visit.write(wire, &b"a".repeat(PIECE.min(length - at))).await?;
                }
                Ok(())
            }
            Body::Letters { length, chunked: true } => {
                for at in (0..*length).step_by(PIECE) {
                    let size = PIECE.min(length - at);
                    let chunk = [format!("{size:x}\r\n").as_bytes(), &b"a".repeat(size), b"\r\n"].concat();
                    visit.write(wire, &chunk).await?;
                }
                visit.write(wire, b"0\r\n\r\n").await
            }
        }
    }
}

fn with_header(field_lines: &str) -> Flood {
    let head = format!("HTTP/1.1 200 OK\r\n{field_lines}Content-Length: 0\r\n\r\n");
    Flood { head, body: Body::Bytes(Vec::new()) }
}

fn gzip_bomb() -> Flood {
    let bomb = bomb(MIB / 2);
    let head = format!("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {}\r\n\r\n", bomb.len());
    Flood { head, body: Body::Bytes(bomb) }
}

/// A gzip member (RFC 1952) of this length that expands to 158 times as much: one zero, and then "258 bytes from
/// one byte back" again and again, in fixed Huffman codes (RFC 1951 section 3.2.6). Its end is missing: who gets
/// that far has failed already.
fn bomb(length: usize) -> Vec<u8> {
    const FINAL_FIXED_BLOCK: &str = "110";
    const LITERAL_ZERO: &str = "00110000";
    const LENGTH_258: &str = "11000101";
    const ONE_BACK: &str = "00000";
    let header = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    let again = [LENGTH_258, ONE_BACK].concat();
    let bits = FINAL_FIXED_BLOCK.bytes().chain(LITERAL_ZERO.bytes()).chain(again.bytes().cycle());
    let mut bits = bits.map(|bit| u8::from(bit == b'1'));
    let mut bytes = header.to_vec();
    bytes.resize_with(length, || (0..8).fold(0, |byte, at| byte | (bits.next().unwrap_or(0) << at)));
    bytes
}
