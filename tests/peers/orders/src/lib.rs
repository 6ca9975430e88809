//! What `examples/orders` does with an event: a CloudEvent's JSON in, a receipt's JSON out. The same
//! types and the same arithmetic, so that hosts differ in nothing but themselves.

use serde::{Deserialize, Serialize};

#[derive(Deserialize)]
struct Event {
    data: Order,
}

#[derive(Deserialize)]
struct Order {
    customer: String,
    items: Vec<Item>,
    #[serde(default)]
    discount_percent: u8,
}

#[derive(Deserialize)]
struct Item {
    sku: String,
    quantity: u32,
    price_cents: u64,
}

#[derive(Serialize)]
struct Receipt {
    customer: String,
    lines: usize,
    subtotal_cents: u64,
    discount_cents: u64,
    total_cents: u64,
}

/// # Errors
/// What is wrong with the order.
pub fn handle(event: &[u8]) -> Result<Vec<u8>, String> {
    let event: Event = serde_json::from_slice(event).map_err(|e| e.to_string())?;
    serde_json::to_vec(&receipt(event.data)?).map_err(|e| e.to_string())
}

fn receipt(order: Order) -> Result<Receipt, String> {
    if order.items.is_empty() {
        return Err("the order has no items".into());
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

fn subtotal_cents(items: &[Item]) -> Result<u64, String> {
    items.iter().try_fold(0, |sum: u64, item| {
        if item.quantity == 0 {
            return Err(format!("item {} has quantity 0", item.sku));
        }
        item.price_cents
            .checked_mul(u64::from(item.quantity))
            .and_then(|line| sum.checked_add(line))
            .ok_or_else(|| format!("item {} makes the total too large", item.sku))
    })
}

fn discount_cents(subtotal_cents: u64, percent: u8) -> Result<u64, String> {
    if percent > 100 {
        return Err(format!("a discount of {percent} % is more than the whole"));
    }
    let discount = u128::from(subtotal_cents) * u128::from(percent) / 100;
    u64::try_from(discount).map_err(|e| e.to_string())
}
