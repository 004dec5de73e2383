//! What the security rules take as given, drawn from the configuration and the partition's facts.

use lisa_config::Config;
use lisa_config::section::environment::{RemovalPolicy, SecurityProfile};
use lisa_names::{Feature, Partition, capability};
use lisa_policy::{Date, Place, Profile, PublicRoute, Report, Settings, TemplateRef, Verdict, Waiver};
use lisa_stacks::App;
use serde_json::Value;

use crate::environment;
use crate::failure::Failure;
use crate::input::Input;

/// Routes of the REST API that were reviewed and answer everybody: the API's documents and the files of the web page,
/// which a browser needs before anybody can sign in. One that a stack opens beside these is a finding.
const PUBLIC_ROUTES: [(&str, &str); 4] =
    [("GET", "/docs"), ("GET", "/openapi.json"), ("GET", "/"), ("GET", "/{proxy+}")];

/// Judges every stack of the application together, on the day `today`.
pub(crate) fn judge(config: &Config, app: &App, today: Date) -> Report {
    let documents: Vec<(&str, Value)> =
        app.stacks.iter().map(|stack| (stack.name.as_str(), stack.template.to_json())).collect();
    let templates: Vec<TemplateRef<'_>> =
        documents.iter().map(|(stack, template)| TemplateRef { stack, template }).collect();
    let (public_routes, waivers) = (public_routes(), waivers(config));
    let dynamodb = !capability(&config.region, Feature::DynamoDbGatewayEndpoint).is_absent();
    let endpoint_exists = |service: &str| service != "dynamodb" || dynamodb;
    lisa_policy::check(&templates, &settings(config, &public_routes, &waivers, &endpoint_exists, today))
}

/// Stops at what the security rules forbid. The whole application is judged, whichever stacks are written.
pub(crate) fn refuse_forbidden(input: &Input, app: &App) -> Result<(), Failure> {
    let report = judge(&input.config, app, environment::today()?);
    match report.verdict {
        Verdict::Clean | Verdict::Empty => Ok(()),
        Verdict::Refused => Err(Failure::Policy { report: Box::new(report) }),
    }
}

fn settings<'a>(
    config: &'a Config,
    public_routes: &'a [PublicRoute],
    waivers: &'a [Waiver],
    endpoint_exists: &'a dyn Fn(&str) -> bool,
    today: Date,
) -> Settings<'a> {
    let has = |feature| !capability(&config.region, feature).is_absent();
    Settings {
        disposable: config.removal_policy == RemovalPolicy::Destroy,
        internet_facing: config.rest_api_config.internet_facing,
        permissions_boundary: config.permissions_boundary_aspect.is_some(),
        place: Place {
            partition: Some(config.partition.id()),
            fips: config.partition == Partition::AwsUsGov,
            waf: has(Feature::Waf),
            circuit_breaker: has(Feature::EcsCircuitBreaker),
            container_insights: has(Feature::ContainerInsights),
            endpoint_exists,
        },
        unscoped_actions: &needs_any_resource,
        public_routes,
        waivers,
        ..Settings::new(profile(config.security_profile), today)
    }
}

/// Whether an action can only be granted on `*`, by AWS's own table of actions.
fn needs_any_resource(action: &str) -> bool {
    lisa_cfn::iam::supports_resources(action) == Some(false) || lisa_policy::is_unscoped(action)
}

fn public_routes() -> Vec<PublicRoute> {
    let route =
        |(method, path): (&str, &str)| PublicRoute { method: method.to_owned(), path: path.to_owned() };
    PUBLIC_ROUTES.map(route).into()
}

const fn profile(profile: SecurityProfile) -> Profile {
    match profile {
        SecurityProfile::Dev => Profile::Dev,
        SecurityProfile::Standard => Profile::Standard,
        SecurityProfile::Hardened => Profile::Hardened,
    }
}

fn waivers(config: &Config) -> Vec<Waiver> {
    let waivers = config.policy_waivers.iter();
    waivers
        .map(|waiver| Waiver {
            control: waiver.control.clone(),
            resource: waiver.resource.clone().unwrap_or_else(|| "*".to_owned()),
            owner: waiver.owner.clone(),
            reason: waiver.reason.clone(),
            expires: waiver.expires.to_string(),
        })
        .collect()
}
