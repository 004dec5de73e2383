//! Whatever somebody does with the ids of somebody else's objects: nothing is read and nothing is changed.

use lisa_api::routes::{self, Service};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::Value;

use super::access::{Objects, SECRET, filled, objects};
use super::stage::{Stage, person};

/// Everything of Ada's, as she sees it.
async fn seen(stage: &Stage, ada: &lisa_auth::Caller, objects: &Objects) -> Vec<Value> {
    let mut seen = Vec::new();
    for path in [
        "/session".to_owned(),
        format!("/session/{}", objects.session),
        format!("/session/{}/messages", objects.session),
        "/project".to_owned(),
        format!("/prompt-templates/{}", objects.template),
        "/user-preferences".to_owned(),
        "/api-tokens".to_owned(),
    ] {
        seen.push(stage.ok(ada, "GET", &path, Value::Null).await);
    }
    seen
}

#[test]
fn no_foreign_id_works() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let count = routes::all().filter(|route| route.service == Service::Chat).count();
    let mut runner = TestRunner::new(Config { cases: 60, failure_persistence: None, ..Config::default() });
    // Bob may be in any group but the template's, and in the one that makes tokens.
    let strategy = (vec((0..count, any::<bool>()), 1..20), any::<bool>());
    let outcome = runner.run(&strategy, |(steps, makes_tokens)| {
        runtime.block_on(async {
            let (stage, ada) = (Stage::embedded().await, person("ada", &["api", "secret"]));
            let bob = person("bob", if makes_tokens { &["api"] } else { &["team"] });
            let objects = objects(&stage, &ada).await;
            let before = seen(&stage, &ada, &objects).await;
            for (at, upper) in steps {
                let route = routes::all().filter(|route| route.service == Service::Chat).nth(at).unwrap();
                let (mut path, body) = filled(route.method.name(), route.path, &objects);
                if upper {
                    path = path.replace(&objects.session, &format!("{}%23", objects.session));
                }
                let (_, answer) = stage.ask(&bob, route.method.name(), &path, body).await;
                prop_assert!(
                    !answer.to_string().contains(SECRET),
                    "{} {path}: {answer}",
                    route.method.name()
                );
            }
            prop_assert_eq!(seen(&stage, &ada, &objects).await, before);
            Ok(())
        })
    });
    outcome.unwrap();
}
