//! The producer's ledger: what it sent, what it was told, and what the database must hold for it.

use std::collections::{BTreeMap, BTreeSet};

use rand::RngExt;
use rand::rngs::SmallRng;
use serde_json::Value;

use crate::support::{Dir, saying};

/// Events that `lives_hard` emits on each event from outside.
const EMITTED: u64 = 2;

#[derive(Default)]
pub struct Ledger {
    /// Each event's line, by its id.
    sent: BTreeMap<String, String>,
    unanswered: BTreeSet<String>,
    /// Sent by an earlier process and not answered: these may be known already.
    sent_before: BTreeSet<String>,
    acknowledged: BTreeSet<String>,
    /// Source and id of each result that was told.
    results: BTreeSet<(String, String)>,
    audit: Audit,
}

/// How the ledger and the database compare.
#[derive(Default)]
pub struct Audit {
    pub acknowledged: u64,
    /// Acknowledged and dead, because the host was killed again and again while they ran.
    pub buried: u64,
    /// Stored, and known already when they were sent again: their first answer was lost.
    pub untold: u64,
    pub lost: Vec<String>,
    pub duplicated: Vec<String>,
    pub invented: Vec<String>,
}

/// What a line said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    Accepted,
    Result,
}

impl Ledger {
    /// Writes a new event down as sent.
    pub fn new_event(&mut self, random: &mut SmallRng) -> String {
        let id = format!("e{}", self.sent.len());
        let says = [".", ".", "#", "@", "!"][random.random_range(0..5)];
        // A long one now and then fills the log, so that it is copied into the database.
        let padding = if random.random_ratio(1, 8) { random.random_range(0..4000) } else { 0 };
        let line = saying(&id, &format!("{says}{}", "x".repeat(padding)));
        self.unanswered.insert(id.clone());
        self.sent.insert(id, line.clone());
        line
    }

    /// The lines of all that no answer came for, in the order of their ids.
    pub fn unanswered(&self) -> Vec<String> {
        self.unanswered.iter().map(|id| self.sent[id].clone()).collect()
    }

    /// The process is dead. Most of what was not answered will be sent again; some of it never,
    /// because producers die, too.
    pub fn producer_restarts(&mut self, random: &mut SmallRng) {
        self.unanswered.retain(|_| random.random_ratio(7, 8));
        self.sent_before = self.unanswered.clone();
    }

    /// Writes down what a whole line says.
    pub fn note(&mut self, line: &str) -> Told {
        let said: Value = serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}"));
        let id = said["event_id"].as_str().unwrap_or_default().to_owned();
        if said.get("status").is_some() {
            let source = said["source"].as_str().unwrap_or_default().to_owned();
            if !self.results.insert((source, id)) {
                self.audit.duplicated.push(format!("told twice: {line}"));
            }
            return Told::Result;
        }
        let is_expected = match said["fate"].as_str() {
            Some("enqueued") => true,
            Some("duplicate") => {
                self.audit.untold += 1;
                self.sent_before.contains(&id)
            }
            _ => false,
        };
        if !is_expected || !self.unanswered.remove(&id) {
            self.audit.invented.push(format!("no such answer was due: {line}"));
        }
        self.acknowledged.insert(id);
        Told::Accepted
    }

    /// Compares with a database that has finished.
    pub fn audit(mut self, dir: &Dir) -> Audit {
        dir.assert_sound();
        assert!(self.unanswered.is_empty(), "no answer came for {:?}", self.unanswered);
        self.audit.acknowledged = self.acknowledged.len() as u64;
        self.compare_events(dir);
        self.compare_results(dir);
        self.compare_emitted(dir);
        self.audit
    }

    /// What is stored is what was sent, byte for byte.
    fn compare_events(&mut self, dir: &Dir) {
        let stored = dir.sql("SELECT json FROM event WHERE parent_seq IS NULL");
        let stored: BTreeSet<&str> = stored.lines().collect();
        let missing = self.acknowledged.iter().filter(|id| !stored.contains(&*self.sent[*id]));
        self.audit.lost.extend(missing.map(|id| format!("event {id}")));
        let sent: BTreeSet<&str> = self.sent.values().map(String::as_str).collect();
        self.audit.invented.extend(stored.difference(&sent).map(|line| format!("never sent: {line}")));
    }

    /// Every acknowledged event has one row, and so has every result that was told.
    fn compare_results(&mut self, dir: &Dir) {
        let rows = dir.sql("SELECT source, event_id, status, ifnull(error, '') FROM results");
        let mut found = BTreeSet::new();
        for row in rows.lines() {
            let mut cells = row.splitn(4, '|');
            let [source, id, status, error] = std::array::from_fn(|_| cells.next().unwrap().to_owned());
            if status == "dead" {
                // Nothing else can kill these events.
                assert!(error.contains("the host ended"), "{row}");
                self.audit.buried += 1;
            }
            if !found.insert((source, id)) {
                self.audit.duplicated.push(format!("two rows: {row}"));
            }
        }
        let without_row = |id: &&String| !found.contains(&("/test".to_owned(), (*id).clone()));
        let lost = self.acknowledged.iter().filter(without_row).map(|id| format!("result of {id}"));
        self.audit.lost.extend(lost);
        let taken_back = self.results.difference(&found).map(|(_, id)| format!("told result of {id}"));
        self.audit.lost.extend(taken_back);
    }

    /// An event that ended well has its emitted events, each once and each with its own row.
    fn compare_emitted(&mut self, dir: &Dir) {
        let counts = dir.sql(
            "SELECT event.id, outcome.dead, count(child.seq), count(own.event_seq)
             FROM event JOIN outcome ON outcome.event_seq = event.seq
             LEFT JOIN event AS child ON child.parent_seq = event.seq
             LEFT JOIN outcome AS own ON own.event_seq = child.seq
             WHERE event.parent_seq IS NULL GROUP BY event.seq",
        );
        for row in counts.lines() {
            let cells: Vec<&str> = row.split('|').collect();
            let due = if cells[1] == "1" { 0 } else { EMITTED };
            for emitted in &cells[2..] {
                match emitted.parse::<u64>().unwrap() {
                    some if some < due => self.audit.lost.push(format!("emitted by {row}")),
                    some if some > due => self.audit.duplicated.push(format!("emitted by {row}")),
                    _ => {}
                }
            }
        }
    }
}
