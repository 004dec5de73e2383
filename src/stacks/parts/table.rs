//! DynamoDB tables: on demand, encrypted with the data key, restorable to any second, kept as `removalPolicy` says.

use lisa_cfn::aws::dynamodb::{
    self,
    table::{
        AttributeDefinition, AttributeType, GlobalSecondaryIndex, GlobalSecondaryIndexKeySchema,
        PointInTimeRecoverySpecification, Projection, SseSpecification, SseType, TimeToLiveSpecification,
    },
};
use lisa_cfn::{Handle, Json, Value};
use lisa_config::section::environment::RemovalPolicy;
use serde_json::json;

use crate::builder::StackBuilder;

/// A global secondary index over all attributes. Keys are text.
#[derive(Clone, Copy, Debug)]
pub struct Index {
    /// The index's name.
    pub name: &'static str,
    /// Partition key.
    pub partition: &'static str,
    /// Sort key.
    pub sort: Option<&'static str>,
}

/// Adds a table of the given physical name. `keys` are the partition key and, if any, the sort key, all text;
/// `time_to_live` is the attribute that holds an item's end as epoch seconds.
pub fn table(
    stack: &mut StackBuilder<'_>,
    logical_id: &str,
    name: String,
    keys: &[&'static str],
    indexes: &[Index],
    time_to_live: Option<&'static str>,
) -> Handle<dynamodb::Table> {
    let protected = stack.config().removal_policy == RemovalPolicy::Retain;
    let key: Value<String> = stack.data_key().into();
    let mut table = dynamodb::Table::new(Value::<Json>::from(key_schema(keys)))
        .table_name(name)
        .attribute_definitions(attributes(keys, indexes))
        .billing_mode("PAY_PER_REQUEST")
        .deletion_protection_enabled(protected)
        .point_in_time_recovery_specification(
            PointInTimeRecoverySpecification::new().point_in_time_recovery_enabled(true),
        )
        .sse_specification(SseSpecification::new(true).sse_type(SseType::KMS).kms_master_key_id(key));
    if !indexes.is_empty() {
        table = table.global_secondary_indexes(indexes.iter().map(global_index).collect::<Vec<_>>());
    }
    if let Some(attribute) = time_to_live {
        table =
            table.time_to_live_specification(TimeToLiveSpecification::new(true).attribute_name(attribute));
    }
    stack.add_stateful(logical_id, table)
}

fn key_schema(keys: &[&str]) -> serde_json::Value {
    let kinds = ["HASH", "RANGE"];
    let entries =
        keys.iter().zip(kinds).map(|(name, kind)| json!({ "AttributeName": name, "KeyType": kind }));
    entries.collect()
}

fn attributes(keys: &[&'static str], indexes: &[Index]) -> Vec<AttributeDefinition> {
    let of_indexes = indexes.iter().flat_map(|index| std::iter::once(index.partition).chain(index.sort));
    let mut names: Vec<&str> = keys.iter().copied().chain(of_indexes).collect();
    names.sort_unstable();
    names.dedup();
    names.into_iter().map(|name| AttributeDefinition::new(name, AttributeType::S)).collect()
}

fn global_index(index: &Index) -> GlobalSecondaryIndex {
    let mut keys = vec![GlobalSecondaryIndexKeySchema::new(index.partition, "HASH")];
    keys.extend(index.sort.map(|sort| GlobalSecondaryIndexKeySchema::new(sort, "RANGE")));
    GlobalSecondaryIndex::new(index.name, keys, Projection::new().projection_type("ALL"))
}
