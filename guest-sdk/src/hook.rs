//! A panic's message and place, told to the host before the trap that follows.

use std::panic::{self, PanicHookInfo};

use crate::abi;

/// On wasm32 the instance handles one event, so this runs once.
#[cfg(target_arch = "wasm32")]
pub(crate) fn install() {
    panic::set_hook(Box::new(|info| abi::last_words(&describe(info))));
}

/// Natively the process is the test's: only panics of a handler under test are taken, once for all
/// threads.
#[cfg(not(target_arch = "wasm32"))]
pub(crate) fn install() {
    static ONCE: std::sync::Once = std::sync::Once::new();
    ONCE.call_once(|| {
        let previous = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if abi::fake::is_breach(info.payload()) {
                return;
            }
            if abi::fake::is_running() {
                abi::error(&describe(info));
            } else {
                previous(info);
            }
        }));
    });
}

fn describe(info: &PanicHookInfo<'_>) -> String {
    let payload = info.payload();
    let message = if let Some(text) = payload.downcast_ref::<&str>() {
        text
    } else if let Some(text) = payload.downcast_ref::<String>() {
        text
    } else {
        "no message"
    };
    match info.location() {
        Some(place) => {
            format!("panicked at {}:{}:{}: {message}", place.file(), place.line(), place.column())
        }
        None => format!("panicked: {message}"),
    }
}
