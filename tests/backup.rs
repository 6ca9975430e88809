//! `backup`: a whole copy of one moment, also of a database that is being written.

use std::collections::HashSet;

use crate::support::{Dir, evq, good, guest, many, serve};

#[test]
fn a_backup_made_while_a_server_writes_holds_all_that_was_accepted_before_and_is_sound() {
    let dir = Dir::new();
    std::fs::create_dir(dir.file("copy")).unwrap();
    let served = serve(&dir, "counts", &[]);
    let batch = |ids: std::ops::Range<u32>| format!("[{}]", ids.map(good).collect::<Vec<_>>().join(","));
    let headers = [("content-type", "application/cloudevents-batch+json")];
    let send = |ids| served.post("/events", &headers, batch(ids)).assert_status(202);
    send(0..5000);
    std::thread::scope(|scope| {
        let before = dir.count("event");
        let backing_up = scope.spawn(|| evq(["backup", "copy/evq.db", "--json"]).in_(&dir).assert_code(0));
        for first in (5000..).step_by(500).take_while(|_| !backing_up.is_finished()) {
            send(first..first + 500);
        }
        let made = backing_up.join().unwrap().json_lines().remove(0);
        let events = made["events"].as_u64().unwrap();
        assert!((before..=dir.count("event")).contains(&events), "{before} {events}");
        assert_eq!(made["file"], "copy/evq.db");
    });
    let copy = dir.inside("copy");
    assert_eq!(std::fs::read_dir(copy.path()).unwrap().count(), 1, "one file, and nothing left beside it");
    let ids = copy.sql("SELECT CAST(id AS INTEGER) FROM event ORDER BY 1");
    let ids: HashSet<&str> = ids.lines().collect();
    assert!((0..5000).all(|id| ids.contains(&*id.to_string())));
    evq(["run", &guest("counts"), "--no-wait"]).in_(&copy).assert_code(0);
    assert_eq!(copy.count("results"), ids.len() as u64, "what was not settled then is settled now");
    copy.assert_sound();
}

#[test]
fn a_backup_overwrites_nothing_and_leaves_nothing_when_it_fails() {
    let dir = Dir::new();
    dir.events(many(3));
    evq(["run", &guest("echoes"), "events.ndjson", "--quiet"]).in_(&dir).assert_code(0);
    let made = evq(["backup", "copy.db"]).in_(&dir).assert_code(0);
    assert!(made.stdout().starts_with("copy.db: 3 events"), "{}", made.stdout());
    assert_eq!(made.stderr(), "", "no progress in a pipe");
    evq(["backup", "copy.db"]).in_(&dir).assert_refused(2, &["copy.db is there already", "new file"]);
    evq(["backup", "evq.db"]).in_(&dir).assert_refused(2, &["evq.db is there already"]);
    evq(["backup", "no/copy.db"]).in_(&dir).assert_refused(3, &["no/copy.db", "No such file"]);
    evq(["backup", "more.db", "--db", "none.db"]).in_(&dir).assert_refused(3, &["no database at none.db"]);
    evq(["backup", "more.db", "--db", "events.ndjson"]).in_(&dir).assert_refused(3, &["events.ndjson"]);
    let mut left: Vec<_> =
        std::fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    left.sort();
    assert!(!left.iter().any(|name| name.to_string_lossy().contains("backup")), "{left:?}");
}
