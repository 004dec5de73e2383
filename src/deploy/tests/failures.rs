//! Recorded failures: stacks' events as CloudFormation gives them, with the noise around them, and what is told of each.
//!
//! A file of `failures/` is one failure: `StackEvents` as `DescribeStackEvents` answers (newest first), or the call's
//! error, or the change set's reason; `wordsFrom` is where the wording was published; `expected` is what must be found.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;
use std::time::{Duration, Instant, SystemTime};

use lisa_config::{Config, Options, Overrides, Source};
use lisa_deploy::cause::{Around, Cause, remedies};
use lisa_deploy::outcome::StackFailure;
use lisa_deploy::ports::account::LogEvent;
use lisa_deploy::ports::cloudformation::{ResourceStatus, StackEvent};
use lisa_deploy::ports::{CallError, CallErrorKind};
use lisa_stacks::{App, Assets, synthesize};
use serde_json::Value as Json;

/// A recorded failure, by the name of its file.
struct Recorded {
    name: String,
    document: Json,
}

fn recorded() -> Vec<Recorded> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/failures");
    let files = std::fs::read_dir(folder).expect("the recorded failures are there");
    let mut paths: Vec<_> = files.map(|file| file.expect("a file").path()).collect();
    paths.sort();
    let read = |path: &std::path::PathBuf| Recorded {
        name: path.file_stem().expect("a name").to_string_lossy().into_owned(),
        document: serde_json::from_str(&std::fs::read_to_string(path).expect("text")).expect("JSON"),
    };
    paths.iter().filter(|path| path.extension().is_some_and(|ext| ext == "json")).map(read).collect()
}

impl Recorded {
    fn failure(&self) -> StackFailure {
        let text = |key: &str| self.document[key].as_str().map(str::to_owned);
        let events = self.document["StackEvents"].as_array().expect("events").iter().rev();
        StackFailure {
            stack: text("stack").expect("a stack"),
            deployed_name: text("deployedName").expect("its name"),
            status: text("status").map(|status| status.parse().expect("a status")),
            events: events.map(event).collect(),
            error: self.document.get("error").map(error),
            reason: text("reason"),
            remedy: None,
            rolled_back: false,
        }
    }

    fn cause(&self, config: &Config, app: &App) -> Cause {
        let failure = self.failure();
        let stack = app.stacks.iter().find(|stack| stack.name == failure.stack);
        assert!(stack.is_some(), "{}: no stack `{}`", self.name, failure.stack);
        Cause::of(&failure, Around { config: Some(config), stack })
    }
}

fn event(event: &Json) -> StackEvent {
    let text = |key: &str| event[key].as_str().unwrap_or_default().to_owned();
    StackEvent {
        id: text("EventId"),
        at: SystemTime::UNIX_EPOCH,
        logical_id: text("LogicalResourceId"),
        physical_id: text("PhysicalResourceId"),
        kind: text("ResourceType"),
        status: ResourceStatus::new(text("ResourceStatus")),
        reason: event["ResourceStatusReason"].as_str().map(str::to_owned),
        token: event["ClientRequestToken"].as_str().map(str::to_owned),
    }
}

fn error(error: &Json) -> CallError {
    let text = |key: &str| error[key].as_str().expect("a field of the error").to_owned();
    let actions = [
        "cloudformation:CreateChangeSet",
        "cloudformation:DeleteStack",
        "cloudformation:DescribeChangeSet",
        "cloudformation:DescribeStackEvents",
        "cloudformation:DescribeStacks",
        "cloudformation:ExecuteChangeSet",
    ];
    let kind = match text("kind").as_str() {
        "throttled" => CallErrorKind::Throttled,
        "unanswered" => CallErrorKind::Unanswered,
        "expired" => CallErrorKind::Expired,
        "denied" => CallErrorKind::Denied,
        "conflict" => CallErrorKind::Conflict,
        "invalid" => CallErrorKind::Invalid,
        other => panic!("no kind `{other}`"),
    };
    let action = actions.into_iter().find(|action| *action == text("action")).expect("a known action");
    CallError { action, kind, code: text("code"), message: text("message") }
}

fn example() -> (Config, App) {
    let source = Source { name: "config.yaml".to_owned(), text: lisa_config::example() };
    let loaded = lisa_config::load(&source, &Overrides::default(), &Options::default());
    let config = loaded.expect("the example is valid").config;
    let app = synthesize(&config, &Assets::not_built()).expect("the example can be deployed");
    (config, app)
}

#[test]
fn every_recorded_failure_is_told_by_its_resource_and_remedy() {
    let (config, app) = example();
    let recorded = recorded();
    assert!(recorded.len() >= 24, "only {} failures are recorded", recorded.len());
    let wrong: Vec<String> = recorded
        .iter()
        .filter_map(|recorded| {
            let cause = recorded.cause(&config, &app);
            let expected = &recorded.document["expected"];
            let found = (cause.logical_id.as_deref(), cause.remedy.id);
            let wanted = (expected["logicalId"].as_str(), expected["remedy"].as_str().expect("a remedy"));
            (found != wanted).then(|| format!("{}: {found:?} instead of {wanted:?}", recorded.name))
        })
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// But for the one that no service ever said, and the one that our own client says.
#[test]
fn every_wording_was_published_somewhere() {
    let is_url = |source: &Json| source.as_str().is_some_and(|source| source.starts_with("https://"));
    let published = |source: &Json| match source {
        Json::Array(sources) => !sources.is_empty() && sources.iter().all(is_url),
        source => is_url(source),
    };
    let unheard: Vec<String> = recorded()
        .into_iter()
        .filter(|recorded| !published(&recorded.document["wordsFrom"]))
        .map(|recorded| recorded.name)
        .collect();
    assert_eq!(unheard, ["no-answer", "unknown-reason"]);
}

#[test]
fn what_is_told_of_each() {
    let (config, app) = example();
    let mut told = String::new();
    for recorded in recorded() {
        writeln!(told, "--- {}\n{}", recorded.name, recorded.cause(&config, &app)).expect("text");
    }
    insta::assert_snapshot!("told", told);
}

#[test]
fn no_noise_and_no_placeholder_is_told() {
    let (config, app) = example();
    for recorded in recorded() {
        let told = recorded.cause(&config, &app).to_string();
        for noise in
            ["RequestToken", "Request ID", "HandlerErrorCode", "Status Code", "SDK Attempt", "Proxy:"]
        {
            assert!(!told.contains(noise), "{}: {noise} in {told}", recorded.name);
        }
        let placeholder = told.split_once('{').filter(|(_, rest)| rest.starts_with(char::is_lowercase));
        let is_group_size = told.contains("{current/minSize/maxSize}");
        assert!(placeholder.is_none() || is_group_size, "{}: {told}", recorded.name);
    }
}

#[test]
fn every_first_line_names_stack_and_reason_and_every_remedy_says_what_to_do() {
    let (config, app) = example();
    for recorded in recorded() {
        let cause = recorded.cause(&config, &app);
        let told = cause.to_string();
        let first = told.lines().next().expect("a line");
        assert_eq!(first, cause.headline());
        assert!(first.starts_with(&cause.stack) && first.contains(&cause.reason), "{first}");
        assert!(cause.remedy.text.ends_with('.'), "{}: {}", recorded.name, cause.remedy.text);
    }
}

#[test]
fn the_line_of_the_configuration_is_that_of_the_key() {
    let (config, app) = example();
    let text = lisa_config::example();
    let line_of = |start: &str| {
        let mut lines = text.lines().enumerate().filter(|(_, line)| line.trim_start().starts_with(start));
        lines.next().expect("the key is in the example").0 + 1
    };
    for (name, path, key) in [
        ("gpu-capacity", "ecsModels[0].instanceType", "instanceType: g5.xlarge"),
        ("bad-certificate", "restApiConfig.loadBalancerConfig.sslCertIamArn", "sslCertIamArn:"),
        ("log-group-left", "deploymentName", "deploymentName:"),
    ] {
        let recorded = recorded().into_iter().find(|recorded| recorded.name == name).expect("a failure");
        let place = recorded.cause(&config, &app).config.expect("a place");
        let location = place.location.expect("a line");
        assert_eq!((place.path.as_str(), location.line), (path, line_of(key)), "{name}");
    }
}

#[test]
fn a_reason_that_nobody_knows_is_told_word_for_word() {
    let (config, app) = example();
    let recorded =
        recorded().into_iter().find(|recorded| recorded.name == "unknown-reason").expect("the canary");
    let cause = recorded.cause(&config, &app);
    assert_eq!(cause.remedy.id, remedies::UNKNOWN);
    assert_eq!(cause.headline(), "core/AlarmTopic: The moon is in the wrong house (twice) for topics");
}

#[test]
fn a_broken_container_says_where_its_last_words_are() {
    let (config, app) = example();
    let recorded =
        recorded().into_iter().find(|recorded| recorded.name == "circuit-breaker").expect("a failure");
    let cause = recorded.cause(&config, &app);
    assert_eq!(cause.needs.as_ref().expect("a log").group, "/lisa/demo/prod/serve");
    let line = |text: &str| LogEvent {
        id: text.to_owned(),
        at: SystemTime::UNIX_EPOCH,
        stream: "serve/1".to_owned(),
        message: format!("{text}\n"),
    };
    let lines: Vec<LogEvent> = (0..20).map(|number| line(&format!("line {number}"))).collect();
    let told = cause.with_log(&lines).to_string();
    assert!(told.contains("  | line 19\n") && !told.contains("line 7\n"), "{told}");
}

#[test]
fn without_a_configuration_the_cause_is_the_same() {
    for recorded in recorded() {
        let cause = Cause::of(&recorded.failure(), Around::default());
        let expected = recorded.document["expected"]["remedy"].as_str();
        assert_eq!(Some(cause.remedy.id), expected, "{}", recorded.name);
        assert_eq!(cause.config, None, "{}", recorded.name);
    }
}

#[test]
fn each_remedy_has_one_text() {
    let mut seen = BTreeSet::new();
    let twice: Vec<_> =
        remedies::all().filter(|entry| !seen.insert(entry.id)).map(|entry| entry.id).collect();
    assert!(twice.is_empty(), "{twice:?}");
}

#[test]
fn every_remedy_has_a_recorded_failure() {
    let recorded = recorded();
    let expected: BTreeSet<&str> =
        recorded.iter().filter_map(|recorded| recorded.document["expected"]["remedy"].as_str()).collect();
    let untried: Vec<_> = remedies::all().map(|entry| entry.id).filter(|id| !expected.contains(id)).collect();
    assert!(untried.is_empty(), "{untried:?}");
}

#[test]
fn ten_thousand_events_are_judged_within_a_second() {
    let (config, app) = example();
    let recorded =
        recorded().into_iter().find(|recorded| recorded.name == "gpu-capacity").expect("a failure");
    let mut failure = recorded.failure();
    let cancelled =
        failure.events.iter().find(|event| event.reason.as_deref() == Some("Resource creation cancelled"));
    let cancelled = cancelled.expect("a sibling").clone();
    failure.events.extend(
        (0..10_000).map(|number| StackEvent {
            logical_id: format!("Resource{}", number % 500),
            ..cancelled.clone()
        }),
    );
    let stack = app.stacks.iter().find(|stack| stack.name == failure.stack);
    let start = Instant::now();
    let told = Cause::of(&failure, Around { config: Some(&config), stack }).to_string();
    assert!(start.elapsed() < Duration::from_secs(1), "{:?}", start.elapsed());
    assert!(told.starts_with("model-mistralvllm/Hosts: "), "{told}");
}
