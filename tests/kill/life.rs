//! One process from its start to its end, with the producer at the other end of its pipes.

use std::time::{Duration, Instant};

use rand::RngExt;
use rand::rngs::SmallRng;

use super::ledger::{Ledger, Told};
use super::moment::Moment;
use crate::support::{BOUND, Dir, Evq, Running, evq, guest};

/// New events that a producer sends at once at the start, at most.
const SENT_AT_ONCE_MAX: u32 = 12;

/// What was seen of a life.
pub struct Life {
    /// From the start of the process to the first result it told; `None` when it did not come so far.
    pub first_result_after: Option<Duration>,
}

struct Producer<'a> {
    running: Running,
    started: Instant,
    ledger: &'a mut Ledger,
    heard: u32,
    first_result_after: Option<Duration>,
}

/// A life that ends by SIGKILL at a moment.
pub fn live(dir: &Dir, ledger: &mut Ledger, random: &mut SmallRng, moment: Moment) -> Life {
    // Now and then the reader of its lines is gone: then only the clock can say when.
    let is_heard = moment.lines > 0 || random.random_ratio(9, 10);
    let typed = if is_heard { typed(dir, random) } else { typed(dir, random).stdout_to_nobody() };
    let mut producer = Producer::start(typed, dir, ledger);
    producer.send_backlog(random);
    while producer.heard < moment.lines {
        let line = producer.running.line_by(Instant::now() + BOUND).expect("it falls silent");
        producer.hear(&line, random);
    }
    let until = Instant::now() + moment.then;
    while let Some(line) = producer.running.line_by(until) {
        producer.hear(&line, random);
    }
    std::thread::park_timeout(until.saturating_duration_since(Instant::now()));
    producer.kill()
}

/// A life that ends when all is done.
pub fn finish(dir: &Dir, ledger: &mut Ledger, random: &mut SmallRng) -> Life {
    let mut producer = Producer::start(typed(dir, random), dir, ledger);
    producer.send_backlog(random);
    producer.running.close_stdin();
    while let Some(line) = producer.running.line_by(Instant::now() + BOUND) {
        producer.note(&line);
    }
    let Producer { running, first_result_after, .. } = producer;
    let ended = running.wait();
    assert!(ended.stderr().is_empty(), "{}", ended.stderr());
    Life { first_result_after }
}

fn typed(dir: &Dir, random: &mut SmallRng) -> Evq {
    let workers = random.random_range(1..=3).to_string();
    let args = ["-", "--print", "--print-accepted", "--quiet", "--retry-delay", "2ms", "--workers", &workers];
    let typed = evq(["run", &guest("lives_hard")]).args(&args);
    // One in four finds no compiled module and is killed while it makes or keeps one.
    match random.random_ratio(1, 4) {
        true => typed.env("XDG_CACHE_HOME", dir.file(&format!("cache-{}", random.random::<u32>()))),
        false => typed,
    }
}

impl<'a> Producer<'a> {
    fn start(typed: Evq, dir: &Dir, ledger: &'a mut Ledger) -> Self {
        let started = Instant::now();
        Producer { running: typed.start_in(dir), started, ledger, heard: 0, first_result_after: None }
    }

    /// Sends again what it was never told of, then something new.
    fn send_backlog(&mut self, random: &mut SmallRng) {
        let mut lines = self.ledger.unanswered();
        let new = random.random_range(1..=SENT_AT_ONCE_MAX);
        lines.extend((0..new).map(|_| self.ledger.new_event(random)));
        self.send(&lines);
    }

    /// Writes down first, so that nothing can be answered which was not yet sent.
    fn send(&mut self, lines: &[String]) {
        self.running.write((lines.join("\n") + "\n").as_bytes());
    }

    /// Notes a line, and keeps the work coming: an event for each that was accepted.
    fn hear(&mut self, line: &str, random: &mut SmallRng) {
        if self.note(line) == Told::Accepted {
            let next = self.ledger.new_event(random);
            self.send(&[next]);
        }
    }

    fn note(&mut self, line: &str) -> Told {
        self.heard += 1;
        let told = self.ledger.note(line);
        if told == Told::Result {
            self.first_result_after.get_or_insert(self.started.elapsed());
        }
        told
    }

    /// What the process had written before it died counts as said.
    fn kill(self) -> Life {
        let Producer { running, ledger, first_result_after, .. } = self;
        for line in running.kill_and_hear() {
            ledger.note(&line);
        }
        Life { first_result_after }
    }
}
