//! IAM-01 to IAM-04: what policy statements allow, and to whom.

use crate::document::{Document, Statement};
use crate::report::Severity::{High, Medium};
use crate::rule::{Check, Findings, Rule};
use crate::settings::Profile::Dev;
use crate::world::World;

pub(crate) const RULES: &[Rule] = &[
    Rule {
        id: "IAM-01-any-action",
        title: "No statement allows every action",
        why: "Whoever takes over the workload owns the whole account at once.",
        remedy: "List the actions that the workload calls.",
        cost: None,
        from: Dev,
        severity: High,
        check: Check::With(any_action),
    },
    Rule {
        id: "IAM-02-wildcard",
        title: "No action ends in a wildcard, unless it was reviewed",
        why: "A wildcard also grants what the service adds later, such as deleting or sharing.",
        remedy: "List the actions by name, or have the wildcard reviewed and put on the list.",
        cost: None,
        from: Dev,
        severity: Medium,
        check: Check::With(wildcard),
    },
    Rule {
        id: "IAM-03-any-resource",
        title: "Every action that can be scoped is scoped",
        why: "A fault in one workload reaches the data of every other one in the account.",
        remedy: "Name the resources by ARN. Put actions that cannot be scoped into a statement of their own.",
        cost: None,
        from: Dev,
        severity: High,
        check: Check::With(any_resource),
    },
    Rule {
        id: "IAM-04-source",
        title: "A service may only act for this account",
        why: "Somebody else's resource can make the service use our permissions for them (confused deputy).",
        remedy: "Add a condition on `aws:SourceAccount` or `aws:SourceArn`; for a function, set `SourceArn`.",
        cost: None,
        from: Dev,
        severity: Medium,
        check: Check::With(source),
    },
    Rule {
        id: "IAM-04-anyone",
        title: "No resource and no role is open to everybody",
        why: "Anybody with an AWS account, or without one, can use it.",
        remedy: "Name the principals, or add a condition that ties callers to the account.",
        cost: None,
        from: Dev,
        severity: High,
        check: Check::With(anyone),
    },
];

/// Statements that grant: not those that refuse, and not an endpoint's, which only let pass.
fn grants<'w, 'a>(world: &'w World<'a>) -> impl Iterator<Item = &'w Statement<'a>> {
    world.look(world.statements.len());
    world.statements.iter().filter(|statement| statement.allows && statement.document != Document::Endpoint)
}

fn any_action(world: &World<'_>, findings: &mut Findings) {
    for statement in grants(world) {
        let holder = &world.resources[statement.holder];
        if statement.not_action {
            findings.add(holder, &*statement.path, "allows all but a few actions (`NotAction`)");
        }
        if statement.actions.is_empty() && !statement.not_action {
            findings.add(holder, &*statement.path, "names no action");
        }
        for action in &statement.actions {
            if action == "*" || action == "*:*" {
                findings.add(holder, &*statement.path, format!("allows `{action}`"));
            } else if action.contains("${") {
                findings.add(holder, &*statement.path, "leaves an action open until it is deployed");
            }
        }
    }
}

fn wildcard(world: &World<'_>, findings: &mut Findings) {
    // A key policy names the account as its owner by `kms:*`: without that, nobody could ever change the key.
    for statement in grants(world).filter(|statement| statement.document != Document::Key) {
        for action in &statement.actions {
            let is_service_wide_star = action == "*" || action == "*:*";
            let reviewed =
                world.settings.reviewed_wildcards.iter().any(|known| known.eq_ignore_ascii_case(action));
            if action.contains(['*', '?']) && !action.contains("${") && !is_service_wide_star && !reviewed {
                let holder = &world.resources[statement.holder];
                findings.add(holder, &*statement.path, format!("allows `{action}`"));
            }
        }
    }
}

fn any_resource(world: &World<'_>, findings: &mut Findings) {
    for statement in grants(world).filter(|statement| statement.document == Document::Identity) {
        let holder = &world.resources[statement.holder];
        if statement.not_resource {
            findings.add(holder, &*statement.path, "allows all but a few resources (`NotResource`)");
            continue;
        }
        let Some(open) = statement.resources.iter().find(|text| is_open(world, holder.stack, text)) else {
            continue;
        };
        let needless: Vec<&str> = statement
            .actions
            .iter()
            .map(String::as_str)
            .filter(|action| !(world.settings.unscoped_actions)(action))
            .collect();
        if !needless.is_empty() {
            let message = format!("grants {} on `{open}`", listed(&needless));
            findings.add(holder, &*statement.path, message);
        }
    }
}

fn listed(actions: &[&str]) -> String {
    match actions {
        [first, second, third, _, ..] => {
            format!("`{first}`, `{second}`, `{third}` and {} more", actions.len() - 3)
        }
        _ => format!("`{}`", actions.join("`, `")),
    }
}

/// Whether a resource may be every resource of a service: `*`, `arn:*`, `arn:${AWS::Partition}:s3:::*`, or a
/// parameter that could be any of them.
fn is_open(world: &World<'_>, stack: usize, text: &str) -> bool {
    if text.starts_with("${") && text.ends_with('}') && text.matches("${").count() == 1 {
        let name = &text[2..text.len() - 1];
        let parameter = world.stacks[stack].1.parameter(name);
        let closed = parameter.is_none_or(|parameter| {
            world.parameter_source(stack, name).is_some()
                || parameter.get("AllowedValues").and_then(|values| values.as_array()).is_some_and(|values| {
                    values.iter().all(|value| value.as_str().is_some_and(|text| !is_open(world, stack, text)))
                })
        });
        return text == "${?}" || !closed;
    }
    if !text.starts_with("arn:") {
        return text.chars().all(|letter| matches!(letter, '*' | ':'));
    }
    let text = without_names(text);
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    match parts.as_slice() {
        [_, _, _, _, account, resource] => *resource == "*" && (account.is_empty() || *account == "*"),
        _ => parts.last().is_some_and(|last| *last == "*"),
    }
}

/// The text with `_` for each `${name}`, which may have colons of its own.
fn without_names(text: &str) -> String {
    let mut parts = text.split("${");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |plain, part| plain + "_" + part.split_once('}').map_or("", |(_, rest)| rest))
}

/// Services that say for whom they act when they assume a role. Others, EC2 and Lambda among them, do not, and
/// a condition would lock them out.
const SAYS_FOR_WHOM: &[&str] = &[
    "bedrock",
    "codebuild",
    "ecs-tasks",
    "firehose",
    "monitoring.rds",
    "pipes",
    "sagemaker",
    "scheduler",
    "ssm",
    "states",
    "vpc-flow-logs",
];

/// Condition keys that tie a service's call to an owner or to one resource.
fn ties(key: &str) -> bool {
    matches!(key, "aws:sourceaccount" | "aws:sourcearn" | "aws:sourceorgid" | "aws:sourceorgpaths")
        || matches!(key, "kms:viaservice" | "kms:calleraccount" | "sts:externalid")
        || key.starts_with("kms:encryptioncontext:")
}

/// Load balancers write under the account they belong to, so a path that names the account ties them to it.
fn is_tied_by_path(statement: &Statement<'_>) -> bool {
    let names_account = |resource: &String| {
        let account =
            resource.split_once("/AWSLogs/").map(|(_, rest)| rest.split('/').next().unwrap_or(rest));
        account.is_some_and(|account| !account.is_empty() && !account.contains('*'))
    };
    !statement.resources.is_empty() && statement.resources.iter().all(names_account)
}

fn source(world: &World<'_>, findings: &mut Findings) {
    for statement in grants(world) {
        let services =
            statement.principals.iter().filter(|(kind, _)| *kind == "Service").map(|(_, name)| name);
        let loose: Vec<&str> = services
            .map(|name| name.split(".amazonaws").next().unwrap_or(name))
            .filter(|name| statement.document != Document::Trust || SAYS_FOR_WHOM.contains(name))
            .collect();
        let by_path = loose.iter().all(|name| name.starts_with("logdelivery.")) && is_tied_by_path(statement);
        if !loose.is_empty() && !by_path && !statement.conditions.iter().any(|(_, key, _)| ties(key)) {
            let holder = &world.resources[statement.holder];
            findings.add(holder, &*statement.path, format!("lets {} in for anybody", listed(&loose)));
        }
    }
    for permission in world.of("AWS::Lambda::Permission") {
        let by_service = permission.texts(world, "Principal").iter().any(|name| name.contains(".amazonaws"));
        let tied = ["SourceArn", "SourceAccount", "PrincipalOrgID"]
            .into_iter()
            .any(|key| permission.leaves(world, key).iter().all(|leaf| leaf.is_present()));
        if by_service && !tied {
            findings.add(permission, "SourceArn", "is missing, and so is `SourceAccount`");
        }
    }
}

/// OpenSearch domains have a rule of their own, for theirs may stand behind fine-grained access.
fn anyone(world: &World<'_>, findings: &mut Findings) {
    for statement in
        grants(world).filter(|statement| matches!(statement.document, Document::Resource | Document::Trust))
    {
        let holder = &world.resources[statement.holder];
        let is_domain = holder.kind == "AWS::OpenSearchService::Domain";
        if statement.is_anyone() && statement.conditions.is_empty() && !is_domain {
            findings.add(holder, &*statement.path, "lets everybody in");
        }
    }
}
