//! The roles that API Gateway assumes: one that invokes the functions, one that reads the web page. Functions and
//! bucket are named and not referred to, so that their stacks are deployed beside this one.

use lisa_api::routes::Service;
use lisa_cfn::iam::{Statement, actions, arn};
use lisa_cfn::{Arn, Value, aws::iam};

use super::openapi::Roles;
use super::{authorizer, routes, site};
use crate::app::StackName;
use crate::builder::StackBuilder;
use crate::parts::{RoleSpec, role};

const API_GATEWAY: &str = "apigateway.amazonaws.com";

/// Adds the roles that the deployed routes need.
pub(super) fn add(stack: &mut StackBuilder<'_>) -> Roles {
    let page = StackName::Ui.why_off(stack.config()).is_none().then(|| page_role(stack));
    Roles { invoke: invoke_role(stack), page }
}

fn invoke_role(stack: &mut StackBuilder<'_>) -> Value<Arn<iam::Role>> {
    let services =
        Service::ALL.into_iter().filter(|service| routes::is_on(*service, stack.config())).map(Service::name);
    let names = services.chain([authorizer::SERVICE]).map(|service| stack.naming().function(service));
    let functions: Vec<_> = names.map(|name| arn::regional("lambda", &format!("function:{name}"))).collect();
    let statements = vec![Statement::allow([actions::lambda::INVOKE_FUNCTION]).on(functions)];
    role(stack, RoleSpec { purpose: "Invoke", service: API_GATEWAY, statements, existing: None }).arn
}

fn page_role(stack: &mut StackBuilder<'_>) -> Value<Arn<iam::Role>> {
    let files = arn::s3_object(site::bucket(stack.naming()), "*");
    let key = stack.data_key();
    let statements = vec![
        Statement::allow([actions::s3::GET_OBJECT]).on([files]),
        Statement::allow([actions::kms::DECRYPT]).on([key]),
    ];
    let existing = stack.config().roles.s3_reader_role.as_ref();
    role(stack, RoleSpec { purpose: "PageReader", service: API_GATEWAY, statements, existing }).arn
}
