//! What `lisa-authorizer`, the authorizer of the REST API, reads.

use super::settings;
use super::{AuthSettings, CommonSettings};

settings! {
    /// What `lisa-authorizer` reads.
    AuthorizerSettings;
    includes { common: CommonSettings, auth: AuthSettings }
    required {}
    optional {
        /// Whether each decision is written to the audit log: `true` or `false`.
        audit_log = "AUDIT_LOG_ENABLED"
    }
}
