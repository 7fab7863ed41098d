//! A table that is copied in no time, however large: it is in pieces, which its copies share until one of them changes.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::fmt;
use std::hash::{BuildHasher, Hash, RandomState};
use std::marker::PhantomData;
use std::sync::Arc;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde::ser::{Serialize, Serializer};

/// So many that a change after a copy takes along a thousand entries of the largest table there is.
const PIECES: usize = 256;

pub(super) struct PiecewiseMap<K, V> {
    pieces: Vec<Arc<HashMap<K, V>>>,
    /// Which piece a key is in. Copies have the same.
    hasher: RandomState,
    length: usize,
}

impl<K, V> Default for PiecewiseMap<K, V> {
    fn default() -> Self {
        let pieces = (0..PIECES).map(|_| Arc::default()).collect();
        Self { pieces, hasher: RandomState::new(), length: 0 }
    }
}

impl<K, V> Clone for PiecewiseMap<K, V> {
    fn clone(&self) -> Self {
        Self { pieces: self.pieces.clone(), hasher: self.hasher.clone(), length: self.length }
    }
}

impl<K, V> PiecewiseMap<K, V> {
    pub(super) fn len(&self) -> usize {
        self.length
    }

    /// In no order.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        self.pieces.iter().flat_map(|piece| piece.iter())
    }
}

impl<K: Hash + Eq + Clone, V: Clone> PiecewiseMap<K, V> {
    pub(super) fn get<Q: Hash + Eq + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        self.pieces.get(self.index(key))?.get(key)
    }

    pub(super) fn get_mut<Q: Hash + Eq + ?Sized>(&mut self, key: &Q) -> Option<&mut V>
    where
        K: Borrow<Q>,
    {
        let index = self.index(key);
        // A piece without it is not copied.
        let piece = self.pieces.get_mut(index).filter(|piece| piece.contains_key(key))?;
        Arc::make_mut(piece).get_mut(key)
    }

    pub(super) fn insert(&mut self, key: K, value: V) {
        let index = self.index(&key);
        if let Some(piece) = self.pieces.get_mut(index) {
            let before = Arc::make_mut(piece).insert(key, value);
            self.length += usize::from(before.is_none());
        }
    }

    pub(super) fn remove<Q: Hash + Eq + ?Sized>(&mut self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        let index = self.index(key);
        let piece = self.pieces.get_mut(index).filter(|piece| piece.contains_key(key))?;
        let removed = Arc::make_mut(piece).remove(key);
        self.length -= usize::from(removed.is_some());
        removed
    }

    pub(super) fn remove_where(&mut self, goes: impl Fn(&V) -> bool) {
        for piece in self.pieces.iter_mut().filter(|piece| piece.values().any(&goes)) {
            let before = piece.len();
            let piece = Arc::make_mut(piece);
            piece.retain(|_, value| !goes(value));
            self.length -= before - piece.len();
        }
    }

    pub(super) fn change_where(&mut self, meant: impl Fn(&V) -> bool, change: impl Fn(&mut V)) {
        for piece in self.pieces.iter_mut().filter(|piece| piece.values().any(&meant)) {
            Arc::make_mut(piece).values_mut().filter(|value| meant(value)).for_each(&change);
        }
    }

    fn index<Q: Hash + ?Sized>(&self, key: &Q) -> usize {
        // The remainder fits.
        usize::try_from(self.hasher.hash_one(key) % PIECES as u64).unwrap_or_default()
    }
}

/// As one map.
impl<K: Serialize, V: Serialize> Serialize for PiecewiseMap<K, V> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

impl<'de, K, V> Deserialize<'de> for PiecewiseMap<K, V>
where
    K: Deserialize<'de> + Hash + Eq + Clone,
    V: Deserialize<'de> + Clone,
{
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Entries(PhantomData))
    }
}

struct Entries<K, V>(PhantomData<(K, V)>);

impl<'de, K, V> Visitor<'de> for Entries<K, V>
where
    K: Deserialize<'de> + Hash + Eq + Clone,
    V: Deserialize<'de> + Clone,
{
    type Value = PiecewiseMap<K, V>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a map")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
        let mut map = PiecewiseMap::default();
        while let Some((key, value)) = entries.next_entry()? {
            map.insert(key, value);
        }
        Ok(map)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn full() -> PiecewiseMap<u64, u64> {
        let mut map = PiecewiseMap::default();
        (0..10_000).for_each(|key| map.insert(key, key));
        map
    }

    fn pieces_apart(one: &PiecewiseMap<u64, u64>, other: &PiecewiseMap<u64, u64>) -> usize {
        one.pieces.iter().zip(&other.pieces).filter(|(one, other)| !Arc::ptr_eq(one, other)).count()
    }

    #[test]
    fn a_copy_stays_as_it_was_and_shares_all_but_the_pieces_that_change() {
        let mut map = full();
        let copy = map.clone();
        assert_eq!(pieces_apart(&map, &copy), 0);
        *map.get_mut(&7).unwrap() = 0;
        assert_eq!((map.get(&7), copy.get(&7)), (Some(&0), Some(&7)));
        assert_eq!(pieces_apart(&map, &copy), 1);
        map.remove(&8);
        map.insert(10_000, 1);
        assert_eq!((map.len(), copy.len()), (10_000, 10_000));
        assert_eq!((map.get(&8), copy.get(&8), copy.get(&10_000)), (None, Some(&8), None));
        assert!(pieces_apart(&map, &copy) <= 3);
    }

    #[test]
    fn what_is_not_there_is_neither_changed_nor_copied() {
        let mut map = full();
        let copy = map.clone();
        assert_eq!(map.get_mut(&10_000), None);
        assert_eq!(map.remove(&10_000), None);
        map.remove_where(|value| *value > 10_000);
        map.change_where(|value| *value > 10_000, |value| *value = 0);
        assert_eq!((map.len(), pieces_apart(&map, &copy)), (10_000, 0));
    }

    #[test]
    fn what_is_meant_is_changed_or_removed_and_counted() {
        let mut map = full();
        map.remove_where(|value| *value < 4_000);
        map.change_where(|value| *value < 5_000, |value| *value += 10_000);
        assert_eq!((map.len(), map.iter().count()), (6_000, 6_000));
        assert_eq!((map.get(&3_999), map.get(&4_000), map.get(&5_000)), (None, Some(&14_000), Some(&5_000)));
        map.insert(5_000, 1);
        assert_eq!((map.len(), map.get(&5_000)), (6_000, Some(&1)));
    }

    #[test]
    fn it_is_written_and_read_as_any_map() {
        let map = full();
        let written = serde_json::to_value(&map).unwrap();
        let plain: HashMap<u64, u64> = serde_json::from_value(written.clone()).unwrap();
        assert_eq!(plain.len(), 10_000);
        let read: PiecewiseMap<u64, u64> = serde_json::from_str(&written.to_string()).unwrap();
        assert!(read.len() == 10_000 && (0..10_000).all(|key| read.get(&key) == Some(&key)));
    }
}
