//! The same module burns the same fuel and gets the same verdict wherever its memory comes from, also
//! where the fuel is short by one: modules of every shape that matters at an instance's start.

use super::{ALLOCATIONS, invoke, load, sandbox};
use crate::event::{LimitName, Verdict};
use crate::limits::Limits;
use crate::sandbox::Handler;

/// More than any of the modules needs, and little enough that an endless loop ends at once.
const FUEL_MAX: u64 = 20_000;

/// Every memory has two MiB.
fn data() -> Vec<String> {
    let at = |offset: u32, bytes: usize| format!("(data (i32.const {offset}) {:?})", "d".repeat(bytes));
    vec![
        String::new(),
        at(8, 5),
        at(4090, 300),
        (0..40).map(|n| at(n * 7, 10)).collect(),
        at(0, 0) + &at(2_097_152, 0),
        at(0, 9) + &at(1_500_000, 9),
        r#"(data "passive")"#.to_owned(),
        at(60, 70) + r#"(data "passive")"# + &at(130, 20),
        r#"(data (global.get $eight) "placed by a global")"#.to_owned(),
        at(8, 10) + r#"(data (global.get $eight) "placed by a global")"#,
        at(2_097_150, 3),
        at(0, 200) + &at(2_097_150, 3),
        at(u32::MAX, 1),
    ]
}

fn tables() -> Vec<String> {
    let functions = |count: usize| "$f ".repeat(count);
    vec![
        String::new(),
        "(table 4 funcref) (elem (i32.const 1) $f)".to_owned(),
        format!("(table 300 funcref) (elem (i32.const 0) {})", functions(200)),
        "(table 4 funcref) (elem (i32.const 4) $f)".to_owned(),
        format!("(table 4 funcref) (elem (i32.const 0) {})", functions(200)),
        "(table 9 funcref) (elem (global.get $eight) $f)".to_owned(),
        "(table 8 funcref) (elem (global.get $eight) $f)".to_owned(),
        "(table 4 funcref) (elem (i32.const 0) funcref (ref.func $f) (ref.null func))".to_owned(),
        format!("(table 200 funcref) (elem (i32.const 0) funcref {})", "(ref.func $f) ".repeat(150)),
        "(table 4 funcref) (elem funcref (ref.func $f) (ref.null func)) (elem declare func $f)".to_owned(),
        "(table 30000 funcref)".to_owned(),
        "(table 2 funcref) (table 2 funcref) (elem (table 1) (i32.const 0) func $f)".to_owned(),
    ]
}

const STARTS: [&str; 5] = [
    "",
    "(start $f)",
    "(start $s) (func $s (i32.store (i32.const 70000) (i32.load (i32.const 8))))",
    "(start $s) (func $s (loop (br 0)))",
    "(start $s) (func $s (drop (i32.load (i32.const -4))))",
];

const BODIES: [&str; 8] = [
    "",
    "(memory.fill (i32.const 0) (i32.const 1) (i32.const 500))",
    "(memory.fill (i32.const 0) (i32.const 1) (local.get 0))",
    "(memory.copy (i32.const 9000) (i32.const 0) (i32.const 100))",
    "(drop (memory.grow (i32.const 1))) (i32.store (i32.const 2097152) (i32.const 1))",
    "(drop (i32.load8_u (i32.const 2097152)))",
    "(drop (i32.div_u (i32.const 1) (i32.const 0)))",
    "(local.set 0 (i32.const 10)) (loop (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))",
];

fn module(data: &str, table: &str, start: &str, body: &str) -> String {
    format!(
        r#"(module (memory (export "memory") 32) (global $eight i32 (i32.const 8)) {table} {data} {start}
        (func $f) (func (export "evq_handle_v1") (param i32) (result i32) {body} (i32.const 0)))"#
    )
}

/// Modules whose code works on segments and tables.
const AT_WORK: [&str; 4] = [
    r#"(module (memory (export "memory") 1) (data $a (i32.const 0) "active") (data $p "passive")
        (func (export "evq_handle_v1") (param i32) (result i32)
            (memory.init $p (i32.const 60) (i32.const 1) (i32.const 4)) (data.drop $p)
            (memory.init $a (i32.const 0) (i32.const 0) (i32.const 0))
            (i32.sub (i32.load8_u (i32.const 1)) (i32.const 99))))"#,
    r#"(module (memory (export "memory") 1) (data $a (i32.const 0) "active")
        (func (export "evq_handle_v1") (param i32) (result i32)
            (memory.init $a (i32.const 0) (i32.const 0) (i32.const 1)) (i32.const 0)))"#,
    r#"(module (memory (export "memory") 1) (data (i32.const 3) "active") (table 2 8 funcref)
        (elem $e func $f $f $f) (func $f)
        (func (export "evq_handle_v1") (param i32) (result i32)
            (table.init $e (i32.const 0) (i32.const 1) (i32.const 2)) (elem.drop $e)
            (drop (table.grow (ref.func $f) (i32.const 5))) (call_indirect (i32.const 6))
            (table.fill (i32.const 0) (ref.null func) (i32.const 7)) (call_indirect (i32.const 6))
            (i32.const 0)))"#,
    r#"(module (memory (export "memory") 1) (data (i32.const 3) "active") (table 2 funcref)
        (func (export "evq_handle_v1") (param i32) (result i32)
            (drop (table.grow (ref.null func) (i32.const 30000))) unreachable))"#,
];

/// Modules with every kind of data, table and start beside one another, each with one of the bodies.
fn shapes() -> Vec<String> {
    let mut modules = Vec::new();
    let mut bodies = BODIES.iter().cycle();
    for data in data() {
        for table in tables() {
            for start in STARTS {
                modules.push(module(&data, &table, start, bodies.next().unwrap()));
            }
        }
    }
    modules
}

/// How an attempt with so much fuel ends, and what it used; the same with every allocation.
#[track_caller]
fn ends_alike(handlers: &mut [Handler], fuel_max: u64, wat: &str) -> (Verdict, u64) {
    let ends = handlers.iter_mut().map(|handler| {
        handler.limits.fuel_max = fuel_max;
        let report = invoke(handler, "{}").report;
        (report.verdict, report.figures.fuel)
    });
    let ends: Vec<_> = ends.collect();
    assert!(ends.iter().all(|end| *end == ends[0]), "{ends:#?}\nwith {fuel_max} units for {wat}");
    ends[0].clone()
}

/// `EVQ_FUEL_MODULES` of the shapes, 780 at most, spread over all of them; and what is always there.
fn modules() -> Vec<String> {
    let count = std::env::var("EVQ_FUEL_MODULES").map_or(130, |count| count.parse().unwrap());
    let shapes = shapes();
    // 11 has no divisor in common with the number of shapes: each comes once.
    let chosen = (0..shapes.len().min(count)).map(|n| shapes[n * 11 % shapes.len()].clone());
    AT_WORK.map(str::to_owned).into_iter().chain(chosen).collect()
}

fn is_out_of_fuel(verdict: &Verdict) -> bool {
    matches!(verdict, Verdict::LimitExceeded(limit) if limit.name == LimitName::Fuel)
}

#[test]
fn fuel_and_verdict_are_the_same_with_every_allocation() {
    let limits = Limits { fuel_max: FUEL_MAX, ..Limits::default() };
    let sandboxes = ALLOCATIONS.map(|allocation| sandbox(allocation, limits));
    let (modules, mut attempts) = (modules(), 0);
    let mut ends = std::collections::BTreeMap::<_, u32>::new();
    for wat in &modules {
        let mut handlers = sandboxes.each_ref().map(|sandbox| load(sandbox, wat));
        let (verdict, used) = ends_alike(&mut handlers, FUEL_MAX, wat);
        *ends.entry(verdict.code()).or_default() += 1;
        // All amounts up to what is needed, or those near its end and near that of the data.
        let copied = handlers[0].program.fuel_held_back();
        let near = |n: u64| n.saturating_sub(2)..n + 3;
        for fuel_max in near(0).chain(near(copied)).chain(near(used / 2)).chain(near(used)) {
            let (verdict, used) = ends_alike(&mut handlers, fuel_max, wat);
            assert!(used <= fuel_max && (!is_out_of_fuel(&verdict) || used == fuel_max));
            attempts += ALLOCATIONS.len();
        }
    }
    println!("EVIDENCE fuel_modules={} fuel_attempts={attempts} fuel_differences=0", modules.len());
    let kinds: Vec<_> = ends.keys().copied().collect();
    assert_eq!(kinds, ["fuel_limit", "ok", "table_limit", "trap"], "{ends:?}");
}

#[test]
fn a_byte_of_data_costs_a_unit_with_every_allocation() {
    let used = |bytes: usize| {
        let wat = module(&format!("(data (i32.const 8) {:?})", "d".repeat(bytes)), "", "", "");
        let handlers = ALLOCATIONS.map(|allocation| load(&sandbox(allocation, Limits::default()), &wat));
        handlers.map(|handler| invoke(&handler, "{}").report.figures.fuel)
    };
    let (short, long) = (used(1000), used(31_000));
    assert_eq!(long, short.map(|fuel| fuel + 30_000));
    assert!(short[0] < 1010, "{short:?}");
}
