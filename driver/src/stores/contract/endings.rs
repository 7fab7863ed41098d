//! Ending an attempt, and ending a session.

use grantline_core::{End, RecordOperation, StoreReply};

use super::bench::{
    Bench, OUT_OF_REACH, Rule, Verdict, begin, begun, begun_after, commit, create, end, ended, held, loaded,
    record, rules,
};

pub(super) fn rules() -> Vec<Rule> {
    rules![
        "an attempt that spent nothing clears its mark and its lease" => spent_nothing,
        "an attempt that spent nothing leaves the mark of an earlier one" => earlier_mark,
        "a lost answer clears the lease and leaves the mark" => answer_lost,
        "a refusal by the server leaves a tombstone that a late answer revives" => refused,
        "only the holder of the lease ends an attempt" => only_the_holder,
        "an attempt does not end what has moved on" => moved_on,
        "closing leaves a tombstone that no late answer revives" => closed,
        "a tombstone rises when it is closed" => closed_again,
        "a tombstone is begun by nobody and keeps nothing" => tombstones,
    ]
}

async fn spent_nothing(bench: &Bench<'_>) -> Verdict {
    bench.given_lease("a", 1, 1).await?;
    bench.expect("a", end(1, 1, End::AttemptSpentNothing), StoreReply::Done).await?;
    bench.expect("a", begin(2), begun(1, None)).await
}

async fn answer_lost(bench: &Bench<'_>) -> Verdict {
    bench.given_lease("a", 1, 1).await?;
    bench.expect("a", end(1, 1, End::AnswerLost), StoreReply::Done).await?;
    bench.expect("a", end(1, 1, End::AnswerLost), StoreReply::Superseded).await?;
    begun_after("begin after it", bench.does("a", begin(2)).await, 1, 1).map(drop)
}

async fn earlier_mark(bench: &Bench<'_>) -> Verdict {
    bench.given_lease("a", 1, 1).await?;
    bench.expect("a", end(1, 1, End::AnswerLost), StoreReply::Done).await?;
    begun_after("begin after it", bench.does("a", begin(2)).await, 1, 1)?;
    bench.expect("a", end(2, 1, End::AttemptSpentNothing), StoreReply::Done).await?;
    begun_after("begin after one that spent nothing", bench.does("a", begin(3)).await, 1, 1).map(drop)
}

async fn refused(bench: &Bench<'_>) -> Verdict {
    bench.given_lease("a", 1, 1).await?;
    bench.expect("a", end(1, 1, End::RefusedByServer), StoreReply::Done).await?;
    bench.expect("a", RecordOperation::Load, ended(1)).await?;
    bench.expect("a", create(1), ended(1)).await?;
    bench.expect("a", commit(0), ended(1)).await?;
    bench.expect("a", commit(1), StoreReply::Done).await?;
    bench.expect("a", RecordOperation::Load, loaded(2)).await?;
    bench.expect("a", begin(2), begun(2, None)).await
}

async fn only_the_holder(bench: &Bench<'_>) -> Verdict {
    bench.expect("a", end(1, 1, End::AnswerLost), StoreReply::Missing).await?;
    bench.given("a", 1).await?;
    bench.expect("a", end(1, 1, End::RefusedByServer), StoreReply::Superseded).await?;
    bench.expect("a", begin(1), begun(1, None)).await?;
    for why in [End::AttemptSpentNothing, End::AnswerLost, End::RefusedByServer] {
        bench.expect("a", end(2, 1, why), StoreReply::Superseded).await?;
    }
    held("begin afterwards", &bench.does("a", begin(3)).await)?;
    bench.expect("a", RecordOperation::Load, loaded(1)).await
}

async fn moved_on(bench: &Bench<'_>) -> Verdict {
    bench.given_lease("a", 1, 1).await?;
    bench.expect("a", end(1, 0, End::RefusedByServer), StoreReply::Superseded).await?;
    bench.expect("a", end(1, 2, End::RefusedByServer), StoreReply::Superseded).await?;
    bench.expect("a", commit(1), StoreReply::Done).await?;
    bench.expect("a", end(1, 1, End::RefusedByServer), StoreReply::Superseded).await?;
    bench.expect("a", RecordOperation::Load, loaded(2)).await
}

async fn closed(bench: &Bench<'_>) -> Verdict {
    bench.given_lease("a", 1, 1).await?;
    bench.expect("a", RecordOperation::Close, StoreReply::Closed(record(1))).await?;
    bench.expect("a", commit(1), ended(1 + OUT_OF_REACH)).await?;
    bench.expect("a", RecordOperation::Load, ended(1 + OUT_OF_REACH)).await
}

async fn closed_again(bench: &Bench<'_>) -> Verdict {
    bench.given_lease("a", 1, 1).await?;
    bench.expect("a", end(1, 1, End::RefusedByServer), StoreReply::Done).await?;
    bench.expect("a", RecordOperation::Close, ended(1)).await?;
    bench.expect("a", commit(1), ended(1 + OUT_OF_REACH)).await?;
    bench.expect("a", RecordOperation::Close, ended(1 + OUT_OF_REACH)).await?;
    bench.expect("a", RecordOperation::Load, ended(1 + 2 * OUT_OF_REACH)).await
}

async fn tombstones(bench: &Bench<'_>) -> Verdict {
    bench.given_lease("a", 1, 1).await?;
    bench.expect("a", end(1, 1, End::RefusedByServer), StoreReply::Done).await?;
    bench.expect("a", begin(2), ended(1)).await?;
    bench.expect("a", end(1, 1, End::AnswerLost), StoreReply::Superseded).await?;
    bench.expect("a", create(2), StoreReply::Done).await?;
    bench.expect("a", begin(2), begun(2, None)).await
}
