//! Resources by their tags: the Resource Groups Tagging API.

use std::collections::BTreeMap;

use lisa_deploy::ports::Call;
use lisa_signed::{Signed, service};
use serde_json::{Value, json};

use crate::error::signed;

/// ARNs of the resources that carry all of these tags.
pub(super) async fn tagged(client: &Signed, tags: &BTreeMap<String, String>) -> Call<Vec<String>> {
    let filters: Vec<Value> =
        tags.iter().map(|(key, value)| json!({ "Key": key, "Values": [value] })).collect();
    let mut arns = Vec::new();
    let mut token = String::new();
    loop {
        let body = json!({ "TagFilters": filters, "PaginationToken": token });
        let answer = client.json(&service::TAGGING, "GetResources", &body).await;
        let answer = answer.map_err(signed("tag:GetResources"))?;
        let listed = answer["ResourceTagMappingList"].as_array().into_iter().flatten();
        arns.extend(listed.filter_map(|resource| resource["ResourceARN"].as_str()).map(str::to_owned));
        answer["PaginationToken"].as_str().unwrap_or_default().clone_into(&mut token);
        if token.is_empty() {
            return Ok(arns);
        }
    }
}
