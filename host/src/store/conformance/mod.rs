//! What every back end must do: one suite, run on each.
//!
//! A test is a small function over a [`Bench`], which hides the back end. The list below names each
//! of them once; a test that is not listed does not compile, because it is dead code.

mod activity;
mod backends;
pub mod bench;
mod simulation;

mod browse;
mod cancel;
mod claims;
mod counts;
mod dead;
mod emitted;
mod enqueue;
mod events;
mod exchanges;
mod modules;
mod orphans;
mod pages;
mod recorded;
mod results;
mod retain;
mod routes;
mod settlements;
mod stats;
mod unsettled;
mod waiting;

use backends::{MemoryBackend, SqliteBackend};
use bench::Bench;

macro_rules! on_each_back_end {
    ($($subject:ident { $($test:ident)+ })+) => {
        mod on_memory {
            $(mod $subject { $(#[test] fn $test() {
                super::super::$subject::$test(&mut super::super::Bench::on(super::super::MemoryBackend::open()));
            })+ })+
        }
        mod on_sqlite {
            $(mod $subject { $(#[test] fn $test() {
                super::super::$subject::$test(&mut super::super::Bench::on(super::super::SqliteBackend::open()));
            })+ })+
        }
    };
}

on_each_back_end! {
    enqueue {
        a_new_event_is_enqueued_and_the_same_again_is_a_duplicate
        an_event_twice_in_one_batch_is_stored_once
        the_same_id_from_another_source_is_another_event
        another_handler_gets_the_same_event
        a_settled_event_stays_known
        the_first_text_of_an_event_is_kept
        rejected_lines_are_counted
    }
    routes {
        an_event_goes_to_each_of_its_handlers_and_is_settled_by_each
        an_event_that_goes_to_nobody_is_kept_and_counted
        an_unmatched_event_that_comes_again_with_a_handler_is_queued
        an_event_known_to_one_handler_is_queued_for_the_other
        a_waiting_claim_does_not_take_another_handlers_part
        emitted_events_go_where_they_are_routed
    }
    cancel {
        a_waiting_event_is_dead_at_once_by_an_attempt_that_nobody_ran
        what_runs_is_not_cancelled
        one_handlers_part_is_cancelled_alone
        an_event_that_waits_for_its_time_is_cancelled
        a_cancelled_event_is_not_claimed_and_can_be_retried
        what_is_not_there_or_ended_is_not_cancelled
    }
    activity {
        a_pause_survives_the_owner
    }
    claims {
        the_oldest_comes_first
        an_event_is_leased_once
        a_claim_brings_only_its_handlers_events
        a_claim_keeps_to_its_number_of_events
        a_claim_keeps_to_its_bytes
        an_event_larger_than_the_room_comes_alone
        an_event_arrives_as_it_was_received
        a_retry_that_fell_due_is_not_starved_by_new_events
        an_event_is_not_claimed_before_its_time
        a_released_lease_costs_no_attempt
        a_stale_lease_is_not_released
    }
    waiting {
        a_claim_is_woken_by_an_event
        a_claim_is_woken_by_an_event_that_falls_due
        a_claim_is_woken_by_a_released_lease
        a_claim_is_ended_by_wake
        a_wake_before_the_claim_is_not_in_vain
        a_claim_whose_time_is_up_is_empty_and_says_what_is_due_next
    }
    counts {
        an_attempt_is_counted_before_it_runs
        a_failure_is_counted
        retry_after_is_no_failure
        a_loss_is_counted_apart
        an_attempt_that_was_seen_to_end_clears_the_losses
    }
    settlements {
        an_event_is_settled_once
        a_lease_settled_twice_in_one_batch_is_recorded_once
        a_lease_from_before_the_retry_changes_nothing
        a_batch_answers_in_order_whatever_is_lost_in_it
        a_settlement_for_another_handler_leaves_this_one_alone
        a_retry_is_pending_until_its_time
    }
    modules {
        a_module_under_other_limits_is_another
        a_module_with_other_grants_is_another
        an_attempt_tells_the_limits_it_ran_under
        a_modules_bytes_come_back_as_they_were_given
        a_modules_bytes_are_kept_as_they_were_first_given
    }
    recorded {
        every_attempt_comes_with_what_it_depended_on
        an_attempt_with_logs_comes_once
        a_result_comes_with_its_output_or_its_error
        events_come_in_the_order_asked_for_and_those_without_attempts_not_at_all
        a_page_keeps_to_its_bytes_and_brings_one_event_at_least
        what_was_emitted_comes_with_a_hash_of_it
        what_was_emitted_is_known_though_the_events_were_known_or_are_dropped
        modules_come_as_they_were_registered
        an_empty_store_has_nothing_recorded
    }
    unsettled {
        an_event_weighs_at_each_of_its_handlers_until_it_is_settled_there
        what_is_put_back_still_weighs
        the_dead_weigh_again_once_they_are_retried
        what_is_cancelled_weighs_no_more
        what_is_emitted_weighs
        a_known_event_weighs_what_was_stored_at_a_handler_that_is_new_to_it
        a_new_owner_weighs_what_it_finds
    }
    orphans {
        leases_of_a_dead_owner_are_orphans_and_given_once
        leases_held_now_are_no_orphans
        orphans_belong_to_their_handler
        an_orphan_is_settled_as_lost_and_run_again
        what_was_lost_twice_is_leased_alone_and_oldest_first
        an_event_that_was_never_lost_is_no_suspect
        a_suspect_that_waits_for_its_time_is_left
        orphans_survive_a_second_crash
    }
    emitted {
        emitted_events_are_enqueued_with_the_settlement
        emitted_events_of_a_second_run_are_duplicates
        a_lost_lease_emits_nothing
        only_a_settlement_that_is_done_emits
    }
    exchanges {
        an_attempt_comes_with_what_it_asked_and_was_told
        each_handlers_requests_are_its_own
        a_page_counts_what_was_asked
        a_lost_lease_records_no_requests
        what_was_asked_is_forgotten_with_its_event
    }
    dead {
        a_dead_event_is_not_claimed
        retry_queues_with_the_history_and_new_counts
        retry_takes_only_what_fits_the_filter
        every_part_of_the_filter_counts
        a_limit_takes_the_oldest_first
        the_error_filter_takes_text_as_it_is
        what_is_not_dead_is_neither_retried_nor_dropped
        drop_forgets_the_event_and_it_may_come_again
        drop_keeps_an_event_that_another_handler_has
        a_dropped_events_number_is_not_given_again
    }
    retain {
        what_is_over_is_forgotten_with_all_its_history
        what_waits_runs_or_is_dead_is_kept
        an_event_is_over_when_it_is_at_every_handler
        an_event_that_goes_to_nobody_is_over_when_it_is_old
        what_ended_later_is_kept
        a_bite_is_bounded_and_the_next_goes_on_behind_it
        a_forgotten_events_number_is_not_given_again
        rejected_lines_are_forgotten_the_oldest_first
        the_extent_shrinks_with_what_is_forgotten
    }
    results {
        a_result_carries_what_the_attempt_left
        an_output_is_kept_as_it_was
        a_dead_event_has_its_reason_or_else_the_verdicts_code
        results_are_filtered_by_status_type_and_handler
        results_are_filtered_by_time
        results_are_filtered_by_error_text
        results_come_oldest_first_up_to_the_limit
        reading_ends_when_the_reader_has_enough
        a_result_is_found_by_its_event_and_handler
    }
    pages {
        pages_hold_every_result_once_the_latest_first
        a_page_holds_only_what_fits
        what_is_recorded_meanwhile_does_not_shift_the_pages
    }
    browse {
        events_are_listed_with_their_states_the_latest_first
        events_are_filtered_by_state
        an_event_that_goes_to_nobody_is_listed_as_unmatched
        events_are_filtered_by_what_they_are
        dead_events_are_grouped_by_reason
        every_handler_is_known_whether_it_works_or_not
        dead_events_are_counted_as_they_would_be_retried
    }
    events {
        an_unknown_event_is_not_found
        events_are_found_by_id_and_source
        a_pending_event_says_when_it_is_due
        a_leased_event_says_so
        every_attempt_is_told_in_order
        logs_and_backtraces_come_back
        each_handler_has_its_own_story
    }
    stats {
        an_empty_store_counts_nothing
        every_state_is_counted
        results_are_counted_by_module
        reasons_are_counted_most_first
        the_oldest_pending_event_is_named
        numbers_are_given_once_and_kept
    }
}
