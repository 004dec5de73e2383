//! The dependency budget: nothing that `deny.toml` bans, no second version that it does not accept, no graph that
//! grows unnoticed. The same file serves `cargo deny`, which adds the advisories and needs the network for them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use anyhow::{Context as _, Result};
use serde::Deserialize;

use super::{Findings, Scene};

/// Packages that are built on some platform. Raise it in the commit that adds the dependency, and say why there.
const CEILING: usize = 525;

/// The part of `deny.toml` that this rule applies.
#[derive(Deserialize)]
struct Deny {
    bans: Bans,
}

#[derive(Deserialize)]
struct Bans {
    deny: Vec<Ban>,
    skip: Vec<Ban>,
}

#[derive(Deserialize)]
struct Ban {
    /// `name`, or `name@requirement` where the requirement is a prefix of the version or `<` and a number.
    #[serde(rename = "crate")]
    spec: String,
    reason: String,
}

impl Ban {
    fn matches(&self, name: &str, version: &str) -> bool {
        match self.spec.split_once('@') {
            None => self.spec == name,
            Some((banned, requirement)) => banned == name && satisfies(version, requirement),
        }
    }
}

/// `<0.23` compares the first two numbers; anything else is a version's beginning.
fn satisfies(version: &str, requirement: &str) -> bool {
    let numbers = |text: &str| -> Vec<u64> {
        text.split('.').take(2).map_while(|number| number.trim().parse().ok()).collect()
    };
    match requirement.strip_prefix('<') {
        Some(limit) => numbers(version) < numbers(limit),
        None => version == requirement || version.starts_with(&format!("{requirement}.")),
    }
}

pub(super) fn check(scene: &Scene<'_>, findings: &mut Findings) -> Result<usize> {
    let text =
        fs::read_to_string(scene.workspace.root.join("deny.toml")).context("could not read `deny.toml`")?;
    let deny: Deny = toml::from_str(&text).context("could not understand `deny.toml`")?;
    let mut versions: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for package in scene.metadata.external() {
        versions.entry(&package.name).or_default().insert(&package.version);
        for ban in deny.bans.deny.iter().filter(|ban| ban.matches(&package.name, &package.version)) {
            findings.error(format!("{} {} is banned: {}", package.name, package.version, ban.reason));
        }
    }
    for (name, versions) in &versions {
        let unaccepted =
            versions.iter().filter(|version| !deny.bans.skip.iter().any(|ban| ban.matches(name, version)));
        if unaccepted.count() > 1 {
            let versions: Vec<_> = versions.iter().copied().collect();
            findings.error(format!(
                "{name} is there in {}: unify, or accept it in deny.toml",
                versions.join(" and ")
            ));
        }
    }
    let packages = scene.metadata.packages.len();
    if packages > CEILING {
        findings.error(format!("{packages} packages are built, more than the ceiling of {CEILING}"));
    }
    Ok(versions.len())
}

#[cfg(test)]
mod tests {
    use super::satisfies;

    #[test]
    fn requirements() {
        assert!(satisfies("0.14.32", "0.14"));
        assert!(!satisfies("0.140.0", "0.14"));
        assert!(satisfies("0.21.9", "<0.23"));
        assert!(!satisfies("0.23.1", "<0.23"));
        assert!(!satisfies("1.0.0", "<0.23"));
    }
}
