//! A table whose entries end by themselves.

use rpds::HashTrieMapSync;
use serde::{Deserialize, Serialize};

use crate::clock::UnixMillis;

/// The most entries a table holds; beyond it those go that would end first.
const CAPACITY: usize = 200_000;

/// How many go at once: to look through the whole table for each new entry would be slow.
const CLEARED: usize = CAPACITY / 100;

/// Its copies share what has not changed since.
#[derive(Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Expiring<T: Clone>(HashTrieMapSync<String, (UnixMillis, T)>);

impl<T: Clone> Default for Expiring<T> {
    fn default() -> Self {
        Self(HashTrieMapSync::default())
    }
}

impl<T: Clone> Expiring<T> {
    pub(crate) fn insert(&mut self, key: String, value: T, expires_at: UnixMillis, now: UnixMillis) {
        if self.0.size() >= CAPACITY {
            self.make_room(now);
        }
        self.0.insert_mut(key, (expires_at, value));
    }

    pub(crate) fn get(&self, key: &str, now: UnixMillis) -> Option<&T> {
        self.0.get(key).filter(|(expires_at, _)| now < *expires_at).map(|(_, value)| value)
    }

    pub(crate) fn get_mut(&mut self, key: &str, now: UnixMillis) -> Option<&mut T> {
        self.0.get_mut(key).filter(|(expires_at, _)| now < *expires_at).map(|(_, value)| value)
    }

    /// An entry and when it ends, also one that has ended and was not yet cleared away.
    pub(crate) fn find_mut(&mut self, key: &str) -> Option<(UnixMillis, &mut T)> {
        self.0.get_mut(key).map(|(expires_at, value)| (*expires_at, value))
    }

    pub(crate) fn has(&self, key: &str) -> bool {
        self.0.contains_key(key)
    }

    pub(crate) fn remove(&mut self, key: &str) -> Option<T> {
        let (_, value) = self.0.get(key)?.clone();
        self.0.remove_mut(key);
        Some(value)
    }

    /// Those that have not ended: each with its key, and when it ends.
    pub(crate) fn iter(&self, now: UnixMillis) -> impl Iterator<Item = (&str, UnixMillis, &T)> {
        let entries = self.0.iter().map(|(key, (expires_at, value))| (key.as_str(), *expires_at, value));
        entries.filter(move |(_, expires_at, _)| now < *expires_at)
    }

    pub(crate) fn retain(&mut self, kept: impl Fn(&T) -> bool) {
        self.remove_where(|(_, value)| !kept(value));
    }

    fn make_room(&mut self, now: UnixMillis) {
        self.remove_where(|(expires_at, _)| *expires_at <= now);
        if self.0.size() < CAPACITY {
            return;
        }
        let mut ends: Vec<UnixMillis> = self.0.iter().map(|(_, (expires_at, _))| *expires_at).collect();
        let (earlier, last_to_go, _) = ends.select_nth_unstable(CLEARED - 1);
        // Of those that end at the same moment as the last to go, only as many as are needed.
        let mut ties = 1 + earlier.iter().filter(|end| *end == last_to_go).count();
        let last_to_go = *last_to_go;
        let going = self.0.iter().filter(|(_, (expires_at, _))| {
            let is_tie = *expires_at == last_to_go;
            let goes = *expires_at < last_to_go || is_tie && ties > 0;
            ties -= usize::from(is_tie && goes);
            goes
        });
        let going = going.map(|(key, _)| key.clone()).collect();
        self.remove_all(going);
    }

    fn remove_where(&mut self, goes: impl Fn(&(UnixMillis, T)) -> bool) {
        let going = self.0.iter().filter(|(_, entry)| goes(entry)).map(|(key, _)| key.clone()).collect();
        self.remove_all(going);
    }

    fn remove_all(&mut self, going: Vec<String>) {
        for key in going {
            self.0.remove_mut(&key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_ends_at_its_time() {
        let mut table = Expiring::default();
        table.insert("a".into(), 1, 100, 0);
        assert_eq!(table.get("a", 99), Some(&1));
        assert_eq!(table.get("a", 100), None);
    }

    #[test]
    fn a_full_table_drops_the_entries_that_end_first() {
        let mut table = Expiring::default();
        for index in 0..=CAPACITY {
            table.insert(index.to_string(), (), 1000 + index as u64, 0);
        }
        assert_eq!(table.get("0", 0), None);
        assert_eq!(table.get(&(CLEARED - 1).to_string(), 0), None);
        assert!(table.get(&CLEARED.to_string(), 0).is_some());
        assert!(table.get(&CAPACITY.to_string(), 0).is_some());
    }

    #[test]
    fn of_entries_that_end_together_a_full_table_drops_a_few() {
        let mut table = Expiring::default();
        for index in 0..=CAPACITY {
            table.insert(index.to_string(), (), 1000, 0);
        }
        assert_eq!(table.0.size(), CAPACITY - CLEARED + 1);
    }
}
