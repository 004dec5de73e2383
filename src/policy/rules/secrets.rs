//! DATA-25 and DATA-26: secrets, where they are kept and where they must not be.

use serde_json::Value;

use crate::leaf::{Leaf, Want};
use crate::report::Severity::{High, Low, Medium};
use crate::rule::{Check, Findings, Rule};
use crate::rules::arns::each_text;
use crate::secret::{has_secret_shape, is_sensitive_name, may_be_secret};
use crate::settings::Profile::{Dev, Hardened};
use crate::world::{Resource, World};

pub(crate) const RULES: &[Rule] = &[
    Rule {
        id: "DATA-25-own-key",
        title: "Secrets are encrypted with an own key",
        why: "The key that AWS manages cannot be taken away from anybody, nor shut in an emergency.",
        remedy: "Set `KmsKeyId` to a key of the deployment.",
        cost: Some("a dollar a month per key"),
        from: Hardened,
        severity: Medium,
        check: Check::property(&["AWS::SecretsManager::Secret"], &["KmsKeyId"], Want::Present),
    },
    Rule {
        id: "DATA-25-rotation",
        title: "Secrets rotate",
        why: "A secret that leaked once is good for ever.",
        remedy: "Add a rotation schedule; the master password of a database rotates if RDS manages it.",
        cost: Some("a function that rotates"),
        from: Hardened,
        severity: Low,
        check: Check::With(rotation),
    },
    Rule {
        id: "DATA-25-plain",
        title: "No secret is written into a template",
        why: "Templates are kept in repositories, in buckets and in the stack's history, for all to read.",
        remedy: "Let Secrets Manager generate it (`GenerateSecretString`), or RDS manage it.",
        cost: None,
        from: Dev,
        severity: High,
        check: Check::With(plain),
    },
    Rule {
        id: "DATA-25-environment",
        title: "No secret is in an environment variable",
        why: "Whoever may describe the function or the task reads it, and it ends up in logs and crash reports.",
        remedy: "Give the secret's ARN and read it at start; in a container use `Secrets` with `ValueFrom`.",
        cost: None,
        from: Dev,
        severity: High,
        check: Check::With(environment),
    },
    Rule {
        id: "DATA-26-plain",
        title: "Sensitive values are no plain SSM parameters",
        why: "Whoever may read parameters reads it, unencrypted, with its history.",
        remedy: "Keep it in Secrets Manager: CloudFormation cannot create a SecureString.",
        cost: None,
        from: Dev,
        severity: High,
        check: Check::With(parameters),
    },
];

fn rotation(world: &World<'_>, findings: &mut Findings) {
    for secret in world.of("AWS::SecretsManager::Secret") {
        if !world.has_helper("AWS::SecretsManager::RotationSchedule", "SecretId", secret) {
            findings.add(secret, "", "has no rotation schedule");
        }
    }
}

/// Properties that hold a secret by their nature.
const SECRET_PROPERTIES: &[(&str, &str)] = &[
    ("AWS::SecretsManager::Secret", "SecretString"),
    ("AWS::RDS::DBInstance", "MasterUserPassword"),
    ("AWS::RDS::DBCluster", "MasterUserPassword"),
    ("AWS::OpenSearchService::Domain", "AdvancedSecurityOptions.MasterUserOptions.MasterUserPassword"),
];

fn plain(world: &World<'_>, findings: &mut Findings) {
    for (kind, path) in SECRET_PROPERTIES {
        for resource in world.of(kind) {
            resource.each(world, path, |trail, leaf| {
                if is_readable(world, resource, leaf) {
                    findings.add(resource, trail.to_string(), "can be read in the template");
                }
            });
        }
    }
    world.look(world.resources.len());
    for resource in &world.resources {
        each_text(resource.body, &mut String::new(), &mut |path, text| {
            if has_secret_shape(text) {
                findings.add(
                    resource,
                    path.trim_start_matches("Properties."),
                    "holds what looks like a secret",
                );
            }
        });
    }
}

/// Whether the value is written out, or comes from a parameter that shows it.
fn is_readable(world: &World<'_>, resource: &Resource<'_>, leaf: Leaf<'_>) -> bool {
    match leaf {
        Leaf::Literal(Value::String(text)) => !text.is_empty() && !text.contains("{{resolve:"),
        Leaf::Literal(Value::Null) | Leaf::Missing => false,
        Leaf::Literal(_) => true,
        Leaf::Reference(value) => {
            crate::text::texts(value).iter().all(|text| !text.contains("${") && !text.contains("{{resolve:"))
        }
        Leaf::Parameter(name) => !is_hidden(world, resource, name),
    }
}

/// Whether a parameter is never shown: `NoEcho`, without a default in the template.
fn is_hidden(world: &World<'_>, resource: &Resource<'_>, name: &str) -> bool {
    world.stacks[resource.stack].1.parameter(name).is_some_and(|parameter| {
        parameter.get("NoEcho").is_some_and(|flag| Leaf::Literal(flag).is_true())
            && parameter.get("Default").and_then(Value::as_str).is_none_or(str::is_empty)
    })
}

fn environment(world: &World<'_>, findings: &mut Findings) {
    for function in world.of("AWS::Lambda::Function") {
        function.each(world, "Environment.Variables", |trail, variables| {
            if let Leaf::Literal(Value::Object(variables)) = variables {
                for (name, value) in variables {
                    variable(world, function, &format!("{trail}.{name}"), name, value, findings);
                }
            }
        });
    }
    for task in world.of("AWS::ECS::TaskDefinition") {
        task.each(world, "ContainerDefinitions[].Environment[]", |trail, entry| {
            if let Leaf::Literal(entry) = entry
                && let (Some(name), Some(value)) =
                    (entry.get("Name").and_then(Value::as_str), entry.get("Value"))
            {
                variable(world, task, &format!("{trail}.Value"), name, value, findings);
            }
        });
    }
}

fn variable<'a>(
    world: &World<'a>,
    resource: &Resource<'a>,
    path: &str,
    name: &str,
    value: &'a Value,
    findings: &mut Findings,
) {
    for leaf in resource.leaves_of(world, value, "") {
        let texts = crate::world::leaf_texts(leaf);
        let resolved = texts
            .iter()
            .any(|text| text.contains("{{resolve:secretsmanager") || text.contains("{{resolve:ssm-secure"));
        let hidden = matches!(leaf, Leaf::Parameter(name) if is_no_echo(world, resource, name));
        if resolved || hidden {
            findings.add(resource, path, "puts a secret where it can be read");
        } else if is_sensitive_name(name) && leaf.text().is_some_and(may_be_secret) {
            findings.add(resource, path, format!("gives `{name}` a literal value"));
        }
    }
}

fn is_no_echo(world: &World<'_>, resource: &Resource<'_>, name: &str) -> bool {
    let parameter = world.stacks[resource.stack].1.parameter(name);
    parameter.and_then(|parameter| parameter.get("NoEcho")).is_some_and(|flag| Leaf::Literal(flag).is_true())
}

fn parameters(world: &World<'_>, findings: &mut Findings) {
    for parameter in world.of("AWS::SSM::Parameter") {
        let names = parameter.texts(world, "Name");
        let sensitive = names.iter().any(|name| is_sensitive_name(name.rsplit('/').next().unwrap_or(name)));
        parameter.each(world, "Value", |trail, leaf| {
            let literal = sensitive && leaf.text().is_some_and(may_be_secret);
            let resolved =
                crate::world::leaf_texts(leaf).iter().any(|text| text.contains("{{resolve:secretsmanager"));
            let hidden = matches!(leaf, Leaf::Parameter(name) if is_no_echo(world, parameter, name));
            if literal || resolved || hidden {
                findings.add(parameter, trail.to_string(), "holds a sensitive value in plain text");
            }
        });
    }
}
