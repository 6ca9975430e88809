//! What can be asked of the writer.

use std::sync::Arc;
use std::time::Instant;

use crossbeam_channel::{Receiver, bounded};

use crate::clock::UnixMillis;
use crate::store::{
    Activity, Addressed, Bite, Bitten, Cancelled, Claim, DeadFilter, EnqueueFate, HandlerId, LeaseId, Leased,
    ModuleIdentity, Registered, Rejected, Room, SettleFate, Settled, StoreError,
};

/// Takes the answer, once it is durable. Called on the writer's thread, so it does not wait.
pub type Reply<T> = Box<dyn FnOnce(Result<T, StoreError>) + Send>;

pub enum Command {
    Enqueue { events: Vec<Addressed>, reply: Reply<Vec<EnqueueFate>> },
    Reject { lines: Vec<Rejected>, reply: Reply<()> },
    Register { module: ModuleIdentity, bytes: Arc<[u8]>, reply: Reply<Registered> },
    Claim { handler: HandlerId, room: Room, until: Instant, reply: Reply<Claim> },
    ClaimSuspect { handler: HandlerId, reply: Reply<Option<Leased>> },
    Orphans { handler: HandlerId, reply: Reply<Vec<Leased>> },
    Release { leases: Vec<LeaseId>, reply: Reply<()> },
    Settle { batch: Vec<Settled>, reply: Reply<Vec<SettleFate>> },
    RetryDead { filter: DeadFilter, reply: Reply<u64> },
    DropDead { filter: DeadFilter, reply: Reply<u64> },
    Forget { bite: Bite, reply: Reply<Bitten> },
    ForgetRejected { before: UnixMillis, rows_max: u32, reply: Reply<u64> },
    Cancel { source: Box<str>, id: Box<str>, handler: Option<Box<str>>, reply: Reply<Cancelled> },
    SetActivity { handler: HandlerId, activity: Activity, reply: Reply<()> },
    Wake(HandlerId),
}

impl Command {
    /// Rows it will write, roughly: what bounds a transaction.
    pub fn rows(&self) -> usize {
        match self {
            Command::Enqueue { events, .. } => events.len(),
            Command::Settle { batch, .. } => batch.len(),
            Command::Reject { lines, .. } => lines.len(),
            Command::Release { leases, .. } => leases.len(),
            Command::Forget { bite, .. } => bite.events_max as usize,
            Command::ForgetRejected { rows_max, .. } => *rows_max as usize,
            _ => 1,
        }
    }
}

/// Answers a caller after the transaction: with the result, or with why there is none.
pub type Answer = Box<dyn FnOnce(Result<(), StoreError>)>;

/// An answer that waits for the commit.
pub fn answer<T: 'static>(reply: Reply<T>, value: T) -> Answer {
    Box::new(move |committed| reply(committed.map(|()| value)))
}

/// An answer that a caller waits for.
pub fn awaited<T: Send + 'static>() -> (Reply<T>, Receiver<Result<T, StoreError>>) {
    let (sender, answer) = bounded(1);
    // A caller that stopped waiting has no use for the answer.
    let reply = move |told| drop(sender.send(told));
    (Box::new(reply), answer)
}
