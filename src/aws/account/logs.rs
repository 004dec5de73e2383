//! Lines of a log group: Amazon CloudWatch Logs.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use lisa_deploy::ports::Call;
use lisa_deploy::ports::account::LogEvent;
use lisa_signed::{Signed, service};
use serde_json::{Value, json};

use super::found;
use crate::error::signed;

/// As many events as one answer holds.
/// Source: the API reference of `FilterLogEvents`.
const LARGEST_PAGE: u32 = 10_000;

/// The events from a time on, oldest first, up to a limit.
pub(super) async fn events(
    client: &Signed,
    group: &str,
    from: SystemTime,
    limit: u32,
) -> Call<Vec<LogEvent>> {
    let since = from.duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
    let wanted = usize::try_from(limit).unwrap_or(usize::MAX);
    let mut events: Vec<LogEvent> = Vec::new();
    let mut token = Value::Null;
    while events.len() < wanted {
        let mut body = json!({
            "logGroupName": group,
            "startTime": u64::try_from(since).unwrap_or(u64::MAX),
            "limit": limit.min(LARGEST_PAGE),
        });
        if !token.is_null() {
            body["nextToken"] = token;
        }
        let answer = client.json(&service::LOGS, "FilterLogEvents", &body).await;
        let Some(answer) = found(answer.map_err(signed("logs:FilterLogEvents")))? else { break };
        events.extend(answer["events"].as_array().into_iter().flatten().map(event));
        // A page may be empty and yet not the last.
        token = answer["nextToken"].clone();
        if token.is_null() {
            break;
        }
    }
    events.sort_by_key(|event| event.at);
    events.truncate(wanted);
    Ok(events)
}

fn event(event: &Value) -> LogEvent {
    let text = |name: &str| event[name].as_str().unwrap_or_default().to_owned();
    LogEvent {
        id: text("eventId"),
        at: UNIX_EPOCH + Duration::from_millis(event["timestamp"].as_u64().unwrap_or_default()),
        stream: text("logStreamName"),
        message: text("message").trim_end().to_owned(),
    }
}
