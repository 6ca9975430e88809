//! Which servers a handler may call. An origin is a scheme, a host and a port, as browsers have it: what a
//! request's URL comes to is compared with those that are granted, and with nothing else.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::net::{IpAddr, Ipv6Addr};
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use ureq::http::Uri;

use super::NotGranted;

/// Origins that one handler may be granted.
pub const ORIGINS_MAX: usize = 32;

/// No name in the DNS is longer.
const HOST_BYTES_MAX: usize = 253;

/// Origins, and what is granted at each. In JSON `{"https://api.example.com":{"methods":["GET"]}}`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Http(BTreeMap<Origin, Access>);

/// What is granted at an origin.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Access {
    pub methods: BTreeSet<Method>,
    /// Whether its name may stand for an address that is not public.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub private: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Origin {
    scheme: Scheme,
    /// In lower case; of IPv6 in brackets.
    host: String,
    port: u16,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Scheme {
    Http,
    Https,
}

/// The methods that can be granted. CONNECT and TRACE are for others than handlers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Method {
    Get,
    Head,
    Post,
    Put,
    Patch,
    Delete,
    Options,
}

impl Method {
    pub const ALL: [Method; 7] = [
        Method::Get,
        Method::Head,
        Method::Post,
        Method::Put,
        Method::Patch,
        Method::Delete,
        Method::Options,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Method::Get => "GET",
            Method::Head => "HEAD",
            Method::Post => "POST",
            Method::Put => "PUT",
            Method::Patch => "PATCH",
            Method::Delete => "DELETE",
            Method::Options => "OPTIONS",
        }
    }
}

impl FromStr for Method {
    type Err = NotGranted;

    fn from_str(text: &str) -> Result<Self, NotGranted> {
        let found = Method::ALL.into_iter().find(|method| method.as_str() == text);
        found.ok_or_else(|| NotGranted::BadMethod { method: text.chars().take(80).collect() })
    }
}

impl Http {
    /// Grants these methods at one origin more.
    ///
    /// # Errors
    /// When the origin is there, no method is named, or it is one too many.
    pub fn grant(&mut self, origin: Origin, access: Access) -> Result<(), NotGranted> {
        if access.methods.is_empty() {
            return Err(NotGranted::NoMethod { origin });
        }
        if self.0.contains_key(&origin) {
            return Err(NotGranted::OriginTwice { origin });
        }
        if self.0.len() == ORIGINS_MAX {
            return Err(NotGranted::TooManyOrigins);
        }
        self.0.insert(origin, access);
        Ok(())
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn iter(&self) -> impl Iterator<Item = (&Origin, &Access)> {
        self.0.iter()
    }

    pub fn allows(&self, origin: &Origin, method: Method) -> bool {
        self.0.get(origin).is_some_and(|access| access.methods.contains(&method))
    }

    /// Whether a request to this origin may go to an address that is not public: the operator said so, or
    /// named the address itself.
    pub fn allows_private(&self, origin: &Origin) -> bool {
        self.0.get(origin).is_some_and(|access| access.private || origin.names_its_address())
    }
}

impl Origin {
    /// The origin of a URL.
    ///
    /// # Errors
    /// Why it has none that could be called.
    pub fn of(url: &Uri) -> Result<Self, &'static str> {
        let scheme = match url.scheme_str() {
            Some(scheme) if scheme.eq_ignore_ascii_case("http") => Scheme::Http,
            Some(scheme) if scheme.eq_ignore_ascii_case("https") => Scheme::Https,
            Some(_) => return Err("its scheme is neither http nor https"),
            None => return Err("it has no scheme"),
        };
        let authority = url.authority().ok_or("it has no host")?.as_str();
        if authority.contains('@') {
            return Err("it has user information before its host");
        }
        let (host, port) = host_and_port(authority);
        let port = match port {
            Some(text) => port_of(text).ok_or("its port is none")?,
            None => scheme.usual_port(),
        };
        Ok(Origin { scheme, host: host_of(host).ok_or("its host is neither a name nor an address")?, port })
    }

    /// Whether its host is an address, or the name that always means this machine: whoever grants that means
    /// it.
    fn names_its_address(&self) -> bool {
        let host = self.host.trim_start_matches('[').trim_end_matches(']');
        host == "localhost" || host.parse::<IpAddr>().is_ok()
    }
}

/// What stands before the port, and after its colon.
fn host_and_port(authority: &str) -> (&str, Option<&str>) {
    match authority.rfind(':') {
        Some(colon) if !authority[colon..].contains(']') => {
            (&authority[..colon], Some(&authority[colon + 1..]))
        }
        _ => (authority, None),
    }
}

fn port_of(text: &str) -> Option<u16> {
    let is_number = text.bytes().all(|b| b.is_ascii_digit());
    text.parse().ok().filter(|port| is_number && *port != 0)
}

fn host_of(text: &str) -> Option<String> {
    if let Some(address) = text.strip_prefix('[') {
        let address: Ipv6Addr = address.strip_suffix(']')?.parse().ok()?;
        return Some(format!("[{address}]"));
    }
    let is_part = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_');
    let is_host = (1..=HOST_BYTES_MAX).contains(&text.len()) && text.bytes().all(is_part);
    is_host.then(|| text.to_ascii_lowercase())
}

impl Scheme {
    fn usual_port(self) -> u16 {
        match self {
            Scheme::Http => 80,
            Scheme::Https => 443,
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = match self.scheme {
            Scheme::Http => "http",
            Scheme::Https => "https",
        };
        write!(f, "{scheme}://{}", self.host)?;
        if self.port == self.scheme.usual_port() { Ok(()) } else { write!(f, ":{}", self.port) }
    }
}

impl From<Origin> for String {
    fn from(origin: Origin) -> String {
        origin.to_string()
    }
}

impl TryFrom<String> for Origin {
    type Error = NotGranted;

    fn try_from(text: String) -> Result<Self, NotGranted> {
        text.parse()
    }
}

/// An origin alone: a path would promise a narrower grant than there is.
impl FromStr for Origin {
    type Err = NotGranted;

    fn from_str(text: &str) -> Result<Self, NotGranted> {
        let bad = |reason| NotGranted::BadOrigin { origin: text.chars().take(200).collect(), reason };
        let url: Uri = text.parse().map_err(|_| bad("it is no URL"))?;
        let has_path = !matches!(url.path(), "" | "/") || url.query().is_some() || text.contains('#');
        if has_path && url.scheme().is_some() {
            return Err(bad("it has a path, and a grant is for all paths"));
        }
        Origin::of(&url).map_err(bad)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin(text: &str) -> Result<String, String> {
        text.parse().map(|origin: Origin| origin.to_string()).map_err(|error| error.to_string())
    }

    #[test]
    fn an_origin_has_one_text() {
        for (typed, origin_of_it) in [
            ("https://api.example.com", "https://api.example.com"),
            ("HTTPS://API.Example.com:443/", "https://api.example.com"),
            ("http://api.example.com:443", "http://api.example.com:443"),
            ("http://127.0.0.1:80", "http://127.0.0.1"),
            ("http://[0:0::1]:8080", "http://[::1]:8080"),
        ] {
            assert_eq!(origin(typed).as_deref(), Ok(origin_of_it));
        }
    }

    #[test]
    fn what_is_no_origin_is_refused_with_its_reason() {
        for (typed, reason) in [
            ("api.example.com", "it has no scheme"),
            ("ftp://api.example.com", "neither http nor https"),
            ("https://api.example.com/v1", "it has a path"),
            ("https://api.example.com?a", "it has a path"),
            ("https://api.example.com/#a", "it has a path"),
            ("https://me@api.example.com", "user information"),
            ("https://me:pass@api.example.com", "user information"),
            ("https://api.example.com:", "its port is none"),
            ("https://api.example.com:0", "its port is none"),
            ("https://api.example.com:70000", "its port is none"),
            ("https://api.example.com:+80", "its port is none"),
            ("https://*.example.com", "neither a name nor an address"),
            ("https://[::1", "it is no URL"),
            ("https://[1.2.3.4]", "neither a name nor an address"),
            ("https://a b", "it is no URL"),
            ("https://", "it is no URL"),
            ("", "it is no URL"),
        ] {
            let refused = origin(typed).expect_err(typed);
            assert!(refused.contains(reason) && refused.contains("such as https://"), "{typed}: {refused}");
        }
    }

    #[test]
    fn a_method_that_is_none_is_refused_with_the_one_that_was_meant() {
        let refusal = |text: &str| text.parse::<Method>().unwrap_err().to_string();
        assert_eq!(refusal("GTE"), "\"GTE\" is no method that can be granted; GET is one");
        assert_eq!(refusal("post"), "\"post\" is no method that can be granted; POST is one");
        assert!(refusal("CONNECT").ends_with("there are GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"));
    }

    #[test]
    fn a_grant_is_for_its_methods_at_its_origin_alone() {
        let at = |text: &str| text.parse::<Origin>().unwrap();
        let access = Access { methods: BTreeSet::from([Method::Get]), private: false };
        let mut http = Http::default();
        http.grant(at("https://a.example"), access.clone()).unwrap();
        assert!(http.allows(&at("https://a.example:443"), Method::Get));
        for other in
            ["http://a.example", "https://a.example:444", "https://b.a.example", "https://a.example."]
        {
            assert!(!http.allows(&at(other), Method::Get), "{other}");
        }
        assert!(!http.allows(&at("https://a.example"), Method::Post));
        let again = http.grant(at("https://A.example"), access.clone()).unwrap_err().to_string();
        assert!(again.contains("https://a.example is granted twice"), "{again}");
        let none = Access { methods: BTreeSet::new(), private: false };
        assert!(matches!(http.grant(at("https://b.example"), none), Err(NotGranted::NoMethod { .. })));
        for n in 1..ORIGINS_MAX {
            http.grant(at(&format!("https://a.example:{n}")), access.clone()).unwrap();
        }
        assert_eq!(http.grant(at("https://c.example"), access), Err(NotGranted::TooManyOrigins));
    }

    #[test]
    fn an_address_is_granted_by_being_named() {
        let mut http = Http::default();
        let names = ["http://10.0.0.1", "http://[::1]", "http://localhost", "http://a.example"];
        for name in names {
            let access = Access { methods: BTreeSet::from([Method::Get]), private: false };
            http.grant(name.parse().unwrap(), access).unwrap();
        }
        let allowed = names.map(|name| http.allows_private(&name.parse().unwrap()));
        assert_eq!(allowed, [true, true, true, false]);
        assert!(!http.allows_private(&"http://10.0.0.2".parse().unwrap()), "this one is not granted");
    }
}
