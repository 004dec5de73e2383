//! Which resource types and properties a region does not have, where AWS publishes data for the region.

mod table;

/// What a region lacks of the types that this crate generates.
#[derive(Debug)]
pub struct RegionGaps {
    /// Resource types that the region does not have.
    pub types: &'static [&'static str],
    /// Top-level properties that a type does not have there.
    pub properties: &'static [(&'static str, &'static [&'static str])],
}

/// What `region` lacks; `None` where nobody publishes data (the isolated partitions): unknown, not complete.
pub fn gaps(region: &str) -> Option<&'static RegionGaps> {
    let index = table::TABLE.binary_search_by(|(name, _)| (*name).cmp(region)).ok()?;
    Some(&table::TABLE[index].1)
}
