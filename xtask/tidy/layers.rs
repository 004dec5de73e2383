//! A crate depends only on crates that the root manifest lists above it, and heavy dependencies stay at home.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};
use toml::Table;

use super::{Findings, Scene};
use crate::workspace::Package;

/// Members outside the layers: they may depend on anything, and only as a development dependency on them.
const TOOLS: [&str; 3] = ["lisa-bench-rag", "lisa-testkit", "xtask"];

/// Third-party crates (by real name) and the only members whose normal dependencies may name them.
const HOMES: &[(&str, &[&str])] = &[
    ("aws-sdk-cloudformation", &["lisa-aws", "lisa-testkit"]),
    ("aws-sdk-ecr", &["lisa-aws"]),
    ("aws-sdk-s3", &["lisa-aws", "lisa-weights"]),
    (
        "axum",
        &[
            "lisa-service",
            "lisa-serve",
            "lisa-models",
            "lisa-chat",
            "lisa-rag",
            "lisa-local",
            "lisa-testkit",
            "lisa-bench-rag",
        ],
    ),
    ("bollard", &["lisa-containers"]),
    ("clap", &["lisa", "xtask"]),
    ("clap_complete", &["lisa"]),
    ("clap_mangen", &["lisa"]),
    ("indicatif", &["lisa"]),
    ("lambda_runtime", &["lisa-service"]),
    ("nix", &["lisa", "lisa-bench-rag", "lisa-rag", "lisa-staging", "lisa-weights", "xtask"]),
    ("oci-client", &["lisa-containers"]),
    ("rusqlite", &["lisa-store", "lisa-vectors"]),
    ("schemars", &["lisa-api", "lisa-config", "lisa-models"]),
    ("serde-saphyr", &["lisa-config"]),
    ("zip", &["lisa-checkpoint", "lisa-containers", "lisa-extract"]),
];

pub(super) fn check(scene: &Scene<'_>, findings: &mut Findings) -> Result<usize> {
    let order = order(scene)?;
    let mut edges = 0;
    for package in scene.metadata.members() {
        edges += check_edges(package, &order, findings);
        check_homes(package, findings);
    }
    Ok(edges)
}

/// Package name to its place in the root manifest's list; the root package itself comes last.
fn order(scene: &Scene<'_>) -> Result<BTreeMap<String, usize>> {
    let root = &scene.workspace.root;
    let manifest: Table = fs::read_to_string(root.join("Cargo.toml"))?.parse()?;
    let members = manifest
        .get("workspace")
        .and_then(|workspace| workspace.get("members"))
        .and_then(|members| members.as_array())
        .context("the root manifest lists no members")?;
    let mut order = BTreeMap::new();
    for package in scene.metadata.members() {
        let directory = package.manifest_path.parent().unwrap_or(Path::new(""));
        let place = members
            .iter()
            .position(|member| member.as_str().is_some_and(|path| root.join(path) == directory))
            .unwrap_or(members.len());
        order.insert(package.name.clone(), place);
    }
    Ok(order)
}

fn check_edges(package: &Package, order: &BTreeMap<String, usize>, findings: &mut Findings) -> usize {
    let mut edges = 0;
    for dependency in package.dependencies.iter().filter(|dependency| dependency.path.is_some()) {
        edges += 1;
        let is_development = dependency.kind.as_deref() == Some("dev");
        let to_tool = TOOLS.contains(&dependency.name.as_str());
        let is_tool = TOOLS.contains(&package.name.as_str());
        let is_lower = order.get(&package.name) > order.get(&dependency.name);
        // Tools stand outside the layers; among themselves they keep the order of the list.
        let allowed = if to_tool { is_development || is_tool && is_lower } else { is_tool || is_lower };
        if !allowed {
            findings
                .error(format!("{} depends on {}, which is no lower layer", package.name, dependency.name));
        }
    }
    edges
}

fn check_homes(package: &Package, findings: &mut Findings) {
    for dependency in package.dependencies.iter().filter(|dependency| dependency.kind.is_none()) {
        let home = HOMES.iter().find(|(name, _)| *name == dependency.name);
        if let Some((_, members)) = home
            && !members.contains(&package.name.as_str())
        {
            let (name, owners) = (&dependency.name, members.join(", "));
            findings.error(format!("{} depends on `{name}`, which belongs to {owners} alone", package.name));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::json;

    use super::{Findings, Package, check_edges, check_homes};

    /// A member with one dependency.
    fn package(name: &str, dependency: &str, kind: Option<&str>, path: Option<&str>) -> Package {
        let dependency = json!({ "name": dependency, "kind": kind, "path": path });
        let package = json!({
            "name": name, "version": "0.1.0", "id": name, "license": null, "manifest_path": "Cargo.toml",
            "dependencies": [dependency], "targets": [],
        });
        serde_json::from_value(package).expect("the package is complete")
    }

    fn edge_errors(name: &str, dependency: &str, kind: Option<&str>) -> usize {
        let order = ["lisa-names", "lisa-config", "lisa-stacks", "lisa-testkit", "xtask", "lisa"];
        let order: BTreeMap<String, usize> =
            order.iter().enumerate().map(|(at, name)| ((*name).to_owned(), at)).collect();
        let mut findings = Findings::default();
        check_edges(&package(name, dependency, kind, Some("src")), &order, &mut findings);
        findings.errors.len()
    }

    #[test]
    fn edges_point_down() {
        assert_eq!(edge_errors("lisa-stacks", "lisa-config", None), 0);
        assert_eq!(edge_errors("lisa-config", "lisa-stacks", None), 1);
        assert_eq!(edge_errors("lisa-config", "lisa-stacks", Some("dev")), 1);
    }

    #[test]
    fn tools_are_for_tests() {
        assert_eq!(edge_errors("lisa", "lisa-testkit", Some("dev")), 0);
        assert_eq!(edge_errors("lisa", "lisa-testkit", None), 1);
        assert_eq!(edge_errors("xtask", "lisa-stacks", None), 0);
    }

    #[test]
    fn heavy_dependencies_stay_at_home() {
        let errors = |member: &str, kind: Option<&str>| {
            let mut findings = Findings::default();
            check_homes(&package(member, "serde-saphyr", kind, None), &mut findings);
            findings.errors.len()
        };
        assert_eq!(errors("lisa-config", None), 0);
        assert_eq!(errors("lisa-stacks", None), 1);
        assert_eq!(errors("lisa-stacks", Some("dev")), 0);
    }
}
