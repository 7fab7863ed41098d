//! Leases and marks.

use std::time::{Duration, Instant};

use grantline_core::{End, Mark, RecordOperation, StoreReply};

use super::bench::{
    Bench, Rule, SHORT, Verdict, begin, begin_for, begun, begun_after, commit, end, held, loaded, rules,
};

pub(super) fn rules() -> Vec<Rule> {
    rules![
        "begin gives the record and takes the lease" => takes_the_lease,
        "a lease is held against its own attempt, too" => held_against_itself,
        "a lease changes nothing about what is loaded" => load_under_a_lease,
        "a lease ends by the store's clock and leaves its mark" => lease_ends,
        "the first mark stays, however many attempts are lost after it" => first_mark,
        "attempts keep all of their 128 bits" => wide_attempts,
        "a late answer is saved whoever holds the lease, and clears it" => late_commit,
        "a lease that ran out counts as held until it is taken over" => ends_after_its_time,
    ]
}

async fn takes_the_lease(bench: &Bench<'_>) -> Verdict {
    bench.given_lease("a", 1, 1).await?;
    held("begin of another attempt", &bench.does("a", begin(2)).await)?;
    bench.given_lease("b", 2, 1).await
}

async fn held_against_itself(bench: &Bench<'_>) -> Verdict {
    bench.given_lease("a", 1, 1).await?;
    held("begin of the same attempt", &bench.does("a", begin(1)).await)
}

async fn load_under_a_lease(bench: &Bench<'_>) -> Verdict {
    bench.given_lease("a", 1, 1).await?;
    bench.expect("a", RecordOperation::Load, loaded(1)).await
}

async fn lease_ends(bench: &Bench<'_>) -> Verdict {
    bench.given("a", 1).await?;
    let began = Instant::now();
    bench.expect("a", begin_for(1, SHORT), begun(1, None)).await?;
    // The store and this test may round differently.
    bench.pass(SHORT + Duration::from_millis(10)).await;
    let mark = begun_after("begin after the lease", bench.does("a", begin(2)).await, 1, 1)?;
    // A clock that the test moves may be further than the real one.
    let longest = began.elapsed() + SHORT + Duration::from_secs(1);
    match mark.age >= SHORT && mark.age <= longest {
        true => held("begin of a third attempt", &bench.does("a", begin(3)).await),
        false => Err(format!("a mark is {SHORT:?} old or a little more, not {:?}", mark.age)),
    }
}

async fn first_mark(bench: &Bench<'_>) -> Verdict {
    bench.given_lease("a", 1, 1).await?;
    bench.expect("a", end(1, 1, End::AnswerLost), StoreReply::Done).await?;
    begun_after("begin after one", bench.does("a", begin(2)).await, 1, 1)?;
    bench.expect("a", end(2, 1, End::AnswerLost), StoreReply::Done).await?;
    begun_after("begin after two", bench.does("a", begin(3)).await, 1, 1).map(drop::<Mark>)
}

async fn wide_attempts(bench: &Bench<'_>) -> Verdict {
    for (name, attempt) in [("lowest", 0), ("highest", u128::MAX), ("half", u128::from(u64::MAX) + 1)] {
        bench.given_lease(name, attempt, 1).await?;
        let cut = attempt & u128::from(u32::MAX);
        if cut != attempt {
            bench.expect(name, end(cut, 1, End::AnswerLost), StoreReply::Superseded).await?;
        }
        bench.expect(name, end(attempt, 1, End::AnswerLost), StoreReply::Done).await?;
        begun_after(name, bench.does(name, begin(5)).await, attempt, 1)?;
    }
    Ok(())
}

async fn late_commit(bench: &Bench<'_>) -> Verdict {
    bench.given("a", 1).await?;
    bench.expect("a", begin_for(1, SHORT), begun(1, None)).await?;
    bench.pass(SHORT + Duration::from_millis(10)).await;
    begun_after("begin after the lease", bench.does("a", begin(2)).await, 1, 1)?;
    bench.expect("a", commit(1), StoreReply::Done).await?;
    bench.expect("a", end(2, 1, End::RefusedByServer), StoreReply::Superseded).await?;
    bench.expect("a", begin(3), begun(2, None)).await
}

async fn ends_after_its_time(bench: &Bench<'_>) -> Verdict {
    bench.given("a", 1).await?;
    bench.expect("a", begin_for(1, SHORT), begun(1, None)).await?;
    bench.pass(SHORT + Duration::from_millis(10)).await;
    bench.expect("a", end(1, 1, End::AttemptSpentNothing), StoreReply::Done).await?;
    bench.expect("a", begin(2), begun(1, None)).await
}
