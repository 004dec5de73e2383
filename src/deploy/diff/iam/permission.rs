//! A permission that is gained or lost, in words.

use lisa_cfn::iam::{Access, find};
use serde::Serialize;

use super::grants::{Aspect, Subject};

/// So many things are named in a sentence; the data names all.
const NAMED: usize = 6;

/// A permission that is gained or lost.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Permission {
    /// The sentence.
    pub text: String,
    /// Whether it is everything of a service, or lets its holder give permissions.
    pub broad: bool,
    /// Who.
    pub who: Vec<String>,
    /// Whether it is a denial that comes or goes.
    pub denied: bool,
    /// What.
    pub actions: Vec<String>,
    /// On what.
    pub resources: Vec<String>,
    /// Under which conditions.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub when: Vec<String>,
}

/// What a sentence is made of.
pub(super) struct Parts {
    pub(super) who: Vec<String>,
    pub(super) denied: bool,
    pub(super) actions: Vec<String>,
    pub(super) resources: Vec<String>,
    pub(super) when: Vec<String>,
}

impl Permission {
    /// Whether it is the same permission in the same words.
    pub(in crate::diff) fn reads_like(&self, other: &Self) -> bool {
        let parts = |one: &Self| {
            (one.who.clone(), one.denied, one.actions.clone(), one.resources.clone(), one.when.clone())
        };
        parts(self) == parts(other)
    }

    pub(super) fn new(parts: Parts, subject: &Subject, gained: bool) -> Self {
        let text = parts.sentence(subject, gained);
        let broad = gained && !parts.denied && parts.is_broad(subject);
        let Parts { who, denied, actions, resources, when } = parts;
        Self { text, broad, who, denied, actions, resources, when }
    }
}

impl Parts {
    /// Whether a holder gets a whole service or may give permissions, or whether anyone gets something. That an
    /// account may do everything with its own key or queue is how such policies are written.
    fn is_broad(&self, subject: &Subject) -> bool {
        match subject.aspect {
            Aspect::Holder => self.actions.iter().any(|action| is_broad(action)),
            Aspect::Trust | Aspect::Guard => {
                self.who.iter().any(|who| who == "anyone" || who.starts_with("everything but"))
            }
        }
    }

    /// `role X may now s3:GetObject on arn:..`.
    fn sentence(&self, subject: &Subject, gained: bool) -> String {
        let verb = match (self.denied, gained, subject.aspect) {
            (false, true, _) => "may now",
            (false, false, _) => "may no longer",
            (true, true, _) => "is no longer denied",
            (true, false, _) => "is now denied",
        };
        let (who, actions) = (listed(&self.who), listed(&self.actions));
        let on = match subject.aspect {
            Aspect::Trust => format!(" as `{}`", subject.id),
            Aspect::Guard if self.resources == ["*"] => format!(" on `{}`", subject.id),
            Aspect::Guard | Aspect::Holder if self.resources == ["*"] => " on everything".to_owned(),
            Aspect::Guard | Aspect::Holder => format!(" on {}", listed(&self.resources)),
        };
        let when =
            if self.when.is_empty() { String::new() } else { format!(", where {}", self.when.join(" and ")) };
        format!("{who} {verb} {actions}{on}{when}")
    }
}

fn listed(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        _ if items.len() > NAMED => {
            format!("{} and {} more", items[..NAMED].join(", "), items.len() - NAMED)
        }
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}

/// Whether an action is all of a service, or changes who may do what.
fn is_broad(action: &str) -> bool {
    let everything = action == "*" || action.ends_with(":*") || action.starts_with("everything but");
    let gives = action.eq_ignore_ascii_case("iam:PassRole")
        || find(action).is_some_and(|action| action.access == Access::Permissions);
    everything || gives
}
