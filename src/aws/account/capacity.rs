//! What a region offers and the account may have of it: instance types and quotas.

use std::collections::{BTreeMap, BTreeSet};

use lisa_deploy::ports::{Call, CallErrorKind};
use lisa_signed::{Signed, service};
use serde_json::json;

use crate::error::{incomplete, signed};

/// Which of these instance types are offered, and where.
pub(super) async fn offerings(
    client: &Signed,
    types: &BTreeSet<String>,
) -> Call<BTreeMap<String, BTreeSet<String>>> {
    const ACTION: &str = "ec2:DescribeInstanceTypeOfferings";
    let mut offered: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    if types.is_empty() {
        return Ok(offered);
    }
    let names: Vec<String> = (1..=types.len()).map(|number| format!("Filter.1.Value.{number}")).collect();
    let values = names.iter().map(String::as_str).zip(types.iter().map(String::as_str));
    let mut fixed = vec![("LocationType", "availability-zone"), ("Filter.1.Name", "instance-type")];
    fixed.extend(values);
    let mut token = String::new();
    loop {
        let mut parameters = fixed.clone();
        if !token.is_empty() {
            parameters.push(("NextToken", &token));
        }
        let answer = client.query(&service::EC2, "DescribeInstanceTypeOfferings", &parameters).await;
        let answer = answer.map_err(signed(ACTION))?;
        for item in answer.items("instanceTypeOfferingSet") {
            let field = |name| item.text_at(name).ok_or_else(|| incomplete(ACTION, name));
            let (kind, zone) = (field("instanceType")?, field("location")?);
            offered.entry(kind.to_owned()).or_default().insert(zone.to_owned());
        }
        match answer.text_at("nextToken") {
            Some(next) => next.clone_into(&mut token),
            None => return Ok(offered),
        }
    }
}

/// A quota that was applied to the account, else its default.
pub(super) async fn quota(client: &Signed, service: &str, code: &str) -> Call<Option<f64>> {
    let asked = [
        ("GetServiceQuota", "servicequotas:GetServiceQuota"),
        ("GetAWSDefaultServiceQuota", "servicequotas:GetAWSDefaultServiceQuota"),
    ];
    for (operation, action) in asked {
        let body = json!({ "ServiceCode": service, "QuotaCode": code });
        match client.json(&service::QUOTAS, operation, &body).await.map_err(signed(action)) {
            Err(error) if matches!(error.kind, CallErrorKind::NotFound | CallErrorKind::Unsupported) => {}
            answer => {
                let value = answer?["Quota"]["Value"].as_f64();
                return value.ok_or_else(|| incomplete(action, "value")).map(Some);
            }
        }
    }
    Ok(None)
}
