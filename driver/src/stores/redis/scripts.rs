//! The scripts, one for each operation, and their arguments.

use std::sync::LazyLock;

use grantline_core::{Attempt, End, Generation, Record, RecordKey, RecordOperation, UnixMillis};
use redis::{Script, ScriptInvocation};

macro_rules! script {
    ($($part:literal),+) => {
        LazyLock::new(|| Script::new(concat!($(include_str!($part)),+)))
    };
}

static LOAD: LazyLock<Script> = script!("keys.lua", "row.lua", "load.lua");
static CREATE: LazyLock<Script> = script!("keys.lua", "row.lua", "create.lua");
static BEGIN: LazyLock<Script> = script!("keys.lua", "row.lua", "begin.lua");
static COMMIT: LazyLock<Script> = script!("keys.lua", "row.lua", "commit.lua");
static END: LazyLock<Script> = script!("keys.lua", "row.lua", "end.lua");
static CLOSE: LazyLock<Script> = script!("keys.lua", "row.lua", "close.lua");
static DELETE: LazyLock<Script> = script!("keys.lua", "delete.lua");

/// An operation on a record. `None`: one that this release does not know.
pub(super) fn invocation(key: &RecordKey, operation: &RecordOperation) -> Option<ScriptInvocation<'static>> {
    let (script, arguments) = match operation {
        RecordOperation::Load => (&LOAD, vec![]),
        RecordOperation::Create { record } => (&CREATE, record_arguments(record)),
        RecordOperation::Begin { attempt, ttl } => {
            (&BEGIN, vec![hex(*attempt), ttl.as_millis().to_string().into_bytes()])
        }
        RecordOperation::Commit { spent, record } => {
            let mut arguments = record_arguments(record);
            arguments.push(digits(*spent));
            (&COMMIT, arguments)
        }
        RecordOperation::End { attempt, spent, why } => {
            (&END, vec![hex(*attempt), digits(*spent), reason(*why).as_bytes().to_vec()])
        }
        RecordOperation::Close => (&CLOSE, vec![]),
        RecordOperation::Delete => (&DELETE, vec![]),
        _ => return None,
    };
    let names = Names(key.collection.as_str());
    let mut invocation = script.prepare_invoke();
    for key in [names.record(&key.name), names.living(), names.marked(), names.expiring()] {
        invocation.key(key);
    }
    invocation.arg(&key.name).arg(&arguments);
    Some(invocation)
}

/// The keys of a collection. What stands in braces decides in which slot of a cluster they are: all in one, so that
/// a script may use them together.
pub(super) struct Names<'a>(pub(super) &'a str);

impl Names<'_> {
    pub(super) fn record(&self, name: &str) -> String {
        format!("grantline:{{{}}}:record:{name}", self.0)
    }

    pub(super) fn living(&self) -> String {
        format!("grantline:{{{}}}:living", self.0)
    }

    pub(super) fn marked(&self) -> String {
        format!("grantline:{{{}}}:marked", self.0)
    }

    fn expiring(&self) -> String {
        format!("grantline:{{{}}}:expiring", self.0)
    }
}

fn record_arguments(record: &Record) -> Vec<Vec<u8>> {
    let discard_after = record.discard_after.map(|UnixMillis(time)| time.to_string()).unwrap_or_default();
    vec![digits(record.generation), record.bytes.expose_secret().to_vec(), discard_after.into_bytes()]
}

/// Of the same length for all, so that their order as text is their order.
fn digits(Generation(generation): Generation) -> Vec<u8> {
    format!("{generation:020}").into_bytes()
}

fn hex(Attempt(attempt): Attempt) -> Vec<u8> {
    format!("{attempt:032x}").into_bytes()
}

fn reason(why: End) -> &'static str {
    match why {
        End::AttemptSpentNothing => "spent_nothing",
        End::RefusedByServer => "refused_by_server",
        // And any later reason: a lease that is given back with its mark loses nothing.
        _ => "answer_lost",
    }
}
