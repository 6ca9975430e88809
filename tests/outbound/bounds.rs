//! No server can hold a handler, or the host, beyond its bounds.

use serde_json::{Value, json};

use super::server::{Server, answer, wait_for_its_end, write, write_without_end};
use super::{answered, asking, failed, get, run, told, with_options};
use crate::support::{Dir, serve};

/// What comes of a request to a server that answers so, and of one to a good server in the next event.
#[track_caller]
fn ends(options: &[&str], reply: impl Fn(&mut std::net::TcpStream) + Send + Sync + 'static) -> Value {
    let (dir, good) = (Dir::new(), Server::answering(200, "good"));
    let server = Server::new(move |_, stream| reply(stream));
    let origins = [server.origin(), good.origin()];
    let fixed = ["--http", &origins[0], "--http", &origins[1], "--max-attempts", "1", "--workers", "1"];
    let options = [&fixed[..], options].concat();
    let events = [asking(1, json!([get(&server.url("/"))])), asking(2, json!([get(&good.url("/"))]))];
    with_options(&options, &events).in_(&dir);
    assert_eq!(told(&dir, 2), json!([answered(200, "good")]), "the next event is well");
    assert_eq!(dir.count("exchange"), 2);
    told(&dir, 1)
}

/// What is recorded says how long it waited: no longer than the attempt had.
#[test]
fn an_attempt_whose_server_never_answers_ends_with_its_time() {
    let (dir, server) = (Dir::new(), Server::new(|_, stream| wait_for_its_end(stream)));
    let options = ["--http", &*server.origin(), "--timeout", "300ms", "--max-attempts", "1"];
    with_options(&options, &[asking(1, json!([get(&server.url("/"))]))]).in_(&dir).assert_code(1);
    let reason = told(&dir, 1);
    assert!(reason.as_str().unwrap().starts_with("the limit on wall-clock time was hit"), "{reason}");
    let waited = dir.sql("SELECT error_message FROM exchanges WHERE error = 'timeout'");
    let (_, waited) = waited.split_once("no whole answer within ").expect("it is recorded");
    assert!(waited.trim_end_matches(" ms").parse::<u64>().unwrap() <= 300, "{waited}");
}

#[test]
fn a_server_that_never_answers_is_given_up_before_an_attempt_of_long_time_ends() {
    assert_eq!(ends(&["--timeout", "60s"], wait_for_its_end), json!([failed("timeout")]));
}

#[test]
fn a_body_that_does_not_end_is_too_large() {
    let chunk = format!("10000\r\n{}\r\n", "x".repeat(0x10000));
    let endless = move |stream: &mut std::net::TcpStream| {
        write(stream, "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n");
        write_without_end(stream, &chunk);
    };
    assert_eq!(ends(&[], endless), json!([failed("response_too_large")]));
}

#[test]
fn headers_that_do_not_end_are_too_large() {
    let field = format!("x: {}\r\n", "y".repeat(1000));
    let endless = move |stream: &mut std::net::TcpStream| {
        write(stream, "HTTP/1.1 200 OK\r\n");
        write_without_end(stream, &field);
    };
    assert_eq!(ends(&[], endless), json!([failed("response_too_large")]));
}

#[test]
fn a_connection_that_is_cut_is_no_answer() {
    let cut =
        |stream: &mut std::net::TcpStream| write(stream, "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf");
    assert_eq!(ends(&[], cut), json!([failed("broken")]));
    assert_eq!(ends(&[], |stream| write(stream, "HTTP/1.1 200")), json!([failed("broken")]));
    assert_eq!(ends(&[], |stream| write(stream, "SSH-2.0-OpenSSH_9.6\r\n")), json!([failed("broken")]));
    assert_eq!(ends(&[], |_| ()), json!([failed("broken")]));
}

#[test]
fn nobody_there_is_no_answer() {
    let (dir, gone) = (Dir::new(), std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap());
    let url = format!("http://{gone}");
    run(&dir, &["--http", &url], &[asking(1, json!([get(&url)]))]);
    assert_eq!(told(&dir, 1), json!([failed("connect")]));
}

#[test]
fn a_server_is_believed_only_with_a_certificate_that_the_system_trusts() {
    let (dir, plain) = (Dir::new(), Server::answering(200, "plain"));
    for name in ["one.cert.pem", "one.key.pem"] {
        let file = format!("{}/../tests/tls/{name}", env!("CARGO_MANIFEST_DIR"));
        dir.secret(name, &std::fs::read_to_string(file).unwrap());
    }
    let options = ["--tls-cert", "one.cert.pem", "--tls-key", "one.key.pem", "--db", "served.db"];
    let served = serve(&dir, "echoes", &options);
    let origins = [plain.origin().replace("http:", "https:"), served.url().to_owned()];
    let url = format!("{}/healthz", served.url());
    let options = ["--http", &*origins[0], "--http", &*origins[1]];
    run(&dir, &options, &[asking(1, json!([get(&origins[0]), get(&url)]))]);
    assert_eq!(told(&dir, 1), json!([failed("tls"), failed("tls")]));
    let trusting = with_options(&options, &[asking(2, json!([get(&url)]))]);
    trusting.env("SSL_CERT_FILE", dir.file("one.cert.pem")).in_(&dir).assert_code(0);
    assert_eq!(told(&dir, 2)[0]["status"], 200, "{}", told(&dir, 2));
    served.stop().assert_code(0);
}

#[test]
fn an_attempts_requests_are_counted_and_weighed() {
    const MIB: usize = 1024 * 1024;
    let (dir, server) = (Dir::new(), Server::new(|seen, stream| answer(stream, 200, &[], &seen.body[..1])));
    let grant = format!("{}=POST", server.origin());
    let post = |bytes: usize| json!({ "method": "POST", "url": server.url("/"), "body_bytes": bytes });
    let events = [
        asking(1, json!(vec![post(1); 17])),
        asking(2, json!([post(MIB), post(MIB + 1)])),
        asking(3, json!(vec![post(MIB); 4])),
    ];
    run(&dir, &["--http", &grant, "--workers", "1"], &events);
    let mut expected = vec![answered(200, "x"); 16];
    expected.push(failed("too_many_exchanges"));
    assert_eq!(told(&dir, 1), json!(expected));
    assert_eq!(told(&dir, 2), json!([answered(200, "x"), failed("request_too_large")]));
    let one = answered(200, "x");
    assert_eq!(told(&dir, 3), json!([one, one, one, failed("too_many_exchanges")]));
    assert_eq!(server.seen().len(), 16 + 1 + 3);
}
