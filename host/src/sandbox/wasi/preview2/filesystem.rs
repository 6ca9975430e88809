//! `wasi:filesystem`: no directory is given, so nothing can be opened, and what else there is to do with
//! files cannot be reached.

use wasmtime::component::{ComponentType, Lift, LinkerInstance, Lower, Resource, ResourceType};

use super::{Host, IoError};
use crate::sandbox::attempt_state::AttemptState;

enum Descriptor {}
enum DirectoryEntryStream {}

/// Never made: an error of a stream here is none of the file system.
#[derive(ComponentType, Lift, Lower, Clone, Copy)]
#[component(enum)]
#[repr(u8)]
#[rustfmt::skip]
#[allow(dead_code, reason = "the type must have all of its cases")]
enum ErrorCode {
    #[component(name = "access")] Access,
    #[component(name = "would-block")] WouldBlock,
    #[component(name = "already")] Already,
    #[component(name = "bad-descriptor")] BadDescriptor,
    #[component(name = "busy")] Busy,
    #[component(name = "deadlock")] Deadlock,
    #[component(name = "quota")] Quota,
    #[component(name = "exist")] Exist,
    #[component(name = "file-too-large")] FileTooLarge,
    #[component(name = "illegal-byte-sequence")] IllegalByteSequence,
    #[component(name = "in-progress")] InProgress,
    #[component(name = "interrupted")] Interrupted,
    #[component(name = "invalid")] Invalid,
    #[component(name = "io")] Io,
    #[component(name = "is-directory")] IsDirectory,
    #[component(name = "loop")] Loop,
    #[component(name = "too-many-links")] TooManyLinks,
    #[component(name = "message-size")] MessageSize,
    #[component(name = "name-too-long")] NameTooLong,
    #[component(name = "no-device")] NoDevice,
    #[component(name = "no-entry")] NoEntry,
    #[component(name = "no-lock")] NoLock,
    #[component(name = "insufficient-memory")] InsufficientMemory,
    #[component(name = "insufficient-space")] InsufficientSpace,
    #[component(name = "not-directory")] NotDirectory,
    #[component(name = "not-empty")] NotEmpty,
    #[component(name = "not-recoverable")] NotRecoverable,
    #[component(name = "unsupported")] Unsupported,
    #[component(name = "no-tty")] NoTty,
    #[component(name = "no-such-device")] NoSuchDevice,
    #[component(name = "overflow")] Overflow,
    #[component(name = "not-permitted")] NotPermitted,
    #[component(name = "pipe")] Pipe,
    #[component(name = "read-only")] ReadOnly,
    #[component(name = "invalid-seek")] InvalidSeek,
    #[component(name = "text-file-busy")] TextFileBusy,
    #[component(name = "cross-device")] CrossDevice,
}

pub fn preopens(to: &mut LinkerInstance<'_, AttemptState>) -> wasmtime::Result<()> {
    to.func_wrap("get-directories", |_: Host<'_>, ()| Ok((Vec::<(Resource<Descriptor>, String)>::new(),)))
}

pub fn types(to: &mut LinkerInstance<'_, AttemptState>) -> wasmtime::Result<()> {
    to.resource("descriptor", ResourceType::host::<Descriptor>(), |_, _| Ok(()))?;
    to.resource("directory-entry-stream", ResourceType::host::<DirectoryEntryStream>(), |_, _| Ok(()))?;
    to.func_wrap("filesystem-error-code", |_: Host<'_>, (_,): (Resource<IoError>,)| Ok((None::<ErrorCode>,)))
}
