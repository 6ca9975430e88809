//! The guests that scan: one piece of code, with memories and data of several kinds.

use crate::sandbox::Sandbox;
use crate::sandbox::abi::core_v1;
use crate::sandbox::handler::Handler;
use crate::sandbox::tests::load;

/// The half of a canary that all have in common. It is no text, so no event has it by chance.
pub const KEY: u32 = 0xc4a7_e5b9;

pub const WASM_PAGE_BYTES: usize = 64 * 1024;

/// A memory, and what lies in it at first.
pub struct Kind {
    pub pages_min: usize,
    pub pages_max: usize,
    /// Where each piece of data lies, and its length.
    data: &'static [(usize, usize)],
}

/// Without data; with little, at the edges of pages; with much, and the end of memory; larger than a
/// slot clears page by page.
pub const KINDS: [Kind; 4] = [
    Kind { pages_min: 1, pages_max: 12, data: &[] },
    Kind { pages_min: 2, pages_max: 16, data: &[(64, 100), (4090, 12), (65_530, 12)] },
    Kind { pages_min: 3, pages_max: 8, data: &[(1000, 60_000), (196_600, 8)] },
    Kind { pages_min: 18, pages_max: 40, data: &[(524_288, 9000)] },
];

impl Kind {
    fn wat(&self) -> String {
        let data: String = self
            .data
            .iter()
            .map(|(at, len)| format!("(data (i32.const {at}) {:?})", "d".repeat(*len)))
            .collect();
        include_str!("guest.wat")
            .replace("MEMORY", &format!("{} {}", self.pages_min, self.pages_max))
            .replace("DATA", &data)
            .replace("KEY", &KEY.to_string())
    }

    /// The memory that a fresh instance must have.
    pub fn initial(&self) -> Vec<u8> {
        let mut bytes = vec![0; self.pages_min * WASM_PAGE_BYTES];
        for (at, len) in self.data {
            bytes[*at..at + len].fill(b'd');
        }
        bytes
    }

    pub fn load(&self, sandbox: &Sandbox) -> Handler {
        panicking(load(sandbox, &self.wat()))
    }
}

/// The handler with a host that panics in one of its imports.
pub fn panicking(mut handler: Handler) -> Handler {
    let core = handler.program.core();
    let module = core.pre.module();
    let mut linker = core_v1::linker(module.engine()).unwrap();
    // Without the hook that prints where it was: there will be thousands.
    let panic = || -> i32 { std::panic::resume_unwind(Box::new("as the test wants it")) };
    linker.allow_shadowing(true).func_wrap("evq_v1", "attempt", panic).unwrap();
    core.pre = linker.instantiate_pre(module).unwrap();
    handler
}
