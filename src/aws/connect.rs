//! The way into an account: credentials, region, and the certainty that it is the account that is meant.

use std::path::PathBuf;
use std::sync::Arc;

use lisa_deploy::ports::account::Identity;
use lisa_deploy::ports::{Account as _, CallError, CallErrorKind, World};
use lisa_signed::{Session, Signed, WireError};

use crate::account::Account;
use crate::clock::Clock;
use crate::cloudformation::CloudFormation;
use crate::objects::Objects;
use crate::registry::Registry;
use crate::web::Web;

/// What a config says of the account.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// The profile in `~/.aws`; `None` leaves it to the environment.
    pub profile: Option<String>,
    /// The region.
    pub region: String,
    /// The account's number; `None` takes any.
    pub account: Option<String>,
    /// A file of certificate authorities in PEM, beside the machine's own.
    pub certificates: Option<PathBuf>,
    /// Whether FIPS endpoints are asked for.
    pub fips: bool,
}

/// An account that is connected to.
#[derive(Clone)]
pub struct Connection {
    /// The ports.
    pub world: World,
    /// Who is calling.
    pub identity: Identity,
    /// For calls that no port has.
    pub session: Session,
}

/// Why there is no way into the account.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The HTTP client cannot be made.
    #[error(transparent)]
    Wire(#[from] WireError),
    /// Nobody knows who is calling.
    #[error("no credentials that AWS accepts were found: {0}")]
    NoCredentials(CallError),
    /// The first call failed.
    #[error(transparent)]
    Call(CallError),
    /// The credentials are those of another account.
    #[error(
        "the credentials belong to account {found} (`{arn}`), and the config deploys to account {expected}"
    )]
    OtherAccount {
        /// The account of the config.
        expected: String,
        /// The account of the credentials.
        found: String,
        /// Who is calling.
        arn: String,
    },
}

impl ConnectError {
    /// What to do about it, as a sentence.
    pub fn help(&self) -> Option<String> {
        match self {
            Self::NoCredentials(_) => Some(
                "Log in, for example with `aws sso login`, or set `AWS_PROFILE` or `profile` in the config."
                    .to_owned(),
            ),
            Self::OtherAccount { .. } => {
                Some("Choose another profile, or correct `accountNumber` in the config.".to_owned())
            }
            Self::Wire(_) | Self::Call(_) => None,
        }
    }
}

/// Finds credentials and connects: see [`enter`].
pub async fn connect(options: Options) -> Result<Connection, ConnectError> {
    let Options { profile, region, account, certificates, fips } = options;
    let options = lisa_signed::Options { profile, region: Some(region), certificates, fips };
    enter(Session::load(options).await?, account.as_deref()).await
}

/// Asks who is calling before anything else is asked. Credentials of another account are refused here, where nothing has
/// been read or changed yet.
pub async fn enter(session: Session, expected: Option<&str>) -> Result<Connection, ConnectError> {
    let account = Account::new(Signed::new(&session));
    let identity = account.identity().await.map_err(|error| match error.kind {
        CallErrorKind::Expired => ConnectError::NoCredentials(error),
        _ => ConnectError::Call(error),
    })?;
    if let Some(expected) = expected
        && expected != identity.account
    {
        let Identity { account: found, arn } = identity;
        return Err(ConnectError::OtherAccount { expected: expected.to_owned(), found, arn });
    }
    let world = World {
        cloudformation: Arc::new(CloudFormation::new(&session)),
        objects: Arc::new(Objects::new(&session)),
        registry: Arc::new(Registry::new(&session, &identity.account)),
        account: Arc::new(account),
        web: Arc::new(Web::new()?),
        clock: Arc::new(Clock),
    };
    Ok(Connection { world, identity, session })
}
