//! The EC2 instance types that LISA sizes tasks for, with the figures that sizing needs.
//!
//! Facts come from the tables that `cargo xtask regen` writes from `schemas/instances/`.

mod absent;
mod table;

use crate::error::NameError;
use crate::nearest::nearest;
use crate::partition::capability::Availability;
use crate::region::Region;
use crate::word::text_impls;

/// An EC2 instance type that the table knows.
///
/// A type outside the table is refused: a task cannot be sized for a machine of unknown memory, and asking EC2 would
/// make the templates depend on more than the config.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct InstanceType(&'static InstanceFacts);

/// The figures of one instance type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
pub struct InstanceFacts {
    /// `g5.xlarge`.
    pub name: &'static str,
    /// Virtual processors.
    pub vcpus: u32,
    /// Memory in MB as upstream counts it, a thousand per GiB: the host's own share is already left out.
    pub memory_mb: u32,
    /// Accelerators.
    pub gpus: u32,
    /// Peak of the network in megabits per second.
    pub network_megabits: u32,
    /// Whether the host has local NVMe disks.
    pub nvme: bool,
    /// What the accelerators are, where there are any: `NVIDIA A10G`.
    pub gpu_name: Option<&'static str>,
    /// Memory of one accelerator in GiB, where there are any.
    pub gpu_memory_gib: Option<u32>,
}

impl InstanceFacts {
    #[expect(
        clippy::too_many_arguments,
        reason = "a row of the generated table, in the order of its heading"
    )]
    const fn row(
        name: &'static str,
        vcpus: u32,
        memory_mb: u32,
        gpus: u32,
        network_megabits: u32,
        disks: bool,
        gpu_name: &'static str,
        gpu_memory_gib: u32,
    ) -> Self {
        let (gpu_name, gpu_memory_gib) =
            if gpus == 0 { (None, None) } else { (Some(gpu_name), Some(gpu_memory_gib)) };
        Self { name, vcpus, memory_mb, gpus, network_megabits, nvme: disks, gpu_name, gpu_memory_gib }
    }

    /// Memory of all accelerators together in GiB, 0 where there are none.
    pub fn total_gpu_memory_gib(&self) -> u32 {
        self.gpus * self.gpu_memory_gib.unwrap_or(0)
    }
}

impl InstanceType {
    /// Takes a type of the table; the error names the nearest one.
    pub fn new(text: &str) -> Result<Self, NameError> {
        if let Some(facts) = find(text) {
            return Ok(Self(facts));
        }
        let families = "known are sizes of m5, m6i, m7i, c6i, r6i, g4dn, g5, g6, g6e, p4d, p5 and their kin";
        let error = NameError::new("a known EC2 instance type", text, "no table has it".to_owned(), families);
        let near = nearest(&text.trim().to_lowercase(), table::INSTANCES.iter().map(|facts| facts.name));
        Err(match near {
            Some(near) => error.with_help(format!("Did you mean `{near}`?")),
            None => error.with_help("Write a type such as `g5.xlarge` or `m5.large`."),
        })
    }

    /// The name of the type.
    pub fn as_str(&self) -> &str {
        self.0.name
    }

    /// The figures of this type.
    pub fn facts(&self) -> &'static InstanceFacts {
        self.0
    }

    /// Whether a region offers the type on demand; unknown where no price list is public.
    pub fn availability(&self, region: &Region) -> Availability {
        match absent::ABSENT.binary_search_by(|(name, _)| (*name).cmp(region.as_str())) {
            Ok(index) if absent::ABSENT[index].1.contains(&self.as_str()) => Availability::Absent,
            Ok(_) => Availability::Present,
            Err(_) => Availability::Unknown,
        }
    }

    /// Where [`InstanceType::availability`] was read.
    pub const AVAILABILITY_SOURCE: &'static str = absent::SOURCE;

    /// The smallest types of a region that hold at least what this one holds: memory of accelerators if it has any,
    /// else memory. Three at most, of different families.
    pub fn substitutes(&self, region: &Region) -> Vec<Self> {
        let size = |facts: &InstanceFacts| (facts.total_gpu_memory_gib(), facts.memory_mb);
        let mut larger: Vec<Self> = table::INSTANCES
            .iter()
            .filter(|facts| (facts.gpus > 0) == (self.0.gpus > 0) && size(facts) >= size(self.0))
            .map(Self)
            .filter(|other| other.availability(region) == Availability::Present)
            .collect();
        larger.sort_by_key(|other| (size(other.0), other.0.vcpus, other.0.name));
        let mut families = Vec::new();
        larger.retain(|other| {
            let family: &'static str = other.0.name.split('.').next().unwrap_or_default();
            let is_new = families.len() < 3 && !families.contains(&family);
            families.extend(is_new.then_some(family));
            is_new
        });
        larger
    }

    /// The figures of every known type, sorted by name.
    pub fn known() -> &'static [InstanceFacts] {
        table::INSTANCES
    }
}

fn find(name: &str) -> Option<&'static InstanceFacts> {
    let index = table::INSTANCES.binary_search_by(|facts| facts.name.cmp(name)).ok()?;
    table::INSTANCES.get(index)
}

text_impls!(InstanceType);

#[cfg(test)]
mod tests;
