//! `kill -9`, for real: the shipped program under a producer with a ledger, killed at any moment of
//! its life and started again on the same database.
//!
//! The test is the producer. It writes down what it was told was accepted, and sends again only what
//! it was not told of. `EVQ_KILLS` sets how many kills there are; `EVQ_SEED` walks the same way again.

mod ledger;
mod life;
mod moment;

use std::time::Duration;

use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};

use self::ledger::{Audit, Ledger};
use self::life::{Life, finish, live};
use self::moment::Moment;
use crate::support::{Dir, seed, size};

const KILLS: u64 = 250;

/// A database goes through at most so many kills before it is finished and audited.
const KILLS_OF_ONE_DATABASE_MAX: u64 = 24;

/// What all databases have shown together.
#[derive(Default)]
struct Evidence {
    kills: u64,
    acknowledged: u64,
    buried: u64,
    /// Kills after which the database was looked into, and those of them that lost attempts.
    looked: u64,
    lost_attempts: u64,
    /// Events that were stored, and the process killed before it had said so.
    untold: u64,
    recoveries: Vec<Duration>,
    lost: Vec<String>,
    duplicated: Vec<String>,
    invented: Vec<String>,
}

#[test]
fn whatever_moment_it_is_killed_at_nothing_acknowledged_is_lost_or_doubled() {
    let mut random = SmallRng::seed_from_u64(seed());
    let kills = size("EVQ_KILLS", KILLS);
    let mut evidence = Evidence::default();
    while evidence.kills < kills && evidence.is_clean() {
        let of_this_database = random.random_range(1..=KILLS_OF_ONE_DATABASE_MAX).min(kills - evidence.kills);
        evidence.wear_out_a_database(&mut random, of_this_database);
    }
    evidence.print();
    assert!(evidence.is_clean(), "{:?}", (&evidence.lost, &evidence.duplicated, &evidence.invented));
    // What never lost a running attempt, nor an answer on its way, was not killed in its work.
    assert!(kills < KILLS || (evidence.lost_attempts > 0 && evidence.untold > 0), "killed too gently");
}

impl Evidence {
    /// Kills one database again and again, then lets it finish, and compares it with the ledger.
    fn wear_out_a_database(&mut self, random: &mut SmallRng, kills: u64) {
        let dir = Dir::new();
        let mut ledger = Ledger::default();
        for _ in 0..kills {
            let moment = Moment::draw(random);
            self.note(live(&dir, &mut ledger, random, moment));
            self.kills += 1;
            if random.random_ratio(1, 4) {
                self.look_into(&dir);
            }
            ledger.producer_restarts(random);
        }
        self.note(finish(&dir, &mut ledger, random));
        self.add(ledger.audit(&dir));
    }

    fn note(&mut self, life: Life) {
        self.recoveries.extend(life.first_result_after);
    }

    /// What people do after a crash, too: open the file before the program does.
    fn look_into(&mut self, dir: &Dir) {
        self.looked += 1;
        if dir.file("evq.db").exists() {
            dir.mend();
            assert_eq!(dir.sql("PRAGMA integrity_check"), "ok");
            self.lost_attempts += u64::from(dir.count("pending WHERE leased = 1") > 0);
        }
    }

    fn add(&mut self, audit: Audit) {
        self.acknowledged += audit.acknowledged;
        self.buried += audit.buried;
        self.untold += audit.untold;
        self.lost.extend(audit.lost);
        self.duplicated.extend(audit.duplicated);
        self.invented.extend(audit.invented);
    }

    fn is_clean(&self) -> bool {
        self.lost.is_empty() && self.duplicated.is_empty() && self.invented.is_empty()
    }

    fn print(&mut self) {
        self.recoveries.sort();
        let longest = self.recoveries.last().map_or(0, Duration::as_millis);
        let median = self.recoveries.get(self.recoveries.len() / 2).map_or(0, Duration::as_millis);
        println!(
            "of {} kills looked into {} lost running attempts; {} events were stored and not yet told",
            self.looked, self.lost_attempts, self.untold
        );
        println!(
            "EVIDENCE kills={} acknowledged={} kill_lost={} kill_duplicated={} kill_invented={} \
             kill_buried={} recovery_ms_longest={longest} recovery_ms_median={median}",
            self.kills,
            self.acknowledged,
            self.lost.len(),
            self.duplicated.len(),
            self.invented.len(),
            self.buried,
        );
    }
}
