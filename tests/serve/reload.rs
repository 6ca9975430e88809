//! A module whose file changes is swapped in when it is a handler, and kept out when it is none.

use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::support::{Dir, Served, good, guest, saying, serve_config, until};

const CONFIG: &str = "[serve]\nworkers = 1\n[[handler]]\nname = \"h\"\nmodule = \"h.wat\"\n";

/// A server whose handler is in a file of the test's own.
fn serve_file(dir: &Dir, first: &str) -> Served {
    put(dir, first);
    dir.write("evq.toml", CONFIG);
    serve_config(dir, &[])
}

/// Puts a guest into the handler's file, as a deployment would: whole at once.
fn put(dir: &Dir, name: &str) {
    fs::copy(guest(name), dir.file("new.wat")).unwrap();
    fs::rename(dir.file("new.wat"), dir.file("h.wat")).unwrap();
}

fn sha256(served: &Served) -> String {
    served.handler("h")["sha256"].as_str().unwrap().to_owned()
}

fn has_line(served: &Served, line: &str) -> bool {
    served.get("/metrics").body.lines().any(|told| told == line)
}

#[test]
fn a_new_module_is_swapped_in_while_events_flow_and_none_is_lost() {
    let dir = Dir::new();
    let served = serve_file(&dir, "works_long");
    let (old, stop) = (sha256(&served), AtomicBool::new(false));
    let sent = std::thread::scope(|scope| {
        let sending = scope.spawn(|| {
            let batch = [("content-type", "application/cloudevents-batch+json")];
            let mut sent = 0;
            while !stop.load(Ordering::SeqCst) {
                let events: Vec<String> = (sent..sent + 10).map(good).collect();
                served.post("/events", &batch, format!("[{}]", events.join(","))).assert_status(202);
                sent += 10;
            }
            sent
        });
        until("the old module has results", || (dir.count("outcome") > 0).then_some(()));
        put(&dir, "echoes");
        until("the new module runs", || (sha256(&served) != old).then_some(()));
        let new = sha256(&served);
        let by_new = format!("results WHERE handler_sha256 = '{new}'");
        until("the new module has results", || (dir.count(&by_new) > 0).then_some(()));
        stop.store(true, Ordering::SeqCst);
        sending.join().unwrap()
    });
    assert!(has_line(&served, "evq_reloads_total{handler=\"h\",outcome=\"swapped\"} 1"));
    until("all is settled", || (dir.count("pending") == 0).then_some(()));
    served.stop().assert_code(0);
    // What was claimed and not begun cost no attempt; what ran was finished and recorded.
    assert_eq!(dir.sql("SELECT count(DISTINCT event_id), max(attempts) FROM results"), format!("{sent}|1"));
    assert_eq!(dir.sql("SELECT count(DISTINCT handler_sha256) FROM results"), "2");
    assert_eq!(dir.count("attempt"), 0);
    dir.assert_sound();
}

#[test]
fn a_bad_module_is_kept_out_with_one_clear_line_and_the_old_one_goes_on() {
    let dir = Dir::new();
    let mut served = serve_file(&dir, "fails");
    let old = sha256(&served);
    dir.write("h.wat", "(module (memory 1))");
    served.signal("HUP");
    served.says("wasm-evq: handler \"h\" goes on with the module it has: ");
    let told = served.handler("h");
    assert_eq!(told["sha256"], old);
    assert!(told["reload_error"].as_str().unwrap().contains("h.wat"), "{told}");
    assert!(has_line(&served, "evq_reloads_total{handler=\"h\",outcome=\"kept_out\"} 1"));
    assert_eq!(
        served.post_event("/events?wait=30s", good(1)).assert_status(200).json()["handler_sha256"],
        old
    );
    put(&dir, "echoes");
    served.signal("HUP");
    served.says("wasm-evq: handler \"h\" runs a new module, sha256 ");
    let told = served.handler("h");
    assert_eq!(told["reload_error"], serde_json::Value::Null);
    let result = served.post_event("/events?wait=30s", good(2)).assert_status(200).json();
    assert_eq!(result["handler_sha256"], told["sha256"]);
    served.stop().assert_code(0);
    assert_eq!(dir.sql("SELECT count(DISTINCT handler_sha256) FROM results"), "2");
}

#[test]
fn a_file_that_is_again_what_runs_is_no_change() {
    let dir = Dir::new();
    let mut served = serve_file(&dir, "fails");
    dir.write("h.wat", "(module");
    served.signal("HUP");
    served.says("goes on with the module it has");
    assert!(served.handler("h")["reload_error"].is_string());
    put(&dir, "fails");
    until("the file is read", || served.handler("h")["reload_error"].is_null().then_some(()));
    assert!(!served.get("/metrics").body.contains("swapped"));
    served.stop().assert_code(0);
}

/// The old queue has an attempt that does not end soon; the new one serves meanwhile.
#[test]
fn an_attempt_in_flight_is_finished_by_the_module_that_began_it() {
    let dir = Dir::new();
    put(&dir, "loops_first");
    dir.write(
        "evq.toml",
        format!("{CONFIG}timeout = \"3s\"\nfuel = 1_000_000_000_000_000\nmax-attempts = 1\n"),
    );
    let served = serve_config(&dir, &[]);
    let old = sha256(&served);
    served.post_event("/events", saying("slow", "!")).assert_status(202);
    until("it runs", || (dir.count("pending WHERE leased = 1") == 1).then_some(()));
    put(&dir, "echoes");
    served.signal("HUP");
    until("the new module runs", || (sha256(&served) != old).then_some(()));
    let quick = served.post_event("/events?wait=30s", good("quick")).assert_status(200).json();
    assert_ne!(quick["handler_sha256"], old);
    until("the slow one is settled", || (dir.count("pending") == 0).then_some(()));
    assert_eq!(
        dir.sql("SELECT handler_sha256, attempts FROM results WHERE event_id = 'slow'"),
        format!("{old}|1")
    );
    served.stop().assert_code(0);
}
