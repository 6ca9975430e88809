//! What does a line cost before it is stored? Checking it as a CloudEvent, and taking it apart again.

use std::hint::black_box;

use wasm_evq::event::{attributes_of, parse_event};

const BYTES_MAX: u64 = 1024 * 1024;

/// 300 bytes, as `wasm-evq bench` makes them.
const ORDER: &str = r#"{"specversion":"1.0","id":"o-000000001","source":"/bench/shop","type":"com.example.order.placed","data":{"customer":"ada","items":[{"sku":"tea","quantity":2,"price_cents":101},{"sku":"cup","quantity":1,"price_cents":999}],"discount_percent":11,"note":"please leave it at the door, thank you very"}}"#;

fn main() {
    divan::main();
}

#[divan::bench]
fn parse_an_order(bencher: divan::Bencher) {
    bencher.bench(|| parse_event(black_box(ORDER.as_bytes()), BYTES_MAX));
}

/// What is nearly all one string is read quickly, what is all small parts is not.
#[divan::bench(args = [1, 16, 256])]
fn parse_items(bencher: divan::Bencher, items: usize) {
    let items = vec![r#"{"sku":"tea","quantity":2,"price_cents":101}"#; items].join(",");
    let event = format!(r#"{{"specversion":"1.0","id":"1","source":"/s","type":"t","data":[{items}]}}"#);
    bencher.bench(|| parse_event(black_box(event.as_bytes()), BYTES_MAX));
}

#[divan::bench]
fn find_its_attributes(bencher: divan::Bencher) {
    bencher.bench(|| attributes_of(black_box(ORDER)));
}
