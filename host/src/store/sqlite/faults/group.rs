//! What is asked of the store at once: a group that shares a transaction, and how it was answered.

use crate::event::{NewEvent, Output, Verdict};
use crate::store::Leased;
use crate::store::conformance::bench::{child, failed, id_of};

/// How a test ends an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    Done,
    /// Done, with this many events emitted.
    Emits(u32),
    Dead,
    /// To be run again at once.
    Retry,
    /// As after a crash: to be run again at once.
    Lost,
}

impl End {
    /// The output names the attempt, so that another one's is not taken for it.
    pub fn output(self, leased: &Leased) -> Option<String> {
        matches!(self, End::Done | End::Emits(_))
            .then(|| format!("\"{} at attempt {}\"", id_of(leased), leased.id.attempt))
    }

    pub fn verdict(self, leased: &Leased) -> Verdict {
        let emitted: Vec<NewEvent> = match self {
            End::Emits(count) => (0..count).map(|index| child(&id_of(leased), index)).collect(),
            _ => Vec::new(),
        };
        match self.output(leased) {
            Some(output) => Verdict::Ok { output: Output::Json(output.into()), emitted },
            None if self == End::Lost => Verdict::Lost,
            None => failed("no"),
        }
    }
}

#[derive(Debug, Clone)]
pub enum Action {
    Enqueue(Vec<String>),
    Claim { events_max: usize },
    Settle(Vec<(Leased, End)>),
    Release(Vec<Leased>),
    RetryDead,
}

#[derive(Debug, Clone)]
pub struct Group {
    pub actions: Vec<Action>,
}

impl Group {
    /// Events that its claims may bring.
    pub fn room(&self) -> usize {
        let room = |action: &Action| match action {
            Action::Claim { events_max } => *events_max,
            _ => 0,
        };
        self.actions.iter().map(room).sum()
    }
}
