//! What people used of models: requests and tokens, added up by day, person and model.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::Change;
use crate::error::Error;
use crate::table::{Item, Key, LARGEST_TRANSACTION, Query, Range, Table, Write, all};

/// Days for which sums are kept.
pub const KEPT: i64 = 400;

const DAY: i64 = 24 * 60 * 60;

/// The sums in a table of [`lisa_api::tables::USAGE`]: `day` is a date of UTC, `userModel` is `<user>#<model>`.
#[derive(Clone, Debug)]
pub struct Usage {
    table: Arc<dyn Table>,
}

/// Who used what on which day: what sums are kept of.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Use {
    /// The day of UTC: `2026-11-27`.
    pub day: String,
    /// The person, or the token, as the gateway calls it.
    pub user: String,
    /// The model.
    pub model: String,
}

/// What was used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Sum {
    /// Requests that were answered.
    pub requests: u64,
    /// Tokens of prompts, as far as models told them.
    pub prompt_tokens: u64,
    /// Tokens of answers, as far as models told them.
    pub completion_tokens: u64,
}

impl Sum {
    /// Adds another one.
    pub fn add(&mut self, other: Self) {
        self.requests = self.requests.saturating_add(other.requests);
        self.prompt_tokens = self.prompt_tokens.saturating_add(other.prompt_tokens);
        self.completion_tokens = self.completion_tokens.saturating_add(other.completion_tokens);
    }
}

#[derive(Deserialize)]
struct Row {
    #[serde(flatten)]
    key: Use,
    #[serde(flatten)]
    sum: Sum,
}

impl Usage {
    /// Sums that may be added at once.
    pub const AT_ONCE: usize = LARGEST_TRANSACTION;

    /// The sums in a table.
    pub fn new(table: Arc<dyn Table>) -> Self {
        Self { table }
    }

    /// Adds to sums, to all of them or to none: at most [`Usage::AT_ONCE`], each of another use. The same again by the same
    /// name is added once, as [`Table::transact_once`] has it.
    pub async fn add(&self, sums: &[(Use, Sum)], name: &str) -> Result<(), Error> {
        let written = sums.iter().map(|(used, sum)| self.write(used, sum)).collect::<Result<Vec<_>, _>>()?;
        self.table.transact_once(written, name).await
    }

    fn write(&self, used: &Use, sum: &Sum) -> Result<Write, Error> {
        let expires = seconds(&used.day)
            .ok_or_else(|| Error::invalid(self.table.described().name, "a day is a date"))?
            + KEPT * DAY;
        let count =
            |name: &str, more: u64| Change::Add(name.to_owned(), i64::try_from(more).unwrap_or(i64::MAX));
        let changes = vec![
            Change::set("user", used.user.as_str()),
            Change::set("model", used.model.as_str()),
            Change::set("expires", expires),
            count("requests", sum.requests),
            count("promptTokens", sum.prompt_tokens),
            count("completionTokens", sum.completion_tokens),
        ];
        let key = Key::pair(used.day.as_str(), prefix(&used.user) + &used.model);
        Ok(Write::Update { key, changes, condition: None })
    }

    /// The sums of a day, of one person or of all, by person and model.
    pub async fn of_day(&self, day: &str, user: Option<&str>) -> Result<Vec<(Use, Sum)>, Error> {
        let range = user.map_or(Range::All, |user| Range::Prefix(prefix(user)));
        let items = all(&*self.table, Query::partition(day).range(range)).await?;
        items.into_iter().map(|item| self.read(item)).collect()
    }

    fn read(&self, item: Item) -> Result<(Use, Sum), Error> {
        let row: Result<Row, _> = serde_json::from_value(Value::Object(item));
        let Row { key, sum } = row.map_err(|error| Error::Corrupt {
            table: self.table.described().name.to_owned(),
            reason: error.to_string(),
        })?;
        Ok((key, sum))
    }
}

/// The beginning of a person's sort keys. A `#` in a name is written otherwise, so that no name is another's beginning.
fn prefix(user: &str) -> String {
    format!("{}#", user.replace('%', "%25").replace('#', "%23"))
}

/// The day of UTC that these seconds since 1970 are in.
pub fn day(seconds: i64) -> String {
    // Later than the year 9999 is no date that anybody uses.
    jiff::Timestamp::from_second(seconds).unwrap_or(jiff::Timestamp::MAX).strftime("%Y-%m-%d").to_string()
}

/// When a day begins, in seconds since 1970.
fn seconds(day: &str) -> Option<i64> {
    let date: jiff::civil::Date = day.parse().ok()?;
    Some(date.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp().as_second())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_utc() {
        assert_eq!(day(0), "1970-01-01");
        assert_eq!(day(1_795_824_000), "2026-11-28");
        assert_eq!(seconds("2026-11-28"), Some(1_795_824_000));
        assert_eq!(seconds("tomorrow"), None);
    }

    #[test]
    fn no_name_is_anothers_beginning() {
        assert_eq!(prefix("ada"), "ada#");
        assert_eq!(prefix("a#b%"), "a%23b%25#");
    }
}
