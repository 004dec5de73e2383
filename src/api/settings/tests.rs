//! What a stack writes into an environment is what the service reads.

use std::collections::{BTreeMap, BTreeSet};

use super::*;

fn read<T>(
    env: &BTreeMap<&str, &str>,
    from_env: impl Fn(&dyn Fn(&str) -> Option<String>) -> Result<T, MissingSettings>,
) -> Result<T, MissingSettings> {
    from_env(&|name| env.get(name).map(|value| (*value).to_owned()))
}

/// Values for the variables of a service: each variable's own name.
fn environment(
    variables: &[Variable],
    keep: impl Fn(&Variable) -> bool,
) -> BTreeMap<&'static str, &'static str> {
    variables
        .iter()
        .filter(|variable| keep(variable))
        .map(|variable| (variable.name, variable.name))
        .collect()
}

macro_rules! round_trips {
    ($($test:ident: $settings:ident),* $(,)?) => {
        $(
            #[test]
            fn $test() {
                let variables = $settings::variables();
                let names: BTreeSet<_> = variables.iter().map(|variable| variable.name).collect();
                assert_eq!(names.len(), variables.len(), "a variable is named twice");
                for keep_optional in [true, false] {
                    let env = environment(&variables, |variable| variable.required || keep_optional);
                    let settings = read(&env, |get| $settings::from_env(get)).unwrap();
                    let written: BTreeMap<_, _> = settings.clone().into_env().into_iter().collect();
                    let expected: BTreeMap<_, _> = env.iter().map(|(&k, &v)| (k, v.to_owned())).collect();
                    assert_eq!(written, expected);
                    assert_eq!(settings.into_env().len(), env.len());
                }
                let missing = read(&BTreeMap::new(), |get| $settings::from_env(get)).unwrap_err();
                let required: Vec<_> = variables.iter().filter(|v| v.required).map(|v| v.name).collect();
                assert_eq!(missing.names(), required);
            }
        )*
    };
}

round_trips! {
    serve_reads_what_is_written: ServeSettings,
    authorizer_reads_what_is_written: AuthorizerSettings,
    models_reads_what_is_written: ModelsSettings,
    chat_reads_what_is_written: ChatSettings,
    rag_reads_what_is_written: RagSettings,
    weights_reads_what_is_written: WeightsSettings,
}

#[test]
fn an_empty_variable_is_missing_and_all_are_named() {
    let variables = ServeSettings::variables();
    let mut env = environment(&variables, |_| true);
    env.insert("LOG_LEVEL", "");
    env.remove("MODEL_TABLE_NAME");
    env.insert("THREADS", "");
    let missing = read(&env, |get| ServeSettings::from_env(get)).unwrap_err();
    assert_eq!(missing.to_string(), "missing environment variables: LOG_LEVEL, MODEL_TABLE_NAME");
    env.insert("LOG_LEVEL", "INFO");
    env.insert("MODEL_TABLE_NAME", "models");
    assert_eq!(read(&env, |get| ServeSettings::from_env(get)).unwrap().threads, None);
}

#[test]
fn no_variable_is_described_by_nothing_or_holds_a_secret() {
    let all = [
        ServeSettings::variables(),
        ModelsSettings::variables(),
        ChatSettings::variables(),
        RagSettings::variables(),
    ];
    for variable in all.concat() {
        assert!(variable.description.ends_with('.') || variable.description.ends_with('`'), "{variable:?}");
        assert!(!variable.name.contains("PASSWORD"), "{variable:?}");
    }
}
