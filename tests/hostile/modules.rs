//! Files that are no handlers, or cost too much to make one of: refused in one line before anything runs.

use std::time::Instant;

use super::beside::peak_bytes;
use crate::support::{Dir, evq, good, until};

/// Refuses a module in a line with these parts, within the time that one of ours may take.
#[track_caller]
fn refused(file: &str, module: impl AsRef<[u8]>, options: &[&str], parts: &[&str]) {
    let dir = Dir::new();
    dir.write(file, module).events([good(1)]);
    let typed = evq(["run", file, "events.ndjson"]).args(options);
    typed.in_(&dir).assert_refused(2, &[&[file], parts].concat());
    assert!(!dir.file("evq.db").exists());
}

/// What the host may hold at its peak when it compiles the largest module that it takes.
const COMPILE_BYTES_MAX: u64 = 900 << 20;

/// The same for one that it refuses before the compiler sees it.
const REFUSED_BYTES_MAX: u64 = 200 << 20;

const MEMORY: &str = r#"(memory (export "memory") 1)"#;

fn binary(around: &str, body: &str) -> Vec<u8> {
    let entry = format!(r#"(func (export "evq_handle_v1") (param i32) (result i32) {body} (i32.const 0))"#);
    wat::parse_str(format!("(module {around} {MEMORY} {entry})")).unwrap()
}

#[test]
fn a_file_of_a_hundred_megabytes_is_not_read() {
    let dir = Dir::new();
    let file = std::fs::File::create(dir.file("huge.wasm")).unwrap();
    file.set_len(100 << 20).unwrap();
    let typed = evq(["check", "huge.wasm"]);
    typed.in_(&dir).assert_refused(2, &["huge.wasm is 104857600 bytes", "the limit on a module is 67108864"]);
    let text = vec![b' '; 5 << 20];
    refused("long.wat", text, &[], &["5242880 bytes", "as text is 4194304; make a .wasm file of it"]);
}

#[test]
fn a_hundred_thousand_functions_are_too_many() {
    let module = binary(&"(func)".repeat(100_000), "");
    refused("many.wasm", module, &[], &["it has 100001 functions, the limit is 50000"]);
}

/// The most functions that pass: some hundred megabytes, and not a process for each.
#[test]
fn fifty_thousand_functions_are_compiled_in_bounded_memory() {
    let dir = Dir::new();
    dir.write("most.wasm", binary(&"(func)".repeat(49_999), ""));
    let mut running = evq(["run", "most.wasm", "-", "--json"]).start_in(&dir);
    running.write(format!("{}\n", good(1)).as_bytes());
    until("it is settled", || (dir.count("results") == 1).then_some(()));
    let peak = peak_bytes(running.pid());
    running.wait().assert_code(0);
    assert!(peak < COMPILE_BYTES_MAX, "{peak} bytes at the peak, {COMPILE_BYTES_MAX} are enough");
}

/// What is refused by its count is not compiled.
#[test]
fn a_hundred_thousand_functions_take_no_memory() {
    let dir = Dir::new();
    dir.write("many.wasm", binary(&"(func)".repeat(100_000), ""));
    let mut running = evq(["check", "many.wasm"]).start_in(&dir);
    let mut peak = 0;
    until("it is refused", || {
        peak = peak.max(peak_bytes(running.pid()));
        running.has_ended().then_some(())
    });
    running.wait().assert_refused(2, &["it has 100001 functions"]);
    assert!(peak < REFUSED_BYTES_MAX, "{peak} bytes at the peak, {REFUSED_BYTES_MAX} are enough");
}

#[test]
fn a_function_that_only_a_compiler_finds_large_is_refused() {
    let values = "i32 ".repeat(1000);
    let wide = format!("(func $wide (param {values}) (result {values}) unreachable)");
    let passing = format!("unreachable {} unreachable", "(call $wide) ".repeat(1000));
    let module = binary(&wide, &passing);
    assert!(module.len() < 10_000, "{} bytes", module.len());
    refused("wide.wasm", module, &[], &["its function 1 would take some", "the limit is 536870912"]);
}

/// What no count of ours sees coming: forty thousand values at once, which the register allocator takes
/// minutes for.
#[test]
fn a_compilation_without_end_is_given_up_and_the_process_ends() {
    let load = |n: usize| format!("(i32.load offset={} (local.get 0)) ", 4 * n);
    let loads: String = (0..40_000).map(load).collect();
    let module = binary("", &format!("{loads} {} drop", "i32.add ".repeat(39_999)));
    let began = Instant::now();
    let cure = "compiling it takes longer than 300ms; raise --compile-timeout";
    refused("slow.wasm", module, &["--compile-timeout", "300ms"], &["cannot be compiled", cure]);
    assert!(began.elapsed().as_secs() < 20, "it took {:?}", began.elapsed());
}

#[test]
fn an_error_that_quotes_the_module_is_cut() {
    let dir = Dir::new();
    dir.write("deep.wat", "(".repeat(100_000));
    let output = evq(["check", "deep.wat"]).in_(&dir).assert_code(2);
    assert!(output.stderr().len() < 2000, "{} bytes", output.stderr().len());
}

const ENTRY: &str = r#"(func (export "evq_handle_v1") (param i32) (result i32) (i32.const 0))"#;

#[test]
fn a_name_in_a_module_neither_breaks_the_line_nor_fills_the_screen() {
    for (name, shown) in
        [(r"a\0ab\1b[2J", r"a\nb\u{1b}[2J".to_owned()), (&"x".repeat(50_000), "x".repeat(64) + "...")]
    {
        for module in ["evq_v1", "other"] {
            let wat = format!(r#"(module (import "{module}" "{name}" (func)) {ENTRY})"#);
            refused("names.wat", wat, &[], &[&format!("it imports `{module}.{shown}`")]);
        }
    }
}

#[test]
fn exports_of_another_kind_are_named() {
    for (parts, reason) in [
        (r#"(global (export "memory") i32 (i32.const 0))"#, "does not export a memory as `memory`"),
        (r#"(table (export "memory") 1 funcref)"#, "does not export a memory as `memory`"),
    ] {
        refused("kinds.wat", format!("(module {parts} {ENTRY})"), &[], &[reason]);
    }
    let entry = r#"(module (memory (export "evq_handle_v1") 1))"#;
    refused("kinds.wat", entry, &[], &["`evq_handle_v1` is not a function (i32) -> i32"]);
    let start = r#"(module (global (export "_start") i32 (i32.const 0)))"#;
    refused("kinds.wat", start, &[], &["`_start` is not a function () -> ()"]);
}
