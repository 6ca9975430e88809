//! What `#[handler]` says to whoever uses it wrongly: one file per mistake, its text beside it.

#[test]
fn mistakes_are_explained_at_their_token() {
    let cases = trybuild::TestCases::new();
    cases.pass("tests/ui/pass/*.rs");
    cases.compile_fail("tests/ui/*.rs");
}
