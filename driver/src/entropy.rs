//! Entropy for one operation, from the operating system each time: a forked child never repeats its parent's.

use grantline_core::{Error, Seed};
use rand::TryRng;
use rand::rngs::SysRng;

pub(crate) fn seed() -> Result<Seed, Error> {
    let mut bytes = [0_u8; 32];
    SysRng
        .try_fill_bytes(&mut bytes)
        .map_err(|_| Error::Internal("the operating system gives no entropy"))?;
    Ok(Seed::new(bytes))
}
