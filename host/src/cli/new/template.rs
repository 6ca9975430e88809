//! The files of a new handler crate, with its name and the SDK's place filled in.

use super::name::CrateName;
use super::sdk::Sdk;

/// Path in the new folder, and text. Two are stored under other names: a nested Cargo.toml would be
/// left out of this crate's package, and a .gitignore would take effect here.
const FILES: [(&str, &str); 6] = [
    ("Cargo.toml", include_str!("template/Cargo.toml.in")),
    ("src/lib.rs", include_str!("template/lib.rs")),
    ("event.json", include_str!("template/event.json")),
    ("events.ndjson", include_str!("template/events.ndjson")),
    ("README.md", include_str!("template/README.md")),
    (".gitignore", include_str!("template/gitignore")),
];

pub fn files(name: &CrateName, sdk: &Sdk) -> Vec<(&'static str, String)> {
    let filled = |text: &str| text.replace("{{name}}", name.as_str()).replace("{{sdk}}", &sdk.requirement());
    FILES.iter().map(|(path, text)| (*path, filled(text))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text_of(wanted: &str) -> String {
        let name = CrateName::parse("shout").unwrap();
        let files = files(&name, &Sdk::Published);
        files.into_iter().find(|(path, _)| *path == wanted).unwrap().1
    }

    #[test]
    fn nothing_is_left_to_fill_in() {
        for (path, _) in FILES {
            assert!(!text_of(path).contains("{{"), "{path}");
        }
    }

    #[test]
    fn the_manifest_names_the_crate_and_the_sdk() {
        let manifest = text_of("Cargo.toml");
        assert!(manifest.contains("name = \"shout\"\n"));
        assert!(manifest.contains("wasm-evq-guest = \"0.1\"\n"));
    }

    #[test]
    fn every_sample_event_is_one_of_the_handlers_type() {
        let mut lines = vec![text_of("event.json")];
        lines.extend(text_of("events.ndjson").lines().map(str::to_owned));
        assert!(lines.len() > 5);
        for line in lines {
            let event: serde_json::Value = serde_json::from_str(&line).unwrap();
            assert_eq!(event["specversion"], "1.0");
            assert_eq!(event["type"], "com.example.message.written");
            assert!(event["id"].is_string() && event["source"].is_string(), "{line}");
        }
    }
}
