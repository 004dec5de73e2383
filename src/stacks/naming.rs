//! The one pure naming function: physical names of everything that another stack, a person or a program addresses
//! by name. Resources that nobody addresses are named by CloudFormation.

use lisa_config::Config;

/// Characters of the hash in a name that was cut.
const HASH: usize = 8;

/// Characters of a role's name in IAM.
const IAM: usize = 64;

/// Characters of a model's cluster's name, as many as load balancers and target groups have room for.
const CLUSTER: usize = 32;

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
    asset_bucket: Option<String>,
    images: Option<String>,
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
            asset_bucket: config.asset_bucket.as_ref().map(ToString::to_string),
            images: config.image_repository_prefix.as_ref().map(ToString::to_string),
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

    /// What the names of the application's own stacks look like, and of what CloudFormation names after them.
    pub fn own_stacks(&self) -> String {
        format!("{}-{}-*", self.deployment, self.app)
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

    /// What the deployments of an account and region share is named by: `bootstrapQualifier`.
    pub fn qualifier(&self) -> &str {
        &self.qualifier
    }

    /// The stack that `lisa bootstrap` makes, shared by the deployments of an account and region.
    pub fn bootstrap_stack(&self) -> String {
        format!("{}-bootstrap", self.qualifier)
    }

    /// The bucket of templates and packages: `assetBucket`, or the one that `lisa bootstrap` makes.
    pub fn asset_bucket(&self) -> String {
        self.asset_bucket.clone().unwrap_or_else(|| self.bootstrap_bucket("assets"))
    }

    /// A bucket that `lisa bootstrap` makes, shared by the deployments of an account and region.
    pub fn bootstrap_bucket(&self, what: &str) -> String {
        shortened(&format!("{}-{what}-{}-{}", self.qualifier, self.account, self.region), 63)
    }

    /// The ECR repository of an image that `lisa build` pushes, shared like the asset bucket: below
    /// `imageRepositoryPrefix`, or the qualifier.
    pub fn image_repository(&self, image: &str) -> String {
        format!("{}/{image}", self.images.as_ref().unwrap_or(&self.qualifier))
    }

    /// The ECR repository of the deployment's model images, among those that tasks may pull from:
    /// `<qualifier>/<prefix>-models` in lower case, and without the hyphens in a row that ECR refuses.
    pub fn model_images(&self) -> String {
        let prefix = self.prefix().to_lowercase();
        let parts: Vec<&str> = prefix.split('-').filter(|part| !part.is_empty()).collect();
        self.image_repository(&format!("{}-models", parts.join("-")))
    }

    /// The path of the roles and profiles in models' stacks, which no other role of the deployment has.
    pub fn model_role_path(&self) -> String {
        format!("/models/{}/", self.prefix())
    }

    /// What a configured prefix makes of the names of the roles and profiles in models' stacks: how [`Self::iam`] lets
    /// all of them begin, and, where that leaves no room for the rest, the beginning with the hash's place.
    pub fn model_iam_pattern(&self, prefix: &str) -> String {
        let start = format!("{prefix}-{}-model-", self.prefix());
        if start.len() < IAM - HASH { format!("{start}*") } else { hashed(&start, IAM, "????????") }
    }

    /// Clusters of models, which are named in at most 32 characters: the patterns that their names match.
    pub fn model_clusters(&self) -> Vec<String> {
        let whole = self.model_stack("*");
        let fits = self.deployment.len() < CLUSTER - HASH;
        let cut = (!fits).then(|| hashed(&self.deployment, CLUSTER, "????????"));
        std::iter::once(whole).chain(cut).collect()
    }

    /// The cluster of a model, by its identifier: at most 32 characters.
    pub fn model_cluster(&self, identifier: &str) -> String {
        shortened(&self.model_stack(identifier), CLUSTER)
    }

    /// The managed policy that is the permissions boundary of models' roles where the configuration names none. It
    /// holds the region because IAM's names are shared by all of them.
    pub fn model_boundary(&self) -> String {
        shortened(&format!("{}-model-boundary-{}", self.prefix(), self.region), 128)
    }

    /// A Secrets Manager secret: `<prefix>-<what>`.
    pub fn secret(&self, what: &str) -> String {
        format!("{}-{what}", self.prefix())
    }

    /// A state machine: `<prefix>-<what>`, at most 80 characters.
    pub fn state_machine(&self, what: &str) -> String {
        shortened(&format!("{}-{what}", self.prefix()), 80)
    }

    /// The state machine of a model workflow: `create`, `update` or `delete`.
    pub fn model_workflow(&self, workflow: &str) -> String {
        self.state_machine(&format!("{workflow}-model"))
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
        shortened(&format!("{prefix}-{}-{what}-{}", self.prefix(), self.region), IAM)
    }
}

/// `name`, or its beginning and a hash of the whole where it is longer than `limit` bytes: two long names that differ
/// only at their ends stay different.
fn shortened(name: &str, limit: usize) -> String {
    if name.len() <= limit {
        return name.to_owned();
    }
    let hash = crate::assets::hex_digest(name.as_bytes());
    hashed(name, limit, &hash[..HASH])
}

/// As much of the beginning of `name` as leaves room for the hash in `limit` bytes, and the hash.
fn hashed(name: &str, limit: usize, hash: &str) -> String {
    let kept: String = name.chars().take(limit - HASH - 1).collect();
    format!("{}-{hash}", kept.trim_end_matches('-'))
}

#[cfg(test)]
mod tests {
    use super::{Naming, shortened};

    fn naming(deployment: &str) -> Naming {
        let text = String::new;
        let (app, stage, region) = ("lisa".to_owned(), "prod".to_owned(), "us-east-1".to_owned());
        let qualifier = app.clone();
        let deployment = deployment.to_owned();
        let (asset_bucket, images) = (None, None);
        let (parameters, account) = (text(), text());
        Naming { deployment, app, stage, parameters, account, region, qualifier, asset_bucket, images }
    }

    /// Whether `name` matches one of IAM's patterns with `?` in them and `*` at most at their ends.
    fn matches(patterns: &[String], name: &str) -> bool {
        let same = |pattern: &str, name: &str| {
            let pairs = || pattern.bytes().zip(name.bytes());
            pattern.len() == name.len() && pairs().all(|(one, other)| one == b'?' || one == other)
        };
        patterns.iter().any(|pattern| match pattern.strip_suffix('*') {
            Some(start) => name.get(..start.len()).is_some_and(|name| same(start, name)),
            None => same(pattern, name),
        })
    }

    #[test]
    fn every_cluster_of_a_model_matches_the_patterns_of_its_deployment_alone() {
        for length in 1..=32 {
            let (own, other) = (naming(&"d".repeat(length)), naming(&"e".repeat(length)));
            for model in ["m", "mistral7b", &"x".repeat(63)] {
                let cluster = own.model_cluster(model);
                assert!(matches(&own.model_clusters(), &cluster), "{cluster}");
                assert!(!matches(&other.model_clusters(), &cluster), "{cluster}");
            }
        }
    }

    #[test]
    fn every_role_of_a_model_with_a_prefix_matches_its_pattern() {
        for length in 1..=32 {
            let naming = naming(&"d".repeat(length));
            for prefix in ["p", &"p".repeat(20)] {
                let pattern = [naming.model_iam_pattern(prefix)];
                for model in ["model-m-Host", &format!("model-{}-Execution", "x".repeat(63))] {
                    let name = naming.iam(prefix, model);
                    assert!(matches(&pattern, &name), "{name} {pattern:?}");
                }
            }
        }
    }

    #[test]
    fn a_repository_has_no_capitals_and_no_hyphens_in_a_row() {
        assert_eq!(naming("My--Demo").model_images(), "lisa/my-demo-lisa-prod-models");
    }

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
