//! Credentials for the registries that images are built upon or copied from.

use lisa_config::Config;

use super::Shelves;
use super::error::{AssetError, AssetErrors};
use super::patience::patiently;
use super::recipe::{Recipe, Wanted};
use crate::ports::registry::Login;

/// Asks for the account's own registry and those of `accountNumbersEcr`, where an asset may need them.
pub async fn logins<'a>(
    shelves: impl Into<Shelves<'a>>,
    config: &Config,
    wanted: &[Wanted],
) -> Result<Vec<Login>, AssetErrors> {
    let needs = |wanted: &&Wanted| matches!(wanted.recipe, Recipe::Dockerfile { .. } | Recipe::Copy { .. });
    let Some(first) = wanted.iter().find(needs) else { return Ok(Vec::new()) };
    let shelves = shelves.into();
    let others = config.account_numbers_ecr.iter().map(ToString::to_string);
    let accounts: Vec<Option<String>> = std::iter::once(None).chain(others.map(Some)).collect();
    let mut logins = Vec::new();
    for account in accounts {
        let login = patiently(shelves.clock, || shelves.registry.login(account.as_deref())).await;
        logins.push(login.map_err(|error| AssetErrors(vec![AssetError::call(first.name(), &error)]))?);
    }
    Ok(logins)
}
