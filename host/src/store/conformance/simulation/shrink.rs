//! The least that still fails, found by leaving out.

/// Leaves out halves, quarters, ... and single items, then makes items smaller, for as long as what
/// is left still fails. What comes back fails, and without any one of its items it does not.
pub fn shrink<T: Clone>(
    mut items: Vec<T>,
    smaller: impl Fn(&T) -> Vec<T>,
    still_fails: impl Fn(&[T]) -> bool,
) -> Vec<T> {
    loop {
        let before = items.len();
        let mut chunk = items.len();
        while chunk > 0 {
            leave_out(&mut items, chunk, &still_fails);
            chunk /= 2;
        }
        let is_smaller = make_smaller(&mut items, &smaller, &still_fails);
        if items.len() == before && !is_smaller {
            return items;
        }
    }
}

/// Leaves out every chunk of this size that the failure does not need, from the end.
fn leave_out<T: Clone>(items: &mut Vec<T>, chunk: usize, still_fails: impl Fn(&[T]) -> bool) {
    let mut end = items.len();
    while end > 0 {
        let begin = end.saturating_sub(chunk);
        let rest = [&items[..begin], &items[end..]].concat();
        if still_fails(&rest) {
            *items = rest;
        }
        end = begin;
    }
}

/// Puts a smaller item in the place of each for which one fails, too.
fn make_smaller<T: Clone>(
    items: &mut [T],
    smaller: impl Fn(&T) -> Vec<T>,
    still_fails: impl Fn(&[T]) -> bool,
) -> bool {
    let mut is_smaller = false;
    for place in 0..items.len() {
        for candidate in smaller(&items[place]) {
            let larger = std::mem::replace(&mut items[place], candidate);
            if still_fails(items) {
                is_smaller = true;
                break;
            }
            items[place] = larger;
        }
    }
    is_smaller
}

#[test]
fn what_is_not_needed_is_left_out() {
    let fails = |items: &[u32]| items.contains(&7) && items.iter().filter(|n| **n >= 50).count() >= 2;
    let smaller = |n: &u32| if *n > 50 { vec![n - 1] } else { Vec::new() };
    assert_eq!(shrink((0..100).collect(), smaller, fails), [7, 50, 50]);
}
