//! The refusals that many paths share, as the document tells them. What each path refuses beside is told where
//! it is.

use std::collections::BTreeMap;

use utoipa::IntoResponses;
use utoipa::openapi::{ContentBuilder, Ref, RefOr, Response, ResponseBuilder};

/// Of paths that only look.
pub struct LookRefusals;

/// Of paths that take a small JSON object.
pub struct FormRefusals;

impl IntoResponses for LookRefusals {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        all(&[(400, "Not understood"), (503, "Too busy, or the database failed")])
    }
}

impl IntoResponses for FormRefusals {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let mut responses = LookRefusals::responses();
        responses.extend(all(&[
            (408, "The body came too slowly"),
            (413, "Too large"),
            (415, "Not application/json"),
        ]));
        responses
    }
}

fn all(refusals: &[(u16, &str)]) -> BTreeMap<String, RefOr<Response>> {
    let refusal = |(status, description): &(u16, &str)| (status.to_string(), problem(description).into());
    refusals.iter().map(refusal).collect()
}

fn problem(description: &str) -> Response {
    let schema = Ref::from_schema_name("Problem");
    let content = ContentBuilder::new().schema(Some(schema)).build();
    ResponseBuilder::new().description(description).content("application/problem+json", content).build()
}
