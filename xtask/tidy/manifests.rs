//! Members inherit: lints and package fields from the workspace, and every version from its one table.

use std::fs;

use anyhow::{Context as _, Result};
use toml::Table;
use toml::Value;

use super::{Findings, Scene};

const DEPENDENCY_TABLES: [&str; 3] = ["dependencies", "dev-dependencies", "build-dependencies"];
const INHERITED_FIELDS: [&str; 5] = ["version", "edition", "rust-version", "license", "publish"];

pub(super) fn check(scene: &Scene<'_>, findings: &mut Findings) -> Result<usize> {
    let mut seen = 0;
    for package in scene.metadata.members() {
        let path = &package.manifest_path;
        let text =
            fs::read_to_string(path).with_context(|| format!("could not read `{}`", path.display()))?;
        let manifest: Table =
            text.parse().with_context(|| format!("could not understand `{}`", path.display()))?;
        for complaint in complaints(&manifest) {
            findings.error(format!("{}: {complaint}", package.name));
        }
        seen += 1;
    }
    Ok(seen)
}

fn complaints(manifest: &Table) -> Vec<String> {
    let mut complaints = Vec::new();
    if !inherits(manifest.get("lints")) {
        complaints.push("lints are not inherited; add `[lints]` with `workspace = true`".to_owned());
    }
    for field in INHERITED_FIELDS {
        if !inherits(manifest.get("package").and_then(|package| package.get(field))) {
            complaints.push(format!("`{field}` is not inherited; write `{field}.workspace = true`"));
        }
    }
    for table in DEPENDENCY_TABLES {
        let entries = manifest.get(table).and_then(Value::as_table).into_iter().flatten();
        for (name, entry) in entries {
            if !inherits(Some(entry)) {
                complaints
                    .push(format!("`{name}` in `[{table}]` does not take its version from the workspace"));
            }
        }
    }
    complaints
}

fn inherits(entry: Option<&Value>) -> bool {
    entry.and_then(|entry| entry.get("workspace")).and_then(Value::as_bool) == Some(true)
}

#[cfg(test)]
mod tests {
    use super::complaints;

    const GOOD: &str = "
        package.name = 'a'
        package.version.workspace = true
        package.edition.workspace = true
        package.rust-version.workspace = true
        package.license.workspace = true
        package.publish.workspace = true
        lints.workspace = true
    ";

    fn complaints_about(text: &str) -> Vec<String> {
        complaints(&text.parse().expect("the manifest is TOML"))
    }

    #[test]
    fn an_inheriting_manifest_is_fine() {
        assert!(complaints_about(&format!("{GOOD}\n dependencies.serde.workspace = true")).is_empty());
    }

    #[test]
    fn a_version_of_its_own_is_found() {
        let found = complaints_about(&format!("{GOOD}\n dev-dependencies.serde = '1'"));
        assert_eq!(found, ["`serde` in `[dev-dependencies]` does not take its version from the workspace"]);
    }

    #[test]
    fn missing_lints_are_found() {
        let found = complaints_about(&GOOD.replace("lints.workspace = true", ""));
        assert_eq!(found.len(), 1);
    }
}
