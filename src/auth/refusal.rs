//! Why a caller is not let in.

/// Why a caller is not let in. The words are for the caller, and say nothing of what would have let them in; the log has
/// the rest.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The request shows nothing.
    #[error("no credentials were given")]
    Missing,
    /// What it shows is not valid; the reason is for the log.
    #[error("the credentials are not valid")]
    Invalid(&'static str),
    /// They were valid.
    #[error("the credentials have expired")]
    Expired,
    /// The caller is known, and in no group that may use this deployment.
    #[error("the caller is in no group that may use this deployment")]
    NotAdmitted,
    /// Whether they are valid cannot be told now; the reason is for the log.
    #[error("the credentials cannot be verified at the moment")]
    Unavailable(String),
}

impl Refusal {
    /// The status that HTTP has for it.
    pub const fn status(&self) -> u16 {
        match self {
            Self::Missing | Self::Invalid(_) | Self::Expired => 401,
            Self::NotAdmitted => 403,
            Self::Unavailable(_) => 503,
        }
    }

    /// What the log should say.
    pub fn detail(&self) -> &str {
        match self {
            Self::Missing => "no credentials",
            Self::Invalid(why) => why,
            Self::Expired => "expired",
            Self::NotAdmitted => "in no admitted group",
            Self::Unavailable(why) => why,
        }
    }
}
