//! `?wait=`: the answer is held until the event is settled.

use std::sync::Arc;
use std::time::Duration;

use crate::api::Api;
use crate::api::bounds::WAIT_MAX;
use crate::api::events::fate::Identity;
use crate::api::news::News;
use crate::api::problem::Problem;
use crate::config::parse_duration;
use crate::store::ResultRow;

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
    told: tokio::sync::oneshot::Receiver<Arc<ResultRow>>,
}

impl Waiting {
    pub fn start(news: &Arc<News>, identity: Identity) -> Self {
        let told = news.wait_for(&identity.source, &identity.id);
        Waiting { news: news.clone(), identity, told }
    }

    /// The result, if it comes in time. An event that was here before may be settled already, so the
    /// store is asked, too: at the beginning, and at the end once more.
    pub async fn result(
        mut self,
        api: &Api,
        wait: Duration,
        seen: Seen,
    ) -> Result<Option<Arc<ResultRow>>, Problem> {
        if seen == Seen::Before
            && let Some(row) = self.stored(api).await?
        {
            return Ok(Some(row));
        }
        let told = tokio::select! {
            told = tokio::time::timeout(wait, &mut self.told) => told,
            () = api.stops() => return Ok(None),
        };
        match told {
            Ok(Ok(row)) => Ok(Some(row)),
            _ if seen == Seen::Before => self.stored(api).await,
            _ => Ok(None),
        }
    }

    async fn stored(&self, api: &Api) -> Result<Option<Arc<ResultRow>>, Problem> {
        let (id, source) = (self.identity.id.clone(), self.identity.source.clone());
        let handler = api.handler.name.clone();
        let row = api.readers.read(move |reader| reader.result_of(&source, &id, &handler)).await?;
        Ok(row.map(Arc::new))
    }
}

/// Whether the event was in the store before this request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seen {
    Now,
    Before,
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.told.close();
        self.news.tidy(&self.identity.source, &self.identity.id);
    }
}
