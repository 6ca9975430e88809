//! Modules that are no modules: bytes of chance, the beginnings of a real one, a real one with faults. All
//! in this process, where a panic would be seen.

use std::path::Path;

use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};
use wasm_evq::clock::UnixMillis;
use wasm_evq::event::Verdict;
use wasm_evq::limits::{COMPILE_TIME_MAX, Limits, MIB};
use wasm_evq::sandbox::{Allocation, Answers, Handler, Invocation, Sandbox, SandboxConfig};

use crate::support::{Dir, good, guest, seed, size};

const HEADER: &[u8] = b"\0asm\x01\0\0\0";

fn sandbox() -> Sandbox {
    let config = SandboxConfig {
        limits: Limits { fuel_max: 1_000_000, memory_bytes_max: 4 * MIB, ..Limits::default() },
        slots: 1,
        compile_time_max: COMPILE_TIME_MAX,
        cache_dir: None,
        allocation: Allocation::OnDemand,
    };
    Sandbox::new(&config).unwrap()
}

/// A handler, or a refusal of one line.
fn load(sandbox: &Sandbox, file: &str, bytes: &[u8]) -> Option<Handler> {
    let refused = match sandbox.load_bytes("h", Path::new(file), bytes.into()) {
        Ok(handler) => return Some(handler),
        Err(error) => error.to_string(),
    };
    assert!(refused.starts_with(file) && !refused.contains('\n') && refused.len() < 2000, "{refused:?}");
    assert!(!refused.contains("please report"), "{refused}");
    None
}

/// As many as `EVQ_RANDOM_MODULES` says, or some thousands.
#[test]
fn bytes_of_chance_are_refused_in_one_line() {
    let (sandbox, mut random) = (sandbox(), SmallRng::seed_from_u64(seed()));
    for _ in 0..size("EVQ_RANDOM_MODULES", 5000) {
        let mut bytes = vec![0; random.random_range(0..400)];
        random.fill(&mut bytes);
        // Some get past the first look.
        let begun = [HEADER, &bytes].concat();
        // A section that says what it is and how long it is gets further.
        let section = [HEADER, &[random.random_range(0..14), bytes.len().min(127) as u8], &bytes].concat();
        for module in [&bytes, &begun, &section] {
            assert!(load(&sandbox, "chance.wasm", module).is_none(), "{module:02x?}");
        }
    }
}

#[test]
fn a_file_of_chance_is_refused_by_its_first_bytes() {
    let (dir, sandbox) = (Dir::new(), sandbox());
    for (bytes, part) in [
        (&b""[..], "the file is empty"),
        (b"\0as", "it begins with"),
        (b"\x7fELF", "it begins with"),
        (b"\0asm", "unknown binary version"),
        (b"\0asm\x0d\0\x01\0", "it is a component"),
        (HEADER, "it exports neither `evq_handle_v1`"),
    ] {
        dir.write("chance.wasm", bytes);
        let refused = sandbox.load("h", &dir.file("chance.wasm")).err().unwrap().to_string();
        assert!(refused.contains(part) && !refused.contains('\n'), "{refused}");
    }
}

/// Every beginning of a real module: none is a handler that lacks more than its last sections.
#[test]
fn no_beginning_of_a_module_is_one() {
    let (sandbox, module) = (sandbox(), wat::parse_file(guest("leaves_marks")).unwrap());
    let is_handler = |end: &usize| load(&sandbox, "cut.wasm", &module[..*end]).is_some();
    let pass: Vec<usize> = (0..=module.len()).filter(is_handler).collect();
    // After the code come the data and the names: a module may lack either.
    assert_eq!((pass.len(), pass.last()), (3, Some(&module.len())), "{pass:?}");
}

/// A real module with a few bytes changed: refused, or a handler whose attempt has a verdict.
#[test]
fn a_module_with_faults_is_refused_or_comes_to_a_verdict() {
    let (sandbox, mut random) = (sandbox(), SmallRng::seed_from_u64(seed()));
    let sound = wat::parse_file(guest("leaves_marks")).unwrap();
    let mut handlers = 0;
    for _ in 0..size("EVQ_RANDOM_MODULES", 1000) {
        let mut module = sound.clone();
        for _ in 0..random.random_range(1..4) {
            let at = random.random_range(8..module.len());
            module[at] = random.random();
        }
        let Some(handler) = load(&sandbox, "faulty.wasm", &module) else { continue };
        handlers += 1;
        let event = good(1).into();
        let accepted_at = UnixMillis::default();
        let verdict = handler
            .invoke(Invocation { event, attempt: 1, accepted_at, hops: 0, answers: Answers::Live })
            .report
            .verdict;
        assert!(!matches!(verdict, Verdict::HostPanicked { .. } | Verdict::Lost), "{verdict:?}");
    }
    assert!(handlers > 20, "only {handlers} were still handlers");
}
