//! From what was typed to what it means: all checks, no work.

use std::net::{SocketAddr, ToSocketAddrs};
use std::num::NonZeroUsize;
use std::path::PathBuf;

use super::ServeArgs;
use crate::api::{Hosts, PressureLimits};
use crate::cli::Failure;
use crate::config::HandlerSettings;
use crate::limits::MIB;

pub struct Plan {
    pub listen: SocketAddr,
    pub hosts: Hosts,
    pub db: PathBuf,
    pub workers: NonZeroUsize,
    /// One at least.
    pub handlers: Vec<HandlerSettings>,
    pub pressure: PressureLimits,
}

impl Plan {
    pub fn of(args: &ServeArgs) -> Result<Self, Failure> {
        if args.handlers.is_file() && args.queue.has_policy() {
            let cure = "write max-attempts and retry-delay beside each handler in the file";
            return Err(Failure::usage(format!(
                "--max-attempts and --retry-delay are for one handler; {cure}"
            )));
        }
        let (handlers, written) = args.handlers.settings(args.queue.policy()?)?;
        let count = NonZeroUsize::new(handlers.len()).unwrap_or(NonZeroUsize::MIN);
        let listen = args.listen.clone().or(written.listen);
        let listen = loopback(listen.as_deref().unwrap_or("127.0.0.1:8080"))?;
        let hosts = if args.hosts.is_empty() { &written.host } else { &args.hosts };
        Ok(Plan {
            listen,
            hosts: Hosts::new(listen.ip(), hosts)?,
            db: args.queue.db_over(written.db),
            workers: args.queue.workers_over(written.workers, count)?,
            handlers,
            pressure: PressureLimits {
                unsettled_events_max: args.max_pending.or(written.max_pending).unwrap_or(1_000_000),
                free_bytes_min: args.min_free_disk.or(written.min_free_disk).unwrap_or(256 * MIB),
            },
        })
    }
}

/// The address to listen on. A name must mean loopback with every address it has.
fn loopback(listen: &str) -> Result<SocketAddr, Failure> {
    let unreadable = |_| {
        Failure::usage(format!("--listen is {listen:?}; write an address and a port, such as 127.0.0.1:8080"))
    };
    let addresses: Vec<SocketAddr> = listen.to_socket_addrs().map_err(unreadable)?.collect();
    match addresses.first() {
        Some(address) if addresses.iter().all(|address| address.ip().is_loopback()) => Ok(*address),
        _ => Err(Failure::usage(format!(
            "--listen is {listen}, which other machines can reach, and nobody is asked who he is; listen on \
             127.0.0.1 or [::1], and put a proxy that asks before it"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_loopback_is_listened_on() {
        for good in ["127.0.0.1:8080", "127.9.9.9:1", "[::1]:0"] {
            assert!(loopback(good).is_ok(), "{good}");
        }
        for reachable in ["0.0.0.0:8080", "[::]:80", "192.168.1.1:80"] {
            assert!(loopback(reachable).unwrap_err().to_string().contains("other machines"), "{reachable}");
        }
        for nonsense in ["8080", "127.0.0.1", "127.0.0.1:99999"] {
            assert!(
                loopback(nonsense).unwrap_err().to_string().contains("an address and a port"),
                "{nonsense}"
            );
        }
    }
}
