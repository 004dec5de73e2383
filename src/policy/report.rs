//! What a check found: findings, what the profile relaxed, and how much was looked at.

use serde::Serialize;

use crate::settings::Profile;

/// How bad it is if what the rule warns of happens.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Data or control of the account is lost at once.
    High,
    /// A second fault is needed, or the damage is bounded.
    Medium,
    /// Harder to run, or to find out what happened.
    Low,
}

/// One place where a rule does not hold.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Finding {
    /// The control, such as `NET-31`; `WAIVER` for a waiver that is itself at fault.
    pub control: &'static str,
    /// The rule, such as `NET-31-open-ingress`.
    pub rule: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// The stack's short name; `config` for a waiver, whose logical id is its path, such as `policyWaivers[1]`.
    pub stack: String,
    /// The resource's logical id; empty when something is missing from the stack as a whole.
    pub logical_id: String,
    /// The property, from the resource's `Properties`, with the branch of `Fn::If` where one matters.
    pub path: String,
    /// What is there, as a fragment: "is missing".
    pub message: String,
    /// What an attacker or an outage could do.
    pub why: &'static str,
    /// What to do instead.
    pub remedy: &'static str,
    /// The waiver that covers it, if any.
    pub waived_by: Option<Waived>,
}

impl Finding {
    /// `stack/LogicalId`, which is what a waiver's `resource` is matched with.
    pub fn resource(&self) -> String {
        format!("{}/{}", self.stack, self.logical_id)
    }
}

/// Who accepted a finding, why and until when.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Waived {
    /// Who answers for it.
    pub owner: String,
    /// Why it is accepted.
    pub reason: String,
    /// The last day it holds, as `YYYY-MM-DD`.
    pub expires: String,
}

/// A rule that the profile or the removal policy does not ask for and that does not hold.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Relaxed {
    /// The rule.
    pub rule: &'static str,
    /// What it asks for.
    pub title: &'static str,
    /// The first profile that asks for it.
    pub from: Profile,
    /// Whether `removalPolicy: destroy` takes it off, whatever the profile.
    pub by_removal_policy: bool,
    /// What it costs, if it is not free.
    pub cost: Option<&'static str>,
    /// Where it does not hold, as `stack/LogicalId`, sorted.
    pub resources: Vec<String>,
}

/// How much was looked at, so that "no finding" over nothing is seen for what it is.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
pub struct Evaluated {
    /// Templates.
    pub stacks: usize,
    /// Resources in them.
    pub resources: usize,
    /// Rules that were run, relaxed ones included.
    pub rules: usize,
    /// Rules that had at least one resource to judge.
    pub rules_with_resources: usize,
    /// Pairs of a rule and a resource that it looked at.
    pub comparisons: usize,
}

/// What a report comes to.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Something was looked at, and nothing was found that is not waived.
    Clean,
    /// There are findings.
    Refused,
    /// There was nothing to look at, which is no proof of anything.
    Empty,
}

/// The result of [`check`](crate::check). `Display` tells it in plain words.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Report {
    /// The profile that was asked for.
    pub profile: Profile,
    /// What it comes to.
    pub verdict: Verdict,
    /// Where rules do not hold, waived ones included, in the order of controls, then stacks, then resources.
    pub findings: Vec<Finding>,
    /// What only a stricter profile would refuse, in the order of controls.
    pub relaxed: Vec<Relaxed>,
    /// How much was looked at.
    pub evaluated: Evaluated,
}

impl Report {
    /// The findings that stand.
    pub fn open(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| finding.waived_by.is_none())
    }

    /// The findings that a waiver covers.
    pub fn waived(&self) -> impl Iterator<Item = (&Finding, &Waived)> {
        self.findings.iter().filter_map(|finding| Some((finding, finding.waived_by.as_ref()?)))
    }
}
