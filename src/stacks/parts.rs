//! Resources that several stacks make alike, each with its safe settings in one place.

mod alarm;
mod bucket;
mod cluster;
mod container;
mod document;
mod function;
mod hosts;
mod image;
mod load_balancer;
mod log_group;
mod queue;
mod role;
mod scaling;
mod settings;
mod table;
mod web_acl;

pub(crate) use alarm::alarm_to;
pub use alarm::{Alarm, alarm};
pub use bucket::{Access, bucket, bucket_with};
pub(crate) use bucket::{closed as closed_bucket, encrypted as encrypted_bucket, policy as protect_bucket};
pub(crate) use cluster::{TASKS, cluster, execution_role, has_circuit_breaker};
pub(crate) use container::{PORT, container, health_check, host_volume, mount};
pub use document::document;
pub use function::{Function, FunctionSpec, function, function_with};
pub(crate) use hosts::{HostsSpec, hosts};
pub(crate) use image::image;
pub(crate) use load_balancer::{LoadBalancer, LoadBalancerSpec, load_balancer};
pub use log_group::log_group;
pub use queue::{Queues, queue};
pub use role::{RoleRef, RoleSpec, lasting_role, role};
pub(crate) use scaling::{dimensions as scaling_dimensions, statistic as scaling_statistic, target_value};
pub use settings::{MANAGEMENT_SECRET, MODEL_TABLE, auth_settings, common_settings};
pub use table::table;
pub use web_acl::web_acl;
