//! The behaviours as a WASI 0.1 command, by its calls alone: what languages' own libraries do with them
//! differs from one to the next.

use std::ffi::CStr;
use std::hint::black_box;
use std::ptr::null;

use behaviours::{Answer, World, behave, word_of};

#[repr(C)]
struct Piece {
    ptr: *const u8,
    len: usize,
}

#[link(wasm_import_module = "wasi_snapshot_preview1")]
unsafe extern "C" {
    fn fd_read(fd: i32, pieces: *const Piece, count: usize, read: *mut usize) -> i32;
    fn fd_write(fd: i32, pieces: *const Piece, count: usize, written: *mut usize) -> i32;
    fn clock_time_get(clock: i32, precision: u64, time: *mut u64) -> i32;
    fn random_get(ptr: *mut u8, len: usize) -> i32;
    fn environ_sizes_get(count: *mut usize, bytes: *mut usize) -> i32;
    fn environ_get(pointers: *mut *const u8, text: *mut u8) -> i32;
    fn poll_oneoff(subscriptions: *const u64, events: *mut u64, count: usize, happened: *mut usize) -> i32;
    fn path_open(
        fd: i32,
        flags: i32,
        path: *const u8,
        len: usize,
        open: i32,
        rights: u64,
        inherited: u64,
        fd_flags: i32,
        opened: *mut i32,
    ) -> i32;
    fn proc_exit(code: i32) -> !;
}

const STDIN: i32 = 0;
const STDOUT: i32 = 1;
const STDERR: i32 = 2;
const REALTIME: i32 = 0;
const MONOTONIC: u64 = 1;

const SUCCESS: i32 = 0;
const NOT_CAPABLE: i32 = 76;

const DATA_ERROR: i32 = 65;
const TEMPORARY_FAILURE: i32 = 75;

struct Command;

impl World for Command {
    fn log(&mut self, line: &str) {
        write(STDERR, line.as_bytes());
        write(STDERR, b"\n");
    }

    fn now_ms(&mut self) -> u64 {
        let mut time = 0;
        // SAFETY: the place is that of a number.
        let error = unsafe { clock_time_get(REALTIME, 1, &mut time) };
        assert_eq!(error, SUCCESS);
        time / 1_000_000
    }

    fn random(&mut self) -> u64 {
        let mut bytes = [0; 8];
        // SAFETY: the range is that of the array.
        let error = unsafe { random_get(bytes.as_mut_ptr(), bytes.len()) };
        assert_eq!(error, SUCCESS);
        u64::from_le_bytes(bytes)
    }

    fn env(&mut self, name: &str) -> Option<String> {
        environment().into_iter().find_map(|(known, value)| (known == name).then_some(value))
    }

    fn special(&mut self, word: &str) -> Option<Answer> {
        match word {
            "sleeps" => {
                let begin = self.now_ms();
                sleep(1_500_000_000);
                Some(Answer::Json((self.now_ms() - begin).to_string()))
            }
            "sleeps-an-hour" => {
                sleep(3_600_000_000_000);
                Some(Answer::Nothing)
            }
            "reads-without-end" => loop {
                black_box(read(&mut [0; 64]));
            },
            "writes-without-end" => loop {
                write(STDOUT, &[b'w'; 1000]);
            },
            "mutters" => {
                write(STDERR, b"a line ");
                write(STDERR, b"in pieces\nand no end");
                Some(Answer::Nothing)
            }
            "opens-a-file" => Some(open("/etc/passwd")),
            "exits-3" => exit(3),
            "spaces" => Some(Answer::Json("\n {\"spaced\": true} \n".into())),
            _ => None,
        }
    }
}

#[unsafe(no_mangle)]
pub extern "C" fn _start() {
    let mut event = Vec::new();
    let mut piece = [0; 100];
    loop {
        let len = read(&mut piece);
        if len == 0 {
            break;
        }
        event.extend_from_slice(&piece[..len]);
    }
    let event = String::from_utf8(event).expect("an event is text");
    let code = match behave(word_of(&event), &mut Command) {
        Answer::Json(text) => return write(STDOUT, text.as_bytes()),
        Answer::Bytes(bytes) => return write(STDOUT, &bytes),
        Answer::Nothing => return,
        Answer::Failed(reason) => (1, reason),
        Answer::Later(reason) => (TEMPORARY_FAILURE, reason),
        Answer::Never(reason) => (DATA_ERROR, reason),
    };
    Command.log(&code.1);
    exit(code.0)
}

fn exit(code: i32) -> ! {
    // SAFETY: it takes a number.
    unsafe { proc_exit(code) }
}

fn read(bytes: &mut [u8]) -> usize {
    let piece = Piece { ptr: bytes.as_ptr(), len: bytes.len() };
    let mut len = 0;
    // SAFETY: the range is that of a slice that nobody else has.
    let error = unsafe { fd_read(STDIN, &piece, 1, &mut len) };
    assert_eq!(error, SUCCESS);
    len
}

fn write(fd: i32, bytes: &[u8]) {
    let piece = Piece { ptr: bytes.as_ptr(), len: bytes.len() };
    let mut len = 0;
    // SAFETY: the range is that of a slice.
    let error = unsafe { fd_write(fd, &piece, 1, &mut len) };
    assert_eq!((error, len), (SUCCESS, bytes.len()));
}

/// Waits by a subscription to a clock: user data, kind, clock, time, precision, flags.
fn sleep(nanoseconds: u64) {
    let subscription = [7, 0, MONOTONIC, nanoseconds, 0, 0];
    let (mut event, mut happened) = ([0; 4], 0);
    // SAFETY: both are as large as one subscription and one event.
    let error = unsafe { poll_oneoff(subscription.as_ptr(), event.as_mut_ptr(), 1, &mut happened) };
    assert_eq!((error, happened, event[0]), (SUCCESS, 1, 7));
}

/// As C programs have it: lines that end with a zero, and a pointer to each.
fn environment() -> Vec<(String, String)> {
    let (mut count, mut bytes) = (0, 0);
    // SAFETY: the places are those of numbers.
    let error = unsafe { environ_sizes_get(&mut count, &mut bytes) };
    assert_eq!(error, SUCCESS);
    let (mut pointers, mut text) = (vec![null(); count], vec![1; bytes]);
    // SAFETY: both have the room that was asked for.
    let error = unsafe { environ_get(pointers.as_mut_ptr(), text.as_mut_ptr()) };
    assert_eq!(error, SUCCESS);
    let lines = text.split_inclusive(|byte| *byte == 0).zip(pointers);
    lines
        .map(|(line, pointer)| {
            assert_eq!(line.as_ptr(), pointer, "each pointer is that of its line");
            let line = CStr::from_bytes_with_nul(line).expect("a line ends with a zero");
            let (name, value) =
                line.to_str().expect("a line is text").split_once('=').expect("a line is a pair");
            (name.to_owned(), value.to_owned())
        })
        .collect()
}

fn open(path: &str) -> Answer {
    let mut opened = 0;
    // SAFETY: the range is that of a string, the place that of a number.
    let error = unsafe { path_open(3, 0, path.as_ptr(), path.len(), 0, 2, 0, 0, &mut opened) };
    match error {
        NOT_CAPABLE => Answer::Failed("not capable".into()),
        error => Answer::Json(error.to_string()),
    }
}
