//! Which events a handler wants: the filter dialects of the CloudEvents Subscriptions API.
//!
//! `exact`, `prefix` and `suffix` compare context attributes with text, each of those that are named;
//! `all`, `any` and `not` combine filters. An attribute that an event does not have fits nothing. Knows
//! nothing of handlers, and never looks at `data`.

mod attributes;
mod dialect;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

pub use attributes::ContextAttributes;
use dialect::Dialect;
pub use dialect::InvalidFilter;

/// A filter that was checked: it is bounded, and every name in it is an attribute's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Dialect")]
pub struct Filter(Dialect);

impl TryFrom<Dialect> for Filter {
    type Error = InvalidFilter;

    fn try_from(dialect: Dialect) -> Result<Self, InvalidFilter> {
        dialect.check()?;
        Ok(Filter(dialect))
    }
}

impl Filter {
    /// Several filters beside each other, all of which must fit; `None` for none, which every event fits.
    ///
    /// # Errors
    /// When they are too much together.
    pub fn all(filters: Vec<Filter>) -> Result<Option<Self>, InvalidFilter> {
        let mut dialects: Vec<Dialect> = filters.into_iter().map(|filter| filter.0).collect();
        match dialects.len() {
            0 => Ok(None),
            1 => Ok(dialects.pop().map(Filter)),
            _ => Filter::try_from(Dialect::All(dialects)).map(Some),
        }
    }

    /// The attributes it asks for.
    pub fn attributes(&self) -> BTreeSet<&str> {
        let mut names = BTreeSet::new();
        self.0.name_attributes(&mut names);
        names
    }

    /// Whether an event fits, of which the attributes that this filter asks for were read.
    pub fn fits(&self, event: &ContextAttributes<'_>) -> bool {
        self.0.fits(event)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{NewEvent, parse_event};

    fn filter(json: &str) -> Filter {
        serde_json::from_str(json).unwrap_or_else(|e| panic!("{json}: {e}"))
    }

    fn refusal(json: &str) -> String {
        serde_json::from_str::<Filter>(json).unwrap_err().to_string()
    }

    fn event() -> NewEvent {
        let json = r#"{"specversion":"1.0","id":"o-1","source":"/shop/7","type":"com.example.order.placed",
            "subject":"caf\u00e9","tenant":"blue","count":-7,"vip":true,"gone":null,
            "data":{"type":"other","tenant":"red"}}"#;
        parse_event(json.as_bytes(), 4096).unwrap()
    }

    fn fits(event: &NewEvent, filter: &Filter) -> bool {
        let wanted = filter.attributes().into_iter().map(Box::from).collect();
        filter.fits(&ContextAttributes::read(event, &wanted))
    }

    #[test]
    fn each_dialect_means_what_the_specification_says() {
        for (json, does_fit) in [
            (r#"{"exact":{"type":"com.example.order.placed"}}"#, true),
            (r#"{"exact":{"type":"com.example.order"}}"#, false),
            (r#"{"exact":{"type":"COM.example.order.placed"}}"#, false),
            (r#"{"exact":{"type":"com.example.order.placed","source":"/shop/7"}}"#, true),
            (r#"{"exact":{"type":"com.example.order.placed","source":"/shop"}}"#, false),
            (r#"{"prefix":{"type":"com.example."}}"#, true),
            (r#"{"prefix":{"type":"example"}}"#, false),
            (r#"{"suffix":{"type":".placed"}}"#, true),
            (r#"{"suffix":{"type":".gone"}}"#, false),
            (r#"{"all":[{"prefix":{"id":"o-"}},{"suffix":{"source":"/7"}}]}"#, true),
            (r#"{"all":[{"prefix":{"id":"o-"}},{"suffix":{"source":"/8"}}]}"#, false),
            (r#"{"any":[{"prefix":{"id":"x-"}},{"suffix":{"source":"/7"}}]}"#, true),
            (r#"{"any":[{"prefix":{"id":"x-"}},{"suffix":{"source":"/8"}}]}"#, false),
            (r#"{"not":{"exact":{"id":"o-1"}}}"#, false),
            (r#"{"not":{"any":[{"exact":{"id":"o-2"}}]}}"#, true),
        ] {
            assert_eq!(fits(&event(), &filter(json)), does_fit, "{json}");
        }
    }

    #[test]
    fn attributes_of_every_kind_are_compared_as_text_and_data_is_not_looked_at() {
        for (json, does_fit) in [
            (r#"{"exact":{"subject":"café"}}"#, true),
            (r#"{"exact":{"tenant":"blue"}}"#, true),
            (r#"{"exact":{"tenant":"red"}}"#, false),
            (r#"{"exact":{"count":"-7"}}"#, true),
            (r#"{"exact":{"vip":"true"}}"#, true),
            (r#"{"exact":{"specversion":"1.0"}}"#, true),
            (r#"{"prefix":{"gone":"n"}}"#, false),
            (r#"{"suffix":{"absent":"x"}}"#, false),
            (r#"{"not":{"exact":{"absent":"x"}}}"#, true),
        ] {
            assert_eq!(fits(&event(), &filter(json)), does_fit, "{json}");
        }
    }

    #[test]
    fn several_filters_must_all_fit_and_none_is_fitted_by_everything() {
        let (this, other) = (filter(r#"{"exact":{"id":"o-1"}}"#), filter(r#"{"exact":{"id":"o-2"}}"#));
        assert_eq!(Filter::all(Vec::new()), Ok(None));
        assert_eq!(Filter::all(vec![this.clone()]), Ok(Some(this.clone())));
        assert!(!fits(&event(), &Filter::all(vec![this, other]).unwrap().unwrap()));
    }

    #[test]
    fn each_mistake_is_named() {
        for (json, expected) in [
            (r#"{"exakt":{"type":"t"}}"#, "unknown variant `exakt`, expected one of `exact`"),
            (r#"{"sql":"type = 't'"}"#, "unknown variant `sql`"),
            (r#"{"exact":{"type":"t"},"prefix":{"type":"t"}}"#, "expected"),
            (r#"{"exact":{}}"#, "`exact` names no attribute"),
            (r#"{"exact":{"type":""}}"#, "`exact` compares `type` with nothing"),
            (r#"{"prefix":{"Type":"t"}}"#, "attribute `Type` is no attribute name"),
            (r#"{"suffix":{"data":"t"}}"#, "`data` is no context attribute"),
            (r#"{"exact":{"count":7}}"#, "invalid type: integer `7`, expected a string"),
            (r#"{"all":[]}"#, "`all` holds no filter"),
            (r#"{"any":[]}"#, "`any` holds no filter"),
        ] {
            let refusal = refusal(json);
            assert!(refusal.contains(expected), "{json}: {refusal}");
        }
    }

    #[test]
    fn a_filter_is_bounded_in_depth_and_in_number() {
        let deep = |depth| {
            format!("{}{}{}", r#"{"not":"#.repeat(depth), r#"{"exact":{"id":"1"}}"#, "}".repeat(depth))
        };
        assert!(serde_json::from_str::<Filter>(&deep(7)).is_ok());
        assert!(refusal(&deep(8)).contains("9 deep, the limit is 8"), "{}", refusal(&deep(8)));
        assert!(serde_json::from_str::<Filter>(&deep(100_000)).is_err());
        let wide = |count| format!(r#"{{"any":[{}]}}"#, vec![r#"{"exact":{"id":"1"}}"#; count].join(","));
        assert!(serde_json::from_str::<Filter>(&wide(256)).is_ok());
        assert!(refusal(&wide(257)).contains("257 comparisons, the limit is 256"), "{}", refusal(&wide(257)));
    }

    #[test]
    fn a_filter_is_told_as_it_was_written() {
        let json = r#"{"all":[{"exact":{"type":"t"}},{"not":{"prefix":{"id":"1"}}}]}"#;
        assert_eq!(serde_json::to_string(&filter(json)).unwrap(), json);
    }
}
