//! The one pure naming function: physical names of everything that another stack, a person or a program addresses
//! by name. Resources that nobody addresses are named by CloudFormation.

use lisa_config::Config;

/// Names of one deployment.
///
/// `<deploymentName>-<appName>-<deploymentStage>` stands in front of most: unique in an account and region for each
/// deployment. Names that the documentation of upstream promises (`<deploymentName>-LISAApiTokenTable`) are kept.
#[derive(Clone, Debug)]
pub struct Naming {
    deployment: String,
    app: String,
    stage: String,
    parameters: String,
    account: String,
    region: String,
    qualifier: String,
}

impl Naming {
    /// The names of `config`'s deployment.
    pub fn new(config: &Config) -> Self {
        Self {
            deployment: config.deployment_name.to_string(),
            app: config.app_name.to_string(),
            stage: config.deployment_stage.to_string(),
            parameters: config.deployment_prefix.to_string(),
            account: config.account_number.to_string(),
            region: config.region.to_string(),
            qualifier: config
                .bootstrap_qualifier
                .as_ref()
                .map_or_else(|| "lisa".to_owned(), ToString::to_string),
        }
    }

    /// `<deploymentName>-<appName>-<deploymentStage>`.
    pub fn prefix(&self) -> String {
        format!("{}-{}-{}", self.deployment, self.app, self.stage)
    }

    /// The deployment's own name.
    pub fn deployment(&self) -> &str {
        &self.deployment
    }

    /// The stage of the REST API, and the last part of stack names.
    pub fn stage(&self) -> &str {
        &self.stage
    }

    /// A stack's name in CloudFormation: `<deploymentName>-<appName>-<short>-<deploymentStage>`.
    pub fn stack(&self, short: &str) -> String {
        format!("{}-{}-{short}-{}", self.deployment, self.app, self.stage)
    }

    /// The stack of one hosted model: `<deploymentName>-<modelId>`, as upstream names it.
    pub fn model_stack(&self, model_id: &str) -> String {
        format!("{}-{model_id}", self.deployment)
    }

    /// A Systems Manager parameter: `<deploymentPrefix>/<key>`.
    pub fn parameter(&self, key: &str) -> String {
        format!("{}/{key}", self.parameters)
    }

    /// A Lambda function: `<prefix>-<service>`, at most 64 characters.
    pub fn function(&self, service: &str) -> String {
        shortened(&format!("{}-{service}", self.prefix()), 64)
    }

    /// A DynamoDB table: `<prefix>-<what>`.
    pub fn table(&self, what: &str) -> String {
        format!("{}-{what}", self.prefix())
    }

    /// The API tokens: `<deploymentName>-LISAApiTokenTable`, the name in the documented `put-item` commands.
    pub fn token_table(&self) -> String {
        format!("{}-LISAApiTokenTable", self.deployment)
    }

    /// An S3 bucket, unique in the world: `<prefix>-<what>-<account>-<region>` in lower case, at most 63 characters.
    pub fn bucket(&self, what: &str) -> String {
        shortened(&format!("{}-{what}-{}-{}", self.prefix(), self.account, self.region).to_lowercase(), 63)
    }

    /// The bucket of packages that `lisa bootstrap` makes, shared by the deployments of an account and region.
    pub fn asset_bucket(&self) -> String {
        shortened(&format!("{}-assets-{}-{}", self.qualifier, self.account, self.region), 63)
    }

    /// The ECR repository of an image that `lisa build` pushes, shared like the asset bucket.
    pub fn image_repository(&self, image: &str) -> String {
        format!("{}/{image}", self.qualifier)
    }

    /// A Secrets Manager secret: `<prefix>-<what>`.
    pub fn secret(&self, what: &str) -> String {
        format!("{}-{what}", self.prefix())
    }

    /// A state machine: `<prefix>-<what>`, at most 80 characters.
    pub fn state_machine(&self, what: &str) -> String {
        shortened(&format!("{}-{what}", self.prefix()), 80)
    }

    /// An SQS queue: `<prefix>-<what>`, at most 80 characters.
    pub fn queue(&self, what: &str) -> String {
        shortened(&format!("{}-{what}", self.prefix()), 80)
    }

    /// A name of an ECS cluster, load balancer or target group: at most 32 characters.
    pub fn short(&self, what: &str) -> String {
        shortened(&format!("{}-{what}", self.prefix()), 32)
    }

    /// `name`, cut to `limit` bytes with a hash at its end where it is longer.
    pub fn limited(&self, name: &str, limit: usize) -> String {
        shortened(name, limit)
    }

    /// A log group: `/<appName>/<deploymentName>/<stage>/<what>`.
    pub fn log_group(&self, what: &str) -> String {
        format!("/{}/{}/{}/{what}", self.app, self.deployment, self.stage)
    }

    /// An IAM role or policy with a configured prefix: at most 64 characters. It holds the region because IAM's
    /// names are shared by all of them.
    pub fn iam(&self, prefix: &str, what: &str) -> String {
        shortened(&format!("{prefix}-{}-{what}-{}", self.prefix(), self.region), 64)
    }
}

/// `name`, or its beginning and a hash of the whole where it is longer than `limit` bytes: two long names that differ
/// only at their ends stay different.
fn shortened(name: &str, limit: usize) -> String {
    const HASH: usize = 8;
    if name.len() <= limit {
        return name.to_owned();
    }
    let hash = crate::assets::hex_digest(name.as_bytes());
    let kept: String = name.chars().take(limit - HASH - 1).collect();
    format!("{}-{}", kept.trim_end_matches('-'), &hash[..HASH])
}

#[cfg(test)]
mod tests {
    use super::shortened;

    #[test]
    fn a_name_that_fits_is_kept() {
        assert_eq!(shortened("prod-lisa-prod-chat", 64), "prod-lisa-prod-chat");
    }

    #[test]
    fn long_names_with_different_ends_stay_different() {
        let (one, two) = (format!("{}-one", "a".repeat(70)), format!("{}-two", "a".repeat(70)));
        assert_ne!(shortened(&one, 32), shortened(&two, 32));
        assert_eq!(shortened(&one, 32).len(), 32);
    }
}
