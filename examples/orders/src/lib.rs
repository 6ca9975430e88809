//! Typed data in, arithmetic that cannot overflow unseen, a typed receipt out.
//!
//! Money is whole cents. An order that makes no sense fails for good: no retry can mend its data.

use serde::{Deserialize, Serialize};
use wasm_evq_guest::{Error, Event, handler};

#[derive(Deserialize)]
struct Order {
    customer: String,
    items: Vec<Item>,
    /// Taken off the total; 0 to 100.
    #[serde(default)]
    discount_percent: u8,
}

#[derive(Deserialize)]
struct Item {
    sku: String,
    quantity: u32,
    price_cents: u64,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Receipt {
    customer: String,
    lines: usize,
    subtotal_cents: u64,
    discount_cents: u64,
    total_cents: u64,
}

#[handler]
fn handle(event: Event<Order>) -> Result<Receipt, Error> {
    let order = event.into_data()?;
    if order.items.is_empty() {
        return Err(Error::permanent("the order has no items"));
    }
    let subtotal_cents = subtotal_cents(&order.items)?;
    let discount_cents = discount_cents(subtotal_cents, order.discount_percent)?;
    Ok(Receipt {
        customer: order.customer,
        lines: order.items.len(),
        subtotal_cents,
        discount_cents,
        total_cents: subtotal_cents - discount_cents,
    })
}

fn subtotal_cents(items: &[Item]) -> Result<u64, Error> {
    items.iter().try_fold(0, |sum: u64, item| {
        if item.quantity == 0 {
            return Err(Error::permanent(format!("item {} has quantity 0", item.sku)));
        }
        item.price_cents
            .checked_mul(u64::from(item.quantity))
            .and_then(|line| sum.checked_add(line))
            .ok_or_else(|| Error::permanent(format!("item {} makes the total too large", item.sku)))
    })
}

/// Rounded down, to whole cents. Never more than the subtotal.
fn discount_cents(subtotal_cents: u64, percent: u8) -> Result<u64, Error> {
    if percent > 100 {
        return Err(Error::permanent(format!("a discount of {percent} % is more than the whole")));
    }
    // In 128 bits the product always fits, and a hundredth of it fits 64 again.
    let discount = u128::from(subtotal_cents) * u128::from(percent) / 100;
    Ok(u64::try_from(discount)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_evq_guest::testing::{self, Outcome, Verdict};
    use wasm_evq_guest::{Value, json};

    fn order(data: Value) -> Outcome {
        testing::event("com.example.order.placed").data(data).run(handle)
    }

    fn one(item: Value) -> Outcome {
        order(json!({"customer": "ada", "items": [item]}))
    }

    #[test]
    fn a_receipt_adds_up() {
        let outcome = order(json!({"customer": "ada", "discount_percent": 10, "items": [
            {"sku": "tea", "quantity": 3, "price_cents": 450},
            {"sku": "cup", "quantity": 1, "price_cents": 999},
        ]}));
        let receipt = Receipt {
            customer: "ada".to_owned(),
            lines: 2,
            subtotal_cents: 2349,
            discount_cents: 234,
            total_cents: 2115,
        };
        assert_eq!(outcome.output_as::<Receipt>(), receipt);
    }

    #[test]
    fn the_largest_price_is_no_problem() {
        let outcome = one(json!({"sku": "moon", "quantity": 1, "price_cents": u64::MAX}));
        assert_eq!(outcome.output_as::<Receipt>().total_cents, u64::MAX);
    }

    #[test]
    fn bad_orders_are_never_retried() {
        let too_large = one(json!({"sku": "moon", "quantity": 2, "price_cents": u64::MAX}));
        let nothing_of_it = one(json!({"sku": "tea", "quantity": 0, "price_cents": 450}));
        let empty = order(json!({"customer": "ada", "items": []}));
        let nonsense = order(json!({"customer": "ada", "items": "many"}));
        for outcome in [too_large, nothing_of_it, empty, nonsense] {
            assert_eq!(outcome.verdict(), Verdict::Permanent, "{outcome:?}");
        }
    }

    #[test]
    fn the_reason_names_the_item() {
        let outcome = one(json!({"sku": "tea", "quantity": 0, "price_cents": 450}));
        assert_eq!(outcome.message(), Some("item tea has quantity 0"));
    }
}
