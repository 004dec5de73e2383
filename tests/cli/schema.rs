//! `lisa schema`: what it prints is what is committed.

use lisa_testkit::repository;

use crate::cli::project::Project;

#[test]
fn the_schema_is_the_committed_file() {
    let committed = std::fs::read_to_string(repository::path("schemas/config.schema.json")).unwrap();
    let printed = Project::empty().lisa(&["schema"]);
    assert_eq!(printed.exit, Some(0));
    assert!(printed.stdout == committed, "schemas/config.schema.json is stale: run `cargo xtask regen`");
    assert_eq!(printed.json()["$schema"], "https://json-schema.org/draft/2020-12/schema");
}
