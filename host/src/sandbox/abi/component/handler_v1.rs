//! The world `wasm-evq:handler/handler` of `guest-sdk/wit/handler.wit`, version 1: its types, what it imports
//! and how it is called.

use std::time::Duration;

use wasmtime::Store;
use wasmtime::component::types::{self, ComponentItem, Type};
use wasmtime::component::{
    Component, ComponentExportIndex, ComponentType, Instance, Lift, LinkerInstance, Lower, WasmStr,
};

use crate::event::{LimitName, LogLevel, Output, Verdict};
use crate::sandbox::attempt_state::{AttemptState, bound, cut};
use crate::sandbox::toll::{pay, pay_for_room};
use crate::sandbox::trap::Ended;
use crate::sandbox::wasi::preview2::Host;

/// The function that handles one event.
pub const ENTRY: &str = "handle";

#[derive(ComponentType, Lift)]
#[component(variant)]
enum OutputValue {
    #[component(name = "json")]
    Json(String),
    #[component(name = "bytes")]
    Bytes(Vec<u8>),
}

#[derive(ComponentType, Lift)]
#[component(variant)]
enum Failure {
    #[component(name = "failed")]
    Failed(String),
    #[component(name = "retry-after")]
    RetryAfter(Retry),
    #[component(name = "permanent")]
    Permanent(String),
}

#[derive(ComponentType, Lift)]
#[component(record)]
struct Retry {
    #[component(name = "delay-ms")]
    delay_ms: u64,
    reason: String,
}

#[derive(ComponentType, Lift, Lower, Clone, Copy)]
#[component(enum)]
#[repr(u8)]
#[allow(dead_code, reason = "made by lifting a number")]
enum Level {
    #[component(name = "error")]
    Error,
    #[component(name = "warn")]
    Warn,
    #[component(name = "info")]
    Info,
    #[component(name = "debug")]
    Debug,
    #[component(name = "trace")]
    Trace,
}

impl From<Level> for LogLevel {
    fn from(level: Level) -> Self {
        match level {
            Level::Error => LogLevel::Error,
            Level::Warn => LogLevel::Warn,
            Level::Info => LogLevel::Info,
            Level::Debug => LogLevel::Debug,
            Level::Trace => LogLevel::Trace,
        }
    }
}

/// Links an interface of the package; `false` when it has none of this name.
pub fn link(name: &str, to: &mut LinkerInstance<'_, AttemptState>) -> wasmtime::Result<bool> {
    match name {
        "wasm-evq:handler/types@1.0.0" => Ok(true),
        "wasm-evq:handler/host@1.0.0" => link_host(to).map(|()| true),
        _ => Ok(false),
    }
}

fn link_host(to: &mut LinkerInstance<'_, AttemptState>) -> wasmtime::Result<()> {
    to.func_wrap("log", |mut host: Host<'_>, (level, line): (Level, WasmStr)| {
        let line = text(&mut host, &line)?;
        Ok(host.data_mut().push_log(level.into(), &line)?)
    })?;
    to.func_wrap("emit", |mut host: Host<'_>, (event,): (WasmStr,)| {
        let event = text(&mut host, &event)?;
        Ok(host.data_mut().emit(event.as_bytes())?)
    })?;
    to.func_wrap("attempt", |host: Host<'_>, ()| Ok((host.data().attempt,)))?;
    to.func_wrap("now-ms", |host: Host<'_>, ()| {
        Ok((u64::try_from(host.data().wall_clock().as_millis()).unwrap_or(u64::MAX),))
    })?;
    to.func_wrap("env", |mut host: Host<'_>, (name,): (WasmStr,)| {
        let name = text(&mut host, &name)?;
        let value = host.data().grants.environment.get(&name).map(str::to_owned);
        pay(&mut host, value.as_ref().map_or(0, String::len) as u64)?;
        Ok((value,))
    })?;
    to.func_wrap("random", |mut host: Host<'_>, (len,): (u32,)| {
        let mut bytes = vec![0; pay_for_room(&mut host, len.into())?];
        host.data_mut().fill_random(&mut bytes);
        Ok((bytes,))
    })
}

/// The guest's text, paid for by its length.
fn text(host: &mut Host<'_>, text: &WasmStr) -> wasmtime::Result<String> {
    let text = text.to_str(&*host)?.into_owned();
    pay(host, text.len() as u64)?;
    Ok(text)
}

/// Calls the entry, and reads what it said.
pub fn call(
    instance: &Instance,
    entry: &ComponentExportIndex,
    store: &mut Store<AttemptState>,
) -> wasmtime::Result<Verdict> {
    type Answer = Result<Option<OutputValue>, Failure>;
    let handle = instance.get_typed_func::<(&str,), (Answer,)>(&mut *store, entry)?;
    // A copy, since what is emitted is derived from the event.
    let event = store.data().event.clone();
    let (answer,) = handle.call(&mut *store, (&event,))?;
    match answer {
        Ok(value) => {
            let output = output_of(value, store.data().limits.output_bytes_max)?;
            Ok(Verdict::Ok { output, emitted: std::mem::take(&mut store.data_mut().emitted) })
        }
        Err(failure) => Ok(verdict_of_failure(&failure, store.data())),
    }
}

fn output_of(value: Option<OutputValue>, bytes_max: u64) -> Result<Output, Ended> {
    match value {
        None => Ok(Output::None),
        Some(OutputValue::Json(text)) => {
            bound(LimitName::Output, text.len() as u64, bytes_max)?;
            serde_json::from_str::<serde::de::IgnoredAny>(&text)
                .map_err(|e| Ended::violation(format!("`handle` answered with `json` that is none: {e}")))?;
            Ok(Output::Json(text.into()))
        }
        Some(OutputValue::Bytes(bytes)) => {
            bound(LimitName::Output, bytes.len() as u64, bytes_max)?;
            Ok(Output::Bytes(bytes.into()))
        }
    }
}

fn verdict_of_failure(failure: &Failure, state: &AttemptState) -> Verdict {
    match failure {
        Failure::RetryAfter(Retry { delay_ms, reason }) => {
            Verdict::RetryAfter { delay: Duration::from_millis(*delay_ms), message: cut(reason) }
        }
        Failure::Failed(reason) => state.unless_refused(Verdict::Failed { message: cut(reason) }),
        Failure::Permanent(reason) => state.unless_refused(Verdict::Permanent { message: cut(reason) }),
    }
}

/// What keeps a component's `handle` from being called.
pub fn entry_problem(component: &Component) -> Option<String> {
    let is_handle = match component.get_export(None, ENTRY) {
        Some((ComponentItem::ComponentFunc(function), _)) => {
            let params: Vec<Type> = function.params().map(|(_, type_)| type_).collect();
            let results: Vec<Type> = function.results().collect();
            params == [Type::String] && matches!(&results[..], [answer] if is_answer(answer))
        }
        _ => false,
    };
    (!is_handle).then(|| {
        "its export `handle` is not the one of guest-sdk/wit/handler.wit: func(event: string) -> \
         result<option<output>, failure>"
            .into()
    })
}

fn is_answer(answer: &Type) -> bool {
    let Type::Result(answer) = answer else { return false };
    let (Some(Type::Option(output)), Some(Type::Variant(failure))) = (answer.ok(), answer.err()) else {
        return false;
    };
    let Type::Variant(output) = output.ty() else { return false };
    let cases =
        |variant: &types::Variant| variant.cases().map(|case| case.name.to_owned()).collect::<Vec<_>>();
    cases(&output) == ["json", "bytes"] && cases(&failure) == ["failed", "retry-after", "permanent"]
}
