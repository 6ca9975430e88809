//! Forgetting what is over: both stores forget the same, and nothing that is not over.

use super::invariants::{Kept, promise};
use super::world::World;
use crate::store::{Bite, EventSeq};

impl World {
    pub fn forget(&mut self, events_max: u32) -> Kept {
        let bite = Bite { after: EventSeq(0), events_max, before: self.now() };
        let bitten = self.both(|backend| backend.queue().forget(bite))?;
        let mut gone = 0;
        for ((source, id), seq) in self.ledger.oldest(events_max as usize) {
            if self.events(&source, &id)?.is_empty() {
                let is_over = self.ledger.is_over(seq);
                promise("only what is over is forgotten", is_over, || format!("{source} {id}"))?;
                self.ledger.forget(seq);
                gone += 1;
            }
        }
        promise("what is forgotten is counted", bitten.forgotten == gone, || {
            format!("{bitten:?}, but {gone}")
        })
    }
}
