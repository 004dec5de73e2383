//! What `config.yaml` may hold, for editors and for people: the JSON Schema and the commented example.

use std::path::Path;

use anyhow::Result;

use super::Output;

/// `schemas/config.schema.json` and `config.yaml.example`.
#[expect(clippy::unnecessary_wraps, reason = "every generator has this signature")]
pub(super) fn generate(_root: &Path) -> Result<Vec<Output>> {
    let schema = format!("{:#}\n", lisa_config::schema());
    Ok(vec![
        Output::new("schemas/config.schema.json", schema),
        Output::new("config.yaml.example", lisa_config::example()),
    ])
}
