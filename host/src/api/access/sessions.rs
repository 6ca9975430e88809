//! Browsers that have shown a token: each has a random number in a cookie that no page can read. Kept
//! in memory alone, so a restart ends them all.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use sha2::{Digest, Sha256};

use super::Caller;
use super::pass::Shown;
use crate::api::bounds::{SESSION_TIME_MAX, SESSIONS_MAX};

#[derive(Default)]
pub struct Sessions(Mutex<HashMap<SessionKey, Session>>);

/// The hash of a session's number: how long a look-up takes tells nothing of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SessionKey([u8; 32]);

impl SessionKey {
    fn of(number: &str) -> Self {
        SessionKey(Sha256::digest(number).into())
    }
}

struct Session {
    caller: Caller,
    ends_at: Instant,
}

impl Sessions {
    /// Returns the number that goes into the cookie. When there are too many, the oldest ends.
    pub fn open(&self, caller: Caller) -> String {
        let number = hex::encode(rand::random::<[u8; 32]>());
        let (now, mut sessions) = (Instant::now(), self.lock());
        sessions.retain(|_, session| session.ends_at > now);
        if sessions.len() >= SESSIONS_MAX
            && let Some(oldest) =
                sessions.iter().min_by_key(|(_, session)| session.ends_at).map(|(key, _)| *key)
        {
            sessions.remove(&oldest);
        }
        let (key, ends_at) = (SessionKey::of(&number), now + SESSION_TIME_MAX);
        sessions.insert(
            key,
            Session { caller: Caller { shown: Shown::Session { key, ends_at }, ..caller }, ends_at },
        );
        number
    }

    pub fn find(&self, number: &str) -> Option<Caller> {
        let sessions = self.lock();
        let session = sessions.get(&SessionKey::of(number))?;
        (session.ends_at > Instant::now()).then(|| session.caller.clone())
    }

    /// Whether it was not closed.
    pub fn has(&self, key: &SessionKey) -> bool {
        self.lock().contains_key(key)
    }

    /// Returns whether there was one.
    pub fn close(&self, number: &str) -> bool {
        self.lock().remove(&SessionKey::of(number)).is_some()
    }

    pub fn close_all(&self) {
        self.lock().clear();
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<SessionKey, Session>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Role;

    fn caller() -> Caller {
        Caller { role: Role::Read, name: Some("alice".into()), shown: Shown::Nothing }
    }

    #[test]
    fn a_session_lasts_until_it_is_closed() {
        let sessions = Sessions::default();
        let (first, second) = (sessions.open(caller()), sessions.open(caller()));
        assert_ne!(first, second);
        assert_eq!(first.len(), 64);
        assert!(sessions.close(&first) && !sessions.close(&first));
        assert!(sessions.find(&first).is_none());
        assert_eq!(sessions.find(&second).unwrap().role, Role::Read);
        assert!(sessions.find("").is_none());
        sessions.close_all();
        assert!(sessions.find(&second).is_none());
    }

    #[test]
    fn there_are_only_so_many_and_the_oldest_ends_first() {
        let sessions = Sessions::default();
        let opened: Vec<String> = (0..=SESSIONS_MAX).map(|_| sessions.open(caller())).collect();
        assert_eq!(sessions.lock().len(), SESSIONS_MAX);
        assert!(sessions.find(&opened[0]).is_none());
        assert!(sessions.find(&opened[1]).is_some());
    }

    #[test]
    fn a_session_that_is_over_is_not_found_and_makes_room() {
        let sessions = Sessions::default();
        let old = sessions.open(caller());
        sessions.lock().values_mut().for_each(|session| session.ends_at = Instant::now());
        assert!(sessions.find(&old).is_none());
        sessions.open(caller());
        assert_eq!(sessions.lock().len(), 1);
    }
}
