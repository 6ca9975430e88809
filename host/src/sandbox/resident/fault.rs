//! The fault handler: an access to a page of a live memory that is not open yet opens it.
//!
//! It stands in front of wasmtime's own handler, and passes on every fault that is none of its own.

use std::io;
use std::mem::MaybeUninit;
use std::ptr;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicPtr, AtomicUsize, Ordering};

use super::slot::Slot;

/// Slots a process can have: more than workers.
const SLOTS_MAX: usize = 1024;

static SLOTS: [AtomicPtr<Slot>; SLOTS_MAX] = [const { AtomicPtr::new(ptr::null_mut()) }; SLOTS_MAX];
static SLOT_COUNT: AtomicUsize = AtomicUsize::new(0);

/// The handler that was there before: wasmtime's.
static PREVIOUS: OnceLock<libc::sigaction> = OnceLock::new();

/// Registers a slot whose faults are to be handled, for the rest of the process's life.
pub fn register(slot: &'static Slot) -> io::Result<()> {
    let index = SLOT_COUNT.fetch_add(1, Ordering::SeqCst);
    let Some(place) = SLOTS.get(index) else {
        return Err(io::Error::other(format!("more than {SLOTS_MAX} memories at a time")));
    };
    place.store(ptr::from_ref(slot).cast_mut(), Ordering::SeqCst);
    Ok(())
}

/// Puts the handler in place, once. To be called when wasmtime has put its own.
pub fn install() -> io::Result<()> {
    static INSTALLED: OnceLock<Result<(), i32>> = OnceLock::new();
    INSTALLED
        .get_or_init(|| install_once().map_err(|e| e.raw_os_error().unwrap_or(0)))
        .map_err(io::Error::from_raw_os_error)
}

fn install_once() -> io::Result<()> {
    let mut previous = MaybeUninit::<libc::sigaction>::uninit();
    // SAFETY: reads the present handler into a struct of the right type.
    if unsafe { libc::sigaction(libc::SIGSEGV, ptr::null(), previous.as_mut_ptr()) } != 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the call above filled it.
    let previous = unsafe { previous.assume_init() };
    // The next handler must be known before a fault can come to this one.
    let mut ours = *PREVIOUS.get_or_init(|| previous);
    ours.sa_sigaction = on_fault as *const () as usize;
    ours.sa_flags = libc::SA_SIGINFO | libc::SA_NODEFER | libc::SA_ONSTACK;
    // SAFETY: the handler keeps to what is allowed in one: atomics and mprotect.
    if unsafe { libc::sigaction(libc::SIGSEGV, &raw const ours, ptr::null_mut()) } != 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(())
}

unsafe extern "C" fn on_fault(signal: libc::c_int, info: *mut libc::siginfo_t, context: *mut libc::c_void) {
    // SAFETY: the kernel gives a valid siginfo to a handler with SA_SIGINFO.
    let address = unsafe { (*info).si_addr() } as usize;
    if opens(address) {
        return;
    }
    // SAFETY: the same arguments, as the kernel would have given them.
    unsafe { pass_on(signal, info, context) };
}

fn opens(address: usize) -> bool {
    let count = SLOT_COUNT.load(Ordering::SeqCst).min(SLOTS_MAX);
    SLOTS[..count].iter().any(|slot| {
        // SAFETY: null, or a slot that lives as long as the process.
        let slot = unsafe { slot.load(Ordering::SeqCst).as_ref() };
        slot.is_some_and(|slot| slot.open_at(address))
    })
}

/// Calls the handler that was there before, or lets the fault have its usual effect.
///
/// # Safety
/// The arguments must be those that the kernel gave.
unsafe fn pass_on(signal: libc::c_int, info: *mut libc::siginfo_t, context: *mut libc::c_void) {
    type Handler = unsafe extern "C" fn(libc::c_int, *mut libc::siginfo_t, *mut libc::c_void);
    match PREVIOUS.get() {
        Some(previous)
            if previous.sa_sigaction != libc::SIG_DFL && previous.sa_sigaction != libc::SIG_IGN =>
        {
            // SAFETY: what was installed as a handler is one.
            let handler: Handler = unsafe { std::mem::transmute(previous.sa_sigaction) };
            // SAFETY: the caller's promise.
            unsafe { handler(signal, info, context) };
        }
        _ => {
            // SAFETY: with the default action back, the access faults again and ends the process.
            unsafe { libc::signal(signal, libc::SIG_DFL) };
        }
    }
}
