//! The page in a browser, against real routes.

use lisa_testkit::programs;

use super::run;

/// One after another: each file starts a browser and servers of its own, and a stop within 200 ms is measured.
#[test]
fn it_works() {
    let page = programs::page().unwrap();
    let gateway = programs::service("lisa-serve").unwrap();
    let environment = [("LISA_WEB", page.to_str().unwrap()), ("LISA_SERVE", gateway.to_str().unwrap())];
    run("vitest/vitest.mjs", &["run", "--config", "e2e/vitest.config.ts"], &environment);
}
