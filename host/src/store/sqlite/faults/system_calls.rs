//! System calls that fail: each one of a fixed scenario, in each way it can, once and for ever.

use std::path::Path;

use rand::SeedableRng;
use rand::rngs::SmallRng;
use rusqlite::Connection;

use super::disk::{Call, Disk, Fault, Lasting, Plan};
use super::group::Group;
use super::ledger::Ledger;
use super::platter::Image;
use super::power::read_sound;
use super::session::{Answered, Session};
use super::vfs::FaultyVfs;
use super::workload::{Workload, lost};
use super::write_image;
use crate::store::StoreError;
use crate::store::conformance::bench::id_of;
use crate::store::sqlite::connection::FileSettings;

/// The scenario never changes, so that the k-th call is the same one in every run of it.
const SEED: u64 = 4;

/// Two owners, the first of which leaves leases behind. Each ends in a checkpoint of its own.
const GROUPS: [u32; 2] = [8, 4];

/// So few pages that checkpoints come in the middle, too.
const CHECKPOINT_PAGES: u32 = 15;

/// What a scenario showed beside keeping its promises.
pub struct Shown {
    pub calls: Vec<Call>,
    /// How many calls had been made when the first owner had the database.
    pub opened_at: usize,
    /// Whether every owner did all of its work.
    pub is_complete: bool,
    /// Whether the store refused something for want of room and served what came after.
    pub went_on: bool,
}

struct Scenario {
    ledger: Ledger,
    unanswered: Option<Group>,
    workload: Workload,
    random: SmallRng,
    opened_at: Option<usize>,
    owners_done: usize,
    refused: bool,
    went_on: bool,
}

/// Plays the scenario; `Err` says which promise was broken.
pub fn play(plan: Plan, folder: &Path) -> Result<Shown, String> {
    write_image(folder, &Image::new());
    let vfs = FaultyVfs::over(Disk::holding(&Image::new(), plan));
    let mut scenario = Scenario {
        ledger: Ledger::default(),
        unanswered: None,
        workload: Workload::new(),
        random: SmallRng::seed_from_u64(SEED),
        opened_at: None,
        owners_done: 0,
        refused: false,
        went_on: false,
    };
    let settings = FileSettings {
        vfs: Some(vfs.name()),
        checkpoint_pages: CHECKPOINT_PAGES,
        // The room of the folder is not that of the disk in the books.
        kept_free_bytes: 0,
        ..FileSettings::SHIPPED
    };
    for groups in GROUPS {
        if scenario.unanswered.is_none() {
            scenario.own(&folder.join("evq.db"), &settings, vfs.disk(), groups, plan)?;
        }
    }
    scenario.check_synced(&vfs.disk().synced(), &folder.join("copy"))?;
    scenario.check_left(folder)?;
    Ok(Shown {
        calls: vfs.disk().calls(),
        opened_at: scenario.opened_at.unwrap_or(usize::MAX),
        is_complete: scenario.owners_done == GROUPS.len() && !scenario.refused,
        went_on: scenario.went_on,
    })
}

impl Scenario {
    /// One owner. One that cannot open the database says so, and is none.
    fn own(
        &mut self,
        path: &Path,
        settings: &FileSettings,
        disk: &Disk,
        groups: u32,
        plan: Plan,
    ) -> Result<(), String> {
        let Ok((mut session, orphans)) = Session::open(path, settings) else { return Ok(()) };
        self.opened_at.get_or_insert_with(|| disk.calls().len());
        let mut group = lost(orphans);
        for _ in 0..groups {
            match session.write(&group, &mut self.ledger)? {
                Answered::All => self.went_on |= self.refused,
                Answered::Refused(error) => self.refuse(&error, plan)?,
                Answered::Unknown(group) => {
                    self.unanswered = Some(group);
                    return Ok(());
                }
            }
            group = self.workload.group(&session.leases, &mut self.random);
        }
        self.owners_done += 1;
        Ok(())
    }

    /// Only want of room may be refused and gone on from.
    fn refuse(&mut self, error: &StoreError, plan: Plan) -> Result<(), String> {
        self.refused = true;
        match (error, plan) {
            (StoreError::Full { .. }, Plan::Fail { fault: Fault::NoRoom, .. }) => Ok(()),
            _ => Err(format!("the store goes on after: {error}")),
        }
    }

    /// After a power cut, too, with nothing kept that a failed sync had been asked for.
    fn check_synced(&self, image: &Image, copy: &Path) -> Result<(), String> {
        write_image(copy, image);
        self.check(copy).map(drop).map_err(|broken| format!("after a power cut: {broken}"))
    }

    /// As the end of the process leaves it; the next owner on a sound disk finds all of it.
    fn check_left(&self, folder: &Path) -> Result<(), String> {
        let found = self.check(folder)?;
        let next = Session::open(&folder.join("evq.db"), &FileSettings::SHIPPED);
        let (_, orphans) = next.map_err(|e| format!("it does not open again: {e}"))?;
        let mut given: Vec<String> = orphans.iter().map(id_of).collect();
        given.sort();
        if given != found.leased() {
            return Err(format!("orphans {given:?}, but leased were {:?}", found.leased()));
        }
        Ok(())
    }

    fn check(&self, folder: &Path) -> Result<Ledger, String> {
        let unreadable = |e: rusqlite::Error| format!("it cannot be read: {e}");
        let connection = Connection::open(folder.join("evq.db")).map_err(unreadable)?;
        let found = read_sound(&connection).map_err(unreadable)??;
        self.ledger.explains(&found, self.unanswered.as_ref())?;
        Ok(found)
    }
}

/// Every way in which every call of the scenario can fail.
pub fn plans(calls: &[Call]) -> Vec<Plan> {
    let numbered = calls.iter().enumerate();
    numbered
        .flat_map(|(at, call)| {
            let faults = [Fault::Io, Fault::NoRoom].into_iter().filter(|fault| fault.code(*call).is_some());
            faults.flat_map(move |fault| {
                [Lasting::Once, Lasting::ForEver].map(|lasting| Plan::Fail { at, fault, lasting })
            })
        })
        .collect()
}
