//! From what was typed to what it means: all checks, no work.

use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::path::PathBuf;

use super::ServeArgs;
use crate::api::{AccessParts, PressureLimits};
use crate::cli::Failure;
use crate::config::{HandlerSettings, Retention};
use crate::limits::MIB;
use crate::store::Pile;
use crate::telemetry::Collector;

pub struct Plan {
    pub listen: SocketAddr,
    pub access: AccessParts,
    /// Where the tokens are read again.
    pub token_file: Option<PathBuf>,
    pub db: PathBuf,
    pub workers: NonZeroUsize,
    /// One at least.
    pub handlers: Vec<HandlerSettings>,
    pub pressure: PressureLimits,
    pub retention: Retention,
    /// Who is told of traces and metrics.
    pub collector: Option<Collector>,
}

impl Plan {
    pub fn of(args: &ServeArgs) -> Result<Self, Failure> {
        let policy = args.queue.policy_beside(args.handlers.is_file())?;
        let (handlers, written) = args.handlers.settings(policy)?;
        let count = NonZeroUsize::new(handlers.len()).unwrap_or(NonZeroUsize::MIN);
        let options = args.access.over(&written);
        let (listen, access) = options.resolve()?;
        let endpoint = args.otlp_endpoint.as_deref().or(written.otlp_endpoint.as_deref());
        let collector = Collector::of(endpoint)?;
        Ok(Plan {
            listen,
            collector,
            access,
            token_file: options.token_file,
            db: args.queue.db_over(written.db),
            workers: args.queue.workers_over(written.workers, count)?,
            handlers,
            retention: args.retention.resolve(written.keep)?,
            pressure: PressureLimits {
                unsettled: Pile {
                    events: args.max_pending.or(written.max_pending).unwrap_or(1_000_000),
                    bytes: args.max_pending_size.or(written.max_pending_size).unwrap_or(4096 * MIB),
                },
                free_bytes_min: args.min_free_disk.or(written.min_free_disk).unwrap_or(256 * MIB),
            },
        })
    }
}
