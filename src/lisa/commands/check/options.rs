//! `lisa check --litellm`: what becomes of each option of LiteLLM, those of the configuration or all that there are.

use std::fmt;

use lisa_config::Config;
use lisa_litellm::{Block, Finding, Verdict, judge};
use serde::Serialize;
use serde_json::json;

/// Options, each with its verdict.
#[derive(Serialize)]
#[serde(transparent)]
pub(super) struct Options(Vec<Row>);

#[derive(Serialize)]
struct Row {
    /// `router_settings.num_retries`.
    option: String,
    /// Its line in the file.
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<usize>,
    verdict: Verdict,
    why: String,
}

impl Options {
    /// Those of a configuration.
    pub(super) fn of(config: &Config) -> Self {
        let row = |finding: Finding| Row {
            line: config.locate(&format!("litellmConfig.{}", finding.path)).map(|place| place.line),
            option: finding.path,
            verdict: finding.verdict,
            why: finding.why,
        };
        // Secrets are hidden in this form, and no verdict depends on one.
        Self(judge(&json!(config.litellm_config)).into_iter().map(row).collect())
    }

    /// All that there are.
    pub(super) fn known() -> Self {
        let rows = Block::ALL.iter().flat_map(|block| {
            block.keys().iter().map(|key| Row {
                option: format!("{}.{}", block.name(), key.name),
                line: None,
                verdict: key.verdict,
                why: key.why.to_owned(),
            })
        });
        Self(rows.collect())
    }
}

impl fmt::Display for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return write!(f, "litellmConfig has no option");
        }
        let width = self.0.iter().map(|row| row.option.len()).max().unwrap_or_default();
        writeln!(f, "{:width$}  LINE  VERDICT   WHAT IT DOES, OR WHY NOTHING", "OPTION")?;
        for Row { option, line, verdict, why } in &self.0 {
            let line = line.map(|line| line.to_string()).unwrap_or_default();
            writeln!(f, "{option:width$}  {line:>4}  {:8}  {why}", verdict.as_str())?;
        }
        Ok(())
    }
}
