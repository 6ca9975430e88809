//! The compiler flags of every handler, and how they reach cargo without pushing out the user's own.

use std::ffi::OsString;

use super::compiler::TARGET;

/// The memory layout that makes a fresh instance cheap: a small stack at the bottom (where running
/// over it traps instead of writing into data), then data, among it the arena that the SDK's allocator
/// begins in, so that a usual event never grows the memory. And getrandom asks the SDK, hence the host.
const FLAGS: [&str; 3] =
    ["-Clink-arg=-zstack-size=262144", "-Clink-arg=--stack-first", "--cfg=getrandom_backend=\"custom\""];

/// How the flags are given to cargo.
#[derive(Debug, PartialEq, Eq)]
pub enum Given {
    /// As `--config VALUE`; cargo joins it with what the user's configuration files say.
    Config(String),
    /// As an environment variable; where the user set one, cargo looks at nothing else.
    Variable(&'static str, OsString),
}

/// Chooses by what the user's environment has: `encoded` is `CARGO_ENCODED_RUSTFLAGS`,
/// `plain` is `RUSTFLAGS`.
pub fn given(encoded: Option<OsString>, plain: Option<OsString>) -> Given {
    if let Some(flags) = encoded {
        Given::Variable("CARGO_ENCODED_RUSTFLAGS", joined(flags, "\x1f"))
    } else if let Some(flags) = plain {
        Given::Variable("RUSTFLAGS", joined(flags, " "))
    } else {
        Given::Config(config())
    }
}

fn joined(mut users: OsString, separator: &str) -> OsString {
    for flag in FLAGS {
        if !users.is_empty() {
            users.push(separator);
        }
        users.push(flag);
    }
    users
}

/// A TOML array of literal strings: the flags hold double quotes and no single ones.
fn config() -> String {
    let quoted = FLAGS.map(|flag| format!("'{flag}'"));
    format!("target.{TARGET}.rustflags=[{}]", quoted.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn with_no_variables_cargo_joins_the_flags_with_its_configuration() {
        let Given::Config(text) = given(None, None) else { panic!("not a configuration") };
        assert!(
            text.starts_with("target.wasm32-unknown-unknown.rustflags=['-Clink-arg=-zstack-size=262144',")
        );
        assert!(text.ends_with(",'--cfg=getrandom_backend=\"custom\"']"));
    }

    #[test]
    fn the_users_rustflags_are_kept() {
        let Given::Variable("RUSTFLAGS", value) = given(None, Some("-Dwarnings".into())) else {
            panic!("not RUSTFLAGS")
        };
        let value = value.into_string().unwrap();
        assert!(value.starts_with("-Dwarnings -Clink-arg=-zstack-size=262144 "));
    }

    #[test]
    fn encoded_flags_come_before_plain_ones_as_in_cargo() {
        let Given::Variable("CARGO_ENCODED_RUSTFLAGS", value) = given(Some("-g".into()), Some("-O".into()))
        else {
            panic!("not CARGO_ENCODED_RUSTFLAGS")
        };
        assert!(value.into_string().unwrap().starts_with("-g\x1f-Clink-arg="));
    }

    #[test]
    fn an_empty_variable_gets_no_separator_first() {
        let Given::Variable(_, value) = given(None, Some(OsString::new())) else { panic!() };
        assert!(value.into_string().unwrap().starts_with("-Clink-arg="));
    }
}
