//! Events, times and amounts in words.

use std::time::Duration;

use lisa_deploy::event::{AssetStep, Event, StackStep};
use lisa_deploy::ports::cloudformation::StackEvent;
use serde_json::{Value, json};

/// What an event says, as one line; the part it is about comes first.
pub(super) fn line(event: &Event) -> String {
    match event {
        Event::Asset { name, step } => format!("{name}: {}", asset(step)),
        Event::Stack { name, step } => format!("{name}: {}", stack(step)),
        Event::Ready { what, url, status: Some(status) } => format!("{what}: {url} answers {status}"),
        Event::Ready { what, url, status: None } => format!("{what}: {url} does not answer yet"),
        Event::Retry { action, why, after } => {
            format!("{action}: {why}; again in {:.1} s", after.as_secs_f32())
        }
        Event::Note(note) => note.clone(),
    }
}

/// How far an asset is.
pub(crate) fn asset(step: &AssetStep) -> String {
    match step {
        AssetStep::Building(says) if says.is_empty() => "building".to_owned(),
        AssetStep::Building(says) => format!("building: {says}"),
        AssetStep::Sending { sent, total } => format!("sending {} of {}", bytes(*sent), bytes(*total)),
        AssetStep::Done { changed: false, .. } => "unchanged".to_owned(),
        AssetStep::Done { changed: true, sent } => format!("in place, {} sent", bytes(*sent)),
        AssetStep::Failed(why) => format!("failed: {why}"),
    }
}

/// How far a stack is.
fn stack(step: &StackStep) -> String {
    match step {
        StackStep::Waiting(stacks) => format!("waits for {}", stacks.join(", ")),
        StackStep::Planning => "plans its changes".to_owned(),
        StackStep::Working(status) => status.to_string(),
        StackStep::Resource(event) => resource(event),
        StackStep::Done { changed: true } => "done".to_owned(),
        StackStep::Done { changed: false } => "unchanged".to_owned(),
        StackStep::Failed(status) => format!("failed, now {status}"),
        StackStep::Skipped(why) => format!("not touched: {why}"),
    }
}

fn resource(event: &StackEvent) -> String {
    let StackEvent { logical_id, kind, status, reason, .. } = event;
    let status = status.as_str();
    match reason.as_deref().filter(|reason| !reason.is_empty()) {
        Some(reason) => format!("{status} {logical_id} ({kind}): {reason}"),
        None => format!("{status} {logical_id} ({kind})"),
    }
}

/// An event as data: `event`, what it is about, and what there is of `state`, `status`, `resource` and numbers.
pub(super) fn data(event: &Event) -> Value {
    match event {
        Event::Asset { name, step } => {
            let (state, more) = match step {
                AssetStep::Building(says) => ("building", json!({ "says": says })),
                AssetStep::Sending { sent, total } => ("sending", json!({ "sent": sent, "total": total })),
                AssetStep::Done { changed, sent } => ("done", json!({ "changed": changed, "sent": sent })),
                AssetStep::Failed(why) => ("failed", json!({ "why": why })),
            };
            joined(json!({ "event": "asset", "asset": name, "state": state }), more)
        }
        Event::Stack { name, step } => {
            let (state, more) = match step {
                StackStep::Waiting(stacks) => ("waiting", json!({ "for": stacks })),
                StackStep::Planning => ("planning", json!({})),
                StackStep::Working(status) => ("working", json!({ "status": status })),
                StackStep::Resource(event) => ("resource", json!({ "resource": event })),
                StackStep::Done { changed } => ("done", json!({ "changed": changed })),
                StackStep::Failed(status) => ("failed", json!({ "status": status })),
                StackStep::Skipped(why) => ("skipped", json!({ "why": why })),
            };
            joined(json!({ "event": "stack", "stack": name, "state": state }), more)
        }
        Event::Ready { what, url, status } => {
            json!({ "event": "ready", "part": what, "url": url, "status": status })
        }
        Event::Retry { action, why, after } => {
            json!({ "event": "retry", "action": action, "why": why, "afterSeconds": after.as_secs_f32() })
        }
        Event::Note(note) => json!({ "event": "note", "note": note }),
    }
}

fn joined(mut one: Value, more: Value) -> Value {
    if let (Some(one), Value::Object(more)) = (one.as_object_mut(), more) {
        one.extend(more);
    }
    one
}

/// `0:07`, `12:30`, `1:02:30`.
pub(crate) fn clock(time: Duration) -> String {
    let seconds = time.as_secs();
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if hours > 0 { format!("{hours}:{minutes:02}:{seconds:02}") } else { format!("{minutes}:{seconds:02}") }
}

/// An amount of bytes: `900 B`, `12.3 kB`, `1.2 GB`.
#[expect(clippy::cast_precision_loss, reason = "three digits are shown")]
pub(crate) fn bytes(amount: u64) -> String {
    const UNITS: [&str; 4] = ["kB", "MB", "GB", "TB"];
    if amount < 1000 {
        return format!("{amount} B");
    }
    let mut value = amount as f64 / 1000.0;
    let mut unit = UNITS[0];
    for larger in &UNITS[1..] {
        if value < 999.95 {
            break;
        }
        value /= 1000.0;
        unit = larger;
    }
    format!("{value:.1} {unit}")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{bytes, clock};

    #[test]
    fn amounts_are_read_at_a_glance() {
        let amounts = [0, 999, 1000, 12_345, 999_949, 999_950, 40_100_000, 1_200_000_000];
        let expected = ["0 B", "999 B", "1.0 kB", "12.3 kB", "999.9 kB", "1.0 MB", "40.1 MB", "1.2 GB"];
        assert_eq!(amounts.map(bytes), expected);
        assert_eq!(
            [7, 750, 3750].map(|seconds| clock(Duration::from_secs(seconds))),
            ["0:07", "12:30", "1:02:30"]
        );
    }
}
