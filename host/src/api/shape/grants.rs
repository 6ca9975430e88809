//! What a handler is granted, as it may be shown: values, and of secrets their names alone.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

use crate::grants::{RecordedGrants, RecordedValue};

/// What a handler is given beside its events.
#[derive(Debug, Serialize, ToSchema)]
pub struct GrantsJson {
    /// By name.
    environment: BTreeMap<String, GrantedJson>,
}

/// `{"value": "..."}`, or `"secret"`: of a secret nothing is told but its name.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum GrantedJson {
    Value(String),
    Secret,
}

impl From<RecordedGrants> for GrantsJson {
    fn from(grants: RecordedGrants) -> Self {
        let environment = grants.environment.into_iter().map(|(name, value)| (name, value.into()));
        GrantsJson { environment: environment.collect() }
    }
}

impl From<RecordedValue> for GrantedJson {
    fn from(value: RecordedValue) -> Self {
        match value {
            RecordedValue::Value(text) => GrantedJson::Value(text),
            RecordedValue::Secret => GrantedJson::Secret,
        }
    }
}
