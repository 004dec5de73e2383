//! Log groups: named, encrypted, with an end.

use lisa_cfn::Handle;
use lisa_cfn::aws::logs;
use lisa_config::section::environment::SecurityProfile;

use crate::builder::StackBuilder;

/// Adds the log group `/<app>/<deployment>/<stage>/<what>`.
///
/// Kept for a year in the `hardened` profile and for 90 days otherwise; it goes with its stack, whose events outlive
/// it in CloudTrail.
pub fn log_group(stack: &mut StackBuilder<'_>, logical_id: &str, what: &str) -> Handle<logs::LogGroup> {
    let days = if stack.at_least(SecurityProfile::Hardened) { 365 } else { 90 };
    let key = stack.log_key();
    let name = stack.naming().log_group(what);
    let group = logs::LogGroup::new().log_group_name(name).retention_in_days(days).kms_key_id(key);
    let handle = stack.add(logical_id, group);
    stack.template.options(&handle).delete();
    handle
}
