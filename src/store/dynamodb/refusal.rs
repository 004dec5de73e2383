//! What DynamoDB's refusals mean.

use lisa_signed::{Error as Refusal, Why};
use serde_json::Value;

use super::retry;
use crate::error::{Error, Reason};

/// The words by which DynamoDB says that an item is too large.
const TOO_LARGE: &str = "Item size";

/// The error that a refusal stands for.
pub(super) fn read(table: &str, refusal: Refusal) -> Error {
    let table = table.to_owned();
    if refusal.why == Why::Unanswered {
        return Error::Unanswered { table, message: refusal.message };
    }
    match refusal.code.as_str() {
        "ConditionalCheckFailedException" => Error::ConditionFailed { table },
        "TransactionCanceledException" => Error::Cancelled { table, reasons: reasons(&refusal) },
        "TransactionConflictException" => Error::Cancelled { table, reasons: vec![Some(Reason::Conflict)] },
        "ValidationException" if refusal.message.contains(TOO_LARGE) => Error::TooLarge { table },
        _ if retry::is_busy(&refusal) => Error::Busy { table, message: refusal.message },
        _ => Error::Refused { table, source: Box::new(refusal) },
    }
}

/// One entry per write. Where the body does not list them, the message still does: `[None, ConditionalCheckFailed]`.
fn reasons(refusal: &Refusal) -> Vec<Option<Reason>> {
    let body: Value = serde_json::from_slice(&refusal.body).unwrap_or_default();
    if let Some(listed) = body["CancellationReasons"].as_array() {
        let text = |reason: &Value, name| reason[name].as_str().unwrap_or_default().to_owned();
        return listed
            .iter()
            .map(|reason| self::reason(&text(reason, "Code"), &text(reason, "Message")))
            .collect();
    }
    let within = refusal.message.rsplit_once('[').and_then(|(_, rest)| rest.split(']').next());
    within.into_iter().flat_map(|codes| codes.split(',')).map(|code| reason(code.trim(), "")).collect()
}

fn reason(code: &str, message: &str) -> Option<Reason> {
    match code {
        "" | "None" => None,
        "ConditionalCheckFailed" => Some(Reason::ConditionFailed),
        "TransactionConflict" => Some(Reason::Conflict),
        code if message.is_empty() => Some(Reason::Other(code.to_owned())),
        code => Some(Reason::Other(format!("{code}: {message}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(code: &str, message: &str, body: &'static str) -> Refusal {
        let (action, code, message) = ("dynamodb:X".to_owned(), code.to_owned(), message.to_owned());
        Refusal { action, why: Why::Refused, status: Some(400), code, message, body: body.into() }
    }

    #[test]
    fn reasons_come_from_the_body_and_else_from_the_message() {
        let told = "Transaction cancelled, please refer cancellation reasons for specific reasons \
                    [None, ConditionalCheckFailed, TransactionConflict]";
        let body = r#"{"CancellationReasons":[{"Code":"None"},{"Code":"ConditionalCheckFailed"},{"Code":"ValidationError","Message":"why"}]}"#;
        let Error::Cancelled { reasons, .. } = read("t", refusal("TransactionCanceledException", told, body))
        else {
            panic!("another error")
        };
        let why = Reason::Other("ValidationError: why".to_owned());
        assert_eq!(reasons, [None, Some(Reason::ConditionFailed), Some(why)]);
        let error = read("t", refusal("TransactionCanceledException", told, "{}"));
        assert!(error.is_condition() && !error.is_passing(), "{error}");
        assert!(error.to_string().contains("write 2 (its condition does not hold)"), "{error}");
    }

    #[test]
    fn refusals_are_told_apart() {
        let read = |code, message| read("t", refusal(code, message, ""));
        assert!(read("ConditionalCheckFailedException", "").is_condition());
        assert!(read("ThrottlingException", "").is_passing());
        let large = read("ValidationException", "Item size has exceeded the maximum allowed size");
        assert!(matches!(large, Error::TooLarge { .. }));
        assert!(matches!(read("AccessDeniedException", ""), Error::Refused { .. }));
    }
}
