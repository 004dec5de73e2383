//! What is wrong with the request itself, or with how it was received.

use super::{Entry, Source};

/// Remedies for requests that CloudFormation does not take, and for what judges them on the way.
pub(super) const TABLE: &[Entry] = &[
    Entry::new(
        "parameter-missing",
        &["Unable to fetch parameters", "Parameters: [ssm:* cannot be found", "Parameters: [/* cannot be found"],
        "A stack reads a Systems Manager parameter that is not there. {publisher}.",
    ),
    Entry::new(
        "template-limit",
        &[
            "Member must have length less than or equal to 51200",
            "may not exceed * bytes",
            "is greater than maximum allowed",
            "Template size exceeds",
        ],
        "The template is larger than CloudFormation takes. Take models or repositories out of this configuration into \
         a deployment of their own.",
    ),
    Entry::new(
        "template-unreachable",
        &["S3 error: ", "TemplateURL must"],
        "CloudFormation cannot read the template in the asset bucket. Run `lisa bootstrap`, and allow the caller \
         `s3:GetObject` there.",
    )
    .at(Source::Key("bootstrapQualifier")),
    Entry::new(
        "type-unknown",
        &["Unrecognized resource types", "resource type * is not supported in this region", "is not available in * region"],
        "The region does not have this service. Choose another `region`, or switch off the part that needs it: \
         `lisa synth` lists what a region is not known to have.",
    )
    .at(Source::Key("region")),
    Entry::new(
        "early-validation",
        &["[AWS::EarlyValidation::"],
        "CloudFormation judged the change before making it, and its particulars could not be read: allow the caller \
         `cloudformation:DescribeEvents`, and run the same command again. `lisa doctor` finds names that are taken.",
    ),
    Entry::new(
        "change-set-taken",
        &["ChangeSet * already exists", "ChangeSet * mismatch with existing attribute"],
        "Another run makes the same change at this moment. Let it end, or stop it, and run the same command again: it \
         takes up what is there.",
    )
    .passing(),
    Entry::new(
        "hook",
        &["The following hook(s) failed", "Hook failed with message", "hook(s)/validation failed"],
        "A rule of the account or the organisation stops this resource. The hook's message names the rule; ask its \
         owner for an exception, or for what the rule wants to see.",
    ),
    Entry::new(
        "throttled",
        &["Rate exceeded", "Throttling", "TooManyRequests", "RequestLimitExceeded", "SlowDown"],
        "AWS gets too many requests from this account at once. Run the same command again in a few minutes.",
    )
    .passing(),
    Entry::new(
        "internal",
        &["Internal Failure", "InternalFailure", "ServiceInternalError", "internal error", "ServiceUnavailable"],
        "The service failed by itself. Run the same command again; if it stays so, look at the AWS Health Dashboard.",
    )
    .passing(),
    Entry::new(
        "stack-busy",
        &["_IN_PROGRESS state and can not be updated", "_IN_PROGRESS * cannot be deleted", "OperationInProgress"],
        "Somebody else is changing the stack. Run the same command again when that is done: `lisa status` tells.",
    )
    .passing(),
    Entry::new(
        "template-refused",
        &[
            "Template format error",
            "Template error",
            "Required property",
            "Model validation failed",
            "Properties validation failed",
            "extraneous key",
            "Encountered unsupported property",
            "Property validation failure",
        ],
        "CloudFormation does not take what `lisa` wrote: the region's resource types differ from those it knows. Update \
         `lisa`, and report this with the first line.",
    ),
];
