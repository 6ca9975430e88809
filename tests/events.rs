//! What is an event, what is not, and that both are kept as they came.

use crate::support::{Dir, evq, good, guest, many, saying, until};

/// Bad lines, each with a part of the reason for which it is rejected.
fn bad_lines() -> Vec<(Vec<u8>, &'static str)> {
    let with = |attributes: &str| {
        format!(r#"{{"specversion":"1.0","id":"x","source":"/s","type":"t",{attributes}}}"#).into_bytes()
    };
    let text = |line: &str| line.as_bytes().to_vec();
    vec![
        (text("hello"), "not a CloudEvents JSON object"),
        (text("[1,2]"), "not a CloudEvents JSON object"),
        (text("{\"specversion\":\"1.0\""), "EOF"),
        (text(&(good(1) + "{}")), "trailing characters"),
        (text(r#"{"specversion":"1.0","source":"/s","type":"t"}"#), "`id` is missing"),
        (text(r#"{"specversion":"1.0","id":"x","type":"t"}"#), "`source` is missing"),
        (text(r#"{"specversion":"1.0","id":"x","source":"/s"}"#), "`type` is missing"),
        (text(r#"{"id":"x","source":"/s","type":"t"}"#), "`specversion` is missing"),
        (text(r#"{"specversion":"0.3","id":"x","source":"/s","type":"t"}"#), "this host speaks \"1.0\""),
        (text(r#"{"specversion":"1.0","id":"","source":"/s","type":"t"}"#), "`id` is empty"),
        (text(r#"{"specversion":"1.0","id":7,"source":"/s","type":"t"}"#), "must be a string"),
        (text(r#"{"specversion":"1.0","id":null,"source":"/s","type":"t"}"#), "`id` is missing"),
        (text(r#"{"specversion":"1.0","id":"x","source":"a b","type":"t"}"#), "not a URI reference"),
        (text(r#"{"specversion":"1.0","id":"a\u0000b","source":"/s","type":"t"}"#), "U+0000"),
        (text(r#"{"specversion":"1.0","id":"a\u009bb","source":"/s","type":"t"}"#), "U+009B"),
        (with(r#""id":"y""#), "`id` is given twice"),
        (with(r#""seen":"a","seen":"b""#), "`seen` is given twice"),
        (with(r#""data":1,"data":2"#), "`data` is given twice"),
        (with(r#""data":1,"data_base64":"AA==""#), "both `data` and `data_base64`"),
        (with(r#""data_base64":"not base64!""#), "not base64"),
        (with(r#""data_base64":7"#), "must be a string"),
        (with(r#""Region":"eu""#), "names are 1 to 64 of a-z and 0-9"),
        (with(r#""ratio":1.5"#), "ratio"),
        (with(r#""count":2147483648"#), "count"),
        (with(r#""where":{"lat":1}"#), "is it part of `data`?"),
        (with(r#""time":"yesterday""#), "not an RFC 3339 time"),
        (with(r#""time":"2026-13-01T00:00:00Z""#), "not an RFC 3339 time"),
        (with(r#""datacontenttype":"""#), "`datacontenttype` is empty"),
        (with(&format!(r#""long":"{}""#, "x".repeat(2049))), "2049 bytes long, the limit is 2048"),
        (b"{\"id\":\"\xff\"}".to_vec(), "is not UTF-8"),
        (with(&format!(r#""data":"{}""#, "x".repeat(4096))), "the limit is 4096; raise --max-event"),
    ]
}

#[test]
fn every_bad_line_is_kept_with_its_place_and_reason_and_the_rest_goes_on() {
    let dir = Dir::new();
    let mut file = Vec::new();
    for (n, (line, _)) in bad_lines().iter().enumerate() {
        file.extend([line, &b"\n"[..], good(n).as_bytes(), b"\n"].concat());
    }
    dir.write("mixed.ndjson", file);
    let typed = evq(["run", &guest("echoes"), "mixed.ndjson", "--json", "--max-event", "4096"]);
    let sum = typed.in_(&dir).assert_code(1).summary();
    let bad = bad_lines().len() as u64;
    assert_eq!((sum.read, sum.rejected, sum.ok), (2 * bad, bad, bad));
    for (n, (line, reason)) in bad_lines().into_iter().enumerate() {
        let kept = format!("file = 'mixed.ndjson' AND line = {}", 2 * n + 1);
        let why = dir.sql(&format!("SELECT reason FROM rejected WHERE {kept}"));
        assert!(why.contains(reason), "{}: {why}", String::from_utf8_lossy(&line));
        let start = &line[..line.len().min(4096 + 2)];
        assert_eq!(dir.count(&format!("rejected WHERE {kept} AND bytes = x'{}'", hex::encode(start))), 1);
    }
}

#[test]
fn a_rejected_line_from_a_pipe_is_named_by_a_dash() {
    let dir = Dir::new();
    evq(["run", &guest("echoes")]).stdin("\n\nnonsense\n").in_(&dir).assert_code(1);
    assert_eq!(dir.sql("SELECT file, line, CAST(bytes AS TEXT) FROM rejected"), "-|3|nonsense");
}

#[test]
fn what_is_unusual_and_valid_is_accepted_as_it_is() {
    let dir = Dir::new();
    let lines = [
        r#"{"type":"t","source":"/s","id":"big","specversion":"1.0","data":{"z":12345678901234567890123,"a":1.50,"m":1e400}}"#,
        r#"{ "specversion" : "1.0" , "id" : "spaced" , "source":"urn:x" , "type":"t" , "data" : [ ] }"#,
        r#"{"specversion":"1.0","id":"ext","source":"/s","type":"t","traceparent":"00-ab","n":7,"yes":true,"none":null}"#,
        r#"{"specversion":"1.0","id":"bytes","source":"/s","type":"t","data_base64":"AP+A"}"#,
        r#"{"specversion":"1.0","id":"time","source":"/s","type":"t","time":"2026-01-31T12:00:00.123456789+05:30"}"#,
        r#"{"specversion":"1.0","id":"esc\u0061ped/ü€𝄞","source":"//h/p?q#f","type":"t","data":"\u0000\ud83d\ude00"}"#,
        r#"{"specversion":"1.0","id":"nothing","source":"/s","type":"t","data":null}"#,
    ];
    dir.events(lines.map(str::to_owned));
    let sum = evq(["run", &guest("echoes"), "events.ndjson", "--json"]).in_(&dir).assert_code(0).summary();
    assert_eq!(sum.ok, lines.len() as u64);
    assert_eq!(dir.sql("SELECT json FROM event ORDER BY seq"), lines.join("\n"));
    assert_eq!(dir.sql("SELECT output FROM results"), lines.join("\n"));
    assert_eq!(dir.count("results WHERE event_id = 'escaped/ü€𝄞'"), 1);
}

#[test]
fn big_integers_and_the_order_of_keys_survive_to_every_listing() {
    let dir = Dir::new();
    let data = r#"{"z":12345678901234567890123,"a":1.50}"#;
    let line = format!(r#"{{"specversion":"1.0","id":"1","source":"/s","type":"t","data":{data}}}"#);
    let ended = evq(["run", &guest("echoes"), "-", "--print"]).stdin(line).in_(&dir);
    assert!(ended.stdout().contains(data));
    for command in [&["results"][..], &["results", "--json"], &["show", "1"], &["show", "1", "--json"]] {
        assert!(evq(command).in_(&dir).assert_code(0).stdout().contains(data), "{command:?}");
    }
}

#[test]
fn data_may_be_nested_as_deep_as_its_sender_likes() {
    let dir = Dir::new();
    let data = format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
    dir.write("deep.json", saying(1, "").replace("\"\"", &data));
    evq(["run", &guest("echoes"), "deep.json"]).in_(&dir).assert_code(0);
    for command in
        [&["results", "--json"][..], &["results", "--csv"], &["show", "1"], &["show", "1", "--json"]]
    {
        assert!(evq(command).in_(&dir).assert_code(0).stdout().contains(&data), "{command:?}");
    }
    let pointed = evq(["run", &guest("echoes"), "deep.json", "--raw", "t", "--id-pointer", "/id"]);
    pointed.in_(&dir).assert_code(1);
    assert!(dir.sql("SELECT reason FROM rejected").contains("recursion limit exceeded"));
}

#[test]
fn byte_order_mark_line_ends_of_windows_and_blank_lines_do_no_harm() {
    let dir = Dir::new();
    let [a, b, c] = ["a", "b", "c"].map(good);
    dir.write("windows.ndjson", format!("\u{feff}{a}\r\n\r\n   \n{b}\r\n\n{c}"));
    let sum = evq(["run", &guest("echoes"), "windows.ndjson", "--json"]).in_(&dir).assert_code(0).summary();
    assert_eq!((sum.read, sum.ok, sum.rejected), (3, 3, 0));
    assert_eq!(dir.sql("SELECT json FROM event ORDER BY seq"), [a, b, c].join("\n"));
}

#[test]
fn an_event_may_be_as_large_as_the_limit_says_and_no_larger() {
    let dir = Dir::new();
    let sized = |id: &str, bytes: usize| {
        let empty = saying(id, "");
        empty.replace(r#""data":"""#, &format!(r#""data":"{}""#, "x".repeat(bytes - empty.len())))
    };
    dir.events([sized("fits", 1 << 20), sized("over", (1 << 20) + 1)]);
    evq(["run", &guest("echoes"), "events.ndjson"]).in_(&dir).assert_code(1);
    assert_eq!(dir.sql("SELECT event_id, length(output) FROM results"), "fits|1048576");
    assert_eq!(
        dir.sql("SELECT line, reason, length(bytes) FROM rejected"),
        "2|the event is 1048577 bytes, the limit is 1048576; raise --max-event|65536"
    );
}

/// 300 MB on one line, written to a pipe while the reader's memory is watched.
#[test]
#[cfg(target_os = "linux")]
fn a_line_of_any_length_costs_little_memory() {
    let dir = Dir::new();
    let mut running = evq(["run", &guest("echoes"), "--print"]).start_in(&dir);
    let megabyte = vec![b'x'; 1_000_000];
    (0..300).for_each(|_| running.write(&megabyte));
    running.write(format!("\n{}\n", good(1)).as_bytes());
    assert!(running.line().contains(r#""status":"ok""#));
    let status = std::fs::read_to_string(format!("/proc/{}/status", running.pid())).unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    let peak_kib: u64 = peak.trim().trim_end_matches(" kB").parse().unwrap();
    assert!(peak_kib < 100 * 1024, "{peak_kib} KiB for a line of 300 MB");
    running.wait().assert_code(1);
    assert!(dir.sql("SELECT reason FROM rejected").contains("300000000 bytes"));
}

/// Reading waits for the queue, so a file of any size passes through as a window.
#[test]
fn reading_runs_only_so_far_ahead_of_the_queue() {
    let dir = Dir::new();
    dir.events(many(100_000));
    let running = evq(["run", &guest("works_long"), "events.ndjson"]).start_in(&dir);
    // By then a reader that waits for nobody has taken in the whole file.
    until("some events are done", || (dir.count("outcome") > 500).then_some(()));
    let taken_in = dir.count("event");
    assert!(taken_in < 40_000, "{taken_in} events were taken in ahead of 500 results");
    running.kill();
}
