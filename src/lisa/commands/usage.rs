//! `lisa usage`: who used which model for how many tokens.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use clap::Args;
use futures_util::{StreamExt as _, TryStreamExt as _};
use jiff::Timestamp;
use lisa_api::tables::USAGE;
use lisa_signed::Signed;
use lisa_stacks::Naming;
use lisa_store::usage::{Sum, Usage as Store, day};
use lisa_store::{DynamoTable, Error};
use serde::Serialize;

use crate::cli::Globals;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::printer::Printer;
use crate::{input, world};

const DAY: i64 = 24 * 60 * 60;

/// Days that are asked for at a time.
const AT_ONCE: usize = 8;

const EXAMPLES: &str = "Examples:
  lisa usage
  lisa usage --days 7 --user ada --daily
  lisa usage --output json | jq '[.[].completionTokens] | add'";

/// Show who used which model for how many tokens
///
/// The gateway adds up what it answers, by day of UTC, and writes it every half minute; sums are kept for 400 days. Needs
/// `dynamodb:Query` on the deployment's usage table.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Usage {
    /// Days, of which today is the last
    #[arg(long, value_name = "NUMBER", default_value_t = 30, value_parser = clap::value_parser!(u16).range(1..=400))]
    days: u16,
    /// One person alone, or the token that is called so
    #[arg(long, value_name = "NAME")]
    user: Option<String>,
    /// One model alone
    #[arg(long, value_name = "NAME")]
    model: Option<String>,
    /// Each day for itself
    #[arg(long)]
    daily: bool,
}

/// What somebody used of a model.
#[derive(Debug, Serialize)]
struct Row {
    /// The day, where each stands for itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    day: Option<String>,
    user: String,
    model: String,
    #[serde(flatten)]
    sum: Sum,
}

#[derive(Debug, Serialize)]
#[serde(transparent)]
struct Table(Vec<Row>);

impl Usage {
    pub(crate) fn run(&self, globals: &Globals, printer: &Printer) -> Result<Exit, Failure> {
        let input = input::load_and_warn(globals, printer)?;
        let rows = world::run(async {
            let connection = world::connect(&input.config).await?;
            let name = Naming::new(&input.config).table(USAGE.name);
            let table = DynamoTable::new(Signed::new(&connection.session), name, &USAGE);
            self.rows(&Store::new(Arc::new(table))).await.map_err(failed)
        })?;
        printer.answer(&Table(rows))?;
        Ok(Exit::Done)
    }

    /// The newest day first where days are told apart, then whoever used most.
    async fn rows(&self, store: &Store) -> Result<Vec<Row>, Error> {
        let now = Timestamp::now().as_second();
        let days = (0..i64::from(self.days)).map(|ago| day(now - ago * DAY));
        let of_day = |day: String| async move { store.of_day(&day, self.user.as_deref()).await };
        let found: Vec<_> =
            futures_util::stream::iter(days).map(of_day).buffered(AT_ONCE).try_collect().await?;
        let mut sums: BTreeMap<_, Sum> = BTreeMap::new();
        for (used, sum) in found.into_iter().flatten() {
            if self.model.as_ref().is_none_or(|model| *model == used.model) {
                let day = self.daily.then_some(used.day);
                sums.entry((day, used.user, used.model)).or_default().add(sum);
            }
        }
        let row = |((day, user, model), sum)| Row { day, user, model, sum };
        let mut rows: Vec<Row> = sums.into_iter().map(row).collect();
        let tokens = |row: &Row| row.sum.prompt_tokens.saturating_add(row.sum.completion_tokens);
        rows.sort_by(|one, other| other.day.cmp(&one.day).then_with(|| tokens(other).cmp(&tokens(one))));
        Ok(rows)
    }
}

/// A question to the table that failed.
#[expect(clippy::needless_pass_by_value, reason = "`map_err` passes a value")]
fn failed(error: Error) -> Failure {
    Failure::action(
        format!("the usage table does not tell: {error}"),
        "Deploy the serve stack, whose table it is, and allow `dynamodb:Query` on it.",
    )
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return write!(f, "nothing was used");
        }
        let day = |row: &Row| row.day.as_ref().map(|day| format!("{day}  ")).unwrap_or_default();
        let days = if self.0[0].day.is_some() { "DAY         " } else { "" };
        writeln!(
            f,
            "{days}{:36}  {:24}  {:>9}  {:>12}  {:>12}",
            "USER", "MODEL", "REQUESTS", "PROMPT", "ANSWER"
        )?;
        for row in &self.0 {
            let Sum { requests, prompt_tokens, completion_tokens } = row.sum;
            writeln!(
                f,
                "{}{:36}  {:24}  {requests:>9}  {prompt_tokens:>12}  {completion_tokens:>12}",
                day(row),
                row.user,
                row.model
            )?;
        }
        Ok(())
    }
}
