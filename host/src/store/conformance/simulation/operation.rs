//! What a walk is made of, and how a person reads it.
//!
//! Every operation can be done at any time: events and handlers are numbers of their own, leases are
//! counted back from the newest, modulo as many as there are. So any part of a walk is a walk.

use std::fmt;

use crate::store::Activity;

/// One step.
#[derive(Debug, Clone, PartialEq)]
pub enum Operation {
    /// To some handlers, each once, or to none.
    Enqueue {
        to: Vec<usize>,
        events: Vec<u32>,
    },
    /// To one, while a claim of its waits for the events.
    EnqueueForAWaitingClaim {
        handler: usize,
        events: Vec<u32>,
        events_max: usize,
    },
    Reject {
        lines: usize,
    },
    Claim {
        handler: usize,
        events_max: usize,
    },
    ClaimSuspect {
        handler: usize,
    },
    TakeOrphans {
        handler: usize,
    },
    /// One batch; a lease may be stale, or be in it twice.
    Settle(Vec<End>),
    Release {
        leases: Vec<usize>,
    },
    WakeAWaitingClaim {
        handler: usize,
    },
    MoveClock {
        by_ms: i64,
    },
    /// Whatever was answered last, nobody heard it: the leases are gone with their owner.
    Crash,
    /// Everything claimed is given back, and the owner ends in order.
    ShutDown,
    /// What is over, among so many of the oldest.
    Forget {
        events_max: u32,
    },
    RetryDead(Choice),
    DropDead(Choice),
    Cancel {
        event: u32,
        handler: Option<usize>,
    },
    SetActivity {
        handler: usize,
        activity: Activity,
    },
}

/// How one attempt ends.
#[derive(Debug, Clone, PartialEq)]
pub struct End {
    pub lease: usize,
    pub answer: Answer,
    pub decision: Decision,
}

/// What the handler answered, or what became of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Answer {
    Ok { emits: u32 },
    Failed,
    RetryAfter,
    Permanent,
    Trapped,
    TimedOut,
    Lost,
}

/// Who says what that means.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Decision {
    /// `event::decide`, with a policy.
    ByPolicy,
    /// Chance: the store records what it is told.
    RetryIn {
        ms: i64,
    },
    Dead,
}

/// Which dead events.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Choice {
    pub event: Option<u32>,
    pub handler: Option<usize>,
}

impl Operation {
    /// The same with less in it, for whoever looks for the least that fails.
    pub fn smaller(&self) -> Vec<Operation> {
        match self {
            Operation::Enqueue { to, events } => {
                let fewer_handlers =
                    without_one(to).map(|to| Operation::Enqueue { to, events: events.clone() });
                let fewer_events =
                    without_one(events).map(|events| Operation::Enqueue { to: to.clone(), events });
                fewer_handlers.chain(fewer_events).collect()
            }
            Operation::EnqueueForAWaitingClaim { handler, events, .. } => {
                vec![Operation::Enqueue { to: vec![*handler], events: events.clone() }]
            }
            Operation::Settle(ends) => without_one(ends).map(Operation::Settle).collect(),
            Operation::Release { leases } => {
                without_one(leases).map(|leases| Operation::Release { leases }).collect()
            }
            _ => Vec::new(),
        }
    }
}

fn without_one<T: Clone>(items: &[T]) -> impl Iterator<Item = Vec<T>> {
    let shorter = |left_out: usize| [&items[..left_out], &items[left_out + 1..]].concat();
    (0..items.len()).filter(|_| items.len() > 1).map(shorter)
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Operation::Enqueue { to, events } => write!(f, "enqueue {events:?} for the handlers {to:?}"),
            Operation::EnqueueForAWaitingClaim { handler, events, events_max } => {
                write!(f, "enqueue {events:?} for handler {handler}, whose claim for {events_max} waits")
            }
            Operation::Reject { lines } => write!(f, "reject {lines} lines"),
            Operation::Claim { handler, events_max } => write!(f, "claim {events_max} for handler {handler}"),
            Operation::ClaimSuspect { handler } => write!(f, "claim a suspect for handler {handler}"),
            Operation::TakeOrphans { handler } => write!(f, "take the orphans of handler {handler}"),
            Operation::Settle(ends) => {
                let ends: Vec<String> = ends.iter().map(End::to_string).collect();
                write!(f, "settle {}", ends.join("; "))
            }
            Operation::Release { leases } => write!(f, "release the leases {leases:?} from the newest"),
            Operation::WakeAWaitingClaim { handler } => write!(f, "wake a claim of handler {handler}"),
            Operation::MoveClock { by_ms } => write!(f, "move the clock by {by_ms} ms"),
            Operation::Crash => write!(f, "crash"),
            Operation::ShutDown => write!(f, "shut down"),
            Operation::Forget { events_max } => write!(f, "forget what is over of the oldest {events_max}"),
            Operation::RetryDead(choice) => write!(f, "retry the dead{choice}"),
            Operation::DropDead(choice) => write!(f, "drop the dead{choice}"),
            Operation::Cancel { event, handler } => {
                write!(f, "cancel{}", Choice { event: Some(*event), handler: *handler })
            }
            Operation::SetActivity { handler, activity } => write!(f, "handler {handler}: {activity:?}"),
        }
    }
}

impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "lease {} from the newest: {:?}, {:?}", self.lease, self.answer, self.decision)
    }
}

impl fmt::Display for Choice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.event.map_or(Ok(()), |event| write!(f, " with id {event}"))?;
        self.handler.map_or(Ok(()), |handler| write!(f, " of handler {handler}"))
    }
}
