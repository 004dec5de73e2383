//! Writes `src/cfn/aws`: one file per CloudFormation resource type, from the schemas under `schemas/cloudformation`.

mod emit;
mod literals;
mod model;
mod naming;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::Value as JsonValue;

use self::model::ResourceType;
use super::{Output, rustfmt};

/// Every file of `src/cfn/aws`, and the table of what regions lack.
pub(super) fn generate(root: &Path) -> Result<Vec<Output>> {
    let inputs = root.join("schemas/cloudformation");
    let names = type_names(&inputs)?;
    let known: BTreeSet<&str> = names.iter().map(String::as_str).collect();
    let mut files = Vec::new();
    let mut services: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for name in &names {
        let file = format!("{}.json", name.replace("::", "-"));
        let schema = read(&inputs.join("resource-schemas").join(&file))?;
        let spec = read(&inputs.join("service-spec").join(&file))?;
        let resource = ResourceType::parse(name, &schema, &spec, &known)
            .with_context(|| format!("{name} under schemas/cloudformation"))?;
        let path = format!("src/cfn/aws/{}/{}.rs", resource.module(), naming::snake(&resource.name));
        services.entry(resource.module()).or_default().push(resource.name.clone());
        files.push((path, emit::resource_file(&resource)));
    }
    for (service, resources) in &services {
        files.push((format!("src/cfn/aws/{service}.rs"), emit::service_file(service, resources)));
    }
    files.push(("src/cfn/aws.rs".to_owned(), emit::index_file(&services)));
    let regions = read(&inputs.join("resource-schemas/regions.json"))?;
    files.push(("src/cfn/regions/table.rs".to_owned(), emit::regions_file(&regions)));
    files.into_iter().map(|(path, text)| Ok(Output::new(path, rustfmt(root, &text)?))).collect()
}

fn type_names(inputs: &Path) -> Result<Vec<String>> {
    let folder = inputs.join("resource-schemas");
    let mut names = Vec::new();
    for entry in std::fs::read_dir(&folder).with_context(|| format!("reading {}", folder.display()))? {
        let file = entry?.file_name().to_string_lossy().into_owned();
        if let Some(stem) = file.strip_suffix(".json").filter(|stem| stem.starts_with("AWS-")) {
            names.push(stem.replace('-', "::"));
        }
    }
    names.sort();
    Ok(names)
}

fn read(path: &Path) -> Result<JsonValue> {
    let text = std::fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))?;
    serde_json::from_str(&text).with_context(|| format!("parsing {}", path.display()))
}
