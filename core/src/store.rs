//! The store as data: what a flow asks of it, what it answers, and how a row of it changes.
//!
//! A store sees names, generations, marks, leases and opaque bytes. Each operation on a key is atomic.

mod failure;
mod key;
mod operations;
mod row;

pub use failure::{StoreFailure, StoreFailureKind};
pub use key::{Collection, RecordKey, RecordKind};
pub use operations::{Attempt, End, Entry, Mark, Record, RecordOperation, StoreReply, StoreRequest, Which};
pub use row::{Change, Lease, Row, SetMark};
