//! A request as it may go out: parsed once, and put together again from what was parsed, so that what was
//! decided on is what is sent.

use ureq::http::{HeaderName, Uri};

use crate::event::{HttpFailure, HttpFailureCode, HttpRequest, headers_bytes};
use crate::grants::{Http, Method, Origin};
use crate::limits::{HTTP_BODY_BYTES_MAX, HTTP_HEADER_BYTES_MAX, HTTP_URL_BYTES_MAX};

/// Header fields of one request.
const HEADERS_MAX: usize = 100;

/// Fields that say how the message is sent, and where to: the host's to set.
const HOSTS_OWN: [&str; 11] = [
    "host",
    "content-length",
    "transfer-encoding",
    "connection",
    "keep-alive",
    "proxy-connection",
    "proxy-authorization",
    "te",
    "trailer",
    "upgrade",
    "expect",
];

/// A request that is granted and well formed.
pub struct Checked {
    /// With the URL and the names of the fields in their one way of writing.
    request: HttpRequest,
    pub method: Method,
    pub origin: Origin,
}

impl Checked {
    /// # Errors
    /// Why it is not to go out. The text names no path, for a secret may be a part of one.
    pub fn of(request: HttpRequest, granted: &Http) -> Result<Self, HttpFailure> {
        let HttpRequest { method, url, headers, body } = request;
        let method: Method = method.parse().map_err(|error| invalid(format!("{error}")))?;
        let (origin, url) = parse(&url)?;
        if !granted.allows(&origin, method) {
            let message = format!("{} {origin} is not granted to this handler", method.as_str());
            return Err(HttpFailure::new(HttpFailureCode::NotGranted, message));
        }
        let headers = check_headers(headers)?;
        check_body(method, &body)?;
        let request = HttpRequest { method: method.as_str().to_owned(), url, headers, body };
        Ok(Checked { request, method, origin })
    }

    pub fn request(&self) -> &HttpRequest {
        &self.request
    }

    pub fn into_request(self) -> HttpRequest {
        self.request
    }

    pub fn len_bytes(&self) -> u64 {
        self.request.len_bytes()
    }
}

fn invalid(message: impl Into<String>) -> HttpFailure {
    HttpFailure::new(HttpFailureCode::InvalidRequest, message)
}

fn too_large(what: &str, bytes: usize, max: u64) -> HttpFailure {
    let message = format!("the {what} has {bytes} bytes, the limit is {max}");
    HttpFailure::new(HttpFailureCode::RequestTooLarge, message)
}

/// The origin, and the URL with it.
fn parse(url: &str) -> Result<(Origin, String), HttpFailure> {
    if url.len() > HTTP_URL_BYTES_MAX {
        return Err(too_large("URL", url.len(), HTTP_URL_BYTES_MAX as u64));
    }
    if !url.is_ascii() {
        return Err(invalid("the URL has characters that are not ASCII; write them with %"));
    }
    let parsed: Uri = url.parse().map_err(|_| invalid("the URL is none"))?;
    let origin =
        Origin::of(&parsed).map_err(|reason| invalid(format!("the URL cannot be called: {reason}")))?;
    let path = parsed.path_and_query().map_or("/", |path| path.as_str());
    let slash = if path.starts_with('/') { "" } else { "/" };
    Ok((origin.clone(), format!("{origin}{slash}{path}")))
}

fn check_headers(headers: Vec<(String, String)>) -> Result<Vec<(String, String)>, HttpFailure> {
    if headers.len() > HEADERS_MAX {
        return Err(invalid(format!("{} header fields, the limit is {HEADERS_MAX}", headers.len())));
    }
    let bytes = headers_bytes(&headers);
    if bytes > HTTP_HEADER_BYTES_MAX {
        return Err(too_large("header", bytes, HTTP_HEADER_BYTES_MAX as u64));
    }
    headers.into_iter().map(|(name, value)| check_header(&name, value)).collect()
}

/// A token, and text on one line. The text of a wrong value is not told: it may be a secret.
fn check_header(name: &str, value: String) -> Result<(String, String), HttpFailure> {
    let shown: String = name.chars().take(80).collect();
    let Ok(known) = HeaderName::from_bytes(name.as_bytes()) else {
        return Err(invalid(format!("{shown:?} is no name of a header field")));
    };
    if HOSTS_OWN.contains(&known.as_str()) {
        return Err(invalid(format!("the header field {known} is the host's to set; leave it out")));
    }
    if !value.bytes().all(|b| matches!(b, b'\t' | b' '..=b'~')) {
        let rule = "it must be visible ASCII characters, spaces and tabs";
        return Err(invalid(format!("the value of the header field {known} cannot be sent; {rule}")));
    }
    Ok((known.as_str().to_owned(), value))
}

fn check_body(method: Method, body: &[u8]) -> Result<(), HttpFailure> {
    if matches!(method, Method::Get | Method::Head) && !body.is_empty() {
        let rule = "send it with another method, or leave it out";
        return Err(invalid(format!("{} has no body; {rule}", method.as_str())));
    }
    match body.len() as u64 > HTTP_BODY_BYTES_MAX {
        true => Err(too_large("body", body.len(), HTTP_BODY_BYTES_MAX)),
        false => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::grants::Access;

    fn check(change: impl FnOnce(&mut HttpRequest)) -> Result<HttpRequest, String> {
        let mut granted = Http::default();
        let access = Access { methods: BTreeSet::from([Method::Get, Method::Post]), private: false };
        granted.grant("https://a.example".parse().unwrap(), access).unwrap();
        let mut request = HttpRequest {
            method: "POST".into(),
            url: "https://a.example/p?q".into(),
            headers: vec![("X-One".into(), "1".into())],
            body: Vec::new(),
        };
        change(&mut request);
        Checked::of(request, &granted)
            .map(Checked::into_request)
            .map_err(|f| format!("{}: {f}", f.code.as_str()))
    }

    #[test]
    fn a_request_has_one_way_of_writing() {
        let request = check(|request| request.url = "HTTPS://A.Example:443/p?q#part".into()).unwrap();
        assert_eq!(request.url, "https://a.example/p?q");
        assert_eq!(request.headers, [("x-one".to_owned(), "1".to_owned())]);
        for (url, whole) in [("https://a.example", "/"), ("https://a.example?q", "/?q")] {
            let request = check(|request| request.url = url.into()).unwrap();
            assert_eq!(request.url, format!("https://a.example{whole}"));
        }
    }

    #[test]
    fn what_is_not_granted_is_refused_without_its_path() {
        for (method, url) in [
            ("PUT", "https://a.example/secret"),
            ("GET", "http://a.example/secret"),
            ("GET", "https://a.example:8443/secret"),
            ("GET", "https://b.example/secret"),
            ("GET", "https://a.example.b.example/secret"),
        ] {
            let refused = check(|r| (r.method, r.url) = (method.into(), url.into())).unwrap_err();
            assert!(refused.starts_with(&format!("not_granted: {method} http")), "{refused}");
            assert!(!refused.contains("secret"), "{refused}");
        }
    }

    #[test]
    fn what_two_parsers_could_read_differently_is_refused() {
        for url in [
            "https://b.example@a.example/",
            "https://a.example:443@b.example/",
            "https://a.example\\@b.example/",
            "https://a.example /",
            "https://a.example/\r\nHost: b.example",
            "https://a.example/\u{e9}",
            "//a.example/",
            "/p",
            "file:///etc/passwd",
            "https://a.example:0443x/",
        ] {
            let refused = check(|request| request.url = url.into()).unwrap_err();
            assert!(refused.starts_with("invalid_request"), "{url:?}: {refused}");
        }
    }

    #[test]
    fn a_request_cannot_be_two() {
        for method in ["get", "GET /x HTTP/1.1\r\nHost: b", "CONNECT", "TRACE", ""] {
            assert!(
                check(|r| r.method = method.into()).unwrap_err().starts_with("invalid_request"),
                "{method:?}"
            );
        }
        for (name, value) in [
            ("x", "a\r\nY: b"),
            ("x", "a\nb"),
            ("x", "a\0b"),
            ("x", "\u{e9}"),
            ("x\r\ny", "a"),
            ("x y", "a"),
            ("x:", "a"),
            ("", "a"),
            ("Host", "b.example"),
            ("Content-Length", "0"),
            ("Transfer-Encoding", "chunked"),
            ("Connection", "x-one"),
            ("TE", "trailers"),
            ("Upgrade", "h2c"),
            ("Expect", "100-continue"),
        ] {
            let refused = check(|r| r.headers = vec![(name.into(), value.into())]).unwrap_err();
            assert!(refused.starts_with("invalid_request"), "{name:?}: {refused}");
        }
        assert!(
            check(|r| (r.method, r.body) = ("GET".into(), b"x".to_vec())).unwrap_err().contains("no body")
        );
    }

    #[test]
    fn a_request_is_bounded() {
        let body = |bytes: u64| check(|r| r.body = vec![0; bytes as usize]);
        assert!(body(HTTP_BODY_BYTES_MAX).is_ok());
        assert!(body(HTTP_BODY_BYTES_MAX + 1).unwrap_err().contains("the limit is 1048576"));
        let value = "a".repeat(HTTP_HEADER_BYTES_MAX);
        let headers = check(|r| r.headers = vec![("x".into(), value)]);
        assert!(headers.unwrap_err().starts_with("request_too_large: the header has 65537 bytes"));
        let many = check(|r| r.headers = vec![("x".into(), String::new()); HEADERS_MAX + 1]);
        assert!(many.unwrap_err().contains("101 header fields"));
        let long = check(|r| r.url = format!("https://a.example/{}", "a".repeat(HTTP_URL_BYTES_MAX)));
        assert!(long.unwrap_err().starts_with("request_too_large: the URL"));
    }
}
