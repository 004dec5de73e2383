//! The models of the configuration, once what they stand on is there.

use lisa_stacks::{App, Asset, StackName};

use super::super::model;
use super::Run;
use crate::failure::Failure;

/// Brings every model that is to be deployed into service, where the stack `models` is part of the run.
pub(super) async fn bring_up(run: &Run<'_>, app: &App) -> Result<(), Failure> {
    let config = &run.session.input.config;
    if !run.chosen.contains(StackName::Models.short()) || config.hosted_models().next().is_none() {
        return Ok(());
    }
    let registry =
        format!("{}.dkr.ecr.{}.{}", config.account_number, config.region, config.partition.dns_suffix());
    let built = |name: &str| {
        let stack = app.stacks.iter().find(|stack| stack.name == name)?;
        stack.assets.iter().find_map(|asset| match asset {
            Asset::Image { name: image, repository, digest } if image == name => {
                Some(format!("{registry}/{repository}@{digest}"))
            }
            _ => None,
        })
    };
    let session = &run.session.connection.session;
    model::bring_up(config, session, built, run.session.printer).await.map(drop)
}
