//! Many at once.

use futures_util::future::join_all;
use grantline_core::{RecordOperation, StoreReply, StoreRequest};

use super::bench::{Bench, Rule, Verdict, begin, begun, commit, create, held, loaded, newer, rules, same};

pub(super) fn rules() -> Vec<Rule> {
    rules![
        "of 100 that begin at once, one gets the lease" => begins,
        "of 50 that commit the same generation at once, one is saved" => commits,
        "of 50 that create the same generation at once, one is saved" => creates,
        "records do not disturb each other" => apart,
    ]
}

async fn begins(bench: &Bench<'_>) -> Verdict {
    bench.given("a", 1).await?;
    let replies = join_all((0..100).map(|attempt| bench.does("a", begin(attempt)))).await;
    one_begun(&replies)
}

/// One has the lease, and all others have to wait.
pub(super) fn one_begun(replies: &[StoreReply]) -> Verdict {
    let (given, refused): (Vec<_>, Vec<_>) =
        replies.iter().partition(|reply| matches!(reply, StoreReply::Begun { .. }));
    same("how often the lease was given", given.len(), 1)?;
    same("what the first got", given.first().copied().cloned(), Some(begun(1, None)))?;
    refused.into_iter().try_for_each(|reply| held("begin of another", reply))
}

async fn commits(bench: &Bench<'_>) -> Verdict {
    bench.given("a", 1).await?;
    one_saved(join_all((0..50).map(|_| bench.does("a", commit(1)))).await)?;
    bench.expect("a", RecordOperation::Load, loaded(2)).await
}

async fn creates(bench: &Bench<'_>) -> Verdict {
    one_saved(join_all((0..50).map(|_| bench.does("a", create(2)))).await)
}

fn one_saved(replies: Vec<StoreReply>) -> Verdict {
    let (saved, refused): (Vec<_>, Vec<_>) =
        replies.into_iter().partition(|reply| *reply == StoreReply::Done);
    same("how many were saved", saved.len(), 1)?;
    refused.into_iter().try_for_each(|reply| same("what another got", reply, newer(2)))
}

async fn apart(bench: &Bench<'_>) -> Verdict {
    let one = |place: u64| async move {
        let name = format!("name {place}");
        bench.given_lease(&name, u128::from(place), place).await?;
        bench.expect(&name, commit(place), StoreReply::Done).await?;
        bench.expect(&name, RecordOperation::Load, loaded(place + 1)).await
    };
    join_all((1..=40).map(one)).await.into_iter().collect()
}

/// The same request to several stores, over and over.
pub(super) async fn begins_over(bench: &Bench<'_>, stores: &[super::Store], name: &str) -> Vec<StoreReply> {
    let asked = (0..100).zip(stores.iter().cycle()).map(|(attempt, store)| {
        let request = StoreRequest::On { key: bench.key(name), operation: begin(attempt) };
        bench.ask(store, request)
    });
    join_all(asked).await
}
