//! What the checks here may answer, told in the document for every path at once.

use utoipa::openapi::path::{Operation, PathItem};
use utoipa::openapi::{Content, OpenApi, Ref, Response, ResponseBuilder};

/// Adds the refusals that stand before every path.
pub fn describe(document: &mut OpenApi) {
    for item in document.paths.paths.values_mut() {
        for operation in operations(item) {
            let misdirected = problem("Sent to a name that is not served");
            operation.responses.responses.insert("421".into(), misdirected.into());
        }
        if let Some(post) = &mut item.post {
            let refused = problem("Sent by a page of another site");
            post.responses.responses.insert("403".into(), refused.into());
        }
    }
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    [&mut item.get, &mut item.post, &mut item.options].into_iter().flatten()
}

fn problem(description: &str) -> Response {
    let content = Content::new(Some(Ref::from_schema_name("Problem")));
    ResponseBuilder::new().description(description).content("application/problem+json", content).build()
}
