//! Lists that take longer than anybody waits, and what is still true of them then.

use std::future::ready;

use futures_channel::oneshot;
use grantline_core::{Entry, Lease, Row, SetMark, StoreFailure};

use super::super::scans::{Candidate, Page, Scans};
use super::*;

type Found = Result<Vec<Candidate>, StoreFailure>;

struct Asked {
    clock: TestClock,
    scans: Scans,
    page: Page,
}

impl Asked {
    fn for_page(which: Which, limit: u32) -> Self {
        let clock = TestClock::at(NOW);
        let page = Page { collection: key("").collection, which, after: None, limit };
        Self { scans: Scans::new(clock.clock()), clock, page }
    }

    async fn given(&self, scan: impl Future<Output = Found> + Send + 'static) -> Result<Vec<String>, String> {
        let listed = self.scans.page(&self.page, IMPATIENT, scan).await;
        let names = |entries: Vec<Entry>| entries.into_iter().map(|entry| entry.name).collect();
        listed.map(names).map_err(|failure| failure.detail)
    }

    /// Asks for the page in vain: its list ends after that, with what is sent then.
    async fn in_vain(&self) -> oneshot::Sender<Found> {
        let (end, ended) = oneshot::channel();
        let told = self.given(async { ended.await.unwrap() }).await.unwrap_err();
        assert!(told.contains("ask for it again"), "{told}");
        end
    }

    /// The store as it is now, with records under these names, each marked and leased from now on.
    fn found(&self, names: &[(&str, Duration)]) -> Vec<Candidate> {
        let now = self.clock.clock().now().boot;
        let candidate = |&(name, lease): &(&str, Duration)| {
            let attempt = Attempt(1);
            let (mark, lease) = (SetMark { attempt, set: now }, Lease { attempt, until: now.plus(lease) });
            let row = Row { record: record(1), ended: false, mark: Some(mark), lease: Some(lease) };
            Candidate::of(&row, name.to_owned(), self.page.which, now, now)
        };
        names.iter().filter_map(candidate).collect()
    }
}

/// Lets the tasks go on that have something to do.
async fn others_go_on() {
    tokio::time::sleep(Duration::from_millis(1)).await;
}

#[tokio::test(start_paused = true)]
async fn what_nobody_fetched_is_given_to_who_asks_again_soon_and_only_then() {
    for (later, given) in [(29, "then"), (30, "now"), (3600, "now")] {
        let asked = Asked::for_page(Which::Living, 10);
        let end = asked.in_vain().await;
        end.send(Ok(asked.found(&[("then", LEASE)]))).unwrap();
        others_go_on().await;
        asked.clock.pass(Duration::from_secs(later));
        let now = asked.found(&[("now", LEASE)]);
        assert_eq!(asked.given(ready(Ok(now))).await, Ok(vec![given.to_owned()]), "after {later} s");
    }
}

#[tokio::test(start_paused = true)]
async fn what_was_fetched_is_given_to_nobody_else() {
    let asked = Asked::for_page(Which::Living, 10);
    for name in ["first", "second"] {
        let found = asked.found(&[(name, LEASE)]);
        assert_eq!(asked.given(ready(Ok(found))).await, Ok(vec![name.to_owned()]));
    }
}

#[tokio::test(start_paused = true)]
async fn a_failure_that_nobody_waited_for_is_told_to_who_asks_again_and_then_the_list_begins_anew() {
    let asked = Asked::for_page(Which::Living, 10);
    let end = asked.in_vain().await;
    end.send(Err(StoreFailure::new(StoreFailureKind::Denied, "locked"))).unwrap();
    others_go_on().await;
    assert_eq!(asked.given(ready(Ok(Vec::new()))).await, Err("locked".to_owned()));
    assert_eq!(asked.given(ready(Ok(Vec::new()))).await, Ok(Vec::new()));
}

/// A process that is started again looks once, and once more when the leases of its former self have ended.
#[tokio::test(start_paused = true)]
async fn a_second_look_for_the_abandoned_finds_whose_leases_ran_at_the_first_although_it_joins_its_list() {
    let asked = Asked::for_page(Which::Abandoned, 10);
    let end = asked.in_vain().await;
    let found = asked.found(&[("held", LEASE), ("lost", Duration::ZERO)]);
    asked.clock.pass(LEASE);
    let second = asked.given(async { panic!("a second list is begun") });
    let (second, ()) = join(second, async { end.send(Ok(found)).unwrap() }).await;
    assert_eq!(second, Ok(vec!["held".to_owned(), "lost".to_owned()]));
}

#[tokio::test(start_paused = true)]
async fn who_holds_a_lease_takes_no_place_on_a_page_of_the_abandoned() {
    let asked = Asked::for_page(Which::Abandoned, 1);
    let now = NOW.boot;
    let held = asked.found(&[("held", LEASE)]);
    assert!(!asked.page.is_full(&held, now));
    let found = asked.found(&[("held", LEASE), ("lost", Duration::ZERO), ("next", Duration::ZERO)]);
    assert!(asked.page.is_full(&found[..2], now));
    assert_eq!(asked.given(ready(Ok(found))).await, Ok(vec!["lost".to_owned()]));
}
