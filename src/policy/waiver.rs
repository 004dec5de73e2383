//! A finding that its owner accepts for a while, and what is wrong with a waiver itself.

use std::cell::Cell;

use serde::{Deserialize, Serialize};

use crate::control::control;
use crate::date::Date;
use crate::report::{Finding, Severity, Waived};
use crate::rule::rule;
use crate::settings::Settings;

/// An accepted finding. Waivers live in the configuration alone: what a template's metadata says about itself
/// is not believed.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Waiver {
    /// A control, such as `NET-31`, or one of its rules, such as `NET-31-open-ingress`.
    pub control: String,
    /// Where: `stack/LogicalId`, in which `*` stands for any run of characters. `*` alone is everywhere.
    #[serde(default = "everywhere")]
    pub resource: String,
    /// Who answers for it.
    pub owner: String,
    /// Why it is accepted.
    pub reason: String,
    /// The last day it holds, as `YYYY-MM-DD`.
    pub expires: String,
}

fn everywhere() -> String {
    "*".to_owned()
}

impl Waiver {
    fn covers(&self, finding: &Finding) -> bool {
        (self.control == finding.control || self.control == finding.rule)
            && glob(&self.resource, &finding.resource())
    }
}

/// The waivers of one check, each remembering whether it was of use.
pub(crate) struct Waivers<'a> {
    entries: Vec<Entry<'a>>,
    today: Date,
    whole: bool,
}

struct Entry<'a> {
    waiver: &'a Waiver,
    expires: Result<Date, String>,
    used: Cell<bool>,
}

impl<'a> Waivers<'a> {
    pub(crate) fn new(settings: &Settings<'a>) -> Self {
        let entries = settings
            .waivers
            .iter()
            .map(|waiver| Entry {
                waiver,
                expires: waiver.expires.parse().map_err(|error| format!("{error}")),
                used: Cell::new(false),
            })
            .collect();
        Self { entries, today: settings.today, whole: settings.whole }
    }

    /// The first sound waiver that covers the finding. All that cover it count as used.
    pub(crate) fn waive(&self, finding: &Finding) -> Option<Waived> {
        let mut waived = None;
        for entry in self.entries.iter().filter(|entry| entry.waiver.covers(finding)) {
            entry.used.set(true);
            if entry.fault(self.today).is_none() && waived.is_none() {
                waived = Some(Waived {
                    owner: entry.waiver.owner.clone(),
                    reason: entry.waiver.reason.clone(),
                    expires: entry.waiver.expires.clone(),
                });
            }
        }
        waived
    }

    /// What is wrong with the waivers themselves, once every finding has been shown to them.
    pub(crate) fn findings(&self) -> impl Iterator<Item = Finding> {
        self.entries.iter().enumerate().filter_map(|(index, entry)| {
            let fault = entry.fault(self.today).or_else(|| {
                (self.whole && !entry.used.get()).then_some(Fault {
                    rule: "WAIVER-unused",
                    message: "matches no finding".to_owned(),
                    remedy: "Remove the waiver, or correct its control and resource.",
                })
            })?;
            Some(fault.at(index, entry.waiver))
        })
    }
}

impl Entry<'_> {
    fn fault(&self, today: Date) -> Option<Fault> {
        let Waiver { control: id, owner, reason, .. } = self.waiver;
        let fault = |rule, message: String, remedy| Some(Fault { rule, message, remedy });
        if control(id).is_none() && rule(id).is_none() {
            let message = format!("`{id}` is neither a control nor a rule");
            return fault("WAIVER-unknown", message, "Name a control such as `NET-31`, or one of its rules.");
        }
        if owner.trim().is_empty() || reason.trim().is_empty() {
            let message = "has no owner or no reason".to_owned();
            return fault("WAIVER-incomplete", message, "Say who accepts this, and why.");
        }
        match &self.expires {
            Err(message) => {
                fault("WAIVER-incomplete", message.clone(), "Write the last day as `YYYY-MM-DD`.")
            }
            Ok(last) if *last < today => {
                let remedy = "Fix what it covers, or have the owner renew it.";
                fault("WAIVER-expired", format!("ended on {last}"), remedy)
            }
            Ok(_) => None,
        }
    }
}

struct Fault {
    rule: &'static str,
    message: String,
    remedy: &'static str,
}

impl Fault {
    fn at(self, index: usize, waiver: &Waiver) -> Finding {
        Finding {
            control: "WAIVER",
            rule: self.rule,
            severity: Severity::Medium,
            stack: "config".to_owned(),
            logical_id: format!("policyWaivers[{index}]"),
            path: format!("{} at {}", waiver.control, waiver.resource),
            message: self.message,
            why: "A waiver that nobody needs or renews hides the next real finding.",
            remedy: self.remedy,
            waived_by: None,
        }
    }
}

/// Whether `pattern`, in which `*` stands for any run of characters, matches all of `text`.
pub(crate) fn glob(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| text.strip_prefix(first)) else {
        return false;
    };
    let Some(last) = pattern.rsplit_once('*').map(|(_, last)| last) else {
        return rest.is_empty();
    };
    let Some(middle) = rest.strip_suffix(last) else {
        return false;
    };
    rest = middle;
    let count = pattern.matches('*').count();
    for part in parts.take(count - 1) {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::glob;

    #[test]
    fn globs() {
        for (pattern, text) in [
            ("*", "a/b"),
            ("a/*", "a/b"),
            ("*/b", "a/b"),
            ("a/b", "a/b"),
            ("a*c*e", "abcde"),
            ("**", ""),
            ("model-*/Alb", "model-x/Alb"),
        ] {
            assert!(glob(pattern, text), "{pattern} {text}");
        }
        for (pattern, text) in
            [("a", "ab"), ("a/*", "b/b"), ("*/c", "a/b"), ("ab*bc", "abc"), ("", "a"), ("a*b*c", "acb")]
        {
            assert!(!glob(pattern, text), "{pattern} {text}");
        }
    }
}
