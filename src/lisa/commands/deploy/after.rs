//! What follows when the stacks are there: the gateway's secret, the web page, the models, the readiness gate, the outputs.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;

use lisa_containers::Bundle;
use lisa_deploy::outcome::{Outcome, StackOutcome};
use lisa_deploy::outputs::{self, Outputs};
use lisa_deploy::ports::cloudformation::ObservedStack;
use lisa_deploy::ready::{self, Readiness};
use lisa_deploy::secret::{self, Memory};
use lisa_deploy::site::{self, settings};
use lisa_stacks::{App, Naming, StackName, gateway_secret};
use serde::Serialize;

use super::super::model::Declared;
use super::{Run, models, page};
use crate::failure::Failure;

/// What a deployment ends with.
#[derive(Serialize)]
pub(super) struct Report {
    #[serde(flatten)]
    outputs: Outputs,
    /// What the parts answered.
    readiness: Vec<Readiness>,
}

/// Does what follows. The stacks of this run are in `outcome`; the others are asked for.
pub(super) async fn finish(
    run: &Run<'_>,
    app: &App,
    outcome: &Outcome,
    models: &[Declared],
) -> Result<Report, Failure> {
    let there = observed(run, app, outcome).await?;
    write_secret(run, &there).await?;
    publish_page(run, &there).await?;
    models::bring_up(run, models).await?;
    // The models' stacks may have come by now.
    let observed = if models.is_empty() { there } else { observed(run, app, outcome).await? };
    let config = &run.session.input.config;
    let outputs = Outputs::of(config, &app.stacks, &observed);
    write(run, &outputs)?;
    let probes = ready::probes(config, &outputs);
    let readiness = ready::gate(run.session.world(), &*run.session.observer, &probes, ready::BUDGET).await;
    Ok(Report { outputs, readiness })
}

/// Every stack of the deployment that is there, by short name.
async fn observed(
    run: &Run<'_>,
    app: &App,
    outcome: &Outcome,
) -> Result<BTreeMap<String, ObservedStack>, Failure> {
    let (engine, world) = (run.session.engine(), run.session.world());
    let mut observed = BTreeMap::new();
    for stack in &app.stacks {
        let known =
            if let Some(StackOutcome::Done { stack: Some(known), .. }) = outcome.stacks.get(&stack.name) {
                Some((**known).clone())
            } else {
                let asked = engine.caller().call(|| world.cloudformation.stack(&stack.deployed_name)).await;
                asked.map_err(|error| Failure::call(&error))?
            };
        observed.extend(known.map(|known| (stack.name.clone(), known)));
    }
    Ok(observed)
}

async fn write_secret(run: &Run<'_>, observed: &BTreeMap<String, ObservedStack>) -> Result<(), Failure> {
    let config = &run.session.input.config;
    let serve = observed.get(StackName::Serve.short());
    let (Some(secret), Some(serve)) = (gateway_secret(config), serve) else { return Ok(()) };
    let (engine, bucket) = (run.session.engine(), Naming::new(config).asset_bucket());
    let deployment = config.deployment_prefix.to_string();
    let memory = Memory { bucket: &bucket, deployment: &deployment, stack: &serve.id };
    let written = secret::write(run.session.world(), &engine.caller(), &secret, &memory).await;
    if written.map_err(|error| Failure::call(&error))? {
        run.session.note(format!("the keys of litellmConfig are in the secret {}", secret.name));
    }
    Ok(())
}

/// The page and its settings, where the `ui` stack is part of this run.
async fn publish_page(run: &Run<'_>, observed: &BTreeMap<String, ObservedStack>) -> Result<(), Failure> {
    let name = StackName::Ui.short();
    let Some(ui) = observed.get(name).filter(|_| run.chosen.contains(name)) else { return Ok(()) };
    let Some(bucket) = ui.outputs.get("SiteBucket") else { return Ok(()) };
    let mut files = match run.bundle.as_ref().and_then(Bundle::page) {
        Some(folder) => page::of_folder(&folder)?,
        None => page::read(&run.session.input.config, &run.base)?,
    };
    files.insert(settings::FILE.to_owned(), settings::text(&ui.outputs).into());
    let engine = run.session.engine();
    let published = site::publish(run.session.world(), &engine.caller(), bucket, &files).await;
    let published = published.map_err(|error| Failure::call(&error))?;
    run.session.note(published.to_string());
    Ok(())
}

fn write(run: &Run<'_>, outputs: &Outputs) -> Result<(), Failure> {
    let path = run.flags.out.join(outputs::FILE);
    let text = serde_json::to_string_pretty(outputs).map_err(|error| Failure::write(&path, error.into()))?;
    let written = fs::create_dir_all(&run.flags.out).and_then(|()| fs::write(&path, format!("{text}\n")));
    written.map_err(|error| Failure::write(&path, error))
}

impl Report {
    /// Whether every part that can be reached is ready.
    pub(super) fn is_ready(&self) -> bool {
        self.readiness.iter().all(|part| part.ready != Some(false))
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.readiness.iter().filter_map(silence).try_for_each(|line| writeln!(f, "{line}"))?;
        self.outputs.fmt(f)
    }
}

/// What there is to say of a part that is not known to be ready.
fn silence(part: &Readiness) -> Option<String> {
    let Readiness { what, url, status, ready } = part;
    let says = match (ready, status) {
        (Some(true), _) => return None,
        (None, _) => "cannot be reached from this machine; ask from inside its network".to_owned(),
        (Some(false), Some(status)) => format!("answers {status}; see `lisa logs`"),
        (Some(false), None) => "does not answer; see `lisa logs` and `lisa doctor`".to_owned(),
    };
    Some(format!("{what}: {url} {says}"))
}
