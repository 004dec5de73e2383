//! API-55 to API-59: the REST API, its stages and its domains.

use crate::leaf::{Leaf, Want};
use crate::report::Severity::{Low, Medium};
use crate::rule::{Check, Findings, Rule};
use crate::rules::open_api;
use crate::settings::Profile::{Dev, Standard};
use crate::world::{Resource, World};

const STAGE: &[&str] = &["AWS::ApiGateway::Stage"];

pub(crate) const RULES: &[Rule] = &[
    Rule {
        id: "API-55-access-logs",
        title: "The API logs every request",
        why: "After an attack nobody can say who asked for what.",
        remedy: "Set `AccessLogSetting.DestinationArn` to a log group.",
        cost: Some("log ingestion, by requests"),
        from: Standard,
        severity: Medium,
        check: Check::property(
            STAGE,
            &["AccessLogSetting.DestinationArn", "AccessLogSetting.Format"],
            Want::Present,
        ),
    },
    Rule {
        id: "API-55-execution-logs",
        title: "The API logs what failed on the way",
        why: "In an outage nobody sees whether the authorizer, the mapping or the function failed.",
        remedy: "Set `LoggingLevel` to `ERROR` in `MethodSettings` for `*` and `/*`.",
        cost: Some("log ingestion, by failures"),
        from: Standard,
        severity: Low,
        check: Check::With(execution_logs),
    },
    Rule {
        id: "API-55-no-bodies",
        title: "The API logs no body",
        why: "Prompts, answers and tokens end up in a log that many may read.",
        remedy: "Set `DataTraceEnabled` to `false`, or leave it out.",
        cost: None,
        from: Dev,
        severity: Medium,
        check: Check::property(STAGE, &["MethodSettings[].DataTraceEnabled"], Want::NotTrue),
    },
    Rule {
        id: "API-56-throttling",
        title: "The API limits how fast it is called",
        why: "One caller in a loop uses up the account's limits, and the budget.",
        remedy: "Set `ThrottlingRateLimit` and `ThrottlingBurstLimit` in `MethodSettings` for `*` and `/*`.",
        cost: None,
        from: Dev,
        severity: Medium,
        check: Check::With(throttling),
    },
    open_api::AUTHORIZER,
    open_api::VALIDATION,
    Rule {
        id: "API-59-tls",
        title: "Own domains speak TLS 1.2 or newer",
        why: "Older versions of TLS have known breaks.",
        remedy: "Set `SecurityPolicy` to `TLS_1_2`.",
        cost: None,
        from: Dev,
        severity: Medium,
        check: Check::With(tls),
    },
];

/// Every value that a stage's settings for all methods may give to a key.
fn for_all_methods<'a>(world: &World<'a>, stage: &Resource<'a>, key: &'a str) -> Vec<Leaf<'a>> {
    let mut found = Vec::new();
    stage.each(world, "MethodSettings[]", |_, setting| {
        let is = |path, wanted| {
            world.leaves_under(stage, setting, path).iter().all(|leaf| leaf.text() == Some(wanted))
        };
        if is("HttpMethod", "*") && is("ResourcePath", "/*") {
            found.extend(world.leaves_under(stage, setting, key));
        }
    });
    let may_be_missing = stage.leaves(world, "MethodSettings").iter().any(|leaf| !leaf.is_present());
    if found.is_empty() || may_be_missing {
        found.push(Leaf::Missing);
    }
    found
}

fn execution_logs(world: &World<'_>, findings: &mut Findings) {
    let want = Want::OneOf(&["ERROR", "INFO"]);
    for stage in world.of("AWS::ApiGateway::Stage") {
        for leaf in
            for_all_methods(world, stage, "LoggingLevel").into_iter().filter(|leaf| !want.holds(*leaf))
        {
            findings.add(stage, "MethodSettings[*/*].LoggingLevel", want.message(leaf));
        }
    }
}

fn throttling(world: &World<'_>, findings: &mut Findings) {
    for stage in world.of("AWS::ApiGateway::Stage") {
        for (key, path) in [
            ("ThrottlingRateLimit", "MethodSettings[*/*].ThrottlingRateLimit"),
            ("ThrottlingBurstLimit", "MethodSettings[*/*].ThrottlingBurstLimit"),
        ] {
            for leaf in for_all_methods(world, stage, key) {
                let limited = leaf.number().is_some_and(|number| number > 0)
                    || matches!(leaf, Leaf::Literal(value) if value.as_f64().is_some_and(|number| number > 0.0));
                if !limited {
                    findings.add(stage, path, format!("{}, must be a number above 0", leaf.describe()));
                }
            }
        }
    }
}

fn tls(world: &World<'_>, findings: &mut Findings) {
    for (kind, path) in [
        ("AWS::ApiGateway::DomainName", "SecurityPolicy"),
        ("AWS::ApiGatewayV2::DomainName", "DomainNameConfigurations[].SecurityPolicy"),
    ] {
        for domain in world.of(kind) {
            domain.each(world, path, |trail, leaf| {
                let modern = leaf
                    .text()
                    .is_some_and(|name| name == "TLS_1_2" || name.starts_with("SecurityPolicy_TLS1"));
                if !modern {
                    findings.add(
                        domain,
                        trail.to_string(),
                        format!("{}, must be `TLS_1_2`", leaf.describe()),
                    );
                }
            });
        }
    }
}
