//! What outlives a store that was opened, and what several of them see of each other.

use grantline_core::{End, RecordOperation, StoreReply, StoreRequest};

use super::bench::{Bench, Rule, Verdict, begin, begun_after, commit, end, held, loaded, newer, rules, same};
use super::concurrency::{begins_over, one_begun};
use crate::stores::Store;

pub(super) fn rules_of_one_process() -> Vec<Rule> {
    rules!["what was written is there when the store is opened again" => opened_again,]
}

pub(super) fn rules_of_many() -> Vec<Rule> {
    rules![
        "what one wrote, another reads at once" => read_by_another,
        "a lease that one took is held against another" => held_against_another,
        "of 100 that begin at once over three stores, one gets the lease" => begins_of_many,
        "a store that is opened leaves the leases of others alone" => opened_meanwhile,
    ]
}

async fn opened_again(bench: &Bench<'_>) -> Verdict {
    bench.given_lease("a", 1, 1).await?;
    bench.given_lease("b", 1, 1).await?;
    bench.expect("a", commit(1), StoreReply::Done).await?;
    bench.expect("b", end(1, 1, End::AnswerLost), StoreReply::Done).await?;
    bench.open_again();
    bench.expect("a", RecordOperation::Load, loaded(2)).await?;
    begun_after("begin after the mark", bench.does("b", begin(2)).await, 1, 1).map(drop)
}

async fn ask(bench: &Bench<'_>, store: &Store, name: &str, operation: RecordOperation) -> StoreReply {
    bench.ask(store, StoreRequest::On { key: bench.key(name), operation }).await
}

async fn read_by_another(bench: &Bench<'_>) -> Verdict {
    let another = bench.another();
    bench.given("a", 1).await?;
    same("load", ask(bench, &another, "a", RecordOperation::Load).await, loaded(1))?;
    same("commit", ask(bench, &another, "a", commit(1)).await, StoreReply::Done)?;
    bench.expect("a", commit(1), newer(2)).await
}

async fn held_against_another(bench: &Bench<'_>) -> Verdict {
    let another = bench.another();
    bench.given_lease("a", 1, 1).await?;
    held("begin by another", &ask(bench, &another, "a", begin(2)).await)?;
    let ended = ask(bench, &another, "a", end(2, 1, End::RefusedByServer)).await;
    same("end by another", ended, StoreReply::Superseded)?;
    same("a late commit by another", ask(bench, &another, "a", commit(1)).await, StoreReply::Done)?;
    bench.expect("a", RecordOperation::Load, loaded(2)).await
}

async fn begins_of_many(bench: &Bench<'_>) -> Verdict {
    bench.given("a", 1).await?;
    let stores = [bench.store(), bench.another(), bench.another()];
    one_begun(&begins_over(bench, &stores, "a").await)
}

async fn opened_meanwhile(bench: &Bench<'_>) -> Verdict {
    bench.given_lease("a", 1, 1).await?;
    drop(bench.another());
    let another = bench.another();
    held("begin by another", &ask(bench, &another, "a", begin(2)).await)
}
