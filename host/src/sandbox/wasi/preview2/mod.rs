//! The interfaces of WASI 0.2, as far as an event has them. Each file has those of one package, linked by
//! hand: what they do is small, and nothing of it may wait.

mod cli;
mod clocks;
mod filesystem;
mod io;
mod output;
mod random;
mod sockets;

use wasmtime::StoreContextMut;
use wasmtime::component::LinkerInstance;

use crate::sandbox::attempt_state::AttemptState;

pub use io::{InputStream, IoError, Pollable};
pub use output::OutputStream;

/// The attempt, in a call from its component.
pub type Host<'a> = StoreContextMut<'a, AttemptState>;

/// Links the interface that a component imports as `name`; `false` when there is no such interface.
pub fn link(name: &str, to: &mut LinkerInstance<'_, AttemptState>) -> wasmtime::Result<bool> {
    let Some((interface, version)) = name.split_once('@') else { return Ok(false) };
    if !version.starts_with("0.2.") {
        return Ok(false);
    }
    match interface {
        "wasi:cli/environment" => cli::environment(to)?,
        "wasi:cli/exit" => cli::exit(to)?,
        "wasi:cli/stdin" => cli::stdin(to)?,
        "wasi:cli/stdout" => cli::stdout(to)?,
        "wasi:cli/stderr" => cli::stderr(to)?,
        "wasi:cli/terminal-input" => cli::terminal_input(to)?,
        "wasi:cli/terminal-output" => cli::terminal_output(to)?,
        "wasi:cli/terminal-stdin" => cli::no_terminal::<cli::TerminalInput>(to, "get-terminal-stdin")?,
        "wasi:cli/terminal-stdout" => cli::no_terminal::<cli::TerminalOutput>(to, "get-terminal-stdout")?,
        "wasi:cli/terminal-stderr" => cli::no_terminal::<cli::TerminalOutput>(to, "get-terminal-stderr")?,
        "wasi:clocks/monotonic-clock" => clocks::monotonic(to)?,
        "wasi:clocks/wall-clock" => clocks::wall(to)?,
        "wasi:filesystem/preopens" => filesystem::preopens(to)?,
        "wasi:filesystem/types" => filesystem::types(to)?,
        "wasi:io/error" => io::error(to)?,
        "wasi:io/poll" => io::poll(to)?,
        "wasi:io/streams" => io::streams(to)?,
        "wasi:random/random" => random::random(to)?,
        "wasi:random/insecure" => random::insecure(to)?,
        "wasi:random/insecure-seed" => random::insecure_seed(to)?,
        "wasi:sockets/network" => sockets::network(to)?,
        "wasi:sockets/instance-network" => sockets::instance_network(to)?,
        "wasi:sockets/tcp" => sockets::tcp(to)?,
        "wasi:sockets/udp" => sockets::udp(to)?,
        "wasi:sockets/tcp-create-socket" => sockets::deny(to, "create-tcp-socket")?,
        "wasi:sockets/udp-create-socket" => sockets::deny(to, "create-udp-socket")?,
        "wasi:sockets/ip-name-lookup" => sockets::ip_name_lookup(to)?,
        _ => return Ok(false),
    }
    Ok(true)
}
