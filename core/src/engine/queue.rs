//! Flights that wait for their turn: a storm of one application's tokens does not hold up another's.

use std::collections::{BTreeMap, VecDeque};

use crate::store::Collection;

/// First come, first served within a collection; the collections take turns.
#[derive(Debug)]
pub(super) struct Queue<T> {
    lanes: BTreeMap<Collection, VecDeque<T>>,
    /// The collections that have somebody waiting, in the order of their turns.
    turns: VecDeque<Collection>,
}

impl<T> Default for Queue<T> {
    fn default() -> Self {
        Self { lanes: BTreeMap::new(), turns: VecDeque::new() }
    }
}

impl<T> Queue<T> {
    pub(super) fn push(&mut self, collection: &Collection, item: T) {
        let lane = self.lanes.entry(collection.clone()).or_default();
        if lane.is_empty() {
            self.turns.push_back(collection.clone());
        }
        lane.push_back(item);
    }

    pub(super) fn pop(&mut self) -> Option<T> {
        let collection = self.turns.pop_front()?;
        let lane = self.lanes.get_mut(&collection)?;
        let item = lane.pop_front();
        match lane.is_empty() {
            true => drop(self.lanes.remove(&collection)),
            false => self.turns.push_back(collection),
        }
        item
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::RecordKind;

    fn collection(client_id: &str) -> Collection {
        Collection::new(RecordKind::ServiceToken, "https://a.example", client_id)
    }

    #[test]
    fn a_storm_in_one_collection_does_not_hold_up_another() {
        let mut queue = Queue::default();
        (0..1000).for_each(|n| queue.push(&collection("storm"), n));
        queue.push(&collection("calm"), 7000);
        let first: Vec<_> = (0..4).filter_map(|_| queue.pop()).collect();
        assert_eq!(first, [0, 7000, 1, 2]);
        assert_eq!(std::iter::from_fn(|| queue.pop()).count(), 997);
    }
}
