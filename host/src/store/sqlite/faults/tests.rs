//! The proofs: nothing acknowledged is lost, doubled or torn.

use super::disk::{Call, Fault, Lasting, Plan};
use super::{power, system_calls};

/// As many as fit into some seconds; `EVQ_POWER_CUTS` asks for more.
const POWER_CUTS: u32 = 1200;

/// NORMAL and OFF lose something sooner than that.
const CUTS_UNTIL_LOSS_MAX: u32 = 1200;

fn size(variable: &str, default: u32) -> u32 {
    std::env::var(variable).map_or(default, |size| size.parse().expect("a number"))
}

fn seed() -> u64 {
    let given = std::env::var("EVQ_SEED").ok().and_then(|seed| seed.parse().ok());
    let seed = given.unwrap_or_else(rand::random);
    println!("to begin with the same life: EVQ_SEED={seed}");
    seed
}

/// A folder in memory where there is one: what is real of these disks is in the books.
fn folder() -> tempfile::TempDir {
    let in_memory = tempfile::tempdir_in("/dev/shm");
    in_memory.or_else(|_| tempfile::tempdir()).unwrap()
}

#[test]
fn a_power_cut_loses_nothing_that_was_acknowledged() {
    let (folder, mut seed) = (folder(), seed());
    let (cuts_wanted, mut cuts, mut stale) = (size("EVQ_POWER_CUTS", POWER_CUTS), 0, 0);
    while cuts < cuts_wanted {
        let lived = power::live(seed, "FULL", folder.path());
        let lived = lived.unwrap_or_else(|broken| panic!("EVQ_SEED={seed}: {broken}"));
        cuts += lived.cuts;
        stale += lived.stale_indexes;
        seed = seed.wrapping_add(1);
    }
    assert!(stale > cuts / 4, "only {stale} times an index was left beside the log");
    println!(
        "EVIDENCE power_cuts={cuts} power_cut_stale_indexes={stale} power_cut_lost=0 \
         power_cut_duplicated=0 power_cut_corrupt=0"
    );
}

/// The teeth of the proof above: with a sync fewer it fails.
#[test]
fn without_a_sync_at_each_commit_a_power_cut_loses_something() {
    let folder = folder();
    for synchronous in ["NORMAL", "OFF"] {
        let (mut seed, mut cuts) = (seed(), 0);
        let broken = loop {
            match power::live(seed, synchronous, folder.path()) {
                Ok(lived) => cuts += lived.cuts,
                Err(broken) => break broken,
            }
            assert!(cuts < CUTS_UNTIL_LOSS_MAX, "{synchronous}: nothing was lost in {cuts} power cuts");
            seed = seed.wrapping_add(1);
        };
        let is_loss = ["said", "corrupt", "there in part", "cannot be read", "neither"];
        assert!(is_loss.iter().any(|words| broken.contains(words)), "EVQ_SEED={seed}: {broken}");
        println!("{synchronous}: within {} power cuts: {broken:.200}", cuts + 12);
    }
}

#[test]
fn whatever_system_call_fails_nothing_acknowledged_is_lost_and_the_rest_is_whole_or_absent() {
    let folder = folder();
    let healthy = system_calls::play(Plan::Nothing, folder.path()).unwrap();
    let plans = system_calls::plans(&healthy.calls);
    let mut went_on = 0;
    for plan in &plans {
        let shown = system_calls::play(*plan, folder.path());
        let shown = shown
            .unwrap_or_else(|broken| panic!("{plan:?} of {:?}: {broken}", call_of(plan, &healthy.calls)));
        went_on += u32::from(shown.went_on);
    }
    assert!(went_on > 10, "only {went_on} times the store went on once there was room");
    println!("EVIDENCE disk_faults={} disk_fault_lost=0", plans.len());
}

/// SQLite keeps a failed checkpoint to itself, and may: nobody was told "accepted" on the strength of it, the
/// log holds all of it still, and a later checkpoint writes all of its pages again. A commit whose sync
/// fails is another matter: there the store stops.
#[test]
fn a_failed_sync_of_a_checkpoint_costs_nothing_and_one_of_a_commit_stops_the_store() {
    let folder = folder();
    let healthy = system_calls::play(Plan::Nothing, folder.path()).unwrap();
    let (mut checkpoints, mut stopped) = (0, 0);
    for (at, call) in healthy.calls.iter().enumerate().skip(healthy.opened_at) {
        if !matches!(call, Call::SyncDatabase | Call::SyncLog) {
            continue;
        }
        let plan = Plan::Fail { at, fault: Fault::Io, lasting: Lasting::Once };
        let shown = system_calls::play(plan, folder.path()).unwrap_or_else(|broken| panic!("{at}: {broken}"));
        match call {
            Call::SyncDatabase => {
                assert!(shown.is_complete, "the store did not go on after the checkpoint at call {at}");
                checkpoints += 1;
            }
            _ => stopped += u32::from(!shown.is_complete),
        }
    }
    // Each of the two owners ends with one.
    assert!(checkpoints > 2 && stopped > 8, "{checkpoints} checkpoints, {stopped} times stopped");
}

fn call_of(plan: &Plan, calls: &[Call]) -> Option<Call> {
    match plan {
        Plan::Fail { at, .. } => calls.get(*at).copied(),
        _ => None,
    }
}
