//! Every input from outside, made of chance: the properties hold for a corpus of inputs and for thousands
//! made from it. `EVQ_FUZZ_INPUTS` says how many for each property, `EVQ_SEED` which. The same properties,
//! for hours and led by what the code does with an input: `docs/trust.md`.

mod mutate;
mod properties;

use std::fs;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rand::SeedableRng;
use rand::rngs::SmallRng;
use sha2::{Digest, Sha256};

use crate::support::{seed, size};
use properties::{Fate, Property};

const INPUTS: u64 = 100_000;

/// Any input takes well below a millisecond.
const TIME_MAX: Duration = Duration::from_secs(5);

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fuzz/corpus").join(name)
}

/// In the order of their names, so that a seed makes the same inputs on every machine.
fn corpus(name: &str) -> Vec<Vec<u8>> {
    let mut paths: Vec<PathBuf> =
        fs::read_dir(folder(name)).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths.into_iter().map(|path| fs::read(path).unwrap()).collect()
}

/// What became of an input; `Err` says what did not hold, and where the input is kept.
fn judge(name: &str, property: Property, input: &[u8]) -> Result<Fate, String> {
    let begin = Instant::now();
    let judged = catch_unwind(|| property(input));
    let elapsed = begin.elapsed();
    match judged {
        Ok(fate) if elapsed < TIME_MAX => Ok(fate),
        judged => {
            let short = hex::encode(&Sha256::digest(input)[..6]);
            let kept = std::env::temp_dir().join(format!("wasm-evq-fuzz-{name}-{short}"));
            fs::write(&kept, input).map_err(|e| e.to_string())?;
            let what = if judged.is_ok() { format!("it took {elapsed:?}") } else { "see above".into() };
            Err(format!(
                "`{name}` does not hold for {}: {what}; mend it, and copy the file into {}",
                kept.display(),
                folder(name).display()
            ))
        }
    }
}

#[test]
fn whatever_comes_from_outside_is_taken_as_it_is_or_refused_in_words() {
    let (seed, count) = (seed(), size("EVQ_FUZZ_INPUTS", INPUTS));
    let (mut inputs, mut taken) = (0, 0);
    for (name, property) in properties::ALL {
        let corpus = corpus(name);
        let mut random = SmallRng::seed_from_u64(seed);
        let made = (0..count).map(|_| mutate::mutated(&corpus, &mut random));
        let mut taken_here = 0;
        for input in corpus.iter().cloned().chain(made) {
            let fate = judge(name, property, &input).unwrap_or_else(|broken| panic!("{broken}"));
            taken_here += u64::from(fate == Fate::Taken);
            inputs += 1;
        }
        assert!(taken_here * 50 > count, "`{name}` took only {taken_here}: does it still look at anything?");
        taken += taken_here;
    }
    let targets = properties::ALL.len();
    println!("EVIDENCE fuzz_targets={targets} fuzz_inputs={inputs} fuzz_taken={taken} fuzz_violations=0");
}

#[test]
fn an_input_that_breaks_a_property_is_kept_and_named() {
    let broken = judge("event", |_| panic!("not this one"), b"an input").unwrap_err();
    let kept = broken.split_whitespace().find(|word| word.contains("wasm-evq-fuzz-event-")).unwrap();
    let kept = kept.trim_end_matches(':');
    assert_eq!(fs::read(kept).unwrap(), b"an input");
    assert!(broken.contains("tests/fuzz/corpus/event"), "{broken}");
    fs::remove_file(kept).unwrap();
}
