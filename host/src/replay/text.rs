//! Two sides of a difference, short enough to be read and to be kept.

/// Longest text of one side, in bytes.
const BYTES_MAX: usize = 2000;

/// What is shown before the place where the sides part.
const BYTES_BEFORE: usize = 40;

/// Both sides, from a little before the place where they part.
pub fn excerpts(recorded: &str, now: &str) -> (String, String) {
    let same = recorded.bytes().zip(now.bytes()).take_while(|(a, b)| a == b).count();
    let start = if recorded.len().max(now.len()) > BYTES_MAX { same.saturating_sub(BYTES_BEFORE) } else { 0 };
    (excerpt(recorded, start), excerpt(now, start))
}

fn excerpt(text: &str, start: usize) -> String {
    let start = text.floor_char_boundary(start);
    let end = text.floor_char_boundary(start.saturating_add(BYTES_MAX));
    let before = if start > 0 { "..." } else { "" };
    let after = if end < text.len() { "..." } else { "" };
    format!("{before}{}{after}", &text[start..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_texts_are_shown_whole() {
        assert_eq!(excerpts("[1]", "[2]"), ("[1]".into(), "[2]".into()));
    }

    #[test]
    fn of_long_texts_the_place_where_they_part_is_shown() {
        let (a, b) = (format!("{}x{}", "é".repeat(5000), "y".repeat(5000)), "é".repeat(5000));
        let (recorded, now) = excerpts(&a, &b);
        assert!(recorded.starts_with("...é") && recorded.contains("éxy") && recorded.ends_with("y..."));
        assert!(now.starts_with("...é") && now.ends_with('é'), "{now}");
        assert!(recorded.len() < BYTES_MAX + 10);
    }
}
