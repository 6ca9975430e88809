//! What must hold with every allocation alike: the same answers, the same fuel, nothing left behind.

mod fuel;

use std::path::Path;

use super::{Allocation, Handler, Invocation, Invoked, Sandbox, SandboxConfig};
use crate::clock::UnixMillis;
use crate::limits::Limits;

/// Those with which fuel compares.
const ALLOCATIONS: [Allocation; 3] = [Allocation::Resident, Allocation::Pooling, Allocation::OnDemand];

fn sandbox(allocation: Allocation, limits: Limits) -> Sandbox {
    Sandbox::new(&SandboxConfig { limits, slots: 4, cache_dir: None, allocation }).unwrap()
}

fn load(sandbox: &Sandbox, wat: &str) -> Handler {
    let file = tempfile::Builder::new().suffix(".wat").tempfile().unwrap();
    std::fs::write(file.path(), wat).unwrap();
    load_file(sandbox, file.path()).unwrap_or_else(|error| panic!("{error} in {wat}"))
}

fn load_file(sandbox: &Sandbox, path: &Path) -> Result<Handler, super::LoadError> {
    sandbox.load("guest", path)
}

fn invoke(handler: &Handler, event: &str) -> Invoked {
    handler.invoke(Invocation {
        event: event.into(),
        attempt: 1,
        accepted_at: UnixMillis::default(),
        hops: 0,
    })
}
