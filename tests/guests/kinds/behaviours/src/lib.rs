//! What an event's word asks a handler to do, the same in every kind.

use std::cell::Cell;
use std::hint::black_box;

/// What a kind gives its guests.
pub trait World {
    fn log(&mut self, line: &str);
    /// Milliseconds since 1970.
    fn now_ms(&mut self) -> u64;
    fn random(&mut self) -> u64;
    /// What is granted by this name.
    fn env(&mut self, name: &str) -> Option<String>;
    /// Writes to the log without an end of line, where a kind can.
    fn mutter(&mut self, text: &str) {
        self.log(text);
    }
    /// What only this kind can do; `None` when it cannot.
    fn special(&mut self, _word: &str) -> Option<Answer> {
        None
    }
}

pub enum Answer {
    Json(String),
    Bytes(Vec<u8>),
    Nothing,
    Failed(String),
    Later(String),
    Never(String),
}

thread_local! {
    static CALLS: Cell<u32> = const { Cell::new(0) };
}

/// The word of an event, which is its data.
pub fn word_of(event: &str) -> &str {
    let (_, rest) = event.split_once(r#""data":""#).expect("an event of these tests has a word");
    rest.split_once('"').expect("a word ends").0
}

pub fn behave(word: &str, world: &mut impl World) -> Answer {
    if let Some(answer) = world.special(word) {
        return answer;
    }
    match word {
        "answers" => Answer::Json(r#"{"answer":[1,2.50,"three"]}"#.into()),
        "answers-in-bytes" => Answer::Bytes(vec![0xff, 0, b'{']),
        "answers-nothing" => Answer::Nothing,
        "fails" => Answer::Failed("it fails".into()),
        "later" => Answer::Later("not yet".into()),
        "never" => Answer::Never("it never will".into()),
        "traps" => std::process::abort(),
        "loops" => loop {
            black_box(());
        },
        "recurses" => Answer::Json(recurse(black_box(1)).to_string()),
        "eats" => eat(),
        "logs" => {
            world.log("first");
            world.log("second");
            Answer::Nothing
        }
        "logs-without-end" => loop {
            world.log(&"l".repeat(1000));
        },
        "answers-too-much" => Answer::Bytes(vec![7; 2 << 20]),
        "counts" => {
            CALLS.set(CALLS.get() + 1);
            Answer::Json(CALLS.get().to_string())
        }
        "looks-around" => Answer::Json(format!("[{},\"{:016x}\"]", world.now_ms(), world.random())),
        "tells-its-environment" => tell(world),
        "watches-the-clock" => {
            let begin = world.now_ms();
            while black_box(world.now_ms()) == begin {}
            Answer::Nothing
        }
        _ => Answer::Nothing,
    }
}

/// A value as it is; a secret backwards, so that whoever looks for it finds it only where it should not be.
fn tell(world: &mut impl World) -> Answer {
    let value = world.env("CURRENCY");
    let secret = world.env("API_KEY").map(|secret| secret.chars().rev().collect::<String>());
    Answer::Json(format!("[{},{},{}]", json(value), json(secret), json(world.env("NOTHING"))))
}

fn json(text: Option<String>) -> String {
    text.map_or_else(|| "null".to_owned(), |text| format!("{text:?}"))
}

/// On the stack of the compiled code alone, and no loop in disguise.
fn recurse(depth: u64) -> u64 {
    if depth == 0 { 1 } else { depth / (recurse(depth.wrapping_add(1)) | 1) }
}

/// Takes all the memory there is, and says so as many programs do: by failing.
fn eat() -> Answer {
    let mut eaten: Vec<Vec<u8>> = Vec::new();
    loop {
        let mut more = Vec::new();
        if more.try_reserve_exact(1 << 20).is_err() {
            return Answer::Failed("no memory".into());
        }
        more.resize(1 << 20, 1);
        eaten.push(black_box(more));
    }
}
