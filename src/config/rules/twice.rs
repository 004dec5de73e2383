//! Settings that 3.x and 6.x place or spell differently: one of the two, not both.

use super::GIVEN_TWICE;
use super::facts::Facts;
use crate::report::Report;

/// The two spellings of one setting.
const TOP: &[(&str, &str)] = &[
    ("restApiConfig.loadBalancerConfig.sslCertIamArn", "restApiConfig.sslCertIamArn"),
    ("restApiConfig.loadBalancerConfig.domainName", "restApiConfig.domainName"),
    ("restApiConfig.containerConfig.image", "restApiConfig.imageConfig"),
    ("restApiConfig.containerConfig.baseImage", "restApiConfig.imageConfig"),
    ("restApiConfig.containerConfig.image", "restApiConfig.containerConfig.baseImage"),
    (
        "restApiConfig.autoScalingConfig.metricConfig.albMetricName",
        "restApiConfig.autoScalingConfig.metricConfig.AlbMetricName",
    ),
    ("litellmConfig.general_settings.master_key", "litellmConfig.db_key"),
];

/// The two spellings of one setting of a model.
const MODEL: &[(&str, &str)] = &[
    ("containerConfig.image", "containerConfig.baseImage"),
    ("containerConfig.image", "baseImage"),
    ("containerConfig.baseImage", "baseImage"),
    ("autoScalingConfig.metricConfig.albMetricName", "autoScalingConfig.metricConfig.AlbMetricName"),
];

pub(super) fn check(facts: &Facts<'_>, report: &mut Report<'_>) {
    for (one, other) in TOP {
        pair(facts, one, other, report);
    }
    for model in facts.items("ecsModels") {
        for (one, other) in MODEL {
            pair(facts, &format!("{model}.{one}"), &format!("{model}.{other}"), report);
        }
    }
}

fn pair(facts: &Facts<'_>, one: &str, other: &str, report: &mut Report<'_>) {
    if facts.has(one) && facts.has(other) {
        report.add(
            facts
                .at(other, &GIVEN_TWICE, format!("`{other}` and `{one}` are the same setting"))
                .label("again here")
                .related(facts.span(one), "and here")
                .help(format!("Keep `{one}` and remove the other.")),
        );
    }
}
