//! DynamoDB tables: on demand, encrypted with the data key, restorable to any second, kept as `removalPolicy` says.

use lisa_api::tables::{Index, Table};
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

/// Adds a table of the given physical name, with the keys that its description says.
pub fn table(
    stack: &mut StackBuilder<'_>,
    logical_id: &str,
    name: String,
    described: &Table,
) -> Handle<dynamodb::Table> {
    let protected = stack.config().removal_policy == RemovalPolicy::Retain;
    let key: Value<String> = stack.data_key().into();
    let mut table = dynamodb::Table::new(Value::<Json>::from(key_schema(described)))
        .table_name(name)
        .attribute_definitions(attributes(described))
        .billing_mode("PAY_PER_REQUEST")
        .deletion_protection_enabled(protected)
        .point_in_time_recovery_specification(
            PointInTimeRecoverySpecification::new().point_in_time_recovery_enabled(true),
        )
        .sse_specification(SseSpecification::new(true).sse_type(SseType::KMS).kms_master_key_id(key));
    if !described.indexes.is_empty() {
        let indexes: Vec<_> = described.indexes.iter().map(global_index).collect();
        table = table.global_secondary_indexes(indexes);
    }
    if let Some(attribute) = described.time_to_live {
        table =
            table.time_to_live_specification(TimeToLiveSpecification::new(true).attribute_name(attribute));
    }
    stack.add_stateful(logical_id, table)
}

fn key_schema(described: &Table) -> serde_json::Value {
    let keys =
        std::iter::once((described.partition, "HASH")).chain(described.sort.map(|name| (name, "RANGE")));
    keys.map(|(name, kind)| json!({ "AttributeName": name, "KeyType": kind })).collect()
}

fn attributes(described: &Table) -> Vec<AttributeDefinition> {
    let mut names = described.key_attributes();
    names.sort_unstable();
    names.into_iter().map(|name| AttributeDefinition::new(name, AttributeType::S)).collect()
}

fn global_index(index: &Index) -> GlobalSecondaryIndex {
    let mut keys = vec![GlobalSecondaryIndexKeySchema::new(index.partition, "HASH")];
    keys.extend(index.sort.map(|sort| GlobalSecondaryIndexKeySchema::new(sort, "RANGE")));
    GlobalSecondaryIndex::new(index.name, keys, Projection::new().projection_type("ALL"))
}
