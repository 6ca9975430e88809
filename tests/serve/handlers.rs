//! Several handlers: an event goes to each whose filters it fits, and to nobody if it fits none.

use serde_json::json;

use crate::support::{
    Dir, Served, handler, of_tenant, saying, serve_config, settled_by_handler, two_handlers, until,
};

fn post_batch(served: &Served, events: &[String]) -> serde_json::Value {
    let batch = [("content-type", "application/cloudevents-batch+json")];
    served.post("/events", &batch, format!("[{}]", events.join(","))).assert_status(202).json()
}

#[test]
fn an_event_goes_to_each_handler_that_wants_it_and_is_kept_when_none_does() {
    let dir = Dir::new();
    two_handlers(&dir, "");
    let served = serve_config(&dir, &[]);
    for (event, fate) in [
        (of_tenant("both", "order.placed", "blue"), "accepted"),
        (of_tenant("order", "order.placed", "red"), "accepted"),
        (of_tenant("blue", "invoice", "blue"), "accepted"),
        (of_tenant("none", "invoice", "red"), "unmatched"),
        (of_tenant("none", "invoice", "red"), "duplicate"),
    ] {
        assert_eq!(served.post_event("/events", event).assert_status(202).json()["fate"], fate);
    }
    until("all is settled", || (dir.count("outcome") == 4).then_some(()));
    assert_eq!(settled_by_handler(&dir), "echoes|blue\nechoes|both\nfails|both\nfails|order");
    assert_eq!(dir.sql("SELECT id FROM event JOIN unmatched ON event_seq = seq"), "none");
    let shown = served.get("/events/none").assert_status(200).json();
    assert_eq!(shown["events"][0]["deliveries"], json!([]));
    let series = served.get("/metrics").body;
    for line in [
        "evq_events_accepted_total 3",
        "evq_events_unmatched_total 1",
        "evq_queue_depth{handler=\"echoes\"} 0",
        "evq_queue_depth{handler=\"fails\"} 0",
    ] {
        assert!(series.lines().any(|told| told == line), "no {line:?} in\n{series}");
    }
    let filters: Vec<_> = ["fails", "echoes"].map(|name| served.handler(name)["filter"].clone()).into();
    assert_eq!(filters, [json!({"prefix": {"type": "order."}}), json!({"exact": {"tenant": "blue"}})]);
    served.stop().assert_code(0);
    dir.assert_sound();
}

#[test]
fn after_a_kill_every_event_is_settled_once_by_each_of_its_handlers() {
    let dir = Dir::new();
    two_handlers(&dir, "[serve]\nworkers = 1\n");
    let served = serve_config(&dir, &[]);
    let events = |kind: &str, type_: &str, tenant: &str| -> Vec<String> {
        (0..300).map(|n| of_tenant(format!("{kind}-{n}"), type_, tenant)).collect()
    };
    let all = [
        events("both", "order.placed", "blue"),
        events("order", "order.paid", "red"),
        events("none", "x", "y"),
    ];
    let told = post_batch(&served, &all.concat());
    assert_eq!(json!([told["accepted"], told["unmatched"], told["rejected"]]), json!([600, 300, 0]));
    served.kill();
    let served = serve_config(&dir, &[]);
    until("all is settled", || (dir.count("pending") == 0).then_some(()));
    served.stop().assert_code(0);
    let counts =
        dir.sql("SELECT handler, status, count(*), count(DISTINCT event_id) FROM results GROUP BY 1, 2");
    assert_eq!(counts, "echoes|ok|300|300\nfails|ok|600|600");
    assert_eq!(dir.count("unmatched"), 300);
    dir.assert_sound();
}

#[test]
fn an_event_that_matched_nobody_is_queued_when_it_comes_again_and_matches() {
    let dir = Dir::new();
    two_handlers(&dir, "");
    let served = serve_config(&dir, &[]);
    served.post_event("/events", of_tenant(1, "invoice", "red")).assert_status(202);
    served.stop().assert_code(0);
    dir.write("evq.toml", handler("echoes", ""));
    let served = serve_config(&dir, &[]);
    let again =
        served.post_event("/events?wait=30s", of_tenant(1, "invoice", "red")).assert_status(200).json();
    assert_eq!((&again["handler"], &again["status"]), (&json!("echoes"), &json!("ok")));
    assert_eq!((dir.count("event"), dir.count("unmatched")), (1, 0));
}

#[test]
fn a_sender_that_waits_gets_the_result_of_each_handler() {
    let dir = Dir::new();
    two_handlers(&dir, "");
    let served = serve_config(&dir, &[]);
    let both = of_tenant("both", "order.placed", "blue");
    for _ in 0..2 {
        let told = served.post_event("/events?wait=30s", &both).assert_status(200).json();
        let handlers: Vec<_> =
            told["results"].as_array().unwrap().iter().map(|one| &one["handler"]).collect();
        assert_eq!(handlers, ["fails", "echoes"], "in the file's order");
    }
    let one =
        served.post_event("/events?wait=30s", of_tenant("order", "order.placed", "red")).assert_status(200);
    assert_eq!(one.json()["output"], "good");
    let none = served.post_event("/events?wait=30s", of_tenant("none", "x", "red")).assert_status(202);
    assert_eq!(none.json()["fate"], "unmatched");
}

#[test]
fn an_event_too_large_for_one_handler_is_dead_there_and_run_by_the_other() {
    let dir = Dir::new();
    let (small, large) =
        (handler("fails", "max-event = \"300B\""), handler("echoes", "max-event = \"2KiB\""));
    dir.write("evq.toml", format!("{small}{large}"));
    let served = serve_config(&dir, &[]);
    served.post_event("/events?wait=30s", saying(1, &".".repeat(400))).assert_status(200);
    served.post_event("/events", saying(2, &".".repeat(2048))).assert_problem(
        413,
        "too-large",
        &["2048 bytes"],
    );
    assert_eq!(
        dir.sql("SELECT handler, status, error FROM results ORDER BY 1"),
        format!(
            "echoes|ok|NULL\nfails|dead|the limit on event size was hit: {} bytes wanted, 300 bytes allowed; raise --max-event",
            saying(1, &".".repeat(400)).len()
        )
    );
    assert_eq!(dir.sql("SELECT verdict FROM attempt"), "event_limit");
    served.stop().assert_code(0);
    crate::support::evq(["verify"]).in_(&dir).assert_code(0);
}

#[test]
fn what_a_handler_emits_is_routed_by_the_same_filters() {
    let dir = Dir::new();
    let emits = handler("emits_itself", r#"filters = [{ exact = { type = "test" } }]"#);
    let takes = handler("echoes", r#"filters = [{ exact = { type = "t" } }]"#);
    dir.write("evq.toml", format!("{emits}{takes}"));
    let served = serve_config(&dir, &[]);
    served.post_event("/events", saying(1, "!")).assert_status(202);
    until("both are settled", || (dir.count("outcome") == 2).then_some(()));
    assert_eq!(dir.sql("SELECT handler, type FROM results ORDER BY 1"), "echoes|t\nemits_itself|test");
    served.stop().assert_code(0);
    dir.write("evq.toml", emits);
    let served = serve_config(&dir, &[]);
    served.post_event("/events?wait=30s", saying(2, "!")).assert_status(200);
    assert_eq!((dir.count("unmatched"), dir.count("pending")), (1, 0));
    served.stop().assert_code(0);
}
