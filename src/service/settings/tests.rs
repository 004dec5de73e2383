//! What a service says of an environment that does not fit.

use lisa_api::settings::ServeSettings;

use super::*;

fn environment(pairs: &[(&str, &str)]) -> Environment {
    pairs.iter().copied().collect()
}

const COMPLETE: [(&str, &str); 5] = [
    ("DEPLOYMENT_NAME", "prod"),
    ("DEPLOYMENT_STAGE", "dev"),
    ("DEPLOYMENT_PREFIX", "/dev/prod/lisa"),
    ("LOG_LEVEL", "INFO"),
    ("CORS_ORIGINS", "https://a.example, https://b.example,"),
];

#[test]
fn a_complete_environment_is_read() {
    let environment = environment(&COMPLETE);
    let mut reader = Reader::new(&environment);
    let common = Common::read(&mut reader);
    let common = reader.finish(common).unwrap();
    assert_eq!(common.deployment, "prod");
    assert_eq!(common.log_level, LogLevel::Info);
    assert_eq!(common.cors_origins, ["https://a.example", "https://b.example"]);
}

#[test]
fn all_that_is_missing_or_wrong_is_told_at_once() {
    let environment = environment(&[
        ("DEPLOYMENT_NAME", "prod"),
        ("DEPLOYMENT_STAGE", ""),
        ("LOG_LEVEL", "verbose"),
        ("USE_AUTH", "maybe"),
        ("RATE_LIMIT_RPM", "many"),
    ]);
    let mut reader = Reader::new(&environment);
    let common = Common::read(&mut reader);
    reader.flag("USE_AUTH");
    reader.parse::<u32>("RATE_LIMIT_RPM", "a whole number");
    let settings = reader.settings(|get| ServeSettings::from_env(get));
    let error = reader.finish(common.zip(settings)).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the environment does not fit: `DEPLOYMENT_STAGE` is missing; `DEPLOYMENT_PREFIX` is missing; \
         `MODEL_TABLE_NAME` is missing; `LOG_LEVEL` is not `DEBUG`, `INFO`, `WARNING` or `ERROR`; \
         `USE_AUTH` is not `true` or `false`; `RATE_LIMIT_RPM` is not a whole number"
    );
}

#[test]
fn a_handler_is_lambdas_alone() {
    assert_eq!(environment(&[("_HANDLER", "models-tasks")]).handler(), None);
    let lambda = environment(&[("_HANDLER", "models-tasks"), ("AWS_LAMBDA_RUNTIME_API", "127.0.0.1:1")]);
    assert_eq!(lambda.handler(), Some("models-tasks"));
}

#[test]
fn values_are_not_shown() {
    let shown = format!("{:?}", environment(&[("MANAGEMENT_KEY_NAME", "hidden")]));
    assert!(shown.contains("MANAGEMENT_KEY_NAME") && !shown.contains("hidden"));
}
