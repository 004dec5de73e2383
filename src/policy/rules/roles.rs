//! IAM-05 to IAM-10: what roles carry, who shares them, and who may pass them on.

use std::collections::BTreeMap;

use crate::document::Document;
use crate::leaf::{Leaf, Want};
use crate::report::Severity::{High, Medium};
use crate::rule::{Check, Findings, Rule};
use crate::settings::Profile::Dev;
use crate::world::{Index, World};

pub(crate) const RULES: &[Rule] = &[
    Rule {
        id: "IAM-05-boundary",
        title: "Every role carries the permissions boundary, when there is one",
        why: "A role without it can be given rights that the organisation has ruled out.",
        remedy: "Set `PermissionsBoundary` to the configured policy.",
        cost: None,
        from: Dev,
        severity: High,
        check: Check::property_unless(
            &["AWS::IAM::Role"],
            &["PermissionsBoundary"],
            Want::Present,
            |world, _| !world.settings.permissions_boundary,
        ),
    },
    Rule {
        id: "IAM-06-shared",
        title: "Every function and every task has a role of its own",
        why: "A shared role holds the sum of all rights: one taken function may do what any other may.",
        remedy: "Give each its own role with what it alone needs.",
        cost: None,
        from: Dev,
        severity: Medium,
        check: Check::With(shared),
    },
    Rule {
        id: "IAM-07-same",
        title: "A task's own role is not the role that starts it",
        why: "The starting role reads secrets and pulls images; code in the container then may too.",
        remedy: "Use two roles: one to start the task, one for what runs in it.",
        cost: None,
        from: Dev,
        severity: Medium,
        check: Check::With(same),
    },
    Rule {
        id: "IAM-08-users",
        title: "There are roles, no users and no access keys",
        why: "A user's key is valid until somebody remembers to delete it, wherever it leaks to.",
        remedy: "Use a role, which hands out credentials that end by themselves.",
        cost: None,
        from: Dev,
        severity: High,
        check: Check::With(users),
    },
    Rule {
        id: "IAM-09-pass-role",
        title: "A role can only be passed by name and to a named service",
        why: "Whoever may pass any role to any service can make themselves administrator.",
        remedy: "List the roles by ARN and add a condition on `iam:PassedToService`.",
        cost: None,
        from: Dev,
        severity: High,
        check: Check::With(pass_role),
    },
    Rule {
        id: "IAM-10-full-access",
        title: "No role has an AWS policy with full access",
        why: "Such a policy allows everything in its service, in every deployment of the account.",
        remedy: "Write a policy with the actions and resources that are needed.",
        cost: None,
        from: Dev,
        severity: High,
        check: Check::With(full_access),
    },
];

fn shared(world: &World<'_>, findings: &mut Findings) {
    let mut users: BTreeMap<Index, Vec<Index>> = BTreeMap::new();
    let functions = world.of("AWS::Lambda::Function").map(|function| (function, "Role"));
    let tasks = world.of("AWS::ECS::TaskDefinition").map(|task| (task, "TaskRoleArn"));
    for (user, path) in functions.chain(tasks) {
        for role in user.targets(world, path) {
            let known = users.entry(role).or_default();
            if !known.contains(&user.index) {
                known.push(user.index);
            }
        }
    }
    for (role, sharers) in users.iter().filter(|(_, sharers)| sharers.len() > 1) {
        let names: Vec<&str> = sharers.iter().map(|index| world.resources[*index].id).collect();
        findings.add(&world.resources[*role], "", format!("is the role of `{}`", names.join("` and `")));
    }
}

fn same(world: &World<'_>, findings: &mut Findings) {
    for task in world.of("AWS::ECS::TaskDefinition") {
        let starting = task.texts(world, "ExecutionRoleArn");
        if task.texts(world, "TaskRoleArn").iter().any(|role| starting.contains(role)) {
            findings.add(task, "TaskRoleArn", "is the same role as `ExecutionRoleArn`");
        }
    }
}

fn users(world: &World<'_>, findings: &mut Findings) {
    // Counted as looked at where there are none: the absence is what is judged.
    world.look(world.resources.len());
    for kind in
        ["AWS::IAM::User", "AWS::IAM::AccessKey", "AWS::IAM::UserToGroupAddition", "AWS::IAM::UserPolicy"]
    {
        for resource in world.of(kind) {
            findings.add(resource, "", format!("is of type `{kind}`"));
        }
    }
}

fn pass_role(world: &World<'_>, findings: &mut Findings) {
    world.look(world.statements.len());
    for statement in &world.statements {
        let passes = statement.actions.iter().any(|action| action.eq_ignore_ascii_case("iam:PassRole"));
        if statement.document != Document::Identity || !statement.allows || !passes {
            continue;
        }
        let holder = &world.resources[statement.holder];
        for resource in &statement.resources {
            let name = resource.rsplit([':', '/']).next().unwrap_or(resource);
            if name == "*" || name == "${?}" || is_free_parameter(world, holder.stack, resource) {
                findings.add(holder, &*statement.path, format!("passes `{resource}`"));
            }
        }
        let service = statement.condition("iam:passedtoservice");
        if !service
            .is_some_and(|(_, _, names)| !names.is_empty() && names.iter().all(|name| !name.starts_with('*')))
        {
            findings.add(holder, &*statement.path, "has no condition on `iam:PassedToService`");
        }
    }
}

/// Whether the text is a parameter that takes any text, rather than a resource or an SSM parameter's value.
fn is_free_parameter(world: &World<'_>, stack: usize, text: &str) -> bool {
    let name = text.strip_prefix("${").and_then(|rest| rest.strip_suffix('}'));
    name.is_some_and(|name| {
        world.stacks[stack]
            .1
            .parameter(name)
            .is_some_and(|parameter| parameter.get("AllowedValues").is_none())
            && world.parameter_source(stack, name).is_none()
    })
}

fn full_access(world: &World<'_>, findings: &mut Findings) {
    for kind in ["AWS::IAM::Role", "AWS::IAM::User", "AWS::IAM::Group"] {
        for resource in world.of(kind) {
            resource.each(world, "ManagedPolicyArns[]", |trail, leaf| {
                let full = |text: &String| {
                    let name = text.rsplit('/').next().unwrap_or(text);
                    name.contains("FullAccess")
                        || matches!(name, "AdministratorAccess" | "PowerUserAccess" | "IAMFullAccess")
                };
                if let Some(name) = crate::world::leaf_texts(leaf).iter().find(|text| full(text)) {
                    findings.add(resource, trail.to_string(), format!("is `{name}`"));
                } else if let Leaf::Parameter(name) = leaf
                    && world.parameter_source(resource.stack, name).is_none()
                {
                    findings.add(resource, trail.to_string(), leaf.describe());
                }
            });
        }
    }
}
