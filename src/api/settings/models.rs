//! What `lisa-models`, the model-management API and its workflows' tasks, reads.

use super::settings;
use super::{AuthSettings, CommonSettings};

settings! {
    /// What `lisa-models` reads.
    ModelsSettings;
    includes { common: CommonSettings, auth: AuthSettings }
    required {
        /// The table of models.
        model_table = "MODEL_TABLE_NAME",
        /// The bucket with the models' weights.
        model_bucket = "S3_BUCKET_MODELS",
        /// The state machine that creates a model.
        create_machine_arn = "CREATE_SFN_ARN",
        /// The state machine that changes a model.
        update_machine_arn = "UPDATE_SFN_ARN",
        /// The state machine that deletes a model.
        delete_machine_arn = "DELETE_SFN_ARN",
        /// The SSM parameters whose values, in this order, make the config of models' stacks as JSON; by commas.
        config_parameter = "LISA_CONFIG_PS_NAME",
        /// The role by which CloudFormation makes and deletes a model's stack.
        stack_role_arn = "STACK_ROLE_ARN",
        /// The key that encrypts keys of models elsewhere.
        secret_key_arn = "SECRET_KEY_ARN",
        /// The SSM parameter with the URL of the serve API.
        serve_url_parameter = "LISA_API_URL_PS_NAME"
    }
    optional {
        /// The bucket for templates that are too large to pass in a request.
        template_bucket = "TEMPLATE_BUCKET_NAME",
        /// The registry's repository for images that the CLI built.
        image_repository_uri = "ECR_REPOSITORY_URI",
        /// The table of guardrails.
        guardrail_table = "GUARDRAILS_TABLE_NAME",
        /// The digest of the image of `lisa-weights` that models' tasks run, `sha256:…`.
        weights_image_digest = "WEIGHTS_IMAGE_DIGEST"
    }
}
