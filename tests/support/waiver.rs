//! Findings that are accepted, each with its reason, in one committed file.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};
use serde::Deserialize;

use crate::finding::Finding;
use crate::repository;

/// Where the waivers are written down.
pub const FILE: &str = "tests/gates/waivers.json";

/// An accepted finding.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Waiver {
    /// `checkov`, `cloudformation-validate` or `cdk-nag`.
    pub tool: String,
    /// The rule's id; for cdk-nag without the part in brackets, unless that part is waived alone.
    pub rule: String,
    /// Short name of the only stack it is accepted in (`model` for every model's).
    pub stack: Option<String>,
    /// Logical id of the only resource it is accepted on.
    pub resource: Option<String>,
    /// Why the finding is no defect, or what guards against it instead.
    pub reason: String,
}

impl Waiver {
    fn covers(&self, finding: &Finding) -> bool {
        let rule = finding.rule == self.rule || finding.rule.split('[').next() == Some(self.rule.as_str());
        let stack = self.stack.as_ref().is_none_or(|stack| *stack == stack_of(&finding.path));
        let resource = self.resource.is_none() || self.resource == finding.resource;
        rule && stack && resource
    }
}

/// All waivers, in the file's order.
pub fn all() -> Result<Vec<Waiver>> {
    let path = repository::path(FILE);
    let text = fs::read_to_string(&path).with_context(|| format!("could not read `{FILE}`"))?;
    serde_json::from_str(&text).with_context(|| format!("could not understand `{FILE}`"))
}

/// A tool's findings, divided by the waivers.
#[derive(Debug, Default)]
pub struct Verdict {
    /// Findings that no waiver covers.
    pub unwaived: Vec<Finding>,
    /// The tool's waivers that cover nothing.
    pub unused: Vec<Waiver>,
}

/// Divides a tool's findings into accepted and not, and finds the waivers that are no longer needed.
pub fn judge(tool: &str, findings: &[Finding], waivers: &[Waiver]) -> Verdict {
    let mine: Vec<&Waiver> = waivers.iter().filter(|waiver| waiver.tool == tool).collect();
    let unwaived = findings.iter().filter(|finding| !mine.iter().any(|waiver| waiver.covers(finding)));
    let unused = mine.iter().filter(|waiver| !findings.iter().any(|finding| waiver.covers(finding)));
    Verdict {
        unwaived: unwaived.cloned().collect(),
        unused: unused.map(|waiver| (*waiver).clone()).collect(),
    }
}

/// The stack's short name, from the file name that `lisa synth` gives its template.
fn stack_of(path: &str) -> String {
    let name = Path::new(path).file_name().unwrap_or_default().to_string_lossy();
    let stack = name.split('.').next().unwrap_or_default();
    if stack.starts_with("model-") { "model".to_owned() } else { stack.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::{Waiver, judge};
    use crate::finding::Finding;

    fn finding(path: &str, rule: &str, resource: &str) -> Finding {
        let resource = Some(resource.to_owned());
        Finding { path: path.to_owned(), rule: rule.to_owned(), resource, message: String::new() }
    }

    fn waiver(rule: &str, stack: Option<&str>, resource: Option<&str>) -> Waiver {
        let [tool, reason] = ["checkov", "because"].map(str::to_owned);
        let [stack, resource] = [stack, resource].map(|text| text.map(str::to_owned));
        Waiver { tool, rule: rule.to_owned(), stack, resource, reason }
    }

    #[test]
    fn a_waiver_covers_its_rule_stack_and_resource_only() {
        let findings =
            [finding("a/core.template.json", "R1", "Key"), finding("a/model-x.template.json", "R1", "Key")];
        for (waiver, left) in [
            (waiver("R1", None, None), 0),
            (waiver("R1", Some("core"), None), 1),
            (waiver("R1", Some("model"), None), 1),
            (waiver("R1", None, Some("Table")), 2),
            (waiver("R2", None, None), 2),
        ] {
            assert_eq!(
                judge("checkov", &findings, std::slice::from_ref(&waiver)).unwaived.len(),
                left,
                "{waiver:?}"
            );
        }
    }

    #[test]
    fn an_unused_waiver_is_found() {
        assert_eq!(judge("checkov", &[], &[waiver("R1", None, None)]).unused.len(), 1);
        assert_eq!(judge("cdk-nag", &[], &[waiver("R1", None, None)]).unused.len(), 0);
    }

    #[test]
    fn brackets_need_not_be_spelt_out() {
        let findings = [finding("a/core.template.json", "AwsSolutions-IAM5[Resource::*]", "Role")];
        assert!(judge("checkov", &findings, &[waiver("AwsSolutions-IAM5", None, None)]).unwaived.is_empty());
    }
}
