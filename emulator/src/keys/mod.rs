//! The signing keys: made from the start on, published as a JWK set, replaced when a test says so.

mod algorithm;
mod generation;
mod ring;
mod saved;
mod set;

use std::sync::{Arc, PoisonError, RwLock};

use aws_lc_rs::error::Unspecified;
use serde::Deserialize;
use utoipa::ToSchema;

pub use algorithm::SigningAlgorithm;
use generation::Generation;
pub(crate) use ring::{Jwt, KeyRing, Seal};
pub(crate) use saved::SavedKeys;
use set::KeySet;

use crate::changes::Changes;

/// The most generations that are published at once.
const GENERATIONS: usize = 16;

/// How the keys change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum KeyRotation {
    /// New keys under new kids sign from now on; the old ones stay published.
    Add,
    /// New keys under new kids; the old ones are gone, and what they signed is worth nothing.
    Replace,
    /// New keys under the kids of the old ones, as after the restart of a server that keeps none.
    SameKids,
}

/// Why the keys stayed as they were.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RotationError {
    /// As many are published as there may be.
    #[error("{GENERATIONS} generations of keys are published, which is the most: replace them first")]
    TooMany,
}

/// The keys that there are now.
pub(crate) struct Keys {
    ring: RwLock<Arc<KeyRing>>,
    changes: Changes,
}

impl Keys {
    /// Begins to make them: who needs one that is not there yet waits for it.
    pub(crate) fn begin(changes: &Changes) -> Self {
        Self::of(KeyRing { current: Generation::begin(), older: Vec::new() }, changes)
    }

    pub(crate) fn restore(saved: SavedKeys, changes: &Changes) -> Result<Self, Unspecified> {
        let restore = |set| KeySet::restore(set).map(Generation::made);
        let older: Result<Vec<_>, _> = saved.older.into_iter().map(restore).collect();
        Ok(Self::of(KeyRing { current: restore(saved.current)?, older: older? }, changes))
    }

    fn of(ring: KeyRing, changes: &Changes) -> Self {
        Self { ring: RwLock::new(Arc::new(ring)), changes: changes.clone() }
    }

    /// As they are now, made or not; they stay so for whoever holds them.
    pub(crate) fn ring(&self) -> Arc<KeyRing> {
        Arc::clone(&self.ring.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The same when all of them are made, without blocking the thread.
    pub(crate) async fn made(&self) -> Arc<KeyRing> {
        let ring = self.ring();
        if !ring.is_made() {
            let waited_for = Arc::clone(&ring);
            // Whoever needs a key is told if there is none.
            let _ = tokio::task::spawn_blocking(move || waited_for.wait()).await;
        }
        ring
    }

    /// Begins to make new keys; they are the current ones at once.
    pub(crate) fn rotate(&self, rotation: KeyRotation) -> Result<(), RotationError> {
        let mut ring = self.ring.write().unwrap_or_else(PoisonError::into_inner);
        let next = match rotation {
            KeyRotation::Add if ring.older.len() + 1 >= GENERATIONS => return Err(RotationError::TooMany),
            KeyRotation::Add => {
                let older = ring.older.iter().chain([&ring.current]).cloned().collect();
                KeyRing { current: Generation::begin(), older }
            }
            KeyRotation::Replace => KeyRing { current: Generation::begin(), older: Vec::new() },
            KeyRotation::SameKids => {
                KeyRing { current: ring.current.begin_under_the_same_kids(), older: Vec::new() }
            }
        };
        *ring = Arc::new(next);
        self.changes.tell();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::task::Poll;

    use serde_json::json;

    use super::*;

    fn new() -> Keys {
        Keys::begin(&Changes::default())
    }

    fn token(keys: &Keys, algorithm: SigningAlgorithm) -> String {
        keys.ring().sign(algorithm, "at+jwt", json!({"sub": "x"})).unwrap()
    }

    #[test]
    fn verifies_what_it_signed_with_each_algorithm_and_nothing_else() {
        let (keys, other) = (new(), new());
        for algorithm in SigningAlgorithm::ALL {
            let token = token(&keys, algorithm);
            assert_eq!(keys.ring().verify("at+jwt", &token), Some(json!({"sub": "x"})), "{algorithm}");
            assert_eq!(keys.ring().verify("JWT", &token), None);
            assert_eq!(other.ring().verify("at+jwt", &token), None);
            assert_eq!(keys.ring().verify("at+jwt", &token.replacen('.', "x.", 1)), None);
        }
    }

    #[test]
    fn a_broken_signature_a_mac_and_none_do_not_verify() {
        let keys = new();
        let jwt = keys.ring().unsigned(SigningAlgorithm::Rs256, "JWT", json!({})).unwrap();
        for seal in [Seal::Broken(SigningAlgorithm::Rs256), Seal::Hmac(b"key".to_vec()), Seal::Nothing] {
            assert_eq!(keys.ring().verify("JWT", &keys.ring().seal(&jwt, &seal).unwrap()), None);
        }
    }

    #[test]
    fn rotation_keeps_or_withdraws_the_old_keys() {
        let keys = new();
        let kid =
            |keys: &Keys| keys.ring().jwks(&[SigningAlgorithm::Rs256]).unwrap()["keys"][0]["kid"].clone();
        let (first, old) = (kid(&keys), token(&keys, SigningAlgorithm::Rs256));
        keys.rotate(KeyRotation::Add).unwrap();
        assert_ne!(kid(&keys), first);
        assert!(keys.ring().verify("at+jwt", &old).is_some());
        let second = kid(&keys);
        keys.rotate(KeyRotation::SameKids).unwrap();
        assert_eq!(kid(&keys), second);
        assert!(keys.ring().verify("at+jwt", &old).is_none());
        let third = token(&keys, SigningAlgorithm::Rs256);
        keys.rotate(KeyRotation::Replace).unwrap();
        assert_ne!(kid(&keys), second);
        assert!(keys.ring().verify("at+jwt", &third).is_none());
    }

    #[test]
    fn what_was_saved_verifies_and_signs_as_before() {
        let keys = new();
        let old = token(&keys, SigningAlgorithm::Es384);
        keys.rotate(KeyRotation::Add).unwrap();
        let restored = Keys::restore(keys.ring().save().unwrap(), &Changes::default()).unwrap();
        assert!(restored.ring().verify("at+jwt", &old).is_some());
        for algorithm in SigningAlgorithm::ALL {
            assert!(keys.ring().verify("at+jwt", &token(&restored, algorithm)).is_some(), "{algorithm}");
        }
        let sets = [keys, restored].map(|keys| keys.ring().jwks(&SigningAlgorithm::ALL).unwrap());
        assert_eq!(sets[0], sets[1]);
    }

    #[test]
    fn no_more_generations_are_published_than_there_may_be_and_replacing_them_begins_anew() {
        let keys = new();
        for _ in 1..GENERATIONS {
            keys.rotate(KeyRotation::Add).unwrap();
        }
        let before = keys.ring();
        assert_eq!(keys.rotate(KeyRotation::Add), Err(RotationError::TooMany));
        assert!(Arc::ptr_eq(&before, &keys.ring()));
        keys.rotate(KeyRotation::Replace).unwrap();
        keys.rotate(KeyRotation::Add).unwrap();
    }

    /// It is on one thread: whoever blocked it would wait for ever.
    #[tokio::test]
    async fn while_keys_are_being_made_nobody_is_held_up_who_needs_none() {
        let (release, released) = std::sync::mpsc::channel::<()>();
        let slow = Generation::made_after(move || released.recv().unwrap());
        let keys = Keys::of(KeyRing { current: slow, older: Vec::new() }, &Changes::default());
        let mut made = Box::pin(keys.made());
        assert!(matches!(futures_util::poll!(&mut made), Poll::Pending));
        let before = keys.ring();
        keys.rotate(KeyRotation::SameKids).unwrap();
        keys.rotate(KeyRotation::Add).unwrap();
        assert!(!before.is_made());
        assert!(matches!(futures_util::poll!(&mut made), Poll::Pending));
        release.send(()).unwrap();
        assert!(made.await.is_made() && before.is_made());
        let kid = |ring: &KeyRing| {
            ring.unsigned(SigningAlgorithm::Es256, "JWT", json!({})).unwrap().header["kid"].clone()
        };
        let now = keys.made().await;
        let followed_at_once = KeyRing { current: now.older[0].clone(), older: Vec::new() };
        assert_eq!(kid(&followed_at_once), kid(&before));
        assert_ne!(kid(&now), kid(&before));
    }
}
