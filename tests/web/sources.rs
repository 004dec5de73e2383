//! The page's sources: types, rules and tests of their own.

use super::run;

#[test]
fn types_hold() {
    run("typescript/bin/tsc", &["--noEmit"]);
}

#[test]
fn rules_hold() {
    run("eslint/bin/eslint.js", &["--max-warnings", "0", "."]);
}

#[test]
fn units_hold() {
    run("vitest/vitest.mjs", &["run"]);
}
