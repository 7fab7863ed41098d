//! Lists.

use std::time::Duration;

use grantline_core::{End, RecordOperation, StoreReply, Which};

use super::bench::{Bench, Rule, SHORT, Verdict, begin, begin_for, begun, commit, end, record, rules, same};

pub(super) fn rules() -> Vec<Rule> {
    rules![
        "names are listed in the order of their bytes, page by page" => pages,
        "an empty collection has an empty list" => empty,
        "tombstones are not listed as living" => living,
        "a list tells generations" => generations,
        "abandoned are those with a mark and no lease that runs" => abandoned,
    ]
}

async fn pages(bench: &Bench<'_>) -> Verdict {
    let mut names = ["b", "B", "a", "\u{e9}", "a b", "ab", "a!", "~", "Z", "z", "0", "\u{1f600}", "-"]
        .map(str::to_owned)
        .to_vec();
    for name in &names {
        bench.given(name, 1).await?;
    }
    names.sort();
    for limit in [1, 2, 5, 13, 14, u32::MAX] {
        let listed = all_pages(bench, limit, names.len() + 2).await?;
        same(&format!("the list in pages of {limit}"), listed, names.clone())?;
    }
    let after = bench.list(bench.collection(), Which::Living, Some("aa"), 1).await?;
    let after = after.into_iter().map(|entry| entry.name).collect::<Vec<_>>();
    same("the list after a name that is not there", after, vec!["ab".to_owned()])
}

async fn all_pages(bench: &Bench<'_>, limit: u32, most: usize) -> Result<Vec<String>, String> {
    let mut names: Vec<String> = Vec::new();
    for _ in 0..most {
        let after = names.last().map(String::as_str);
        let page = bench.list(bench.collection(), Which::Living, after, limit).await?;
        let length = u32::try_from(page.len()).unwrap_or(u32::MAX);
        names.extend(page.into_iter().map(|entry| entry.name));
        match length {
            length if length > limit => return Err(format!("a page of {limit} has {length} names")),
            length if length < limit => return Ok(names),
            _ => {}
        }
    }
    Err(format!("there is no end to the pages of {limit}: {names:?}"))
}

async fn empty(bench: &Bench<'_>) -> Verdict {
    same("living", bench.names(Which::Living).await?, Vec::new())?;
    same("abandoned", bench.names(Which::Abandoned).await?, Vec::new())
}

async fn living(bench: &Bench<'_>) -> Verdict {
    bench.given("a", 1).await?;
    bench.given("b", 1).await?;
    bench.given_lease("c", 1, 1).await?;
    bench.given_lease("d", 1, 1).await?;
    bench.expect("b", RecordOperation::Close, StoreReply::Closed(record(1))).await?;
    bench.expect("c", end(1, 1, End::RefusedByServer), StoreReply::Done).await?;
    same("living", bench.names(Which::Living).await?, vec!["a".to_owned(), "d".to_owned()])
}

async fn generations(bench: &Bench<'_>) -> Verdict {
    for (name, generation) in [("a", 3), ("b", u64::MAX)] {
        bench.given(name, generation).await?;
    }
    let entries = bench.list(bench.collection(), Which::Living, None, 9).await?;
    let generations = entries.into_iter().map(|entry| entry.generation.0).collect::<Vec<_>>();
    same("the generations", generations, vec![3, u64::MAX])
}

async fn abandoned(bench: &Bench<'_>) -> Verdict {
    for name in ["committed", "lost", "refused", "ran out", "spent nothing", "untouched"] {
        bench.given(name, 1).await?;
    }
    for name in ["committed", "lost", "refused", "spent nothing"] {
        bench.expect(name, begin(1), begun(1, None)).await?;
    }
    bench.expect("ran out", begin_for(1, SHORT), begun(1, None)).await?;
    bench.given_lease("still held", 1, 1).await?;
    bench.expect("committed", commit(1), StoreReply::Done).await?;
    bench.expect("lost", end(1, 1, End::AnswerLost), StoreReply::Done).await?;
    bench.expect("refused", end(1, 1, End::RefusedByServer), StoreReply::Done).await?;
    bench.expect("spent nothing", end(1, 1, End::AttemptSpentNothing), StoreReply::Done).await?;
    bench.pass(SHORT + Duration::from_millis(10)).await;
    let due = vec!["lost".to_owned(), "ran out".to_owned()];
    same("abandoned", bench.names(Which::Abandoned).await?, due)?;
    let page = bench.list(bench.collection(), Which::Abandoned, Some("lost"), 1).await?;
    let page = page.into_iter().map(|entry| entry.name).collect::<Vec<_>>();
    same("the second page of abandoned", page, vec!["ran out".to_owned()])
}
