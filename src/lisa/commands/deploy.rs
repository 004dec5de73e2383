//! `lisa deploy`: makes true what `lisa synth` prints, and proves that it answers.

mod after;
mod assets;
mod before;
mod causes;
pub(super) mod models;
pub(super) mod page;
mod skip;
mod summary;

use std::collections::BTreeSet;
use std::path::PathBuf;

use clap::Args;
use lisa_cfn::Format;
use lisa_containers::{Bundle, Registries};
use lisa_deploy::doctor::{self, Standing};
use lisa_deploy::outcome::{Meaning, Outcome};
use lisa_deploy::plan::{Losses, Plan, Purpose};
use lisa_deploy::ports::cloudformation::TemplateSource;
use lisa_deploy::target::Target;
use lisa_deploy::{parameters, templates};
use lisa_stacks::{App, Naming, Stack};

use super::{bootstrap, build};
use crate::cli::Globals;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::input;
use crate::printer::Printer;
use crate::world::{self, Session};
use crate::{policy, select};

pub(super) use causes::failed;
use skip::Skip;
use summary::Summary;

const EXAMPLES: &str = "Examples:
  lisa deploy                            everything, after a question
  lisa deploy --plan-only                what it would do
  lisa deploy --stack serve --yes        one stack, without a question
  lisa deploy --skip serve/Hosts         past a resource that cannot be rolled back
  lisa deploy --bundle lisa-bundle.tar   from a bundle, without leaving the partition";

/// Deploy the stacks and see that they answer
///
/// Checks the account first, makes sure of the shared bucket and repositories, builds and sends what is not there yet,
/// and shows what would be replaced before it asks. Stacks are deployed side by side, by change sets alone; then model
/// management brings up the models of `ecsModels`, and changes those whose entry has changed. Interrupted or killed, it
/// goes on where it was when it is run again.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Deploy {
    /// Only this stack: `serve`, `LisaServe`, `model-<id>`; may be repeated
    #[arg(long = "stack", value_name = "NAME")]
    stacks: Vec<String>,
    /// Ask nothing: for pipelines
    #[arg(short, long)]
    yes: bool,
    /// Let data be lost where a resource that holds some is replaced or removed
    #[arg(long)]
    allow_data_loss: bool,
    /// Continue a rollback that failed without this resource, which is left as it is; may be repeated
    #[arg(long, value_name = "STACK/RESOURCE")]
    skip: Vec<Skip>,
    /// Show what would be done, and do nothing
    #[arg(long, conflicts_with_all = ["yes", "allow_data_loss"])]
    plan_only: bool,
    /// Take packages and images from this archive of `lisa bundle`, and from nowhere else
    #[arg(long, value_name = "FILE")]
    bundle: Option<PathBuf>,
    /// Directory of the services' binaries, instead of those that came with lisa
    #[arg(long, value_name = "DIR")]
    services: Option<PathBuf>,
    /// Directory for outputs.json and what is built
    #[arg(long, value_name = "DIR", default_value = "lisa.out")]
    out: PathBuf,
}

impl Deploy {
    pub(crate) fn run(&self, globals: &Globals, printer: &Printer) -> Result<Exit, Failure> {
        if !self.yes && !self.plan_only {
            world::require_terminal(printer)?;
        }
        let mut input = input::load_and_warn(globals, printer)?;
        let bundle = assets::bundle(self)?;
        if bundle.is_some() {
            lisa_deploy::assets::carry_images(&mut input.config);
        }
        let app = input.synthesize()?;
        let chosen = select::stacks(&app, &input.config, &self.stacks)?;
        let chosen = chosen.into_iter().map(|stack| stack.name.clone()).collect();
        skip::require_chosen(&self.skip, &chosen)?;
        policy::refuse_forbidden(&input, &input.synthesize_all()?)?;
        let base = build::base(globals).to_owned();
        let result = world::run(async {
            let session = Session::open(&input, printer).await?;
            let run = Run { flags: self, session: &session, chosen, base, bundle };
            let ended = run.through(&app).await;
            session.progress.finish();
            ended
        });
        let Ended { exit, report } = result?;
        if let Some(report) = report {
            printer.answer(&report)?;
        }
        Ok(exit)
    }
}

/// How a run ended that did not fail.
struct Ended {
    exit: Exit,
    report: Option<after::Report>,
}

impl From<Exit> for Ended {
    fn from(exit: Exit) -> Self {
        Self { exit, report: None }
    }
}

/// One run.
struct Run<'a> {
    flags: &'a Deploy,
    session: &'a Session<'a>,
    /// Short names of the stacks to deploy.
    chosen: BTreeSet<String>,
    /// The folder that paths of the configuration start from.
    base: PathBuf,
    /// What packages, images and the page are taken from, where one is named.
    bundle: Option<Bundle>,
}

impl Run<'_> {
    async fn through(&self, app: &App) -> Result<Ended, Failure> {
        let session = self.session;
        session.unless_stopped(self.examine(app)).await?;
        if !self.flags.plan_only {
            match bootstrap::ensure(self.session).await? {
                Exit::Done => {}
                exit => return Ok(exit.into()),
            }
        }
        let app = session.unless_stopped(self.with_assets(app)).await?;
        let models = session.unless_stopped(models::plan(self, &app)).await?;
        let targets = session.unless_stopped(self.targets(&app)).await?;
        let mut engine = self.session.engine();
        engine.skip = skip::by_stack(&self.flags.skip);
        let purpose = if self.flags.plan_only { Purpose::Look } else { Purpose::Deploy };
        let plan = match engine.prepare(targets, &self.chosen, purpose).await {
            Ok(plan) => plan,
            Err(outcome) => return self.stopped(&outcome, &app).await,
        };
        skip::note_useless(session, &self.flags.skip, &plan);
        let identity = &self.session.connection.identity;
        let summary = Summary::of(identity, &self.session.input.config, &plan, &models);
        if self.flags.plan_only {
            self.session.progress.finish();
            self.session.printer.answer(&summary)?;
            let exit = if summary.is_empty { Exit::Done } else { Exit::ChangesPending };
            return Ok(exit.into());
        }
        if let Err(refusal) = self.confirm(&plan, &summary).await {
            engine.discard(&plan).await;
            return Err(refusal);
        }
        before::roles(session, &plan).await?;
        let losses = if self.flags.allow_data_loss { Losses::Any } else { Losses::None };
        let outcome = engine.carry_out(plan, losses).await;
        if outcome.meaning() != Meaning::Done {
            return self.stopped(&outcome, &app).await;
        }
        let report = session.unless_stopped(after::finish(self, &app, &outcome, &models)).await?;
        let exit = if report.is_ready() { Exit::Done } else { Exit::NeedsAction };
        Ok(Ended { exit, report: Some(report) })
    }

    /// Finds what would make the deployment fail, before the first change.
    async fn examine(&self, app: &App) -> Result<(), Failure> {
        let stacks: Vec<Stack> =
            app.stacks.iter().filter(|stack| self.chosen.contains(&stack.name)).cloned().collect();
        let findings =
            doctor::quick(self.session.world(), &Registries, &self.session.input.config, &stacks).await;
        if findings.iter().any(|finding| finding.standing == Standing::Bad) {
            return Err(Failure::Doctor { findings });
        }
        for finding in findings.iter().filter(|finding| finding.standing == Standing::Doubtful) {
            self.session.note(format!("{}: {}", finding.check, finding.says));
        }
        Ok(())
    }

    /// The stacks that name what is in place, after it was put there.
    async fn with_assets(&self, app: &App) -> Result<App, Failure> {
        let stacks: Vec<Stack> =
            app.stacks.iter().filter(|stack| self.chosen.contains(&stack.name)).cloned().collect();
        let assets = assets::place(self, &stacks).await?;
        let input = self.session.input;
        lisa_stacks::synthesize(&input.config, &assets).map_err(|errors| input.refused(errors))
    }

    /// What every stack is to be but those of models; the templates of the chosen ones are in the asset bucket by then.
    async fn targets(&self, app: &App) -> Result<Vec<Target>, Failure> {
        let (world, engine) = (self.session.world(), self.session.engine());
        let (caller, bucket) = (engine.caller(), Naming::new(&self.session.input.config).asset_bucket());
        let mut targets = Vec::new();
        for stack in app.stacks.iter().filter(|stack| !models::is_of_model(&stack.name)) {
            let text = stack.template.to_text(Format::Json);
            let wanted = self.chosen.contains(&stack.name);
            let source = if wanted && !self.flags.plan_only {
                let published =
                    templates::publish(&*world.objects, &caller, &bucket, &stack.name, &text).await;
                published.map_err(|error| Failure::call(&error))?
            } else {
                TemplateSource::Body(text.clone())
            };
            let values = if wanted {
                let values = parameters::look_up(stack, &*world.account, &caller).await;
                values.map_err(|error| {
                    Failure::action(
                        error.to_string(),
                        "Name the subnets under `subnets` in the configuration.",
                    )
                })?
            } else {
                [].into()
            };
            targets.push(Target::of(stack, source, text, values));
        }
        Ok(targets)
    }

    /// Asks, unless told not to; data is lost only where that was told too.
    async fn confirm(&self, plan: &Plan, summary: &Summary) -> Result<(), Failure> {
        if let Some((stack, refusal)) = plan.refused().next() {
            return Err(Failure::action(
                format!("{}: {}", stack.target.name, refusal.reason),
                refusal.remedy,
            ));
        }
        if summary.is_empty {
            self.session.note("nothing has changed");
            return Ok(());
        }
        let lost: Vec<String> =
            plan.losses().map(|(stack, resource)| format!("{stack}/{}", resource.logical_id)).collect();
        self.session.note(summary.to_string());
        if !lost.is_empty() && !self.flags.allow_data_loss {
            return Err(Failure::action(
                format!("data would be lost: {}", lost.join(", ")),
                "Back it up, then pass `--allow-data-loss`. Nothing was changed.",
            ));
        }
        if self.flags.yes {
            return Ok(());
        }
        let question = summary.question();
        let answer = self.session.ask(&question).await?.to_ascii_lowercase();
        if matches!(answer.as_str(), "y" | "yes") { Ok(()) } else { Err(Failure::Declined) }
    }

    /// The end of a run that did not come through.
    async fn stopped(&self, outcome: &Outcome, app: &App) -> Result<Ended, Failure> {
        match outcome.meaning() {
            Meaning::Interrupted => {
                self.session
                    .note("interrupted; `lisa deploy` goes on from here, `lisa status` shows how it stands");
                Ok(Exit::Interrupted.into())
            }
            _ => Err(failed(self.session, outcome, &app.stacks).await),
        }
    }
}
