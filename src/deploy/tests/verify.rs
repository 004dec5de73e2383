//! The proof after a removal.

use std::collections::BTreeMap;

use lisa_deploy::control;
use lisa_deploy::destroy::{self, Removal, Wanted};
use lisa_deploy::engine::Engine;
use lisa_deploy::verify::{Leftovers, verify};

use crate::cloud::{Cloud, On};
use crate::destroy::{Nobody, deployed, example};

/// Removes everything as `options` say, and looks for what is left.
async fn removed_and_verified(policy: &str, options: destroy::Options, failing: Option<&str>) -> Leftovers {
    let (config, app) = example(policy);
    let cloud = deployed(&app);
    if let Some(id) = failing {
        cloud.fail("demo-lisa-chat-prod", id, On::Delete, "a reason of its own");
    }
    let world = cloud.world();
    let (_teller, told) = control::channel();
    let engine = Engine::new(&world, &Nobody, told);
    let only = [].into();
    let wanted = Wanted { config: &config, stacks: &app.stacks, only: &only };
    let removal = destroy::plan(&world, &wanted, &engine.caller()).await.expect("a plan");
    destroy::run(&engine, &removal, options).await;
    verify(&world, &config, &removal, &engine.caller()).await.expect("an answer")
}

#[test]
fn after_a_removal_nothing_is_left() {
    Cloud::run(async {
        let leftovers = removed_and_verified("destroy", destroy::Options::default(), None).await;
        assert!(leftovers.is_clean() && leftovers.is_proof, "{leftovers}");
    });
}

#[test]
fn what_stayed_without_leave_is_named() {
    Cloud::run(async {
        let leftovers =
            removed_and_verified("destroy", destroy::Options::default(), Some("SessionsTable")).await;
        assert!(!leftovers.is_clean());
        let table = leftovers.left.iter().find(|arn| arn.ends_with("demo-lisa-chat-prod-sessionstable"));
        assert!(table.is_some(), "{leftovers}");
    });
}

#[test]
fn at_any_time_the_deployments_tags_tell_what_is_there() {
    let (config, app) = example("destroy");
    Cloud::run(async {
        let cloud = deployed(&app);
        // What an older version made has the older version's tag.
        for stack in &mut cloud.state().stacks {
            stack.tags.insert("version".to_owned(), "0.0.1".to_owned());
        }
        let world = cloud.world();
        let (_teller, told) = control::channel();
        let engine = Engine::new(&world, &Nobody, told);
        let leftovers =
            verify(&world, &config, &Removal::default(), &engine.caller()).await.expect("an answer");
        assert!(leftovers.left.len() > 100, "{}", leftovers.left.len());
        let of_vpc =
            BTreeMap::from([("one", leftovers.left.iter().any(|arn| arn.ends_with("network-prod-vpc")))]);
        assert!(of_vpc["one"]);
    });
}
