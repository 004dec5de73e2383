//! The chat back end as API Gateway's routes lead to it.

mod access;
mod foreign;
mod in_aws;
mod interleavings;
mod people;
mod sessions;
mod stage;
