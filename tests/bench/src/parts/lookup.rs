//! The lookup by key, for who holds no handle.

use std::collections::HashMap;
use std::hash::Hash;
use std::hint::black_box;
use std::sync::Arc;

use grantline::core::{Engine, SessionKey, Settings, Slot};
use grantline::{AccessToken, ServiceTokenRequest};

use crate::Result;
use crate::applications::service_request;
use crate::by_hand::{self, NOW, scattered, session_id};
use crate::effort::Effort;
use crate::spread::{Spread, in_turns, nanoseconds};
use crate::table::{Table, count};

const ABOUT: &str = "A fresh token by its key, in random order: `Engine::session_slot` or `Engine::service_slot`, and a \
look at what stands there. Beside it `HashMap::get` of the same keys in the same order, with the standard library's \
hasher, and a share of what it finds. Times are the thread's own.";

/// Tokens so short that a million of them fit everywhere.
const TOKEN_BYTES: usize = 32;

pub(crate) fn measure(effort: &Effort) -> Result<Table> {
    let mut table = Table::new("Lookup by key", ABOUT);
    for count in [1, 1_000, effort.most_sessions] {
        let engine = Engine::with(&Settings::default().tokens_in_memory(2 * effort.most_sessions));
        let app = by_hand::native_app()?;
        let ids = (0..count).map(session_id).collect::<Result<Vec<_>, _>>()?;
        by_hand::load_sessions(&engine, &app, ids.iter().cloned(), TOKEN_BYTES)?;
        let keys: Vec<SessionKey> = ids.into_iter().map(|id| app.session_key(id)).collect();
        rows(&mut table, effort, "sessions", &keys, |key| engine.session_slot(key))?;
    }
    for count in [1, 1_000, effort.most_sessions] {
        let engine = Engine::with(&Settings::default().tokens_in_memory(2 * effort.most_sessions));
        let app = by_hand::service_app()?;
        let requests = (0..count).map(service_request).collect::<Result<Vec<ServiceTokenRequest>, _>>()?;
        by_hand::fetch_service_tokens(&engine, &app, requests.iter().cloned(), TOKEN_BYTES)?;
        rows(&mut table, effort, "service tokens", &requests, |key| engine.service_slot(&app, key))?;
    }
    Ok(table)
}

fn rows<K: Hash + Eq + Clone>(
    table: &mut Table,
    effort: &Effort,
    what: &str,
    keys: &[K],
    slot: impl Fn(&K) -> Arc<Slot>,
) -> Result<()> {
    let token = |key: &K| slot(key).look(NOW).map(|(token, _)| token);
    let map: HashMap<K, Arc<AccessToken>> =
        keys.iter().filter_map(|key| Some((key.clone(), token(key)?))).collect();
    // Beside each other in memory: it is the lookup that is measured, not the way to the key.
    let lookups = effort.lookups;
    let picked: Vec<K> = (0..lookups).filter_map(|number| pick(keys, number).cloned()).collect();
    let [bare, engine] = in_turns(
        effort.rounds,
        [&mut || Ok(nanoseconds(lookups, || find_all(&picked, |key| map.get(key).cloned()))), &mut || {
            Ok(nanoseconds(lookups, || find_all(&picked, token)))
        }],
    )?;
    let count = count(keys.len());
    table.spread(format!("{what}, {count}: a hash map (ns)"), &Spread::of(bare.clone()), "");
    table.spread(format!("{what}, {count}: the engine (ns)"), &Spread::of(engine.clone()), "");
    table.spread(format!("{what}, {count}: engine / hash map"), &Spread::ratio(&engine, &bare), "");
    Ok(())
}

fn pick<K>(keys: &[K], number: u32) -> Option<&K> {
    let number = usize::try_from(scattered(number as usize) >> 1).unwrap_or_default();
    keys.get(number % keys.len().max(1))
}

fn find_all<K>(keys: &[K], find: impl Fn(&K) -> Option<Arc<AccessToken>>) {
    for key in keys {
        black_box(find(key));
    }
}
