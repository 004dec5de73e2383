//! The cause where a call failed: refused, unanswered, or wrong.

use super::clean::Cleaned;
use super::{Around, Cause, Moment, Remedy, facts, place, remedies};
use crate::ports::{CallError, CallErrorKind};

/// The cause of a failed call for a stack.
pub(super) fn cause(stack: &str, error: &CallError, around: Around<'_>) -> Cause {
    let mut words = Cleaned::of(&error.message);
    words.code = Some(error.code.clone()).filter(|code| !code.is_empty()).or(words.code);
    let moment = if error.action.contains(":Delete") { Moment::Removal } else { Moment::Change };
    let found = remedies::find(&words, "", moment);
    // What the adapter made of the answer is more than the words tell, except where these are known.
    let entry = if found.id == remedies::UNKNOWN { remedies::of_call(error.kind) } else { found };
    let config = place::of(entry, "", "", &words.text, around);
    let (place, action) = (config.as_ref(), Some(error.action));
    let text =
        facts::Facts { cleaned: &words, event: None, config: place, needs: None, action }.fill(entry.text);
    let said = CallError { message: words.text.clone(), ..error.clone() };
    Cause {
        stack: stack.to_owned(),
        logical_id: None,
        kind: None,
        physical_id: None,
        reason: said.to_string(),
        remedy: Remedy { id: entry.id, text, transient: entry.transient || error.kind.is_transient() },
        config,
        began: None,
        folded: Vec::new(),
        needs: None,
        log: Vec::new(),
        code: words.code.filter(|_| error.kind != CallErrorKind::Unanswered),
    }
}
