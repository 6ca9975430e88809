//! What `#[handler]` asks of a function. All mistakes are found in one go, each at its own token.

use proc_macro2::{Span, TokenStream};
use syn::spanned::Spanned;
use syn::{Error, FnArg, Item, ItemFn, Safety, Signature, Type};

/// Reads the item as a function.
pub fn function(item: &TokenStream) -> Result<ItemFn, Error> {
    match syn::parse2::<Item>(item.clone()) {
        Ok(Item::Fn(function)) => Ok(function),
        Ok(other) => {
            Err(Error::new(keyword(&other), "`#[handler]` goes on a function: `fn handle(event: Event<T>)`"))
        }
        // Whatever else is wrong with it, the compiler's parser says it better at the same place.
        Err(_) => syn::parse2::<ItemFn>(item.clone()),
    }
}

/// The first token after an item's attributes and visibility says what it is.
fn keyword(item: &Item) -> Span {
    match item {
        Item::Struct(item) => item.struct_token.span(),
        Item::Enum(item) => item.enum_token.span(),
        Item::Impl(item) => item.impl_token.span(),
        Item::Mod(item) => item.mod_token.span(),
        Item::Trait(item) => item.trait_token.span(),
        other => other.span(),
    }
}

/// Finds every reason why the function cannot be a handler.
pub fn mistakes(arguments: &TokenStream, function: &ItemFn) -> Option<Error> {
    let mut found = Mistakes(None);
    if !arguments.is_empty() {
        found.add(arguments, "`#[handler]` takes no arguments");
    }
    qualifiers(&function.sig, &mut found);
    generics(&function.sig, &mut found);
    inputs(&function.sig, &mut found);
    found.0
}

struct Mistakes(Option<Error>);

impl Mistakes {
    fn add(&mut self, at: impl quote::ToTokens, message: &str) {
        let mistake = Error::new_spanned(at, message);
        match &mut self.0 {
            Some(found) => found.combine(mistake),
            None => self.0 = Some(mistake),
        }
    }
}

fn qualifiers(sig: &Signature, found: &mut Mistakes) {
    if let Some(token) = &sig.asyncness {
        found.add(token, "a handler cannot be `async`: it runs to its end and has nothing to wait for");
    }
    if let Safety::Unsafe(token) = &sig.safety {
        found.add(token, "a handler cannot be `unsafe`: the host's call comes with no promises");
    }
    if let Some(abi) = &sig.abi {
        found.add(abi, "a handler is a plain Rust function: `#[handler]` adds the export");
    }
    if let Some(variadic) = &sig.variadic {
        found.add(variadic, "a handler takes exactly one argument, the event");
    }
}

fn generics(sig: &Signature, found: &mut Mistakes) {
    if !sig.generics.params.is_empty() {
        found.add(
            &sig.generics,
            "a handler cannot be generic: name the type of the data, as in `Event<Order>`",
        );
    }
    if let Some(clause) = &sig.generics.where_clause {
        found.add(clause, "a handler cannot have a `where` clause: it is not generic");
    }
}

fn inputs(sig: &Signature, found: &mut Mistakes) {
    let mut arguments = 0;
    for input in &sig.inputs {
        match input {
            FnArg::Receiver(receiver) => {
                let message =
                    "a handler is a free function, without `self`: every event has a fresh instance";
                found.add(receiver, message);
            }
            FnArg::Typed(argument) => {
                arguments += 1;
                if arguments > 1 {
                    let message = "a handler takes exactly one argument, the event; this one is too much";
                    found.add(argument, message);
                } else if let Type::ImplTrait(_) = *argument.ty {
                    found.add(&argument.ty, "a handler cannot be generic: take `Event<T>`");
                }
            }
        }
    }
    if arguments == 0 {
        let message = "a handler takes exactly one argument, the event: `event: Event<T>`";
        found.add(&sig.ident, message);
    }
}
