//! `GET /metrics`: the series as text, after a look at what only the moment knows.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use prometheus_client::encoding::prometheus_text;

use super::{Metrics, OfHandler};
use crate::api::problem::Problem;
use crate::api::{Api, ApiParts, ServedHandler};
use crate::clock::{Clock, UnixMillis};
use crate::store::{Activity, Browse, Enqueue, KnownHandler, Pile};

/// Makes the text, with what only the moment knows.
pub struct Scraper {
    metrics: Arc<Metrics>,
    handlers: Vec<Arc<ServedHandler>>,
    enqueue: Arc<dyn Enqueue>,
    clock: Arc<Clock>,
    database: PathBuf,
}

/// The series in Prometheus's text format.
#[utoipa::path(
    get, path = "/metrics", tag = "operation",
    responses(
        (status = 200, description = "The series", body = String, content_type = "text/plain"),
        (status = 503, description = "Too busy", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn scrape(State(api): State<Arc<Api>>) -> Result<impl IntoResponse, Problem> {
    let look = |reader: &dyn Browse| Ok((reader.handlers()?, reader.oldest_pending_at()?));
    let (handlers, oldest) = api.readers.read(look).await?;
    let text = api.scraper.text(&handlers, oldest).map_err(|_| Problem::internal())?;
    Ok(([(CONTENT_TYPE, prometheus_text::CONTENT_TYPE)], text))
}

impl Scraper {
    /// Of a server that is made of these.
    pub fn of(parts: &ApiParts) -> Self {
        Scraper {
            metrics: parts.metrics.clone(),
            handlers: parts.handlers.clone(),
            enqueue: parts.enqueue.clone(),
            clock: parts.clock.clone(),
            database: parts.database.clone(),
        }
    }

    /// The series in Prometheus's text format, with what the database knows: its handlers, and when the oldest event
    /// that waits was accepted.
    ///
    /// # Errors
    /// When a series cannot be written.
    pub fn text(
        &self,
        known: &[KnownHandler],
        oldest_pending_at: Option<UnixMillis>,
    ) -> Result<String, std::fmt::Error> {
        let (metrics, unsettled) = (&self.metrics, self.enqueue.unsettled());
        let oldest = oldest_pending_at.map_or(Duration::ZERO, |at| self.clock.now().since(at));
        metrics.oldest_pending_seconds.set(oldest.as_secs_f64());
        for KnownHandler { id, name } in known {
            metrics.tell_queue(name, unsettled.at(*id));
        }
        metrics.database_bytes.set(gauge(bytes_of(&self.database)));
        metrics.wal_bytes.set(gauge(bytes_of(&wal_of(&self.database))));
        for handler in &self.handlers {
            metrics.tell_activity(&handler.name, handler.activity());
        }
        let mut text = String::new();
        prometheus_text::encode(&mut text, &metrics.registry)?;
        Ok(text)
    }
}

impl Metrics {
    fn tell_activity(&self, handler: &str, activity: Activity) {
        let of_handler = OfHandler { handler: handler.to_owned() };
        self.paused.get_or_create(&of_handler).set(i64::from(activity == Activity::Paused));
    }

    fn tell_queue(&self, handler: &str, unsettled: Pile) {
        let of_handler = OfHandler { handler: handler.to_owned() };
        self.unsettled.get_or_create(&of_handler).set(gauge(unsettled.events));
        self.unsettled_bytes.get_or_create(&of_handler).set(gauge(unsettled.bytes));
    }
}

fn gauge(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// SQLite keeps the log beside the database.
fn wal_of(database: &Path) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push("-wal");
    name.into()
}

/// Asked by name: to open the file would be to drop SQLite's locks on it.
pub fn bytes_of(path: &Path) -> u64 {
    std::fs::metadata(path).map_or(0, |metadata| metadata.len())
}
