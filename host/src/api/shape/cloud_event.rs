//! What the OpenAPI document says of an event. How one is read is `event::parse_event`'s affair.

use std::borrow::Cow;

use serde_json::json;
use utoipa::openapi::schema::{
    AdditionalProperties, KnownFormat, ObjectBuilder, Schema, SchemaFormat, SchemaType, Type,
};
use utoipa::openapi::{OneOfBuilder, RefOr};
use utoipa::{PartialSchema, ToSchema};

/// What no attribute may hold is the control characters. The limit is of bytes.
const TEXT: &str = r"^[^\u0000-\u001f\u007f-\u009f]{1,2048}$";
const TEXT_OR_NONE: &str = r"^[^\u0000-\u001f\u007f-\u009f]{0,2048}$";

/// Printable ASCII without what a URI must percent-encode.
const URI_REFERENCE: &str = r"^[!#-;=?-\[\]_a-z~]{1,2048}$";

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
            .property("id", text(TEXT))
            .property("source", text(URI_REFERENCE))
            .property("type", text(TEXT))
            .property("subject", text_or_null(TEXT))
            .property("time", or_null(time()))
            .property("dataschema", text_or_null(URI_REFERENCE))
            .property("datacontenttype", text_or_null(TEXT))
            .property("data", ObjectBuilder::new().schema_type(SchemaType::AnyValue))
            .property(
                "data_base64",
                ObjectBuilder::new().schema_type(Type::String).content_encoding("base64"),
            )
            .additional_properties(Some(AdditionalProperties::RefOr(extension())))
            .property_names(Some(text("^([a-z0-9]{1,64}|data_base64)$")));
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
    or_null(text(pattern))
}

fn or_null(text: ObjectBuilder) -> ObjectBuilder {
    text.schema_type(SchemaType::from_iter([Type::String, Type::Null]))
}

fn time() -> ObjectBuilder {
    ObjectBuilder::new().format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)))
}

/// What an extension attribute can be.
fn extension() -> RefOr<Schema> {
    let whole = ObjectBuilder::new().schema_type(Type::Integer);
    let whole = whole.minimum(Some(i32::MIN)).maximum(Some(i32::MAX));
    let of_each = OneOfBuilder::new().item(text(TEXT_OR_NONE)).item(whole);
    let of_each = of_each.item(ObjectBuilder::new().schema_type(Type::Boolean));
    of_each.item(ObjectBuilder::new().schema_type(Type::Null)).into()
}
