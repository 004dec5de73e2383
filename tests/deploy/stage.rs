//! Where a deployment plays: an emulator, the proxy before it, and the engine over the real adapters.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, Result, anyhow, ensure};
use lisa_cfn::Format;
use lisa_config::{Config, Options, Overrides, Source};
use lisa_deploy::control;
use lisa_deploy::destroy::{self, Removed, Wanted};
use lisa_deploy::engine::Engine;
use lisa_deploy::event::{Event, Observer};
use lisa_deploy::outcome::{Meaning, Outcome};
use lisa_deploy::plan::{Losses, Purpose};
use lisa_deploy::ports::World;
use lisa_deploy::ports::cloudformation::TemplateSource;
use lisa_deploy::target::Target;
use lisa_deploy::{parameters, templates};
use lisa_signed::Session;
use lisa_stacks::{Assets, Naming, bootstrap, synthesize};
use lisa_testkit::{Emulator, Proxy, repository};

pub(super) struct Stage {
    pub(super) proxy: Proxy,
    world: World,
    emulator: Emulator,
}

/// Hears nothing: the outcome is what is judged.
struct Deaf;

impl Observer for Deaf {
    fn on(&self, _: Event) {}
}

/// The text of a config of the repository, with some of it replaced.
pub(super) fn text(file: &str, changes: &[(&str, &str)]) -> Result<String> {
    let mut text = std::fs::read_to_string(repository::path(file))?;
    for (from, to) in changes {
        ensure!(text.contains(from), "{file} does not say {from:?}");
        text = text.replacen(from, to, 1);
    }
    Ok(text)
}

/// A config of the repository, with some of its text replaced.
pub(super) fn config(file: &str, changes: &[(&str, &str)]) -> Result<Config> {
    let source = Source { name: file.to_owned(), text: text(file, changes)? };
    let loaded = lisa_config::load(&source, &Overrides::default(), &Options::default());
    Ok(loaded.map_err(|problems| anyhow!("{problems:?}"))?.config)
}

impl Stage {
    pub(super) fn set(config: &Config) -> Result<Self> {
        let emulator = Emulator::start()?;
        let proxy = Proxy::start(&emulator)?;
        let account = config.account_number.to_string();
        let session = emulator.session(&account, config.region.as_ref())?;
        let through = session.config().to_builder().endpoint_url(proxy.url()).build();
        let session = Session::from_parts(&through, session.wire().clone());
        let world = emulator.block_on(lisa_aws::enter(session, Some(&account)))?.world;
        Ok(Self { proxy, world, emulator })
    }

    /// Does what `lisa deploy` does between the configuration and the web page.
    pub(super) fn deploy(&self, config: &Config) -> Result<Outcome> {
        self.emulator.block_on(async {
            let (_sender, told) = control::channel();
            let engine = Engine::new(&self.world, &Deaf, told);
            self.bootstrap(&engine, config).await?;
            let app = synthesize(config, &Assets::not_built()).map_err(|errors| anyhow!("{errors:?}"))?;
            let bucket = Naming::new(config).asset_bucket();
            let (caller, mut targets) = (engine.caller(), Vec::new());
            for stack in &app.stacks {
                let text = stack.template.to_text(Format::Json);
                let objects = &*self.world.objects;
                let source = templates::publish(objects, &caller, &bucket, &stack.name, &text).await?;
                let values = parameters::look_up(stack, &*self.world.account, &caller).await?;
                targets.push(Target::of(stack, source, text, values));
            }
            go(&engine, targets).await
        })
    }

    /// The bucket that templates go to, unless it is there.
    async fn bootstrap(&self, engine: &Engine<'_>, config: &Config) -> Result<()> {
        let stack = bootstrap::stack(config, &BTreeSet::new()).map_err(|errors| anyhow!("{errors:?}"))?;
        let stack = stack.context("a config that names no bucket of its own needs the stack")?;
        let text = stack.template.to_text(Format::Json);
        let target = Target::of(&stack, TemplateSource::Body(text.clone()), text, BTreeMap::new());
        let outcome = go(engine, vec![target]).await?;
        ensure!(outcome.meaning() == Meaning::Done, "{outcome:?}");
        Ok(())
    }

    pub(super) fn carry_out(&self, targets: Vec<Target>) -> Result<Outcome> {
        let (_sender, told) = control::channel();
        self.emulator.block_on(go(&Engine::new(&self.world, &Deaf, told), targets))
    }

    pub(super) fn destroy(&self, config: &Config) -> Result<Removed> {
        self.emulator.block_on(async {
            let (_sender, told) = control::channel();
            let engine = Engine::new(&self.world, &Deaf, told);
            let app = synthesize(config, &Assets::not_built()).map_err(|errors| anyhow!("{errors:?}"))?;
            let wanted = Wanted { config, stacks: &app.stacks, only: &BTreeSet::new() };
            let removal = destroy::plan(&self.world, &wanted, &engine.caller()).await?;
            let options = destroy::Options { empty: true, unprotect: true, ..destroy::Options::default() };
            Ok(destroy::run(&engine, &removal, options).await)
        })
    }

    /// Names of the stacks that are there.
    pub(super) fn stacks(&self) -> Result<Vec<String>> {
        let stacks = self.emulator.block_on(self.world.cloudformation.stacks())?;
        Ok(stacks.into_iter().map(|stack| stack.name).collect())
    }
}

async fn go(engine: &Engine<'_>, targets: Vec<Target>) -> Result<Outcome> {
    let chosen = targets.iter().map(|target| target.name.clone()).collect();
    match engine.prepare(targets, &chosen, Purpose::Deploy).await {
        Ok(plan) => Ok(engine.carry_out(plan, Losses::None).await),
        Err(outcome) => Ok(outcome),
    }
}
