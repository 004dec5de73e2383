//! `lisa logs`: what a service of a deployment says.

mod since;

use std::collections::BTreeSet;
use std::io::{self, IsTerminal as _};
use std::time::{Duration, SystemTime};

use clap::Args;
use lisa_deploy::ports::World;
use lisa_deploy::ports::account::LogEvent;
use lisa_stacks::App;
use serde_json::json;

pub(crate) use self::since::Since;
use super::status::moment;
use crate::cli::Globals;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::printer::Printer;
use crate::{input, world};

const EXAMPLES: &str = "Examples:
  lisa logs                        which services there are
  lisa logs serve --since 2h       the gateway's last two hours
  lisa logs model-mistral7b -f     a model's engine, as it goes on";

/// Lines that are asked for at a time.
const PAGE: u32 = 1000;

/// The pause between two questions for new lines.
const PAUSE: Duration = Duration::from_secs(2);

/// CloudWatch takes lines late: so far back is looked for what was not there before.
const OVERLAP: Duration = Duration::from_secs(30);

/// Show what a service says
///
/// Without a service, lists those that there are.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Logs {
    /// Such as `serve`, `authorizer`, `chat`, `model-<id>`
    service: Option<String>,
    /// Go on with what is said from now on, until interrupted
    #[arg(short, long)]
    follow: bool,
    /// How far back, such as `30s`, `10m`, `2h`, `1d`
    #[arg(long, value_name = "TIME", default_value = "10m")]
    since: Since,
}

impl Logs {
    pub(crate) fn run(&self, globals: &Globals, printer: &Printer) -> Result<Exit, Failure> {
        let input = input::load_and_warn(globals, printer)?;
        let groups = groups(&input.synthesize()?);
        let Some(service) = &self.service else {
            let names: Vec<&str> = groups.iter().map(|group| name(group)).collect();
            printer.text(&if printer.is_json() { json!(names).to_string() } else { names.join("\n") })?;
            return Ok(Exit::Done);
        };
        let group = groups.iter().find(|group| name(group).eq_ignore_ascii_case(service));
        let group = group.ok_or_else(|| unknown(service, &groups))?;
        world::run(async {
            let connection = world::connect(&input.config).await?;
            self.show(&connection.world, group, printer).await
        })
    }

    async fn show(&self, world: &World, group: &str, printer: &Printer) -> Result<Exit, Failure> {
        let mut from = world.clock.now() - self.since.0;
        let mut shown = BTreeSet::new();
        loop {
            let events = world.account.log_events(group, from, PAGE).await;
            let events = events.map_err(|error| Failure::call(&error))?;
            let full = events.len() >= PAGE as usize;
            let last = events.last().map(|event| event.at);
            for event in events {
                if shown.insert(event.id.clone()) {
                    print(&event, printer)?;
                }
            }
            match last {
                // A whole page of one instant would come again and again.
                Some(last) if full && last > from => from = last,
                _ if !self.follow => return Ok(Exit::Done),
                last => {
                    from = last.map_or(from, |last| (last - OVERLAP).max(from));
                    world.clock.sleep(PAUSE).await;
                }
            }
        }
    }
}

fn print(event: &LogEvent, printer: &Printer) -> Result<(), Failure> {
    let at = time(event.at);
    let LogEvent { stream, message, .. } = event;
    if printer.is_json() {
        return printer.text(&json!({ "at": at, "stream": stream, "message": message }).to_string());
    }
    let message = message.trim_end();
    if io::stdout().is_terminal() {
        // What a service says is not to move the cursor or name the window.
        let plain: String =
            message.chars().filter(|letter| !letter.is_control() || "\n\t".contains(*letter)).collect();
        return printer.text(&format!("{at}  {plain}"));
    }
    printer.text(&format!("{at}  {message}"))
}

fn time(at: SystemTime) -> String {
    moment(at).unwrap_or_default()
}

/// The log groups that the stacks name.
fn groups(app: &App) -> BTreeSet<String> {
    let documents = app.stacks.iter().map(|stack| stack.template.to_json());
    let mut groups = BTreeSet::new();
    for document in documents {
        let resources = document["Resources"].as_object().into_iter().flatten();
        let logs = resources.filter(|(_, resource)| resource["Type"] == "AWS::Logs::LogGroup");
        groups
            .extend(logs.filter_map(|(_, log)| Some(log["Properties"]["LogGroupName"].as_str()?.to_owned())));
    }
    groups
}

/// The service of a log group: the last part of its name.
fn name(group: &str) -> &str {
    group.rsplit('/').next().unwrap_or(group)
}

fn unknown(service: &str, groups: &BTreeSet<String>) -> Failure {
    let names: Vec<String> = groups.iter().map(|group| format!("`{}`", name(group))).collect();
    Failure::usage(
        format!("there is no service `{service}`"),
        format!("The services are {}.", names.join(", ")),
    )
}
