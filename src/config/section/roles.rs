//! `roles`: IAM roles that exist already, for teams that may not create any.

use crate::words;
use lisa_names::RoleName;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Declares the overridable roles once: field, key, and what the role is for.
macro_rules! roles {
    ($($(#[$doc:meta])+ $field:ident = $key:literal, $used:literal;)+) => {
        /// Names of existing IAM roles, by the purpose upstream gave them. A role that is not named is created.
        #[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
        #[serde(deny_unknown_fields)]
        pub struct Roles {
            $(
                $(#[$doc])+
                #[serde(rename = $key, skip_serializing_if = "Option::is_none")]
                #[serde(default)]
                #[schemars(schema_with = "words::role_name")]
                pub $field: Option<RoleName>,
            )+
        }

        /// Every accepted key with whether this version of LISA has a use for the role.
        pub(crate) const ROLE_KEYS: &[(&str, bool)] = &[$(($key, $used)),+];
    };
}

roles! {
    /// Upstream's deployer of the image builder. Not used: no image is built on an EC2 instance.
    docker_image_builder_deployment_role = "DockerImageBuilderDeploymentRole", false;
    /// Upstream's image-building instance. Not used.
    docker_image_builder_ec2_role = "DockerImageBuilderEC2Role", false;
    /// Upstream's image-building function. Not used.
    docker_image_builder_role = "DockerImageBuilderRole", false;
    /// Upstream's documentation site. Not used.
    docs_role = "DocsRole", false;
    /// Upstream's deployer of the documentation site. Not used.
    docs_deployer_role = "DocsDeployerRole", false;
    /// CloudFormation's role while it makes a model's stack.
    ecs_model_deployer_role = "ECSModelDeployerRole", true;
    /// Task role of model containers.
    ecs_model_task_role = "ECSModelTaskRole", true;
    /// Task role of the serve API.
    ecs_rest_api_role = "ECSRestApiRole", true;
    /// Execution role of the serve API: pulls the image, reads secrets, writes logs.
    ecs_rest_api_ex_role = "ECSRestApiExRole", true;
    /// Role of the chat and session functions.
    lambda_execution_role = "LambdaExecutionRole", true;
    /// Upstream's MCP workbench. Not used.
    ecs_mcp_workbench_api_role = "ECSMcpWorkbenchApiRole", false;
    /// Upstream's MCP workbench, execution. Not used.
    ecs_mcp_workbench_api_ex_role = "ECSMcpWorkbenchApiExRole", false;
    /// Upstream's configuration function. Not used: its routes are served by the chat function.
    lambda_configuration_api_execution_role = "LambdaConfigurationApiExecutionRole", false;
    /// Role of the model-management function.
    model_api_role = "ModelApiRole", true;
    /// Role of the functions that the model workflows call.
    models_sfn_lambda_role = "ModelsSfnLambdaRole", true;
    /// Role of the model workflows themselves.
    model_sfn_role = "ModelSfnRole", true;
    /// Role of the RAG functions.
    rag_lambda_execution_role = "RagLambdaExecutionRole", true;
    /// Role of the authorizer of the REST API.
    rest_api_authorizer_role = "RestApiAuthorizerRole", true;
    /// API Gateway's role for reading the web page from its bucket.
    s3_reader_role = "S3ReaderRole", true;
    /// Upstream's deployer of the web page. Not used: `lisa deploy` uploads the files itself.
    ui_deployment_role = "UIDeploymentRole", false;
    /// Upstream's deployer of vector stores. Not used: stores are part of the RAG stack.
    vector_store_creator_role = "VectorStoreCreatorRole", false;
    /// Upstream's deployer of MCP servers. Not used.
    mcp_server_deployer_role = "McpServerDeployerRole", false;
    /// Upstream's function for API tokens. Not used: its routes are served by the chat function.
    api_tokens_api_role = "ApiTokensApiRole", false;
}
