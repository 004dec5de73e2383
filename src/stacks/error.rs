//! Why a configuration that is valid by itself cannot become stacks.

use std::fmt;

use lisa_cfn::Violation;
use lisa_config::{Config, Location};
use serde::Serialize;

/// Everything that stands in the way of a synthesis.
#[derive(Clone, Debug, Serialize)]
pub struct SynthErrors(pub Vec<SynthError>);

/// One reason.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub enum SynthError {
    /// A property that CloudFormation or the service would refuse.
    Property {
        /// The stack's short name.
        stack: String,
        /// What is wrong, and where in the template.
        violation: Violation,
        /// The line of the configuration that set it.
        location: Option<Location>,
    },
    /// The region lacks what a stack needs, and nothing can stand in.
    Capability {
        /// The stack's short name.
        stack: String,
        /// What is missing.
        missing: String,
        /// What to do.
        help: String,
    },
}

impl SynthError {
    pub(crate) fn property(config: &Config, stack: &str, violation: Violation) -> Self {
        let location = violation.set_by.as_deref().and_then(|path| config.locate(path));
        Self::Property { stack: stack.to_owned(), violation, location }
    }
}

impl fmt::Display for SynthError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Property { stack, violation, location } => {
                write!(f, "{stack}/{violation}")?;
                match location {
                    Some(at) => write!(f, " at {}:{}:{}", at.file, at.line, at.column),
                    None => Ok(()),
                }
            }
            Self::Capability { stack, missing, help } => write!(f, "{stack}: {missing}; {help}"),
        }
    }
}

impl fmt::Display for SynthErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|error| writeln!(f, "{error}"))
    }
}

impl std::error::Error for SynthErrors {}
