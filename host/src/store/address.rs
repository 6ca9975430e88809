//! Events with the handlers they go to, and what became of them.

use std::sync::Arc;

use super::{EventSeq, HandlerId};
use crate::event::NewEvent;

/// An event on its way into the store. Who it goes to was decided before, once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Addressed {
    pub event: NewEvent,
    pub to: Route,
}

impl Addressed {
    /// Events with their routes, in order. An event without one goes to nobody, and is kept.
    pub fn each(events: Vec<NewEvent>, routes: Vec<Route>) -> impl Iterator<Item = Addressed> {
        let routes = routes.into_iter().chain(std::iter::repeat_with(Route::to_nobody));
        events.into_iter().zip(routes).map(|(event, to)| Addressed { event, to })
    }
}

/// The handlers that an event goes to, each once. Where all events go to one handler, as they mostly
/// do, nothing is allocated or counted for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Route {
    One(HandlerId),
    Several(Arc<[HandlerId]>),
}

impl Route {
    pub fn to(handlers: &[HandlerId]) -> Self {
        match handlers {
            [one] => Route::One(*one),
            _ => Route::Several(handlers.into()),
        }
    }

    /// Of an event that matches no handler's filter.
    pub fn to_nobody() -> Self {
        Route::Several(Arc::default())
    }

    pub fn handlers(&self) -> &[HandlerId] {
        match self {
            Route::One(handler) => std::slice::from_ref(handler),
            Route::Several(handlers) => handlers,
        }
    }
}

/// What became of one event given to [`super::Enqueue::enqueue`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EnqueueFate {
    /// Queued for so many of its handlers: for those that it was new to.
    Enqueued { event: EventSeq, deliveries: u32 },
    /// This source and id were queued for, or settled by, all of its handlers before.
    Duplicate(EventSeq),
    /// New, and it goes to nobody: kept, and marked as such.
    Unmatched(EventSeq),
}

impl EnqueueFate {
    pub fn event(self) -> EventSeq {
        match self {
            EnqueueFate::Enqueued { event, .. }
            | EnqueueFate::Duplicate(event)
            | EnqueueFate::Unmatched(event) => event,
        }
    }

    /// How many handlers have the event to settle because of this.
    pub fn deliveries(self) -> u32 {
        match self {
            EnqueueFate::Enqueued { deliveries, .. } => deliveries,
            EnqueueFate::Duplicate(_) | EnqueueFate::Unmatched(_) => 0,
        }
    }
}
