//! What an attempt of the scan is told to do, and how it must end.

use rand::RngExt;
use rand::rngs::SmallRng;

use super::guests::Kind;

/// How an attempt ends, in the order of the guest's letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    Well,
    Traps,
    OutOfFuel,
    OutOfTime,
    HostPanics,
    Deep,
    RefusedMemory,
    RefusedElements,
    Divides,
    LoadsBeyond,
    FillsBeyond,
    BadPointer,
    Fails,
}

/// Each ending with how many of a thousand attempts have it. The slow ones are rare.
const ENDINGS: [(Ending, u32); 13] = [
    (Ending::Well, 556),
    (Ending::Traps, 100),
    (Ending::OutOfFuel, 2),
    (Ending::OutOfTime, 2),
    (Ending::HostPanics, 40),
    (Ending::Deep, 20),
    (Ending::RefusedMemory, 40),
    (Ending::RefusedElements, 40),
    (Ending::Divides, 40),
    (Ending::LoadsBeyond, 40),
    (Ending::FillsBeyond, 40),
    (Ending::BadPointer, 40),
    (Ending::Fails, 40),
];

impl Ending {
    fn any(random: &mut SmallRng) -> Self {
        let mut left = random.random_range(0..1000);
        for (ending, share) in ENDINGS {
            if left < share {
                return ending;
            }
            left -= share;
        }
        Ending::Well
    }

    /// The verdict it must have.
    pub fn code(self) -> &'static str {
        match self {
            Ending::Well => "ok",
            Ending::Traps | Ending::Divides | Ending::LoadsBeyond | Ending::FillsBeyond => "trap",
            Ending::OutOfFuel => "fuel_limit",
            Ending::OutOfTime => "timeout",
            Ending::HostPanics => "host_panic",
            Ending::Deep => "stack_limit",
            Ending::RefusedMemory => "memory_limit",
            Ending::RefusedElements => "table_limit",
            Ending::BadPointer => "abi_violation",
            Ending::Fails => "failed",
        }
    }
}

/// What one attempt is told.
#[derive(Debug, Clone)]
pub struct Told {
    pub ending: Ending,
    pub text: Box<str>,
}

impl Told {
    /// An attempt that ends in any way, and takes memory in any steps up to its limit or not as far.
    pub fn any(number: u64, kind: &Kind, random: &mut SmallRng) -> Self {
        let ending = Ending::any(random);
        Told { ending, text: text(number, ending, kind, random) }
    }
}

fn text(number: u64, ending: Ending, kind: &Kind, random: &mut SmallRng) -> Box<str> {
    let letter = |n: usize| char::from(b'a' + u8::try_from(n).unwrap());
    let own = (0..4).map(|place| char::from(b'0' + ((number >> (6 * place)) % 64) as u8));
    let place = random.random_range(0..3);
    let mut left = kind.pages_max - kind.pages_min;
    let mut step = |last: bool| {
        // Half of the attempts go as far as they may.
        let pages = if last && random.random() { left } else { random.random_range(0..=left) };
        left -= pages;
        letter(pages)
    };
    let steps = [step(false), step(false), step(true)];
    let elements = random.random_range(0..20);
    own.chain([letter(ending as usize), letter(place)])
        .chain(steps)
        .chain([letter(elements)])
        .collect::<String>()
        .into()
}
