//! Every port of the engine on an AWS emulator: real requests, real answers, and what they mean.

mod account;
mod objects;
mod proxy;
mod registry;
mod stacks;
mod stage;

use anyhow::Result;
use lisa_aws::{ConnectError, Connection};
use lisa_testkit::Emulator;

const ACCOUNT: &str = "111122223333";
const REGION: &str = "eu-west-1";

/// An emulator, and the way into an account on it.
fn connect() -> Result<(Emulator, Connection)> {
    let emulator = Emulator::start()?;
    let session = emulator.session(ACCOUNT, REGION)?;
    let connection = emulator.block_on(lisa_aws::enter(session, Some(ACCOUNT)))?;
    Ok((emulator, connection))
}

#[test]
fn credentials_of_another_account_are_refused() -> Result<()> {
    let emulator = Emulator::start()?;
    let session = emulator.session("999988887777", REGION)?;
    let refused = emulator.block_on(lisa_aws::enter(session, Some(ACCOUNT))).err();
    let named = matches!(&refused, Some(ConnectError::OtherAccount { found, .. }) if found == "999988887777");
    anyhow::ensure!(named, "{refused:?}");
    Ok(())
}
