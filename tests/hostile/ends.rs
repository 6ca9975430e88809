//! Work without end and growth without end, in every place where a guest's code runs.

use super::{assert_ends, handler};
use crate::support::{Dir, evq, many};

/// Enough fuel that time runs out first.
const YEARS: &[&str] = &["--fuel", "1000000000000000", "--timeout", "200ms"];
/// Enough time that fuel runs out first, on a slow machine too.
const AN_HOUR: &[&str] = &["--timeout", "1h"];
const LITTLE: &[&str] = &["--fuel", "1000000"];

const TIME: &str = " ms wanted, 200 ms allowed";
const FUEL: &str = "the limit on fuel was hit: 1000000 units wanted, 1000000 units allowed";

/// Calls of imports that each work over 64 MiB, a thousand of them in a row and no loop.
fn in_a_row(call: &str) -> String {
    format!("(drop (memory.grow (i32.const 1000))) {}", call.repeat(1000))
}

#[test]
fn loops_of_every_kind_run_out_of_fuel_or_time() {
    for (options, code, part) in [(LITTLE, "fuel_limit", FUEL), (YEARS, "timeout", TIME)] {
        let fill = "(memory.fill (i32.const 0) (i32.const 1) (i32.const 65536))";
        let copy = "(memory.copy (i32.const 0) (i32.const 8) (i32.const 65528))";
        let read = "(call $event_read (i32.const 0) (i32.const 0) (i32.const 64))";
        let random = "(call $random_fill (i32.const 0) (i32.const 65536))";
        let error = "(call $error (i32.const 0) (i32.const 64))";
        let retry = "(call $retry_after_ms (i64.const -1))";
        let entry = "(table 1 funcref) (elem (i32.const 0) $bad)";
        let table = "(table 1000 funcref)";
        let table_fill = "(table.fill (i32.const 0) (ref.null func) (i32.const 1000))";
        let looped = |body: &str| format!("(loop $more {body} (br $more))");
        assert_ends(&[
            ("plain", "", &looped(""), options, code, part),
            ("filling memory", "", &looped(fill), options, code, part),
            ("copying memory", "", &looped(copy), options, code, part),
            ("filling a table", table, &looped(table_fill), options, code, part),
            ("reading the event", "", &looped(read), options, code, part),
            ("random numbers", "", &looped(random), options, code, part),
            ("errors", "", &looped(error), options, code, part),
            ("delays", "", &looped(retry), options, code, part),
            ("a call of itself at its end", "", "(return_call $bad)", options, code, part),
            ("the same through a table", entry, "(return_call_indirect (i32.const 0))", options, code, part),
        ]);
    }
}

/// The engine looks at the clock where a loop or a function begins; here is neither.
#[test]
fn calls_in_a_row_over_all_of_the_memory_run_out_of_fuel_or_time() {
    let random = in_a_row("(call $random_fill (i32.const 0) (i32.const 0x3e80000))");
    let error = in_a_row("(call $error (i32.const 0) (i32.const 0x3e80000))");
    let fill = in_a_row("(memory.fill (i32.const 0) (i32.const 1) (i32.const 0x3e80000))");
    let fuel = "the limit on fuel was hit: 1000000000 units wanted";
    assert_ends(&[
        ("random numbers, fuel", "", &random, AN_HOUR, "fuel_limit", fuel),
        ("random numbers, time", "", &random, YEARS, "timeout", TIME),
        ("errors, fuel", "", &error, AN_HOUR, "fuel_limit", fuel),
        ("errors, time", "", &error, YEARS, "timeout", TIME),
        ("filling memory, time", "", &fill, YEARS, "timeout", TIME),
    ]);
}

#[test]
fn depth_runs_out_of_stack_or_fuel() {
    let stack = "the limit on stack was hit: 524288 bytes wanted, 524288 bytes allowed";
    let wide = format!("(func $wide (local {}) (call $wide))", "i64 ".repeat(1000));
    let two = "(func $other (call $bad))";
    let table = "(table 1 funcref) (elem (i32.const 0) $bad)";
    assert_ends(&[
        ("plain", "", "(call $bad)", &[], "stack_limit", stack),
        ("of two", two, "(call $other)", &[], "stack_limit", stack),
        ("through a table", table, "(call_indirect (i32.const 0))", &[], "stack_limit", stack),
        ("with a thousand locals", &wide, "(call $wide)", &[], "stack_limit", stack),
        ("with little fuel", "", "(call $bad)", &["--fuel", "1000"], "fuel_limit", "1000 units allowed"),
    ]);
}

#[test]
fn growth_is_refused_and_named() {
    let grow = "(if (i32.eq (memory.grow (i32.const 0xffff)) (i32.const -1)) (then unreachable))";
    let page_by_page =
        "(loop $more (br_if $more (i32.ne (memory.grow (i32.const 1)) (i32.const -1)))) unreachable";
    let table = "(table $t 1 funcref)";
    let table_grow = "(drop (table.grow $t (ref.null func) (i32.const 30000))) unreachable";
    let table_slowly = "(loop $more (br_if $more (i32.ne (table.grow $t (ref.null func) (i32.const 1)) (i32.const -1)))) unreachable";
    let memory = "the limit on memory was hit: ";
    let elements = "the limit on table elements was hit: ";
    assert_ends(&[
        ("memory at once", "", grow, &[], "memory_limit", memory),
        ("memory page by page", "", page_by_page, &["--max-memory", "1MiB"], "memory_limit", memory),
        ("a table at once", table, table_grow, &[], "table_limit", elements),
        ("a table one by one", table, table_slowly, &[], "table_limit", elements),
    ]);
}

#[test]
fn what_is_said_without_end_is_too_much() {
    let looped = |call: &str| format!("(loop $more {call} (br $more))");
    let event = r#"(data (i32.const 1024) "{\22type\22:\22t\22}")"#;
    let log = looped("(call $log (i32.const 3) (i32.const 0) (i32.const 1))");
    let empty = looped("(call $log (i32.const 3) (i32.const 0) (i32.const 0))");
    let emit = looped("(call $emit (i32.const 1024) (i32.const 12))");
    assert_ends(&[
        ("logs", "", &log, &[], "log_limit", "the limit on logs was hit: 65538 bytes wanted"),
        ("logs of nothing", "", &empty, &[], "log_limit", "the limit on logs was hit: 65537 bytes wanted"),
        ("events", event, &emit, &[], "emit_limit", "the limit on emitted events was hit: 101 wanted"),
    ]);
}

/// Wherever an instance is made, it is under the limits: no event can be a good one.
#[test]
fn a_table_that_is_too_large_from_the_start_is_named() {
    let ends = all_dead("(table 20001 funcref)", "", &[]);
    assert_eq!(ends, "table_limit|the limit on table elements was hit: 20001 wanted, 20000 allowed");
}

/// Runs a handler that does well with no event, and gives how all attempts ended.
#[track_caller]
fn all_dead(around: &str, body: &str, options: &[&str]) -> String {
    let dir = Dir::new();
    dir.write("bad.wat", handler(around, body)).events(many(3));
    let typed = evq(["run", "bad.wat", "events.ndjson", "--json", "--max-attempts", "1"]);
    let sum = typed.args(options).in_(&dir).assert_code(1).summary();
    assert_eq!((sum.ok, sum.dead), (0, 3), "{body}");
    dir.sql("SELECT DISTINCT verdict, message FROM attempt")
}

/// In a start function there is no event to tell good from bad: each attempt ends there.
#[test]
fn a_start_function_has_no_more_than_the_entry_point() {
    for (body, options, code) in [
        ("(loop $more (br $more))", LITTLE, "fuel_limit"),
        ("(loop $more (br $more))", YEARS, "timeout"),
        ("(call $bad)", &[], "stack_limit"),
        ("(drop (memory.grow (i32.const 0xffff))) unreachable", &[], "memory_limit"),
        ("(loop $more (call $log (i32.const 3) (i32.const 0) (i32.const 9)) (br $more))", &[], "log_limit"),
        ("(call $output (i32.const 0) (i32.const -1) (i32.const 1))", &[], "abi_violation"),
        ("unreachable", &[], "trap"),
    ] {
        let ends = all_dead("(start $bad)", body, options);
        assert!(ends.starts_with(&format!("{code}|")), "{body}: {ends}");
    }
}
