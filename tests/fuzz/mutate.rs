//! Inputs made from others: a few small changes at chance, as fuzzers make them.

use rand::RngExt;
use rand::rngs::SmallRng;

/// No input grows longer.
const BYTES_MAX: usize = 16 * 1024;

/// Bytes that mean something to one of the readers.
const WORDS: [&[u8]; 24] = [
    b"\"",
    b"\\",
    b"{",
    b"}",
    b"[",
    b"]",
    b":",
    b",",
    b"\n\n",
    b"null",
    b"\"id\":\"x\"",
    b"\"source\":null",
    b"\"data\":",
    b"\"data_base64\":\"AA==\"",
    b"1e999",
    b"-0",
    b"\\ud800",
    b"\xEF\xBB\xBF",
    b"\xFF",
    b"\0",
    b"%41",
    b"ce-id:1\n",
    b"\xFF\xFF\xFF\xFF",
    b"\0\0\x01\0",
];

/// One of these inputs, with one to four changes.
pub fn mutated(corpus: &[Vec<u8>], random: &mut SmallRng) -> Vec<u8> {
    let one = |random: &mut SmallRng| &corpus[random.random_range(0..corpus.len())];
    let mut input = one(random).clone();
    for _ in 0..random.random_range(1..=4) {
        let at = random.random_range(0..=input.len());
        let end = random.random_range(at..=input.len());
        match random.random_range(0..7) {
            0 if at < input.len() => input[at] ^= 1 << random.random_range(0..8),
            1 if at < input.len() => input[at] = random.random(),
            2 => drop(input.drain(at..end.min(at + 64))),
            3 => splice(&mut input, at, WORDS[random.random_range(0..WORDS.len())]),
            4 => {
                let again = input[at..end].repeat(random.random_range(1..4));
                splice(&mut input, at, &again);
            }
            5 => {
                let other = one(random);
                let from = random.random_range(0..=other.len());
                splice(&mut input, at, &other[from..other.len().min(from + 64)]);
            }
            _ => input.truncate(end),
        }
        input.truncate(BYTES_MAX);
    }
    input
}

fn splice(input: &mut Vec<u8>, at: usize, part: &[u8]) {
    input.splice(at..at, part.iter().copied());
}
