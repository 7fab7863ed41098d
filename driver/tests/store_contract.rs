//! Every store of ours that needs no server is put through the contract that is published for others.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

use futures_executor::block_on;
use grantline::Store;
use grantline::store_contract::Contract;

/// A folder of one test, removed with it.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let name =
            format!("grantline-contract-{}-{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir(&path).unwrap();
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[test]
fn the_memory_store_keeps_the_contract() {
    let store = Store::memory();
    let report = block_on(Contract::one_process(move || store.clone()).check());
    report.assert_kept();
    assert_eq!(report.kept(), 41);
}

#[test]
fn an_sqlite_file_keeps_the_contract() {
    let folder = Folder::new();
    let path = folder.0.join("sessions.db");
    let report = block_on(Contract::shared(move || Store::sqlite(&path).unwrap()).check());
    report.assert_kept();
    assert_eq!(report.kept(), 45);
}
