//! Removals: order, what is kept, what is emptied, what hinders, and what is left behind only when told.

mod faults;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use bytes::Bytes;
use lisa_config::{Config, Options, Overrides, Source};
use lisa_deploy::cause::{Around, Cause};
use lisa_deploy::control;
use lisa_deploy::destroy::{self, Kept, Leave, Left, PlanError, Removal, Removed, Wanted};
use lisa_deploy::engine::Engine;
use lisa_deploy::event::{Event, Observer};
use lisa_deploy::outcome::{Meaning, StackOutcome};
use lisa_deploy::ports::objects::{Body, NewObject};
use lisa_deploy::ports::registry::StoredImage;
use lisa_deploy::status::StackStatus;
use lisa_stacks::{App, Assets, Naming, synthesize};
use serde_json::json;

use crate::cloud::{Cloud, FakeResource, On, Stored};

/// Nobody watches.
pub(crate) struct Nobody;

impl Observer for Nobody {
    fn on(&self, _event: Event) {}
}

/// The example's configuration with another removal policy, and its stacks.
pub(crate) fn example(policy: &str) -> (Config, App) {
    let text = lisa_config::example().replace("removalPolicy: destroy", &format!("removalPolicy: {policy}"));
    let source = Source { name: "config.yaml".to_owned(), text };
    let loaded = lisa_config::load(&source, &Overrides::default(), &Options::default());
    let config = loaded.expect("the example is valid").config;
    let app = synthesize(&config, &Assets::not_built()).expect("the example can be deployed");
    (config, app)
}

/// A cloud in which all of the app's stacks are deployed.
pub(crate) fn deployed(app: &App) -> Arc<Cloud> {
    let cloud = Cloud::new();
    for stack in &app.stacks {
        add(&cloud, &stack.deployed_name, &stack.template.to_json(), &stack.tags);
    }
    cloud
}

fn add(cloud: &Cloud, name: &str, template: &serde_json::Value, tags: &BTreeMap<String, String>) {
    let mut state = cloud.state();
    let id = state.shell(name, StackStatus::CreateComplete);
    let resources = template["Resources"].as_object().expect("resources");
    let mut stores = Vec::new();
    for (logical_id, body) in resources {
        let physical_id = format!("{name}-{logical_id}").to_lowercase();
        stores.push((body["Type"].clone(), physical_id.clone()));
        let resource = FakeResource { physical_id, body: body.clone() };
        let stack = state.stack(&id).expect("the stack");
        stack.resources.insert(logical_id.clone(), resource);
        (stack.template, stack.tags) = (template.to_string(), tags.clone());
    }
    for (kind, physical_id) in stores {
        if kind == "AWS::S3::Bucket" {
            state.objects.insert(physical_id, BTreeMap::new());
        } else if kind == "AWS::ECR::Repository" {
            state.images.insert(physical_id, Vec::new());
        }
    }
}

fn fill(cloud: &Cloud, bucket: &str) {
    let object = NewObject {
        bucket: bucket.to_owned(),
        key: "a.pdf".to_owned(),
        body: Body::Bytes(Bytes::from_static(b"a")),
        content_type: "application/pdf".to_owned(),
        content_encoding: None,
        cache_control: None,
        metadata: BTreeMap::new(),
    };
    let stored = Stored { bytes: Bytes::from_static(b"a"), object };
    cloud.state().objects.entry(bucket.to_owned()).or_default().insert("a.pdf".to_owned(), stored);
}

fn wanted<'a>(config: &'a Config, app: &'a App, only: &'a BTreeSet<String>) -> Wanted<'a> {
    Wanted { config, stacks: &app.stacks, only }
}

async fn plan(cloud: &Arc<Cloud>, config: &Config, app: &App, only: &[&str]) -> Result<Removal, PlanError> {
    let world = cloud.world();
    let (_teller, told) = control::channel();
    let engine = Engine::new(&world, &Nobody, told);
    let only = only.iter().map(|name| (*name).to_owned()).collect();
    destroy::plan(&world, &wanted(config, app, &only), &engine.caller()).await
}

async fn run(cloud: &Arc<Cloud>, removal: &Removal, options: destroy::Options) -> Removed {
    let world = cloud.world();
    let (_teller, told) = control::channel();
    destroy::run(&Engine::new(&world, &Nobody, told), removal, options).await
}

/// The stacks in the order in which they were gone.
fn gone(cloud: &Cloud) -> Vec<String> {
    let state = cloud.state();
    let mut gone: Vec<_> = state
        .stacks
        .iter()
        .filter(|stack| stack.status == StackStatus::DeleteComplete)
        .map(|stack| (stack.events.last().expect("an event").at, stack.name.clone()))
        .collect();
    gone.sort();
    gone.into_iter().map(|(_, name)| name).collect()
}

#[test]
fn all_stacks_go_models_first_and_each_before_what_it_needs() {
    let (config, app) = example("destroy");
    Cloud::run(async {
        let cloud = deployed(&app);
        let removal = plan(&cloud, &config, &app, &[]).await.expect("a plan");
        assert_eq!(removal.stacks.len(), app.stacks.len());
        let removed = run(&cloud, &removal, destroy::Options::default()).await;
        assert_eq!(removed.outcome.meaning(), Meaning::Done, "{:#?}", removed.outcome);
        let gone = gone(&cloud);
        assert_eq!(gone.len(), app.stacks.len());
        let place = |name: &str| gone.iter().position(|gone| gone == name).expect("it is gone");
        for stack in &app.stacks {
            for needed in &stack.depends_on {
                let needed = app.stacks.iter().find(|other| other.name == *needed).expect("it is there");
                assert!(place(&stack.deployed_name) < place(&needed.deployed_name), "{}", stack.name);
            }
        }
        let naming = Naming::new(&config);
        assert!(place("demo-mistral-vllm") < place(&naming.stack("models")));
        assert!(cloud.state().violations.is_empty());
    });
}

#[test]
fn a_model_that_came_in_by_the_api_goes_too_and_another_deployments_stack_stays() {
    let (config, app) = example("destroy");
    Cloud::run(async {
        let cloud = deployed(&app);
        let template = json!({ "Resources": { "Hosts": { "Type": "AWS::AutoScaling::AutoScalingGroup" } } });
        let group = |value: &str| BTreeMap::from([("ModelSecurityGroupId".to_owned(), value.to_owned())]);
        let naming = Naming::new(&config);
        let others = [
            ("demo-Llama-3", group(&naming.parameter("modelSecurityGroupId"))),
            ("demo-eu-lisa-core-prod", BTreeMap::new()),
            ("demo-eu-llama", group("/prod/demo-eu/lisa/modelSecurityGroupId")),
            ("demo-dashboard", BTreeMap::from([("Url".to_owned(), naming.parameter("lisaServeRestApiUri"))])),
        ];
        for (name, parameters) in others {
            add(&cloud, name, &template, &BTreeMap::new());
            cloud.state().stack(name).expect("it is there").parameters = parameters;
        }
        let removal = plan(&cloud, &config, &app, &[]).await.expect("a plan");
        let names: Vec<&str> = removal.stacks.iter().map(|stack| stack.name.as_str()).collect();
        assert!(names.contains(&"model-llama3"), "{names:?}");
        assert_eq!(names.len(), app.stacks.len() + 1, "{names:?}");
    });
}

#[test]
fn a_stack_that_the_configuration_leaves_out_by_now_is_found() {
    let (config, mut app) = example("destroy");
    Cloud::run(async {
        let cloud = deployed(&app);
        app.stacks.retain(|stack| stack.name != "rag" && stack.name != "ui");
        let removal = plan(&cloud, &config, &app, &[]).await.expect("a plan");
        let place = |name: &str| removal.stacks.iter().position(|stack| stack.name == name);
        assert!(place("rag").is_some() && place("rag") < place("network"));
        assert!(place("ui").is_some() && place("ui") < place("api"));
    });
}

#[test]
fn what_is_asked_for_may_not_be_needed_by_what_stays() {
    let (config, app) = example("destroy");
    Cloud::run(async {
        let cloud = deployed(&app);
        let refused = plan(&cloud, &config, &app, &["network"]).await.expect_err("others need it");
        assert!(
            matches!(&refused, PlanError::Needed { stack, by } if stack == "network" && by.len() > 3),
            "{refused}"
        );
        let removal = plan(&cloud, &config, &app, &["chat"]).await.expect("nothing needs it");
        assert_eq!(removal.stacks.len(), 1);
        let removed = run(&cloud, &removal, destroy::Options::default()).await;
        assert_eq!(removed.outcome.meaning(), Meaning::Done);
        assert_eq!(gone(&cloud), [Naming::new(&config).stack("chat")]);
    });
}

#[test]
fn what_the_policy_keeps_is_named_with_its_physical_id() {
    let (config, app) = example("retain");
    Cloud::run(async {
        let cloud = deployed(&app);
        let removal = plan(&cloud, &config, &app, &[]).await.expect("a plan");
        let kept = |id: &str| removal.kept.iter().find(|kept| kept.thing.logical_id == id);
        let Kept { thing, left } = kept("DocumentsBucket").expect("documents are kept");
        assert_eq!((thing.stack.as_str(), *left), ("rag", Left::Resource));
        assert_eq!(thing.physical_id, "demo-lisa-rag-prod-documentsbucket");
        assert!(kept("DataKey").is_some() && kept("SessionsTable").is_some());
        assert!(removal.stores.iter().all(|store| store.thing.logical_id != "DocumentsBucket"));
        insta::assert_snapshot!("kept", removal);
    });
}

#[test]
fn keys_end_after_a_time_and_protected_resources_are_named() {
    let (config, app) = example("destroy");
    let (_, guarded) = example("retain");
    Cloud::run(async {
        let removal = plan(&deployed(&app), &config, &app, &[]).await.expect("a plan");
        assert!(removal.ending.iter().any(|thing| thing.kind == "AWS::KMS::Key"));
        assert_eq!(removal.guarded, []);
        let removal = plan(&deployed(&guarded), &config, &guarded, &[]).await.expect("a plan");
        let kinds: Vec<&str> = removal.guarded.iter().map(|thing| thing.kind.as_str()).collect();
        assert!(kinds.contains(&"AWS::ElasticLoadBalancingV2::LoadBalancer"), "{kinds:?}");
        assert_eq!(removal.blocked().count(), 0, "nothing with data is protected and not kept");
    });
}

#[test]
fn what_holds_nothing_is_protected_no_more_once_the_removal_is_agreed_to() {
    let (config, app) = example("retain");
    Cloud::run(async {
        let cloud = deployed(&app);
        let removal = plan(&cloud, &config, &app, &[]).await.expect("a plan");
        let balancers: BTreeSet<String> =
            removal.guarded.iter().map(|thing| thing.physical_id.clone()).collect();
        assert!(!balancers.is_empty() && cloud.state().unprotected.is_empty(), "a plan changes nothing");
        let removed = run(&cloud, &removal, destroy::Options::default()).await;
        assert_eq!(removed.outcome.meaning(), Meaning::Done, "{:#?}", removed.outcome);
        assert_eq!(cloud.state().unprotected, balancers);
        let kept = removal.kept.iter().filter(|kept| balancers.contains(&kept.thing.physical_id));
        assert_eq!(kept.count(), 0);
    });
}

const FULL: &str = "The bucket you tried to delete is not empty (Service: Amazon S3; Status Code: 409; Error Code: \
                    BucketNotEmpty; Request ID: 05044094997D7A1F)";

#[test]
fn a_full_bucket_stops_its_stack_and_those_that_it_needs_and_nothing_is_deleted_from_it() {
    let (config, app) = example("destroy");
    Cloud::run(async {
        let (cloud, bucket) = (deployed(&app), "demo-lisa-rag-prod-documentsbucket");
        fill(&cloud, bucket);
        cloud.fail("demo-lisa-rag-prod", "DocumentsBucket", On::Delete, FULL);
        let removal = plan(&cloud, &config, &app, &[]).await.expect("a plan");
        let full: Vec<&str> = removal.full().map(|store| store.thing.physical_id.as_str()).collect();
        assert_eq!(full, [bucket]);
        let removed = run(&cloud, &removal, destroy::Options::default()).await;
        let failure = removed.outcome.failures().next().expect("a failure");
        assert_eq!(failure.stack, "rag");
        let cause = Cause::of(failure, Around::default());
        assert_eq!(cause.remedy.id, "bucket-not-empty");
        assert!(matches!(removed.outcome.stacks["network"], StackOutcome::Skipped { .. }));
        assert!(matches!(removed.outcome.stacks["chat"], StackOutcome::Done { changed: true, .. }));
        assert_eq!(removed.outcome.meaning(), Meaning::NeedsAction);
        assert_eq!(cloud.state().objects[bucket].len(), 1);
    });
}

#[test]
fn buckets_and_repositories_are_emptied_when_told() {
    let (config, app) = example("destroy");
    Cloud::run(async {
        let (cloud, bucket) = (deployed(&app), "demo-lisa-rag-prod-documentsbucket");
        fill(&cloud, bucket);
        let image = StoredImage { digest: "sha256:1".to_owned(), tags: Vec::new(), size: 1 };
        let repositories: Vec<String> = cloud.state().images.keys().cloned().collect();
        for images in cloud.state().images.values_mut() {
            images.push(image.clone());
        }
        assert!(!repositories.is_empty());
        let removal = plan(&cloud, &config, &app, &[]).await.expect("a plan");
        let options = destroy::Options { empty: true, ..destroy::Options::default() };
        let removed = run(&cloud, &removal, options).await;
        assert_eq!(removed.outcome.meaning(), Meaning::Done, "{:#?}", removed.outcome);
        assert!(removed.emptied.iter().any(|emptied| emptied.name == bucket && emptied.items == 1));
        assert_eq!(cloud.state().objects[bucket].len(), 0);
    });
}

#[test]
fn interfaces_of_functions_are_waited_for() {
    const IN_USE: &str = "resource sg-0b8b2fcf05a0509b6 has a dependent object (Service: Ec2, Status Code: 400, Request ID: 1)";
    let (config, app) = example("destroy");
    Cloud::run(async {
        let cloud = deployed(&app);
        cloud.fail("demo-lisa-network-prod", "LambdaSecurityGroup", On::Delete, IN_USE);
        let removal = plan(&cloud, &config, &app, &[]).await.expect("a plan");
        let mending = async {
            loop {
                tokio::time::sleep(std::time::Duration::from_secs(30)).await;
                if cloud
                    .state()
                    .stack("demo-lisa-network-prod")
                    .is_some_and(|stack| stack.status == StackStatus::DeleteFailed)
                {
                    tokio::time::sleep(std::time::Duration::from_secs(100)).await;
                    cloud.mend();
                    return;
                }
            }
        };
        let (removed, ()) = tokio::join!(run(&cloud, &removal, destroy::Options::default()), mending);
        assert_eq!(removed.outcome.meaning(), Meaning::Done, "{:#?}", removed.outcome);
    });
}

#[test]
fn what_cannot_be_deleted_is_left_behind_only_when_told() {
    const KEPT: &str = "Resource cannot be deleted for a reason of its own";
    let (config, app) = example("destroy");
    for leave in [Leave::Nothing, Leave::Failed, Leave::Anything] {
        Cloud::run(async {
            let cloud = deployed(&app);
            cloud.fail("demo-lisa-chat-prod", "SessionsTable", On::Delete, KEPT);
            let removal = plan(&cloud, &config, &app, &["chat"]).await.expect("a plan");
            let options = destroy::Options { leave, ..destroy::Options::default() };
            let removed = run(&cloud, &removal, options).await;
            let left: Vec<&str> = removed.left.iter().map(|thing| thing.physical_id.as_str()).collect();
            if leave == Leave::Nothing {
                assert_eq!((removed.outcome.meaning(), left), (Meaning::NeedsAction, vec![]));
            } else {
                assert_eq!(removed.outcome.meaning(), Meaning::Done, "{:#?}", removed.outcome);
                assert_eq!(left, ["demo-lisa-chat-prod-sessionstable"]);
            }
        });
    }
}

#[test]
fn protection_is_lifted_only_when_told() {
    let (config, app) = example("destroy");
    for unprotect in [false, true] {
        Cloud::run(async {
            let (cloud, bucket) = (deployed(&app), "demo-lisa-rag-prod-documentsbucket");
            fill(&cloud, bucket);
            cloud.state().stack("demo-lisa-rag-prod").expect("it is there").protected = true;
            let removal = plan(&cloud, &config, &app, &["rag"]).await.expect("a plan");
            assert!(removal.stacks[0].protected);
            let options = destroy::Options { unprotect, empty: true, ..destroy::Options::default() };
            let removed = run(&cloud, &removal, options).await;
            let is_done = removed.outcome.meaning() == Meaning::Done;
            assert_eq!(is_done, unprotect);
            assert_eq!(
                cloud.state().objects[bucket].is_empty(),
                unprotect,
                "a stack that stays keeps what it has"
            );
        });
    }
}
