//! One attempt for a person who looks for a mistake: the same as any other, and a core dump of its instance
//! where the guest did not return. Taking one costs memory and time, so no other engine does.

use super::engine::{Allocation, Allocator, Sandbox, SandboxConfig, base, started};
use super::error::SandboxError;
use super::handler::Handler;
use super::run::{Invocation, Invoked};

/// What is left of an attempt.
#[derive(Debug)]
pub struct Remains {
    pub invoked: Invoked,
    /// The instance as it was, in the format of WebAssembly's tool conventions; `None` when the guest
    /// returned or never ran.
    pub core_dump: Option<Vec<u8>>,
}

impl Sandbox {
    /// A sandbox that takes core dumps, with memories mapped on demand. Verdicts and fuel are those of any
    /// other with the same fingerprint.
    ///
    /// # Errors
    /// As [`Sandbox::new`].
    pub fn for_debugging(config: &SandboxConfig) -> Result<Self, SandboxError> {
        let config = &SandboxConfig { allocation: Allocation::OnDemand, ..config.clone() };
        let mut settings = base(config)?;
        settings.coredump_on_trap(true);
        let because = "it is for debugging".to_owned();
        Sandbox::on(started(&settings)?, Allocator::OnDemand { because }, config)
    }
}

impl Handler {
    /// As [`Handler::invoke`]; the core dump carries `name`.
    pub fn invoke_for_debugging(&self, invocation: Invocation, name: &str) -> Remains {
        let mut core_dump = None;
        let invoked = self.invoke_and_look(invocation, |store, error| {
            let dump = error.downcast_ref::<wasmtime::WasmCoreDump>();
            core_dump = dump.map(|dump| dump.serialize(store, name));
        });
        Remains { invoked, core_dump }
    }
}
