//! Whether a handler runs is remembered.

use super::bench::{Bench, module};
use crate::store::Activity;

pub fn a_pause_survives_the_owner(bench: &mut Bench) {
    let other = bench.register(&module("other"));
    assert_eq!(other.activity, Activity::Running);
    bench.queue().set_activity(other.handler, Activity::Paused).unwrap();
    bench.crash();
    assert_eq!(bench.stats().paused, ["other"]);
    assert_eq!(bench.register(&module("other")).activity, Activity::Paused);
    assert_eq!(bench.register(&module("h")).activity, Activity::Running);
    bench.queue().set_activity(other.handler, Activity::Running).unwrap();
    assert_eq!(bench.register(&module("other")), other);
    assert!(bench.stats().paused.is_empty());
}
