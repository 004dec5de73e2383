//! Random configs that are valid become templates in which cfn-lint finds nothing, or are refused with a message.
//!
//! The sample is the same in every run. It is small, since a template takes cfn-lint a third of a second;
//! `LISA_SAMPLE=100` draws that many configs for each region.

mod breed;
mod dice;

use std::collections::{BTreeMap, BTreeSet};
use std::env;

use anyhow::{Context as _, Result, ensure};
use lisa_config::{Options, Overrides, Source, load};
use lisa_names::Region;
use lisa_testkit::Corpus;

use self::breed::Breed;
use self::dice::Dice;
use super::cfn_lint;
use super::lisa;

/// How many configs are drawn for each region.
const SIZE: usize = 5;

/// Sets another size.
const SIZE_VARIABLE: &str = "LISA_SAMPLE";

/// Draws that are refused before one is accepted, at most: beyond it, the breed has gone bad.
const PATIENCE: usize = 60;

fn size() -> Result<usize> {
    match env::var(SIZE_VARIABLE) {
        Ok(size) => size.parse().with_context(|| format!("`{SIZE_VARIABLE}` is no number: `{size}`")),
        Err(_) => Ok(SIZE),
    }
}

/// That many configs for a region which `lisa_config` accepts, by name.
fn sample(region: &Region, size: usize) -> Result<BTreeMap<String, String>> {
    let breed = Breed::of(region)?;
    let mut dice = Dice::new(region.as_str());
    let mut accepted = BTreeMap::new();
    for _ in 0..size * PATIENCE {
        if accepted.len() == size {
            break;
        }
        let text = format!("{:#}", breed.config(&mut dice));
        if is_accepted(&text)? {
            accepted.insert(format!("sample-{:03}", accepted.len()), text);
        }
    }
    ensure!(accepted.len() == size, "only {} of {size} configs are accepted in {region}", accepted.len());
    Ok(accepted)
}

/// Whether the config is valid; what is refused must be told why.
fn is_accepted(text: &str) -> Result<bool> {
    let source = Source { name: "config.yaml".to_owned(), text: text.to_owned() };
    let Err(problems) = load(&source, &Overrides::default(), &Options::default()) else { return Ok(true) };
    let is_told = problems.errors() > 0
        && problems.0.iter().all(|problem| problem.rule != "internal" && !problem.message.is_empty());
    ensure!(is_told, "refused without a reason:\n{problems}\n{text}");
    Ok(false)
}

fn expect_clean(region: &str) -> Result<()> {
    let texts = sample(&Region::new(region)?, size()?)?;
    let corpus = Corpus::of_texts(lisa(), &texts)?;
    for (name, said) in &corpus.refused {
        ensure!(said.contains("error"), "{name} is refused without a message: {said}");
    }
    let (refused, drawn) = (corpus.refused.len(), texts.len());
    ensure!(
        refused * 2 <= drawn,
        "{refused} of {drawn} configs are refused in {region}: {:#?}",
        corpus.refused
    );
    cfn_lint::expect_clean(region, &corpus.distinct_templates()?).map_err(|found| {
        let found = found.to_string();
        let blamed = texts.iter().filter(|(name, _)| found.contains(name.as_str()));
        let texts: Vec<_> = blamed.map(|(name, text)| format!("{name}:\n{text}")).collect();
        anyhow::anyhow!("{found}\n{}", texts.join("\n"))
    })
}

#[test]
fn commercial_samples_are_clean() -> Result<()> {
    expect_clean("us-east-1")
}

#[test]
fn gov_cloud_samples_are_clean() -> Result<()> {
    expect_clean("us-gov-west-1")
}

#[test]
fn china_samples_are_clean() -> Result<()> {
    expect_clean("cn-north-1")
}

#[test]
fn a_sample_is_varied_and_always_the_same() -> Result<()> {
    let region = Region::new("us-east-1")?;
    let texts = sample(&region, 12)?;
    ensure!(texts == sample(&region, 12)?, "two draws differ");
    ensure!(texts.values().collect::<BTreeSet<_>>().len() == texts.len(), "a config was drawn twice");
    for key in ["vpcId", "ragRepositories", "ecsModels", "securityProfile", "removalPolicy", "tags"] {
        let with = texts.values().filter(|text| text.contains(&format!("\"{key}\":"))).count();
        ensure!(0 < with && with < texts.len(), "`{key}` is in {with} of {} configs", texts.len());
    }
    Ok(())
}
