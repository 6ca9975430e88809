//! What is granted goes out, and nothing else.

use serde_json::json;

use super::server::{Server, answer};
use super::{answered, asking, asks, failed, get, run, told};
use crate::support::{Dir, Served, evq};

#[test]
fn a_granted_request_goes_out_as_it_was_made_and_its_answer_comes_back() {
    let (dir, server) = (Dir::new(), Server::answering(201, "{\"n\":7}"));
    let post = json!({ "method": "POST", "url": server.url("/orders?a=%20b"), "headers": [["X-Key", "1"]],
        "body": "[1]" });
    let grant = format!("{}=GET,POST", server.origin());
    run(&dir, &["--http", &grant], &[asking(1, json!([post, get(&server.url(""))]))]);
    assert_eq!(told(&dir, 1), json!([answered(201, "{\"n\":7}"), answered(201, "{\"n\":7}")]));
    let [first, second] = &server.seen()[..] else { panic!("{:?}", server.seen()) };
    assert_eq!((&*first.method, &*first.path, &*first.body), ("POST", "/orders?a=%20b", "[1]"));
    assert_eq!((first.header("x-key"), first.header("content-length")), (Some("1"), Some("3")));
    assert!(first.header("host").unwrap().starts_with("127.0.0.1:"));
    assert!(first.header("user-agent").unwrap().starts_with("wasm-evq/"));
    assert_eq!((&*second.method, &*second.path, second.header("content-length")), ("GET", "/", None));
    let row =
        "event_id, source, handler, attempt, place, method, url, CAST(request_body AS TEXT), status, error";
    let rows = dir.sql(&format!("SELECT {row} FROM exchanges ORDER BY place"));
    let expected = [
        format!("1|/test|h|1|1|POST|{}|[1]|201|NULL", server.url("/orders?a=%20b")),
        format!("1|/test|h|1|2|GET|{}||201|NULL", server.url("/")),
    ];
    assert_eq!(rows, expected.join("\n"));
}

#[test]
fn nothing_goes_out_that_is_not_granted() {
    let (dir, server, other) = (Dir::new(), Server::answering(200, "a"), Server::answering(200, "b"));
    let post = json!({ "method": "POST", "url": server.url("/") });
    let elsewhere = get(&other.url("/"));
    let by_name = get(&format!("http://localhost:{}/", server.port()));
    let by_user = get(&format!("http://a@127.0.0.1:{}/", server.port()));
    run(&dir, &["--http", &server.origin()], &[asking(1, json!([post, elsewhere, by_name, by_user]))]);
    let denied = failed("not_granted");
    assert_eq!(told(&dir, 1), json!([denied, denied, denied, failed("invalid_request")]));
    assert_eq!((server.seen().len(), other.seen().len(), dir.count("exchange")), (0, 0, 0));
    let logs = dir.sql("SELECT logs FROM attempt");
    let first =
        format!("`http_send` failed (not_granted): POST {} is not granted to this handler", server.origin());
    assert!(logs.contains(&first), "{logs}");
    assert_eq!(logs.matches("not_granted").count(), 1, "each code is told once: {logs}");
}

#[test]
fn without_a_grant_the_log_says_so_once_and_the_handler_goes_on() {
    let (dir, server) = (Dir::new(), Server::answering(200, "a"));
    run(&dir, &[], &[asking(1, json!([get(&server.url("/")), get(&server.url("/"))]))]);
    assert_eq!(told(&dir, 1), json!([failed("not_granted"), failed("not_granted")]));
    let line = r#"[["warn","`http_send` was denied: no HTTP requests are granted to this handler"]]"#;
    assert_eq!(dir.sql("SELECT logs FROM attempt"), line);
    assert!(server.seen().is_empty());
}

#[test]
fn a_redirect_is_the_handlers_to_follow_and_is_checked_again() {
    let (dir, other) = (Dir::new(), Server::answering(200, "there"));
    let there = other.url("/there");
    let server = Server::new(move |seen, stream| match &*seen.path {
        "/away" => answer(stream, 302, &[("location", &there)], ""),
        "/on" => {
            answer(stream, 301, &[("location", &format!("http://{}/end", seen.header("host").unwrap()))], "");
        }
        _ => answer(stream, 200, &[], "end"),
    });
    let follow = |path: &str| json!({ "method": "GET", "url": server.url(path), "follow": true });
    run(&dir, &["--http", &server.origin()], &[asking(1, json!([follow("/away"), follow("/on")]))]);
    let expected = [answered(302, ""), failed("not_granted"), answered(301, ""), answered(200, "end")];
    assert_eq!(told(&dir, 1), json!(expected));
    assert!(other.seen().is_empty());
}

/// To resolvers everywhere this name is 127.0.0.1, and as it is written it is no address.
#[test]
fn a_name_that_stands_for_this_machine_is_called_only_where_private_is_granted() {
    let (dir, server) = (Dir::new(), Server::answering(200, "private"));
    let origin = format!("http://127.1:{}", server.port());
    run(&dir, &["--http", &origin], &[asking(1, json!([get(&origin)]))]);
    assert_eq!(told(&dir, 1), json!([failed("address_refused")]));
    assert!(server.seen().is_empty());
    run(&dir, &["--http-private", &origin], &[asking(2, json!([get(&origin)]))]);
    assert_eq!(told(&dir, 2), json!([answered(200, "private")]));
    let says = dir.sql("SELECT error_message FROM exchanges WHERE error = 'address_refused'");
    assert!(says.contains("which is not public; the operator can grant that with private"), "{says}");
}

#[test]
fn a_request_cannot_smuggle_another() {
    let (dir, server) = (Dir::new(), Server::answering(200, "a"));
    let with = |name: &str, value: &str| json!({ "method": "POST", "url": server.url("/"), "headers": [[name, value]], "body": "x" });
    let method = json!({ "method": "GET / HTTP/1.1\r\nx: y\r\n\r\nGET", "url": server.url("/") });
    let url = get(&format!("{}/ HTTP/1.1\r\nx: y\r\n\r\n", server.origin()));
    let requests = json!([
        with("x", "a\r\nhost: b"),
        with("x\r\ny", "a"),
        with("Content-Length", "0"),
        with("host", "b"),
        with("transfer-encoding", "chunked"),
        method,
        url,
    ]);
    run(&dir, &["--http", &format!("{}=GET,POST", server.origin())], &[asking(1, requests)]);
    assert_eq!(told(&dir, 1), json!(vec![failed("invalid_request"); 7]));
    assert!(server.seen().is_empty());
}

#[test]
fn a_server_gives_its_handlers_what_its_file_grants() {
    let (dir, server) = (Dir::new(), Server::answering(200, "hi"));
    let origin = server.origin();
    let http = format!("[[handler.http]]\norigin = \"{origin}\"\nmethods = [\"GET\", \"PUT\"]\n");
    dir.write("evq.toml", format!("[[handler]]\nname = \"h\"\nmodule = {:?}\n{http}", asks()));
    let served =
        Served::start(&dir, evq(["serve", "--config", "evq.toml", "--listen", "127.0.0.1:0", "--json"]));
    let put = json!({ "method": "PUT", "url": server.url("/"), "body": "x" });
    served.post_event("/events?wait=30s", asking(1, json!([put]))).assert_status(200);
    assert_eq!(told(&dir, 1), json!([answered(200, "hi")]));
    let story = served.get("/events/1").json();
    let exchange = &story["events"][0]["deliveries"][0]["attempts"][0]["exchanges"][0];
    assert_eq!(
        (&exchange["request"]["method"], &exchange["response"]["body"]),
        (&json!("PUT"), &json!("hi"))
    );
    let granted = &served.handler("h")["grants"]["http"];
    assert_eq!(*granted, json!({ origin: { "methods": ["GET", "PUT"], "private": false } }));
    let tried = served.post_event("/handlers/h/invoke", asking(2, json!([get(&server.url("/"))])));
    let tried = tried.assert_status(200).json();
    assert_eq!(tried["output"], json!([answered(200, "hi")]));
    assert_eq!(tried["exchanges"][0]["response"]["status"], 200);
    served.stop().assert_code(0);
    assert_eq!(server.seen().len(), 2);
}

#[test]
fn check_names_what_may_be_called() {
    let dir = Dir::new();
    let check = |options: &[&str]| evq(["check", &asks()]).args(options).in_(&dir).assert_code(0);
    let grants =
        ["--http", "https://API.example.com:443=POST,GET", "--http-private", "http://db.internal:8080"];
    let said = check(&grants).stdout().to_owned();
    let line = "grant: http             http://db.internal:8080 GET, may be private; https://api.example.com GET POST\n";
    assert!(said.contains(line), "{said}");
    assert!(check(&[]).stdout().contains("grant: http             none (--http, --http-private)\n"));
    let json = check(&[&grants[..], &["--json"]].concat()).json_lines().remove(0);
    let http = json!({ "https://api.example.com": { "methods": ["GET", "POST"] },
        "http://db.internal:8080": { "methods": ["GET"], "private": true } });
    assert_eq!(json["grants"]["http"], http);
}

#[test]
fn what_is_no_grant_is_refused_in_one_line() {
    let dir = Dir::new();
    for (typed, parts) in [
        (
            &["--http", "api.example.com"][..],
            &["no origin to call", "it has no scheme", "such as https://"][..],
        ),
        (&["--http", "https://a.example/v1"], &["it has a path"]),
        (&["--http", "https://me:pw@a.example"], &["user information"]),
        (&["--http", "https://a.example=GTE"], &["\"GTE\" is no method", "GET is one"]),
        (&["--http", "https://a.example="], &["\"\" is no method"]),
        (&["--http", "https://a.example", "--http-private", "https://a.example:443"], &["granted twice"]),
    ] {
        for command in ["check", "run", "serve"] {
            evq([command, &asks()]).args(typed).in_(&dir).assert_refused(2, parts);
        }
    }
    for (lines, parts) in [
        ("origin = \"https://a.example\"\nmethod = [\"GET\"]", &["method", "methods"][..]),
        ("origin = \"a.example\"", &["handler \"h\"", "it has no scheme"]),
        ("origin = \"https://a.example\"\nmethods = []", &["without a method"]),
        ("methods = [\"GET\"]", &["origin"]),
    ] {
        let toml = format!("[[handler]]\nname = \"h\"\nmodule = {:?}\n[[handler.http]]\n{lines}\n", asks());
        dir.write("evq.toml", toml);
        evq(["check", "--config", "evq.toml"]).in_(&dir).assert_refused(2, parts);
    }
}
