//! The table of `lisa check --list`: every control, what it promises, from which profile on and at what cost.

use std::collections::BTreeSet;
use std::fmt;

use lisa_policy::{Control, Profile, Rule, controls};
use serde::Serialize;

/// All controls, by number.
#[derive(Serialize)]
#[serde(transparent)]
pub(super) struct Controls(Vec<Row>);

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Row {
    id: &'static str,
    title: &'static str,
    /// The first profile that enforces any of its rules; `None` where no template can show it.
    from: Option<Profile>,
    rules: Vec<RuleRow>,
    /// What of it no template can show.
    elsewhere: Option<&'static str>,
}

#[derive(Serialize)]
struct RuleRow {
    id: &'static str,
    title: &'static str,
    from: Profile,
    cost: Option<&'static str>,
}

impl Controls {
    pub(super) fn all() -> Self {
        Self(controls().iter().map(Row::of).collect())
    }
}

impl Row {
    fn of(control: &'static Control) -> Self {
        let rules = control.rules();
        let rule = |rule: &Rule| RuleRow { id: rule.id, title: rule.title, from: rule.from, cost: rule.cost };
        Self {
            id: control.id,
            title: control.title,
            from: control.rules().map(|rule| rule.from).min(),
            rules: rules.map(rule).collect(),
            elsewhere: control.elsewhere,
        }
    }

    /// What its rules cost, each cost once, the most lenient profile first.
    fn costs(&self) -> BTreeSet<(Profile, &'static str)> {
        self.rules.iter().filter_map(|rule| Some((rule.from, rule.cost?))).collect()
    }
}

impl fmt::Display for Controls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "CONTROL     PROFILE    PROMISE")?;
        for row in &self.0 {
            let from = row.from.map_or("elsewhere", Profile::as_str);
            writeln!(f, "{:10}  {from:9}  {}", row.id, row.title)?;
            for (from, cost) in row.costs() {
                writeln!(f, "{:21}  from `{from}` on it costs {cost}", "")?;
            }
            if let Some(elsewhere) = row.elsewhere {
                writeln!(f, "{:21}  {elsewhere}", "")?;
            }
        }
        Ok(())
    }
}
