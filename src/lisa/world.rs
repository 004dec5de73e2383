//! The world of a command that goes out into it: a runtime, the account, and a person who may say stop.

mod session;
mod terminal;

use std::path::PathBuf;

use lisa_aws::{ConnectError, Connection};
use lisa_config::Config;
use lisa_names::Partition;
use tokio::runtime::{Builder, Runtime};

use crate::failure::Failure;

pub(crate) use session::Session;
pub(crate) use terminal::require as require_terminal;

/// Runs a command's own asynchronous part.
pub(crate) fn run<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let runtime: Runtime =
        Builder::new_multi_thread().worker_threads(2).enable_all().build().map_err(|error| {
            Failure::action(
                format!("could not start the runtime: {error}"),
                "Free some memory, and try again.",
            )
        })?;
    let result = runtime.block_on(work);
    // A question that waits for standard input must not keep the program.
    runtime.shutdown_background();
    result
}

/// The account of the configuration; credentials of another one are refused.
pub(crate) async fn connect(config: &Config) -> Result<Connection, Failure> {
    let options = lisa_aws::Options {
        profile: config.profile.clone(),
        region: config.region.to_string(),
        account: Some(config.account_number.to_string()),
        certificates: std::env::var_os("AWS_CA_BUNDLE").map(PathBuf::from),
        fips: config.partition == Partition::AwsUsGov,
    };
    lisa_aws::connect(options).await.map_err(|error| refused(&error))
}

fn refused(error: &ConnectError) -> Failure {
    let help = error.help().unwrap_or_else(|| {
        "`lisa doctor` tells what is in the way; check the region, the network and its proxy.".to_owned()
    });
    Failure::action(error.to_string(), help)
}
