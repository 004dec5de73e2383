//! What the tests of the engine have alike: a small application, an observer that remembers, and whole runs.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use lisa_deploy::control::{Control, channel};
use lisa_deploy::engine::Engine;
use lisa_deploy::event::{Event, Observer, StackStep};
use lisa_deploy::outcome::{Outcome, StackOutcome};
use lisa_deploy::plan::{Losses, Purpose};
use lisa_deploy::ports::cloudformation::TemplateSource;
use lisa_deploy::target::{Content, Target};
use serde_json::{Value, json};

use crate::cloud::Cloud;

/// An observer that remembers.
#[derive(Default)]
pub(crate) struct Recorder(Mutex<Vec<Event>>);

impl Observer for Recorder {
    fn on(&self, event: Event) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(event);
    }
}

impl Recorder {
    /// What it was told.
    pub(crate) fn events(&self) -> Vec<Event> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The ids of all events of resources, as they came.
    pub(crate) fn resource_events(&self) -> Vec<String> {
        let ids = self.events().into_iter().filter_map(|event| match event {
            Event::Stack { step: StackStep::Resource(event), .. } => Some(event.id),
            _ => None,
        });
        ids.collect()
    }
}

/// A stack with a table, a function that reads a parameter of each stack in `needs`, and a parameter of its own with
/// `version`.
pub(crate) fn target(name: &str, needs: &[&str], version: &str) -> Target {
    let parameters: BTreeMap<String, Value> = needs
        .iter()
        .map(|need| {
            let parameter =
                json!({"Type": "AWS::SSM::Parameter::Value<String>", "Default": format!("/demo/{need}")});
            (format!("{need}Parameter"), parameter)
        })
        .collect();
    let reads: Vec<Value> = needs.iter().map(|need| json!({"Ref": format!("{need}Parameter")})).collect();
    let template = json!({
        "Parameters": parameters,
        "Resources": {
            "Table": {"Type": "AWS::DynamoDB::Table", "Properties": {"BillingMode": "PAY_PER_REQUEST"}},
            "Function": {"Type": "AWS::Lambda::Function", "Properties": {"Description": version, "Layers": reads}},
            "Parameter": {
                "Type": "AWS::SSM::Parameter",
                "Properties": {"Type": "String", "Name": format!("/demo/{name}"), "Value": format!("{name} {version}")},
            },
        },
    });
    let text = template.to_string();
    let content = Content { template: TemplateSource::Body(text.clone()), text, ..Content::default() };
    let depends_on = needs.iter().map(|need| (*need).to_owned()).collect();
    Target { content, depends_on, ..Target::named(name, &format!("demo-{name}")) }
}

/// Four stacks in three levels.
pub(crate) fn app(version: &str) -> Vec<Target> {
    vec![
        target("core", &[], version),
        target("serve", &["core"], version),
        target("api", &["core"], version),
        target("chat", &["api", "serve"], version),
    ]
}

/// A whole deployment that nobody disturbs.
pub(crate) async fn deploy(cloud: &Arc<Cloud>, targets: &[Target]) -> Outcome {
    deploy_telling(cloud, targets, &Recorder::default(), |_| std::future::pending()).await
}

/// A whole deployment, beside somebody who can tell it something.
pub(crate) async fn deploy_telling<F: Future<Output = ()>>(
    cloud: &Arc<Cloud>,
    targets: &[Target],
    recorder: &Recorder,
    telling: impl FnOnce(tokio::sync::watch::Sender<Control>) -> F,
) -> Outcome {
    let (mouth, ear) = channel();
    let world = cloud.world();
    let engine = Engine::new(&world, recorder, ear);
    let run = async {
        match engine.prepare(targets.to_vec(), &BTreeSet::new(), Purpose::Deploy).await {
            Ok(plan) => engine.carry_out(plan, Losses::Shown).await,
            Err(outcome) => outcome,
        }
    };
    let telling = async {
        telling(mouth).await;
        std::future::pending::<()>().await;
    };
    tokio::select! {
        outcome = run => outcome,
        () = telling => unreachable!("it never ends"),
    }
}

/// Asserts that every stack is done, and returns those that changed.
pub(crate) fn done(outcome: &Outcome) -> Vec<&str> {
    let changed = outcome.stacks.iter().filter_map(|(name, outcome)| match outcome {
        StackOutcome::Done { changed, .. } => changed.then_some(name.as_str()),
        other => panic!("`{name}` is not done: {other:?}"),
    });
    changed.collect()
}
