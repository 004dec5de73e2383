//! Pages of lists: how many at once, and where the one before ended.

use lisa_store::Cursor;
use serde::Deserialize;

use crate::error::Error;

/// The query parameters of a list, by all of the names that upstream has for them.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Paging {
    page_size: Option<String>,
    last_evaluated_key: Option<String>,
    last_evaluated_key_pk: Option<String>,
}

impl Paging {
    /// Items of a page.
    pub(super) fn limit(&self, usual: u32, most: u32) -> Result<u32, Error> {
        let Some(size) = self.page_size.as_deref() else { return Ok(usual) };
        let size = size.parse::<u32>().ok().filter(|size| *size > 0);
        let size =
            size.ok_or_else(|| Error::Invalid(format!("`pageSize` has to be a number from 1 to {most}")))?;
        Ok(size.min(most))
    }

    /// Where the page before ended.
    pub(super) fn start(&self) -> Result<Option<Cursor>, Error> {
        let given = self.last_evaluated_key_pk.as_ref().or(self.last_evaluated_key.as_ref());
        let Some(text) = given.filter(|text| !text.is_empty()) else { return Ok(None) };
        let cursor = Cursor::parse(text.trim_matches('"'));
        cursor
            .map(Some)
            .ok_or_else(|| Error::Invalid("`lastEvaluatedKey` is none that a list gave".to_owned()))
    }

    /// Whether there was a page before.
    pub(super) fn is_further(&self) -> bool {
        self.last_evaluated_key.is_some() || self.last_evaluated_key_pk.is_some()
    }
}
