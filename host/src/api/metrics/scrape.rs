//! `GET /metrics`: the series as text, after a look at what only the moment knows.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use prometheus_client::encoding::prometheus_text;

use super::{Metrics, OfHandler};
use crate::api::Api;
use crate::api::problem::Problem;
use crate::store::Activity;

/// The series in Prometheus's text format.
#[utoipa::path(
    get, path = "/metrics", tag = "operation",
    responses(
        (status = 200, description = "The series", body = String, content_type = "text/plain"),
        (status = 503, description = "Too busy", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn scrape(State(api): State<Arc<Api>>) -> Result<impl IntoResponse, Problem> {
    let oldest = api.readers.read(|reader| reader.oldest_pending_at()).await?;
    let age = oldest.map_or(0.0, |at| api.clock.now().since(at).as_secs_f64());
    for handler in &api.handlers {
        api.metrics.tell_activity(&handler.name, handler.activity());
    }
    let text = api.metrics.text(age, api.pressure.unsettled(), &api.database);
    let text = text.map_err(|_| Problem::internal())?;
    Ok(([(CONTENT_TYPE, prometheus_text::CONTENT_TYPE)], text))
}

impl Metrics {
    fn tell_activity(&self, handler: &str, activity: Activity) {
        let of_handler = OfHandler { handler: handler.to_owned() };
        self.paused.get_or_create(&of_handler).set(i64::from(activity == Activity::Paused));
    }

    fn text(&self, oldest_age_s: f64, unsettled: u64, database: &Path) -> Result<String, std::fmt::Error> {
        let gauge = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
        self.oldest_pending_seconds.set(oldest_age_s);
        self.unsettled.set(gauge(unsettled));
        self.database_bytes.set(gauge(bytes_of(database)));
        self.wal_bytes.set(gauge(bytes_of(&wal_of(database))));
        let mut text = String::new();
        prometheus_text::encode(&mut text, &self.registry)?;
        Ok(text)
    }
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
