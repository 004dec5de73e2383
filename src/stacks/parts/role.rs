//! IAM roles: one for each function, task and machine, with nothing that it does not need.

use lisa_cfn::aws::iam::{self, role::Policy as InlinePolicy};
use lisa_cfn::iam::{Policy, Statement, trust};
use lisa_cfn::{Arn, Name, Value};
use lisa_names::RoleName;

use crate::builder::StackBuilder;

/// A role that a stack needs.
#[derive(Debug)]
pub struct RoleSpec<'a> {
    /// What the role is for, in camel case: `ChatFunction`. Its logical id is this and `Role`.
    pub purpose: &'a str,
    /// The service that assumes it: `lambda.amazonaws.com`.
    pub service: &'a str,
    /// What it may do.
    pub statements: Vec<Statement>,
    /// An existing role of the configuration (`roles`) that is used in its place.
    pub existing: Option<&'a RoleName>,
}

/// A role, made here or brought along.
#[derive(Clone, Debug)]
pub struct RoleRef {
    /// The role's ARN.
    pub arn: Value<Arn<iam::Role>>,
    /// The role's name.
    pub name: Value<Name<iam::Role>>,
}

/// Adds the role, or refers to the existing one. Permissions boundary and name prefix are applied as configured.
pub fn role(stack: &mut StackBuilder<'_>, spec: RoleSpec<'_>) -> RoleRef {
    if let Some(existing) = spec.existing {
        let arn = Value::sub(format!("arn:${{AWS::Partition}}:iam::${{AWS::AccountId}}:role/{existing}"));
        return RoleRef { arn: arn.as_arn(), name: Name::literal(existing.to_string()) };
    }
    let mut resource = iam::Role::new(trust(spec.service)).description(format!(
        "{}: {}",
        stack.naming().prefix(),
        spec.purpose
    ));
    if !spec.statements.is_empty() {
        resource = resource.policies([InlinePolicy::new(Policy::new(spec.statements), "access")]);
    }
    if let Some(boundary) = &stack.config().permissions_boundary_aspect {
        let policy = &boundary.permissions_boundary_policy_name;
        let arn = format!("arn:${{AWS::Partition}}:iam::${{AWS::AccountId}}:policy/{policy}");
        resource = resource.permissions_boundary(Value::sub(arn).as_arn());
        if let Some(prefix) = &boundary.role_prefix {
            resource = resource.role_name(stack.naming().iam(prefix.as_ref(), spec.purpose));
        }
    }
    let handle = stack.add(format!("{}Role", spec.purpose), resource);
    RoleRef { arn: handle.arn(), name: handle.reference() }
}
