//! Effects and replies in a few words, for traces.

use grantline_core::{Effect, RecordOperation, Reply, Sent, StoreReply, StoreRequest};

pub(crate) fn effect(effect: &Effect) -> String {
    match effect {
        Effect::Http(request) => {
            let body = request.body.as_ref().map(|body| String::from_utf8_lossy(body.expose_secret()));
            let body = body.unwrap_or_default();
            let token = body.split('&').find(|member| member.contains("token=rt")).unwrap_or("something");
            format!("send {token}")
        }
        Effect::Store(StoreRequest::On { key, operation }) => on(&key.name, operation),
        Effect::Store(StoreRequest::List { which, .. }) => format!("list what is {which:?}"),
        other => format!("{other:?}"),
    }
}

fn on(name: &str, operation: &RecordOperation) -> String {
    match operation {
        RecordOperation::Create { .. } => format!("create session {name}"),
        RecordOperation::Load => format!("load session {name}"),
        RecordOperation::Begin { ttl, .. } => {
            format!("begin a refresh of session {name}, for {} ms", ttl.as_millis())
        }
        RecordOperation::Commit { spent, record } => {
            format!("commit generation {} over {} of session {name}", record.generation.0, spent.0)
        }
        RecordOperation::End { why, .. } => format!("end its attempt at session {name}: {why:?}"),
        RecordOperation::Close => format!("close session {name}"),
        RecordOperation::Delete => format!("delete session {name}"),
        _ => format!("do something unknown to session {name}"),
    }
}

pub(crate) fn reply(reply: &Reply) -> &'static str {
    match reply {
        Reply::Http(Ok(response)) if response.status == 200 => "the server answered",
        Reply::Http(Ok(response)) if response.status == 400 => "the server refused",
        Reply::Http(Ok(_)) => "the server is in trouble",
        Reply::Http(Err(failure)) if failure.sent == Sent::CertainlyNot => "nothing was sent",
        Reply::Http(Err(_)) => "it may have arrived, and no answer came",
        Reply::Store(reply) => stored(reply),
        _ => "done",
    }
}

fn stored(reply: &StoreReply) -> &'static str {
    match reply {
        StoreReply::Done => "the store did it",
        StoreReply::Loaded(_) => "the record",
        StoreReply::Begun { earlier: None, .. } => "the lease is its own",
        StoreReply::Begun { .. } => "the lease is its own, and there is an earlier mark",
        StoreReply::Held { .. } => "the lease is held",
        StoreReply::Newer(_) => "there is a newer record",
        StoreReply::Ended { .. } => "the session has ended",
        StoreReply::Superseded => "another attempt took over",
        StoreReply::Closed(_) => "it is closed",
        StoreReply::Listed(_) => "a list",
        StoreReply::Failed(_) => "the store did not do it",
        _ => "the store answered",
    }
}
