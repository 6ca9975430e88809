//! Ranges that lie, for every import that takes one: each is judged in 64 bits and named.

use super::{assert_ends, handler, verdict};

/// Every import that takes a range, with the range's place in the call.
const CALLS: [(&str, &str); 9] = [
    ("event_read", "(call $event_read (i32.const PTR) (i32.const 0) (i32.const LEN))"),
    ("random_fill", "(call $random_fill (i32.const PTR) (i32.const LEN))"),
    ("env", "(drop (call $env (i32.const PTR) (i32.const LEN) (i32.const 0) (i32.const 0)))"),
    ("http_send", "(drop (call $http_send (i32.const PTR) (i32.const LEN)))"),
    ("http_read", "(call $http_read (i32.const PTR) (i32.const 0) (i32.const LEN))"),
    ("output", "(call $output (i32.const 1) (i32.const PTR) (i32.const LEN))"),
    ("emit", "(call $emit (i32.const PTR) (i32.const LEN))"),
    ("log", "(call $log (i32.const 3) (i32.const PTR) (i32.const LEN))"),
    ("error", "(call $error (i32.const PTR) (i32.const LEN))"),
];

#[test]
fn a_range_outside_the_memory_is_refused_by_every_import() {
    for (import, call) in CALLS {
        for (ptr, len) in [
            ("65536", "1"),
            ("65535", "2"),
            ("-1", "1"),
            ("-1", "2"),
            ("0x7fffffff", "1"),
            ("-2147483648", "1000"),
            ("1", "65536"),
        ] {
            let body = call.replace("PTR", ptr).replace("LEN", len);
            let (code, message) = verdict(&handler("", &body), &[]);
            let part = format!("`{import}` was given {len} bytes at ");
            assert_eq!(code, "abi_violation", "{body}: {message}");
            assert!(
                message.contains(&part) && message.ends_with("outside its memory of 65536 bytes"),
                "{message}"
            );
        }
    }
}

/// No fuel is left for a range that no memory can have, so the bounds must come first for it.
#[test]
fn a_range_of_four_gigabytes_is_refused_by_every_import() {
    for (import, call) in CALLS {
        let body = call.replace("PTR", "0").replace("LEN", "-1");
        let (code, message) = verdict(&handler("", &body), &[]);
        match import {
            "output" => assert_eq!(code, "output_limit", "{message}"),
            _ => assert!(code == "abi_violation" && message.contains("4294967295 bytes at 0"), "{message}"),
        }
    }
}

/// A value that is granted is written within the memory alone, and not at all where the guest has no room.
#[test]
fn a_granted_value_is_written_where_there_is_room() {
    let name = r#"(data (i32.const 1024) "KEY")"#;
    let env = |dst: &str, room: &str| {
        format!("(call $env (i32.const 1024) (i32.const 3) (i32.const {dst}) (i32.const {room}))")
    };
    let is = |call: &str, len: i32| format!("(if (i32.ne {call} (i32.const {len})) (then (loop (br 0))))");
    let granted = ["--env", "KEY=value"];
    let in_time = ["--env", "KEY=value", "--fuel", "100000"];
    let read = "(if (i32.ne (i32.load (i32.const 65531)) (i32.const 0x756c6176)) (then (loop (br 0))))";
    let fits = [is(&env("65531", "5"), 5), read.to_owned(), is(&env("-1", "4"), 5), " unreachable".into()];
    let outside = |place: &str| format!("`env` was given 5 bytes at {place}, outside its memory");
    assert_ends(&[
        ("it fits", name, &fits.concat(), &in_time, "trap", "unreachable"),
        (
            "none",
            name,
            &(is(&env("0", "9"), -1) + "unreachable"),
            &["--fuel", "100000"],
            "trap",
            "unreachable",
        ),
        (
            "beyond",
            name,
            &format!("(drop {})", env("65532", "5")),
            &granted,
            "abi_violation",
            &outside("65532"),
        ),
        (
            "wrapped",
            name,
            &format!("(drop {})", env("-1", "-1")),
            &granted,
            "abi_violation",
            &outside("4294967295"),
        ),
    ]);
}

/// Nothing at all may be said at the very end of the memory, and nothing beyond it.
#[test]
fn an_empty_range_has_a_place_too() {
    for (import, call) in CALLS {
        let body = call.replace("PTR", "65537").replace("LEN", "0");
        let (code, message) = verdict(&handler("", &body), &[]);
        assert_eq!(code, "abi_violation", "{import}: {message}");
    }
    let at_the_end = |call: &str| call.replace("PTR", "65536").replace("LEN", "0");
    let fine: String = CALLS
        .iter()
        .filter(|(import, _)| !["emit", "http_send"].contains(import))
        .map(|(_, c)| at_the_end(c))
        .collect();
    assert_ends(&[("the end", "", &format!("{fine} unreachable"), &[], "trap", "unreachable")]);
}

#[test]
fn what_stands_in_the_range_may_be_wrong_too() {
    let deep = |text: &str| format!("(memory.fill (i32.const 0) (i32.const {text}) (i32.const 60000))");
    let event = |rest: &str| format!(r#"(data (i32.const 1024) "{rest}")"#);
    let emit = |len: usize| format!("(call $emit (i32.const 1024) (i32.const {len}))");
    let abi = "abi_violation";
    assert_ends(&[
        (
            "deep JSON that never closes",
            "",
            &format!("{} (call $output (i32.const 0) (i32.const 0) (i32.const 60000))", deep("0x5b")),
            &[],
            abi,
            "`output` of kind 0 is not JSON",
        ),
        (
            "an event that is deep JSON",
            "",
            &format!("{} (call $emit (i32.const 0) (i32.const 60000))", deep("0x5b")),
            &[],
            abi,
            "`emit` of an invalid event",
        ),
        (
            "an event with an id of its own",
            &event(r#"{\22type\22:\22t\22,\22id\22:\221\22}"#),
            &emit(21),
            &[],
            abi,
            "the emitted event sets `id`",
        ),
        ("an event that is not UTF-8", &event(r"{\ff}"), &emit(3), &[], abi, "`emit` of an invalid event"),
        (
            "a request that is deep JSON",
            "",
            &format!("{} (drop (call $http_send (i32.const 0) (i32.const 60000)))", deep("0x5b")),
            &[],
            abi,
            "`http_send` of what is no request",
        ),
        (
            "a request of nothing",
            "",
            "(drop (call $http_send (i32.const 0) (i32.const 0)))",
            &[],
            abi,
            "`http_send` of what is no request",
        ),
        (
            "more of an answer than there is",
            &event(r#"{\22method\22:\22GET\22,\22url\22:\22\22}"#),
            "(call $http_read (i32.const 0) (call $http_send (i32.const 1024) (i32.const 25)) (i32.const 1))",
            &[],
            abi,
            "`http_read` of 1 bytes from offset ",
        ),
        (
            "an answer before any request",
            "",
            "(call $http_read (i32.const 0) (i32.const 0) (i32.const 1))",
            &[],
            abi,
            "`http_read` of 1 bytes from offset 0, but the answer has 0",
        ),
        (
            "an output that overlaps the event's end",
            "",
            "(call $event_read (i32.const 65530) (i32.const 0) (i32.const 72))",
            &[],
            abi,
            "`event_read` was given 72 bytes at 65530",
        ),
    ]);
}
