//! `GET /stream`: settlements as they are recorded, as server-sent events.

use std::convert::Infallible;
use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Sse;
use axum::response::sse::{Event, KeepAlive};
use futures_util::stream::unfold;
use futures_util::{Stream, StreamExt as _};
use serde::Serialize;
use tokio::sync::OwnedSemaphorePermit;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use utoipa::ToSchema;

use super::Api;
use super::access::Pass;
use super::bounds::{STREAM_KEEP_ALIVE, STREAMS_MAX};
use super::news::Told;
use super::problem::Problem;
use super::shape::ResultJson;

/// What a stream that fell behind is told.
#[derive(Debug, Serialize, ToSchema)]
pub struct Missed {
    /// Results that were recorded and not told here; `/results` has them.
    missed: u64,
}

/// Follow results as they are recorded.
///
/// Each is an event `result` with the shape of one in `/results`, and an id that grows while the
/// server lives. A reader that is too slow gets an event `missed` with how many it lost. A comment
/// comes every 15 s when nothing else does. It ends when the token or the session that it was asked for
/// with is good no longer.
#[utoipa::path(
    get, path = "/stream", tag = "results",
    responses(
        (status = 200, description = "Results, until the reader's right to them ends", body = String, content_type = "text/event-stream"),
        (status = 503, description = "Too many streams, or stopping", body = Problem,
            content_type = "application/problem+json"),
    )
)]
pub async fn follow(
    State(api): State<Arc<Api>>,
    Extension(pass): Extension<Pass>,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Problem> {
    if api.is_stopping() {
        return Err(Problem::stopping());
    }
    let place = api.streams.clone().try_acquire_owned().map_err(|_| too_many())?;
    let follower = Follower { told: api.news.stream(), api, _place: place };
    let events = unfold(follower, |mut follower| async move { Some((follower.next().await?, follower)) });
    Ok(Sse::new(events.take_until(pass.ends())).keep_alive(KeepAlive::new().interval(STREAM_KEEP_ALIVE)))
}

/// One stream's place among all.
struct Follower {
    told: Receiver<Told>,
    api: Arc<Api>,
    _place: OwnedSemaphorePermit,
}

impl Follower {
    /// The next thing to say; `None` at the end.
    async fn next(&mut self) -> Option<Result<Event, Infallible>> {
        let told = tokio::select! {
            told = self.told.recv() => told,
            () = self.api.stops() => return None,
        };
        let event = match told {
            Ok(Told { number, row }) => {
                let shape = ResultJson::of(&row).ok()?;
                Event::default().event("result").id(number.to_string()).json_data(shape)
            }
            Err(RecvError::Lagged(missed)) => Event::default().event("missed").json_data(Missed { missed }),
            Err(RecvError::Closed) => return None,
        };
        Some(Ok(event.ok()?))
    }
}

fn too_many() -> Problem {
    let detail = format!("{STREAMS_MAX} streams are open, which is the limit; close one");
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, "busy", detail).limit(STREAMS_MAX as u64).retry_after(5)
}
