//! The dialects as they are written: an object with the dialect's name as its only key.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::attributes::ContextAttributes;
use crate::event::InvalidEvent;
use crate::event::attribute::check_name;

/// Filters within filters.
const DEPTH_MAX: usize = 8;

/// Attributes compared by one filter, all that is in it together.
const COMPARISONS_MAX: usize = 256;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Dialect {
    Exact(Comparisons),
    Prefix(Comparisons),
    Suffix(Comparisons),
    All(Vec<Dialect>),
    Any(Vec<Dialect>),
    Not(Box<Dialect>),
}

/// What attributes must be compared with, by their names.
type Comparisons = BTreeMap<Box<str>, Box<str>>;

/// Why a filter is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidFilter {
    #[error("`{0}` names no attribute; an event fits a filter by one at least")]
    NoAttribute(&'static str),
    #[error("`{dialect}` compares `{attribute}` with nothing; write the text to look for")]
    NoText { dialect: &'static str, attribute: Box<str> },
    #[error("{0}")]
    NoName(InvalidEvent),
    #[error("`data` is no context attribute; filters see attributes alone")]
    Data,
    #[error("`{0}` holds no filter; one at least must stand there")]
    NoFilter(&'static str),
    #[error("the filter is {0} deep, the limit is {DEPTH_MAX}")]
    TooDeep(usize),
    #[error("the filter has {0} comparisons, the limit is {COMPARISONS_MAX}")]
    TooMany(usize),
}

impl Dialect {
    pub fn check(&self) -> Result<(), InvalidFilter> {
        let (depth, comparisons) = (self.depth(), self.comparisons());
        if depth > DEPTH_MAX {
            return Err(InvalidFilter::TooDeep(depth));
        }
        if comparisons > COMPARISONS_MAX {
            return Err(InvalidFilter::TooMany(comparisons));
        }
        self.check_parts()
    }

    fn check_parts(&self) -> Result<(), InvalidFilter> {
        match self {
            Dialect::Exact(compared) => check_comparisons("exact", compared),
            Dialect::Prefix(compared) => check_comparisons("prefix", compared),
            Dialect::Suffix(compared) => check_comparisons("suffix", compared),
            Dialect::All(filters) if filters.is_empty() => Err(InvalidFilter::NoFilter("all")),
            Dialect::Any(filters) if filters.is_empty() => Err(InvalidFilter::NoFilter("any")),
            Dialect::All(filters) | Dialect::Any(filters) => {
                filters.iter().try_for_each(Dialect::check_parts)
            }
            Dialect::Not(filter) => filter.check_parts(),
        }
    }

    /// The filters in it, and what it compares itself.
    fn parts(&self) -> (&[Dialect], Option<&Comparisons>) {
        match self {
            Dialect::Exact(compared) | Dialect::Prefix(compared) | Dialect::Suffix(compared) => {
                (&[], Some(compared))
            }
            Dialect::All(filters) | Dialect::Any(filters) => (filters, None),
            Dialect::Not(filter) => (std::slice::from_ref(filter), None),
        }
    }

    fn depth(&self) -> usize {
        1 + self.parts().0.iter().map(Dialect::depth).max().unwrap_or(0)
    }

    fn comparisons(&self) -> usize {
        let (filters, compared) = self.parts();
        compared.map_or(0, BTreeMap::len) + filters.iter().map(Dialect::comparisons).sum::<usize>()
    }

    pub fn name_attributes<'f>(&'f self, names: &mut BTreeSet<&'f str>) {
        let (filters, compared) = self.parts();
        names.extend(compared.into_iter().flat_map(|compared| compared.keys()).map(|name| &**name));
        filters.iter().for_each(|filter| filter.name_attributes(names));
    }

    pub fn fits(&self, event: &ContextAttributes<'_>) -> bool {
        let each = |compared: &Comparisons, fits: fn(&str, &str) -> bool| {
            compared.iter().all(|(name, text)| event.get(name).is_some_and(|value| fits(value, text)))
        };
        match self {
            Dialect::Exact(compared) => each(compared, |value, text| value == text),
            Dialect::Prefix(compared) => each(compared, |value, text| value.starts_with(text)),
            Dialect::Suffix(compared) => each(compared, |value, text| value.ends_with(text)),
            Dialect::All(filters) => filters.iter().all(|filter| filter.fits(event)),
            Dialect::Any(filters) => filters.iter().any(|filter| filter.fits(event)),
            Dialect::Not(filter) => !filter.fits(event),
        }
    }
}

fn check_comparisons(dialect: &'static str, compared: &Comparisons) -> Result<(), InvalidFilter> {
    if compared.is_empty() {
        return Err(InvalidFilter::NoAttribute(dialect));
    }
    for (name, text) in compared {
        check_name(name).map_err(InvalidFilter::NoName)?;
        if &**name == "data" {
            return Err(InvalidFilter::Data);
        }
        if text.is_empty() {
            return Err(InvalidFilter::NoText { dialect, attribute: name.clone() });
        }
    }
    Ok(())
}
