//! The packages and images that the chosen stacks name, put where they are looked for.

use lisa_containers::bundle::Bundle;
use lisa_deploy::assets::{self, Workshop};
use lisa_stacks::{Assets, Stack};

use super::Run;
use crate::commands::build::{broken, local, refused};
use crate::failure::Failure;

/// Opens the bundle that `--bundle` names.
pub(super) fn bundle(run: &super::Deploy) -> Result<Option<Bundle>, Failure> {
    let Some(path) = &run.bundle else { return Ok(None) };
    Bundle::open(path, &run.out).map(Some).map_err(|error| broken(&error))
}

/// Makes what is not there yet and sends it. A plan alone only looks.
pub(super) async fn place(run: &Run<'_>, stacks: &[Stack]) -> Result<Assets, Failure> {
    let (world, config) = (run.session.world(), &run.session.input.config);
    let wanted = assets::wanted(config, stacks, &run.base);
    let wanted = wanted.map_err(|error| refused(&assets::AssetErrors(vec![error])))?;
    if wanted.is_empty() {
        return Ok(Assets::not_built());
    }
    let made_here;
    let workshop: &dyn Workshop = if let Some(bundle) = &run.bundle {
        bundle
    } else {
        let logins = assets::logins(world, config, &wanted).await.map_err(|errors| refused(&errors))?;
        made_here = local(run.flags.services.as_deref(), &run.flags.out, logins)?;
        &made_here
    };
    let plan = assets::plan(world, workshop, wanted).await.map_err(|errors| refused(&errors))?;
    if run.flags.plan_only {
        return Ok(plan.known());
    }
    let placed = assets::place(world, workshop, &plan, &*run.session.observer).await;
    Ok(placed.map_err(|errors| refused(&errors))?.assets)
}
