//! `wasm-evq completions`: a completion script on stdout.

use std::process::ExitCode;

use clap::CommandFactory;
use clap_complete::Shell;

use super::{Cli, Failure};

const EXAMPLE: &str = "\
Example:
  wasm-evq completions bash > ~/.local/share/bash-completion/completions/wasm-evq";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLE)]
pub struct CompletionsArgs {
    /// The shell to complete for
    shell: Shell,
}

pub fn run(args: &CompletionsArgs) -> Result<ExitCode, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "wasm-evq", &mut script);
    super::output::finish(std::io::Write::write_all(&mut super::output::stdout(), &script))
}
