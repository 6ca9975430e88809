//! What must hold with every allocation alike: the same answers, the same fuel, nothing left behind.

mod fuel;
mod scan;
mod smith;

use std::path::Path;

use super::{Allocation, Answers, Handler, Invocation, Invoked, Sandbox, SandboxConfig};
use crate::clock::UnixMillis;
use crate::limits::{COMPILE_TIME_MAX, Limits};

/// Those with which fuel compares.
const ALLOCATIONS: [Allocation; 3] = [Allocation::Resident, Allocation::Pooling, Allocation::OnDemand];

fn sandbox(allocation: Allocation, limits: Limits) -> Sandbox {
    Sandbox::new(&SandboxConfig {
        limits,
        slots: 4,
        compile_time_max: COMPILE_TIME_MAX,
        cache_dir: None,
        allocation,
    })
    .unwrap()
}

fn load(sandbox: &Sandbox, wat: &str) -> Handler {
    let loaded = sandbox.load_bytes("guest", Path::new("guest.wat"), wat.as_bytes().into());
    loaded.unwrap_or_else(|error| panic!("{error} in {wat}"))
}

fn invoke(handler: &Handler, event: &str) -> Invoked {
    handler.invoke(Invocation {
        answers: Answers::Live,
        event: event.into(),
        attempt: 1,
        accepted_at: UnixMillis::default(),
        hops: 0,
    })
}
