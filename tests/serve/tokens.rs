//! Tokens: who may do what, the login, and its cookie.

use serde_json::json;

use crate::support::{Answer, Dir, Served, good, handler, serve, serve_config};

const SEND: &str = "sends-0123456789abcdef";
const READ: &str = "reads-0123456789abcdef";
const OPERATE: &str = "operates-0123456789abcdef";
const JSON: (&str, &str) = ("content-type", "application/json");

fn with_tokens(dir: &Dir) -> Served {
    dir.secret("tokens", &format!("send {SEND} shop\nread {READ}\noperate {OPERATE} alice\n"));
    serve(dir, "echoes", &["--token-file", "tokens"])
}

#[test]
fn tokens_may_be_named_in_the_configuration_file_relative_to_it() {
    let dir = Dir::new();
    dir.secret("tokens", &format!("read {READ}\n"));
    dir.write(
        "evq.toml",
        format!("[serve]\ntoken-file = \"tokens\"\nkeep-all = true\n{}", handler("echoes", "")),
    );
    let served = serve_config(&dir, &[]);
    served.get("/results").assert_status(401);
    served.send("GET", "/results", &[("authorization", &bearer(READ))], "").assert_status(200);
}

fn bearer(token: &str) -> String {
    format!("Bearer {token}")
}

fn log_in(served: &Served, token: &str) -> Answer {
    served.post("/login", &[JSON], json!({"token": token}).to_string())
}

/// The cookie as a browser sends it back.
fn cookie_of(answer: &Answer) -> String {
    answer.headers["set-cookie"].split(';').next().unwrap().to_owned()
}

#[test]
fn each_path_is_open_to_its_role_and_to_those_who_operate() {
    let dir = Dir::new();
    let served = with_tokens(&dir);
    let event = ("content-type", "application/cloudevents+json");
    for (method, path, header, body, role) in [
        ("POST", "/events", event, good(1), "send"),
        ("GET", "/events/1", JSON, String::new(), "read"),
        ("GET", "/results", JSON, String::new(), "read"),
        ("GET", "/dead", JSON, String::new(), "read"),
        ("GET", "/handlers", JSON, String::new(), "read"),
        ("GET", "/metrics", JSON, String::new(), "read"),
        ("POST", "/dead/retry", JSON, r#"{"scope":"all"}"#.to_owned(), "operate"),
        ("POST", "/dead/drop", JSON, r#"{"scope":"all"}"#.to_owned(), "operate"),
    ] {
        let ask = |token: Option<&str>| {
            let authorization = token.map(bearer);
            let mut headers = vec![header];
            headers.extend(authorization.as_deref().map(|value| ("authorization", value)));
            served.send(method, path, &headers, body.as_bytes())
        };
        let nobody = ask(None);
        assert_eq!(nobody.headers["www-authenticate"], "Bearer realm=\"wasm-evq\"", "{path}");
        nobody.assert_problem(401, "unauthorized", &["a token is needed"]);
        for (token, has) in [(SEND, "send"), (READ, "read"), (OPERATE, "operate")] {
            let answer = ask(Some(token));
            if has == role || has == "operate" {
                assert!(answer.status < 300, "{method} {path} as {has}: {}", answer.body);
            } else {
                answer.assert_problem(403, "not-allowed", &[&format!("the role {role}"), has]);
            }
        }
    }
}

#[test]
fn a_stranger_learns_that_the_server_lives_and_no_more() {
    let dir = Dir::new();
    let served = with_tokens(&dir);
    for path in ["/healthz", "/readyz", "/openapi.json"] {
        served.get(path).assert_status(200);
    }
    served.options("/events", &[("webhook-request-origin", "shop.example")]).assert_status(200);
    served.get("/session").assert_problem(401, "unauthorized", &[]);
    served.get("/stream").assert_problem(401, "unauthorized", &[]);
    let document = served.get("/openapi.json").json();
    let needed = &document["paths"]["/dead/drop"]["post"]["security"];
    assert_eq!(needed, &json!([{"token": ["operate"]}, {"session": ["operate"]}]));
    assert_eq!(
        document["components"]["securitySchemes"]["token"],
        json!({"type": "http", "scheme": "bearer"})
    );
    assert_eq!(document["paths"]["/healthz"]["get"]["security"], json!(null));
}

/// So that a path which is new stands behind the right role, too.
#[test]
fn whoever_changes_something_operates_and_whoever_looks_reads() {
    let dir = Dir::new();
    let document = with_tokens(&dir).get("/openapi.json").json();
    let needed = |role: &str| json!([{"token": [role]}, {"session": [role]}]);
    let mut seen = 0;
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let expected = match (&**method, &**path) {
                ("options", _) | (_, "/healthz" | "/readyz" | "/login" | "/logout" | "/session") => {
                    json!(null)
                }
                ("post", "/events") => needed("send"),
                ("get", _) => needed("read"),
                _ => needed("operate"),
            };
            assert_eq!(operation["security"], expected, "{method} {path}");
            seen += 1;
        }
    }
    assert!(seen > 15, "{seen}");
}

#[test]
fn a_wrong_token_is_none_whatever_the_cookie_says() {
    let dir = Dir::new();
    let served = with_tokens(&dir);
    let cookie = cookie_of(&log_in(&served, OPERATE).assert_status(200));
    for wrong in [bearer(&OPERATE[1..]), bearer(""), format!("Basic {OPERATE}"), OPERATE.to_owned()] {
        let asked = [("authorization", &*wrong), ("cookie", &*cookie)];
        served.send("GET", "/results", &asked, ()).assert_problem(401, "unauthorized", &["not one of"]);
    }
    let lower_case = format!("bearer {READ}");
    served.send("GET", "/results", &[("authorization", &lower_case)], ()).assert_status(200);
}

#[test]
fn a_login_is_a_cookie_that_no_page_can_read_until_the_logout() {
    let dir = Dir::new();
    let served = with_tokens(&dir);
    let answer = log_in(&served, OPERATE).assert_status(200);
    assert_eq!(answer.json(), json!({"role": "operate", "name": "alice"}));
    let set = &answer.headers["set-cookie"];
    assert!(set.ends_with("; Path=/; Max-Age=43200; HttpOnly; SameSite=Strict"), "{set}");
    assert!(!set.contains(OPERATE), "{set}");
    let cookie = format!("theme=dark; {}", cookie_of(&answer));
    let with_cookie = |method, path, header| {
        served.send(method, path, &[("cookie", &cookie), header], "{\"scope\":\"all\"}".as_bytes())
    };
    assert_eq!(with_cookie("GET", "/session", JSON).json()["name"], "alice");
    with_cookie("POST", "/dead/drop", JSON).assert_status(200);
    with_cookie("POST", "/dead/drop", ("origin", "http://evil.example")).assert_problem(
        403,
        "cross-site",
        &[],
    );
    let out = with_cookie("POST", "/logout", JSON).assert_status(204);
    assert!(out.headers["set-cookie"].contains("Max-Age=0"));
    with_cookie("GET", "/session", JSON).assert_problem(401, "unauthorized", &[]);
}

#[test]
fn logins_with_wrong_tokens_are_few_a_minute() {
    let dir = Dir::new();
    let served = with_tokens(&dir);
    for _ in 0..10 {
        log_in(&served, "guess").assert_problem(401, "unauthorized", &[]);
    }
    let refused = log_in(&served, OPERATE);
    assert!(refused.headers["retry-after"].parse::<u32>().unwrap() <= 60);
    refused.assert_problem(429, "too-many-logins", &["10 logins"]);
    let header = bearer(OPERATE);
    served.send("GET", "/results", &[("authorization", &header)], ()).assert_status(200);
}

#[test]
fn without_tokens_everybody_operates() {
    let dir = Dir::new();
    let served = serve(&dir, "echoes", &[]);
    let who = json!({"role": "operate", "name": null});
    assert_eq!(served.get("/session").assert_status(200).json(), who);
    let answer = log_in(&served, "anything").assert_status(200);
    assert_eq!((answer.json(), answer.headers.get("set-cookie")), (who, None));
}

#[test]
fn tokens_are_read_again_on_a_hangup_and_sessions_end() {
    let dir = Dir::new();
    let mut served = with_tokens(&dir);
    let cookie = cookie_of(&log_in(&served, OPERATE).assert_status(200));
    dir.secret("tokens", "read short\n");
    served.signal_until_said("HUP", "at least 16");
    served.send("GET", "/results", &[("cookie", &cookie)], ()).assert_status(200);
    dir.secret("tokens", &format!("read {READ}\n"));
    served.signal_until_said("HUP", "read again");
    served.send("GET", "/results", &[("cookie", &cookie)], ()).assert_problem(401, "unauthorized", &[]);
    let (old, new) = (bearer(OPERATE), bearer(READ));
    served.send("GET", "/results", &[("authorization", &old)], ()).assert_problem(401, "unauthorized", &[]);
    served.send("GET", "/results", &[("authorization", &new)], ()).assert_status(200);
}
