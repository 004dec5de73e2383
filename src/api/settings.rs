//! The environment contract between stacks and services: one struct per service, written and read by the same names.
//!
//! A stack fills a struct with CloudFormation values (`ServeSettings<Value<String>>`) and calls `into_env`; the
//! service calls `from_env` on the same struct with strings. So a variable that one side forgets does not compile,
//! and one that a deployment lacks is reported at start, all of them at once. The region is not among them: AWS
//! sets `AWS_REGION` itself, and the partition follows from it.
//!
//! No variable holds a secret: those that lead to one hold the name of a Secrets Manager secret.

mod authorizer;
mod chat;
mod common;
mod models;
mod rag;
mod serve;
mod weights;

pub use authorizer::AuthorizerSettings;
pub use chat::ChatSettings;
pub use common::{AuthSettings, CommonSettings};
pub use models::ModelsSettings;
pub use rag::RagSettings;
pub use serve::ServeSettings;
pub use weights::WeightsSettings;

/// One environment variable of a service, for its documentation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Variable {
    /// `LOG_LEVEL`.
    pub name: &'static str,
    /// Whether the service refuses to start without it.
    pub required: bool,
    /// What it is for, as the field's documentation says.
    pub description: &'static str,
}

/// Required variables that are not set, or set to nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("missing environment {}: {}", if names.len() == 1 { "variable" } else { "variables" }, names.join(", "))]
pub struct MissingSettings {
    names: Vec<&'static str>,
}

impl MissingSettings {
    /// The variables, in the order in which the settings document them.
    pub fn names(&self) -> &[&'static str] {
        &self.names
    }
}

/// Makes a settings struct, generic over what a value is, from one documented row per variable.
macro_rules! settings {
    (
        $(#[$doc:meta])*
        $name:ident;
        includes { $($group:ident: $group_type:ident),* $(,)? }
        required { $(#[doc = $required_doc:literal] $required:ident = $required_name:literal),* $(,)? }
        optional { $(#[doc = $optional_doc:literal] $optional:ident = $optional_name:literal),* $(,)? }
    ) => {
        $(#[$doc])*
        ///
        /// `V` is the kind of value: a string in a service, a template's value in a stack.
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub struct $name<V = String> {
            $(#[doc = concat!("The variables of [`", stringify!($group_type), "`].")] pub $group: $group_type<V>,)*
            $(#[doc = $required_doc] #[doc = concat!("\n\nVariable `", $required_name, "`.")] pub $required: V,)*
            $(
                #[doc = $optional_doc]
                #[doc = concat!("\n\nVariable `", $optional_name, "`, may be missing.")]
                pub $optional: Option<V>,
            )*
        }

        impl<V> $name<V> {
            /// Every variable with its value, the missing ones left out.
            pub fn into_env(self) -> Vec<(&'static str, V)> {
                let groups: Vec<Vec<(&'static str, V)>> = vec![$(self.$group.into_env()),*];
                let required: Vec<(&'static str, V)> = vec![$(($required_name, self.$required)),*];
                let optional: Vec<Option<(&'static str, V)>> =
                    vec![$(self.$optional.map(|value| ($optional_name, value))),*];
                groups.into_iter().flatten().chain(required).chain(optional.into_iter().flatten()).collect()
            }
        }

        impl $name {
            /// Every variable that the service knows, groups first.
            pub fn variables() -> Vec<$crate::settings::Variable> {
                let variable = |name, required, description: &'static str| $crate::settings::Variable {
                    name,
                    required,
                    description: description.trim_ascii(),
                };
                let groups: Vec<Vec<$crate::settings::Variable>> = vec![$(<$group_type>::variables()),*];
                let own = vec![
                    $(variable($required_name, true, $required_doc),)*
                    $(variable($optional_name, false, $optional_doc),)*
                ];
                groups.into_iter().flatten().chain(own).collect()
            }

            /// Reads the variables; one that is empty counts as missing.
            ///
            /// The error names every required variable that is missing.
            pub fn from_env(
                get: impl Fn(&str) -> Option<String>,
            ) -> Result<Self, $crate::settings::MissingSettings> {
                let mut names = Vec::new();
                let read = Self::read(&get, &mut names);
                read.ok_or($crate::settings::MissingSettings { names })
            }

            /// Reads the variables and notes those that are missing; with one missing there is no value.
            pub(crate) fn read(
                get: &impl Fn(&str) -> Option<String>,
                missing: &mut Vec<&'static str>,
            ) -> Option<Self> {
                let filled = |name: &str| get(name).filter(|value| !value.is_empty());
                $(let $group = <$group_type>::read(get, missing);)*
                $(
                    let $required = filled($required_name);
                    if $required.is_none() {
                        missing.push($required_name);
                    }
                )*
                Some(Self {
                    $($group: $group?,)*
                    $($required: $required?,)*
                    $($optional: filled($optional_name),)*
                })
            }
        }
    };
}

pub(crate) use settings;

#[cfg(test)]
mod tests;
