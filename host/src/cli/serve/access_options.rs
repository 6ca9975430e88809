//! Where `serve` listens and who may speak to it: all checks, no work.

use std::net::{SocketAddr, ToSocketAddrs};
use std::path::PathBuf;
use std::sync::Arc;

use crate::api::{AccessParts, Hosts, Tls};
use crate::cli::Failure;
use crate::config::{ServeSettings, Tokens};

#[derive(Debug, Clone, clap::Args)]
pub struct AccessOptions {
    /// Address and port; port 0 is a free one. Any but loopback needs --token-file, and --tls-cert or
    /// --plain-http [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<String>,

    /// A further name under which requests may come, such as that of a proxy; repeatable
    #[arg(long = "host", value_name = "NAME")]
    hosts: Vec<String>,

    /// Who may do what: a line `ROLE TOKEN [NAME]` each; the roles are send, read and operate
    #[arg(long, value_name = "FILE")]
    pub token_file: Option<PathBuf>,

    /// Serve TLS with this certificate and what leads to its issuer, in PEM
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    tls_cert: Option<PathBuf>,

    /// The certificate's private key, in PEM
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    tls_key: Option<PathBuf>,

    /// Listen beyond loopback without TLS: tokens and events can be read on the way. For a proxy that
    /// does TLS, or a network of your own
    #[arg(long, conflicts_with = "tls_cert")]
    plain_http: bool,
}

impl AccessOptions {
    /// What was typed, before what the configuration file says.
    pub fn over(&self, written: &ServeSettings) -> AccessOptions {
        let typed = self.clone();
        // A certificate and its key come from the same place, and either takes the place of doing without.
        let (tls_cert, tls_key) = match typed.tls_cert.is_some() || typed.plain_http {
            true => (typed.tls_cert, typed.tls_key),
            false => (written.tls_cert.clone(), written.tls_key.clone()),
        };
        AccessOptions {
            listen: typed.listen.or_else(|| written.listen.clone()),
            hosts: if typed.hosts.is_empty() { written.host.clone() } else { typed.hosts },
            token_file: typed.token_file.or_else(|| written.token_file.clone()),
            plain_http: typed.plain_http || (written.plain_http && tls_cert.is_none()),
            tls_cert,
            tls_key,
        }
    }

    /// The address, and what is checked of each request.
    pub fn resolve(&self) -> Result<(SocketAddr, AccessParts), Failure> {
        let listen = self.address(self.listen.as_deref().unwrap_or("127.0.0.1:8080"))?;
        let tokens = self.token_file.as_deref().map(Tokens::read).transpose()?;
        let tls = match (&self.tls_cert, &self.tls_key) {
            (Some(certificate), Some(key)) => Some(Tls::load(certificate, key)?),
            _ => None,
        };
        let hosts = Hosts::new(listen.ip(), &self.hosts)?;
        Ok((listen, AccessParts { hosts, tokens: tokens.map(Arc::new), tls: tls.map(Arc::new) }))
    }

    /// A name is loopback if every address it has is.
    fn address(&self, listen: &str) -> Result<SocketAddr, Failure> {
        let unreadable = || {
            let cure = "write an address and a port, such as 127.0.0.1:8080";
            Failure::usage(format!("--listen is {listen:?}; {cure}"))
        };
        let addresses: Vec<SocketAddr> = listen.to_socket_addrs().map_err(|_| unreadable())?.collect();
        let address = addresses.first().ok_or_else(unreadable)?;
        if !addresses.iter().all(|address| address.ip().is_loopback()) {
            self.check_open_address(listen)?;
        }
        Ok(*address)
    }

    fn check_open_address(&self, listen: &str) -> Result<(), Failure> {
        let reach = format!("--listen is {listen}, which other machines can reach");
        if self.token_file.is_none() {
            return Err(Failure::usage(format!(
                "{reach}, and nobody is asked who he is; give --token-file FILE, or listen on 127.0.0.1 or [::1]"
            )));
        }
        if self.tls_cert.is_none() && !self.plain_http {
            return Err(Failure::usage(format!(
                "{reach}, and tokens and events could be read on the way; give --tls-cert and --tls-key, or \
                 --plain-http where a proxy does TLS or the network is your own"
            )));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options() -> AccessOptions {
        AccessOptions {
            listen: None,
            hosts: Vec::new(),
            token_file: None,
            tls_cert: None,
            tls_key: None,
            plain_http: false,
        }
    }

    fn refusal(options: &AccessOptions, listen: &str) -> String {
        options.address(listen).map_or_else(|failure| failure.to_string(), |_| "taken".into())
    }

    #[test]
    fn loopback_needs_nothing() {
        for good in ["127.0.0.1:8080", "127.9.9.9:1", "[::1]:0"] {
            assert_eq!(refusal(&options(), good), "taken", "{good}");
        }
        for nonsense in ["8080", "127.0.0.1", "127.0.0.1:99999"] {
            assert!(refusal(&options(), nonsense).contains("an address and a port"), "{nonsense}");
        }
    }

    #[test]
    fn what_is_typed_goes_before_what_is_written() {
        let written = ServeSettings {
            listen: Some("127.0.0.1:1".into()),
            token_file: Some("written".into()),
            tls_cert: Some("written".into()),
            tls_key: Some("written".into()),
            ..ServeSettings::default()
        };
        let bare = options().over(&written);
        assert_eq!((bare.listen.as_deref(), bare.tls_key.is_some()), (Some("127.0.0.1:1"), true));
        let plain = AccessOptions { plain_http: true, ..options() }.over(&written);
        assert!(plain.plain_http && plain.tls_cert.is_none() && plain.token_file.is_some());
        let typed = AccessOptions { token_file: Some("typed".into()), ..options() }.over(&written);
        assert_eq!(typed.token_file, Some("typed".into()));
        let open = ServeSettings { plain_http: true, ..ServeSettings::default() };
        let tls =
            AccessOptions { tls_cert: Some("c".into()), tls_key: Some("k".into()), ..options() }.over(&open);
        assert!(tls.tls_cert.is_some() && !tls.plain_http);
    }

    #[test]
    fn any_other_address_needs_tokens_and_tls_or_a_word_that_it_may_go_without() {
        for reachable in ["0.0.0.0:8080", "[::]:80", "192.168.1.1:80"] {
            let bare = options();
            assert!(refusal(&bare, reachable).contains("give --token-file"), "{reachable}");
            let with_tokens = AccessOptions { token_file: Some("tokens".into()), ..bare };
            assert!(refusal(&with_tokens, reachable).contains("--plain-http"), "{reachable}");
            let plain = AccessOptions { plain_http: true, ..with_tokens };
            assert_eq!(refusal(&plain, reachable), "taken", "{reachable}");
            let with_tls = AccessOptions { plain_http: false, tls_cert: Some("cert".into()), ..plain };
            assert_eq!(refusal(&with_tls, reachable), "taken", "{reachable}");
            let without_tokens = AccessOptions { token_file: None, ..with_tls };
            assert!(refusal(&without_tokens, reachable).contains("give --token-file"), "{reachable}");
        }
    }
}
