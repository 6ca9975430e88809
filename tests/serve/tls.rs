//! TLS, spoken by a real client. The certificates are made by `tests/tls/make`.

use std::fs;
use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::sync::Arc;

use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use crate::support::{BOUND, Dir, Served, evq, good, guest, serve, serving};

fn pem(name: &str) -> PathBuf {
    PathBuf::from(format!("{}/../tests/tls/{name}.pem", env!("CARGO_MANIFEST_DIR")))
}

/// Serves with a certificate that lies in the test's folder, as does its key.
fn with_certificate(dir: &Dir, name: &str) -> Served {
    show(dir, name);
    serve(dir, "echoes", &["--tls-cert", "cert.pem", "--tls-key", "key.pem"])
}

fn show(dir: &Dir, name: &str) {
    dir.write("cert.pem", fs::read(pem(&format!("{name}.cert"))).unwrap());
    dir.write("key.pem", fs::read(pem(&format!("{name}.key"))).unwrap());
}

/// A client that trusts this certificate alone.
fn connect(served: &Served, trusted: &str) -> StreamOwned<ClientConnection, TcpStream> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(pem(&format!("{trusted}.cert"))).unwrap()).unwrap();
    let config = ClientConfig::builder_with_provider(default_provider().into());
    let config = config.with_safe_default_protocol_versions().unwrap().with_root_certificates(roots);
    let mut config = config.with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    let client = ClientConnection::new(Arc::new(config), "localhost".try_into().unwrap()).unwrap();
    let stream = TcpStream::connect(served.address()).unwrap();
    stream.set_read_timeout(Some(BOUND)).unwrap();
    StreamOwned::new(client, stream)
}

/// Asks once; returns the whole answer.
fn ask(stream: &mut (impl Read + Write), head: &str, body: &str) -> io::Result<String> {
    let length = body.len();
    write!(
        stream,
        "{head} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-length: {length}\r\n"
    )?;
    write!(stream, "content-type: application/cloudevents+json\r\n\r\n{body}")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}

#[test]
fn events_come_over_tls_and_nothing_else_does() {
    let dir = Dir::new();
    let served = with_certificate(&dir, "one");
    assert!(served.url().starts_with("https://"));
    let mut stream = connect(&served, "one");
    let answer = ask(&mut stream, "POST /events", &good(1)).unwrap();
    assert!(answer.starts_with("HTTP/1.1 202"), "{answer}");
    assert_eq!(stream.conn.alpn_protocol(), Some(&b"http/1.1"[..]));
    let distrusted = ask(&mut connect(&served, "two"), "POST /events", &good(2)).unwrap_err();
    assert!(distrusted.to_string().contains("certificate"), "{distrusted}");
    let mut plain = TcpStream::connect(served.address()).unwrap();
    let answer = ask(&mut plain, "POST /events", &good(3));
    assert!(answer.map_or(true, |answer| !answer.starts_with("HTTP")));
    assert_eq!(dir.count("event"), 1);
}

#[test]
fn a_login_over_tls_is_a_cookie_for_tls_alone() {
    let dir = Dir::new();
    show(&dir, "one");
    dir.secret("tokens", "operate 0123456789abcdef\n");
    let options = ["--tls-cert", "cert.pem", "--tls-key", "key.pem", "--token-file", "tokens"];
    let served = serve(&dir, "echoes", &options);
    let head =
        "POST /login HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-type: application/json\r\n";
    let body = r#"{"token":"0123456789abcdef"}"#;
    let mut stream = connect(&served, "one");
    write!(stream, "{head}content-length: {}\r\n\r\n{body}", body.len()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("SameSite=Strict; Secure"), "{answer}");
}

#[test]
fn a_new_certificate_is_shown_after_a_hangup_and_a_bad_one_is_not() {
    let dir = Dir::new();
    let mut served = with_certificate(&dir, "one");
    dir.write("key.pem", fs::read(pem("two.key")).unwrap());
    // Said of a good one as well, so that nobody waits for what is not said.
    let said = served.signal_until_said("HUP", "tokens and certificate");
    assert!(said.contains("stay as they were") && said.contains("not that of the certificate"), "{said}");
    ask(&mut connect(&served, "one"), "GET /healthz", "").unwrap();
    show(&dir, "two");
    served.signal_until_said("HUP", "read again");
    ask(&mut connect(&served, "two"), "GET /healthz", "").unwrap();
    assert!(ask(&mut connect(&served, "one"), "GET /healthz", "").is_err());
}

#[test]
fn half_a_handshake_is_ended() {
    let dir = Dir::new();
    let served = with_certificate(&dir, "one");
    let mut half = TcpStream::connect(served.address()).unwrap();
    half.set_read_timeout(Some(BOUND)).unwrap();
    half.write_all(b"\x16\x03\x01\x02\x00\x01").unwrap();
    assert_eq!(half.read(&mut [0; 64]).unwrap(), 0, "closed without a word");
}

#[test]
fn files_that_are_no_certificate_and_its_key_are_refused() {
    let dir = Dir::new();
    show(&dir, "one");
    dir.write("empty.pem", "").write("other.pem", fs::read(pem("two.key")).unwrap());
    let broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    dir.write("broken.pem", broken);
    for (certificate, key, parts) in [
        ("none.pem", "key.pem", ["--tls-cert none.pem", "cannot be read"]),
        ("empty.pem", "key.pem", ["--tls-cert empty.pem", "BEGIN CERTIFICATE"]),
        ("broken.pem", "key.pem", ["--tls-cert broken.pem", "no certificate"]),
        ("cert.pem", "none.pem", ["--tls-key none.pem", "cannot be read"]),
        ("cert.pem", "cert.pem", ["--tls-key cert.pem", "no private key"]),
        ("cert.pem", "other.pem", ["other.pem", "not that of the certificate in cert.pem"]),
    ] {
        let typed = evq(["serve", &guest("echoes"), "--tls-cert", certificate, "--tls-key", key]);
        typed.in_(&dir).assert_refused(2, &parts);
    }
    evq(["serve", &guest("echoes"), "--tls-cert", "cert.pem"]).in_(&dir).assert_refused(2, &["--tls-key"]);
    assert!(!dir.file("evq.db").exists());
}

/// Another server of ours stands for a collector: it speaks TLS, and has nothing at `/v1/traces`.
#[test]
fn a_collector_behind_tls_is_trusted_as_the_system_says() {
    let dir = Dir::new();
    let collector = with_certificate(&dir, "one");
    let url = format!("https://localhost:{}", collector.address().rsplit_once(':').unwrap().1);
    for (trusted, said) in [("one", "status 404"), ("two", "certificate")] {
        let dir = Dir::new();
        let typed = serving("echoes").args(&["--otlp-endpoint", &url]).env("OTEL_BSP_SCHEDULE_DELAY", "20");
        let mut served = Served::start(&dir, typed.env("SSL_CERT_FILE", pem(&format!("{trusted}.cert"))));
        served.post_event("/events", good(1)).assert_status(202);
        assert!(served.says("takes no spans").contains(said), "{trusted}");
    }
}
