//! Many senders at once, and a kill in the middle: what got its 202 is there.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::support::{Dir, good, serve, until};

const SENDERS: u32 = 64;

/// How long they send before the kill.
fn load_time() -> Duration {
    let seconds = std::env::var("EVQ_SERVE_LOAD_SECONDS").ok().and_then(|text| text.parse().ok());
    Duration::from_secs(seconds.unwrap_or(2))
}

/// Sends one event after another until told to stop, or nobody answers. Returns the ids that got a 202.
fn send(url: &str, sender: u32, stop: &AtomicBool) -> Vec<String> {
    let config = ureq::Agent::config_builder().timeout_global(Some(Duration::from_secs(20)));
    let agent = config.build().new_agent();
    let mut ledger = Vec::new();
    while !stop.load(Ordering::SeqCst) {
        let id = format!("{sender}-{}", ledger.len());
        let request = agent.post(url).header("content-type", "application/cloudevents+json");
        match request.send(good(&id)) {
            Ok(answer) if answer.status() == 202 => ledger.push(id),
            _ => break,
        }
    }
    ledger
}

#[test]
fn killed_under_the_load_of_64_senders_nothing_that_got_its_202_is_lost() {
    let dir = Dir::new();
    let served = serve(&dir, "counts", &[]);
    let (url, stop) = (format!("{}/events", served.url()), AtomicBool::new(false));
    let ledger: HashSet<String> = std::thread::scope(|scope| {
        let sending = (0..SENDERS).map(|sender| {
            scope.spawn({
                let (url, stop) = (&url, &stop);
                move || send(url, sender, stop)
            })
        });
        let sending: Vec<_> = sending.collect();
        let started = Instant::now();
        until("they have sent for long enough", || (started.elapsed() >= load_time()).then_some(()));
        served.kill();
        stop.store(true, Ordering::SeqCst);
        sending.into_iter().flat_map(|sender| sender.join().unwrap()).collect()
    });
    assert!(ledger.len() > SENDERS as usize, "only {} were accepted", ledger.len());
    let served = serve(&dir, "counts", &[]);
    until("all is settled", || (dir.count("pending") == 0).then_some(()));
    served.stop().assert_code(0);
    let settled = dir.sql("SELECT event_id FROM results");
    let settled: HashSet<&str> = settled.lines().collect();
    let lost = ledger.iter().filter(|id| !settled.contains(id.as_str())).count();
    println!("EVIDENCE serve_accepted={} serve_lost={lost}", ledger.len());
    assert_eq!(lost, 0);
    assert_eq!(dir.count("results"), dir.count("event"));
    dir.assert_sound();
}
