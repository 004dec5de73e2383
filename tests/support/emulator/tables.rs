//! Tables of the emulator's DynamoDB, made as a stack would make them.

use anyhow::Result;
use lisa_api::tables::Table;
use lisa_signed::{Signed, service};
use serde_json::{Value, json};

/// Makes a table with the keys and indexes of a description.
pub async fn create_table(signed: &Signed, name: &str, table: &Table) -> Result<()> {
    let attributes: Vec<Value> = table
        .key_attributes()
        .into_iter()
        .map(|name| json!({ "AttributeName": name, "AttributeType": "S" }))
        .collect();
    let mut request = json!({
        "TableName": name,
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": attributes,
        "KeySchema": keys(table.partition, table.sort),
    });
    if !table.indexes.is_empty() {
        let index = |index: &lisa_api::tables::Index| {
            json!({
                "IndexName": index.name,
                "KeySchema": keys(index.partition, index.sort),
                "Projection": { "ProjectionType": "ALL" },
            })
        };
        request["GlobalSecondaryIndexes"] = table.indexes.iter().map(index).collect();
    }
    signed.json(&service::DYNAMODB, "CreateTable", &request).await?;
    Ok(())
}

fn keys(partition: &str, sort: Option<&str>) -> Value {
    let keys = std::iter::once((partition, "HASH")).chain(sort.map(|name| (name, "RANGE")));
    keys.map(|(name, kind)| json!({ "AttributeName": name, "KeyType": kind })).collect()
}
