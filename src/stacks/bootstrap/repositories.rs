//! The repositories of images: those that LISA builds of its own binaries, and the configuration's.

use std::collections::BTreeSet;

use lisa_cfn::Handle;
use lisa_cfn::aws::ecr::{
    self,
    repository::{
        EncryptionConfiguration, EncryptionType, ImageScanningConfiguration, ImageTagMutability,
        LifecyclePolicy,
    },
};
use lisa_cfn::aws::kms;
use serde_json::json;

use super::{IMAGES, keep};
use crate::builder::StackBuilder;
use crate::naming::Naming;

/// Images that a repository keeps; the oldest goes when there are more. Templates name images by digest, so an image
/// in use must outlive every deployment that is behind by less than this.
const KEPT: u32 = 100;

/// Logical ids and physical names.
pub(super) fn all(naming: &Naming) -> [(&'static str, String); 3] {
    let [serve, weights, other] = IMAGES.map(|image| naming.image_repository(image));
    [("ServeImages", serve), ("WeightsImages", weights), ("OtherImages", other)]
}

/// Adds the repositories that are wanted. A tag that is taken stays what it is: images are tagged by their content.
pub(super) fn add(stack: &mut StackBuilder<'_>, key: &Handle<kms::Key>, wanted: &BTreeSet<&str>) {
    let repositories = all(stack.naming()).into_iter().filter(|(id, _)| wanted.contains(id));
    for (id, name) in repositories {
        let repository = ecr::Repository::new()
            .repository_name(name)
            .encryption_configuration(EncryptionConfiguration::new(EncryptionType::KMS).kms_key(key.arn()))
            .image_scanning_configuration(ImageScanningConfiguration::new().scan_on_push(true))
            .image_tag_mutability(ImageTagMutability::IMMUTABLE)
            .lifecycle_policy(LifecyclePolicy::new().lifecycle_policy_text(lifecycle()));
        keep(stack, id, repository);
    }
}

fn lifecycle() -> String {
    json!({ "rules": [{
        "rulePriority": 1,
        "description": "The oldest of too many",
        "selection": { "tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": KEPT },
        "action": { "type": "expire" },
    }] })
    .to_string()
}
