//! What changed between two JSON texts, field by field.

use json_patch::{Patch, PatchOperation};
use serde_json::Value;

use super::text::excerpts;

/// Changed fields of one output that are told.
const CHANGES_MAX: usize = 20;

/// One field; `before` is absent when it was added, `after` when it was removed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldChange {
    /// A JSON pointer (RFC 6901).
    pub pointer: String,
    pub before: Option<String>,
    pub after: Option<String>,
}

/// The fields that changed; none when only the text did, and `None` when one of the two is no JSON.
pub fn changes(before: &str, after: &str) -> Option<Vec<FieldChange>> {
    let (mut before, after): (Value, Value) =
        (serde_json::from_str(before).ok()?, serde_json::from_str(after).ok()?);
    let Patch(operations) = json_patch::diff(&before, &after);
    let mut changes = Vec::new();
    for operation in operations.into_iter().take(CHANGES_MAX) {
        changes.extend(change(&before, &operation));
        // One after the other: in a list each moves the places of the next.
        json_patch::patch(&mut before, std::slice::from_ref(&operation)).ok()?;
    }
    Some(changes)
}

fn change(document: &Value, operation: &PatchOperation) -> Option<FieldChange> {
    let (path, value) = match operation {
        PatchOperation::Add(add) => (add.path.as_str(), Some(&add.value)),
        PatchOperation::Replace(replace) => (replace.path.as_str(), Some(&replace.value)),
        PatchOperation::Remove(remove) => (remove.path.as_str(), None),
        // A diff has no other.
        _ => return None,
    };
    let is_new = matches!(operation, PatchOperation::Add(_));
    let before = document.pointer(path).filter(|_| !is_new).map(Value::to_string);
    let after = value.map(Value::to_string);
    let (before_cut, after_cut) =
        excerpts(before.as_deref().unwrap_or_default(), after.as_deref().unwrap_or_default());
    Some(FieldChange {
        pointer: path.to_owned(),
        before: before.map(|_| before_cut),
        after: after.map(|_| after_cut),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(before: &str, after: &str) -> Vec<String> {
        let tell = |change: FieldChange| format!("{} {:?} {:?}", change.pointer, change.before, change.after);
        changes(before, after).unwrap().into_iter().map(tell).collect()
    }

    #[test]
    fn fields_are_added_removed_and_changed() {
        let (before, after) = (r#"{"a":1,"b":{"c/d":"x"},"e":[1]}"#, r#"{"a":2,"b":{},"e":[1,3]}"#);
        assert_eq!(
            told(before, after),
            [r#"/a Some("1") Some("2")"#, r#"/b/c~1d Some("\"x\"") None"#, r#"/e/1 None Some("3")"#,]
        );
    }

    #[test]
    fn what_is_taken_from_a_list_is_told_with_its_own_value() {
        let gone: Vec<_> =
            changes("[1,2,3,4]", "[1]").unwrap().into_iter().filter_map(|change| change.before).collect();
        let mut sorted = gone.clone();
        sorted.sort_unstable();
        assert_eq!(sorted, ["2", "3", "4"]);
    }

    #[test]
    fn another_text_of_the_same_value_has_no_changed_field() {
        assert_eq!(changes("[1,  2]", "[1,2]"), Some(Vec::new()));
        assert_eq!(changes("[1]", "no"), None);
    }
}
