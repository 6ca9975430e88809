//! The corpus of hostile handlers: tables of behaviours, each written as the few lines of Wasm that make
//! it up, with what must be said of it. `contained.rs` tells the plain cases one by one.

mod beside;
mod bytes;
mod ends;
mod modules;
mod pointers;

use crate::support::{Dir, Output, Summary, evq, good, saying};

/// Every import there is, a memory of one page that may grow to three, and an entry point that does `body` on
/// a bad event; `around` stands beside it in the module. The whole event lies at 0.
fn handler(around: &str, body: &str) -> String {
    format!(
        r#"(module
  (import "evq_v1" "event_read" (func $event_read (param i32 i32 i32)))
  (import "evq_v1" "random_fill" (func $random_fill (param i32 i32)))
  (import "evq_v1" "env" (func $env (param i32 i32 i32 i32) (result i32)))
  (import "evq_v1" "http_send" (func $http_send (param i32 i32) (result i32)))
  (import "evq_v1" "http_read" (func $http_read (param i32 i32 i32)))
  (import "evq_v1" "output" (func $output (param i32 i32 i32)))
  (import "evq_v1" "emit" (func $emit (param i32 i32)))
  (import "evq_v1" "log" (func $log (param i32 i32 i32)))
  (import "evq_v1" "error" (func $error (param i32 i32)))
  (import "evq_v1" "retry_after_ms" (func $retry_after_ms (param i64)))
  (memory (export "memory") 1)
  {around}
  (func $bad {body})
  (func (export "evq_handle_v1") (param $len i32) (result i32)
    (call $event_read (i32.const 0) (i32.const 0) (local.get $len))
    (if (i32.ne (i32.load8_u (i32.const 9)) (i32.const 0x2e)) (then (call $bad)))
    (i32.const 0)))"#
    )
}

/// Runs a handler over 18 good events with 2 bad ones among them, on two workers. All good ones must be ok;
/// gives the verdict of the bad ones with its message.
#[track_caller]
fn verdict(wat: &str, options: &[&str]) -> (String, String) {
    let dir = Dir::new();
    dir.write("bad.wat", wat);
    dir.events((0..20).map(|n| if n % 10 == 4 { saying(n, "!") } else { good(n) }));
    let sum = run(&dir, options).assert_code(1).summary();
    assert_sums(&sum);
    dir.assert_sound();
    let ends = dir.sql("SELECT DISTINCT verdict, message FROM attempt");
    let (verdict, message) = ends.split_once('|').unwrap_or_else(|| panic!("no verdict in {ends:?}"));
    (verdict.to_owned(), message.to_owned())
}

fn run(dir: &Dir, options: &[&str]) -> Output {
    let typed = ["run", "bad.wat", "events.ndjson", "--json", "--max-attempts", "1", "--workers", "2"];
    evq(typed).args(options).in_(dir)
}

#[track_caller]
fn assert_sums(sum: &Summary) {
    assert_eq!((sum.ok, sum.dead, sum.attempts), (18, 2, 20));
}

/// One behaviour: what is beside the entry point, what it does, the options, the verdict and a part of its
/// message.
type Behaviour<'a> = (&'a str, &'a str, &'a str, &'a [&'a str], &'a str, &'a str);

#[track_caller]
fn assert_ends(behaviours: &[Behaviour<'_>]) {
    for (name, around, body, options, code, part) in behaviours {
        let found = verdict(&handler(around, body), options);
        assert!(found.0 == *code && found.1.contains(part), "{name}: {found:?}, not {code} with {part:?}");
    }
}
