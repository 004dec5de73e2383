//! The application: which stacks a configuration asks for, in which order, and why one is off.

use lisa_config::Config;

use crate::assets::Assets;
use crate::builder::Context;
use crate::error::{SynthError, SynthErrors};
use crate::model::{self, ModelSpec};
use crate::naming::Naming;
use crate::stack::Stack;
use crate::{api, capabilities, chat, core, models, network, rag, serve, ui};

/// A stack of the application, by its short name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum StackName {
    /// VPC, subnets, endpoints, security groups.
    Network,
    /// Keys, access logs, alarms.
    Core,
    /// The OpenAI-compatible gateway.
    Serve,
    /// The REST API and its authorizer.
    Api,
    /// Model management and its workflows.
    Models,
    /// Sessions and the chat back end.
    Chat,
    /// Vector stores, ingest and search.
    Rag,
    /// The web page.
    Ui,
}

impl StackName {
    /// Every stack, in an order that respects their dependencies.
    pub const ALL: [Self; 8] =
        [Self::Core, Self::Network, Self::Serve, Self::Api, Self::Models, Self::Chat, Self::Rag, Self::Ui];

    /// The name on the command line.
    pub const fn short(self) -> &'static str {
        match self {
            Self::Network => "network",
            Self::Core => "core",
            Self::Serve => "serve",
            Self::Api => "api",
            Self::Models => "models",
            Self::Chat => "chat",
            Self::Rag => "rag",
            Self::Ui => "ui",
        }
    }

    /// Upstream's construct ids, accepted in its place.
    pub const fn aliases(self) -> &'static [&'static str] {
        match self {
            Self::Network => &["LisaNetworking", "networking"],
            Self::Core => &["LisaCore", "LisaServeIAMStack", "LisaIAM", "iam"],
            Self::Serve => &["LisaServe"],
            Self::Api => &["LisaApiBase", "LisaApiDeployment", "api-deployment"],
            Self::Models => &["LisaModelsApiDeployment", "LisaModels"],
            Self::Chat => &["LisaChat"],
            Self::Rag => &["LisaRAG"],
            Self::Ui => &["LisaUserInterface", "LisaUI"],
        }
    }

    /// The stack of this short name or alias, whatever the case.
    pub fn parse(name: &str) -> Option<Self> {
        let matches = |stack: &Self| {
            let mut names = std::iter::once(stack.short()).chain(stack.aliases().iter().copied());
            names.any(|known| known.eq_ignore_ascii_case(name))
        };
        Self::ALL.into_iter().find(matches)
    }

    /// What the stack is, in words.
    pub const fn what(self) -> &'static str {
        match self {
            Self::Network => "VPC, subnets, endpoints and security groups",
            Self::Core => "encryption keys, access logs and alarms",
            Self::Serve => "the OpenAI-compatible gateway",
            Self::Api => "the REST API and its authorizer",
            Self::Models => "model management and its workflows",
            Self::Chat => "sessions and the chat back end",
            Self::Rag => "vector stores, ingest and search",
            Self::Ui => "the web page",
        }
    }

    /// Why the configuration leaves the stack out; `None` where it is deployed.
    pub const fn why_off(self, config: &Config) -> Option<&'static str> {
        match self {
            Self::Serve | Self::Models if !config.deploy_serve => Some("`deployServe` is false"),
            Self::Chat if !config.deploy_chat => Some("`deployChat` is false"),
            Self::Rag if !config.deploy_rag => Some("`deployRag` is false"),
            Self::Ui if !config.deploy_ui => Some("`deployUi` is false"),
            // API Gateway refuses to deploy an API without a route.
            Self::Api
                if !(config.deploy_serve || config.deploy_chat || config.deploy_rag || config.deploy_ui) =>
            {
                Some("no stack that it leads to is deployed")
            }
            _ => None,
        }
    }
}

/// The stacks of one configuration.
#[derive(Clone, Debug)]
pub struct App {
    /// The stacks, each after those that it depends on.
    pub stacks: Vec<Stack>,
    /// What the region is not known to have, in words: to be probed before a deployment.
    pub unknowns: Vec<String>,
}

/// Makes every stack of `config`: the application's, and one for each hosted model.
///
/// # Errors
///
/// Every property that CloudFormation would refuse, and everything that the region lacks, at once.
pub fn synthesize(config: &Config, assets: &Assets) -> Result<App, SynthErrors> {
    let context = Context { config, naming: Naming::new(config), assets };
    let wanted: Vec<StackName> =
        StackName::ALL.into_iter().filter(|stack| stack.why_off(config).is_none()).collect();
    let own = wanted.iter().map(|stack| build(*stack, &context));
    let models = config.ecs_models.iter().enumerate();
    let models =
        models.filter_map(|(index, entry)| Some(ModelSpec::from_config(index, entry.hosting.as_ref()?)));
    let models = models.map(|spec| model::stack(&context, &spec));
    let stacks: Vec<Stack> = own.chain(models).collect();
    let mut errors = capabilities::missing(config, &wanted);
    errors.extend(stacks.iter().flat_map(|stack| refused(config, stack)));
    let unknowns = capabilities::unknowns(config, &wanted);
    if errors.is_empty() { Ok(App { stacks, unknowns }) } else { Err(SynthErrors(errors)) }
}

fn build(stack: StackName, context: &Context<'_>) -> Stack {
    match stack {
        StackName::Network => network::stack(context),
        StackName::Core => core::stack(context),
        StackName::Serve => serve::stack(context),
        StackName::Api => api::stack(context),
        StackName::Models => models::stack(context),
        StackName::Chat => chat::stack(context),
        StackName::Rag => rag::stack(context),
        StackName::Ui => ui::stack(context),
    }
}

/// What CloudFormation or the region would refuse of a stack.
pub(crate) fn refused(config: &Config, stack: &Stack) -> Vec<SynthError> {
    let violations = stack.template.check().into_iter();
    let violations = violations.map(|violation| SynthError::property(config, &stack.name, violation));
    violations.chain(capabilities::gaps(config, stack)).collect()
}
