//! Names of any kind, and collections that stand apart.

use std::collections::BTreeSet;

use grantline_core::{Collection, RecordKey, RecordKind, RecordOperation, StoreReply, Which};

use super::bench::{Bench, Rule, Verdict, create, loaded, rules, same};

pub(super) fn rules() -> Vec<Rule> {
    rules![
        "names that differ in one byte are different records" => odd_names,
        "names of 256 bytes are kept whole" => long_names,
        "the same name in another collection is another record" => collections,
    ]
}

/// What stores are known to fold, trim, escape or take for a pattern.
const ODD: [&str; 34] = [
    "a",
    "A",
    "a ",
    " a",
    "a  b",
    "a b",
    "ab",
    "a/b",
    "a//b",
    "/",
    ".",
    "..",
    "../a",
    "a%2fb",
    "a%2Fb",
    "a\\b",
    "'",
    "''",
    "\"",
    "'; DROP TABLE record; --",
    "*",
    "?",
    "[a]",
    "_",
    "%",
    "{a}",
    ":",
    "a:b",
    "a+b",
    "~",
    "\u{e4}",
    "a\u{308}",
    "\u{1f600}",
    "\u{202e}a",
];

async fn odd_names(bench: &Bench<'_>) -> Verdict {
    for (generation, name) in (1..).zip(ODD) {
        bench.given(name, generation).await?;
    }
    for (generation, name) in (1..).zip(ODD) {
        bench.expect(name, RecordOperation::Load, loaded(generation)).await?;
    }
    let listed: BTreeSet<_> = bench.names(Which::Living).await?.into_iter().collect();
    same("the names listed", listed, ODD.iter().map(|&name| name.to_owned()).collect())
}

async fn long_names(bench: &Bench<'_>) -> Verdict {
    let names = ["x".repeat(256), format!("{}y", "x".repeat(255)), "\u{1f600}".repeat(64), "/".repeat(256)];
    for (generation, name) in (1..).zip(&names) {
        bench.given(name, generation).await?;
    }
    for (generation, name) in (1..).zip(&names) {
        bench.expect(name, RecordOperation::Load, loaded(generation)).await?;
    }
    let listed: BTreeSet<_> = bench.names(Which::Living).await?.into_iter().collect();
    same("the names listed", listed, names.into_iter().collect())
}

async fn collections(bench: &Bench<'_>) -> Verdict {
    let ids = ["client", "client2", "client x", "CLIENT", "c", "client/x", "client%20x", "*", "_lient"];
    let mut collections: Vec<Collection> = ids.iter().map(|id| bench.collection_of(id)).collect();
    let issuer = "https://contract.example/another";
    collections.push(Collection::new(RecordKind::ServiceToken, issuer, "client"));
    collections.push(Collection::new(RecordKind::Session, issuer, "client"));
    let key = |collection: &Collection| RecordKey { collection: collection.clone(), name: "x".to_owned() };
    for (generation, collection) in (1..).zip(&collections) {
        // The last two are not this run's own: an earlier one that was interrupted may have left them.
        bench.on(key(collection), RecordOperation::Delete).await;
        same("create", bench.on(key(collection), create(generation)).await, StoreReply::Done)?;
    }
    for (generation, collection) in (1..).zip(&collections) {
        let asked = format!("a record of {collection}");
        same(&asked, bench.on(key(collection), RecordOperation::Load).await, loaded(generation))?;
        let entries = bench.list(collection.clone(), Which::Living, None, 10).await?;
        let listed = entries.into_iter().map(|entry| (entry.name, entry.generation.0)).collect::<Vec<_>>();
        same(&format!("the list of {collection}"), listed, vec![("x".to_owned(), generation)])?;
    }
    Ok(())
}
