//! CloudFormation's limits, and the share of them that a template may use.

use serde_json::Value as JsonValue;

use super::Violation;

/// The share of a limit that a template may use, in per cent: an update must have room to grow.
const SHARE: usize = 60;

/// Limits of one template (CloudFormation quotas, user guide).
const LIMITS: [(&str, usize); 4] =
    [("Resources", 500), ("Parameters", 200), ("Outputs", 200), ("Mappings", 200)];

/// The largest template body that CloudFormation reads from S3, in bytes.
const BODY: usize = 1_000_000;

pub(crate) fn check(document: &JsonValue) -> Vec<Violation> {
    let mut violations = Vec::new();
    for (section, limit) in LIMITS {
        let count = document.get(section).and_then(JsonValue::as_object).map_or(0, serde_json::Map::len);
        exceeded(section, count, limit, &mut violations);
    }
    exceeded(
        "template size",
        serde_json::to_vec(document).map_or(0, |body| body.len()),
        BODY,
        &mut violations,
    );
    violations
}

fn exceeded(what: &'static str, count: usize, limit: usize, violations: &mut Vec<Violation>) {
    let allowed = limit * SHARE / 100;
    if count > allowed {
        let expected = format!("{allowed} or less, {SHARE} % of CloudFormation's {limit}");
        violations.push(Violation::new("", "", what, expected, &count.to_string()));
    }
}
