//! What the security rules take as given, drawn from the configuration and the partition's facts.

use lisa_config::Config;
use lisa_config::section::environment::SecurityProfile;
use lisa_names::{Feature, Partition, capability};
use lisa_policy::{Date, Place, Profile, Report, Settings, TemplateRef, Waiver};
use lisa_stacks::App;
use serde_json::Value;

/// Judges every stack of the application together, on the day `today`.
pub(crate) fn judge(config: &Config, app: &App, today: Date) -> Report {
    let documents: Vec<(&str, Value)> =
        app.stacks.iter().map(|stack| (stack.name.as_str(), stack.template.to_json())).collect();
    let templates: Vec<TemplateRef<'_>> =
        documents.iter().map(|(stack, template)| TemplateRef { stack, template }).collect();
    let waivers = waivers(config);
    lisa_policy::check(&templates, &settings(config, &waivers, today))
}

fn settings<'a>(config: &'a Config, waivers: &'a [Waiver], today: Date) -> Settings<'a> {
    let has = |feature| !capability(&config.region, feature).is_absent();
    Settings {
        internet_facing: config.rest_api_config.internet_facing,
        permissions_boundary: config.permissions_boundary_aspect.is_some(),
        place: Place {
            partition: Some(config.partition.id()),
            fips: config.partition == Partition::AwsUsGov,
            waf: has(Feature::Waf),
            circuit_breaker: has(Feature::EcsCircuitBreaker),
            ..Place::default()
        },
        waivers,
        ..Settings::new(profile(config.security_profile), today)
    }
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
