//! The table of `lisa check --list`: every control, what it promises, from which profile on and at what cost.

use std::fmt;

use lisa_policy::{Control, Profile, controls};
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
    /// What its rules cost, each cost once.
    costs: Vec<&'static str>,
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
        let mut costs: Vec<&'static str> = control.rules().filter_map(|rule| rule.cost).collect();
        costs.sort_unstable();
        costs.dedup();
        let rules = control.rules();
        Self {
            id: control.id,
            title: control.title,
            from: control.rules().map(|rule| rule.from).min(),
            costs,
            rules: rules
                .map(|rule| RuleRow { id: rule.id, title: rule.title, from: rule.from, cost: rule.cost })
                .collect(),
            elsewhere: control.elsewhere,
        }
    }
}

impl fmt::Display for Controls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "CONTROL     PROFILE   PROMISE")?;
        for row in &self.0 {
            let from = row.from.map_or("elsewhere", Profile::as_str);
            writeln!(f, "{:10}  {from:8}  {}", row.id, row.title)?;
            for cost in &row.costs {
                writeln!(f, "{:20}  costs {cost}", "")?;
            }
            if let Some(elsewhere) = row.elsewhere {
                writeln!(f, "{:20}  {elsewhere}", "")?;
            }
        }
        Ok(())
    }
}
