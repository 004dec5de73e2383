//! Rules on who and where: account, region, partition, tags.

use super::facts::Facts;
use super::{
    DEPLOYMENT_NAME_MISSING, DOMAIN_MISMATCH, PARTITION_MISMATCH, PYPI_INDEX_MISSING, REGION_NOT_LISTED,
    REGION_UNKNOWN, TAG_TWICE,
};
use crate::report::Report;
use lisa_names::{Partition, Region};
use std::collections::BTreeMap;

pub(super) fn check(facts: &Facts<'_>, report: &mut Report<'_>) {
    if let Some(text) = facts.text("region") {
        match Region::new(text) {
            Ok(region) => in_region(facts, &region, report),
            Err(error) => {
                let finding =
                    facts.at("region", &REGION_UNKNOWN, format!("`{text}` is a region of no partition"));
                report.add(
                    finding
                        .label("no region")
                        .help(error.help().unwrap_or("Write a region such as `us-east-1`.")),
                );
            }
        }
    }
    deployment_name(facts, report);
    tags(facts, report);
}

/// 3.x has no default for it, and several environments in one file must not end up with one name.
fn deployment_name(facts: &Facts<'_>, report: &mut Report<'_>) {
    if !facts.flat && !facts.has("deploymentName") && !facts.written("deploymentName") {
        report.add(
            facts
                .at("deploymentName", &DEPLOYMENT_NAME_MISSING, "`deploymentName` is missing")
                .span_instead(facts.key_span("deploymentName").or_else(|| facts.key_span("accountNumber")))
                .label("needs `deploymentName`")
                .help("Add `deploymentName`, or set the variable DEPLOYMENT_NAME."),
        );
    }
}

fn in_region(facts: &Facts<'_>, region: &Region, report: &mut Report<'_>) {
    let partition = region.partition();
    if !region.is_known() {
        let known = partition.regions().join("`, `");
        report.add(
            facts
                .at(
                    "region",
                    &REGION_NOT_LISTED,
                    format!("`{region}` is not among the regions of `{partition}` known to this version"),
                )
                .label("not known")
                .help(format!("If it is no new region, write one of `{known}`.")),
        );
    }
    derived(facts, "partition", partition.id(), &PARTITION_MISMATCH, region, report);
    derived(facts, "domain", partition.dns_suffix(), &DOMAIN_MISMATCH, region, report);
    isolated(facts, partition, report);
}

/// A value that follows from the region and must agree with it when it is given.
fn derived(
    facts: &Facts<'_>,
    key: &str,
    right: &str,
    rule: &'static super::Rule,
    region: &Region,
    report: &mut Report<'_>,
) {
    if let Some(given) = facts.text(key).filter(|given| *given != right) {
        report.add(
            facts
                .at(key, rule, format!("the {key} of region `{region}` is `{right}`, not `{given}`"))
                .label("does not fit the region")
                .related(facts.span("region"), "the region")
                .help("Remove the key, which follows from the region, or correct the region."),
        );
    }
}

/// Rule A: images that install Python packages cannot reach the public index.
fn isolated(facts: &Facts<'_>, partition: Partition, report: &mut Report<'_>) {
    if partition.is_isolated() && facts.text("pypiConfig.indexUrl").is_none() {
        report.add(
            facts
                .at("pypiConfig.indexUrl", &PYPI_INDEX_MISSING, format!("`pypiConfig.indexUrl` is missing: partition `{partition}` cannot reach the public Python index"))
                .span_instead(facts.span("region"))
                .label("isolated region")
                .help("Give the URL of an index inside the partition."),
        );
    }
}

fn tags(facts: &Facts<'_>, report: &mut Report<'_>) {
    let mut seen = BTreeMap::new();
    for tag in facts.items("tags") {
        let path = format!("{tag}.Key");
        let Some(key) = facts.text(&path) else { continue };
        if let Some(first) = seen.insert(key.to_owned(), path.clone()) {
            report.add(
                facts
                    .at(&path, &TAG_TWICE, format!("the tag `{key}` stands here twice"))
                    .label("again here")
                    .related(facts.span(&first), "first here")
                    .help("Keep one of the two: a resource has one value for a tag."),
            );
        }
    }
}
