//! An event as one JSON object.

use std::io::{self, Write};

use crate::api::shape::EventJson;
use crate::cli::output::json_line;
use crate::store::EventDetail;

pub fn print(out: &mut impl Write, event: &EventDetail) -> io::Result<()> {
    json_line(out, &EventJson::of(event)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::show::tests::event;
    use crate::store::{DeliveryState, ResultStatus, StoredOutput};

    fn object(event: &EventDetail) -> (String, serde_json::Value) {
        let mut out = Vec::new();
        print(&mut out, event).unwrap();
        let text = String::from_utf8(out).unwrap();
        let value = serde_json::from_str(&text).unwrap();
        (text, value)
    }

    #[test]
    fn the_event_stands_in_the_object_as_received() {
        let (text, value) = object(&event(DeliveryState::Leased { attempt: 2 }));
        assert!(text.contains(r#""event":{"id":"1","data":12345678901234567890123}"#), "{text}");
        assert_eq!(value["deliveries"][0]["state"], "leased");
        let attempt = &value["deliveries"][0]["attempts"][0];
        assert_eq!(attempt["logs"][0]["text"], "hi\nthere");
        assert_eq!(attempt["exchanges"][0]["request"]["url"], "https://a.example/");
        assert_eq!(attempt["exchanges"][0]["response"]["headers"][0][1], "1");
        assert_eq!(attempt["exchanges"][0]["response"]["body"], "hi\nthere");
    }

    #[test]
    fn a_settled_delivery_has_its_output_or_error() {
        let output = StoredOutput::Json("[1]".into());
        let settled = DeliveryState::Settled { status: ResultStatus::Ok, output, error: None };
        let (_, value) = object(&event(settled));
        assert_eq!(value["deliveries"][0]["output"][0], 1);
        assert_eq!(value["deliveries"][0]["state"], "ok");
    }
}
