//! What the OpenAPI document says of an event. How one is read is `event::parse_event`'s affair.

use std::borrow::Cow;

use serde_json::json;
use utoipa::openapi::schema::{AdditionalProperties, ObjectBuilder, Schema, SchemaType, Type};
use utoipa::openapi::{OneOfBuilder, RefOr};
use utoipa::{PartialSchema, ToSchema};

/// A CloudEvent in the JSON format.
pub struct CloudEvent;

impl ToSchema for CloudEvent {
    fn name() -> Cow<'static, str> {
        "CloudEvent".into()
    }
}

impl PartialSchema for CloudEvent {
    fn schema() -> RefOr<Schema> {
        let event = ObjectBuilder::new()
            .description(Some(
                "CloudEvents 1.0, JSON format; with `data` or `data_base64`, and extension attributes",
            ))
            .property("specversion", text("^1\\.0$"))
            .property("id", text("^[!-~]{1,200}$"))
            .property("source", text("^[A-Za-z0-9/:._-]{1,200}$"))
            .property("type", text("^[!-~]{1,200}$"))
            .property("subject", text_or_null("^[!-~]{1,200}$"))
            .property("datacontenttype", text_or_null("^[!-~]{1,200}$"))
            .property("data", ObjectBuilder::new().schema_type(SchemaType::AnyValue))
            .additional_properties(Some(AdditionalProperties::RefOr(extension())))
            .property_names(Some(text("^[a-z0-9]{1,20}$")));
        let event = ["specversion", "id", "source", "type"].into_iter().fold(event, ObjectBuilder::required);
        let example =
            json!({"specversion": "1.0", "id": "1", "source": "/shop", "type": "order.paid", "data": {}});
        event.examples([example]).into()
    }
}

fn text(pattern: &str) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String).pattern(Some(pattern))
}

/// Of an attribute that need not be there. The JSON format says: one that is null is not.
fn text_or_null(pattern: &str) -> ObjectBuilder {
    text(pattern).schema_type(SchemaType::from_iter([Type::String, Type::Null]))
}

/// What an extension attribute can be.
fn extension() -> RefOr<Schema> {
    let whole = ObjectBuilder::new().schema_type(Type::Integer);
    let whole = whole.minimum(Some(i32::MIN)).maximum(Some(i32::MAX));
    let of_each = OneOfBuilder::new().item(text("^[!-~]{0,200}$")).item(whole);
    let of_each = of_each.item(ObjectBuilder::new().schema_type(Type::Boolean));
    of_each.item(ObjectBuilder::new().schema_type(Type::Null)).into()
}
