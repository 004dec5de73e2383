//! Rules on vector stores and on how documents are cut.

use super::facts::Facts;
use super::{
    RAG_CHUNK_OVERLAP, RAG_CHUNKS_MISSING, RAG_CONFIG_MISSING, RAG_CONFIG_UNUSED, RAG_DATABASE_HALF,
    RAG_NOT_DEPLOYED, RAG_REPOSITORY_TWICE, RAG_STANDBY_NODES, RAG_STANDBY_ZONES,
};
use crate::report::Report;
use std::collections::{BTreeMap, BTreeSet};

/// The block that each type of repository has.
const BLOCKS: &[(&str, &str)] = &[
    ("opensearch", "opensearchConfig"),
    ("pgvector", "rdsConfig"),
    ("bedrock_knowledge_base", "bedrockKnowledgeBaseConfig"),
];

pub(super) fn check(facts: &Facts<'_>, report: &mut Report<'_>) {
    let repositories = facts.items("ragRepositories");
    ids(facts, &repositories, report);
    for repository in &repositories {
        blocks(facts, repository, report);
        existing_database(facts, repository, report);
        standby(facts, repository, report);
        for pipeline in facts.items(&format!("{repository}.pipelines")) {
            overlap(facts, &pipeline, report);
        }
    }
    overlap(facts, "ragFileProcessingConfig", report);
    chunks(facts, report);
    if !repositories.is_empty() && facts.value("deployRag").is_some() && !facts.flag("deployRag") {
        report.add(
            facts
                .at(
                    "ragRepositories",
                    &RAG_NOT_DEPLOYED,
                    "the repositories are not deployed: `deployRag` is `false`",
                )
                .span_instead(facts.key_span("ragRepositories"))
                .label("not deployed")
                .help("Set `deployRag` to `true`, or remove the repositories."),
        );
    }
}

fn ids(facts: &Facts<'_>, repositories: &[String], report: &mut Report<'_>) {
    let mut seen = BTreeMap::new();
    for repository in repositories {
        let path = format!("{repository}.repositoryId");
        let Some(id) = facts.text(&path) else { continue };
        if let Some(first) = seen.insert(id.to_lowercase(), path.clone()) {
            report.add(
                facts
                    .at(&path, &RAG_REPOSITORY_TWICE, format!("the repository id `{id}` is taken"))
                    .label("again here")
                    .related(facts.span(&first), "first here")
                    .help("Give each repository an id of its own: it names its store."),
            );
        }
    }
}

/// Rule F.
fn blocks(facts: &Facts<'_>, repository: &str, report: &mut Report<'_>) {
    let kind_path = format!("{repository}.type");
    let Some(kind) = facts.text(&kind_path) else { return };
    for (of, block) in BLOCKS {
        let path = format!("{repository}.{block}");
        if kind == *of && !facts.has(&path) {
            report.add(
                facts
                    .at(
                        &path,
                        &RAG_CONFIG_MISSING,
                        format!("`{path}` is missing: the repository is of type `{of}`"),
                    )
                    .span_instead(facts.span(&kind_path))
                    .label(format!("needs `{block}`"))
                    .help(format!("Add `{block}`, or correct the type.")),
            );
        }
        if kind != *of && facts.has(&path) && BLOCKS.iter().any(|(known, _)| *known == kind) {
            report.add(
                facts
                    .at(
                        &path,
                        &RAG_CONFIG_UNUSED,
                        format!("`{block}` has no effect on a repository of type `{kind}`"),
                    )
                    .label("not used")
                    .related(facts.span(&kind_path), "the type")
                    .help("Remove it, or correct the type."),
            );
        }
    }
}

/// Upstream quietly makes a new database when one of the two is missing; nobody who names a host wants that.
fn existing_database(facts: &Facts<'_>, repository: &str, report: &mut Report<'_>) {
    let (host, secret) =
        (format!("{repository}.rdsConfig.dbHost"), format!("{repository}.rdsConfig.passwordSecretId"));
    let (here, missing) = match (facts.has(&host), facts.has(&secret)) {
        (true, false) => (host, "passwordSecretId"),
        (false, true) => (secret, "dbHost"),
        _ => return,
    };
    if facts.written(&format!("{repository}.rdsConfig.{missing}")) {
        return;
    }
    report.add(
        facts
            .at(&here, &RAG_DATABASE_HALF, format!("an existing database needs `{missing}` too"))
            .label("alone")
            .help(format!("Add `{missing}`, or remove this key to have a database made.")),
    );
}

fn standby(facts: &Facts<'_>, repository: &str, report: &mut Report<'_>) {
    let config = format!("{repository}.opensearchConfig");
    let path = format!("{config}.multiAzWithStandby");
    if !facts.flag(&path) {
        return;
    }
    // The block is one of two alternatives, so that its defaults are not filled in.
    let nodes = facts.number(&format!("{config}.dataNodes")).unwrap_or(2);
    let masters = facts.number(&format!("{config}.masterNodes")).unwrap_or(0);
    if !nodes.is_multiple_of(3) || masters < 3 {
        report.add(
            facts
                .at(&path, &RAG_STANDBY_NODES, format!("a standby zone does not work with {nodes} data nodes and {masters} master nodes"))
                .label("needs three zones")
                .help("Set `dataNodes` to a multiple of 3 and `masterNodes` to 3, or remove `multiAzWithStandby`."),
        );
    } else if let Some(zones) = zones(facts).filter(|zones| *zones < 3) {
        report.add(
            facts
                .at(
                    &path,
                    &RAG_STANDBY_ZONES,
                    format!("a standby zone does not fit into {zones} availability zones"),
                )
                .label("needs three zones")
                .help("Set `maxAzs` to 3, give subnets in three zones, or remove `multiAzWithStandby`."),
        );
    }
}

/// How many availability zones the deployment has; `None` where its subnets are looked up.
fn zones(facts: &Facts<'_>) -> Option<u64> {
    if !facts.has("vpcId") {
        return facts.number("maxAzs");
    }
    let subnets = facts.items("subnets");
    let zones: BTreeSet<&str> =
        subnets.iter().filter_map(|subnet| facts.text(&format!("{subnet}.availabilityZone"))).collect();
    (!subnets.is_empty()).then_some(zones.len() as u64)
}

fn overlap(facts: &Facts<'_>, config: &str, report: &mut Report<'_>) {
    let (size_path, overlap_path) = (format!("{config}.chunkSize"), format!("{config}.chunkOverlap"));
    let (Some(size), Some(overlap)) = (facts.number(&size_path), facts.number(&overlap_path)) else { return };
    if overlap >= size {
        report.add(
            facts
                .at(
                    &overlap_path,
                    &RAG_CHUNK_OVERLAP,
                    format!("chunks of {size} characters cannot share {overlap}"),
                )
                .label("not less than a chunk")
                .related(facts.span(&size_path).filter(|_| facts.has(&size_path)), "size of a chunk")
                .help("A tenth of `chunkSize` is usual."),
        );
    }
}

/// 6.x ships a default for this block in a file of its own; 3.x does not, and means what the block says.
fn chunks(facts: &Facts<'_>, report: &mut Report<'_>) {
    if facts.flag("deployRag") && !facts.flat && !facts.written("ragFileProcessingConfig") {
        report.add(
            facts
                .at(
                    "ragFileProcessingConfig",
                    &RAG_CHUNKS_MISSING,
                    "`ragFileProcessingConfig` is missing: `deployRag` needs it",
                )
                .span_instead(facts.key_span("deployRag"))
                .label("documents are cut into chunks")
                .help("Add `ragFileProcessingConfig` with `chunkSize: 512` and `chunkOverlap: 51`."),
        );
    }
}
