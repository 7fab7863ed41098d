//! A table whose entries end by themselves.

use std::collections::HashMap;

use crate::clock::UnixMillis;

/// The most entries a table holds; beyond it the one that would end first goes.
const CAPACITY: usize = 20_000;

pub(crate) struct Expiring<T>(HashMap<String, (UnixMillis, T)>);

impl<T> Default for Expiring<T> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

impl<T> Expiring<T> {
    pub(crate) fn insert(&mut self, key: String, value: T, expires_at: UnixMillis, now: UnixMillis) {
        if self.0.len() >= CAPACITY {
            self.make_room(now);
        }
        self.0.insert(key, (expires_at, value));
    }

    pub(crate) fn get(&self, key: &str, now: UnixMillis) -> Option<&T> {
        self.0.get(key).filter(|(expires_at, _)| now < *expires_at).map(|(_, value)| value)
    }

    pub(crate) fn get_mut(&mut self, key: &str, now: UnixMillis) -> Option<&mut T> {
        self.0.get_mut(key).filter(|(expires_at, _)| now < *expires_at).map(|(_, value)| value)
    }

    pub(crate) fn expires_at(&self, key: &str) -> Option<UnixMillis> {
        self.0.get(key).map(|(expires_at, _)| *expires_at)
    }

    pub(crate) fn remove(&mut self, key: &str) -> Option<T> {
        self.0.remove(key).map(|(_, value)| value)
    }

    fn make_room(&mut self, now: UnixMillis) {
        self.0.retain(|_, (expires_at, _)| now < *expires_at);
        if self.0.len() >= CAPACITY {
            let first =
                self.0.iter().min_by_key(|(_, (expires_at, _))| *expires_at).map(|(key, _)| key.clone());
            if let Some(first) = first {
                self.0.remove(&first);
            }
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
    fn a_full_table_drops_the_entry_that_ends_first() {
        let mut table = Expiring::default();
        for index in 0..=CAPACITY as u64 {
            table.insert(index.to_string(), (), 1000 + index, 0);
        }
        assert_eq!(table.get("0", 0), None);
        assert!(table.get("1", 0).is_some());
    }
}
