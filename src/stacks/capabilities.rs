//! What each stack needs of its region, and what it does where the region lacks it: fall back, be refused, or be tried
//! because nobody says.

use lisa_cfn::Template;
use lisa_cfn::regions::{self, RegionGaps};
use lisa_config::Config;
use lisa_config::section::environment::SecurityProfile;
use lisa_names::{Availability, Feature, InstanceType, capability};
use serde_json::Value;

use crate::app::StackName;
use crate::error::SynthError;
use crate::stack::Stack;

/// Properties that a stack can do without: where a region does not have one, it is taken off.
const DISPENSABLE: [(&str, &str); 3] = [
    ("AWS::ApiGateway::DomainName", "EndpointAccessMode"),
    ("AWS::Lambda::EventSourceMapping", "LoggingConfig"),
    ("AWS::S3::Bucket", "BucketNamespace"),
];

/// Tags of single types that some partitions refuse although they take tags elsewhere.
const TAGS: [(Feature, &str); 2] = [
    (Feature::EventRuleTags, "AWS::Events::Rule"),
    (Feature::EventSourceMappingTags, "AWS::Lambda::EventSourceMapping"),
];

/// What a stack needs. A feature with a fallback is listed where the stack has taken care of it.
fn needs(config: &Config, stack: StackName) -> Vec<Feature> {
    let firewall = matches!(stack, StackName::Api | StackName::Serve)
        && config.security_profile == SecurityProfile::Hardened;
    always_needs(stack).iter().copied().chain(firewall.then_some(Feature::Waf)).collect()
}

const fn always_needs(stack: StackName) -> &'static [Feature] {
    use Feature as F;
    match stack {
        StackName::Core => &[F::Kms, F::S3, F::Sns, F::Ssm],
        StackName::Network => &[F::CloudWatchLogs, F::DynamoDbGatewayEndpoint, F::Ssm],
        StackName::Serve => &[
            F::CloudWatch,
            F::CloudWatchLogs,
            F::ContainerInsights,
            F::DynamoDb,
            F::Ecr,
            F::Ecs,
            F::EcsAmazonLinux2023,
            F::EcsCircuitBreaker,
            F::LoadBalancer,
            F::SecretsManager,
            F::Ssm,
        ],
        StackName::Api => &[F::ApiGateway, F::CloudWatchLogs, F::Lambda],
        StackName::Models => &[F::DynamoDb, F::EventBridge, F::Lambda, F::StepFunctions],
        StackName::Chat => &[F::DynamoDb, F::Lambda],
        StackName::Rag => &[F::DynamoDb, F::Lambda, F::S3, F::Sqs],
        StackName::Ui => &[F::ApiGateway, F::S3],
    }
}

/// Features whose fallback, as `lisa-names` words it, is not a way that these stacks go.
const WITHOUT_FALLBACK: [Feature; 1] = [Feature::ApiGateway];

/// Everything that the region is known to lack without a way around, one error for each stack and feature.
pub(crate) fn missing(config: &Config, stacks: &[StackName]) -> Vec<SynthError> {
    let lacks =
        |feature: &Feature| capability(&config.region, *feature).is_absent() && !has_fallback(*feature);
    let of = |stack: &StackName| {
        let features = needs(config, *stack).into_iter().filter(lacks);
        features.map(|feature| error(config, *stack, feature)).collect::<Vec<_>>()
    };
    stacks.iter().flat_map(of).collect()
}

/// What nobody says whether the region has it, in words, without repeats.
pub(crate) fn unknowns(config: &Config, stacks: &[StackName]) -> Vec<String> {
    let mut features: Vec<Feature> = stacks.iter().flat_map(|stack| needs(config, *stack)).collect();
    features.sort_unstable();
    features.dedup();
    let unknown =
        |feature: &Feature| capability(&config.region, *feature).availability == Availability::Unknown;
    let words = |feature: Feature| {
        let source = capability(&config.region, feature).source;
        format!("{} in {}: {source} does not say", feature.name(), config.region)
    };
    features.into_iter().filter(unknown).map(words).collect()
}

fn has_fallback(feature: Feature) -> bool {
    feature.fallback().is_some() && !WITHOUT_FALLBACK.contains(&feature)
}

fn error(config: &Config, stack: StackName, feature: Feature) -> SynthError {
    let found = capability(&config.region, feature);
    SynthError::Capability {
        stack: stack.short().to_owned(),
        missing: format!("{} has no {} ({}, {})", config.region, feature.name(), found.source, found.date),
        help: "Choose another region, or switch off what needs it.".to_owned(),
    }
}

/// Takes off what the region does not know and the stack can do without; returns whether stacks take tags there.
pub(crate) fn fit(config: &Config, template: &mut Template) -> bool {
    let lacks = |feature: Feature| capability(&config.region, feature).is_absent();
    for (_, cfn_type) in TAGS.iter().filter(|(feature, _)| lacks(*feature)) {
        template.drop_property(cfn_type, "Tags");
    }
    let gaps = regions::gaps(config.region.as_str());
    for (cfn_type, properties) in gaps.into_iter().flat_map(|gaps| gaps.properties) {
        let dispensable = properties.iter().filter(|name| DISPENSABLE.contains(&(cfn_type, name)));
        dispensable.for_each(|name| template.drop_property(cfn_type, name));
    }
    let takes_tags = !lacks(Feature::ResourceTags);
    if !takes_tags {
        template.drop_tags();
    }
    takes_tags
}

/// The resource that says which machines run.
const LAUNCH_TEMPLATE: &str = "AWS::EC2::LaunchTemplate";

/// What a finished stack has that the region is known not to have: resource types, properties, instance types.
pub(crate) fn gaps(config: &Config, stack: &Stack) -> Vec<SynthError> {
    let of_region = regions::gaps(config.region.as_str());
    let of_region = of_region.filter(|gaps| !gaps.types.is_empty() || !gaps.properties.is_empty());
    let launches = stack.template.resource_types().any(|(_, shape)| shape.cfn_type == LAUNCH_TEMPLATE);
    if of_region.is_none() && !launches {
        return Vec::new();
    }
    let document = stack.template.to_json();
    let missing =
        |missing: String, help: String| SynthError::Capability { stack: stack.name.clone(), missing, help };
    let schema = of_region.map(|gaps| schema_gaps(gaps, stack, &document)).unwrap_or_default().into_iter();
    let schema = schema.map(|found| {
        let help = "Choose another region, or switch off what needs it.".to_owned();
        missing(format!("{} does not have {found}", config.region), help)
    });
    let instances = instance_types(stack, &document);
    let instances =
        instances.filter(|(_, instance)| instance.availability(&config.region) == Availability::Absent);
    let instances = instances.map(|(id, instance)| {
        let found = format!("{} does not offer `{instance}`, which `{id}` runs", config.region);
        missing(format!("{found} ({})", InstanceType::AVAILABILITY_SOURCE), instead(config, &instance))
    });
    schema.chain(instances).collect()
}

fn instead(config: &Config, instance: &InstanceType) -> String {
    let names: Vec<String> =
        instance.substitutes(&config.region).iter().map(|name| format!("`{name}`")).collect();
    match names.as_slice() {
        [] => "Choose another region: nothing there is as large.".to_owned(),
        names => format!("Choose another region, or one of {}, which it offers.", names.join(", ")),
    }
}

/// The instance types that launch templates name, each with the template's logical id.
fn instance_types<'a>(
    stack: &'a Stack,
    document: &'a Value,
) -> impl Iterator<Item = (&'a str, InstanceType)> {
    let templates = stack.template.resource_types().filter(|(_, shape)| shape.cfn_type == LAUNCH_TEMPLATE);
    templates.filter_map(|(id, _)| {
        let data = &document["Resources"][id]["Properties"]["LaunchTemplateData"];
        Some((id, InstanceType::new(data["InstanceType"].as_str()?).ok()?))
    })
}

/// Resource types, and properties set on them, that the region's schemas do not have, in words.
fn schema_gaps(gaps: &RegionGaps, stack: &Stack, document: &Value) -> Vec<String> {
    let sets = |id: &str, property: &str| document["Resources"][id]["Properties"].get(property).is_some();
    let mut found = Vec::new();
    for (id, shape) in stack.template.resource_types() {
        if gaps.types.contains(&shape.cfn_type) {
            found.push(format!("`{}`, of which `{id}` is one", shape.cfn_type));
        }
        let of_type = gaps.properties.iter().filter(|(name, _)| *name == shape.cfn_type);
        for property in of_type.flat_map(|(_, properties)| *properties).filter(|property| sets(id, property))
        {
            found.push(format!("`{property}` of `{}`, which `{id}` sets", shape.cfn_type));
        }
    }
    found
}
