//! `wasi:cli`: the environment that is granted, the streams, and a program's end. No terminal.

use wasmtime::component::{LinkerInstance, Resource, ResourceType};

use super::io::InputStream;
use super::{Host, OutputStream};
use crate::sandbox::attempt_state::AttemptState;
use crate::sandbox::toll::pay;
use crate::sandbox::wasi::Exit;

type To<'a, 'b> = &'a mut LinkerInstance<'b, AttemptState>;

pub enum TerminalInput {}
pub enum TerminalOutput {}

pub fn environment(to: To<'_, '_>) -> wasmtime::Result<()> {
    to.func_wrap("get-environment", |mut host: Host<'_>, ()| {
        let grants = host.data().grants.clone();
        pay(&mut host, grants.environment.len_bytes() as u64)?;
        let owned = |(name, text): (&str, &str)| (name.to_owned(), text.to_owned());
        Ok((grants.environment.iter().map(owned).collect::<Vec<_>>(),))
    })?;
    // One argument, as programs expect: the handler's name.
    to.func_wrap("get-arguments", |host: Host<'_>, ()| Ok((vec![host.data().handler.to_string()],)))?;
    to.func_wrap("initial-cwd", |_: Host<'_>, ()| Ok((None::<String>,)))
}

pub fn exit(to: To<'_, '_>) -> wasmtime::Result<()> {
    to.func_wrap("exit", |_: Host<'_>, (status,): (Result<(), ()>,)| -> wasmtime::Result<()> {
        Err(Exit(status.map_or(1, |()| 0)).into())
    })?;
    to.func_wrap("exit-with-code", |_: Host<'_>, (code,): (u8,)| -> wasmtime::Result<()> {
        Err(Exit(code.into()).into())
    })
}

pub fn stdin(to: To<'_, '_>) -> wasmtime::Result<()> {
    to.func_wrap("get-stdin", |mut host: Host<'_>, ()| {
        Ok((host.data_mut().resources.push(InputStream::Stdin)?,))
    })
}

pub fn stdout(to: To<'_, '_>) -> wasmtime::Result<()> {
    to.func_wrap("get-stdout", |mut host: Host<'_>, ()| {
        Ok((host.data_mut().resources.push(OutputStream::Stdout)?,))
    })
}

pub fn stderr(to: To<'_, '_>) -> wasmtime::Result<()> {
    to.func_wrap("get-stderr", |mut host: Host<'_>, ()| {
        Ok((host.data_mut().resources.push(OutputStream::Stderr)?,))
    })
}

pub fn terminal_input(to: To<'_, '_>) -> wasmtime::Result<()> {
    to.resource("terminal-input", ResourceType::host::<TerminalInput>(), |_, _| Ok(()))
}

pub fn terminal_output(to: To<'_, '_>) -> wasmtime::Result<()> {
    to.resource("terminal-output", ResourceType::host::<TerminalOutput>(), |_, _| Ok(()))
}

/// The streams are no terminals.
pub fn no_terminal<T: 'static>(to: To<'_, '_>, name: &str) -> wasmtime::Result<()> {
    to.func_wrap(name, |_: Host<'_>, ()| Ok((None::<Resource<T>>,)))
}
