//! The bucket of images: what people attach and what models draw, read and written through presigned URLs.

use lisa_cfn::aws::s3::bucket::{AllowedMethods, CorsConfiguration, CorsRule};
use lisa_cfn::iam::{Statement, actions, arn};

use crate::builder::StackBuilder;
use crate::naming::Naming;
use crate::parts::{Access, bucket_with};

/// Seconds for which a browser may remember what it may do.
const MAX_AGE: u32 = 3000;

/// The bucket's name.
pub(super) fn name(naming: &Naming) -> String {
    naming.bucket("images")
}

/// Adds the bucket. Pages of the allowed origins read from it; without a presigned URL nobody does.
pub(super) fn add(stack: &mut StackBuilder<'_>) {
    let origins = stack.config().cors_allowed_origins.clone();
    let name = name(stack.naming());
    let handle = bucket_with(stack, "ImagesBucket", &name, Access::default(), |bucket| {
        let rule = CorsRule::new([AllowedMethods::GET, AllowedMethods::PUT], origins)
            .allowed_headers(["*"])
            .max_age(MAX_AGE);
        bucket.cors_configuration(CorsConfiguration::new([rule]))
    });
    stack.template.options(&handle).set_by("CorsConfiguration", "corsAllowedOrigins");
}

/// Reading, writing and removing images.
pub(super) fn access(naming: &Naming) -> Statement {
    let actions = [actions::s3::DELETE_OBJECT, actions::s3::GET_OBJECT, actions::s3::PUT_OBJECT];
    Statement::allow(actions).on([arn::s3_object(name(naming), "images/*")])
}
