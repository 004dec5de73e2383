//! What to do where the words are not known: by what the call's failure means, or in general.

use super::Entry;
use crate::ports::CallErrorKind;

/// The remedy's id where nothing is known.
pub const UNKNOWN: &str = "unknown";

/// What to do about anything.
pub(super) const FALLBACK: Entry = Entry::new(
    UNKNOWN,
    &[],
    "The reason is the service's own. When what it names is put right, run the same command again: it takes up where \
     this one stopped.",
);

const DENIED: Entry = Entry::new(
    "denied",
    &[],
    "Allow {principal} {denial}, and run the same command again: it takes up where this one stopped.",
);

const EXPIRED: Entry = Entry::new(
    "credentials-expired",
    &[],
    "Sign in again and run the same command: it takes up where this one stopped.",
);

const THROTTLED: Entry = Entry::new(
    "throttled",
    &[],
    "AWS gets too many requests from this account at once. Run the same command again in a few minutes.",
)
.passing();

const UNANSWERED: Entry = Entry::new(
    "unanswered",
    &[],
    "No answer came. Check the network, proxies and the way to AWS (`lisa doctor`), and run the same command again: \
     nothing is done twice.",
)
.passing();

const SERVICE: Entry = Entry::new(
    "internal",
    &[],
    "The service failed by itself. Run the same command again; if it stays so, look at the AWS Health Dashboard.",
)
.passing();

const GONE: Entry = Entry::new(
    "gone",
    &[],
    "It is gone since it was last seen. Run the same command again: it starts from what is there.",
);

const CONFLICT: Entry = Entry::new(
    "stack-busy",
    &[],
    "Somebody else is at the same thing. Run the same command again when that is done: `lisa status` tells.",
);

const UNSUPPORTED: Entry = Entry::new(
    "unsupported",
    &[],
    "The region does not know this call. Update `lisa`, and report this with the first line.",
);

/// What to do about a failed call whose words are not known.
pub const fn of_call(kind: CallErrorKind) -> &'static Entry {
    match kind {
        CallErrorKind::Throttled => &THROTTLED,
        CallErrorKind::Unanswered => &UNANSWERED,
        CallErrorKind::Service => &SERVICE,
        CallErrorKind::Expired => &EXPIRED,
        CallErrorKind::Denied => &DENIED,
        CallErrorKind::NotFound => &GONE,
        CallErrorKind::Conflict => &CONFLICT,
        CallErrorKind::Unsupported => &UNSUPPORTED,
        CallErrorKind::Invalid => &FALLBACK,
    }
}
