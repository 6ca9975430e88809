//! What a handler is granted, as it may be shown: values, and of secrets their names alone; and whom it may call.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

use crate::grants::{Access, RecordedGrants, RecordedValue};

/// What a handler is given beside its events.
#[derive(Debug, Serialize, ToSchema)]
pub struct GrantsJson {
    /// By name.
    environment: BTreeMap<String, GrantedJson>,
    /// By origin: `https://api.example.com`.
    http: BTreeMap<String, AccessJson>,
}

/// How an origin may be called.
#[derive(Debug, Serialize, ToSchema)]
pub struct AccessJson {
    methods: Vec<&'static str>,
    /// Whether its name may stand for an address that is not public.
    private: bool,
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
        let http = grants.http.iter().map(|(origin, access)| (origin.to_string(), access.into()));
        let http = http.collect();
        let environment = grants.environment.into_iter().map(|(name, value)| (name, value.into()));
        GrantsJson { environment: environment.collect(), http }
    }
}

impl From<&Access> for AccessJson {
    fn from(Access { methods, private }: &Access) -> Self {
        AccessJson { methods: methods.iter().map(|method| method.as_str()).collect(), private: *private }
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
