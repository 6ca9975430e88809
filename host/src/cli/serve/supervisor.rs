//! What systemd is told, where it started us: that we serve, that we end, and, as long as queue and
//! writer get on, that we live. Told through `NOTIFY_SOCKET`; without one nobody is told.

use std::sync::Arc;
use std::time::Duration;

use sd_notify::NotifyState;

use super::heart::Heart;
use crate::store::Enqueue;

/// A supervisor that cannot be told will find out by itself.
fn tell(state: NotifyState<'_>) {
    let _ = sd_notify::notify(&[state]);
}

pub fn ready() {
    tell(NotifyState::Ready);
}

pub fn stopping() {
    tell(NotifyState::Stopping);
}

/// Feeds the watchdog, if there is one, twice in its time. A queue or a writer that is stuck starves
/// it, and systemd starts us anew.
pub async fn feed_watchdog(store: Arc<dyn Enqueue>, heart: Heart) {
    let Some(time_max) = sd_notify::watchdog_enabled() else { return };
    let mut meal = tokio::time::interval(time_max / 2);
    meal.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        meal.tick().await;
        if heart.is_beating() && writer_answers(store.clone(), time_max / 2).await {
            tell(NotifyState::Watchdog);
        }
    }
}

/// Nothing to keep goes the whole way through the writer and back.
async fn writer_answers(store: Arc<dyn Enqueue>, time_max: Duration) -> bool {
    let asked = tokio::task::spawn_blocking(move || store.reject(Vec::new()).is_ok());
    matches!(tokio::time::timeout(time_max, asked).await, Ok(Ok(true)))
}
