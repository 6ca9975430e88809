//! The `#[handler]` attribute of `wasm-evq-guest`; use it from there.
#![deny(missing_docs)]

mod check;
mod expand;

use proc_macro::TokenStream;

/// Makes a function the handler of this module.
///
/// The function takes one `Event<T>` and returns an output, or a `Result` of one. It stays an
/// ordinary function, to be called by tests; on wasm32 the export `evq_handle_v1` is added, which
/// reads the event, calls the function, and hands its result to the host. A module has one handler.
#[proc_macro_attribute]
pub fn handler(arguments: TokenStream, item: TokenStream) -> TokenStream {
    expand::handler(&arguments.into(), &item.into()).into()
}
