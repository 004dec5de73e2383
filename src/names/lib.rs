//! The validated words of LISA: names that are right once made, and the facts that hang on them.
//!
//! Nothing here reads a file, a clock or the environment. A value of one of these types has passed its rule, so
//! code that takes one need not check again; a rule that is broken is a [`NameError`] that says what was found,
//! what is allowed and what to write instead.
//!
//! * [`region`] and [`partition`]: where a deployment may live, and what AWS offers there;
//! * [`instance`]: the EC2 types that LISA sizes tasks for;
//! * [`account`], [`deployment`], [`stack`], [`model`], [`storage`], [`network`], [`role`], [`parameter`]: one
//!   file per group of names;
//! * [`arn`] and [`image`]: two names that have parts.

pub mod account;
pub mod arn;
pub mod deployment;
pub mod error;
pub mod image;
pub mod instance;
pub mod model;
pub mod network;
pub mod parameter;
pub mod partition;
pub mod region;
pub mod role;
pub mod stack;
pub mod storage;

mod nearest;
mod word;

pub use account::AccountId;
pub use arn::Arn;
pub use deployment::{AppName, DeploymentName, StageName};
pub use error::NameError;
pub use image::ImageRef;
pub use instance::InstanceType;
pub use model::{ModelId, RepositoryId};
pub use network::{DomainName, SecurityGroupId, SubnetId, VpcId};
pub use parameter::ParameterName;
pub use partition::Partition;
pub use partition::capability::{Availability, Capability, Feature, capability};
pub use region::Region;
pub use role::{PolicyName, RoleName};
pub use stack::StackName;
pub use storage::{BucketName, TableName};
