//! Two handlers in one `evq.toml`, and events that one of them, both or none wants.

use super::{Dir, good, handler};

/// `fails` takes the orders, `echoes` the blue ones. `more` is what the file begins with.
pub fn two_handlers(dir: &Dir, more: &str) {
    let orders = handler("fails", r#"filters = [{ prefix = { type = "order." } }]"#);
    let blue = handler("echoes", r#"filters = [{ exact = { tenant = "blue" } }]"#);
    dir.write("evq.toml", format!("{more}{orders}{blue}"));
}

/// A good event of a type, from a tenant.
pub fn of_tenant(id: impl std::fmt::Display, type_: &str, tenant: &str) -> String {
    let named = good(id).replace(r#""type":"test""#, &format!(r#""type":"{type_}""#));
    named.replace("}", &format!(r#","tenant":"{tenant}"}}"#))
}

/// Handlers and events with a good result, in order.
pub fn settled_by_handler(dir: &Dir) -> String {
    dir.sql("SELECT handler, event_id FROM results WHERE status = 'ok' ORDER BY 1, 2")
}
