//! The doctor: what would make a deployment fail, found before the first change.
//!
//! Each group of checks is a file of its own and asks through the ports; what cannot be asked is said, not guessed.

mod assets;
mod caller;
mod capacity;
pub mod images;
mod names;
mod sign_in;

use lisa_config::Config;
use lisa_stacks::Stack;
use serde::Serialize;
use tokio::join;

use crate::ports::{CallError, World};
use images::Gallery;

/// How something stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Standing {
    /// As it should be.
    Good,
    /// It may be in the way, or could not be told.
    Doubtful,
    /// A deployment would fail.
    Bad,
}

/// What a check found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What was looked at: `credentials`, `instance types`.
    pub check: &'static str,
    /// How it stands.
    pub standing: Standing,
    /// What is so, as a fragment.
    pub says: String,
    /// What to do, as a sentence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
}

impl Finding {
    /// Something that is as it should be.
    pub fn good(check: &'static str, says: impl Into<String>) -> Self {
        Self { check, standing: Standing::Good, says: says.into(), help: None }
    }

    /// Something that may be in the way.
    pub fn doubtful(check: &'static str, says: impl Into<String>, help: impl Into<String>) -> Self {
        Self { check, standing: Standing::Doubtful, says: says.into(), help: Some(help.into()) }
    }

    /// Something that a deployment would fail for.
    pub fn bad(check: &'static str, says: impl Into<String>, help: impl Into<String>) -> Self {
        Self { check, standing: Standing::Bad, says: says.into(), help: Some(help.into()) }
    }

    /// A question that was not answered.
    fn unanswered(check: &'static str, error: &CallError) -> Self {
        let help =
            format!("Allow `{}` to have it checked; the deployment itself may not need it.", error.action);
        Self::doubtful(check, format!("not checked: {error}"), help)
    }
}

/// What would make a deployment of these stacks fail: the checks that take a moment. Without valid credentials of the
/// right account nothing else is asked.
pub async fn quick(world: &World, gallery: &dyn Gallery, config: &Config, stacks: &[Stack]) -> Vec<Finding> {
    let mut findings = caller::check(world, config).await;
    if findings.iter().any(|finding| finding.standing == Standing::Bad) {
        return findings;
    }
    let (assets, capacity, names, images) = join!(
        assets::check(world, config),
        capacity::check(world, config),
        names::check(world, stacks),
        images::check(world, gallery, config)
    );
    findings.extend(assets.into_iter().chain(capacity).chain(names).chain(images));
    findings
}

/// As [`quick`], and what is asked of others than AWS: the sign-in provider and its clock.
pub async fn full(world: &World, gallery: &dyn Gallery, config: &Config, stacks: &[Stack]) -> Vec<Finding> {
    let (mut findings, sign_in) = join!(quick(world, gallery, config, stacks), sign_in::check(world, config));
    findings.extend(sign_in);
    findings
}
