//! `?wait=`: the answer is the result.

use crate::support::{Dir, good, saying, serve};

#[test]
fn a_sender_that_waits_gets_the_result() {
    let dir = Dir::new();
    let served = serve(&dir, "fails", &["--max-attempts", "1"]);
    let ok = served.post_event("/events?wait=30s", good(1)).assert_status(200).json();
    assert_eq!((&ok["event_id"], &ok["status"], &ok["output"]), (&"1".into(), &"ok".into(), &"good".into()));
    let dead = served.post_event("/events?wait=30s", saying(2, "!")).assert_status(200).json();
    assert_eq!((&dead["status"], &dead["error"]), (&"dead".into(), &"no luck".into()));
    let again = served.post_event("/events?wait=30s", saying(2, "!")).assert_status(200).json();
    assert_eq!(again, dead);
}

#[test]
fn when_time_is_up_the_sender_gets_the_link() {
    let dir = Dir::new();
    let served = serve(&dir, "asks_for_an_hour", &[]);
    for fate in ["accepted", "duplicate"] {
        let answer = served.post_event("/events?wait=50ms", saying(1, "later")).assert_status(202);
        assert_eq!(answer.json()["fate"], fate);
        assert_eq!(answer.headers["location"], "/events/1?source=%2Ftest");
    }
}

#[test]
fn a_wait_is_bounded_and_for_one_event() {
    let dir = Dir::new();
    let served = serve(&dir, "echoes", &[]);
    served.post_event("/events?wait=61s", good(1)).assert_problem(400, "invalid-request", &["61s", "60s"]);
    served.post_event("/events?wait=soon", good(1)).assert_problem(400, "invalid-request", &["such as 5s"]);
    let batch = [("content-type", "application/cloudevents-batch+json")];
    served.post("/events?wait=1s", &batch, "[]").assert_problem(400, "invalid-request", &["one event"]);
    assert_eq!(dir.count("event"), 0);
}

#[test]
fn whoever_waits_is_answered_when_the_server_stops() {
    let dir = Dir::new();
    let served = serve(&dir, "asks_for_an_hour", &[]);
    let url = format!("{}/events?wait=60s", served.url());
    let waiting = std::thread::spawn(move || {
        let sent =
            ureq::post(&url).header("content-type", "application/cloudevents+json").send(saying(1, "later"));
        sent.unwrap().status().as_u16()
    });
    crate::support::until("it has run", || (dir.count("attempt") == 1).then_some(()));
    served.terminate();
    assert_eq!(waiting.join().unwrap(), 202);
    served.ended().assert_code(0);
}
