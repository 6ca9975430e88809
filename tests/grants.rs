//! Granted values and secrets: who is given them, what is recorded of them, and where no secret ever is.

use crate::support::{Dir, Evq, Output, Served, evq, guest, handler, saying, until};

/// Its reverse is what a guest says that was given it.
const SECRET: &str = "yellow-bird";
const SECRET_SEEN: &str = "drib-wolley";

const ASKS: &str = "tells-its-environment";

/// A handler that tells its environment.
fn teller() -> String {
    crate::kinds::kind("core")
}

fn run(dir: &Dir, grants: &[&str]) {
    let typed = evq(["run", &teller(), "--name", "h", "--quiet"]).args(grants).env("THE_KEY", SECRET);
    typed.stdin(saying(dir.count("event") + 1, ASKS)).in_(dir).assert_code(0);
}

const PLAIN: [&str; 2] = ["--env", "CURRENCY=EUR"];
const SECRETLY: [&str; 4] = ["--env", "CURRENCY=EUR", "--secret-env", "API_KEY=THE_KEY"];

fn outputs(dir: &Dir) -> String {
    dir.sql("SELECT output FROM results ORDER BY CAST(event_id AS INTEGER)")
}

#[track_caller]
fn report(output: &Output) -> serde_json::Value {
    output.json_lines().pop().expect("a report")
}

#[test]
fn what_is_granted_is_part_of_what_made_a_result() {
    let dir = Dir::new();
    run(&dir, &[]);
    run(&dir, &PLAIN);
    run(&dir, &SECRETLY);
    run(&dir, &PLAIN);
    assert_eq!(
        outputs(&dir),
        "[null,null,null]\n[\"EUR\",null,null]\n[\"EUR\",\"drib-wolley\",null]\n[\"EUR\",null,null]"
    );
    assert_eq!(
        dir.sql("SELECT grants FROM module ORDER BY id"),
        "{}\n{\"environment\":{\"CURRENCY\":{\"value\":\"EUR\"}}}\n\
         {\"environment\":{\"API_KEY\":\"secret\",\"CURRENCY\":{\"value\":\"EUR\"}}}"
    );
}

#[test]
fn values_that_are_recorded_are_given_again_and_others_are_found() {
    let dir = Dir::new();
    run(&dir, &[]);
    run(&dir, &PLAIN);
    let verified = report(&evq(["verify", "--all", "--json"]).in_(&dir).assert_code(0));
    assert_eq!((&verified["equal"], &verified["not_comparable"]), (&2.into(), &serde_json::json!({})));
    let replayed = report(&evq(["replay", "2", "--json"]).in_(&dir).assert_code(0));
    assert_eq!((&replayed["same"], &replayed["now"]["output"][0]), (&true.into(), &"EUR".into()));
    let compared = report(&evq(["diff", &teller(), "--json"]).in_(&dir).assert_code(0));
    assert_eq!((&compared["effects"]["equal"], &compared["not_comparable"]), (&2.into(), &0.into()));
    dir.change("UPDATE module SET grants = replace(grants, 'EUR', 'USD')");
    let verified = report(&evq(["verify", "--all", "--json"]).in_(&dir).assert_code(1));
    assert_eq!((&verified["equal"], &verified["different"]), (&1.into(), &1.into()));
}

#[test]
fn attempts_that_were_given_a_secret_are_not_compared() {
    let dir = Dir::new();
    run(&dir, &PLAIN);
    run(&dir, &SECRETLY);
    let verified = report(&evq(["verify", "--all", "--json"]).in_(&dir).assert_code(0));
    let left_out = &verified["not_comparable"]["secret_not_recorded"];
    assert_eq!((&verified["equal"], &left_out["attempts"]), (&1.into(), &1.into()));
    assert_eq!(left_out["first"], "event 2 of /test, attempt 1: API_KEY");
    let replayed = evq(["replay", "2"]).in_(&dir).assert_code(0);
    let reason = "comparison   none: the attempt was given a secret, which is not recorded\n";
    assert!(replayed.stdout().contains(reason), "{}", replayed.stdout());
    assert!(replayed.stdout().contains(r#"["EUR",null,null]"#), "{}", replayed.stdout());
    let compared = evq(["diff", &teller()]).in_(&dir).assert_code(0);
    assert!(compared.stdout().contains("1 events of handler h: 1 equal"), "{}", compared.stdout());
    let left_out = "1 more not comparable: each was given a secret, which is not recorded\n";
    assert!(compared.stdout().contains(left_out), "{}", compared.stdout());
}

#[test]
fn check_names_what_is_granted() {
    let dir = Dir::new();
    let check = |more: &[&str]| {
        evq(["check", &guest("echoes")]).args(more).env("THE_KEY", SECRET).in_(&dir).assert_code(0)
    };
    let said = check(&SECRETLY).stdout().to_owned();
    assert!(said.contains("grant: environment      API_KEY (secret), CURRENCY\n"), "{said}");
    assert!(check(&[]).stdout().contains("grant: environment      none (--env, "));
    let told = check(&[&SECRETLY[..], &["--json"]].concat());
    let granted =
        serde_json::json!({ "environment": { "API_KEY": "secret", "CURRENCY": { "value": "EUR" } } });
    assert_eq!(told.json_lines()[0]["grants"], granted);
    assert!(!said.contains(SECRET) && !told.stdout().contains(SECRET));
}

#[test]
fn what_cannot_be_granted_is_refused_in_one_line_that_never_tells_a_secret() {
    let dir = Dir::new();
    dir.write("zero", format!("{SECRET}\0")).write("large", SECRET.repeat(6000));
    for (typed, parts) in [
        (&["--env", "CURRENCY"][..], &["--env", "write a name, ="][..]),
        (&["--env", "1ST=a"], &["\"1ST\" is no name for a value", "letters, digits and _"]),
        (&["--env", "=a"], &["\"\" is no name"]),
        (&["--env", "A=1", "--env", "A=2"], &["A is granted twice"]),
        (&["--env", "THE_KEY=1", "--secret-env", "THE_KEY"], &["THE_KEY is granted twice"]),
        (&["--secret-env", "KEY=EVQ_NONE"], &["KEY", "environment variable EVQ_NONE", "is not set; set it"]),
        (&["--secret-env", "KEY="], &["KEY", "is not set"]),
        (&["--secret-file", "KEY"], &["--secret-file", "write a name, ="]),
        (&["--secret-file", "KEY=none"], &["KEY", "file none", "No such file", "name a file"]),
        (&["--secret-file", "KEY=zero"], &["KEY", "NUL"]),
        (&["--secret-file", "KEY=large"], &["KEY", "large", "the limit of 65536 bytes"]),
    ] {
        for command in ["check", "run", "serve"] {
            let refused = evq([command, &guest("echoes")]).args(typed).env("THE_KEY", SECRET).in_(&dir);
            assert!(!refused.stderr().contains(SECRET), "{}", refused.stderr());
            refused.assert_refused(2, parts);
        }
    }
    dir.write("evq.toml", handler("echoes", ""));
    for typed in [["--env", "A=1"], ["--secret-env", "THE_KEY"], ["--secret-file", "A=zero"]] {
        let refused = evq(["check", "--config", "evq.toml"]).args(&typed).in_(&dir);
        refused.assert_refused(2, &["--config", typed[0]]);
    }
    assert!(!dir.file("evq.db").exists());
}

/// The second example of the documentation, for a handler that tells its environment.
fn documented() -> String {
    let page = include_str!("../docs/config.md");
    let example = page.split("```toml\n").nth(2).and_then(|rest| rest.split("```").next()).unwrap();
    assert!(example.contains("[handler.environment]"), "{example}");
    format!("[[handler]]\nname = \"h\"\nmodule = {:?}\nmax-attempts = 1\n{example}", teller())
}

fn with_secret(typed: Evq) -> Evq {
    typed.env("ORDERS_API_KEY", SECRET)
}

fn serve(dir: &Dir) -> Served {
    let typed = evq(["serve", "--config", "evq.toml", "--listen", "127.0.0.1:0", "--json"]);
    Served::start(dir, with_secret(typed))
}

/// All that a server answers with.
fn all_answers(served: &Served) -> Vec<String> {
    let paths = [
        "/",
        "/dead",
        "/dead/reasons",
        "/events",
        "/events/1",
        "/events/2",
        "/handlers",
        "/metrics",
        "/openapi.json",
        "/overview",
        "/results",
    ];
    let answers = paths.iter().map(|path| served.get(path).assert_status(200));
    answers.map(|answer| format!("{:?}\n{}", answer.headers, answer.body)).collect()
}

/// The database with its log, and whatever else lies beside it.
fn all_files(dir: &Dir) -> Vec<String> {
    let files = std::fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().path());
    let files = files.filter(|path| path.is_file());
    files.map(|path| String::from_utf8_lossy(&std::fs::read(path).unwrap()).into_owned()).collect()
}

#[test]
fn a_secret_is_given_to_its_handler_and_is_nowhere_else() {
    let (dir, elsewhere) = (Dir::new(), Dir::new());
    elsewhere.secret("signing.key", &format!("{SECRET}\n"));
    let key = elsewhere.file("signing.key").display().to_string();
    dir.write("evq.toml", documented().replace("secrets/signing.key", &key).replace(&teller(), "h.wasm"));
    std::fs::copy(teller(), dir.file("h.wasm")).unwrap();
    let mut served = serve(&dir);
    served.post_event("/events?wait=30s", saying(1, ASKS)).assert_status(200);
    served.post_event("/events?wait=30s", saying(2, "fails")).assert_status(200);
    let tried = served.post_event("/handlers/h/invoke", saying(3, ASKS)).assert_status(200);
    assert_eq!(tried.json()["output"][1], SECRET_SEEN, "{}", tried.body);
    until("both are settled", || (dir.count("outcome") == 2).then_some(()));
    assert_eq!(outputs(&dir).lines().next().unwrap(), r#"["EUR","drib-wolley",null]"#);
    dir.write("h.wasm", "no module");
    served.signal_until_said("HUP", "goes on with the module it has");
    let mut said = all_answers(&served);
    assert!(dir.file("evq.db-wal").exists(), "the log is looked at, too");
    said.extend(all_files(&dir));
    let ended = served.stop();
    std::fs::copy(teller(), dir.file("h.wasm")).unwrap();
    said.extend([ended.stdout().to_owned(), ended.stderr().to_owned()]);
    for typed in [
        &["show", "1"][..],
        &["show", "1", "--json"],
        &["results", "--json"],
        &["stats"],
        &["dead", "list"],
        &["verify", "--all"],
        &["replay", "1", "--json"],
        &["replay", "2"],
        &["diff", &teller(), "--all", "--json"],
        &["check", "--config", "evq.toml"],
        &["check", "--config", "evq.toml", "--json"],
    ] {
        let command = with_secret(evq(typed)).in_(&dir);
        said.extend([command.stdout().to_owned(), command.stderr().to_owned()]);
    }
    said.extend(all_files(&dir));
    assert!(said.iter().any(|text| text.contains(SECRET_SEEN)), "the guest's own words are recorded");
    for text in said {
        assert!(!text.contains(SECRET), "{text}");
    }
}

#[test]
fn a_server_tells_values_and_of_secrets_the_names_alone() {
    let (dir, elsewhere) = (Dir::new(), Dir::new());
    elsewhere.secret("signing.key", SECRET);
    let key = elsewhere.file("signing.key").display().to_string();
    dir.write("evq.toml", documented().replace("secrets/signing.key", &key) + &handler("echoes", ""));
    let served = serve(&dir);
    let environment =
        serde_json::json!({ "API_KEY": "secret", "CURRENCY": { "value": "EUR" }, "SIGNING_KEY": "secret" });
    assert_eq!(served.handler("h")["grants"], serde_json::json!({ "environment": environment, "http": {} }));
    assert_eq!(served.handler("echoes")["grants"], serde_json::json!({ "environment": {}, "http": {} }));
    let document = served.get("/openapi.json").json();
    let told = &document["components"]["schemas"]["GrantedJson"]["oneOf"];
    assert_eq!(told[1], serde_json::json!({ "type": "string", "enum": ["secret"] }), "{told}");
}

/// What is granted is read at the start: a module that is swapped in has the same.
#[test]
fn a_module_that_is_swapped_in_has_the_grants_of_the_start() {
    let dir = Dir::new();
    let key = dir.file("key").display().to_string();
    std::fs::copy(teller(), dir.file("h.wasm")).unwrap();
    let toml = documented().replace(&teller(), "h.wasm").replace("secrets/signing.key", &key);
    dir.write("evq.toml", &toml).write("key", "one");
    let mut served = serve(&dir);
    dir.write("evq.toml", toml.replace("EUR", "USD")).write("key", "two");
    // A custom section, so that it is another module of the same meaning.
    let swapped = [&std::fs::read(teller()).unwrap()[..], b"\0\x02\x01x"].concat();
    dir.write("h.wasm", swapped);
    served.signal_until_said("HUP", "runs a new module");
    served.post_event("/events?wait=30s", saying(1, ASKS)).assert_status(200);
    assert_eq!(outputs(&dir), r#"["EUR","drib-wolley",null]"#);
    assert_eq!(dir.sql("SELECT count(*), count(DISTINCT grants) FROM module"), "2|1");
}
