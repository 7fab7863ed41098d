//! The contract that every HTTP performer of grantline is put through, in whatever language it is written.
//!
//! Three parts:
//!
//! - `tests/vectors/performer.json`: the cases, each with the outcomes that are right;
//! - [`FaultServer`]: a server on loopback that misbehaves exactly as the case asks, and counts what reached it.
//!   Other languages start it as the binary `fault-server` and ask it over HTTP;
//! - [`contract::run`]: performs the cases with a performer written in Rust, and says what was wrong.
//!
//! # The cases as data
//!
//! | member of a case | meaning |
//! |---|---|
//! | `url` | where the request goes; `{http}` and the like are to be replaced by the origin of that name |
//! | `method` | `POST` unless given; a POST carries the headers and the body of `request` |
//! | `timeout_ms` | the time limit of the request, in milliseconds |
//! | `performs` | how often the request is performed, one after the other; 1 unless given. All but the last must be answered 200 |
//! | `trust_root` | whether the performer trusts the server's root certificate; `false` unless given |
//! | `cancel` | `after_arrival`: the caller goes away once the request has arrived, and the connection must be closed |
//! | `expect` | the outcomes that are right; any of them will do |
//! | `arrivals` | how often the request may have arrived complete at the case that the URL's path names |
//! | `written_at_most` | how many bytes the server may have got rid of before the performer hung up |
//! | `untouched` | another case, which must not have been reached |
//!
//! An expected response names its `status` and, where they matter, `headers`, the exact `body`, its length
//! `body_bytes`, the most that it may be, `body_bytes_at_most`, or members of the object that it is, `json`. An
//! expected failure names its `failure`
//! (`dns`, `connect`, `tls`, `timed_out`, `connection_lost`, `body_too_large`, `not_http`, `not_performed`) and what
//! is said of the request: `sent` is `certainly_not` or `maybe`.
//!
//! # Asking the server
//!
//! | request | answer |
//! |---|---|
//! | `GET /origins` | a JSON object: the origins by name, as `host:port` |
//! | `GET /root.pem` | the root certificate of the TLS origins |
//! | `GET /count/<case>` | how often a request of that case arrived complete, head and body |
//! | `GET /arrived/<case>` | the same, as soon as it is not 0 |
//! | `GET /written/<case>` | how many bytes of responses were written, as soon as the case has ended: the client hung up, or it was answered |
//! | `POST /reset`, `DELETE /reset` | sets all counters to zero |
//!
//! Those that wait give up after ten seconds, with status 504.

mod cases;
pub mod contract;
mod control;
mod journal;
mod server;
mod tls;
mod wire;

pub use server::FaultServer;
