//! `tags`: labels on every resource that can have them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One tag. Left out where the partition does not take tags.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Tag {
    /// Name of the tag.
    #[schemars(length(min = 1, max = 128), regex(pattern = r"^(?![aA][wW][sS]:)[A-Za-z0-9 _.:/=+@-]+$"),
        extend("x-expected" = "letters, digits, spaces and `_.:/=+@-`, not starting with `aws:`"))]
    pub key: String,
    /// Value of the tag.
    #[schemars(length(max = 256), regex(pattern = r"^[A-Za-z0-9 _.:/=+@-]*$"),
        extend("x-expected" = "letters, digits, spaces and `_.:/=+@-`"))]
    pub value: String,
}
