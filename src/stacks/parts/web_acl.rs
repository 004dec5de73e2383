//! Web application firewalls: in the `hardened` profile, where the region has them.

use lisa_cfn::Value;
use lisa_cfn::aws::wafv2::{
    self,
    web_acl::{
        AggregateKeyType, AllowAction, BlockAction, DefaultAction, ManagedRuleGroupStatement, OverrideAction,
        RateBasedStatement, Rule, RuleAction, RuleRequired, ScopeValue, Statement, VisibilityConfig,
    },
};
use lisa_config::section::environment::SecurityProfile;
use lisa_names::{Feature, capability};
use serde_json::json;

use crate::builder::StackBuilder;

/// Requests of one address in five minutes beyond which it is shut out for a while.
const FLOOD: u32 = 2000;

/// Puts a firewall before an API's stage or a load balancer, by its ARN: it shuts out floods and addresses that AWS
/// knows for attacks. Nothing reads bodies: a prompt may well quote an attack.
pub fn web_acl(stack: &mut StackBuilder<'_>, logical_id: &str, resource: Value<String>) {
    let absent = capability(&stack.config().region, Feature::Waf).is_absent();
    if absent || !stack.at_least(SecurityProfile::Hardened) {
        return;
    }
    let acl =
        wafv2::WebAcl::new(DefaultAction::new().allow(AllowAction::new()), ScopeValue::REGIONAL, seen("all"))
            .description("Floods and known attackers")
            .rules([floods(), attackers()]);
    let acl = stack.add(logical_id, acl);
    stack.add(format!("{logical_id}Association"), wafv2::WebAclAssociation::new(resource, acl.arn()));
}

fn floods() -> Rule {
    let statement = RateBasedStatement::new(AggregateKeyType::IP, FLOOD);
    rule("floods", 0, Statement::new().rate_based_statement(statement))
        .action(RuleAction::new().block(BlockAction::new()))
}

fn attackers() -> Rule {
    let statement = ManagedRuleGroupStatement::new("AWSManagedRulesAmazonIpReputationList", "AWS");
    rule("attackers", 1, Statement::new().managed_rule_group_statement(statement))
        .override_action(OverrideAction::new().none(json!({})))
}

fn rule(name: &str, priority: u32, statement: Statement) -> Rule {
    Rule::new(RuleRequired {
        name: name.into(),
        priority: priority.into(),
        statement: statement.into(),
        visibility_config: seen(name).into(),
    })
}

/// Counted in CloudWatch under `metric`, with samples of what was caught.
fn seen(metric: &str) -> VisibilityConfig {
    VisibilityConfig::new(true, metric, true)
}
