//! What the server is set to, as far as that decides what survives.

use std::collections::BTreeMap;

use redis::{RedisResult, cmd};

use super::connection::Connection;

const NAMES: [&str; 4] = ["appendonly", "appendfsync", "maxmemory", "maxmemory-policy"];

/// Of `CONFIG GET`; where that is not allowed, of `INFO`, which knows less.
pub(super) async fn read(connection: &mut Connection) -> RedisResult<BTreeMap<String, String>> {
    let mut all = BTreeMap::new();
    for pattern in ["append*", "maxmemory*"] {
        let some: RedisResult<BTreeMap<String, String>> =
            cmd("CONFIG").arg("GET").arg(pattern).query_async(connection).await;
        match some {
            Ok(some) => all.extend(some.into_iter().filter(|(name, _)| NAMES.contains(&name.as_str()))),
            Err(error) if error.is_io_error() => return Err(error),
            Err(_) => return of_info(connection).await,
        }
    }
    Ok(all)
}

async fn of_info(connection: &mut Connection) -> RedisResult<BTreeMap<String, String>> {
    let mut text = String::new();
    for section in ["persistence", "memory"] {
        text += &cmd("INFO").arg(section).query_async::<String>(connection).await?;
    }
    Ok(text.lines().filter_map(|line| line.trim().split_once(':')).filter_map(as_setting).collect())
}

fn as_setting((field, value): (&str, &str)) -> Option<(String, String)> {
    let (name, value) = match (field, value) {
        ("aof_enabled", "1") => ("appendonly", "yes"),
        ("aof_enabled", _) => ("appendonly", "no"),
        ("maxmemory", bytes) => ("maxmemory", bytes),
        ("maxmemory_policy", policy) => ("maxmemory-policy", policy),
        _ => return None,
    };
    Some((name.to_owned(), value.to_owned()))
}
