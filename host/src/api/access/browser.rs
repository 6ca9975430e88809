//! Requests that a page of another site makes a browser send. A browser says so, in headers that no
//! page can change; programs that are no browsers send none of them.

use axum::extract::Request;
use axum::http::header::ORIGIN;
use axum::http::uri::Authority;
use axum::http::{StatusCode, Uri};

use super::hosts::Hosts;
use crate::api::problem::Problem;

const FETCH_SITE: &str = "sec-fetch-site";

/// Refuses what would change something for a page that is not ours. `host` is what the request was
/// sent to.
pub fn check(request: &Request, host: &Authority, hosts: &Hosts) -> Result<(), Problem> {
    if request.method().is_safe() {
        return Ok(());
    }
    let headers = request.headers();
    let is_cross_site = headers.get(FETCH_SITE).is_some_and(|site| site == "cross-site");
    let is_foreign = |origin: &[u8]| !is_own(origin, host, hosts);
    if is_cross_site || headers.get_all(ORIGIN).iter().any(|origin| is_foreign(origin.as_bytes())) {
        let detail = "a page of another site may change nothing here; send it without a browser, or open the \
                      page under a name given with --host";
        return Err(Problem::new(StatusCode::FORBIDDEN, "cross-site", detail));
    }
    Ok(())
}

/// Whether the page comes from where the request goes to, or from a name that was given as ours: a
/// proxy may have put another one into the request.
fn is_own(origin: &[u8], host: &Authority, hosts: &Hosts) -> bool {
    // A page without an origin is "null", which has no authority.
    let Ok(origin) = Uri::try_from(origin) else { return false };
    let (Some(scheme), Some(page)) = (origin.scheme_str(), origin.authority()) else { return false };
    let port =
        |authority: &Authority| authority.port_u16().unwrap_or(if scheme == "https" { 443 } else { 80 });
    let is_same = page.host().eq_ignore_ascii_case(host.host()) && port(page) == port(host);
    is_same || hosts.is_named(page.host())
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;

    fn is_refused(method: &str, host: &'static str, headers: &[(&str, &str)]) -> bool {
        let hosts = Hosts::new([127, 0, 0, 1].into(), &["evq.example".into()]).unwrap();
        let request = Request::builder().method(method).uri("/events");
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        let request = request.body(Body::empty()).unwrap();
        check(&request, &Authority::from_static(host), &hosts).is_err()
    }

    #[test]
    fn a_page_of_another_site_changes_nothing() {
        const HERE: &str = "127.0.0.1:8080";
        for origin in
            ["http://evil.example", "http://127.0.0.1:3000", "http://127.0.0.1", "null", "127.0.0.1:8080"]
        {
            assert!(is_refused("POST", HERE, &[("origin", origin)]), "{origin}");
            assert!(!is_refused("GET", HERE, &[("origin", origin)]), "{origin} may ask");
            assert!(!is_refused("OPTIONS", HERE, &[("origin", origin)]), "{origin} may shake hands");
        }
        assert!(is_refused("DELETE", HERE, &[("sec-fetch-site", "cross-site")]));
        let both = [("origin", "http://127.0.0.1:8080"), ("origin", "http://evil.example")];
        assert!(is_refused("POST", HERE, &both));
    }

    #[test]
    fn our_own_page_and_programs_do() {
        assert!(!is_refused("POST", "127.0.0.1:8080", &[]), "a webhook has no origin");
        let ours = [("origin", "http://127.0.0.1:8080"), ("sec-fetch-site", "same-origin")];
        assert!(!is_refused("POST", "127.0.0.1:8080", &ours));
        assert!(!is_refused("POST", "evq.internal", &[("origin", "https://evq.internal:443")]));
        assert!(
            !is_refused("POST", "127.0.0.1:8080", &[("origin", "https://evq.example")]),
            "behind a proxy"
        );
    }
}
