//! AWS regions: any text that one of the eight partitions would name a region by.
//!
//! A region that AWS opens tomorrow follows the pattern of its partition, so it is taken although no table knows it
//! yet. Substrings say nothing: `us-isob-east-1` contains `us-iso` and is not in `aws-iso`.

use crate::error::NameError;
use crate::nearest::nearest;
use crate::partition::Partition;
use crate::word::text_impls;

/// A region, and by its pattern a partition.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Region(String, Partition);

text_impls!(Region);

impl Region {
    /// The common shape of all partitions' regions; a looser test than [`Region::new`].
    pub const PATTERN: &'static str = r"^[a-z]{2,4}(-[a-z]{2,4})?-[a-z0-9]+-[0-9]+$";

    /// Takes a region that matches a partition's pattern, known or not.
    ///
    /// The error lists the partitions and names the nearest known region.
    pub fn new(text: &str) -> Result<Self, NameError> {
        if let Some(partition) = Partition::of(text) {
            return Ok(Self(text.to_owned(), partition));
        }
        let partitions: Vec<_> = Partition::ALL.iter().map(|partition| partition.id()).collect();
        let allowed = format!("partitions are {}", partitions.join(", "));
        let error = NameError::new("a region", text, "no partition names a region so".to_owned(), allowed);
        Err(match Self::nearest(text) {
            Some(near) => error.with_help(format!("Did you mean `{near}`?")),
            None => error.with_help("Write a region such as `us-east-1` or `us-gov-west-1`."),
        })
    }

    /// The text of the name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The partition whose pattern the region matches.
    pub fn partition(&self) -> Partition {
        self.1
    }

    /// Whether the region was known when the table was made; an unknown one is worth a warning.
    pub fn is_known(&self) -> bool {
        self.partition().regions().contains(&self.as_str())
    }

    /// Every region that the table knows, partition by partition.
    pub fn known() -> impl Iterator<Item = Self> {
        let in_partition = |partition: Partition| {
            partition.regions().iter().map(move |text| Self((*text).to_owned(), partition))
        };
        Partition::ALL.into_iter().flat_map(in_partition)
    }

    /// The known region nearest to a mistyped one.
    pub fn nearest(text: &str) -> Option<&'static str> {
        let slip = text.trim().to_lowercase().replace([' ', '_'], "-");
        nearest(&slip, Partition::ALL.iter().flat_map(|partition| partition.regions()).copied())
    }
}

#[cfg(test)]
mod tests;
