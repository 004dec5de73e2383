//! Container images: where the configuration says, or built and pushed by `lisa deploy` under a digest.

use lisa_cfn::Value;
use lisa_config::section::image::Image;

use crate::builder::StackBuilder;

/// The image's URI. One that has to be built or loaded first is pushed as `name`.
pub(crate) fn image(stack: &mut StackBuilder<'_>, image: &Image, name: &str) -> Value<String> {
    match image {
        Image::Asset { .. } | Image::Tarball { .. } => stack.image(name),
        Image::Ecr { repository_arn, tag } => in_registry(repository_arn.as_str(), tag.as_str()),
        Image::Registry { registry: reference } | Image::External { code: reference } => {
            reference.as_str().into()
        }
    }
}

/// `arn:…:ecr:<region>:<account>:repository/<name>` as the URI that a host pulls from.
fn in_registry(repository_arn: &str, tag: &str) -> Value<String> {
    let parts: Vec<&str> = repository_arn.split(':').collect();
    let [_, _, _, region, account, resource] = parts[..] else { return repository_arn.into() };
    let name = resource.trim_start_matches("repository/");
    Value::sub(format!("{account}.dkr.ecr.{region}.${{AWS::URLSuffix}}/{name}:{tag}"))
}
