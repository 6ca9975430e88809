//! What the checks here may answer, told in the document for every path at once.

use utoipa::openapi::path::{Operation, PathItem};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{Content, OpenApi, Ref, Response, ResponseBuilder, SecurityRequirement};

use super::Access;
use crate::config::Role;

const TOKEN: &str = "token";
const SESSION: &str = "session";

/// Adds the refusals that stand before every path, and how callers say who they are.
pub fn describe(document: &mut OpenApi, access: &Access) {
    for item in document.paths.paths.values_mut() {
        for operation in operations(item) {
            answers(operation, "421", "Sent to a name that is not served");
        }
        if let Some(post) = &mut item.post {
            answers(post, "403", "Sent by a page of another site, or not for the caller's role");
        }
    }
    if access.asks_for_tokens() {
        let components = document.components.get_or_insert_default();
        let token = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
        components.add_security_scheme(TOKEN, SecurityScheme::Http(token));
        let session = ApiKeyValue::new(access.cookie_name.clone());
        components.add_security_scheme(SESSION, SecurityScheme::ApiKey(ApiKey::Cookie(session)));
    }
}

/// Says of these paths that callers must have this role.
pub fn needs(document: &mut OpenApi, role: Role) {
    for operation in document.paths.paths.values_mut().flat_map(operations) {
        let either = [TOKEN, SESSION].map(|scheme| SecurityRequirement::new(scheme, [role.as_str()]));
        operation.security = Some(either.into());
        answers(operation, "401", "No token, or one that is not known");
        answers(operation, "403", "Not for the caller's role");
    }
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    [&mut item.get, &mut item.post, &mut item.options].into_iter().flatten()
}

fn answers(operation: &mut Operation, status: &str, description: &str) {
    operation.responses.responses.insert(status.into(), problem(description).into());
}

fn problem(description: &str) -> Response {
    let content = Content::new(Some(Ref::from_schema_name("Problem")));
    ResponseBuilder::new().description(description).content("application/problem+json", content).build()
}
