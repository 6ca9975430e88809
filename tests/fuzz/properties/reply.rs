//! What a handler says through the imports: pointers, lengths, kinds and texts, true or lies. A guest
//! (`reply.wat`) does what the input says, and [`Mirror`] does the same on a memory of its own: what comes
//! out must be what stands in the guest's memory, and a range outside it must be refused.

use std::path::Path;
use std::sync::OnceLock;

use wasm_evq::clock::UnixMillis;
use wasm_evq::event::{Output, Report, Verdict, parse_event};
use wasm_evq::limits::{COMPILE_TIME_MAX, Limits};
use wasm_evq::sandbox::{Allocation, Answers, Handler, Invocation, Sandbox, SandboxConfig};

use super::{Fate, assert_tells};

/// More of an input is not looked at.
const SCRIPT_BYTES_MAX: usize = 1024;

/// Behind every script: the code 0, whatever call lacks its last numbers.
const END: [u8; 20] = [0; 20];

const PAGE_BYTES: usize = 64 * 1024;
const PAGES_MAX: usize = 4;

/// Where the guest reads a byte of its script to.
const SCRATCH: usize = PAGE_BYTES - 2;

const AT_START: &[u8] = b"{\"type\":\"t\",\"data\":[1,2]}\xff\xfe plain words ";

pub fn reply(bytes: &[u8]) -> Fate {
    let script = [&bytes[..bytes.len().min(SCRIPT_BYTES_MAX)], &END].concat();
    let event = format!(
        r#"{{"data":"{}","specversion":"1.0","id":"1","source":"/s","type":"t"}}"#,
        hex::encode(&script)
    );
    let report = run(&event);
    let told = Mirror::new(&script, &event).run();
    compare(&report, &told);
    match report.verdict {
        Verdict::Ok { .. } => Fate::Taken,
        _ => Fate::Refused,
    }
}

fn run(event: &str) -> Report {
    static GUEST: OnceLock<(Sandbox, Handler)> = OnceLock::new();
    let (_, guest) = GUEST.get_or_init(|| {
        let config = SandboxConfig {
            limits: Limits::default(),
            slots: 1,
            compile_time_max: COMPILE_TIME_MAX,
            cache_dir: None,
            allocation: Allocation::Resident,
        };
        let sandbox = Sandbox::new(&config).unwrap();
        let wat = include_bytes!("reply.wat").as_slice();
        let guest = sandbox.load_bytes("reply", Path::new("reply.wat"), wat.into()).unwrap();
        (sandbox, guest)
    });
    let accepted_at = UnixMillis::default();
    guest
        .invoke(Invocation { event: event.into(), attempt: 1, accepted_at, hops: 0, answers: Answers::Live })
        .report
}

fn compare(report: &Report, told: &Told) {
    let verdict = &report.verdict;
    assert!(!matches!(verdict, Verdict::HostPanicked { .. } | Verdict::Trapped { .. }), "{verdict:?}");
    for (line, said) in report.logs.iter().zip(&told.logs) {
        assert_eq!(line.text.as_bytes(), said, "a log line is what stood in the memory");
    }
    if let Verdict::Violation { .. } | Verdict::LimitExceeded(_) = verdict {
        assert_tells(&verdict.reason());
    }
    match (verdict, told.end) {
        (Verdict::Ok { output, emitted }, End::Code(0)) => {
            assert_eq!(bytes_of(output), told.output.as_deref().unwrap_or_default());
            assert_eq!((report.logs.len(), emitted.len()), (told.logs.len(), told.emitted));
            emitted.iter().for_each(|event| drop(parse_event(event.json().as_bytes(), u64::MAX).unwrap()));
        }
        (Verdict::Failed { message }, End::Code(1))
        | (Verdict::RetryAfter { message, .. }, End::Code(2))
        | (Verdict::Permanent { message }, End::Code(3)) => {
            let said = told.error.as_deref().unwrap_or(b"the handler gave no reason");
            assert!(said.starts_with(message.trim_end_matches("...").as_bytes()), "{message:?}");
        }
        (Verdict::Violation { message }, end) => {
            let is_about_range = message.contains("outside its memory");
            assert!(!is_about_range || end == End::Outside, "{message}, and it is not");
        }
        (Verdict::LimitExceeded(_), _) => {}
        (verdict, end) => panic!("{verdict:?}, and the script came to {end:?}"),
    }
}

fn bytes_of(output: &Output) -> &[u8] {
    match output {
        Output::None => &[],
        Output::Json(text) => text.as_bytes(),
        Output::Bytes(bytes) => bytes,
    }
}

/// How a script ends that meets no limit and breaks no other rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Code(i32),
    /// At a range outside the memory, or outside the event.
    Outside,
}

/// What a script says until its end.
struct Told {
    end: End,
    output: Option<Vec<u8>>,
    logs: Vec<Vec<u8>>,
    error: Option<Vec<u8>>,
    emitted: usize,
}

/// The guest's memory, written and read in the plainest way.
struct Mirror<'a> {
    script: &'a [u8],
    event: &'a [u8],
    at: usize,
    memory: Vec<u8>,
}

impl<'a> Mirror<'a> {
    fn new(script: &'a [u8], event: &'a str) -> Self {
        let mut memory = vec![0; PAGE_BYTES];
        memory[..AT_START.len()].copy_from_slice(AT_START);
        Mirror { script, event: event.as_bytes(), at: 0, memory }
    }

    fn run(mut self) -> Told {
        let mut told = Told { end: End::Outside, output: None, logs: Vec::new(), error: None, emitted: 0 };
        loop {
            match self.byte() & 7 {
                0 => return Told { end: End::Code(self.int()), ..told },
                call => {
                    if self.call(call, &mut told).is_none() {
                        return told;
                    }
                }
            }
        }
    }

    /// `None` when its range lies outside.
    fn call(&mut self, call: u8, told: &mut Told) -> Option<()> {
        match call {
            1 => self.read_event()?,
            2 => {
                self.int();
                told.output = Some(self.range()?);
            }
            3 => {
                self.range()?;
                told.emitted += 1;
            }
            4 => {
                self.int();
                told.logs.push(self.range()?);
            }
            5 => told.error = Some(self.range()?),
            6 => drop(self.int()),
            _ => self.grow(),
        }
        Some(())
    }

    fn byte(&mut self) -> u8 {
        let byte = self.script[self.at];
        self.at += 1;
        self.memory[SCRATCH..SCRATCH + 2].copy_from_slice(hex::encode([byte]).as_bytes());
        byte
    }

    fn int(&mut self) -> i32 {
        i32::from_le_bytes([self.byte(), self.byte(), self.byte(), self.byte()])
    }

    fn size(&mut self) -> usize {
        self.int().cast_unsigned() as usize
    }

    /// What stands in the range that the next two numbers make.
    fn range(&mut self) -> Option<Vec<u8>> {
        let (start, len) = (self.size(), self.size());
        self.memory.get(start..)?.get(..len).map(<[u8]>::to_vec)
    }

    fn read_event(&mut self) -> Option<()> {
        let (to, from, len) = (self.size(), self.size(), self.size());
        let target = self.memory.get_mut(to..)?.get_mut(..len)?;
        target.copy_from_slice(self.event.get(from..)?.get(..len)?);
        Some(())
    }

    fn grow(&mut self) {
        let pages = self.memory.len() / PAGE_BYTES + self.size();
        if pages <= PAGES_MAX {
            self.memory.resize(pages * PAGE_BYTES, 0);
        }
    }
}
