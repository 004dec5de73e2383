//! Flow logs: which connections the VPC allowed and refused.

use lisa_cfn::Handle;
use lisa_cfn::aws::ec2::{
    self,
    flow_log::{LogDestinationType, ResourceType, TrafficType},
};
use lisa_cfn::iam::{Statement, actions};

use crate::builder::StackBuilder;
use crate::parts::{RoleSpec, log_group, role};

/// Adds the flow log of a VPC, its log group and the role by which it is written.
pub(super) fn add(stack: &mut StackBuilder<'_>, vpc: &Handle<ec2::Vpc>) {
    let logs = log_group(stack, "FlowLogs", "flow-logs");
    let writes = Statement::allow([
        actions::logs::CREATE_LOG_STREAM,
        actions::logs::DESCRIBE_LOG_STREAMS,
        actions::logs::PUT_LOG_EVENTS,
    ])
    .on([logs.arn()]);
    let service = "vpc-flow-logs.amazonaws.com";
    let role =
        role(stack, RoleSpec { purpose: "FlowLog", service, statements: vec![writes], existing: None });
    let flow_log = ec2::FlowLog::new(vpc.vpc_id(), ResourceType::VPC)
        .traffic_type(TrafficType::ALL)
        .log_destination_type(LogDestinationType::CLOUD_WATCH_LOGS)
        .log_group_name(logs.reference())
        .deliver_logs_permission_arn(role.arn);
    stack.add("FlowLog", flow_log);
}
