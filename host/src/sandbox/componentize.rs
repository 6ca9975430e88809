//! Makes a component of a core module that carries the types of one, as wit-bindgen leaves them when a language's
//! own compiler makes the module.

use wasmparser::{Parser, Payload};

/// How the custom section is called that holds the types, up to the name of the world.
const TYPES: &str = "component-type";

/// `None` for a module that carries no types.
///
/// # Errors
/// One line that says why its types and its code do not go together.
pub fn componentize(module: &[u8]) -> Option<Result<Vec<u8>, String>> {
    carries_types(module).then(|| encode(module).map_err(|error| one_line(&error)))
}

fn carries_types(module: &[u8]) -> bool {
    let payloads = Parser::new(0).parse_all(module).map_while(Result::ok);
    let mut sections = payloads.filter_map(|payload| match payload {
        Payload::CustomSection(section) => Some(section.name().to_owned()),
        _ => None,
    });
    sections.any(|name| name.starts_with(TYPES))
}

fn encode(module: &[u8]) -> Result<Vec<u8>, impl std::fmt::Display + use<>> {
    wit_component::ComponentEncoder::default().validate(true).module(module)?.encode()
}

fn one_line(error: &impl std::fmt::Display) -> String {
    format!("{error:#}").split_whitespace().collect::<Vec<_>>().join(" ")
}
