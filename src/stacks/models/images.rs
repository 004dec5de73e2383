//! The repository of model images that the command line builds (`type: asset`).

use lisa_cfn::Handle;
use lisa_cfn::aws::ecr::{
    self,
    repository::{
        EncryptionConfiguration, EncryptionType, ImageScanningConfiguration, ImageTagMutability,
        LifecyclePolicy,
    },
};
use lisa_config::section::environment::RemovalPolicy;
use serde_json::json;

use crate::builder::StackBuilder;

/// Days after which an image that lost its tag goes.
const UNTAGGED_DAYS: u32 = 7;

/// Images that are kept; the oldest goes when there are more.
const KEPT: u32 = 100;

/// The image that brings weights to models' hosts.
const WEIGHTS: &str = "lisa-weights";

/// Adds the repository. A tag that is taken stays what it is: an image is built anew under another one.
pub(super) fn repository(stack: &mut StackBuilder<'_>) -> Handle<ecr::Repository> {
    let encryption = EncryptionConfiguration::new(EncryptionType::KMS).kms_key(stack.data_key());
    let goes_with_stack = stack.config().removal_policy == RemovalPolicy::Destroy;
    let repository = ecr::Repository::new()
        .repository_name(stack.naming().model_images())
        .empty_on_delete(goes_with_stack)
        .encryption_configuration(encryption)
        .image_scanning_configuration(ImageScanningConfiguration::new().scan_on_push(true))
        .image_tag_mutability(ImageTagMutability::IMMUTABLE)
        .lifecycle_policy(LifecyclePolicy::new().lifecycle_policy_text(lifecycle()));
    stack.add_stateful("ModelImages", repository)
}

/// The digest of the image that brings weights to models' hosts. It is in place before the stack is, since models are
/// made later and by a function that builds nothing.
pub(super) fn weights_digest(stack: &mut StackBuilder<'_>) -> String {
    let _ = stack.image(WEIGHTS);
    stack.context.assets.image_digest(WEIGHTS)
}

fn lifecycle() -> String {
    let expire = json!({ "type": "expire" });
    json!({ "rules": [
        {
            "rulePriority": 1,
            "description": "Images without a tag",
            "selection": {
                "tagStatus": "untagged",
                "countType": "sinceImagePushed",
                "countUnit": "days",
                "countNumber": UNTAGGED_DAYS,
            },
            "action": expire,
        },
        {
            "rulePriority": 2,
            "description": "The oldest of too many",
            "selection": { "tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": KEPT },
            "action": expire,
        },
    ] })
    .to_string()
}
