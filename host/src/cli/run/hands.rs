//! The handlers of a run at work: a queue for each, and what each has done.

use std::num::NonZeroUsize;
use std::sync::Arc;

use super::announce::Printer;
use super::plan::Plan;
use crate::cli::Failure;
use crate::cli::loaded::{Loaded, rule};
use crate::config::HandlerSettings;
use crate::observe::{Count, Tally};
use crate::queue::{Announcer, Company, HostParts, Queue, QueueConfig};
use crate::route::Rule;
use crate::store::{Lease, Registered, StoreError, Unsettled};

/// One handler of a run.
pub struct Hand {
    settings: HandlerSettings,
    registered: Registered,
    /// How its attempts ended.
    pub tally: Arc<Tally>,
}

/// All of them, in the order in which they were named.
pub struct Hands(Vec<Hand>);

impl Hands {
    pub fn register(plan: &Plan, modules: &[Loaded], store: &dyn Lease) -> Result<Self, StoreError> {
        let register = |(settings, loaded): (&HandlerSettings, &Loaded)| {
            let registered = loaded.register(store)?;
            Ok(Hand { settings: settings.clone(), registered, tally: Arc::default() })
        };
        plan.handlers.iter().zip(modules).map(register).collect::<Result<_, _>>().map(Hands)
    }

    pub fn rules(&self) -> Vec<Rule> {
        self.0.iter().map(|hand| rule(&hand.settings, hand.registered)).collect()
    }

    /// What is too large for all of them is rejected; what is too large for one is dead there.
    pub fn event_bytes_max(&self) -> u64 {
        self.0.iter().map(|hand| hand.settings.limits.event_bytes_max).max().unwrap_or(0)
    }

    /// Puts them to work on what lies in the database.
    pub fn start(&self, plan: &Plan, modules: Vec<Loaded>, host: &HostParts) -> Result<Vec<Queue>, Failure> {
        let handlers = NonZeroUsize::new(self.0.len()).unwrap_or(NonZeroUsize::MIN);
        let company = Arc::new(Company::of(handlers));
        let start = |(hand, loaded): (&Hand, Loaded)| {
            let printer = || -> Box<dyn Announcer> { Box::new(Printer::new(loaded.handler.name())) };
            let announcer = plan.print.then(printer);
            let config = QueueConfig {
                handler: loaded.handler,
                registered: hand.registered,
                policy: hand.settings.policy,
                workers: plan.workers,
                when_drained: plan.when_drained,
                switch: Arc::default(),
                company: company.clone(),
            };
            let host = HostParts { tally: hand.tally.clone(), ..host.clone() };
            Queue::start(config, host, announcer)
                .map_err(|e| Failure::work(format!("the machine gives no thread for the queue: {e}")))
        };
        self.0.iter().zip(modules).map(start).collect()
    }

    pub fn each(&self) -> impl Iterator<Item = (&str, &Tally)> {
        self.0.iter().map(|hand| (&*hand.settings.name, &*hand.tally))
    }

    pub fn sum(&self, count: fn(&Tally) -> &Count) -> u64 {
        self.0.iter().map(|hand| count(&hand.tally).get()).sum()
    }

    /// How many events they still have to settle.
    pub fn left(&self, unsettled: &Unsettled) -> u64 {
        self.0.iter().map(|hand| unsettled.at(hand.registered.handler).events).sum()
    }
}
