//! Creating, loading, committing, deleting.

use grantline_core::{Generation, Record, RecordOperation, SecretBytes, StoreReply, UnixMillis};

use super::bench::{
    Bench, OUT_OF_REACH, Rule, Verdict, begin, begun, commit, create, ended, loaded, newer, record, rules,
};

pub(super) fn rules() -> Vec<Rule> {
    rules![
        "a record is loaded as it was created" => as_created,
        "nothing is found where nothing was kept" => nothing_there,
        "create answers what is newer and leaves it" => create_leaves_newer,
        "create over an older record takes its place" => create_over_older,
        "commit takes the place of what was spent" => commit_over_spent,
        "commit answers what is newer and leaves it" => commit_leaves_newer,
        "commit writes over a restored older copy" => commit_over_older,
        "commit writes where nothing is kept" => commit_onto_nothing,
        "delete removes whatever is kept" => delete_removes,
        "empty records and records of 1 MiB are kept" => sizes,
        "generations are compared as numbers up to the highest" => high_generations,
    ]
}

async fn as_created(bench: &Bench<'_>) -> Verdict {
    bench.given("a", 1).await?;
    bench.expect("a", RecordOperation::Load, loaded(1)).await?;
    let every_byte = SecretBytes::new((0..=255).collect());
    let discard_after = Some(UnixMillis(4_102_444_800_123));
    let record = Record { generation: Generation(7), bytes: every_byte, discard_after };
    let create = RecordOperation::Create { record: record.clone() };
    bench.expect("b", create, StoreReply::Done).await?;
    bench.expect("b", RecordOperation::Load, StoreReply::Loaded(record)).await
}

async fn nothing_there(bench: &Bench<'_>) -> Verdict {
    bench.expect("a", RecordOperation::Load, StoreReply::Missing).await?;
    bench.expect("a", begin(1), StoreReply::Missing).await?;
    bench.expect("a", RecordOperation::Close, StoreReply::Missing).await?;
    bench.expect("a", RecordOperation::Delete, StoreReply::Done).await
}

async fn create_leaves_newer(bench: &Bench<'_>) -> Verdict {
    bench.given("a", 5).await?;
    bench.expect("a", create(5), newer(5)).await?;
    bench.expect("a", create(1), newer(5)).await?;
    bench.expect("a", RecordOperation::Load, loaded(5)).await
}

async fn create_over_older(bench: &Bench<'_>) -> Verdict {
    bench.given_lease("a", 1, 5).await?;
    bench.expect("a", create(6), StoreReply::Done).await?;
    bench.expect("a", begin(2), begun(6, None)).await?;
    bench.expect("a", RecordOperation::Close, StoreReply::Closed(record(6))).await?;
    let closed = 6 + OUT_OF_REACH;
    bench.expect("a", create(closed), ended(closed)).await?;
    bench.expect("a", create(closed + 1), StoreReply::Done).await?;
    bench.expect("a", RecordOperation::Load, loaded(closed + 1)).await
}

async fn commit_over_spent(bench: &Bench<'_>) -> Verdict {
    bench.given_lease("a", 1, 1).await?;
    bench.expect("a", commit(1), StoreReply::Done).await?;
    bench.expect("a", RecordOperation::Load, loaded(2)).await?;
    bench.expect("a", begin(2), begun(2, None)).await
}

async fn commit_leaves_newer(bench: &Bench<'_>) -> Verdict {
    bench.given("a", 3).await?;
    bench.expect("a", commit(2), newer(3)).await?;
    bench.expect("a", commit(1), newer(3)).await?;
    bench.expect("a", RecordOperation::Load, loaded(3)).await
}

async fn commit_over_older(bench: &Bench<'_>) -> Verdict {
    bench.given("a", 3).await?;
    bench.expect("a", commit(8), StoreReply::Done).await?;
    bench.expect("a", RecordOperation::Load, loaded(9)).await
}

async fn commit_onto_nothing(bench: &Bench<'_>) -> Verdict {
    bench.expect("a", commit(3), StoreReply::Done).await?;
    bench.expect("a", RecordOperation::Load, loaded(4)).await
}

async fn delete_removes(bench: &Bench<'_>) -> Verdict {
    bench.given_lease("a", 1, 1).await?;
    bench.expect("a", RecordOperation::Delete, StoreReply::Done).await?;
    bench.expect("a", RecordOperation::Load, StoreReply::Missing).await?;
    bench.given("a", 1).await?;
    bench.expect("a", begin(2), begun(1, None)).await?;
    bench.expect("a", RecordOperation::Close, StoreReply::Closed(record(1))).await?;
    bench.expect("a", RecordOperation::Delete, StoreReply::Done).await?;
    bench.expect("a", RecordOperation::Load, StoreReply::Missing).await
}

async fn sizes(bench: &Bench<'_>) -> Verdict {
    let sized = |generation, length: usize| {
        // Not one byte repeated: a store that compresses or cuts shall not get away with it.
        let bytes = (0..length).map(|place| (place % 251).to_le_bytes()[0]).collect();
        Record::new(Generation(generation), SecretBytes::new(bytes))
    };
    for (generation, length) in [(1, 0), (2, 1 << 20), (3, 1), (4, (1 << 20) + 1)] {
        let record = sized(generation, length);
        let spent = Generation(generation - 1);
        let commit = RecordOperation::Commit { spent, record: record.clone() };
        bench.expect("a", commit, StoreReply::Done).await?;
        bench.expect("a", RecordOperation::Load, StoreReply::Loaded(record)).await?;
    }
    Ok(())
}

/// 2^53 is where numbers stop being whole in a script, 2^63 where they turn negative in a database.
async fn high_generations(bench: &Bench<'_>) -> Verdict {
    for edge in [(1 << 53) - 1, 1 << 53, (1 << 53) + 1, (1 << 63) - 2, (1 << 63) - 1, 1 << 63, u64::MAX - 1] {
        let name = format!("edge {edge}");
        bench.given(&name, edge).await?;
        bench.expect(&name, create(edge), newer(edge)).await?;
        bench.expect(&name, commit(edge - 1), newer(edge)).await?;
        bench.expect(&name, begin(1), begun(edge, None)).await?;
        bench.expect(&name, commit(edge), StoreReply::Done).await?;
        bench.expect(&name, commit(edge), newer(edge + 1)).await?;
        bench.expect(&name, RecordOperation::Load, loaded(edge + 1)).await?;
    }
    let highest = format!("edge {}", u64::MAX - 1);
    bench.expect(&highest, commit(u64::MAX), StoreReply::Done).await?;
    bench.expect(&highest, RecordOperation::Close, StoreReply::Closed(record(u64::MAX))).await?;
    bench.expect(&highest, create(u64::MAX), ended(u64::MAX)).await
}
