//! Who an event goes to: each handler whose filter it fits, decided once, before it is stored.
//!
//! Sources, the HTTP side and the queue ask the same router, so what a handler emits is routed as what
//! comes from outside. Where no handler has a filter no event is looked at.

use std::collections::BTreeSet;

use crate::event::{ContextAttributes, Filter, NewEvent};
use crate::store::{HandlerId, Route};

/// All handlers of a process, each with what it wants.
#[derive(Debug)]
pub struct Router {
    rules: Vec<Rule>,
    /// The attributes that the filters ask for.
    wanted: BTreeSet<Box<str>>,
    /// The route of every event, when no handler has a filter.
    everything: Option<Route>,
}

/// A handler, and the filter that an event must fit to go to it; without one every event does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    pub handler: HandlerId,
    pub filter: Option<Filter>,
}

impl Router {
    pub fn new(rules: Vec<Rule>) -> Self {
        let handlers: Vec<HandlerId> = rules.iter().map(|rule| rule.handler).collect();
        let filters = rules.iter().filter_map(|rule| rule.filter.as_ref());
        let wanted = filters.flat_map(Filter::attributes).map(Box::from).collect();
        let has_filter = rules.iter().any(|rule| rule.filter.is_some());
        Router { rules, wanted, everything: (!has_filter).then(|| Route::to(&handlers)) }
    }

    /// All events go to one handler.
    pub fn to_one(handler: HandlerId) -> Self {
        Router::new(vec![Rule { handler, filter: None }])
    }

    pub fn route(&self, event: &NewEvent) -> Route {
        match &self.everything {
            Some(route) => route.clone(),
            None => self.route_by_filters(event),
        }
    }

    fn route_by_filters(&self, event: &NewEvent) -> Route {
        let attributes = ContextAttributes::read(event, &self.wanted);
        let fits = |rule: &&Rule| rule.filter.as_ref().is_none_or(|filter| filter.fits(&attributes));
        let handlers: Vec<HandlerId> = self.rules.iter().filter(fits).map(|rule| rule.handler).collect();
        Route::to(&handlers)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::parse_event;

    fn event(type_: &str) -> NewEvent {
        let json =
            format!(r#"{{"specversion":"1.0","id":"1","source":"/s","type":"{type_}","tenant":"blue"}}"#);
        parse_event(json.as_bytes(), 1000).unwrap()
    }

    fn rule(handler: i64, filter: &str) -> Rule {
        Rule { handler: HandlerId(handler), filter: Some(serde_json::from_str(filter).unwrap()) }
    }

    fn ids(route: &Route) -> Vec<i64> {
        route.handlers().iter().map(|handler| handler.0).collect()
    }

    #[test]
    fn an_event_goes_to_each_handler_whose_filter_it_fits() {
        let router = Router::new(vec![
            rule(1, r#"{"prefix":{"type":"order."}}"#),
            rule(2, r#"{"exact":{"tenant":"blue"}}"#),
            rule(3, r#"{"not":{"prefix":{"type":"order."}}}"#),
        ]);
        assert_eq!(ids(&router.route(&event("order.placed"))), [1, 2]);
        assert_eq!(ids(&router.route(&event("invoice.sent"))), [2, 3]);
    }

    #[test]
    fn an_event_that_fits_no_filter_goes_to_nobody() {
        let router = Router::new(vec![rule(1, r#"{"exact":{"type":"a"}}"#)]);
        assert_eq!(ids(&router.route(&event("b"))), [0; 0]);
        assert_eq!(router.route(&event("a")), Route::One(HandlerId(1)));
    }

    #[test]
    fn without_a_filter_every_event_fits() {
        let open = Rule { handler: HandlerId(1), filter: None };
        let router = Router::new(vec![open.clone(), rule(2, r#"{"exact":{"type":"a"}}"#)]);
        assert_eq!(ids(&router.route(&event("b"))), [1]);
        assert_eq!(
            ids(&Router::new(vec![open.clone(), Rule { handler: HandlerId(2), ..open }]).route(&event("b"))),
            [1, 2]
        );
        assert_eq!(Router::to_one(HandlerId(7)).route(&event("b")), Route::One(HandlerId(7)));
    }
}
