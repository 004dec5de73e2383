//! The bucket that documents are uploaded to, straight from the browser by a presigned POST.

use lisa_cfn::aws::s3::{
    self,
    bucket::{AllowedMethods, CorsConfiguration, CorsRule},
};
use lisa_cfn::iam::{Statement, actions, arn};

use crate::builder::StackBuilder;
use crate::parts::{Access, bucket_with};

/// The bucket of documents.
#[derive(Debug)]
pub(super) struct Documents {
    /// Its physical name.
    pub(super) name: String,
}

impl Documents {
    /// Reading, writing and deleting documents.
    pub(super) fn read_write(&self) -> Statement {
        let objects = [actions::s3::GET_OBJECT, actions::s3::PUT_OBJECT, actions::s3::DELETE_OBJECT];
        Statement::allow(objects).on([arn::s3_object(self.name.as_str(), "*")])
    }
}

pub(super) fn bucket(stack: &mut StackBuilder<'_>) -> Documents {
    let name = stack.naming().bucket("documents");
    let origins: Vec<&str> = stack.config().cors_allowed_origins.iter().map(String::as_str).collect();
    let cors = CorsRule::new([AllowedMethods::GET, AllowedMethods::POST], origins)
        .allowed_headers(["*"])
        .exposed_headers(["ETag"])
        .max_age(3000);
    let with_cors = |bucket: s3::Bucket| bucket.cors_configuration(CorsConfiguration::new([cors]));
    let handle = bucket_with(stack, "DocumentsBucket", &name, Access::default(), with_cors);
    stack.template.options(&handle).set_by("CorsConfiguration", "corsAllowedOrigins");
    Documents { name }
}
