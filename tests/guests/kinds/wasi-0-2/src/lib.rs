//! The behaviours as a WASI 0.2 command.

#[path = "../../wasi_asks.rs"]
mod wasi_asks;

use std::hint::black_box;

use behaviours::{Answer, World, behave, word_of};
use wasip2::cli::environment::get_environment;
use wasip2::cli::{exit, stderr, stdin, stdout};
use wasip2::clocks::{monotonic_clock, wall_clock};
use wasip2::io::streams::{OutputStream, StreamError};
use wasip2::random::random::get_random_bytes;
use wasip2::sockets::network::{ErrorCode, IpAddressFamily};
use wasip2::sockets::tcp_create_socket::create_tcp_socket;

struct Command {
    log: OutputStream,
}

impl World for Command {
    fn log(&mut self, line: &str) {
        write(&self.log, line.as_bytes());
        write(&self.log, b"\n");
    }

    fn now_ms(&mut self) -> u64 {
        let now = wall_clock::now();
        now.seconds * 1000 + u64::from(now.nanoseconds) / 1_000_000
    }

    fn random(&mut self) -> u64 {
        u64::from_le_bytes(get_random_bytes(8).try_into().expect("as many as were asked for"))
    }

    fn env(&mut self, name: &str) -> Option<String> {
        get_environment().into_iter().find_map(|(known, value)| (known == name).then_some(value))
    }

    fn special(&mut self, word: &str) -> Option<Answer> {
        match word {
            "sleeps" => {
                let begin = self.now_ms();
                monotonic_clock::subscribe_duration(1_500_000_000).block();
                Some(Answer::Json((self.now_ms() - begin).to_string()))
            }
            "sleeps-an-hour" => {
                monotonic_clock::subscribe_duration(3_600_000_000_000).block();
                Some(Answer::Nothing)
            }
            "reads-without-end" => {
                let stdin = stdin::get_stdin();
                loop {
                    let _ = black_box(stdin.blocking_read(64));
                }
            }
            "writes-without-end" => {
                let stdout = stdout::get_stdout();
                loop {
                    write(&stdout, &[b'w'; 1000]);
                }
            }
            "mutters" => {
                write(&self.log, b"a line ");
                write(&self.log, b"in pieces\nand no end");
                Some(Answer::Nothing)
            }
            "opens-a-socket" => Some(match create_tcp_socket(IpAddressFamily::Ipv4) {
                Err(ErrorCode::AccessDenied) => Answer::Failed("access denied".into()),
                other => Answer::Json(format!("{:?}", other.is_ok())),
            }),
            "hoards-handles" => {
                let mut hoard = Vec::new();
                loop {
                    hoard.push(monotonic_clock::subscribe_duration(1));
                }
            }
            "exits" => {
                exit::exit(Err(()));
                unreachable!("it has left")
            }
            "spaces" => Some(Answer::Json("\n {\"spaced\": true} \n".into())),
            word => Some(Answer::Json(format!("{:?}", wasi_asks::ask(word)?))),
        }
    }
}

impl wasip2::exports::cli::run::Guest for Command {
    fn run() -> Result<(), ()> {
        let event = read();
        let mut world = Command { log: stderr::get_stderr() };
        match behave(word_of(&event), &mut world) {
            Answer::Json(text) => write(&stdout::get_stdout(), text.as_bytes()),
            Answer::Bytes(bytes) => write(&stdout::get_stdout(), &bytes),
            Answer::Nothing => {}
            // These bindings know no more than good and bad.
            Answer::Failed(reason) | Answer::Later(reason) | Answer::Never(reason) => {
                world.log(&reason);
                return Err(());
            }
        }
        Ok(())
    }
}

wasip2::cli::command::export!(Command);

fn read() -> String {
    let stdin = stdin::get_stdin();
    let mut event = Vec::new();
    loop {
        match stdin.blocking_read(100) {
            Ok(more) => event.extend(more),
            Err(StreamError::Closed) => break,
            Err(StreamError::LastOperationFailed(error)) => panic!("{}", error.to_debug_string()),
        }
    }
    String::from_utf8(event).expect("an event is text")
}

/// As guests are to do: no more than 4096 bytes at a time.
fn write(stream: &OutputStream, bytes: &[u8]) {
    for piece in bytes.chunks(4096) {
        stream.blocking_write_and_flush(piece).expect("streams take what they are given");
    }
}
