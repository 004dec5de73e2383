//! The environment that both functions of the stack share.

use lisa_api::settings::ModelsSettings;
use lisa_cfn::aws::{ecr, iam, kms};
use lisa_cfn::iam::arn;
use lisa_cfn::{Arn, Handle, Value};

use crate::builder::StackBuilder;
use crate::parts::{MODEL_TABLE, auth_settings, common_settings};
use crate::shared::Shared;

/// What the functions refer to within the stack.
#[derive(Debug)]
pub(super) struct Made {
    /// The repository of built images.
    pub(super) repository: Handle<ecr::Repository>,
    /// The role that CloudFormation makes models' stacks with.
    pub(super) stack_role: Value<Arn<iam::Role>>,
    /// Names of the parameters that hold the configuration.
    pub(super) config_parameters: Vec<String>,
    /// The digest of the image that brings weights to models' hosts.
    pub(super) weights_digest: String,
    /// The key that encrypts secrets.
    pub(super) secret_key: Value<Arn<kms::Key>>,
}

/// The environment. The machines are named and not referred to: they refer to the function that runs their tasks.
pub(super) fn settings(stack: &StackBuilder<'_>, made: &Made) -> ModelsSettings<Value<String>> {
    let naming = stack.naming();
    let machine =
        |workflow| arn::regional("states", &format!("stateMachine:{}", naming.model_workflow(workflow)));
    ModelsSettings {
        common: common_settings(stack),
        auth: auth_settings(stack, true),
        model_table: naming.table(MODEL_TABLE).into(),
        model_bucket: stack.config().s3_bucket_models.to_string().into(),
        create_machine_arn: machine("create"),
        update_machine_arn: machine("update"),
        delete_machine_arn: machine("delete"),
        config_parameter: made.config_parameters.join(",").into(),
        stack_role_arn: made.stack_role.clone().into(),
        secret_key_arn: made.secret_key.clone().into(),
        serve_url_parameter: naming.parameter(Shared::ServeUrl.key()).into(),
        template_bucket: None,
        image_repository_uri: Some(made.repository.repository_uri()),
        guardrail_table: None,
        weights_image_digest: Some(made.weights_digest.clone().into()),
    }
}
