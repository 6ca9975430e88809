//! Which server, and by which right.

use std::path::PathBuf;
use std::sync::Arc;

use ureq::Agent;
use ureq::http::Uri;
use ureq::tls::{PemItem, RootCerts, TlsConfig};

use super::{Remote, bounded};
use crate::cli::Failure;

#[derive(Debug, clap::Args)]
pub struct RemoteOptions {
    /// The server that owns this database, reached by the socket beside it
    #[arg(long, value_name = "PATH", default_value = "evq.db")]
    db: PathBuf,

    /// A server elsewhere: http://127.0.0.1:8080
    #[arg(long, value_name = "URL", conflicts_with = "db")]
    to: Option<String>,

    /// With --to: the file that holds the token and nothing else
    #[arg(long, value_name = "FILE", requires = "to")]
    token_file: Option<PathBuf>,

    /// With --to: trust the authorities in this PEM file alone, not those of the system
    #[arg(long, value_name = "FILE", requires = "to")]
    ca: Option<PathBuf>,
}

impl RemoteOptions {
    pub fn remote(&self) -> Result<Remote, Failure> {
        let Some(url) = &self.to else { return Ok(Remote::beside(&self.db)) };
        let base = base(url)?;
        let config = bounded(Agent::config_builder()).tls_config(self.tls()?).build();
        Ok(Remote { agent: config.new_agent(), name: base.clone(), base, token: self.token()? })
    }

    /// What the system trusts, or what was given instead.
    fn tls(&self) -> Result<TlsConfig, Failure> {
        let provider = Arc::new(tokio_rustls::rustls::crypto::ring::default_provider());
        let config = TlsConfig::builder().unversioned_rustls_crypto_provider(provider);
        let Some(path) = &self.ca else { return Ok(config.root_certs(RootCerts::PlatformVerifier).build()) };
        let pem = read("--ca", path)?;
        let certificates: Vec<_> = ureq::tls::parse_pem(pem.as_bytes())
            .filter_map(|item| match item {
                Ok(PemItem::Certificate(certificate)) => Some(certificate),
                _ => None,
            })
            .collect();
        if certificates.is_empty() {
            return Err(Failure::usage(format!("--ca {}: no certificate in PEM is in it", path.display())));
        }
        Ok(config.root_certs(certificates.into()).build())
    }

    fn token(&self) -> Result<Option<String>, Failure> {
        let Some(path) = &self.token_file else { return Ok(None) };
        let token = read("--token-file", path)?.trim().to_owned();
        if token.is_empty() || token.contains(char::is_whitespace) {
            let rule = "it must hold the token and nothing else";
            return Err(Failure::usage(format!("--token-file {}: {rule}", path.display())));
        }
        Ok(Some(token))
    }
}

/// Scheme, host and port alone: paths are ours.
fn base(url: &str) -> Result<String, Failure> {
    let parsed = Uri::try_from(url).ok().filter(|uri| matches!(uri.scheme_str(), Some("http" | "https")));
    match parsed.as_ref().map(|uri| (uri.scheme_str(), uri.authority(), uri.path(), uri.query())) {
        Some((Some(scheme), Some(authority), "/", None)) => Ok(format!("{scheme}://{authority}")),
        _ => {
            let cure = "write a scheme, a host and a port, such as http://127.0.0.1:8080";
            Err(Failure::usage(format!("--to is {url:?}; {cure}")))
        }
    }
}

fn read(option: &str, path: &std::path::Path) -> Result<String, Failure> {
    std::fs::read_to_string(path).map_err(|e| Failure::usage(format!("{option} {}: {e}", path.display())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_a_scheme_a_host_and_a_port() {
        for (url, is) in [
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
            ("https://evq.example/", "https://evq.example"),
            ("http://[::1]:80", "http://[::1]:80"),
        ] {
            assert_eq!(base(url).unwrap(), is, "{url}");
        }
        for nonsense in
            ["127.0.0.1:8080", "ftp://host", "http://", "http://host/events", "http://host?x=1", ""]
        {
            assert!(base(nonsense).unwrap_err().to_string().contains("a scheme"), "{nonsense}");
        }
    }
}
