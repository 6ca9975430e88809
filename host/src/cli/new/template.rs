//! The files of a new handler, with its name and the places of other things filled in.

use super::language::Language;
use super::name::HandlerName;
use super::sdk::Sdk;

/// Path in the new folder, and text.
type File = (&'static str, &'static str);

const EVERY_LANGUAGE: [File; 2] = [
    ("event.json", include_str!("template/event.json")),
    ("events.ndjson", include_str!("template/events.ndjson")),
];

/// Two are stored under other names: a nested Cargo.toml would be left out of this crate's package, and a
/// .gitignore would take effect here.
const RUST: [File; 4] = [
    ("Cargo.toml", include_str!("template/rust/Cargo.toml.in")),
    ("src/lib.rs", include_str!("template/rust/lib.rs")),
    ("README.md", include_str!("template/rust/README.md")),
    (".gitignore", include_str!("template/rust/gitignore")),
];

/// Of a program that reads the event from stdin.
const COMMAND: [File; 2] = [
    ("README.md", include_str!("template/command/README.md")),
    (".gitignore", include_str!("template/gitignore")),
];

/// Of a component with the types of `handler.wit`.
const COMPONENT: [File; 3] = [
    ("README.md", include_str!("template/component/README.md")),
    // The same as in guest-sdk/wit, which is no part of this crate's package; a test compares them.
    ("wit/handler.wit", include_str!("template/component/handler.wit")),
    (".gitignore", include_str!("template/gitignore")),
];

/// Every file of a new handler, filled in.
pub fn files(name: &HandlerName, language: Language, sdk: &Sdk) -> Vec<(&'static str, String)> {
    let filled = |text: &str| {
        text.replace("{{build}}", language.build())
            .replace("{{needs}}", language.needs())
            .replace("{{language}}", language.name())
            .replace("{{source}}", language.source())
            .replace("{{sdk}}", &sdk.requirement())
            .replace("{{name}}", name.as_str())
    };
    let (common, own) = parts(language);
    let files = EVERY_LANGUAGE.iter().chain(common).chain(own);
    files.map(|(path, text)| (*path, filled(text))).collect()
}

/// What it has in common with others of its kind, and what is its own.
fn parts(language: Language) -> (&'static [File], &'static [File]) {
    match language {
        Language::Rust => (&RUST, &[]),
        Language::C => (&COMMAND, &[("handler.c", include_str!("template/c/handler.c"))]),
        Language::Zig => (&COMMAND, &[("handler.zig", include_str!("template/zig/handler.zig"))]),
        Language::Go => (
            &COMMAND,
            &[
                ("main.go", include_str!("template/go/main.go")),
                ("go.mod", include_str!("template/go/go.mod")),
            ],
        ),
        Language::AssemblyScript => (
            &COMMAND,
            &[
                ("handler.ts", include_str!("template/assemblyscript/handler.ts")),
                ("package.json", include_str!("template/assemblyscript/package.json")),
                ("asconfig.json", include_str!("template/assemblyscript/asconfig.json")),
            ],
        ),
        Language::Js => (
            &COMPONENT,
            &[
                ("handler.js", include_str!("template/js/handler.js")),
                ("package.json", include_str!("template/js/package.json")),
            ],
        ),
        Language::Python => (&COMPONENT, &[("handler.py", include_str!("template/python/handler.py"))]),
    }
}

#[cfg(test)]
mod tests {
    use clap::ValueEnum;

    use super::*;

    fn made(language: Language) -> Vec<(&'static str, String)> {
        let name = HandlerName::parse("shout", language).unwrap();
        files(&name, language, &Sdk::Published)
    }

    fn text_of(language: Language, wanted: &str) -> String {
        made(language).into_iter().find(|(path, _)| *path == wanted).unwrap().1
    }

    #[test]
    fn nothing_is_left_to_fill_in() {
        for language in Language::value_variants() {
            for (path, text) in made(*language) {
                assert!(!text.contains("{{"), "{language:?}: {path}");
            }
        }
    }

    #[test]
    fn the_source_is_among_the_files_and_its_build_is_in_the_readme() {
        for language in Language::value_variants() {
            assert!(!text_of(*language, language.source()).is_empty());
            let build = language.build().replace("{{name}}", "shout");
            assert!(text_of(*language, "README.md").contains(&build), "{language:?}");
        }
    }

    #[test]
    fn the_manifest_names_the_crate_and_the_sdk() {
        let manifest = text_of(Language::Rust, "Cargo.toml");
        assert!(manifest.contains("name = \"shout\"\n"));
        assert!(manifest.contains("wasm-evq-guest = \"0.1\"\n"));
    }

    #[test]
    fn the_interface_is_the_one_in_guest_sdk() {
        let original = concat!(env!("CARGO_MANIFEST_DIR"), "/../guest-sdk/wit/handler.wit");
        let original = std::fs::read_to_string(original).unwrap();
        assert_eq!(text_of(Language::Python, "wit/handler.wit"), original);
    }

    #[test]
    fn every_sample_event_is_one_of_the_handlers_type() {
        let mut lines = vec![text_of(Language::Rust, "event.json")];
        lines.extend(text_of(Language::Rust, "events.ndjson").lines().map(str::to_owned));
        assert!(lines.len() > 5);
        for line in lines {
            let event: serde_json::Value = serde_json::from_str(&line).unwrap();
            assert_eq!(event["specversion"], "1.0");
            assert_eq!(event["type"], "com.example.message.written");
            assert!(event["id"].is_string() && event["source"].is_string(), "{line}");
        }
    }
}
