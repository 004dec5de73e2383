//! The three names that tell one deployment from another: deployment, stage and app.
//!
//! They become part of stack names, of bucket names (in lower case) and of SSM parameter names, so they keep to
//! what all of these allow.

use crate::word::{Rule, alphanumeric, alphanumeric_or_hyphen, letter, nothing_more, word};

word! {
    /// `deploymentName`: the first part of nearly every resource's name.
    ///
    /// It starts with a letter because CloudFormation's stack names do. 32 characters leave room for the parts
    /// that follow it in a name of 64.
    DeploymentName, r"^[A-Za-z]([A-Za-z0-9-]{0,30}[A-Za-z0-9])?$", Rule {
        kind: "a deployment name",
        allowed: "1 to 32 letters, digits and hyphens, from a letter to a letter or digit",
        min: 1, max: 32, first: letter, inner: alphanumeric_or_hyphen, last: alphanumeric, also: nothing_more,
    }
}

word! {
    /// `deploymentStage`: the stage of the REST API and the last part of stack names.
    StageName, r"^[A-Za-z0-9]([A-Za-z0-9-]{0,30}[A-Za-z0-9])?$", Rule {
        kind: "a stage name",
        allowed: "1 to 32 letters, digits and hyphens, neither first nor last a hyphen",
        min: 1, max: 32, first: alphanumeric, inner: alphanumeric_or_hyphen, last: alphanumeric,
        also: nothing_more,
    }
}

word! {
    /// `appName`: the middle part of stack names, `lisa` unless the config says otherwise.
    AppName, r"^[A-Za-z0-9]([A-Za-z0-9-]{0,30}[A-Za-z0-9])?$", Rule {
        kind: "an app name",
        allowed: "1 to 32 letters, digits and hyphens, neither first nor last a hyphen",
        min: 1, max: 32, first: alphanumeric, inner: alphanumeric_or_hyphen, last: alphanumeric,
        also: nothing_more,
    }
}
