//! From a checked function to the export.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{FnArg, ItemFn, ReturnType, Type};

use crate::check;

pub fn handler(arguments: &TokenStream, item: &TokenStream) -> TokenStream {
    let function = match check::function(item) {
        Ok(function) => function,
        Err(mistake) => {
            let mistake = mistake.into_compile_error();
            return quote!(#item #mistake);
        }
    };
    match check::mistakes(arguments, &function) {
        // The function stays, so that what refers to it does not fail as well; that it is not used as
        // meant needs no warnings on top.
        Some(mistakes) => {
            let mistakes = mistakes.into_compile_error();
            quote!(#[allow(unused)] #function #mistakes)
        }
        None => {
            let export = export(&function);
            // That the event comes by value is the shape of a handler, not its author's choice.
            quote!(#[allow(clippy::needless_pass_by_value)] #function #export)
        }
    }
}

/// The export, and the call that it makes. The call is there natively too: a handler whose types do
/// not fit must not pass `cargo check`.
fn export(function: &ItemFn) -> TokenStream {
    let name = &function.sig.ident;
    let argument = argument(function);
    let (reply, kind) = reply(function);
    // The types are the user's own tokens, so that errors about them point there.
    quote! {
        const _: () = {
            #[allow(dead_code)]
            fn evq_handle(event_len: usize) -> i32 {
                ::wasm_evq_guest::__private::run::<#argument, #reply, #kind>(event_len, #name)
            }

            #[cfg(target_arch = "wasm32")]
            ::wasm_evq_guest::__export!(evq_handle);
        };
    }
}

fn argument(function: &ItemFn) -> TokenStream {
    match function.sig.inputs.first() {
        Some(FnArg::Typed(argument)) => {
            let ty = &argument.ty;
            quote!(#ty)
        }
        // Refused by the checks; inference stands in.
        _ => quote!(_),
    }
}

/// The return type, and which of the two kinds of reply it is where that can be seen.
fn reply(function: &ItemFn) -> (TokenStream, TokenStream) {
    let ReturnType::Type(_, ty) = &function.sig.output else {
        return (quote!(()), quote!(::wasm_evq_guest::__private::Plain));
    };
    match &**ty {
        Type::ImplTrait(_) => (quote!(_), quote!(_)),
        Type::Path(path) if path.path.segments.last().is_some_and(|last| last.ident == "Result") => {
            (quote!(#ty), quote!(::wasm_evq_guest::__private::Fallible))
        }
        _ => (quote!(#ty), quote!(_)),
    }
}
