//! Change sets as CloudFormation describes them, in recorded answers.

use lisa_deploy::ports::CloudFormation as _;
use lisa_deploy::ports::cloudformation::{ChangeAction, ChangeSet, ChangeSetState, Replacement};
use lisa_testkit::{Recorded, Replay};

use super::CloudFormation;
use crate::error::tests::session;

const VALUES: &str = "IncludePropertyValues=true";

fn described(fields: &str) -> Recorded {
    let id = "<ChangeSetId>arn:aws:cloudformation:eu-west-1:1:changeSet/a/1</ChangeSetId>";
    Recorded::new(
        200,
        format!(
            "<DescribeChangeSetResponse xmlns=\"http://cloudformation.amazonaws.com/doc/2010-05-15/\">\
             <DescribeChangeSetResult>{id}{fields}</DescribeChangeSetResult></DescribeChangeSetResponse>"
        ),
    )
}

async fn read(answers: Vec<Recorded>) -> (Option<ChangeSet>, Vec<String>) {
    let server = Replay::start(answers).unwrap();
    let port = CloudFormation::new(&session(server.url()));
    let found = port.change_set("app", "a").await.unwrap();
    (found, server.asked())
}

#[tokio::test]
async fn how_far_a_change_set_is_hangs_on_three_fields() {
    let nothing = "The submitted information didn't contain changes. Submit different information to create a change set.";
    let cases = [
        ("CREATE_IN_PROGRESS", "UNAVAILABLE", "", Some(ChangeSetState::Pending)),
        ("CREATE_COMPLETE", "AVAILABLE", "", Some(ChangeSetState::Ready)),
        ("CREATE_COMPLETE", "OBSOLETE", "", Some(ChangeSetState::Used)),
        ("CREATE_COMPLETE", "EXECUTE_COMPLETE", "", Some(ChangeSetState::Used)),
        ("FAILED", "UNAVAILABLE", nothing, Some(ChangeSetState::Empty)),
        ("FAILED", "UNAVAILABLE", "No updates are to be performed.", Some(ChangeSetState::Empty)),
        ("FAILED", "UNAVAILABLE", "Parameter /a does not exist", Some(ChangeSetState::Failed)),
        ("DELETE_IN_PROGRESS", "UNAVAILABLE", "", None),
    ];
    for (status, execution, reason, state) in cases {
        let fields = format!(
            "<Status>{status}</Status><ExecutionStatus>{execution}</ExecutionStatus><StatusReason>{reason}</StatusReason>"
        );
        let (found, _) = read(vec![described(&fields)]).await;
        assert_eq!(found.map(|set| set.state), state, "{status} {execution} {reason}");
    }
}

#[tokio::test]
async fn changes_come_over_pages_and_each_property_once() {
    let detail = |evaluation: &str, cause: &str| {
        format!(
            "<member><Evaluation>{evaluation}</Evaluation><ChangeSource>{cause}</ChangeSource><Target>\
             <Attribute>Properties</Attribute><Name>CidrBlock</Name><RequiresRecreation>Always</RequiresRecreation>\
             <BeforeValue>10.0.0.0/16</BeforeValue><AfterValue>10.1.0.0/16</AfterValue></Target></member>"
        )
    };
    let details = detail("Dynamic", "ParameterReference") + &detail("Static", "DirectModification");
    let change = |id: &str, details: &str| {
        format!(
            "<Status>CREATE_COMPLETE</Status><ExecutionStatus>AVAILABLE</ExecutionStatus><Changes><member>\
             <Type>Resource</Type><ResourceChange><Action>Modify</Action><LogicalResourceId>{id}</LogicalResourceId>\
             <ResourceType>AWS::EC2::VPC</ResourceType><Replacement>True</Replacement><Details>{details}</Details>\
             </ResourceChange></member></Changes>"
        )
    };
    let first = change("Vpc", &details) + "<NextToken>more</NextToken>";
    let (found, asked) = read(vec![described(&first), described(&change("Other", ""))]).await;
    let changes = found.unwrap().changes;
    let ids: Vec<_> = changes.iter().map(|change| change.logical_id.as_str()).collect();
    assert_eq!(ids, ["Vpc", "Other"]);
    assert_eq!((changes[0].action, changes[0].replacement), (ChangeAction::Modify, Replacement::Always));
    let [property] = changes[0].properties.as_slice() else { panic!("{changes:?}") };
    assert_eq!(property.replacement, Replacement::Always);
    assert_eq!(property.before.as_deref(), Some("10.0.0.0/16"));
    assert_eq!(property.after.as_deref(), Some("10.1.0.0/16"));
    assert!(asked[1].contains("NextToken=more"), "{asked:?}");
}

#[tokio::test]
async fn a_region_that_does_not_tell_values_is_asked_without() {
    let refusal = "<ErrorResponse><Error><Type>Sender</Type><Code>ValidationError</Code>\
        <Message>Unknown parameter: IncludePropertyValues</Message></Error></ErrorResponse>";
    let ready = "<Status>CREATE_COMPLETE</Status><ExecutionStatus>AVAILABLE</ExecutionStatus>";
    let answers = vec![Recorded::new(400, refusal), described(ready), described(ready)];
    let server = Replay::start(answers).unwrap();
    let port = CloudFormation::new(&session(server.url()));
    for _ in 0..2 {
        assert_eq!(port.change_set("app", "a").await.unwrap().unwrap().state, ChangeSetState::Ready);
    }
    let with_values: Vec<_> = server.asked().iter().map(|asked| asked.contains(VALUES)).collect();
    assert_eq!(with_values, [true, false, false], "asked once, and not again");
}

#[tokio::test]
async fn a_change_set_or_stack_that_is_not_there_is_none() {
    let refusal = |code: &str, message: &str| {
        let body = format!(
            "<ErrorResponse><Error><Code>{code}</Code><Message>{message}</Message></Error></ErrorResponse>"
        );
        Recorded::new(400, body)
    };
    let (found, _) = read(vec![refusal("ChangeSetNotFound", "ChangeSet [a] does not exist")]).await;
    assert_eq!(found, None);
    let server = Replay::start(vec![refusal("ValidationError", "Stack with id app does not exist")]).unwrap();
    assert_eq!(CloudFormation::new(&session(server.url())).stack("app").await.unwrap(), None);
}

/// What `DescribeEvents` answers: each event by its fields.
fn operation(events: &[&str]) -> Recorded {
    let members = events.iter().fold(String::new(), |all, fields| all + "<member>" + fields + "</member>");
    let body = format!("<OperationEvents>{members}</OperationEvents>");
    Recorded::new(
        200,
        format!(
            "<DescribeEventsResponse><DescribeEventsResult>{body}</DescribeEventsResult></DescribeEventsResponse>"
        ),
    )
}

fn refused_by(id: &str, mode: &str, reason: &str, place: &str) -> String {
    format!(
        "<EventId>{id}-1</EventId><OperationId>o-2</OperationId><EventType>VALIDATION_ERROR</EventType>\
         <LogicalResourceId>{id}</LogicalResourceId><ResourceType>AWS::Lambda::Function</ResourceType>\
         <Timestamp>2026-11-20T09:14:22Z</Timestamp><ValidationFailureMode>{mode}</ValidationFailureMode>\
         <ValidationStatus>FAILED</ValidationStatus><ValidationStatusReason>{reason}</ValidationStatusReason>{place}"
    )
}

const REFERENCE: &str = "<Status>FAILED</Status><ExecutionStatus>UNAVAILABLE</ExecutionStatus><StatusReason>The following \
    hook(s)/validation failed: [AWS::EarlyValidation::ResourceExistenceCheck]. To troubleshoot Early Validation errors, \
    use the DescribeEvents API for detailed failure information.</StatusReason>";

#[tokio::test]
async fn what_was_refused_before_anything_was_made_is_told_by_its_resource() {
    let taken =
        "Resource of type 'AWS::Lambda::Function' with identifier 'my-lambda-function' already exists.";
    let events = [
        refused_by("Function", "FAIL", taken, ""),
        refused_by(
            "Other",
            "FAIL",
            "Required property [Role] not found",
            "<ValidationPath>/Resources/Other/Properties</ValidationPath>",
        ),
        refused_by("Bucket", "WARN", "The bucket is not empty", ""),
        "<EventId>stack-1</EventId><EventType>STACK_EVENT</EventType><OperationStatus>FAILED</OperationStatus>".to_owned(),
    ];
    let events: Vec<&str> = events.iter().map(String::as_str).collect();
    let (found, asked) = read(vec![described(REFERENCE), operation(&events)]).await;
    let expected = format!(
        "{taken} (at /Resources/Function)\nRequired property [Role] not found (at /Resources/Other/Properties)"
    );
    assert_eq!(found.unwrap().reason, Some(expected));
    assert!(asked[1].contains("Action=DescribeEvents"), "{}", asked[1]);
    assert!(asked[1].contains("changeSet%2Fa%2F1") && asked[1].contains("FailedEvents=true"), "{}", asked[1]);
}

#[tokio::test]
async fn who_may_not_read_the_particulars_is_told_so_beside_the_reason() {
    let refusal = "<ErrorResponse><Error><Code>AccessDenied</Code><Message>not for you</Message></Error></ErrorResponse>";
    let (found, _) = read(vec![described(REFERENCE), Recorded::new(403, refusal)]).await;
    let reason = found.unwrap().reason.unwrap();
    assert!(reason.starts_with("The following hook(s)/validation failed"), "{reason}");
    let refused = "\n`cloudformation:DescribeEvents` was refused with AccessDenied: not for you";
    assert!(reason.ends_with(refused), "{reason}");
}
