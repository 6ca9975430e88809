//! The names under which the server may be spoken to.
//!
//! A page of any site can have its own name resolve to 127.0.0.1 and then send requests here that the
//! browser takes for the page's own. They still carry that name.

use std::net::IpAddr;

use axum::extract::Request;
use axum::http::StatusCode;
use axum::http::header::HOST;
use axum::http::uri::Authority;

use crate::api::ServeError;
use crate::api::problem::Problem;

/// Which names are ours.
#[derive(Debug, Clone)]
pub struct Hosts {
    listened: IpAddr,
    /// Given by `--host`.
    named: Vec<Box<str>>,
}

impl Hosts {
    /// # Errors
    /// What of `named` is no name alone.
    pub fn new(listened: IpAddr, named: &[String]) -> Result<Self, ServeError> {
        let is_name =
            |name: &String| Authority::try_from(name.as_str()).is_ok_and(|read| read.host() == name);
        if let Some(name) = named.iter().find(|name| !is_name(name)) {
            return Err(ServeError::HostName { name: name.clone() });
        }
        Ok(Hosts { listened, named: named.iter().map(|name| name.as_str().into()).collect() })
    }

    /// The name and port that the request was sent to.
    ///
    /// # Errors
    /// When there is none, or it is not ours.
    pub fn check(&self, request: &Request) -> Result<Authority, Problem> {
        let mut values = request.headers().get_all(HOST).iter();
        let (Some(host), None) = (values.next(), values.next()) else {
            return Err(Problem::invalid_request("a request needs one Host header, which names the server"));
        };
        let host = Authority::try_from(host.as_bytes())
            .ok()
            .filter(|host| !host.as_str().contains('@'))
            .ok_or_else(|| Problem::invalid_request("the Host header is not a name and a port"))?;
        // A request to a proxy names its target once more, in front of the path.
        for asked in [Some(&host), request.uri().authority()].into_iter().flatten() {
            if !self.is_ours(asked.host()) {
                return Err(misdirected(asked));
            }
        }
        Ok(host)
    }

    /// Any name is taken where nobody said which are ours and a token is needed anyway: no page has it.
    fn is_ours(&self, name: &str) -> bool {
        (self.named.is_empty() && !self.listened.is_loopback()) || self.is_named(name) || self.is_here(name)
    }

    pub fn is_named(&self, name: &str) -> bool {
        self.named.iter().any(|ours| ours.eq_ignore_ascii_case(name))
    }

    /// An address cannot be made to mean another one, so each of this machine's own loopback is good.
    fn is_here(&self, name: &str) -> bool {
        let bare = name.strip_prefix('[').and_then(|name| name.strip_suffix(']')).unwrap_or(name);
        match bare.parse::<IpAddr>() {
            Ok(address) => address == self.listened || (self.listened.is_loopback() && address.is_loopback()),
            Err(_) => self.listened.is_loopback() && name.eq_ignore_ascii_case("localhost"),
        }
    }
}

fn misdirected(asked: &Authority) -> Problem {
    let name = asked.host();
    let detail = format!(
        "the host {name:?} is not served here; ask for the address that is listened on, or start the server \
         with --host {name}"
    );
    Problem::new(StatusCode::MISDIRECTED_REQUEST, "misdirected", detail)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;

    fn status_of(hosts: &Hosts, uri: &str, values: &[&str]) -> u16 {
        let request =
            values.iter().fold(Request::builder().uri(uri), |request, host| request.header(HOST, *host));
        let checked = hosts.check(&request.body(Body::empty()).unwrap());
        checked.map_or_else(|problem| problem.status(), |_| 200)
    }

    #[test]
    fn on_loopback_only_its_own_names_and_those_given_are_taken() {
        let hosts = Hosts::new([127, 0, 0, 1].into(), &["evq.Example".into()]).unwrap();
        for ours in
            ["127.0.0.1", "127.0.0.1:8080", "localhost:1", "LOCALHOST", "[::1]:8080", "EVQ.example:443"]
        {
            assert_eq!(status_of(&hosts, "/", &[ours]), 200, "{ours}");
        }
        for other in
            ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "10.0.0.1", "localhost."]
        {
            assert_eq!(status_of(&hosts, "/", &[other]), 421, "{other}");
        }
        assert_eq!(status_of(&hosts, "http://evil.example/", &["localhost"]), 421);
        for unclear in [&[][..], &["localhost", "localhost"], &[""], &["localhost@evil.example"], &["a b"]] {
            assert_eq!(status_of(&hosts, "/", unclear), 400, "{unclear:?}");
        }
    }

    #[test]
    fn on_another_address_names_are_checked_once_they_are_given() {
        let listened = IpAddr::from([0, 0, 0, 0]);
        assert_eq!(status_of(&Hosts::new(listened, &[]).unwrap(), "/", &["any.example"]), 200);
        let named = Hosts::new(listened, &["evq.example".into()]).unwrap();
        assert_eq!(status_of(&named, "/", &["evq.example"]), 200);
        assert_eq!(status_of(&named, "/", &["any.example"]), 421);
        assert_eq!(status_of(&named, "/", &["localhost"]), 421);
    }

    #[test]
    fn what_is_given_is_a_name_alone() {
        for no_name in ["", "evq.example:443", "https://evq.example", "me@evq.example"] {
            let refused = Hosts::new([127, 0, 0, 1].into(), &[no_name.into()]).unwrap_err();
            assert!(refused.to_string().contains("a name alone"), "{refused}");
        }
    }
}
