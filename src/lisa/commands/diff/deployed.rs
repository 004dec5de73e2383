//! The comparison with what is deployed: templates from the account, and change sets that are made, read and deleted.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use lisa_cfn::Format;
use lisa_containers::{Local, Services, Store};
use lisa_deploy::assets;
use lisa_deploy::diff::{Diff as Changes, Sides, StackDiff, Template, compare};
use lisa_deploy::outcome::StackOutcome;
use lisa_deploy::plan::{Plan, Purpose};
use lisa_deploy::ports::cloudformation::{
    ChangeSet, ChangeSetState, ObservedStack, StackStatus, TemplateSource,
};
use lisa_deploy::target::Target;
use lisa_deploy::{parameters, templates};
use lisa_stacks::{App, Assets, Naming, Stack, manifest};

use super::Diff;
use super::against::planned;
use crate::cli::Globals;
use crate::commands::deploy::models;
use crate::commands::{bootstrap, status};
use crate::failure::Failure;
use crate::input::Input;
use crate::printer::Printer;
use crate::select;
use crate::world::{self, Session};

/// A change set takes a template of this many bytes in its request; a longer one must be in a bucket.
const IN_REQUEST: usize = 51_200;

/// What differs between the account and the configuration.
pub(super) fn changes(
    flags: &Diff,
    globals: &Globals,
    input: &Input,
    printer: &Printer,
) -> Result<Changes, Failure> {
    world::run(async {
        let session = Session::open(input, printer).await?;
        let base = globals.config.parent().unwrap_or_else(|| Path::new(""));
        let looked = Look { flags, session: &session, base }.through().await;
        session.progress.finish();
        looked
    })
}

/// One look at the account.
struct Look<'a> {
    flags: &'a Diff,
    session: &'a Session<'a>,
    /// The folder that paths of the configuration start from.
    base: &'a Path,
}

/// What CloudFormation says of the chosen stacks.
#[derive(Default)]
struct Said {
    change_sets: BTreeMap<String, ChangeSet>,
    notes: BTreeMap<String, String>,
}

impl Look<'_> {
    async fn through(&self) -> Result<Changes, Failure> {
        let mut notes = Vec::new();
        let app = self.app(&mut notes).await?;
        let chosen: BTreeSet<String> = select::stacks(&app, &self.session.input.config, &self.flags.stacks)?
            .into_iter()
            .map(|stack| stack.name.clone())
            .collect();
        let (chosen, models) = self.models(&app, chosen, &mut notes).await?;
        let observed = status::observed(self.session.world()).await?;
        let said = if self.flags.template_only {
            Said::default()
        } else {
            self.ask(&app, &chosen, &observed).await?
        };
        let mut stacks = Vec::new();
        for stack in app.stacks.iter().filter(|stack| chosen.contains(&stack.name)) {
            stacks.push(self.one(stack, observed.get(&stack.deployed_name), &said).await?);
        }
        if self.flags.stacks.is_empty() {
            notes.extend(left_over(self.session.input, &observed));
        }
        Ok(Changes { stacks, models, notes })
    }

    /// The chosen stacks without those of models that would stay as they are, and what would be asked for the others.
    /// Model management knows of more than a stack's template, such as what somebody has stopped.
    async fn models(
        &self,
        app: &App,
        mut chosen: BTreeSet<String>,
        notes: &mut Vec<String>,
    ) -> Result<(BTreeSet<String>, Vec<String>), Failure> {
        let looked = models::look(self.session, &chosen, app).await?;
        let mut asked = Vec::new();
        for (stack, model) in looked {
            match model {
                Ok(model) if model.step.is_idle() => drop(chosen.remove(&stack)),
                Ok(model) => asked.push(format!("{} the model `{}`", model.step.name(), model.id)),
                Err(failure) => notes.push(failure.message()),
            }
        }
        Ok((chosen, asked))
    }

    /// Every stack with the packages and images that it would name.
    async fn app(&self, notes: &mut Vec<String>) -> Result<App, Failure> {
        let input = self.session.input;
        let app = input.synthesize()?;
        let assets = match self.known_assets(&self.with_assets(&app)).await {
            Ok(assets) => assets,
            Err(why) => {
                let why = why.lines().next().unwrap_or_default();
                notes.push(format!("packages and images are shown as not built: {why}"));
                Assets::not_built()
            }
        };
        let app = lisa_stacks::synthesize(&input.config, &assets);
        let mut app = app.map_err(|errors| input.refused(errors))?;
        app.stacks.splice(0..0, bootstrap::wanted(self.session).await?);
        Ok(app)
    }

    /// The chosen stacks. One that only shows up later, such as that of the asset bucket, names no asset.
    fn with_assets(&self, app: &App) -> Vec<Stack> {
        let chosen = select::stacks(app, &self.session.input.config, &self.flags.stacks);
        chosen.map(|stacks| stacks.into_iter().cloned().collect()).unwrap_or_default()
    }

    /// What is built already, by looking only.
    async fn known_assets(&self, stacks: &[Stack]) -> Result<Assets, String> {
        let (config, world) = (&self.session.input.config, self.session.world());
        let wanted = assets::wanted(config, stacks, self.base).map_err(|error| error.to_string())?;
        if wanted.is_empty() {
            return Ok(Assets::not_built());
        }
        let store = Store::open(&Path::new("lisa.out").join("assets")).map_err(|error| error.to_string())?;
        let services = Services::find(self.flags.services.as_deref());
        let workshop = Local::new(services, Arc::new(store), Vec::new());
        let plan = assets::plan(world, &workshop, wanted).await.map_err(|errors| errors.to_string())?;
        Ok(plan.known())
    }

    /// Asks for change sets of the stacks that are there.
    async fn ask(
        &self,
        app: &App,
        chosen: &BTreeSet<String>,
        observed: &BTreeMap<String, ObservedStack>,
    ) -> Result<Said, Failure> {
        let mut targets = Vec::new();
        for stack in &app.stacks {
            let asked = chosen.contains(&stack.name) && observed.contains_key(&stack.deployed_name);
            targets.push(self.target(stack, asked).await?);
        }
        let plan = self.session.engine().prepare(targets, chosen, Purpose::Look).await;
        Ok(match plan {
            Ok(plan) => Said::of(plan),
            Err(outcome) => {
                Said { notes: outcome.stacks.iter().filter_map(why_not).collect(), ..Said::default() }
            }
        })
    }

    async fn target(&self, stack: &Stack, asked: bool) -> Result<Target, Failure> {
        let text = stack.template.to_text(Format::Json);
        if !asked {
            return Ok(Target::of(stack, TemplateSource::Body(text.clone()), text, BTreeMap::new()));
        }
        let (world, engine) = (self.session.world(), self.session.engine());
        let caller = engine.caller();
        let values = parameters::look_up(stack, &*world.account, &caller).await.map_err(|error| {
            Failure::action(error.to_string(), "Name the subnets under `subnets` in the configuration.")
        })?;
        let source = if text.len() <= IN_REQUEST {
            TemplateSource::Body(text.clone())
        } else {
            let bucket = Naming::new(&self.session.input.config).asset_bucket();
            let published = templates::publish(&*world.objects, &caller, &bucket, &stack.name, &text).await;
            published.map_err(|error| Failure::call(&error))?
        };
        Ok(Target::of(stack, source, text, values))
    }

    async fn one(
        &self,
        stack: &Stack,
        there: Option<&ObservedStack>,
        said: &Said,
    ) -> Result<StackDiff, Failure> {
        let there = there.filter(|there| has_resources(there.status));
        let mut notes: Vec<String> = said.notes.get(&stack.name).cloned().into_iter().collect();
        let deployed = match there {
            Some(there) => self.deployed(there, &mut notes).await?,
            None => None,
        };
        let new = planned(stack)?;
        let sides = Sides {
            deployed: deployed.as_ref(),
            planned: Some(&new),
            tags: there.map(|there| [&there.tags, &stack.tags]),
            change_set: said.change_sets.get(&stack.name),
        };
        let mut diff = compare(&stack.name, &stack.deployed_name, &sides);
        diff.notes.extend(notes);
        Ok(diff)
    }

    /// The template that the stack was last given; none where it is not one of ours.
    async fn deployed(
        &self,
        stack: &ObservedStack,
        notes: &mut Vec<String>,
    ) -> Result<Option<Template>, Failure> {
        let (cloudformation, engine) = (&self.session.world().cloudformation, self.session.engine());
        let text = engine.caller().call(|| cloudformation.template(&stack.id)).await;
        match Template::parse(&text.map_err(|error| Failure::call(&error))?) {
            Ok(template) => Ok(Some(template)),
            Err(error) => {
                notes.push(format!("{error}; every resource is shown as new"));
                Ok(None)
            }
        }
    }
}

impl Said {
    fn of(plan: Plan) -> Self {
        let mut said = Self::default();
        for (stack, refusal) in plan.refused() {
            let note = format!("it cannot be deployed as it is: {}. {}", refusal.reason, refusal.remedy);
            said.notes.insert(stack.target.name.clone(), note);
        }
        for planned in plan.stacks {
            if !planned.after.is_empty() {
                let after =
                    planned.after.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
                let note = format!("it reads what {after} may change, so more of it may change");
                said.notes.entry(planned.target.name.clone()).or_insert(note);
            }
            if let Some(changes) = planned.changes {
                let state = if changes.is_empty() { ChangeSetState::Empty } else { ChangeSetState::Ready };
                let changes = changes.into_iter().map(|change| change.resource).collect();
                let change_set = ChangeSet { id: String::new(), state, reason: None, changes };
                said.change_sets.insert(planned.target.name, change_set);
            }
        }
        said
    }
}

/// Why there is no change set of a stack.
fn why_not((name, outcome): (&String, &StackOutcome)) -> Option<(String, String)> {
    let StackOutcome::Failed(failure) = outcome else { return None };
    let why = failure.error.as_ref().map(ToString::to_string).or_else(|| failure.reason.clone());
    let why = why.unwrap_or_else(|| "no reason given".to_owned());
    Some((name.clone(), format!("compared by template alone: {why}")))
}

/// Whether a stack has, or may have, what its template says: one that was only looked at, or whose making was undone,
/// has nothing.
const fn has_resources(status: StackStatus) -> bool {
    use StackStatus as S;
    !matches!(
        status,
        S::ReviewInProgress
            | S::CreateFailed
            | S::RollbackComplete
            | S::RollbackInProgress
            | S::DeleteComplete
    )
}

/// Stacks that are deployed and that the configuration leaves out.
fn left_over(input: &Input, observed: &BTreeMap<String, ObservedStack>) -> Vec<String> {
    let naming = Naming::new(&input.config);
    let off = manifest::off(&input.config).into_iter();
    let there = off.filter(|off| observed.contains_key(&naming.stack(off.name)));
    let told = there.map(|off| {
        let (name, why) = (off.name, off.why);
        format!("`{name}` is deployed, and {why}: `lisa destroy --stack {name}` takes it away")
    });
    told.collect()
}
