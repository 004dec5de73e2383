//! A scripted deployment, as a log shows it and as a program reads it.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use lisa_deploy::event::{AssetStep, Event, Observer, StackStep};
use lisa_deploy::ports::cloudformation::StackEvent;
use lisa_deploy::status::{ResourceStatus, StackStatus};

use super::{Elapsed, JsonLines, Lines, Sink};

fn stack(name: &str, step: StackStep) -> Event {
    Event::Stack { name: name.to_owned(), step }
}

fn resource(status: &str, reason: Option<&str>) -> StackStep {
    StackStep::Resource(StackEvent {
        id: "1".to_owned(),
        at: SystemTime::UNIX_EPOCH,
        logical_id: "Service".to_owned(),
        physical_id: String::new(),
        kind: "AWS::ECS::Service".to_owned(),
        status: ResourceStatus::new(status),
        reason: reason.map(str::to_owned),
        token: None,
    })
}

fn script() -> Vec<Event> {
    let asset = |step| Event::Asset { name: "lisa-serve".to_owned(), step };
    vec![
        asset(AssetStep::Building("COPY lisa-serve /".to_owned())),
        asset(AssetStep::Sending { sent: 1_000_000, total: 12_345_678 }),
        asset(AssetStep::Sending { sent: 2_000_000, total: 12_345_678 }),
        asset(AssetStep::Done { changed: true, sent: 12_345_678 }),
        stack("api", StackStep::Waiting(vec!["core".to_owned(), "network".to_owned()])),
        stack("serve", StackStep::Working(StackStatus::CreateInProgress)),
        stack("serve", StackStep::Working(StackStatus::CreateInProgress)),
        stack("serve", resource("CREATE_IN_PROGRESS", None)),
        Event::Retry {
            action: "cloudformation:DescribeStacks",
            why: "Rate exceeded".to_owned(),
            after: Duration::from_millis(1500),
        },
        stack("serve", resource("CREATE_FAILED", Some("no capacity"))),
        stack("serve", StackStep::Failed(StackStatus::RollbackComplete)),
        stack("api", StackStep::Skipped("serve failed".to_owned())),
        stack("core", StackStep::Done { changed: false }),
        Event::Ready { what: "serve".to_owned(), url: "https://x/health".to_owned(), status: None },
        Event::Ready { what: "serve".to_owned(), url: "https://x/health".to_owned(), status: Some(200) },
        Event::Note("the key of litellmConfig was written".to_owned()),
    ]
}

/// What an observer writes of the script, each event a second after the one before.
fn written(observer: impl FnOnce(Elapsed, Sink) -> Box<dyn Observer>) -> String {
    let (seconds, text) = (Arc::new(AtomicU64::new(0)), Arc::new(Mutex::new(String::new())));
    let (time, page) = (seconds.clone(), text.clone());
    let elapsed = Box::new(move || Duration::from_secs(time.fetch_add(1, Ordering::Relaxed)));
    let sink = Box::new(move |line: &str| page.lock().expect("a page").extend([line, "\n"]));
    let observer = observer(elapsed, sink);
    for event in script() {
        observer.on(event);
    }
    let text = text.lock().expect("a page");
    text.clone()
}

#[test]
fn a_log_has_a_line_per_event_and_none_twice() {
    let text = written(|elapsed, sink| Box::new(Lines::new(elapsed, sink)));
    insta::assert_snapshot!(text, @r"
    0:00  lisa-serve: building: COPY lisa-serve /
    0:01  lisa-serve: sending 1.0 MB of 12.3 MB
    0:03  lisa-serve: in place, 12.3 MB sent
    0:04  api: waits for core, network
    0:05  serve: CREATE_IN_PROGRESS
    0:07  serve: CREATE_IN_PROGRESS Service (AWS::ECS::Service)
    0:08  cloudformation:DescribeStacks: Rate exceeded; again in 1.5 s
    0:09  serve: CREATE_FAILED Service (AWS::ECS::Service): no capacity
    0:10  serve: failed, now ROLLBACK_COMPLETE
    0:11  api: not touched: serve failed
    0:12  core: unchanged
    0:13  serve: https://x/health does not answer yet
    0:14  serve: https://x/health answers 200
    0:15  the key of litellmConfig was written
    ");
}

#[test]
fn a_program_reads_every_event() {
    let text = written(|elapsed, sink| Box::new(JsonLines::new(elapsed, sink)));
    assert_eq!(text.lines().count(), script().len());
    insta::assert_snapshot!(text, @r#"
    {"asset":"lisa-serve","event":"asset","says":"COPY lisa-serve /","seconds":0.0,"state":"building"}
    {"asset":"lisa-serve","event":"asset","seconds":1.0,"sent":1000000,"state":"sending","total":12345678}
    {"asset":"lisa-serve","event":"asset","seconds":2.0,"sent":2000000,"state":"sending","total":12345678}
    {"asset":"lisa-serve","changed":true,"event":"asset","seconds":3.0,"sent":12345678,"state":"done"}
    {"event":"stack","for":["core","network"],"seconds":4.0,"stack":"api","state":"waiting"}
    {"event":"stack","seconds":5.0,"stack":"serve","state":"working","status":"CREATE_IN_PROGRESS"}
    {"event":"stack","seconds":6.0,"stack":"serve","state":"working","status":"CREATE_IN_PROGRESS"}
    {"event":"stack","resource":{"id":"1","kind":"AWS::ECS::Service","logicalId":"Service","physicalId":"","reason":null,"status":"CREATE_IN_PROGRESS","token":null},"seconds":7.0,"stack":"serve","state":"resource"}
    {"action":"cloudformation:DescribeStacks","afterSeconds":1.5,"event":"retry","seconds":8.0,"why":"Rate exceeded"}
    {"event":"stack","resource":{"id":"1","kind":"AWS::ECS::Service","logicalId":"Service","physicalId":"","reason":"no capacity","status":"CREATE_FAILED","token":null},"seconds":9.0,"stack":"serve","state":"resource"}
    {"event":"stack","seconds":10.0,"stack":"serve","state":"failed","status":"ROLLBACK_COMPLETE"}
    {"event":"stack","seconds":11.0,"stack":"api","state":"skipped","why":"serve failed"}
    {"changed":false,"event":"stack","seconds":12.0,"stack":"core","state":"done"}
    {"event":"ready","part":"serve","seconds":13.0,"status":null,"url":"https://x/health"}
    {"event":"ready","part":"serve","seconds":14.0,"status":200,"url":"https://x/health"}
    {"event":"note","note":"the key of litellmConfig was written","seconds":15.0}
    "#);
}
