//! What the HTTP binding, the JSON format and the webhook specification say beside the conformance suite.

use serde_json::{Value, json};

use crate::support::{Answer, Dir, Served, serve};

const REQUIRED: [(&str, &str); 4] =
    [("ce-specversion", "1.0"), ("ce-id", "1"), ("ce-source", "/s"), ("ce-type", "t")];

const BINARY_JSON: (&str, &str) = ("content-type", "application/json");
const STRUCTURED: (&str, &str) = ("content-type", "application/cloudevents+json");
const BATCHED: (&str, &str) = ("content-type", "application/cloudevents-batch+json");

fn binary(served: &Served, more: &[(&str, &str)], body: impl AsRef<[u8]>) -> Answer {
    served.post("/events", &[&REQUIRED[..], more].concat(), body)
}

/// An event as the server holds it.
#[track_caller]
fn held(served: &Served, answer: Answer) -> Value {
    let accepted = answer.assert_status(202).json();
    let shown = served.get(accepted["link"].as_str().unwrap()).assert_status(200).json();
    shown["events"][0]["event"].clone()
}

fn event(rest: &str) -> String {
    format!(r#"{{"specversion":"1.0","id":"1","source":"/s","type":"t"{rest}}}"#)
}

#[test]
fn a_media_type_is_known_in_any_case_and_with_any_parameters() {
    for structured in [
        "Application/CloudEvents+JSON",
        "application/cloudevents+json;charset=utf-8",
        "application/cloudevents+json; charset=\"UTF-8\"; profile=x",
        "application/cloudevents",
    ] {
        let dir = Dir::new();
        let served = serve(&dir, "echoes", &[]);
        let event = held(&served, served.post("/events", &[("content-type", structured)], event("")));
        assert_eq!(
            event,
            json!({"specversion": "1.0", "id": "1", "source": "/s", "type": "t"}),
            "{structured}"
        );
        let batched = structured.to_lowercase().replace("cloudevents", "cloudevents-batch");
        let batch = served.post("/events", &[("content-type", &batched)], "[]").assert_status(202).json();
        assert_eq!(batch["events"], json!([]), "{batched}");
    }
}

#[test]
fn a_format_that_is_not_spoken_is_415_and_never_taken_for_data() {
    let dir = Dir::new();
    let served = serve(&dir, "echoes", &[]);
    for other in [
        "application/cloudevents+xml",
        "application/cloudevents-batch+avro",
        "application/cloudevents+json; charset=utf-16",
    ] {
        let refused = binary(&served, &[("content-type", other)], event(""));
        refused.assert_problem(415, "unsupported-media-type", &[other, "application/cloudevents+json"]);
    }
    let twice = binary(&served, &[BINARY_JSON, ("content-type", "text/plain")], "1");
    twice.assert_problem(400, "invalid-request", &["content-type is given twice"]);
    assert_eq!(dir.count("event"), 0);
}

#[test]
fn in_structured_mode_the_body_is_the_event_whatever_the_headers_say() {
    let dir = Dir::new();
    let served = serve(&dir, "echoes", &[]);
    let headers = [STRUCTURED, ("ce-id", "other"), ("ce-type", "other"), ("ce-tenant", "other")];
    let event = held(&served, served.post("/events", &headers, event("")));
    assert_eq!((&event["id"], &event["type"], &event["tenant"]), (&json!("1"), &json!("t"), &Value::Null));
}

#[test]
fn header_names_have_no_case_and_values_are_decoded_once() {
    let dir = Dir::new();
    let served = serve(&dir, "echoes", &[]);
    let more = [
        ("CE-Tenant", "caf%c3%a9"),
        ("ce-once", "%2541"),
        ("ce-needless", "%41%42"),
        ("ce-quoted", r#""say \"%22\" \\""#),
        ("ce-bare", "caf\u{e9}"),
        ("ce-empty", ""),
        ("ce-subject", "a%20b"),
    ];
    let event = held(&served, binary(&served, &more, ""));
    let expected = json!({
        "specversion": "1.0", "id": "1", "source": "/s", "type": "t", "tenant": "caf\u{e9}", "once": "%41",
        "needless": "AB", "quoted": "say \"\"\" \\", "bare": "caf\u{e9}", "empty": "", "subject": "a b",
    });
    assert_eq!(event, expected);
}

#[test]
fn a_header_that_is_no_attribute_is_refused_by_its_name() {
    let dir = Dir::new();
    let served = serve(&dir, "echoes", &[]);
    for (name, value, parts) in [
        ("ce-datacontenttype", "text/plain", &["datacontenttype", "content-type"][..]),
        ("ce-data", "1", &["`data`", "body"]),
        ("ce-my_tenant", "x", &["my_tenant", "a-z and 0-9"]),
        ("ce-my-tenant", "x", &["my-tenant"]),
        ("ce-", "x", &["names are 1 to 64"]),
        ("ce-subject", "", &["`subject`", "empty"]),
        ("ce-subject", "%C0%A0", &["`subject`", "not UTF-8"]),
        ("ce-subject", "a%00b", &["`subject`", "U+0000"]),
        ("ce-subject", "a%0D%0Ab", &["`subject`", "U+000D"]),
        ("ce-subject", "%EF%BF%BE", &["`subject`", "U+FFFE"]),
        ("ce-time", "2018-04-05T03:56Z", &["`time`", "RFC 3339"]),
        ("ce-dataschema", "", &["`dataschema`", "empty"]),
        ("ce-id", "2", &["`id`", "twice"]),
    ] {
        let problem = binary(&served, &[(name, value)], "").assert_problem(400, "invalid-event", parts);
        assert!(problem["attribute"].is_string(), "{problem}");
    }
    for (without, _) in REQUIRED {
        let headers: Vec<_> = REQUIRED.into_iter().filter(|(name, _)| *name != without).collect();
        let problem = served.post("/events", &headers, "").assert_problem(400, "invalid-event", &[]);
        assert_eq!(problem["attribute"], without["ce-".len()..]);
    }
    assert_eq!(dir.count("event"), 0);
}

#[test]
fn data_in_binary_mode_is_what_its_content_type_says() {
    for (content_type, body, data) in [
        (Some("application/json"), &b"{\"a\": 1e2}"[..], ("data", json!({"a": 1e2}))),
        (Some("Application/Vnd.Order+JSON; v=1"), b"null", ("data", Value::Null)),
        (Some("application/json"), b"\xef\xbb\xbf[]", ("data", json!([]))),
        (Some("application/json; charset=utf-16"), b"[\0]\0", ("data_base64", json!("WwBdAA=="))),
        (Some("text/plain"), b"\xc3\xa9", ("data", json!("\u{e9}"))),
        (Some("text/plain; charset=iso-8859-1"), b"\xe9", ("data_base64", json!("6Q=="))),
        (Some("application/xml"), b"<a/>", ("data_base64", json!("PGEvPg=="))),
        (None, b"7", ("data_base64", json!("Nw=="))),
    ] {
        let dir = Dir::new();
        let served = serve(&dir, "echoes", &[]);
        let header: Vec<_> = content_type.map(|value| ("content-type", value)).into_iter().collect();
        let event = held(&served, binary(&served, &header, body));
        assert_eq!(event.get(data.0), Some(&data.1), "{content_type:?}: {event}");
        assert_eq!(event.get("datacontenttype"), content_type.map(Value::from).as_ref());
    }
}

#[test]
fn data_that_is_not_there_is_not_there_in_any_mode() {
    let dir = Dir::new();
    let served = serve(&dir, "echoes", &[]);
    let event = held(&served, binary(&served, &[BINARY_JSON], ""));
    assert_eq!((event.get("data"), event.get("data_base64")), (None, None));
    assert_eq!(event["datacontenttype"], "application/json");
}

#[test]
fn in_the_json_format_null_is_absent_and_a_byte_order_mark_is_passed_over() {
    let dir = Dir::new();
    let served = serve(&dir, "echoes", &[]);
    let nulls = "\u{feff}".to_owned() + &event(r#","subject":null,"time":null,"tenant":null,"data":null"#);
    let answer = served.post("/events", &[STRUCTURED], &nulls);
    assert_eq!(held(&served, answer)["data"], Value::Null);
    let batch = format!("\u{feff}[{}]", event("").replace("\"1\"", "\"2\""));
    assert_eq!(served.post("/events", &[BATCHED], batch).assert_status(202).json()["accepted"], 1);
    let bare = served.post("/events?type=t", &[BINARY_JSON], "\u{feff}{}").assert_status(202).json();
    let plain = served.post("/events?type=t", &[BINARY_JSON], "{}").assert_status(202).json();
    assert_eq!((&bare["id"], &plain["fate"]), (&plain["id"], &json!("duplicate")));
}

#[test]
fn what_the_json_format_forbids_is_refused_by_its_name() {
    let dir = Dir::new();
    let served = serve(&dir, "echoes", &[]);
    let post = |body: &[u8]| served.post("/events", &[STRUCTURED], body);
    for (rest, parts) in [
        (r#","id":null"#, &["`id`", "twice"][..]),
        (r#","subject":"""#, &["`subject`", "empty"]),
        (r#","subject":7"#, &["`subject`", "must be a string"]),
        (r#","data":1,"data_base64":"AA==""#, &["`data`", "`data_base64`"]),
        (r#","data_base64":"AA""#, &["`data_base64`", "RFC 4648"]),
        (r#","data_base64":7"#, &["`data_base64`", "must be a string"]),
        (r#","tenant":1.5"#, &["`tenant`"]),
        (r#","tenant":{}"#, &["`tenant`"]),
        (r#","Tenant":"x""#, &["`Tenant`"]),
        (r#","time":"2018-04-05T03:56:24Z[UTC]""#, &["`time`", "RFC 3339"]),
    ] {
        post(event(rest).as_bytes()).assert_problem(400, "invalid-event", parts);
    }
    for absent in ["id", "source", "type", "specversion"] {
        let null = event("").replace(&format!("\"{absent}\":\""), &format!("\"{absent}\":null,\"x\":\""));
        let problem = post(null.as_bytes()).assert_problem(400, "invalid-event", &[]);
        assert_eq!(problem["attribute"], absent, "{null}");
    }
    let mut latin1 = event(r#","tenant":"x""#).into_bytes();
    let last = latin1.len() - 3;
    latin1[last] = 0xe9;
    post(&latin1).assert_problem(400, "invalid-event", &["UTF-8"]);
    let utf16: Vec<u8> = event("").encode_utf16().flat_map(u16::to_le_bytes).collect();
    post(&utf16).assert_problem(400, "invalid-event", &[]);
    assert_eq!(dir.count("event"), 0);
}

#[test]
fn a_batch_tells_each_items_fate_in_order_and_may_repeat_itself() {
    let dir = Dir::new();
    let served = serve(&dir, "echoes", &[]);
    let other = event("").replace("\"1.0\"", "\"0.3\"");
    let batch = format!("[{}, {other}, {}, null, []]", event(""), event(""));
    let answer = served.post("/events", &[BATCHED], batch).assert_status(207).json();
    let fates: Vec<_> =
        answer["events"].as_array().unwrap().iter().map(|item| item["fate"].clone()).collect();
    assert_eq!(fates, ["accepted", "rejected", "duplicate", "rejected", "rejected"]);
    assert_eq!(dir.count("rejected"), 3);
    let single = served.post("/events", &[BATCHED], event(""));
    single.assert_problem(400, "invalid-request", &["not a JSON array"]);
}

#[test]
fn whoever_shakes_hands_is_told_origin_and_rate_whether_it_asked_for_a_rate_or_not() {
    let dir = Dir::new();
    let served = serve(&dir, "echoes", &[]);
    let origin = ("webhook-request-origin", "eventemitter.example.com");
    let callback = ("webhook-request-callback", "http://127.0.0.1:1/confirm?key=secret");
    for headers in [&[origin][..], &[origin, ("webhook-request-rate", "many")], &[origin, callback]] {
        let welcome = served.options("/events", headers).assert_status(200);
        assert_eq!(welcome.headers["webhook-allowed-origin"], origin.1);
        assert_eq!(welcome.headers["webhook-allowed-rate"], "*");
        assert!(welcome.headers["allow"].contains("POST"));
    }
    for unnamed in [&[][..], &[("webhook-request-origin", "")]] {
        let refused = served.options("/events", unnamed);
        assert!(!refused.headers.contains_key("webhook-allowed-origin"));
        refused.assert_problem(400, "invalid-request", &["WebHook-Request-Origin"]);
    }
    // The origin comes with each delivery, and changes nothing.
    served.post("/events", &[STRUCTURED, origin], event("")).assert_status(202);
}
