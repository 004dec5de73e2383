//! What the services' HTTP interfaces are, for programs that call them: one OpenAPI document each.

use std::path::Path;

use anyhow::Result;

use super::Output;

/// `schemas/openapi`.
#[expect(clippy::unnecessary_wraps, reason = "every generator has this signature")]
pub(super) fn generate(_root: &Path) -> Result<Vec<Output>> {
    let models = format!("{:#}\n", lisa_models::openapi::document());
    Ok(vec![Output::new("schemas/openapi/models.json", models)])
}
