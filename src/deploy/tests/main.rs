//! The engine against a cloud in memory: one binary, a module for each matter.
#![expect(clippy::expect_used, clippy::panic, reason = "the helpers of tests are outside their functions")]

mod cloud;
mod deploys;
mod destroy;
mod diff;
mod doctor;
mod failures;
mod faults;
mod interrupts;
mod ready;
mod run;
mod secret;
mod site;
mod statuses;
mod verify;
