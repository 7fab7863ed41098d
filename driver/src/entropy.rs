//! Entropy for one operation, from the operating system each time: a forked child never repeats its parent's.

use grantline_core::{Error, SealingKey, Seed};
use rand::TryRng;
use rand::rngs::SysRng;

pub(crate) fn seed() -> Result<Seed, Error> {
    bytes().map(Seed::new)
}

/// A key that nobody else has.
pub(crate) fn sealing_key() -> Result<SealingKey, Error> {
    bytes().map(SealingKey::from_bytes)
}

/// A number that nobody else draws.
pub(crate) fn number() -> Result<u128, Error> {
    bytes().map(u128::from_be_bytes)
}

fn bytes<const N: usize>() -> Result<[u8; N], Error> {
    let mut bytes = [0_u8; N];
    SysRng
        .try_fill_bytes(&mut bytes)
        .map_err(|_| Error::Internal("the operating system gives no entropy"))?;
    Ok(bytes)
}
