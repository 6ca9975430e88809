//! One recorded attempt once more, for a person who looks for a mistake: all that comes out, beside what was
//! recorded.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::ReplayError;
use super::compare::{FieldDifference, differences};
use super::crew::{invocation, stack_bytes};
use super::modules::wall_clock_max;
use super::reason::Reason;
use crate::event::Report;
use crate::limits::{COMPILE_TIME_MAX, Limits};
use crate::sandbox::{Allocation, Handler, Invocation, LoadError, Remains, Sandbox, SandboxConfig};
use crate::store::{Inspect, RecordedAttempt, RecordedEvent, RecordedModule};

/// Which module is run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Module {
    /// The one that ran, as the database holds it.
    Recorded,
    /// That of this file: a debug build, or a mended one.
    File(PathBuf),
}

/// What keeps some of the record from being compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Apart {
    OtherModule,
    OtherEngine,
    LimitsUnknown,
}

/// An attempt that was run again.
#[derive(Debug)]
pub struct Replayed {
    pub report: Report,
    /// The instance as it was when the guest was stopped; `None` when it returned.
    pub core_dump: Option<Vec<u8>>,
    pub module_sha256: [u8; 32],
    pub apart: Vec<Apart>,
    /// What is not as recorded, of all that compares; or why nothing does.
    pub compared: Result<Vec<FieldDifference>, Reason>,
}

/// Runs an attempt again on its recorded inputs.
///
/// # Errors
/// When its module cannot be had or loaded, or the store not read.
pub fn replay(
    inspect: &dyn Inspect,
    event: &RecordedEvent,
    attempt: &RecordedAttempt,
    module: &Module,
    cache_dir: Option<PathBuf>,
) -> Result<Replayed, ReplayError> {
    let recorded = recorded_module(inspect, attempt)?;
    let (sandbox, handler) = load(inspect, attempt, &recorded, module, cache_dir)?;
    let module_sha256 = handler.facts().sha256;
    let apart = [
        (module_sha256 != recorded.sha256, Apart::OtherModule),
        (sandbox.fingerprint() != recorded.engine, Apart::OtherEngine),
        (recorded.limits.is_none(), Apart::LimitsUnknown),
    ];
    let apart: Vec<_> = apart.into_iter().filter_map(|(is, apart)| is.then_some(apart)).collect();
    let Remains { invoked, core_dump } = run(handler, invocation(event, attempt))?;
    let report = invoked.report;
    let compared = compared(attempt, &recorded, &report, &apart);
    Ok(Replayed { report, core_dump, module_sha256, apart, compared })
}

fn recorded_module(inspect: &dyn Inspect, attempt: &RecordedAttempt) -> Result<RecordedModule, ReplayError> {
    let modules = inspect.modules()?;
    let found = modules.into_iter().find(|module| module.id == attempt.module);
    found.ok_or_else(|| ReplayError::NoModule(format!("there is no module {}", attempt.module.0)))
}

fn load(
    inspect: &dyn Inspect,
    attempt: &RecordedAttempt,
    recorded: &RecordedModule,
    module: &Module,
    cache_dir: Option<PathBuf>,
) -> Result<(Sandbox, Handler), ReplayError> {
    let limits = recorded.limits.unwrap_or_default();
    // A timeout is to be seen again; any other attempt has time enough on a slower memory.
    let wall_clock_max = match &*attempt.verdict {
        "timeout" => limits.wall_clock_max,
        _ => wall_clock_max(limits),
    };
    let limits = Limits { wall_clock_max, ..limits };
    let config = SandboxConfig {
        limits,
        slots: 1,
        compile_time_max: COMPILE_TIME_MAX,
        cache_dir,
        allocation: Allocation::OnDemand,
    };
    let sandbox = Sandbox::for_debugging(&config)?;
    let handler = match module {
        Module::File(path) => sandbox.load(&recorded.handler, path)?,
        Module::Recorded => load_recorded(inspect, &sandbox, recorded)?,
    };
    Ok((sandbox, handler.granted(recorded.grants.without_secrets())))
}

fn load_recorded(
    inspect: &dyn Inspect,
    sandbox: &Sandbox,
    recorded: &RecordedModule,
) -> Result<Handler, ReplayError> {
    let sha256 = hex::encode(recorded.sha256);
    let Some(bytes) = inspect.module_bytes(&recorded.sha256)? else {
        return Err(ReplayError::NoModule(format!(
            "the database does not hold the module of sha256 {sha256}; give its file with --handler-file"
        )));
    };
    let origin = format!("the recorded module {sha256}");
    let handler: Result<Handler, LoadError> =
        sandbox.load_bytes(&recorded.handler, Path::new(&origin), Arc::from(bytes));
    Ok(handler?)
}

/// On a thread of its own, with the stack that the guest's bound asks for.
fn run(handler: Handler, invocation: Invocation) -> Result<Remains, ReplayError> {
    let name = handler.name().to_owned();
    std::thread::Builder::new()
        .name("evq-replay".into())
        .stack_size(stack_bytes(handler.stack_bytes_max() as u64))
        .spawn(move || handler.invoke_for_debugging(invocation, &name))
        .map_err(|e| ReplayError::NoThread(e.to_string()))?
        .join()
        .map_err(|_| ReplayError::Panicked)
}

/// What depends on the machine at that time does not compare; and fuel only where nothing but the event
/// decided on it.
fn compared(
    attempt: &RecordedAttempt,
    module: &RecordedModule,
    report: &Report,
    apart: &[Apart],
) -> Result<Vec<FieldDifference>, Reason> {
    let lacks_secret = module.grants.secrets().next().map(|_| Reason::SecretNotRecorded);
    let reason = Reason::of_recorded(&attempt.verdict)
        .or(lacks_secret)
        .or_else(|| Reason::of_now(&attempt.verdict, report.verdict.code()));
    if let Some(reason) = reason {
        return Err(reason);
    }
    let mut found = differences(attempt, report);
    if !apart.is_empty() {
        found.retain(|difference| !difference.field.ends_with("fuel"));
    }
    Ok(found)
}
