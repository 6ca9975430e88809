use super::*;

/// What reading this text says, with the file called `evq.toml`.
fn read(text: &str) -> Result<EvqFile, String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("evq.toml");
    std::fs::write(&path, text).unwrap();
    let begin = format!("{}/", folder.path().display());
    EvqFile::read(&path).map_err(|error| error.to_string().replace(&begin, ""))
}

const ONE: &str = "[[handler]]\nname = \"a\"\nmodule = \"a.wasm\"\n";

#[test]
fn the_example_of_the_documentation_is_what_it_says() {
    let page = include_str!("../../../../docs/config.md");
    let example = page.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    let file = read(example).unwrap();
    let names: Vec<&str> = file.handlers.iter().map(|handler| &*handler.name).collect();
    assert_eq!(names, ["orders", "audit"]);
    assert_eq!(file.serve.workers, Some(2));
    assert_eq!(file.serve.max_pending_size, Some(4096 * MIB));
    assert_eq!(file.serve.min_free_disk, Some(256 * MIB));
    assert!(file.serve.token_file.is_some() && file.serve.tls_key.is_some() && !file.serve.plain_http);
    assert_eq!(file.serve.keep.days, Some(30));
    let orders = &file.handlers[0];
    assert_eq!((orders.limits.fuel_max, orders.policy.failures_max), (200_000_000, 3));
    assert_eq!(
        orders.filter.as_ref().unwrap().attributes().into_iter().collect::<Vec<_>>(),
        ["subject", "type"]
    );
    assert!(file.handlers[1].filter.is_none());
    assert_eq!(orders.grants.environment.iter().collect::<Vec<_>>(), [("CURRENCY", "EUR")]);
    assert_eq!(file.handlers[1].grants.environment.iter().count(), 0);
}

#[test]
fn paths_are_relative_to_the_file_and_what_is_not_written_is_the_default() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("evq.toml");
    std::fs::write(&path, format!("[serve]\ndb = \"data/evq.db\"\n{ONE}")).unwrap();
    let file = EvqFile::read(&path).unwrap();
    assert_eq!(file.serve.db, Some(folder.path().join("data/evq.db")));
    assert_eq!(file.handlers[0].module, folder.path().join("a.wasm"));
    assert_eq!(
        (file.handlers[0].limits, file.handlers[0].policy),
        (Limits::default(), RetryPolicy::default())
    );
}

#[test]
fn a_secrets_file_is_beside_this_one_and_its_text_is_shown_nowhere() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("key.txt"), "yellow-bird\n").unwrap();
    let path = folder.path().join("evq.toml");
    std::fs::write(&path, format!("{ONE}environment.KEY = {{ from-file = \"key.txt\" }}\n")).unwrap();
    let file = EvqFile::read(&path).unwrap();
    assert_eq!(file.handlers[0].grants.environment.get("KEY"), Some("yellow-bird"));
    assert!(!format!("{file:?}").contains("yellow"), "{file:?}");
}

#[test]
fn each_mistake_is_told_in_one_line_with_its_place_and_a_cure() {
    for (text, expected) in [
        ("", "evq.toml:1: no handler; write [[handler]]"),
        ("[serve]\nlisten = 5\n", "evq.toml:2: invalid type: integer `5`, expected a string"),
        ("[serve]\nwokers = 2\n", "evq.toml:2: unknown key `wokers`; did you mean `workers`?"),
        ("[serve]\nmax_pending = 2\n", "evq.toml:2: unknown key `max_pending`; did you mean `max-pending`?"),
        ("[serve]\ncolour = 2\n", "evq.toml:2: unknown key `colour`; known here are listen, host,"),
        ("[serve]\ntls-cert = \"c\"\n", "evq.toml:1: no handler"),
        (
            &format!("\n[serve]\ntls-cert = \"c\"\n{ONE}"),
            "evq.toml:2: tls-cert and tls-key belong together; write both or neither",
        ),
        (
            &format!("[serve]\ntls-cert = \"c\"\ntls-key = \"k\"\nplain-http = true\n{ONE}"),
            "evq.toml:1: plain-http is for a server without tls-cert",
        ),
        (&format!("[serve]\nkeep-all = true\nkeep-days = 3\n{ONE}"), "evq.toml:1: keep-all keeps everything"),
        ("[server]\n", "evq.toml:1: unknown key `server`; did you mean `serve`?"),
        ("[[handler]]\nname = \"a\"\n", "evq.toml:1: missing field `module`"),
        ("[[handler]\n", "evq.toml:1: "),
        (&format!("{ONE}\n{ONE}"), "evq.toml:5: handler \"a\" is there already"),
        (
            &format!("{ONE}max-memory = \"10B\"\n"),
            "evq.toml:1: handler \"a\": max-memory is 10; it must be 64KiB",
        ),
        (
            &format!("{ONE}max-memory = \"much\"\n"),
            "evq.toml:4: \"much\" is no size; write a size such as 64MiB",
        ),
        (&format!("{ONE}timeout = 5\n"), "evq.toml:4: invalid type: integer `5`"),
        (&format!("{ONE}timeout = \"soon\"\n"), "evq.toml:4: \"soon\" is no time; write a time such as 5s"),
        (&format!("{ONE}max-attempts = 0\n"), "max-attempts is 0; it must be 1 to 1000"),
        (
            &format!("{ONE}filters = [{{ exakt = {{ id = \"1\" }} }}]\n"),
            "evq.toml:4: unknown filter dialect `exakt`; did you mean `exact`?",
        ),
        (
            &format!("{ONE}filters = [{{ exact = {{ data = \"1\" }} }}]\n"),
            "evq.toml:4: `data` is no context attribute",
        ),
        (
            &format!("{ONE}filters = {{ exact = {{ id = \"1\" }} }}\n"),
            "evq.toml:4: invalid type: map, expected a sequence",
        ),
        (
            &format!("{ONE}[handler.environment]\nKEY = 5\n"),
            "evq.toml:5: invalid type: integer `5`, expected a text, { from-env = \"VARIABLE\" } or {",
        ),
        (
            &format!("{ONE}[handler.environment]\nKEY = {{ from-enf = \"K\" }}\n"),
            "evq.toml:5: unknown key `from-enf`; did you mean `from-env`?",
        ),
        (
            &format!("{ONE}environment = {{ KEY = {{ from-env = \"K\", from-file = \"k\" }} }}\n"),
            "evq.toml:4: a secret has one source; write from-env or from-file",
        ),
        (&format!("{ONE}environment.KEY = {{}}\n"), "evq.toml:4: a secret has one source"),
        (
            &format!("{ONE}environment.KEY = {{ from-env = \"EVQ_NOWHERE\" }}\n"),
            "evq.toml:1: handler \"a\": the secret KEY is to come from the environment variable EVQ_NOWHERE, which",
        ),
        (
            &format!("{ONE}environment.KEY = {{ from-file = \"key.txt\" }}\n"),
            "evq.toml:1: handler \"a\": the secret KEY is to come from the file key.txt, which cannot be read: No",
        ),
        (&format!("{ONE}environment.KEY = \"a\"\nenvironment.KEY = \"b\"\n"), "evq.toml:5: duplicate key"),
        (&format!("{ONE}environment.A-B = \"a\"\n"), "evq.toml:1: handler \"a\": \"A-B\" is no name"),
        (
            &format!("{ONE}environment.A = \"\\u0000\"\n"),
            "evq.toml:1: handler \"a\": the value of A has a NUL",
        ),
    ] {
        let told = read(text).unwrap_err();
        assert!(told.contains(expected) && !told.contains('\n'), "{text}\n{told}");
    }
}

#[test]
fn the_number_of_handlers_and_the_size_of_the_file_are_bounded() {
    let handlers =
        |count: usize| (0..count).map(|n| ONE.replace("\"a\"", &format!("\"a{n}\""))).collect::<String>();
    assert_eq!(read(&handlers(64)).unwrap().handlers.len(), 64);
    assert!(read(&handlers(65)).unwrap_err().starts_with("evq.toml:193: 65 handlers, the limit is 64"));
    assert!(
        read(&format!("#{}", " ".repeat(1 << 20))).unwrap_err().contains("larger than the limit of 1048576")
    );
    assert!(
        EvqFile::read(Path::new("/none/evq.toml"))
            .unwrap_err()
            .to_string()
            .starts_with("cannot read /none/evq.toml")
    );
}
