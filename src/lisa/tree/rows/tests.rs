//! The tree of a scripted deployment, at 80 and 140 columns and without colour.

use std::time::{Duration, SystemTime};

use lisa_deploy::event::{AssetStep, Event, StackStep};
use lisa_deploy::ports::cloudformation::StackEvent;
use lisa_deploy::status::{ResourceStatus, StackStatus};

use super::super::board::Board;
use super::{last, live};
use crate::report::Look;

fn resource(id: &str, kind: &str, status: &str) -> StackStep {
    StackStep::Resource(StackEvent {
        id: String::new(),
        at: SystemTime::UNIX_EPOCH,
        logical_id: id.to_owned(),
        physical_id: String::new(),
        kind: kind.to_owned(),
        status: ResourceStatus::new(status),
        reason: None,
        token: None,
    })
}

fn board() -> Board {
    let mut board = Board::default();
    let mut at = |seconds, event| board.take(event, Duration::from_secs(seconds));
    let asset = |name: &str, step| Event::Asset { name: name.to_owned(), step };
    let stack = |name: &str, step| Event::Stack { name: name.to_owned(), step };
    at(0, asset("lisa-chat", AssetStep::Done { changed: false, sent: 0 }));
    at(1, asset("lisa-serve", AssetStep::Sending { sent: 4_000_000, total: 9_000_000 }));
    let needs = ["serve", "api"].map(str::to_owned).to_vec();
    at(1, stack("ui", StackStep::Waiting(needs)));
    for name in ["bootstrap", "core", "network"] {
        at(1, stack(name, StackStep::Planning));
        at(5, stack(name, StackStep::Done { changed: name == "core" }));
    }
    at(5, stack("serve", StackStep::Working(StackStatus::CreateInProgress)));
    at(6, stack("serve", resource("Cluster", "AWS::ECS::Cluster", "CREATE_IN_PROGRESS")));
    at(7, stack("serve", resource("Service", "AWS::ECS::Service", "CREATE_IN_PROGRESS")));
    at(8, stack("serve", resource("Alarm", "AWS::CloudWatch::Alarm", "CREATE_IN_PROGRESS")));
    at(9, stack("serve", resource("Cluster", "AWS::ECS::Cluster", "CREATE_COMPLETE")));
    at(9, stack("chat", StackStep::Failed(StackStatus::RollbackComplete)));
    at(9, stack("rag", StackStep::Skipped("chat failed".to_owned())));
    let (action, why) = ("cloudformation:DescribeStackEvents", "Rate exceeded".to_owned());
    at(10, Event::Retry { action, why, after: Duration::from_secs(4) });
    board
}

fn at(board: &Board, seconds: u64, width: usize, colour: bool) -> Vec<String> {
    live(board, Duration::from_secs(seconds), Look { colour, width })
}

#[test]
fn what_is_in_work_is_seen_at_once() {
    let rows = at(&board(), 140, 80, false);
    insta::assert_snapshot!(rows.join("\n"), @r"
    + assets      1 of 2 in place, 1 unchanged
    | lisa-serve  sending 4.0 MB of 9.0 MB
    + 3 of 7      bootstrap, core, network
    | serve       creating Service (ECS Service, 2:13, until its tasks are..   2:15
    x chat        failed, now ROLLBACK_COMPLETE                                0:00
    . ui          waits for serve, api
    - rag         not touched: chat failed
    ");
    insta::assert_snapshot!(at(&board(), 12, 140, false).join("\n"), @r"
    + assets      1 of 2 in place, 1 unchanged
    | lisa-serve  sending 4.0 MB of 9.0 MB
    + 3 of 7      bootstrap, core, network
    | serve       creating Service (ECS Service, 0:05, until its tasks are healthy), 1 more; 1 finished                                    0:07
    x chat        failed, now ROLLBACK_COMPLETE                                                                                            0:00
    . ui          waits for serve, api
    - rag         not touched: chat failed
    . retry       cloudformation:DescribeStackEvents: Rate exceeded; again in 0:02
    ");
}

#[test]
fn no_row_is_wider_than_the_terminal() {
    for width in [40, 80, 140] {
        for row in at(&board(), 12, width, false) {
            assert!(row.chars().count() < width, "{width}: {row}");
        }
    }
}

#[test]
fn without_colour_there_is_nothing_but_ascii() {
    for row in at(&board(), 12, 80, false).iter().chain(&last(
        &board(),
        Duration::ZERO,
        Look { colour: false, width: 80 },
    )) {
        assert!(row.is_ascii(), "{row}");
    }
}

#[test]
fn at_the_end_every_stack_has_a_row() {
    let rows = last(&board(), Duration::from_secs(70), Look { colour: false, width: 80 });
    insta::assert_snapshot!(rows.join("\n"), @r"
    + assets      1 of 2 in place, 1 unchanged
    | lisa-serve  sending 4.0 MB of 9.0 MB
    . ui          waits for serve, api
    + bootstrap   unchanged                                                    0:04
    + core        done                                                         0:04
    + network     unchanged                                                    0:04
    | serve       creating Service (ECS Service, 1:03, until its tasks are..   1:05
    x chat        failed, now ROLLBACK_COMPLETE                                0:00
    - rag         not touched: chat failed
    ");
}

#[test]
fn the_cause_is_told_with_the_first_event_that_shows_it_and_once() {
    let mut board = board();
    let mut told = |id: &str, reason: &str| {
        let StackStep::Resource(event) = resource(id, "AWS::ECS::Service", "CREATE_FAILED") else {
            return None;
        };
        let step = StackStep::Resource(StackEvent { reason: Some(reason.to_owned()), ..event });
        board.take(Event::Stack { name: "serve".to_owned(), step }, Duration::from_secs(20))
    };
    assert_eq!(told("Alarm", "Resource creation cancelled"), None);
    let words = "Resource handler returned message: \"It is full (Service: Ecs, Status Code: 400, Request ID: 1)\" \
                 (RequestToken: 2, HandlerErrorCode: GeneralServiceException)";
    assert_eq!(told("Service", words).as_deref(), Some("serve/Service: It is full"));
    assert_eq!(told("Other", "too"), None);
}
