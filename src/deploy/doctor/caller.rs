//! Whose credentials these are, and whether they belong to the account and partition of the configuration.

use lisa_config::Config;

use super::Finding;
use crate::ports::{CallErrorKind, World};

const CHECK: &str = "credentials";

/// Asks who is calling.
pub(super) async fn check(world: &World, config: &Config) -> Vec<Finding> {
    let identity = match world.account.identity().await {
        Ok(identity) => identity,
        Err(error) => {
            let help = match error.kind {
                CallErrorKind::Expired => {
                    "Sign in again, such as with `aws sso login`, and repeat the command."
                }
                CallErrorKind::Unanswered => {
                    "Check the region, the network and its proxy; a private network needs an endpoint for `sts`."
                }
                _ => {
                    "Set `profile` or `AWS_PROFILE`, or sign in; compare the clock of this machine with the time."
                }
            };
            return vec![Finding::bad(CHECK, error.to_string(), help)];
        }
    };
    let expected = config.account_number.to_string();
    if identity.account != expected {
        let says = format!("they belong to account {}, but `accountNumber` is {expected}", identity.account);
        return vec![Finding::bad(CHECK, says, "Choose another `profile`, or correct `accountNumber`.")];
    }
    let partition = identity.arn.split(':').nth(1).unwrap_or_default();
    if partition != config.partition.id() {
        let says = format!(
            "they belong to partition `{partition}`, but {} is in `{}`",
            config.region,
            config.partition.id()
        );
        return vec![Finding::bad(CHECK, says, "Choose another `profile`, or correct `region`.")];
    }
    vec![Finding::good(CHECK, format!("{} in {}", identity.arn, config.region))]
}
