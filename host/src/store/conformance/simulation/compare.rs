//! What lies in both stores, looked at: a little every few steps, all of it at the end.

use std::ops::ControlFlow;

use super::invariants::{self as check, Broken, Kept};
use super::ledger::Identity;
use super::world::World;
use crate::store::{DeliveryState, EventDetail, Inspect, ResultFilter, ResultRow, Stats, StoreError};

/// Events looked at in between, the last that were touched.
const TOUCHED_MAX: usize = 4;

impl World {
    /// What is not settled, after every step.
    pub fn weigh(&self) -> Kept {
        self.both(|backend| Ok(backend.queue().unsettled())).map(drop)
    }

    /// The counts, all results, and some of the events that were touched.
    pub fn compare(&mut self) -> Kept {
        let stats = self.both(|backend| {
            let stats = backend.inspect().stats()?;
            Ok(Stats { database_bytes: 0, ..stats })
        })?;
        check::nothing_is_made_up(&self.ledger, &stats)?;
        check::one_outcome_each(&self.both(|backend| results(backend.inspect()))?)?;
        let touched = std::mem::take(&mut self.touched);
        touched.iter().rev().take(TOUCHED_MAX).try_for_each(|identity| self.compare_event(identity))
    }

    /// Everything.
    pub fn compare_all(&mut self) -> Kept {
        self.compare()?;
        let known: Vec<Identity> = self.ledger.numbers.keys().cloned().collect();
        known.iter().try_for_each(|identity| self.compare_event(identity))?;
        for (source, id) in self.emitted_in_vain() {
            check::nothing_emitted_by_a_lost_lease(&self.events(&source, &id)?)?;
        }
        Ok(())
    }

    fn compare_event(&self, (source, id): &Identity) -> Kept {
        let found = self.events(source, id)?;
        let Some(seq) = self.ledger.numbers.get(&(source.clone(), id.clone())) else { return Ok(()) };
        for registered in &self.registered {
            let Some(delivery) = self.ledger.deliveries.get(&(*seq, registered.handler)) else { continue };
            let name = super::world::HANDLERS[self.place_of(registered.handler)];
            let told = found.iter().flat_map(|event| &event.deliveries).find(|told| told.handler == name);
            check::nothing_accepted_is_gone(delivery, told.map(|told| &told.state))?;
        }
        Ok(())
    }

    pub fn events(&self, source: &str, id: &str) -> Result<Vec<EventDetail>, Broken> {
        self.both(|backend| {
            let events = backend.inspect().events(id, Some(source))?;
            Ok(events.into_iter().map(comparable).collect())
        })
    }

    fn place_of(&self, handler: crate::store::HandlerId) -> usize {
        self.registered.iter().position(|r| r.handler == handler).expect("it is one of them")
    }
}

fn results(inspect: &dyn Inspect) -> Result<Vec<ResultRow>, StoreError> {
    let mut rows = Vec::new();
    let mut keep = |row| {
        rows.push(row);
        ControlFlow::Continue(())
    };
    inspect.results(&ResultFilter::default(), &mut keep)?;
    Ok(rows)
}

/// Not whether an event that is due at once says so with a time that has come.
fn comparable(mut event: EventDetail) -> EventDetail {
    for delivery in &mut event.deliveries {
        if let DeliveryState::Pending { due_at, .. } = &mut delivery.state {
            *due_at = None;
        }
    }
    event
}
