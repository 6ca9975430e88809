//! TLS: certificate and key from PEM files, read again when asked to.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::{CryptoProvider, ring};
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::{ClientHello, ResolvesServerCert};
use tokio_rustls::rustls::sign::CertifiedKey;
use tokio_rustls::rustls::{Error, InconsistentKeys, ServerConfig};
use tokio_rustls::server::TlsStream;

use super::bounds::HANDSHAKE_TIME_MAX;

/// Why a certificate or its key is not taken.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    #[error("{option} {}: {reason}", path.display())]
    File { option: &'static str, path: PathBuf, reason: String },
    #[error("the key in {} is not that of the certificate in {}; give the two that belong together", key.display(), certificate.display())]
    Mismatch { certificate: PathBuf, key: PathBuf },
    #[error("TLS cannot be set up: {0}")]
    Setup(Error),
}

/// What a server shows to prove its name.
pub struct Tls {
    files: Files,
    shown: Arc<Shown>,
    acceptor: TlsAcceptor,
}

struct Files {
    certificate: PathBuf,
    key: PathBuf,
}

/// The certificate that handshakes use from now on.
#[derive(Debug)]
struct Shown(RwLock<Arc<CertifiedKey>>);

impl ResolvesServerCert for Shown {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.0.read().unwrap_or_else(PoisonError::into_inner).clone())
    }
}

impl Tls {
    /// # Errors
    /// When a file is not what it should be, or the two do not belong together.
    pub fn load(certificate: &Path, key: &Path) -> Result<Self, TlsError> {
        let files = Files { certificate: certificate.to_owned(), key: key.to_owned() };
        let provider = Arc::new(ring::default_provider());
        let shown = Arc::new(Shown(RwLock::new(files.read(&provider)?.into())));
        let versions = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
        let mut config =
            versions.map_err(TlsError::Setup)?.with_no_client_auth().with_cert_resolver(shown.clone());
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Tls { files, shown, acceptor: Arc::new(config).into() })
    }

    /// Reads the files again, for the connections that are still to come.
    ///
    /// # Errors
    /// As [`Tls::load`]; then all stays as it was.
    pub fn reload(&self) -> Result<(), TlsError> {
        let read = self.files.read(&ring::default_provider())?;
        *self.shown.0.write().unwrap_or_else(PoisonError::into_inner) = read.into();
        Ok(())
    }

    /// The handshake; `None` when it fails or takes too long.
    pub async fn accept<S: AsyncRead + AsyncWrite + Unpin>(&self, stream: S) -> Option<TlsStream<S>> {
        tokio::time::timeout(HANDSHAKE_TIME_MAX, self.acceptor.accept(stream)).await.ok()?.ok()
    }
}

impl Files {
    fn read(&self, provider: &CryptoProvider) -> Result<CertifiedKey, TlsError> {
        let certificates = self.certificates().map_err(|reason| self.bad_certificate(reason))?;
        let key = private_key(&self.key, provider).map_err(|reason| self.bad_key(reason))?;
        let certified = CertifiedKey::new(certificates, key);
        match certified.keys_match() {
            // A key whose public half cannot be told may still be the right one.
            Ok(()) | Err(Error::InconsistentKeys(InconsistentKeys::Unknown)) => Ok(certified),
            Err(Error::InconsistentKeys(_)) => {
                Err(TlsError::Mismatch { certificate: self.certificate.clone(), key: self.key.clone() })
            }
            Err(other) => Err(self.bad_certificate(format!("no certificate that TLS can use: {other}"))),
        }
    }

    /// The server's own certificate, then those that lead to a known one.
    fn certificates(&self) -> Result<Vec<CertificateDer<'static>>, String> {
        let pem = fs::read(&self.certificate).map_err(unreadable)?;
        let read: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&pem).collect();
        match read {
            Ok(certificates) if certificates.is_empty() => {
                Err("there is no certificate in PEM in it, which begins with -----BEGIN CERTIFICATE-----"
                    .into())
            }
            Ok(certificates) => Ok(certificates),
            Err(e) => Err(format!("it is not PEM: {e}")),
        }
    }

    fn bad_certificate(&self, reason: String) -> TlsError {
        TlsError::File { option: "--tls-cert", path: self.certificate.clone(), reason }
    }

    fn bad_key(&self, reason: String) -> TlsError {
        TlsError::File { option: "--tls-key", path: self.key.clone(), reason }
    }
}

type SigningKey = Arc<dyn tokio_rustls::rustls::sign::SigningKey>;

/// Whatever is wrong with the file, nothing of it goes into the reason.
fn private_key(path: &Path, provider: &CryptoProvider) -> Result<SigningKey, String> {
    let pem = fs::read(path).map_err(unreadable)?;
    let key = PrivateKeyDer::from_pem_slice(&pem);
    let key = key.map_err(|_| "there is no private key in PEM, without a passphrase, in it")?;
    let usable = provider.key_provider.load_private_key(key);
    usable.map_err(|_| "the key is none that TLS can use; RSA, ECDSA and Ed25519 are".to_owned())
}

fn unreadable(error: std::io::Error) -> String {
    format!("it cannot be read: {error}")
}
