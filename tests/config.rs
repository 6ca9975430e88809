//! `evq.toml`: what `check` says of it, and what is refused.

use crate::support::{Dir, evq, guest, handler};

#[test]
fn check_tells_each_handler_with_its_filters_and_limits() {
    let dir = Dir::new();
    let orders = handler("fails", "filters = [{ prefix = { type = \"order.\" } }]\nmax-memory = \"16MiB\"");
    dir.write("evq.toml", format!("{orders}{}", handler("echoes", "")));
    let said = evq(["check", "--config", "evq.toml"]).in_(&dir).assert_code(0).stdout().to_owned();
    for part in [
        "handler                 fails",
        r#"{"prefix":{"type":"order."}}"#,
        "16.0 MiB (--max-memory)",
        "echoes",
    ] {
        assert!(said.contains(part), "no {part:?} in\n{said}");
    }
    let lines = evq(["check", "--config", "evq.toml", "--json"]).in_(&dir).assert_code(0).json_lines();
    let filters: Vec<_> = lines.iter().map(|line| line["filter"].is_null()).collect();
    assert_eq!(filters, [false, true]);
    assert_eq!(lines[0]["limits"]["memory_bytes"], 16 * 1024 * 1024);
    assert!(!dir.file("evq.db").exists(), "checking makes nothing");
}

#[test]
fn a_file_that_is_not_sound_is_refused_in_one_line_by_check_and_serve() {
    let dir = Dir::new();
    for (text, parts) in [
        ("[serve]\nwokers = 2\n".to_owned(), ["evq.toml:2:", "did you mean `workers`?"]),
        (handler("echoes", "filters = [{ exact = { Type = \"t\" } }]"), ["evq.toml:4:", "`Type`"]),
        (handler("echoes", "fuel = 0"), ["evq.toml:1:", "fuel is 0"]),
        ("[[handler]]\nname = \"h\"\nmodule = \"none.wasm\"\n".to_owned(), ["none.wasm", "No such file"]),
        (handler("echoes", "").replace("\"echoes\"", "\"a b\\u0007\""), ["handler", "name"]),
    ] {
        dir.write("evq.toml", &text);
        evq(["check", "--config", "evq.toml"]).in_(&dir).assert_refused(2, &parts);
        evq(["serve", "--config", "evq.toml"]).in_(&dir).assert_refused(2, &parts);
    }
    evq(["serve", "--config", "none.toml"])
        .in_(&dir)
        .assert_refused(2, &["cannot read none.toml", "--config names the file"]);
    assert!(!dir.file("evq.db").exists());
}

#[test]
fn what_each_handler_has_for_itself_is_not_typed_beside_a_file() {
    let dir = Dir::new();
    dir.write("evq.toml", handler("echoes", ""));
    for more in [&["--fuel", "5"][..], &["--name", "x"], &[&*guest("echoes")]] {
        evq(["serve", "--config", "evq.toml"]).args(more).in_(&dir).assert_refused(2, &["--config"]);
    }
    let typed = evq(["serve", "--config", "evq.toml", "--max-attempts", "3"]);
    typed.in_(&dir).assert_refused(2, &["--max-attempts", "beside each handler"]);
    evq(["serve"]).in_(&dir).assert_refused(2, &["HANDLER"]);
}

#[test]
fn workers_are_bounded_for_all_handlers_together() {
    let dir = Dir::new();
    let two = [handler("echoes", ""), handler("fails", "")].concat();
    dir.write("evq.toml", format!("[serve]\nworkers = 129\n{two}"));
    let parts = ["--workers is 129", "256, all handlers together"];
    evq(["serve", "--config", "evq.toml"]).in_(&dir).assert_refused(2, &parts);
    // What is typed goes before what is written.
    let typed = ["serve", "--config", "evq.toml", "--workers", "1", "--listen", "0.0.0.0:0"];
    evq(typed).in_(&dir).assert_refused(2, &["--listen"]);
}
