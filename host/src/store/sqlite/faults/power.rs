//! Power cuts: at any access to the disk, in recovery too, and what is there afterwards is what the
//! store had said.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use rand::rngs::SmallRng;
use rand::{Rng, RngExt, SeedableRng};
use rusqlite::Connection;

use super::disk::{Disk, Plan};
use super::group::Group;
use super::ledger::Ledger;
use super::platter::Image;
use super::session::{Answered, Session};
use super::vfs::FaultyVfs;
use super::workload::{Workload, lost};
use super::write_image;
use crate::store::conformance::bench::id_of;
use crate::store::sqlite::connection::FileSettings;

/// Cuts that one database goes through before the next one is begun.
const CUTS_A_LIFE: u32 = 12;

/// Groups until an owner ends by itself; then the power goes in its last checkpoint, or after it.
const GROUPS_MAX: u32 = 25;

/// Checkpoints come that often; with as many pages as are shipped no life would see one.
const CHECKPOINT_PAGES: u32 = 40;

/// The index of the log, which its readers and writers share. It is memory more than a file: nobody syncs it,
/// and after a power cut anything may stand there.
const INDEX: &str = "evq.db-shm";

/// What a database went through.
pub struct Lived {
    pub cuts: u32,
    /// Times that an index lay beside the log of another moment.
    pub stale_indexes: u32,
}

/// One database from nothing through its power cuts.
struct Life<'a> {
    folder: &'a Path,
    synchronous: &'static str,
    random: SmallRng,
    workload: Workload,
    image: Image,
    ledger: Ledger,
    /// An index as some power cut found it.
    index: Option<Vec<u8>>,
    stale_indexes: u32,
    /// What was asked last and not answered.
    unanswered: Option<Group>,
}

/// Lives through power cuts; `Err` says which promise was broken.
pub fn live(seed: u64, synchronous: &'static str, folder: &Path) -> Result<Lived, String> {
    let mut life = Life {
        folder,
        synchronous,
        random: SmallRng::seed_from_u64(seed),
        workload: Workload::new(),
        image: Image::new(),
        ledger: Ledger::default(),
        index: None,
        stale_indexes: 0,
        unanswered: None,
    };
    for _ in 0..CUTS_A_LIFE {
        life.until_power_cut()?;
        life.check()?;
    }
    Ok(Lived { cuts: CUTS_A_LIFE, stale_indexes: life.stale_indexes })
}

impl Life<'_> {
    /// Early cuts strike in recovery, or while the database is made.
    fn next_cut(&mut self) -> usize {
        let accesses_max = *[30, 300, 1500].get(self.random.random_range(0..3)).expect("one of three");
        self.random.random_range(0..accesses_max)
    }

    fn until_power_cut(&mut self) -> Result<(), String> {
        write_image(self.folder, &self.image);
        self.leave_index(self.folder);
        let plan = Plan::PowerCut { at: self.next_cut() };
        let vfs = FaultyVfs::over(Disk::holding(&self.image, plan));
        let settings = FileSettings {
            vfs: Some(vfs.name()),
            synchronous: self.synchronous,
            checkpoint_pages: CHECKPOINT_PAGES,
            // The room of the folder is not that of the disk in the books.
            kept_free_bytes: 0,
        };
        match Session::open(&self.folder.join("evq.db"), &settings) {
            Ok((session, orphans)) => {
                let given: BTreeSet<String> = orphans.iter().map(id_of).collect();
                if !given.iter().eq(&self.ledger.leased()) {
                    return Err(format!("orphans {given:?}, but leased were {:?}", self.ledger.leased()));
                }
                self.work(session, lost(orphans))?;
            }
            Err(error) if vfs.disk().is_off() => drop(error),
            Err(error) => return Err(format!("it does not open after a power cut: {error}")),
        }
        self.image = vfs.disk().after_power_cut(&mut self.random);
        // Not each time, so that an older one may lie beside a younger log.
        if self.random.random_bool(0.5) {
            self.index = fs::read(self.folder.join(INDEX)).ok().or(self.index.take());
        }
        Ok(())
    }

    /// None, one as it was at this power cut or an earlier one, or one of which parts are noise.
    fn leave_index(&mut self, folder: &Path) {
        let Some(mut index) = self.index.clone().filter(|_| self.random.random_bool(0.7)) else { return };
        if self.random.random_bool(0.5) {
            let at = self.random.random_range(0..index.len());
            let end = index.len().min(at + 512);
            self.random.fill_bytes(&mut index[at..end]);
        }
        fs::write(folder.join(INDEX), index).unwrap();
        self.stale_indexes += 1;
    }

    fn work(&mut self, mut session: Session, first: Group) -> Result<(), String> {
        let mut group = first;
        for _ in 0..GROUPS_MAX {
            match session.write(&group, &mut self.ledger)? {
                Answered::All => {}
                Answered::Refused(error) => return Err(format!("the store goes on without power: {error}")),
                Answered::Unknown(group) => {
                    self.unanswered = Some(group);
                    return Ok(());
                }
            }
            group = self.workload.group(&session.leases, &mut self.random);
        }
        Ok(())
    }

    /// Reads a copy, for to look is to recover: the next owner shall find the disk as the cut left it.
    fn check(&mut self) -> Result<(), String> {
        let copy = self.folder.join("copy");
        write_image(&copy, &self.image);
        self.leave_index(&copy);
        let broken = |e: rusqlite::Error| format!("it cannot be read after a power cut: {e}");
        let connection = Connection::open(copy.join("evq.db")).map_err(broken)?;
        let found = read_sound(&connection).map_err(broken)??;
        self.ledger.explains(&found, self.unanswered.take().as_ref())?;
        self.ledger = found;
        Ok(())
    }
}

/// The database as a ledger, once SQLite has found no fault in it. One that was never made holds nothing.
pub fn read_sound(connection: &Connection) -> rusqlite::Result<Result<Ledger, String>> {
    let verdict: String = connection.query_row("PRAGMA integrity_check", [], |row| row.get(0))?;
    if verdict != "ok" {
        return Ok(Err(format!("the database is corrupt: {verdict}")));
    }
    let version: u32 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    let halves: u32 = match version {
        0 => return Ok(Ok(Ledger::default())),
        _ => connection.query_row(
            "SELECT count(*) FROM event e
             WHERE EXISTS (SELECT 1 FROM pending WHERE event_seq = e.seq)
                 = EXISTS (SELECT 1 FROM outcome WHERE event_seq = e.seq)",
            [],
            |row| row.get(0),
        )?,
    };
    if halves > 0 {
        return Ok(Err(format!("{halves} events are neither waiting nor settled, or both")));
    }
    Ledger::read(connection).map(Ok)
}
