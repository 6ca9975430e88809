//! Wrong tokens: each is answered late, and logins with them are few a minute. Whoever guesses gets
//! nowhere near a token of sixteen bytes; this keeps even short words from being tried by the thousand.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::http::StatusCode;

use crate::api::bounds::{WRONG_LOGINS_MAX, WRONG_TOKEN_DELAY};
use crate::api::problem::Problem;

const WINDOW: Duration = Duration::from_secs(60);

/// Wrong logins of this minute, from everywhere together.
#[derive(Default)]
pub struct WrongLogins(Mutex<Option<Minute>>);

struct Minute {
    began_at: Instant,
    count: u32,
}

impl WrongLogins {
    /// # Errors
    /// When there were too many: then a right one is not looked at either, or the answer would tell.
    pub fn check(&self) -> Result<(), Problem> {
        let minute = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(minute) = &*minute else { return Ok(()) };
        let left = WINDOW.saturating_sub(minute.began_at.elapsed());
        if minute.count < WRONG_LOGINS_MAX || left.is_zero() {
            return Ok(());
        }
        let detail =
            format!("{WRONG_LOGINS_MAX} logins of the last minute had a wrong token; try again later");
        let problem = Problem::new(StatusCode::TOO_MANY_REQUESTS, "too-many-logins", detail);
        Err(problem.limit(WRONG_LOGINS_MAX.into()).retry_after(left.as_secs() as u32 + 1))
    }

    pub fn count(&self) {
        let mut minute = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match &mut *minute {
            Some(minute) if minute.began_at.elapsed() < WINDOW => minute.count += 1,
            _ => *minute = Some(Minute { began_at: Instant::now(), count: 1 }),
        }
    }
}

/// Comes when a wrong token may be answered.
pub async fn delay() {
    tokio::time::sleep(WRONG_TOKEN_DELAY).await;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrong_logins_of_a_minute_are_few() {
        let wrong = WrongLogins::default();
        for _ in 0..WRONG_LOGINS_MAX {
            assert!(wrong.check().is_ok());
            wrong.count();
        }
        assert_eq!(wrong.check().unwrap_err().status(), 429);
        let past = Instant::now().checked_sub(WINDOW).unwrap();
        wrong.0.lock().unwrap().as_mut().unwrap().began_at = past;
        assert!(wrong.check().is_ok());
        wrong.count();
        assert!(wrong.check().is_ok(), "a new minute counts anew");
    }
}
