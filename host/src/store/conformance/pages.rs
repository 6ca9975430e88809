//! Results page by page.

use super::bench::Bench;
use crate::store::{PageFrom, ResultFilter, ResultPage, ResultStatus};

fn page(bench: &Bench, filter: &ResultFilter, from: PageFrom, rows_max: u32) -> ResultPage {
    bench.inspect().page_of_results(filter, from, rows_max).unwrap()
}

/// The ids on the pages from here to the end.
fn walk(bench: &Bench, filter: &ResultFilter, mut from: PageFrom, rows_max: u32) -> Vec<String> {
    let mut ids = Vec::new();
    loop {
        let page = page(bench, filter, from, rows_max);
        assert!(page.rows.len() <= rows_max as usize);
        ids.extend(page.rows.into_iter().map(|row| format!("{} {}", row.event_id, row.handler)));
        let Some(next) = page.next else { return ids };
        from = PageFrom::After(next);
    }
}

pub fn pages_hold_every_result_once_the_latest_first(bench: &mut Bench) {
    bench.bury(["a", "b", "c"], "no");
    bench.switch_to("other");
    bench.bury(["b", "d"], "no");
    let all = ["d other", "c h", "b other", "b h", "a h"];
    for rows_max in 1..=6 {
        assert_eq!(walk(bench, &ResultFilter::default(), PageFrom::Latest, rows_max), all, "{rows_max}");
    }
}

pub fn a_page_holds_only_what_fits(bench: &mut Bench) {
    assert_eq!(page(bench, &ResultFilter::default(), PageFrom::Latest, 5), ResultPage::default());
    bench.bury(["a"], "no");
    bench.done(&bench.leased("b"));
    bench.bury(["c"], "other");
    let dead = ResultFilter { status: Some(ResultStatus::Dead), ..ResultFilter::default() };
    assert_eq!(walk(bench, &dead, PageFrom::Latest, 1), ["c h", "a h"]);
    let no = ResultFilter { error_contains: Some("no".into()), ..dead.clone() };
    assert_eq!(walk(bench, &no, PageFrom::Latest, 5), ["a h"]);
    let elsewhere = ResultFilter { handler: Some("other".into()), ..dead };
    assert!(walk(bench, &elsewhere, PageFrom::Latest, 5).is_empty());
}

pub fn what_is_recorded_meanwhile_does_not_shift_the_pages(bench: &mut Bench) {
    bench.bury(["a", "b", "c"], "no");
    let first = page(bench, &ResultFilter::default(), PageFrom::Latest, 2);
    bench.bury(["d", "e"], "no");
    let rest = PageFrom::After(first.next.unwrap());
    assert_eq!(walk(bench, &ResultFilter::default(), rest, 2), ["a h"]);
}
