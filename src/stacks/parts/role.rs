//! IAM roles: one for each function, task and machine, with nothing that it does not need.

use lisa_cfn::aws::iam::{self, role::Policy as InlinePolicy};
use lisa_cfn::iam::{Policy, Statement, trust};
use lisa_cfn::{Arn, Name, Value, pseudo};
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
    let name = role_prefix(stack).map(|prefix| stack.iam_name(prefix, spec.purpose).into());
    let purpose = spec.purpose;
    let resource = build(stack, spec, name);
    let handle = stack.add(format!("{purpose}Role"), resource);
    RoleRef { arn: handle.arn(), name: handle.reference() }
}

/// Adds a role that outlives its stack, because the account goes on using it. A configured name ends in a part of the
/// stack's id, so that the stack can be deployed anew beside the role that it left behind.
pub fn lasting_role(stack: &mut StackBuilder<'_>, spec: RoleSpec<'_>) -> RoleRef {
    const PART_OF_ID: usize = 8;
    let id = pseudo::stack_id().split("/").select(2).split("-").select(0);
    let name = role_prefix(stack).map(|prefix| {
        let name = stack.iam_name(prefix, spec.purpose);
        Value::join("-", [stack.naming().limited(&name, 64 - PART_OF_ID - 1).into(), id])
    });
    let purpose = spec.purpose;
    let resource = build(stack, spec, name);
    let handle = stack.add(format!("{purpose}Role"), resource);
    stack.template.options(&handle).retain();
    RoleRef { arn: handle.arn(), name: handle.reference() }
}

fn role_prefix<'a>(stack: &StackBuilder<'a>) -> Option<&'a str> {
    stack.config().permissions_boundary_aspect.as_ref()?.role_prefix.as_ref().map(AsRef::as_ref)
}

fn build(stack: &StackBuilder<'_>, spec: RoleSpec<'_>, name: Option<Value<String>>) -> iam::Role {
    let description = format!("{}: {}", stack.naming().prefix(), spec.purpose);
    let mut resource = iam::Role::new(trust(spec.service)).description(description);
    if !spec.statements.is_empty() {
        resource = resource.policies([InlinePolicy::new(Policy::new(spec.statements), "access")]);
    }
    if let Some(policy) = stack.role_boundary() {
        let arn = format!("arn:${{AWS::Partition}}:iam::${{AWS::AccountId}}:policy/{policy}");
        resource = resource.permissions_boundary(Value::sub(arn).as_arn());
    }
    match (name, stack.role_path()) {
        (Some(name), _) => resource.role_name(name),
        (None, Some(path)) => resource.path(path),
        (None, None) => resource,
    }
}
