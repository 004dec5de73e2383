//! The one integration binary: a module per kind of test, each with a folder of the same name.

mod aws;
mod callers;
mod cli;
mod deploy;
mod fuzz;
mod gates;
mod gateway;
mod guides;
mod ledger;
mod services;
mod web;
