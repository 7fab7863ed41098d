//! Every store of ours is put through the contract that is published for others.

use futures_executor::block_on;
use grantline::Store;
use grantline::store_contract::Contract;

#[test]
fn the_memory_store_keeps_the_contract() {
    let store = Store::memory();
    let report = block_on(Contract::one_process(move || store.clone()).check());
    report.assert_kept();
    assert_eq!(report.kept(), 41);
}
