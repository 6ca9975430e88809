//! One run of cargo, and the module that it names.

use std::env;
use std::fs;
use std::io::{BufRead, BufReader, IsTerminal};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde::Deserialize;

use super::BuildError;
use super::compiler::{Compiler, TARGET};
use super::flags::{self, Given};
use super::package::{Package, cannot_run_cargo, cargo};

/// What the module is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    /// For real events: as fast as can be.
    Release,
    /// For finding a mistake.
    Debug,
}

/// What is made of the handler's source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// A core module, called by `ABI.md`.
    Module,
    /// A core module that carries the types of a component.
    Component,
}

/// The SDK's feature for it, as cargo names a dependency's.
const COMPONENT_FEATURE: &str = "wasm-evq-guest/component";

/// The release profile of a crate that sets none. Overflow must not pass silently in a handler that
/// nobody watches. Function names stay in the module in any case: backtraces need them.
const RELEASE_DEFAULTS: [(&str, &str); 5] = [
    ("CARGO_PROFILE_RELEASE_OPT_LEVEL", "3"),
    ("CARGO_PROFILE_RELEASE_LTO", "true"),
    ("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "1"),
    ("CARGO_PROFILE_RELEASE_PANIC", "abort"),
    ("CARGO_PROFILE_RELEASE_OVERFLOW_CHECKS", "true"),
];

/// Compiles `package`; cargo's own words go to stderr as they come. Returns where the module is.
pub fn compile(
    package: &Package,
    compiler: &Compiler,
    profile: Profile,
    form: Form,
) -> Result<PathBuf, BuildError> {
    let mut command = cargo_build(package, compiler, profile);
    if form == Form::Component {
        command.args(["--features", COMPONENT_FEATURE]);
    }
    let mut child = command.stdout(Stdio::piped()).spawn().map_err(cannot_run_cargo)?;
    let messages = child.stdout.take().map(BufReader::new);
    let unreadable = |cause| BuildError::Unreadable { name: package.name.clone(), cause };
    let mut module = None;
    for line in messages.into_iter().flat_map(BufRead::lines) {
        module = module_in(&line.map_err(unreadable)?, &package.manifest).or(module);
    }
    if !child.wait().map_err(unreadable)?.success() {
        return Err(BuildError::DoesNotCompile { name: package.name.clone() });
    }
    module.ok_or_else(|| BuildError::NoArtifact { name: package.name.clone() })
}

fn cargo_build(package: &Package, compiler: &Compiler, profile: Profile) -> Command {
    let mut command = Command::new(cargo());
    // From its own folder, as a person would: cargo and rustup look for configuration from there.
    command.current_dir(&package.dir).args([
        "build",
        "--lib",
        "--target",
        TARGET,
        "--message-format=json-render-diagnostics",
    ]);
    if !std::io::stderr().is_terminal() {
        command.arg("--quiet");
    }
    match flags::given(env::var_os("CARGO_ENCODED_RUSTFLAGS"), env::var_os("RUSTFLAGS")) {
        Given::Config(value) => command.arg("--config").arg(value),
        Given::Variable(name, value) => command.env(name, value),
    };
    if let Compiler::Other(rustc) = compiler {
        command.env("RUSTC", rustc).arg("--target-dir").arg(package.target_dir.join("wasm-evq"));
    }
    if profile == Profile::Release {
        command.arg("--release");
        if !sets_profiles(&package.root_manifest) {
            command.envs(RELEASE_DEFAULTS.into_iter().filter(|(name, _)| env::var_os(name).is_none()));
        }
    }
    command
}

fn sets_profiles(manifest: &Path) -> bool {
    fs::read_to_string(manifest).is_ok_and(|toml| toml.lines().any(begins_profile))
}

/// As a table (`[profile.release]`) or dotted (`profile.release.lto = true`).
fn begins_profile(line: &str) -> bool {
    let line = line.trim_start_matches([' ', '\t', '[']);
    line.strip_prefix("profile").is_some_and(|rest| rest.trim_start().starts_with(['.', ']']))
}

#[derive(Deserialize)]
struct Artifact {
    manifest_path: PathBuf,
    target: Target,
    filenames: Vec<PathBuf>,
}

#[derive(Deserialize)]
struct Target {
    crate_types: Vec<String>,
}

/// The module that one of cargo's JSON messages names, if it is about this crate's cdylib.
fn module_in(message: &str, manifest: &Path) -> Option<PathBuf> {
    let artifact: Artifact = serde_json::from_str(message).ok()?;
    let is_ours = artifact.manifest_path.canonicalize().is_ok_and(|path| path == manifest);
    if !is_ours || !artifact.target.crate_types.iter().any(|kind| kind == "cdylib") {
        return None;
    }
    artifact.filenames.into_iter().find(|file| file.extension().is_some_and(|is| is == "wasm"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A manifest that surely exists, as the real paths are compared.
    fn manifest() -> PathBuf {
        Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml")).canonicalize().unwrap()
    }

    fn artifact(manifest: &Path, crate_type: &str) -> String {
        serde_json::json!({
            "reason": "compiler-artifact",
            "manifest_path": manifest,
            "target": { "kind": [crate_type], "crate_types": [crate_type], "name": "shout" },
            "filenames": ["/t/libshout.d", "/t/shout.wasm"],
        })
        .to_string()
    }

    #[test]
    fn the_module_is_the_one_that_cargo_names() {
        let module = module_in(&artifact(&manifest(), "cdylib"), &manifest());
        assert_eq!(module, Some("/t/shout.wasm".into()));
    }

    #[test]
    fn what_is_not_our_cdylib_is_passed_over() {
        assert_eq!(module_in(&artifact(&manifest(), "rlib"), &manifest()), None);
        assert_eq!(module_in(&artifact(Path::new("/other/Cargo.toml"), "cdylib"), &manifest()), None);
        assert_eq!(module_in(r#"{"reason":"build-finished","success":true}"#, &manifest()), None);
        assert_eq!(module_in("not JSON", &manifest()), None);
    }

    #[test]
    fn profiles_are_seen_in_each_way_of_writing_them() {
        for line in ["[profile.release]", "  profile.release.lto = true", "[profile]", "[ profile . dev ]"] {
            assert!(begins_profile(line), "{line}");
        }
        for line in ["profiler = \"1\"", "# [profile.release]", "[package]", "[profiles]"] {
            assert!(!begins_profile(line), "{line}");
        }
    }
}
