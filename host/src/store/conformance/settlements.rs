//! An attempt is settled once, by whoever holds its lease.

use std::time::Duration;

use super::bench::{Bench, failed, ids_of, ok, recorded, report};
use crate::event::Settlement;
use crate::store::{LeaseId, Leased, SettleFate};

pub fn an_event_is_settled_once(bench: &mut Bench) {
    let leased = bench.leased("a");
    assert_eq!(bench.done(&leased), SettleFate::Recorded { emitted: 0 });
    assert_eq!(bench.dead(&leased, "too late"), SettleFate::LeaseLost);
    assert_eq!(bench.retry(&leased, failed("too late")), SettleFate::LeaseLost);
    let results = bench.all_results();
    assert_eq!(results.len(), 1);
    assert_eq!(results[0].error, None);
    assert!(bench.claim().is_empty());
}

pub fn a_lease_settled_twice_in_one_batch_is_recorded_once(bench: &mut Bench) {
    let leased = bench.leased("a");
    let end = |settlement| bench.settled(&leased, settlement, report(ok()));
    let fates = bench.queue().settle(vec![end(Settlement::Done), end(Settlement::Dead)]).unwrap();
    assert_eq!(fates, [SettleFate::Recorded { emitted: 0 }, SettleFate::LeaseLost]);
}

pub fn a_lease_from_before_the_retry_changes_nothing(bench: &mut Bench) {
    let first = bench.leased("a");
    bench.retry(&first, failed("no"));
    assert_eq!(bench.done(&first), SettleFate::LeaseLost, "nobody holds it");
    let second = bench.claim_one();
    let before = bench.event("a");
    assert_eq!(bench.dead(&first, "late"), SettleFate::LeaseLost, "another holds it");
    assert_eq!(bench.event("a"), before);
    assert!(recorded(bench.done(&second)));
}

pub fn a_batch_answers_in_order_whatever_is_lost_in_it(bench: &mut Bench) {
    bench.enqueue(["a", "b", "c"]);
    let leases = bench.claim();
    bench.done(&leases[1]);
    let batch = leases.iter().map(|leased| bench.settled(leased, Settlement::Done, report(ok())));
    let fates = bench.queue().settle(batch.collect()).unwrap();
    let recorded = SettleFate::Recorded { emitted: 0 };
    assert_eq!(fates, [recorded, SettleFate::LeaseLost, recorded]);
}

pub fn a_settlement_for_another_handler_leaves_this_one_alone(bench: &mut Bench) {
    let mine = bench.leased("a");
    bench.switch_to("other");
    let forged = Leased { id: LeaseId { handler: bench.registered.handler, ..mine.id }, ..mine.clone() };
    assert_eq!(bench.done(&forged), SettleFate::LeaseLost);
    bench.switch_to("h");
    assert!(recorded(bench.done(&mine)));
}

pub fn a_retry_is_pending_until_its_time(bench: &mut Bench) {
    let leased = bench.leased("a");
    let at = bench.now().after(Duration::from_secs(60));
    bench.settle(&leased, Settlement::RetryAt(at), failed("no"));
    bench.crash();
    assert!(bench.orphans().is_empty());
    assert!(bench.claim().is_empty());
    bench.advance(Duration::from_secs(60));
    assert_eq!(ids_of(&bench.claim()), ["a"]);
}
