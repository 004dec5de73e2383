//! The application as a whole: order, size, sameness.

use std::collections::BTreeSet;

use lisa_cfn::Format;

use super::{app, config, load, valid};
use crate::{App, ParameterSource};

/// Deployment with everything that the budget is for: one PGVector repository.
fn whole() -> App {
    app(&config(
        "deployRag: true\nragRepositories: [{repositoryId: docs, type: pgvector, rdsConfig: {username: postgres}}]",
    ))
}

fn texts(app: &App) -> Vec<String> {
    app.stacks.iter().map(|stack| stack.template.to_text(Format::Json)).collect()
}

#[test]
fn the_whole_has_at_most_three_fifths_of_upstreams_resources() {
    let count = |app: &App| app.stacks.iter().map(|stack| stack.template.len()).sum::<usize>();
    let upstream = 281;
    assert!(count(&whole()) * 10 <= upstream * 6, "{}", count(&whole()));
}

#[test]
fn foundations_stay_small() {
    let limits = [("core", 12), ("network", 34), ("serve", 28)];
    let app = whole();
    for (name, limit) in limits {
        let stack = app.stacks.iter().find(|stack| stack.name == name).expect("a stack of every deployment");
        assert!(stack.template.len() <= limit, "{name}: {}", stack.template.len());
    }
}

#[test]
fn every_stack_comes_after_those_that_it_depends_on_and_four_levels_suffice() {
    for (name, config) in valid() {
        let app = app(&config);
        let mut levels: Vec<(&str, usize)> = Vec::new();
        for stack in &app.stacks {
            let level_of =
                |needed: &String| levels.iter().find(|(name, _)| name == needed).map(|(_, level)| *level);
            let needed: Vec<usize> = stack
                .depends_on
                .iter()
                .map(|needed| {
                    level_of(needed).unwrap_or_else(|| panic!("{name}: {} before {needed}", stack.name))
                })
                .collect();
            let level = needed.into_iter().max().unwrap_or(0) + 1;
            assert!(level <= 4, "{name}: {} is on level {level}", stack.name);
            levels.push((&stack.name, level));
        }
    }
}

#[test]
fn every_parameter_that_is_read_is_written_by_the_stack_it_names() {
    for (name, config) in valid() {
        let app = app(&config);
        for stack in &app.stacks {
            for (parameter, source) in &stack.parameters {
                let ParameterSource::Parameter { name: path, stack: Some(producer) } = source else {
                    continue;
                };
                let producer = app.stacks.iter().find(|stack| &stack.name == producer);
                let template =
                    producer.unwrap_or_else(|| panic!("{name}: no stack writes {path}")).template.to_json();
                let resources = template["Resources"].as_object().expect("resources");
                let writes =
                    resources.values().any(|resource| resource["Properties"]["Name"] == path.as_str());
                assert!(writes, "{name}: {} reads {parameter} from {path}, which nobody writes", stack.name);
            }
        }
    }
}

#[test]
fn the_same_configuration_makes_the_same_bytes() {
    for (_, config) in valid() {
        assert_eq!(texts(&app(&config)), texts(&app(&config)));
    }
}

#[test]
fn the_order_of_keys_changes_nothing() {
    let keys = [
        "accountNumber: '123456789012'",
        "region: us-east-1",
        "deploymentName: demo",
        "s3BucketModels: weights",
        "authConfig: {authority: 'https://login.example.com', clientId: lisa}",
        "restApiConfig: {internetFacing: false, rateLimitRpm: 7}",
    ];
    let there = load("there.yaml", keys.join("\n"));
    let back = load("back.yaml", keys.iter().rev().copied().collect::<Vec<_>>().join("\n"));
    assert_eq!(texts(&app(&there)), texts(&app(&back)));
}

#[test]
fn physical_names_are_used_once() {
    let app = whole();
    let mut seen = BTreeSet::new();
    for stack in &app.stacks {
        let template = stack.template.to_json();
        for (id, resource) in template["Resources"].as_object().expect("resources") {
            let properties = &resource["Properties"];
            for property in [
                "TableName",
                "BucketName",
                "QueueName",
                "FunctionName",
                "LogGroupName",
                "ClusterName",
                "Name",
            ] {
                if let Some(name) = properties[property].as_str() {
                    let kind = resource["Type"].as_str().unwrap_or_default().to_owned();
                    assert!(
                        seen.insert((kind, name.to_owned())),
                        "{}/{id} has the name {name} of another",
                        stack.name
                    );
                }
            }
        }
    }
}

#[test]
fn a_property_that_is_refused_names_the_line_that_set_it() {
    let config = config(
        "restApiConfig:\n  loadBalancerConfig:\n    healthCheckConfig:\n      path: /health\n      interval: 5\n      timeout: 4\n",
    );
    let app = app(&config);
    let serve = app.stacks.iter().find(|stack| stack.name == "serve").expect("the gateway");
    let origin = serve.template.origin("TargetGroup", "HealthCheckIntervalSeconds").expect("an origin");
    assert_eq!(origin, "restApiConfig.loadBalancerConfig.healthCheckConfig.interval");
    assert_eq!(config.locate(&origin).expect("a line").line, 10 + 1);
}

#[test]
fn no_stack_sets_a_property_past_the_types() {
    for (name, config) in valid() {
        for stack in &app(&config).stacks {
            assert_eq!(stack.template.escapes(), [], "{name}, stack {}", stack.name);
        }
    }
}
