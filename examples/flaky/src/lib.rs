//! Three ways not to succeed, and what the host makes of each.
//!
//! | here | says | the host |
//! | --- | --- | --- |
//! | the first attempt at any payment | not yet: [`Error::retry_after`] | runs it again after the delay; no failure is counted |
//! | an amount that is no number | `?` on an ordinary error | retries with back-off, then the event is dead |
//! | a closed account | never: [`Error::permanent`] | the event is dead at once |

use std::time::Duration;

use serde::{Deserialize, Serialize};
use wasm_evq_guest::{Error, Event, handler, log};

/// How long the bank that this handler imagines needs to wake up.
const WAKE_UP: Duration = Duration::from_millis(50);

#[derive(Deserialize)]
struct Payment {
    account: String,
    /// As text, the way banks send it.
    amount_cents: String,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Paid {
    amount_cents: u64,
    attempt: u32,
}

#[handler]
fn handle(event: Event<Payment>) -> Result<Paid, Error> {
    let payment = event.data()?;
    log::info!("attempt {} at {}", event.attempt(), event.id());
    if payment.account == "closed" {
        return Err(Error::permanent("the account is closed"));
    }
    if event.attempt() == 1 {
        return Err(Error::retry_after(WAKE_UP, "the bank is waking up"));
    }
    let amount_cents = payment.amount_cents.parse()?;
    Ok(Paid { amount_cents, attempt: event.attempt() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_evq_guest::json;
    use wasm_evq_guest::testing::{self, TestEvent, Verdict};

    fn payment(account: &str, amount_cents: &str) -> TestEvent {
        testing::event("com.example.payment.due")
            .data(json!({"account": account, "amount_cents": amount_cents}))
    }

    #[test]
    fn the_first_attempt_is_too_early() {
        let outcome = payment("ada", "995").run(handle);
        assert_eq!(outcome.verdict(), Verdict::RetryAfter(WAKE_UP));
    }

    #[test]
    fn the_second_succeeds() {
        let outcome = payment("ada", "995").attempt(2).run(handle);
        assert_eq!(outcome.output_as::<Paid>(), Paid { amount_cents: 995, attempt: 2 });
    }

    #[test]
    fn an_amount_that_is_no_number_fails_and_may_be_tried_again() {
        let outcome = payment("ada", "a lot").attempt(2).run(handle);
        assert_eq!(outcome.verdict(), Verdict::Failed);
        assert_eq!(outcome.message(), Some("invalid digit found in string"));
    }

    #[test]
    fn a_closed_account_is_the_end() {
        assert_eq!(payment("closed", "995").run(handle).verdict(), Verdict::Permanent);
    }

    #[test]
    fn each_attempt_leaves_a_line_in_the_log() {
        let outcome = payment("ada", "995").attempt(2).run(handle);
        assert_eq!(outcome.logs()[0].text, "attempt 2 at 1");
    }
}
