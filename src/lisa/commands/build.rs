//! `lisa build`: service packages and images, made here, and sent where asked to.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use lisa_containers::{ContainerError, Local, Services, Store};
use lisa_deploy::assets::{self, AssetErrors, Made, Wanted};
use lisa_deploy::ports::registry::Login;
use lisa_stacks::Assets;
use serde::Serialize;

use crate::cli::Globals;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::input::{self, Input};
use crate::printer::{Count, Printer};
use crate::progress::Progress;
use crate::world::{self, Session};

const EXAMPLES: &str = "Examples:
  lisa build                      every package and image, to lisa.out/assets/
  lisa build lisa-serve           one of them
  lisa build --push               and to the account's bucket and registry
  lisa build --services dist/services";

/// Build the packages and images that the stacks name
///
/// Packages and images of LISA's services need no container engine; images with a Dockerfile do. What did not change
/// is not built again, and not sent again. `lisa deploy` does all of this by itself.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Build {
    /// Only these: `lisa-serve`, `lisa-chat`, `model-<id>`, ...
    #[arg(value_name = "WHAT")]
    what: Vec<String>,
    /// Send them to the account
    #[arg(long)]
    push: bool,
    #[command(flatten)]
    place: Place,
}

/// Where things come from and go to.
#[derive(Debug, Args)]
pub(super) struct Place {
    /// Directory of the services' binaries, instead of those that came with lisa
    #[arg(long, value_name = "DIR")]
    services: Option<PathBuf>,
    /// Directory that what is built is kept in
    #[arg(long, value_name = "DIR", default_value = "lisa.out")]
    pub(super) out: PathBuf,
}

impl Place {
    /// The workshop of this machine.
    pub(super) fn workshop(&self, logins: Vec<Login>) -> Result<Local, Failure> {
        local(self.services.as_deref(), &self.out, logins)
    }
}

/// The workshop of this machine, which keeps what it makes below `out`.
pub(super) fn local(services: Option<&Path>, out: &Path, logins: Vec<Login>) -> Result<Local, Failure> {
    let store = Store::open(&out.join("assets")).map_err(|error| broken(&error))?;
    Ok(Local::new(Services::find(services), Arc::new(store), logins))
}

/// What was built.
#[derive(Serialize)]
struct Built {
    directory: PathBuf,
    assets: Vec<Made>,
}

/// What was built and sent.
#[derive(Serialize)]
struct Pushed {
    built: usize,
    changed: usize,
    sent: u64,
}

impl Build {
    pub(crate) fn run(&self, globals: &Globals, printer: &Printer) -> Result<Exit, Failure> {
        let input = input::load_and_warn(globals, printer)?;
        let wanted = self.chosen(wanted(&input, globals)?)?;
        if self.push {
            printer.confirm(&world::run(self.send(&input, wanted, printer))?)?;
        } else {
            printer.confirm(&world::run(self.keep(&wanted, printer))?)?;
        }
        Ok(Exit::Done)
    }

    /// The assets that were asked for.
    fn chosen(&self, wanted: Vec<Wanted>) -> Result<Vec<Wanted>, Failure> {
        let names: Vec<&str> = wanted.iter().map(Wanted::name).collect();
        if let Some(unknown) = self.what.iter().find(|what| !names.contains(&what.as_str())) {
            let help = format!("This configuration needs {}.", names.join(", "));
            return Err(Failure::usage(format!("there is nothing called `{unknown}` to build"), help));
        }
        let asked =
            |wanted: &Wanted| self.what.is_empty() || self.what.iter().any(|what| what == wanted.name());
        Ok(wanted.into_iter().filter(asked).collect())
    }

    async fn keep(&self, wanted: &[Wanted], printer: &Printer) -> Result<Built, Failure> {
        let workshop = self.place.workshop(Vec::new())?;
        let made = made(&workshop, wanted, printer).await?;
        Ok(Built { directory: workshop.store().directory().to_owned(), assets: made })
    }

    async fn send(&self, input: &Input, wanted: Vec<Wanted>, printer: &Printer) -> Result<Pushed, Failure> {
        let session = Session::open(input, printer).await?;
        let world = session.world();
        let logins =
            assets::logins(world, &input.config, &wanted).await.map_err(|errors| refused(&errors))?;
        let workshop = self.place.workshop(logins)?;
        let plan = assets::plan(world, &workshop, wanted).await.map_err(|errors| refused(&errors))?;
        let placed = assets::place(world, &workshop, &plan, &*session.observer).await;
        session.progress.finish();
        let placed = placed.map_err(|errors| refused(&errors))?;
        Ok(Pushed { built: placed.built, changed: placed.changed, sent: placed.sent })
    }
}

/// Every asset of the configuration.
pub(super) fn wanted(input: &Input, globals: &Globals) -> Result<Vec<Wanted>, Failure> {
    let app = lisa_stacks::synthesize(&input.config, &Assets::not_built());
    let app = app.map_err(|errors| input.refused(errors))?;
    let wanted = assets::wanted(&input.config, &app.stacks, base(globals));
    wanted.map_err(|error| refused(&AssetErrors(vec![error])))
}

/// The folder that paths of the configuration start from.
pub(super) fn base(globals: &Globals) -> &Path {
    globals.config.parent().unwrap_or_else(|| Path::new(""))
}

/// Makes assets in a workshop, and drops what it kept of earlier ones.
pub(super) async fn made(
    workshop: &Local,
    wanted: &[Wanted],
    printer: &Printer,
) -> Result<Vec<Made>, Failure> {
    let progress = Progress::new(printer);
    let made = assets::make(workshop, wanted, &*progress.observer()).await;
    progress.finish();
    let made = made.map_err(|errors| refused(&errors))?;
    workshop.store().layout().prune().map_err(|error| broken(&error))?;
    Ok(made)
}

/// Assets that could not be made or sent, with the engine's last lines.
pub(super) fn refused(errors: &AssetErrors) -> Failure {
    let log = errors.0.iter().flat_map(|error| error.log.iter().map(|line| format!("\n  | {line}")));
    let help = errors.0.iter().find_map(|error| error.help.clone());
    let help = help.unwrap_or_else(|| "Repeat the command: what is in place already stays.".to_owned());
    Failure::action(format!("{errors}{}", log.collect::<String>()), help)
}

/// A store, an archive or an engine that does not work.
pub(super) fn broken(error: &ContainerError) -> Failure {
    let help = error.help().unwrap_or("Make room, or choose another directory with `--out`.");
    Failure::action(error.to_string(), help)
}

impl fmt::Display for Built {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = self.assets.iter().map(|made| made.name.len()).max().unwrap_or_default();
        for Made { name, kind, hash, built, .. } in &self.assets {
            let state = if *built { "built" } else { "unchanged" };
            writeln!(f, "  {name:width$}  {kind:7}  {}  {state}", &hash[..12.min(hash.len())])?;
        }
        write!(f, "{} in {}", Count(self.assets.len(), "asset"), self.directory.display())
    }
}

impl fmt::Display for Pushed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.changed == 0 {
            return f.write_str("nothing changed: nothing was built, nothing was sent");
        }
        let sent = crate::progress::bytes(self.sent);
        write!(f, "{} sent, {} of them built here; {sent}", Count(self.changed, "asset"), self.built)
    }
}
