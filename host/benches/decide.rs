//! What does it cost to say what a verdict means?

use std::hint::black_box;

use wasm_evq::clock::UnixMillis;
use wasm_evq::event::{AttemptCounts, Output, RetryPolicy, Verdict, decide};

const NOW: UnixMillis = UnixMillis(1_700_000_000_000);

fn main() {
    divan::main();
}

#[divan::bench]
fn done(bencher: divan::Bencher) {
    let verdict = Verdict::Ok { output: Output::None, emitted: Vec::new() };
    time(bencher, &verdict);
}

#[divan::bench]
fn retry_with_jitter(bencher: divan::Bencher) {
    let verdict = Verdict::Failed { message: "the other side is down".into() };
    time(bencher, &verdict);
}

fn time(bencher: divan::Bencher, verdict: &Verdict) {
    let (counts, policy) =
        (AttemptCounts { attempts: 1, ..AttemptCounts::default() }, RetryPolicy::default());
    bencher.bench(|| decide(black_box(counts), verdict, &policy, NOW, 7));
}
