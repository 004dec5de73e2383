//! An environment for each service, as complete as its stack writes it.

use lisa_api::settings::{
    AuthorizerSettings, ChatSettings, ModelsSettings, RagSettings, ServeSettings, Variable, WeightsSettings,
};

/// Every service, by the name of its program.
pub(super) const SERVICES: [&str; 6] =
    ["lisa-authorizer", "lisa-chat", "lisa-models", "lisa-rag", "lisa-serve", "lisa-weights"];

/// Beside the required variables: a way to sign in, and what AWS gives to every task and function.
const MORE: [(&str, &str); 4] = [
    ("MANAGEMENT_KEY_NAME", "management"),
    ("AWS_REGION", "us-east-1"),
    ("AWS_ACCESS_KEY_ID", "test"),
    ("AWS_SECRET_ACCESS_KEY", "test"),
];

/// The variables of a service as its stack and AWS set them.
pub(super) fn of(service: &str) -> Vec<(&'static str, &'static str)> {
    required(service).into_iter().chain(MORE).collect()
}

/// The required variables of a service, each with a value of its kind.
pub(super) fn required(service: &str) -> Vec<(&'static str, &'static str)> {
    let required = variables(service).into_iter().filter(|variable| variable.required);
    required.map(|variable| (variable.name, value(variable.name))).collect()
}

fn variables(service: &str) -> Vec<Variable> {
    match service {
        "lisa-authorizer" => AuthorizerSettings::<String>::variables(),
        "lisa-chat" => ChatSettings::<String>::variables(),
        "lisa-models" => ModelsSettings::<String>::variables(),
        "lisa-rag" => RagSettings::<String>::variables(),
        "lisa-serve" => ServeSettings::<String>::variables(),
        "lisa-weights" => WeightsSettings::<String>::variables(),
        _ => panic!("there is no service `{service}`"),
    }
}

fn value(name: &str) -> &'static str {
    match name {
        "LOG_LEVEL" => "INFO",
        "USE_AUTH" => "true",
        "DEPLOYMENT_STAGE" => "dev",
        _ => "some-text",
    }
}
