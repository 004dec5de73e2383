//! The security controls of a deployment, each a rule over plain CloudFormation templates.
//!
//! [`check`] takes templates as JSON and [`Settings`], and gives a [`Report`]: what is wrong, where, why it
//! matters and what to do. It knows CloudFormation but nothing of how the templates came about, so it judges
//! any template, and it is pure: no clock, no file, no network.
//!
//! Three words, used throughout:
//!
//! * a **control** is one of the 64 promises ([`controls`]), such as `NET-31`, numbered once and for good;
//! * a **rule** ([`rules`]) is one thing about a control that a template can show, such as `NET-31-open-ingress`.
//!   A control has any number of rules; one that no template shows at all says where it is proven instead;
//! * a **finding** is one place where a rule does not hold.
//!
//! What is not certain is not a pass: both branches of `Fn::If` count, and a parameter that could hold a bad
//! value is a finding where the control needs a known one.

mod check;
mod control;
mod date;
mod display;
mod document;
mod kv;
mod leaf;
mod report;
mod rule;
mod rules;
mod secret;
mod settings;
mod text;
mod waiver;
mod walk;
mod world;

#[cfg(test)]
mod fixtures;
#[cfg(test)]
mod tests;

pub use check::{TemplateRef, check};
pub use control::{Control, Group, control, controls};
pub use date::{Date, DateError};
pub use report::{Evaluated, Finding, Relaxed, Report, Severity, Verdict, Waived};
pub use rule::{Rule, rule, rules};
pub use rules::unscoped::is_unscoped;
pub use settings::{Place, Profile, PublicRoute, Settings};
pub use waiver::Waiver;
