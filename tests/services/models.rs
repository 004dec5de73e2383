//! The life of a model on the emulator: the real functions run by its Step Functions, the real templates in its
//! CloudFormation, a real container behind its load balancer, driven by the command line
//! with AWS credentials, with a URL and a token, or at a terminal.

mod api;
mod by_url;
mod keys;
mod life;
mod openapi;
mod place;
mod questions;
mod served;
mod traces;
