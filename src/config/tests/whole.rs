//! Conversations: what is set from outside, what is reported together, what a configuration tells.

use super::{files, name, read};
use crate::section::image::Image;
use crate::section::model::InferenceContainer;
use crate::section::rag::{OpenSearchConfig, VectorStore};
use crate::{Config, Options, Overrides, Problem, Severity, Source, load};

const BLOCKS: &str = r#"env: dev
dev: &dev
  accountNumber: "123456789012"
  region: us-east-1
  deploymentName: demo
  s3BucketModels: demo-models
  authConfig:
    authority: https://login.example.com/
    clientId: lisa
prod:
  <<: *dev
  deploymentName: live
"#;

fn with(text: &str, overrides: &Overrides, options: Options) -> Result<Config, Vec<Problem>> {
    let source = Source { name: "config.yaml".to_owned(), text: text.to_owned() };
    load(&source, overrides, &options).map(|loaded| loaded.config).map_err(|problems| problems.0)
}

fn valid(file: &str) -> Config {
    let path = files("valid").into_iter().find(|path| name(path) == file).unwrap();
    read(&std::fs::read_to_string(path).unwrap()).unwrap().config
}

#[test]
fn the_environment_is_the_callers_then_the_files() {
    let env = |env: Option<&str>| Overrides { env: env.map(str::to_owned), ..Overrides::default() };
    let name = |overrides| with(BLOCKS, &overrides, Options::default()).unwrap().deployment_name.to_string();
    assert_eq!(name(env(None)), "demo");
    assert_eq!(name(env(Some(""))), "demo");
    assert_eq!(name(env(Some("prod"))), "live");
    let problems = with(BLOCKS, &env(Some("stage")), Options::default()).unwrap_err();
    assert_eq!(problems[0].message, "there is no block for environment `stage`");
    assert_eq!(
        problems[0].help.as_deref(),
        Some("The file has `dev`, `prod`: name one with `env` or the variable ENV.")
    );
}

#[test]
fn values_from_outside_go_before_the_files_unless_they_are_empty() {
    let overrides = Overrides {
        env: None,
        profile: Some("admin".to_owned()),
        deployment_name: Some(String::new()),
        account_number: Some("012345678901".to_owned()),
        region: Some("us-gov-west-1".to_owned()),
    };
    let config = with(BLOCKS, &overrides, Options::default()).unwrap();
    assert_eq!(config.profile.as_deref(), Some("admin"));
    assert_eq!(config.deployment_name.as_str(), "demo");
    assert_eq!(config.account_number.as_str(), "012345678901");
    assert_eq!(config.partition.id(), "aws-us-gov");
    assert_eq!(config.deployment_prefix.as_str(), "/prod/demo/lisa");
}

#[test]
fn a_wrong_value_from_outside_is_named_as_such() {
    let overrides = Overrides { account_number: Some("1234".to_owned()), ..Overrides::default() };
    let problems = with(BLOCKS, &overrides, Options::default()).unwrap_err();
    assert_eq!(problems.len(), 1);
    assert_eq!((problems[0].path.as_str(), &problems[0].span), ("accountNumber", &None));
    assert!(problems[0].help.as_deref().unwrap().ends_with("not from the file."));
}

#[test]
fn problems_of_every_step_are_reported_together_in_the_order_of_the_file() {
    let text = "region: us-east-1\nregion: us-east-2\ns3BucketModels: Models\nrunCdkNag: true\ndeployRagg: true\n\
                deployChat: false\nrestApiConfig:\n  internetFacing: no\n  autoScalingConfig:\n    minCapacity: 9\n";
    let problems = with(text, &Overrides::default(), Options::default()).unwrap_err();
    let found: Vec<(&str, usize)> = problems.iter().map(|problem| (problem.rule, problem.line)).collect();
    let expected = [
        ("auth-config-missing", 2),
        ("missing-key", 2),
        ("yaml-duplicate-key", 2),
        ("wrong-form", 3),
        ("retired-key", 4),
        ("unknown-key", 5),
        ("ui-needs-chat", 6),
        ("yaml-boolean-word", 8),
        ("capacity-order", 10),
    ];
    let mut sorted = found.clone();
    sorted.sort_by_key(|(rule, line)| (*line, *rule));
    assert_eq!(sorted, expected);
    assert!(found.is_sorted_by_key(|(_, line)| *line));
}

#[test]
fn unknown_keys_may_be_let_through() {
    let text = format!("{BLOCKS}  deployRagg: true\n  restApiConfig:\n    colour: blue\n");
    let prod = Overrides { env: Some("prod".to_owned()), ..Overrides::default() };
    let problems = with(&text, &prod, Options::default()).unwrap_err();
    assert_eq!(problems.iter().filter(|problem| problem.severity == Severity::Error).count(), 2);
    assert_eq!(problems[0].help.as_deref(), Some("Did you mean `deployRag`?"));
    assert!(with(&text, &prod, Options { allow_unknown: true }).is_ok());
}

#[test]
fn an_empty_key_of_a_mapping_with_two_forms_counts_as_left_out() {
    let text = format!(
        "{BLOCKS}  ragRepositories:\n    - repositoryId: manuals\n      type: opensearch\n      opensearchConfig:\n        volumeSize:\n"
    );
    let prod = Overrides { env: Some("prod".to_owned()), ..Overrides::default() };
    let config = with(&text, &prod, Options::default()).unwrap();
    let VectorStore::OpenSearch { opensearch_config: OpenSearchConfig::New(domain) } =
        &config.rag_repositories[0].store
    else {
        panic!("not a new OpenSearch domain")
    };
    assert_eq!(domain.volume_size, 20, "the default");
}

#[test]
fn a_value_is_found_where_it_stands() {
    let config = valid("repositories-several");
    let place = config.locate("ragRepositories[1].rdsConfig.username").unwrap();
    assert_eq!((place.file.as_str(), place.column), ("config.yaml", 7));
    let parent = config.locate("ragRepositories[1].rdsConfig.dbPort").unwrap();
    assert_eq!(parent.line + 1, place.line, "the nearest parent stands for a default");
    assert_eq!(config.locate("restApiConfig.instanceType"), None);
}

#[test]
fn secrets_are_shown_by_nothing() {
    let config = valid("litellm-models");
    let key = config.litellm_config.general_settings.master_key.as_ref().unwrap().expose();
    assert!(key.starts_with("sk-"));
    assert!(!format!("{config:?}").contains(key));
    assert!(!serde_json::to_string(&config).unwrap().contains(key));
    let shown = serde_json::to_value(&config).unwrap();
    assert_eq!(shown["litellmConfig"]["model_list"][0]["litellm_params"]["api_key"], "[redacted]");
    assert_eq!(shown["litellmConfig"]["litellm_settings"]["request_timeout"], 600);
}

#[test]
fn the_key_of_6x_is_the_master_key() {
    let config = valid("litellm-key-of-6x");
    assert!(config.litellm_config.general_settings.master_key.is_some());
}

#[test]
fn the_example_of_upstream_means_what_it_says() {
    let config = valid("upstream-example-filled");
    assert_eq!(config.env.as_deref(), Some("dev"));
    assert_eq!(config.account_number.as_str(), "012345678901");
    assert_eq!(config.auth_config.as_ref().unwrap().authority.as_str(), "https://login.example.com");
    assert_eq!(config.rest_api_config.container_config.image, None);
    let target = config.rest_api_config.auto_scaling_config.metric_config.target_value;
    assert!((target - 1000.0).abs() < f64::EPSILON);
    assert_eq!(config.ecs_models.len(), 2);
    assert_eq!(config.hosted_models().count(), 0, "the three-field form is not deployed");
    assert_eq!(config.ecs_models[1].model_id.as_str(), "intfloat-e5-large-v2");
    let VectorStore::PgVector { rds_config } = &config.rag_repositories[0].store else {
        panic!("not pgvector")
    };
    assert_eq!(rds_config.existing, None);
}

#[test]
fn models_of_both_forms_become_models_to_deploy() {
    let old = valid("models-of-version-3-0");
    let hosted: Vec<_> = old.hosted_models().collect();
    assert_eq!(hosted.len(), 1, "`deploy: false` is not deployed, the full form is");
    assert_eq!(hosted[0].model_id.as_str(), "mistral7b-vllm");
    assert!(
        matches!(&hosted[0].image, Image::Registry { registry } if registry.as_str() == "vllm/vllm-openai:v0.5.0")
    );
    assert_eq!(old.ecs_models[0].inference_container, Some(InferenceContainer::Tgi));

    let new = valid("models-to-deploy");
    let hosted: Vec<_> = new.hosted_models().collect();
    assert_eq!(hosted.len(), 4);
    assert_eq!(hosted[0].inference_container, InferenceContainer::Vllm, "told from the image");
    assert!(!hosted[1].streaming);
    assert!(
        matches!(&hosted[2].image, Image::Asset { path: Some(path), .. } if path == "containers/instructor")
    );
    let environment = &hosted[2].container_config.environment;
    assert_eq!(environment["THREADS"], "2");
    assert_eq!(environment["VERBOSE"], "true");
    assert_eq!(environment["RATIO"], "0.50", "as it is written");
    assert_eq!(environment["EMPTY"], "");
}

#[test]
fn stores_are_new_or_existing() {
    let store = |file: &str| valid(file).rag_repositories[0].store.clone();
    let VectorStore::OpenSearch { opensearch_config } = store("opensearch-existing") else {
        panic!("not OpenSearch")
    };
    assert!(matches!(opensearch_config, OpenSearchConfig::Existing(_)));
    let VectorStore::OpenSearch { opensearch_config } = store("opensearch-new") else {
        panic!("not OpenSearch")
    };
    assert!(matches!(opensearch_config, OpenSearchConfig::New(domain) if domain.volume_size == 300));
    let VectorStore::PgVector { rds_config } = store("pgvector-existing") else { panic!("not pgvector") };
    assert_eq!(
        rds_config.existing.unwrap().password_secret_id.as_str(),
        "rds!db-aa88493d-be8d-4a3f-96dc-c668165f7826"
    );
}

#[test]
fn both_places_of_a_certificate_mean_the_same() {
    for file in ["certificate-of-acm", "rest-api-in-full"] {
        let balancer = valid(file).rest_api_config.load_balancer_config;
        assert!(balancer.ssl_cert_iam_arn.is_some() && balancer.domain_name.is_some(), "{file}");
    }
    assert_eq!(
        valid("certificate-of-acm").cors_allowed_origins,
        ["https://lisa.example.com", "https://other.example.com"]
    );
}
