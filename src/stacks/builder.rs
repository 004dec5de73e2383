//! A stack under construction: the template, and what is learnt on the way about order, assets and parameters.

use std::collections::{BTreeMap, BTreeSet};

use lisa_cfn::aws::{kms, ssm};
use lisa_cfn::{Arn, Handle, List, Parameter, ParameterType, Resource, Template, Value};
use lisa_config::Config;
use lisa_config::section::environment::{RemovalPolicy, SecurityProfile};

use crate::app::StackName;
use crate::assets::{Asset, Assets};
use crate::bootstrap;
use crate::capabilities;
use crate::naming::Naming;
use crate::shared::Shared;
use crate::stack::{ParameterSource, Stack};

/// What every stack is made from.
#[derive(Clone, Debug)]
pub struct Context<'a> {
    /// The validated configuration.
    pub config: &'a Config,
    /// The deployment's names.
    pub naming: Naming,
    /// What is built.
    pub assets: &'a Assets,
}

/// One stack while its resources are added.
#[derive(Debug)]
pub struct StackBuilder<'a> {
    /// What the stack is made from.
    pub context: &'a Context<'a>,
    /// The template so far.
    pub template: Template,
    name: String,
    deployed_name: String,
    depends_on: BTreeSet<String>,
    assets: BTreeSet<Asset>,
    parameters: BTreeMap<String, ParameterSource>,
    role_path: Option<String>,
    role_boundary: Option<String>,
}

impl<'a> StackBuilder<'a> {
    /// An empty stack of the application.
    pub fn new(context: &'a Context<'a>, stack: StackName, description: &str) -> Self {
        let deployed_name = context.naming.stack(stack.short());
        Self::named(context, stack.short().to_owned(), deployed_name, description)
    }

    /// An empty stack of a name of its own.
    pub fn named(context: &'a Context<'a>, name: String, deployed_name: String, description: &str) -> Self {
        let template = Template::new(description);
        let (depends_on, assets, parameters) = (BTreeSet::new(), BTreeSet::new(), BTreeMap::new());
        let role_boundary = context.config.permissions_boundary_aspect.as_ref();
        let role_boundary = role_boundary.map(|aspect| aspect.permissions_boundary_policy_name.to_string());
        Self {
            context,
            template,
            name,
            deployed_name,
            depends_on,
            assets,
            parameters,
            role_path: None,
            role_boundary,
        }
    }

    /// Gives the stack's roles and profiles a path, unless the configuration names them by a prefix of its own.
    pub fn put_roles_under(&mut self, path: String) {
        self.role_path = Some(path);
    }

    /// The path of the stack's roles and profiles; none for the account's root.
    pub fn role_path(&self) -> Option<&str> {
        self.role_path.as_deref()
    }

    /// Bounds the stack's roles by a managed policy, unless the configuration names one.
    pub fn bound_roles_by(&mut self, policy: String) {
        self.role_boundary.get_or_insert(policy);
    }

    /// The name of the managed policy that is the permissions boundary of the stack's roles.
    pub fn role_boundary(&self) -> Option<&str> {
        self.role_boundary.as_deref()
    }

    /// The configuration.
    pub const fn config(&self) -> &'a Config {
        self.context.config
    }

    /// The deployment's names.
    pub const fn naming(&self) -> &'a Naming {
        &self.context.naming
    }

    /// Whether the deployment runs with the given profile or a stricter one.
    pub fn at_least(&self, profile: SecurityProfile) -> bool {
        self.config().security_profile >= profile
    }

    /// The stack's short name: `serve`, `model-mistral7b`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The physical name of an IAM role or profile of this stack, where the configuration asks for a prefix: IAM's names
    /// are shared by all stacks.
    pub fn iam_name(&self, prefix: &str, purpose: &str) -> String {
        self.naming().iam(prefix, &format!("{}-{purpose}", self.name))
    }

    /// Adds a resource.
    pub fn add<R: Resource>(&mut self, logical_id: impl Into<String>, resource: R) -> Handle<R> {
        self.template.add(logical_id, resource)
    }

    /// Adds a resource that holds data: `removalPolicy` decides whether it outlives its stack.
    pub fn add_stateful<R: Resource>(&mut self, logical_id: impl Into<String>, resource: R) -> Handle<R> {
        let handle = self.template.add(logical_id, resource);
        let options = self.template.options(&handle);
        match self.context.config.removal_policy {
            RemovalPolicy::Retain => options.retain(),
            RemovalPolicy::Destroy => options.delete(),
        };
        handle
    }

    /// Waits for another stack that nothing read here refers to.
    pub fn depends_on(&mut self, stack: StackName) {
        self.depends_on.insert(stack.short().to_owned());
    }

    /// Publishes an id to the other stacks.
    pub fn publish(&mut self, shared: Shared, value: impl Into<Value<String>>) {
        let kind = ssm::parameter::Type::STRING;
        self.add_parameter(shared.id(), shared.key(), shared.what(), kind, value.into());
    }

    /// Publishes a list of ids, whose parts contain no comma.
    pub fn publish_list(&mut self, shared: Shared, values: &Value<List<String>>) {
        let kind = ssm::parameter::Type::STRING_LIST;
        self.add_parameter(shared.id(), shared.key(), shared.what(), kind, values.joined(","));
    }

    fn add_parameter(
        &mut self,
        id: &str,
        key: &str,
        what: &str,
        kind: ssm::parameter::Type,
        value: Value<String>,
    ) {
        let parameter = ssm::Parameter::new(kind, value).name(self.naming().parameter(key)).description(what);
        self.add(format!("{id}Parameter"), parameter);
    }

    /// Reads an id that another stack publishes.
    pub fn read(&mut self, shared: Shared) -> Value<String> {
        self.read_as(shared, ParameterType::Ssm).value()
    }

    /// Reads a list of ids that another stack publishes.
    pub fn read_list(&mut self, shared: Shared) -> Value<List<String>> {
        self.read_as(shared, ParameterType::SsmList).list()
    }

    fn read_as(&mut self, shared: Shared, kind: ParameterType) -> Parameter {
        let producer = shared.producer().short().to_owned();
        self.depends_on.insert(producer.clone());
        self.ssm_parameter(
            shared.id(),
            kind,
            shared.what(),
            self.naming().parameter(shared.key()),
            Some(producer),
        )
    }

    /// A template parameter that CloudFormation fills from the Systems Manager parameter `name`.
    pub fn ssm_parameter(
        &mut self,
        id: &str,
        kind: ParameterType,
        what: &str,
        name: String,
        stack: Option<String>,
    ) -> Parameter {
        let source = ParameterSource::Parameter { name: name.clone(), stack };
        self.parameters.insert(id.to_owned(), source);
        self.template.parameter(Parameter::new(id, kind, what).default(name))
    }

    /// A template parameter that the deployment looks up in the account.
    pub fn lookup(&mut self, id: &str, kind: ParameterType, what: &str, of: &str) -> Parameter {
        let source = ParameterSource::Lookup { what: what.to_owned(), of: of.to_owned() };
        self.parameters.insert(id.to_owned(), source);
        self.template.parameter(Parameter::new(id, kind, what))
    }

    /// The key that encrypts data.
    pub fn data_key(&mut self) -> Value<Arn<kms::Key>> {
        self.read(Shared::DataKeyArn).as_arn()
    }

    /// The key that encrypts secrets: one of its own in the `hardened` profile.
    pub fn secret_key(&mut self) -> Value<Arn<kms::Key>> {
        self.read(Shared::key_of_secrets(self.config().security_profile)).as_arn()
    }

    /// The key that encrypts queues and topics: one of its own in the `hardened` profile.
    pub fn message_key(&mut self) -> Value<Arn<kms::Key>> {
        let own = self.at_least(SecurityProfile::Hardened);
        self.read(if own { Shared::MessageKeyArn } else { Shared::DataKeyArn }).as_arn()
    }

    /// The key that encrypts logs.
    pub fn log_key(&mut self) -> Value<Arn<kms::Key>> {
        self.read(Shared::LogKeyArn).as_arn()
    }

    /// Notes that a service's package must be in the asset bucket; returns bucket and key.
    pub fn package(&mut self, name: &str) -> (String, String) {
        let (bucket, key) = (self.naming().asset_bucket(), self.context.assets.package_key(name));
        self.assets.insert(Asset::Package {
            name: name.to_owned(),
            bucket: bucket.clone(),
            key: key.clone(),
        });
        (bucket, key)
    }

    /// Notes that a service's image must be in its repository; returns the image's URI with its digest.
    pub fn image(&mut self, name: &str) -> Value<String> {
        let own = bootstrap::IMAGES.contains(&name);
        let repository = self.naming().image_repository(if own { name } else { bootstrap::OTHER_IMAGES });
        let digest = self.context.assets.image_digest(name);
        let asset =
            Asset::Image { name: name.to_owned(), repository: repository.clone(), digest: digest.clone() };
        self.assets.insert(asset);
        let registry = "${AWS::AccountId}.dkr.ecr.${AWS::Region}.${AWS::URLSuffix}";
        Value::sub(format!("{registry}/{repository}@{digest}"))
    }

    /// The finished stack.
    pub fn finish(mut self) -> Stack {
        let takes_tags = capabilities::fit(self.context.config, &mut self.template);
        let tags = self.context.config.tags.iter().filter(|_| takes_tags);
        let tags = tags.map(|tag| (tag.key.clone(), tag.value.clone())).collect();
        Stack {
            name: self.name,
            deployed_name: self.deployed_name,
            template: self.template,
            depends_on: self.depends_on.into_iter().collect(),
            assets: self.assets.into_iter().collect(),
            parameters: self.parameters,
            tags,
        }
    }
}
