//! The check itself: every rule over every template, then the waivers.

use serde_json::Value;

use crate::report::{Evaluated, Finding, Relaxed, Report, Verdict};
use crate::rule::{Findings, Raw, Rule, rules};
use crate::settings::Settings;
use crate::waiver::Waivers;
use crate::world::World;

/// One template of a deployment.
#[derive(Clone, Copy, Debug)]
pub struct TemplateRef<'a> {
    /// The stack's short name, as findings and waivers say it.
    pub stack: &'a str,
    /// The template.
    pub template: &'a Value,
}

/// Judges the templates together, for one may hold what another one needs.
pub fn check(templates: &[TemplateRef<'_>], settings: &Settings<'_>) -> Report {
    let world = World::new(templates, settings);
    let waivers = Waivers::new(settings);
    let mut findings = Vec::new();
    let mut relaxed = Vec::new();
    let mut rules_run = 0;
    let mut rules_with_resources = 0;
    for rule in rules() {
        let before = world.looked();
        let mut found = Findings::default();
        rule.check.run(&world, &mut found);
        rules_run += 1;
        rules_with_resources += usize::from(world.looked() > before);
        let mut found: Vec<Finding> = found.0.into_iter().map(|raw| finding(&world, rule, raw)).collect();
        found.sort_by(|a, b| sort_key(a).cmp(&sort_key(b)));
        found.dedup();
        for finding in &mut found {
            finding.waived_by = waivers.waive(finding);
        }
        let unwanted = settings.disposable && rule.is_against_deletion();
        if rule.is_enforced(settings.profile) && !unwanted {
            findings.append(&mut found);
        } else if !found.is_empty() {
            relaxed.push(relax(rule, unwanted, &found));
        }
    }
    findings.extend(waivers.findings());
    let evaluated = Evaluated {
        stacks: templates.len(),
        resources: world.resources.len(),
        rules: rules_run,
        rules_with_resources,
        comparisons: world.looked(),
    };
    Report { profile: settings.profile, verdict: verdict(&findings, evaluated), findings, relaxed, evaluated }
}

fn verdict(findings: &[Finding], evaluated: Evaluated) -> Verdict {
    if findings.iter().any(|finding| finding.waived_by.is_none()) {
        Verdict::Refused
    } else if evaluated.comparisons == 0 {
        Verdict::Empty
    } else {
        Verdict::Clean
    }
}

fn finding(world: &World<'_>, rule: &'static Rule, raw: Raw) -> Finding {
    let resource = &world.resources[raw.resource];
    Finding {
        control: rule.control(),
        rule: rule.id,
        severity: rule.severity,
        stack: resource.stack_name.to_owned(),
        logical_id: resource.id.to_owned(),
        path: raw.path,
        message: raw.message,
        why: rule.why,
        remedy: rule.remedy,
        waived_by: None,
    }
}

fn sort_key(finding: &Finding) -> (&str, &str, &str, &str) {
    (&finding.stack, &finding.logical_id, &finding.path, &finding.message)
}

fn relax(rule: &'static Rule, by_removal_policy: bool, found: &[Finding]) -> Relaxed {
    let mut resources: Vec<String> = found.iter().map(Finding::resource).collect();
    resources.dedup();
    Relaxed {
        rule: rule.id,
        title: rule.title,
        from: rule.from,
        by_removal_policy,
        cost: rule.cost,
        resources,
    }
}
