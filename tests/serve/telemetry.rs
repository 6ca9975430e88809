//! `--otlp-endpoint`: what a collector is told of attempts, requests and metrics, and that nobody waits for one.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use opentelemetry_proto::tonic::metrics::v1::metric::Data;

use crate::support::{
    Collector, Dir, Evq, Manner, Served, evq, good, guest, handler, many, saying, serve, serving, until,
};

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const PARENT: &str = "b7ad6b7169203331";

/// At its end a server gives what it gathered 2 seconds; the rest is for a busy machine.
const END_TIME_MAX: Duration = Duration::from_secs(10);

fn traceparent(flags: &str) -> String {
    format!("00-{TRACE}-{PARENT}-{flags}")
}

/// A server that tells this collector, soon.
fn telling(url: &str, handler: &str) -> Evq {
    serving(handler).args(&["--otlp-endpoint", url]).env("OTEL_BSP_SCHEDULE_DELAY", "20")
}

/// An event with further attributes.
fn with(event: &str, more: &str) -> String {
    format!("{},{more}}}", event.strip_suffix('}').unwrap())
}

fn post(served: &Served, path: &str, event: impl AsRef<[u8]>, more: &[(&str, &str)]) {
    let headers = [&[("content-type", "application/cloudevents+json")], more].concat();
    let answer = served.post(path, &headers, event);
    assert!(matches!(answer.status, 200 | 202), "{answer:?}");
}

#[test]
fn an_attempt_is_in_the_trace_of_the_request_that_brought_its_event() {
    let dir = Dir::new();
    let collector = Collector::start(Manner::Takes);
    let typed = telling(collector.url(), "fails").args(&["--max-attempts", "2", "--retry-delay", "1ms"]);
    let served = Served::start(&dir, typed);
    let header = [("traceparent", &*traceparent("01")), ("tracestate", "vendor=x")];
    post(&served, "/events", saying("7", "!"), &header);
    let request = collector.await_span("POST /events");
    assert_eq!((&*request.trace(), &*request.parent(), request.kind()), (TRACE, PARENT, "SPAN_KIND_SERVER"));
    assert_eq!((request.text("http.response.status_code"), request.error()), ("202".into(), None));
    let attempts = collector.await_spans("process fails", 2);
    for (number, attempt) in (1..).zip(&attempts) {
        assert_eq!((attempt.trace(), attempt.parent()), (request.trace(), request.id()));
        assert_eq!((attempt.kind(), attempt.state()), ("SPAN_KIND_CONSUMER", "vendor=x"));
        assert_eq!(attempt.error(), Some("no luck"));
        assert_eq!(attempt.text("evq.attempt"), number.to_string());
        for (key, value) in [
            ("messaging.system", "wasm-evq"),
            ("messaging.operation.name", "process"),
            ("messaging.destination.name", "fails"),
            ("messaging.message.id", "7"),
            ("cloudevents.event_id", "7"),
            ("cloudevents.event_source", "/test"),
            ("cloudevents.event_type", "test"),
            ("evq.verdict", "failed"),
            ("error.type", "failed"),
            ("evq.handler.sha256", served.handler("fails")["sha256"].as_str().unwrap()),
        ] {
            assert_eq!(attempt.text(key), value, "{key}");
        }
        assert!(attempt.started_at() >= request.started_at() && attempt.ended_at() >= attempt.started_at());
    }
    assert_ne!(attempts[0].id(), attempts[1].id());
    assert!(attempts[1].started_at() >= attempts[0].ended_at());
    let recorded = dir.sql("SELECT fuel, peak_memory_bytes, duration_us FROM attempt WHERE number = 2");
    let told = ["evq.fuel", "evq.peak_memory_bytes", "evq.duration_us"].map(|key| attempts[1].text(key));
    assert_eq!(recorded, told.join("|"));
    assert_eq!(collector.service(), "wasm-evq");
}

#[test]
fn a_request_without_a_header_begins_a_trace_and_all_ways_in_carry_it() {
    let dir = Dir::new();
    let collector = Collector::start(Manner::Takes);
    let served = Served::start(&dir, telling(collector.url(), "echoes"));
    let binary = [("ce-specversion", "1.0"), ("ce-id", "b"), ("ce-source", "/s"), ("ce-type", "t")];
    served.post("/events", &binary, "x").assert_status(202);
    served.post("/events?type=t&wait=30s", &[("content-type", "application/json")], "{}").assert_status(200);
    let batch = format!("[{},{}]", good("1"), good("2"));
    served
        .post("/events", &[("content-type", "application/cloudevents-batch+json")], batch)
        .assert_status(202);
    let requests = collector.await_spans("POST /events", 3);
    let attempts = collector.await_spans("process echoes", 4);
    assert!(requests.iter().all(|request| request.parent().is_empty()));
    let of = |request: &crate::support::Told| {
        let is_its = |attempt: &&crate::support::Told| {
            (attempt.trace(), attempt.parent()) == (request.trace(), request.id())
        };
        attempts.iter().filter(is_its).count()
    };
    let mut counts: Vec<usize> = requests.iter().map(of).collect();
    counts.sort_unstable();
    assert_eq!(counts, [1, 1, 2]);
}

#[test]
fn an_event_that_names_its_trace_stays_as_it_is() {
    let dir = Dir::new();
    let collector = Collector::start(Manner::Takes);
    let served = Served::start(&dir, telling(collector.url(), "echoes"));
    let own = "00-11111111111111111111111111111111-2222222222222222-01";
    let event = with(&good("1"), &format!("\"traceparent\":\"{own}\""));
    post(&served, "/events", &event, &[("traceparent", &traceparent("01"))]);
    let attempt = collector.await_span("process echoes");
    assert_eq!((&*attempt.trace(), &*attempt.parent()), (&own[3..35], &own[36..52]));
    assert_eq!((attempt.error(), &*attempt.text("evq.verdict")), (None, "ok"));
    let request = collector.await_span("POST /events");
    assert_eq!((&*request.trace(), &*request.parent()), (TRACE, PARENT));
    assert_eq!(dir.sql("SELECT json FROM event"), event);
}

#[test]
fn what_is_not_sampled_is_not_told() {
    let dir = Dir::new();
    let collector = Collector::start(Manner::Takes);
    let served = Served::start(&dir, telling(collector.url(), "echoes"));
    post(&served, "/events?wait=30s", good("header"), &[("traceparent", &traceparent("00"))]);
    let event = with(&good("attribute"), &format!("\"traceparent\":\"{}\"", traceparent("00")));
    post(&served, "/events?wait=30s", event, &[("traceparent", &traceparent("00"))]);
    post(&served, "/events?wait=30s", good("sampled"), &[("traceparent", &traceparent("01"))]);
    served.stop().assert_code(0);
    let told: Vec<String> =
        collector.await_spans("process echoes", 1).iter().map(|s| s.text("cloudevents.event_id")).collect();
    assert_eq!(told, ["sampled"]);
    assert_eq!(collector.spans().len(), 2);
}

#[test]
fn a_traceparent_that_is_none_refuses_nothing() {
    let dir = Dir::new();
    let collector = Collector::start(Manner::Takes);
    let served = Served::start(&dir, telling(collector.url(), "echoes"));
    let event = with(&good("1"), "\"traceparent\":\"00-short-01\"");
    post(&served, "/events", &event, &[("traceparent", "nonsense")]);
    let attempt = collector.await_span("process echoes");
    assert!(attempt.parent().is_empty());
    assert!(collector.await_span("POST /events").parent().is_empty());
    assert_eq!(dir.sql("SELECT json FROM event"), event);
}

#[test]
fn what_a_handler_emits_is_in_its_events_trace_and_verify_finds_the_same_again() {
    let dir = Dir::new();
    let collector = Collector::start(Manner::Takes);
    let served = Served::start(&dir, telling(collector.url(), "fans_out"));
    post(&served, "/events", good("1"), &[("traceparent", &traceparent("01"))]);
    let request = collector.await_span("POST /events");
    for attempt in collector.await_spans("process fans_out", 3) {
        assert_eq!((attempt.trace(), attempt.parent()), (request.trace(), request.id()));
    }
    served.stop().assert_code(0);
    let verified = evq(["verify", "--all", "--json"]).in_(&dir).assert_code(0).json_lines();
    assert_eq!((&verified[0]["equal"], &verified[0]["different"]), (&3.into(), &0.into()), "{verified:?}");
}

#[test]
fn an_event_for_which_its_trace_leaves_no_room_is_accepted_without() {
    let dir = Dir::new();
    let collector = Collector::start(Manner::Takes);
    let event = saying("1", &"x".repeat(100));
    let limit = event.len().to_string();
    let served = Served::start(&dir, telling(collector.url(), "echoes").args(&["--max-event", &limit]));
    post(&served, "/events?wait=30s", &event, &[("traceparent", &traceparent("01"))]);
    assert_eq!(dir.sql("SELECT json, status FROM event, results"), format!("{event}|ok"));
}

#[test]
fn the_metrics_are_those_of_the_page() {
    let dir = Dir::new();
    let collector = Collector::start(Manner::Takes);
    let typed = serving("echoes")
        .env("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url())
        .env("OTEL_EXPORTER_OTLP_HEADERS", "x-key=a%20b")
        .env("OTEL_SERVICE_NAME", "orders");
    let served = Served::start(&dir, typed);
    for event in many(3) {
        post(&served, "/events?wait=30s", event, &[]);
    }
    served.stop().assert_code(0);
    assert_eq!(collector.number("evq_attempts_total", "verdict", "ok"), 3);
    assert_eq!(collector.number("evq_attempts_total", "handler", "echoes"), 3);
    assert_eq!(collector.number("evq_handler_paused", "handler", "echoes"), 0);
    let memory = collector.metric("evq_attempt_peak_memory_bytes");
    let Some(Data::Histogram(memory)) = memory.data else { panic!("{memory:?}") };
    let point = &memory.data_points[0];
    assert_eq!((point.count, point.bucket_counts.iter().sum::<u64>()), (3, 3));
    assert_eq!(point.sum, dir.sql("SELECT sum(peak_memory_bytes) FROM results").parse().ok());
    assert_eq!(collector.service(), "orders");
    let keys = collector.header("x-key");
    assert!(keys.len() >= 2 && keys.iter().all(|key| key.as_deref() == Some("a b")), "{keys:?}");
}

#[test]
fn metrics_come_as_often_as_asked_for() {
    let dir = Dir::new();
    let collector = Collector::start(Manner::Takes);
    let typed = telling(collector.url(), "echoes").env("OTEL_METRIC_EXPORT_INTERVAL", "20");
    let typed = typed.env("OTEL_TRACES_EXPORTER", "none");
    let served = Served::start(&dir, typed);
    post(&served, "/events?wait=30s", good("1"), &[("traceparent", &traceparent("01"))]);
    until("they came four times", || (collector.header("content-type").len() >= 4).then_some(()));
    let kinds = collector.header("content-type");
    assert!(kinds.iter().all(|kind| kind.as_deref() == Some("application/x-protobuf")), "{kinds:?}");
    served.stop().assert_code(0);
    assert!(collector.spans().is_empty());
    assert_eq!(dir.sql("SELECT json FROM event"), good("1"));
}

/// Events settle, the end comes in time with exit code 0, and one line says what is wrong.
fn goes_on_without(url: &str, reason: &str) {
    let dir = Dir::new();
    let mut served = Served::start(&dir, telling(url, "echoes"));
    for event in many(20) {
        post(&served, "/events?wait=30s", event, &[]);
    }
    if reason != "in time" {
        served.says(reason);
        until("lost spans are counted", || {
            let page = served.get("/metrics").body;
            let lost = page.lines().find_map(|line| line.strip_prefix("evq_spans_lost_total "));
            (lost.unwrap().parse::<u64>().unwrap() > 0).then_some(())
        });
    }
    let asked_at = Instant::now();
    let ended = served.stop().assert_code(0);
    assert!(asked_at.elapsed() < END_TIME_MAX, "it took {:?}", asked_at.elapsed());
    let said: Vec<&str> = ended.stderr().lines().filter(|line| line.contains("collector")).collect();
    // One of spans on the way, one of those that were left, one of metrics.
    assert!((1..=3).contains(&said.len()) && said.iter().any(|line| line.contains(reason)), "{said:?}");
    assert_eq!(dir.sql("SELECT count(*) FROM results WHERE status = 'ok'"), "20");
    dir.assert_sound();
}

#[test]
fn a_collector_that_is_not_there_hinders_nobody() {
    // A port that was free a moment ago.
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    goes_on_without(&format!("http://{nobody}"), "refused");
}

#[test]
fn a_collector_that_refuses_hinders_nobody() {
    goes_on_without(Collector::start(Manner::Refuses).url(), "status 500");
}

#[test]
fn a_collector_that_never_answers_hinders_nobody() {
    goes_on_without(Collector::start(Manner::Silent).url(), "in time");
}

#[test]
fn spans_beyond_the_queue_are_lost_and_counted() {
    let dir = Dir::new();
    let collector = Collector::start(Manner::Silent);
    let mut served = Served::start(&dir, telling(collector.url(), "echoes"));
    let batch = format!("[{}]", many(9_000).collect::<Vec<_>>().join(","));
    let content_type = [("content-type", "application/cloudevents-batch+json")];
    served.post("/events", &content_type, batch).assert_status(202);
    until("all are settled", || (dir.count("outcome") == 9_000).then_some(()));
    served.says("takes spans too slowly");
    served.stop().assert_code(0);
}

#[test]
fn who_does_not_ask_for_it_gets_nothing_of_it() {
    let dir = Dir::new();
    let served = serve(&dir, "echoes", &[]);
    post(&served, "/events?wait=30s", good("1"), &[("traceparent", &traceparent("01"))]);
    assert_eq!(dir.sql("SELECT json FROM event"), good("1"));
}

#[test]
fn a_collector_is_asked_for_in_the_file_as_well_and_what_is_none_is_refused() {
    let dir = Dir::new();
    let collector = Collector::start(Manner::Takes);
    dir.write(
        "evq.toml",
        format!("[serve]\notlp-endpoint = {:?}\n{}", collector.url(), handler("echoes", "")),
    );
    let served = crate::support::serve_config(&dir, &[]);
    post(&served, "/events?wait=30s", good("1"), &[]);
    served.stop().assert_code(0);
    collector.await_span("process echoes");
    for nonsense in ["127.0.0.1:4318", "grpc://127.0.0.1:4317"] {
        let typed = evq(["serve", &guest("echoes"), "--otlp-endpoint", nonsense]);
        typed.in_(&dir).assert_refused(2, &["--otlp-endpoint", nonsense, "http://127.0.0.1:4318"]);
    }
    let typed = serving("echoes").env("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url());
    let typed = typed.env("OTEL_EXPORTER_OTLP_HEADERS", "a=b,secret");
    typed.in_(&dir).assert_refused(2, &["OTEL_EXPORTER_OTLP_HEADERS", "place 2", "NAME=VALUE"]);
}
