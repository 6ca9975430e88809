//! Every bound of the HTTP side in one place.

use std::time::Duration;

use super::problem::Problem;
use crate::limits::MIB;

/// Connections at a time; the next ones wait in the kernel.
pub const CONNECTIONS_MAX: usize = 1024;

/// Open files that are not connections: the database's, the engine's, the listener's.
pub const OWN_FILES_MAX: usize = 256;

/// A request's head: its time, its bytes. The time bounds idle connections, too.
pub const HEAD_TIME_MAX: Duration = Duration::from_secs(10);
pub const HEAD_BYTES_MAX: usize = 64 * 1024;

/// A TLS handshake.
pub const HANDSHAKE_TIME_MAX: Duration = Duration::from_secs(10);

/// A request's body, from its head to its last byte.
pub const BODY_TIME_MAX: Duration = Duration::from_secs(15);

/// A batch of events, unless a single event may be larger.
pub const BATCH_BYTES_MAX: u64 = 16 * MIB;
pub const BATCH_EVENTS_MAX: usize = 10_000;

/// A body that is no event, such as a filter.
pub const FORM_BYTES_MAX: usize = 64 * 1024;

/// A peer that takes nothing of what it is sent, or is gone without a word, is cut off after this.
pub const UNRESPONSIVE_MAX: Duration = Duration::from_secs(60);

/// After a refusal what a peer still sends is read and thrown away: so much, so long, and no longer
/// than it is silent.
pub const LINGER_BYTES_MAX: usize = 32 * 1024 * 1024;
pub const LINGER_TIME_MAX: Duration = Duration::from_secs(5);
pub const LINGER_SILENCE_MAX: Duration = Duration::from_millis(500);

/// The longest `?wait=`.
pub const WAIT_MAX: Duration = Duration::from_secs(60);

/// Events handed over and not yet durable.
pub const HANDED_EVENTS_MAX: u64 = 16 * 1024;
pub const HANDED_BYTES_MAX: u64 = 64 * MIB;

/// Reads of the database at a time, how long one waits for its turn, and how long it may take.
pub const READS_MAX: usize = 4;
pub const READ_TURN_MAX: Duration = Duration::from_secs(5);
pub const READ_TIME_MAX: Duration = Duration::from_secs(5);

/// Results on one page.
pub const PAGE_DEFAULT: u32 = 100;
pub const PAGE_MAX: u32 = 1000;

/// Windows of events that one request looks through for a page that is not empty.
pub const PAGE_WINDOWS_MAX: u32 = 20;

/// # Errors
/// When nobody may ask for so many at once.
pub fn page_limit(limit: u32) -> Result<u32, Problem> {
    if (1..=PAGE_MAX).contains(&limit) {
        return Ok(limit);
    }
    let detail = format!("limit is {limit}; it must be 1 to {PAGE_MAX}");
    Err(Problem::invalid_request(detail).limit(u64::from(PAGE_MAX)))
}

/// Streams of settlements at a time, and how far one may fall behind before it loses some.
pub const STREAMS_MAX: usize = 128;
pub const STREAM_LAG_MAX: usize = 1024;
pub const STREAM_KEEP_ALIVE: Duration = Duration::from_secs(15);

/// Browsers that are logged in, and for how long one is.
pub const SESSIONS_MAX: usize = 1024;
pub const SESSION_TIME_MAX: Duration = Duration::from_secs(12 * 3600);

/// Logins with a wrong token in a minute, and how late a wrong token is answered.
pub const WRONG_LOGINS_MAX: u32 = 10;
pub const WRONG_TOKEN_DELAY: Duration = Duration::from_millis(250);

/// At the end: requests that are under way get this long.
pub const FAREWELL_MAX: Duration = Duration::from_secs(10);
