//! What a change means for a resource and what it holds, from nothing to the loss of data.

use std::fmt;

use serde::Serialize;
use serde_json::Value;

use super::effect::{Effect, holds_data};
use super::template::Resource;

/// What happens to a resource. Later ones are worse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Class {
    /// Nothing.
    NoOp,
    /// It is created.
    Create,
    /// It is updated and stays.
    InPlace,
    /// It is deleted, and holds nothing.
    Remove,
    /// It may be made anew, and holds nothing.
    MayReplace,
    /// It is made anew, and holds nothing.
    Replace,
    /// It leaves the stack, or a new and empty one takes its place; the old one or its snapshot is kept.
    Kept,
    /// It may be deleted or made anew, and what it holds goes with it.
    MayLoseData,
    /// It is deleted or made anew, and what it holds goes with it.
    LosesData,
}

impl Class {
    /// In a few words.
    pub const fn words(self) -> &'static str {
        match self {
            Self::NoOp => "unchanged",
            Self::Create => "create",
            Self::InPlace => "update in place",
            Self::Remove => "remove",
            Self::MayReplace => "may be replaced",
            Self::Replace => "replace",
            Self::Kept => "leaves the stack, kept",
            Self::MayLoseData => "POSSIBLE DATA LOSS",
            Self::LosesData => "DATA LOSS",
        }
    }

    /// The mark before its line: `+ - ~ !`.
    pub const fn mark(self) -> char {
        match self {
            Self::NoOp => ' ',
            Self::Create => '+',
            Self::InPlace => '~',
            Self::Remove => '-',
            Self::MayReplace | Self::Replace | Self::Kept | Self::MayLoseData | Self::LosesData => '!',
        }
    }

    /// Whether data is lost or may be.
    pub const fn threatens_data(self) -> bool {
        matches!(self, Self::MayLoseData | Self::LosesData)
    }

    /// Whether a new resource takes the place of an old one, or may.
    pub const fn replaces(self) -> bool {
        matches!(self, Self::MayReplace | Self::Replace | Self::Kept | Self::MayLoseData | Self::LosesData)
    }
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.words())
    }
}

/// What becomes of a resource that is taken out of the template: its deployed template decides.
pub(super) fn of_removal(old: Resource<'_>) -> Class {
    match (keeps(old, "DeletionPolicy"), holds_data(old.kind())) {
        (true, _) => Class::Kept,
        (false, true) => Class::LosesData,
        (false, false) => Class::Remove,
    }
}

/// What a change of this effect means. The old resource is kept only where both templates say so.
pub(super) fn of_change(effect: Effect, old: Resource<'_>, new: Resource<'_>) -> Class {
    let data = holds_data(new.kind()) || holds_data(old.kind());
    let kept = || keeps(old, "UpdateReplacePolicy") && keeps(new, "UpdateReplacePolicy");
    match effect {
        Effect::InPlace => Class::InPlace,
        _ if data && kept() => Class::Kept,
        Effect::MayReplace if data => Class::MayLoseData,
        Effect::Replaces if data => Class::LosesData,
        Effect::MayReplace => Class::MayReplace,
        Effect::Replaces => Class::Replace,
    }
}

/// What it means that a resource's condition is another one: it may be removed, or made for the first time.
pub(super) fn of_condition(old: Resource<'_>) -> Class {
    match of_removal(old) {
        Class::LosesData => Class::MayLoseData,
        Class::Remove => Class::MayReplace,
        other => other,
    }
}

/// Whether a policy keeps the resource or what it holds.
pub(super) fn keeps(resource: Resource<'_>, policy: &str) -> bool {
    match resource.attribute(policy).and_then(Value::as_str) {
        Some("Retain" | "RetainExceptOnCreate") => true,
        Some("Snapshot") => takes_snapshots(resource.kind()),
        Some(_) => false,
        // CloudFormation's own default for databases that stand alone.
        None => policy == "DeletionPolicy" && is_lone_database(resource),
    }
}

fn is_lone_database(resource: Resource<'_>) -> bool {
    match resource.kind() {
        "AWS::RDS::DBCluster" => true,
        "AWS::RDS::DBInstance" => resource.property("DBClusterIdentifier").is_none(),
        _ => false,
    }
}

/// Types of which a snapshot is taken before they go; of others the policy is refused.
pub(crate) fn takes_snapshots(kind: &str) -> bool {
    const TYPES: [&str; 8] = [
        "AWS::DocDB::DBCluster",
        "AWS::EC2::Volume",
        "AWS::ElastiCache::CacheCluster",
        "AWS::ElastiCache::ReplicationGroup",
        "AWS::Neptune::DBCluster",
        "AWS::RDS::DBCluster",
        "AWS::RDS::DBInstance",
        "AWS::Redshift::Cluster",
    ];
    TYPES.contains(&kind)
}
