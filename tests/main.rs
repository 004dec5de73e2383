//! The one integration binary: a module per kind of test, each with a folder of the same name.

mod cli;
mod gates;
mod ledger;
