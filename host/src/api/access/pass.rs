//! A caller's right to what it asked for, for as long as the answer goes on: an answer may outlive the
//! token or the session that opened it, and must not.

use std::sync::Arc;
use std::time::Instant;

use tokio::time::timeout_at;

use super::Access;
use super::sessions::SessionKey;
use crate::config::{Role, TokenDigest};

/// What a caller showed to be let in.
#[derive(Debug, Clone, Copy)]
pub enum Shown {
    /// None is asked for.
    Nothing,
    Token(TokenDigest),
    Session {
        key: SessionKey,
        ends_at: Instant,
    },
}

/// Given at the gate, to be kept by answers that take their time.
#[derive(Clone)]
pub struct Pass {
    access: Arc<Access>,
    shown: Shown,
    role: Role,
}

impl Pass {
    pub fn new(access: Arc<Access>, shown: Shown, role: Role) -> Self {
        Pass { access, shown, role }
    }

    /// Comes when what was shown is good for this no longer: after a logout, at a session's end, and when
    /// the tokens were read again and this one is not among them, or has another role. Costs nothing
    /// until then but one more look whenever somebody's right ends.
    pub async fn ends(self) {
        match self.shown {
            Shown::Nothing => std::future::pending().await,
            Shown::Token(_) => self.is_taken_away().await,
            Shown::Session { ends_at, .. } => {
                // Either way it is over.
                let _ = timeout_at(ends_at.into(), self.is_taken_away()).await;
            }
        }
    }

    async fn is_taken_away(&self) {
        // From before the first look, so that nothing that changes meanwhile is missed.
        let mut endings = self.access.endings();
        while self.access.still_knows(&self.shown, self.role) {
            if endings.changed().await.is_err() {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::access::{Caller, Hosts, Transport};
    use futures_util::FutureExt as _;
    use std::time::Duration;

    /// Far longer than it takes, so that a failure is told and no test waits for ever.
    const BOUND: Duration = Duration::from_secs(30);

    fn access() -> Arc<Access> {
        let hosts = Hosts::new([127, 0, 0, 1].into(), &[]).unwrap();
        Arc::new(Access::new(hosts, None, 8080, Transport::Plain))
    }

    fn shown(access: &Access, number: &str) -> Shown {
        access.sessions.find(number).expect("it is open").shown
    }

    #[tokio::test]
    async fn it_ends_with_its_session_and_not_with_another() {
        let access = access();
        let (first, second) = (access.open_session(Caller::anyone()), access.open_session(Caller::anyone()));
        let pass = Pass::new(access.clone(), shown(&access, &first), Role::Read);
        let mut ends = std::pin::pin!(pass.ends());
        access.close_session(&second);
        assert!(ends.as_mut().now_or_never().is_none(), "another one's logout");
        access.close_session(&first);
        tokio::time::timeout(BOUND, ends).await.expect("its own logout");
    }

    #[tokio::test]
    async fn it_ends_when_the_time_of_its_session_is_over() {
        let access = access();
        let number = access.open_session(Caller::anyone());
        let Shown::Session { key, .. } = shown(&access, &number) else { panic!("a session is shown") };
        let ends_at = Instant::now() + Duration::from_millis(20);
        let pass = Pass::new(access.clone(), Shown::Session { key, ends_at }, Role::Read);
        tokio::time::timeout(BOUND, pass.ends()).await.expect("its time was over");
        assert!(Instant::now() >= ends_at);
    }

    #[tokio::test]
    async fn it_ends_when_another_login_takes_its_sessions_place() {
        let access = access();
        let number = access.open_session(Caller::anyone());
        let pass = Pass::new(access.clone(), shown(&access, &number), Role::Read);
        let mut ends = std::pin::pin!(pass.ends());
        assert!(ends.as_mut().now_or_never().is_none());
        for _ in 0..crate::api::bounds::SESSIONS_MAX {
            access.open_session(Caller::anyone());
        }
        tokio::time::timeout(BOUND, ends).await.expect("the oldest session made room");
    }
}
