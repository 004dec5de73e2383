//! What the types must refuse: each case under `compile_fail/` is a mistake that does not compile, with the message
//! that its author reads.

#[test]
fn mistakes_do_not_compile() {
    trybuild::TestCases::new().compile_fail("tests/compile_fail/*.rs");
}
