//! Files that are no handlers, or cost too much to make one of: refused in one line before anything runs.

use std::time::Instant;

use crate::support::{Dir, evq, good, guest};

/// Refuses a module in a line with these parts, within the time that one of ours may take.
#[track_caller]
fn refused(file: &str, module: impl AsRef<[u8]>, options: &[&str], parts: &[&str]) {
    let dir = Dir::new();
    dir.write(file, module).events([good(1)]);
    let typed = evq(["run", file, "events.ndjson"]).args(options);
    typed.in_(&dir).assert_refused(2, &[&[file], parts].concat());
    assert!(!dir.file("evq.db").exists());
}

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

#[test]
fn exports_of_another_kind_are_named() {
    for (parts, reason) in [
        (r#"(global (export "memory") i32 (i32.const 0))"#, "does not export a memory as `memory`"),
        (r#"(table (export "memory") 1 funcref)"#, "does not export a memory as `memory`"),
        (r#"(memory (export "evq_handle_v1") 1)"#, "`evq_handle_v1` is not a function (i32) -> i32"),
    ] {
        refused("kinds.wat", format!("(module {parts})"), &[], &[reason]);
    }
}

/// Every beginning of a real module, in this process: none may panic, and none is a handler that
/// lacks more than its last sections.
#[test]
fn no_beginning_of_a_module_is_one() {
    use wasm_evq::limits::{COMPILE_TIME_MAX, Limits};
    use wasm_evq::sandbox::{Allocation, Sandbox, SandboxConfig};
    let sandbox = Sandbox::new(&SandboxConfig {
        limits: Limits::default(),
        slots: 1,
        compile_time_max: COMPILE_TIME_MAX,
        cache_dir: None,
        allocation: Allocation::OnDemand,
    })
    .unwrap();
    let dir = Dir::new();
    let module = wat::parse_file(guest("leaves_marks")).unwrap();
    let is_handler =
        |end: &usize| sandbox.load_bytes("cut", &dir.file("cut.wasm"), module[..*end].into()).is_ok();
    let pass: Vec<usize> = (0..=module.len()).filter(is_handler).collect();
    // After the code come the data and the names: a module may lack either.
    assert_eq!((pass.len(), pass.last()), (3, Some(&module.len())), "{pass:?}");
}
