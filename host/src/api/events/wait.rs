//! `?wait=`: the answer is held until each handler of the event has settled it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc::UnboundedReceiver;

use crate::api::access::Pass;
use crate::api::bounds::WAIT_MAX;
use crate::api::events::fate::Identity;
use crate::api::news::News;
use crate::api::problem::Problem;
use crate::api::{Api, ServedHandler};
use crate::config::parse_duration;
use crate::store::{EnqueueFate, ResultRow};

/// How long a sender wants to wait.
pub fn wait_of(text: &str) -> Result<Duration, Problem> {
    let wait = parse_duration(text).map_err(|cure| Problem::invalid_request(format!("wait: {cure}")))?;
    if wait > WAIT_MAX {
        let limit_s = WAIT_MAX.as_secs();
        return Err(
            Problem::invalid_request(format!("wait is {text}, the limit is {limit_s}s")).limit(limit_s)
        );
    }
    Ok(wait)
}

/// A place among those who wait for an event. To be taken before the event is enqueued, so that no
/// result is missed; given up when dropped.
pub struct Waiting {
    news: Arc<News>,
    identity: Identity,
    handlers: Vec<Arc<ServedHandler>>,
    told: UnboundedReceiver<Arc<ResultRow>>,
    /// By handler.
    results: BTreeMap<String, Arc<ResultRow>>,
}

impl Waiting {
    pub fn start(news: &Arc<News>, identity: Identity, handlers: Vec<Arc<ServedHandler>>) -> Self {
        let told = news.wait_for(&identity.source, &identity.id);
        Waiting { news: news.clone(), identity, handlers, told, results: BTreeMap::new() }
    }

    /// The result of each handler, in the handlers' order, if all come in time. An event that a handler
    /// had before may be settled there already, so the store is asked, too: at the beginning, and at the
    /// end once more. None is told to a sender whose right to it ended meanwhile.
    pub async fn results(
        mut self,
        api: &Api,
        pass: Pass,
        wait: Duration,
        fate: EnqueueFate,
    ) -> Result<Option<Vec<Arc<ResultRow>>>, Problem> {
        let was_known = (fate.deliveries() as usize) < self.handlers.len();
        if was_known {
            self.look(api).await?;
        }
        tokio::select! {
            _ = tokio::time::timeout(wait, self.listen()) => {}
            () = api.stops() => return Ok(None),
            () = pass.ends() => return Ok(None),
        }
        if was_known {
            self.look(api).await?;
        }
        let is_complete = self.missing().next().is_none() && !self.handlers.is_empty();
        let row = |handler: &Arc<ServedHandler>| self.results.get(&handler.name).cloned();
        Ok(if is_complete { self.handlers.iter().map(row).collect() } else { None })
    }

    /// Takes results as they are told, until none is missing.
    async fn listen(&mut self) {
        while self.missing().next().is_some() {
            let Some(row) = self.told.recv().await else { return };
            self.results.insert(row.handler.clone(), row);
        }
    }

    /// Asks the store for what is missing.
    async fn look(&mut self, api: &Api) -> Result<(), Problem> {
        let missing: Vec<String> = self.missing().map(str::to_owned).collect();
        for handler in missing {
            let Identity { id, source } = self.identity.clone();
            let row = api.readers.read(move |reader| reader.result_of(&source, &id, &handler)).await?;
            self.results.extend(row.map(|row| (row.handler.clone(), Arc::new(row))));
        }
        Ok(())
    }

    fn missing(&self) -> impl Iterator<Item = &str> {
        let names = self.handlers.iter().map(|handler| handler.name.as_str());
        names.filter(|name| !self.results.contains_key(*name))
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.told.close();
        self.news.tidy(&self.identity.source, &self.identity.id);
    }
}
