//! A right that ends while an answer goes on: the answer ends, too.

use std::io::{BufRead, BufReader};
use std::time::{Duration, Instant};

use serde_json::json;

use crate::support::{BOUND, Dir, Served, good, saying, serve, until};

const READ: (&str, &str) = ("authorization", "Bearer reads-0123456789abcdef");
const OPERATE: (&str, &str) = ("authorization", "Bearer operates-0123456789abcdef");
const STAYS: &str = "read reads-0123456789abcdef\n";
const GOES: &str = "operate operates-0123456789abcdef\n";
const EVENT: (&str, &str) = ("content-type", "application/cloudevents+json");

/// Generous for a machine at work; without an end, a stream goes on for ever.
const SOON: Duration = Duration::from_secs(10);

fn with_tokens(dir: &Dir, handler: &str) -> Served {
    dir.secret("tokens", &format!("{STAYS}{GOES}"));
    serve(dir, handler, &["--token-file", "tokens"])
}

/// Logs in; returns the cookie as a browser sends it back.
fn log_in(served: &Served) -> String {
    let token = json!({"token": "operates-0123456789abcdef"}).to_string();
    let answer = served.post("/login", &[("content-type", "application/json")], token).assert_status(200);
    answer.headers["set-cookie"].split(';').next().unwrap().to_owned()
}

/// The lines of a stream that is open.
fn follow(served: &Served, (name, value): (&str, &str)) -> impl Iterator<Item = String> + use<> {
    let asked = ureq::get(format!("{}/stream", served.url())).header(name, value);
    let answer = asked.config().timeout_global(Some(BOUND)).build().call().unwrap();
    BufReader::new(answer.into_body().into_reader()).lines().map(Result::unwrap)
}

#[track_caller]
fn assert_ends(stream: impl Iterator<Item = String>, since: Instant) {
    stream.for_each(drop);
    assert!(since.elapsed() < SOON, "it ended after {:?}", since.elapsed());
}

#[track_caller]
fn assert_goes_on(served: &Served, stream: &mut impl Iterator<Item = String>, id: &str) {
    served.post("/events", &[EVENT, OPERATE], good(id)).assert_status(202);
    assert!(stream.any(|line| line.contains(&format!("\"event_id\":\"{id}\""))));
}

#[test]
fn a_logout_ends_every_stream_of_its_session_and_no_other() {
    const STREAMS_MAX: usize = 128;
    let dir = Dir::new();
    let served = with_tokens(&dir, "echoes");
    let cookie = log_in(&served);
    let mut others = follow(&served, READ);
    let streams: Vec<_> = (1..STREAMS_MAX).map(|_| follow(&served, ("cookie", &cookie))).collect();
    served.send("GET", "/stream", &[READ], ()).assert_problem(503, "busy", &["128 streams"]);
    let logged_out = Instant::now();
    served.post("/logout", &[("cookie", &cookie)], "").assert_status(204);
    streams.into_iter().for_each(|stream| assert_ends(stream, logged_out));
    assert_goes_on(&served, &mut others, "1");
    // Their places are free again.
    let mut another = follow(&served, READ);
    assert_goes_on(&served, &mut another, "2");
}

#[test]
fn reading_the_tokens_again_ends_the_streams_of_those_that_are_gone() {
    let dir = Dir::new();
    let mut served = with_tokens(&dir, "echoes");
    let cookie = log_in(&served);
    let (mut stays, goes) = (follow(&served, READ), follow(&served, OPERATE));
    let session = follow(&served, ("cookie", &cookie));
    let read_again = Instant::now();
    dir.secret("tokens", &format!("{STAYS}send sends-0123456789abcdef\n"));
    served.signal_until_said("HUP", "read again");
    assert_ends(goes, read_again);
    assert_ends(session, read_again);
    let sender = ("authorization", "Bearer sends-0123456789abcdef");
    served.post("/events", &[EVENT, sender], good("1")).assert_status(202);
    assert!(stays.any(|line| line.contains("\"event_id\":\"1\"")));
}

#[test]
fn a_token_that_may_no_longer_look_sees_no_more() {
    let dir = Dir::new();
    let mut served = with_tokens(&dir, "echoes");
    let stream = follow(&served, OPERATE);
    let read_again = Instant::now();
    dir.secret("tokens", &GOES.replace("operate ", "send "));
    served.signal_until_said("HUP", "read again");
    assert_ends(stream, read_again);
}

#[test]
fn whoever_waits_with_a_token_that_is_gone_learns_that_the_event_is_kept_and_no_result() {
    let dir = Dir::new();
    let mut served = with_tokens(&dir, "asks_for_an_hour");
    let url = format!("{}/events?wait=60s", served.url());
    let waiting = std::thread::spawn(move || {
        let asked = ureq::post(&url).header(EVENT.0, EVENT.1).header(OPERATE.0, OPERATE.1);
        let mut answer = asked.send(saying(1, "later")).unwrap();
        (answer.status().as_u16(), answer.body_mut().read_to_string().unwrap())
    });
    until("it has run", || (dir.count("attempt") == 1).then_some(()));
    let read_again = Instant::now();
    dir.secret("tokens", STAYS);
    served.signal_until_said("HUP", "read again");
    let (status, body) = waiting.join().unwrap();
    assert!(read_again.elapsed() < SOON, "it waited for {:?}", read_again.elapsed());
    assert!(status == 202 && body.contains("\"fate\":\"accepted\""), "{status} {body}");
}
