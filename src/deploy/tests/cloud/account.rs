//! The account of the fake cloud: who calls, parameters, secrets, subnets, quotas, tags and logs.

use std::collections::{BTreeMap, BTreeSet};
use std::time::SystemTime;

use async_trait::async_trait;
use lisa_deploy::ports::Call;
use lisa_deploy::ports::account::{Account, Identity, LogEvent, Subnet};

use super::{Cloud, FakeStack};

#[async_trait]
impl Account for Cloud {
    async fn identity(&self) -> Call<Identity> {
        self.call("sts:GetCallerIdentity", |_| {
            let arn = "arn:aws:iam::123456789012:user/operator".to_owned();
            Ok(Identity { account: "123456789012".to_owned(), arn })
        })
        .await
    }

    async fn parameter(&self, name: &str) -> Call<Option<String>> {
        self.call("ssm:GetParameter", |state| Ok(state.parameters.get(name).cloned())).await
    }

    async fn subnets(&self, vpc: &str) -> Call<Vec<Subnet>> {
        self.call("ec2:DescribeSubnets", |state| Ok(state.subnets.get(vpc).cloned().unwrap_or_default()))
            .await
    }

    async fn has_secret_value(&self, secret: &str) -> Call<bool> {
        let key = format!("secret:{secret}");
        self.call("secretsmanager:GetSecretValue", |state| Ok(state.parameters.contains_key(&key))).await
    }

    async fn put_secret_value(&self, secret: &str, value: &str, _token: &str) -> Call<()> {
        let key = format!("secret:{secret}");
        self.call("secretsmanager:PutSecretValue", |state| {
            state.parameters.insert(key, value.to_owned());
            Ok(())
        })
        .await
    }

    async fn ensure_service_linked_role(&self, service: &str) -> Call<bool> {
        let key = format!("role:{service}");
        self.call("iam:CreateServiceLinkedRole", |state| {
            Ok(state.parameters.insert(key, String::new()).is_none())
        })
        .await
    }

    async fn unprotect_load_balancer(&self, arn: &str) -> Call<()> {
        self.call("elasticloadbalancing:ModifyLoadBalancerAttributes", |state| {
            state.unprotected.insert(arn.to_owned());
            Ok(())
        })
        .await
    }

    async fn instance_offerings(&self, types: &BTreeSet<String>) -> Call<BTreeMap<String, BTreeSet<String>>> {
        let zones: BTreeSet<String> = ["us-east-1a", "us-east-1b"].map(str::to_owned).into();
        let all = types.iter().map(|kind| (kind.clone(), zones.clone())).collect();
        self.call("ec2:DescribeInstanceTypeOfferings", |_| Ok(all)).await
    }

    async fn quota(&self, _service: &str, _code: &str) -> Call<Option<f64>> {
        self.call("servicequotas:GetServiceQuota", |_| Ok(None)).await
    }

    async fn tagged(&self, tags: &BTreeMap<String, String>) -> Call<Vec<String>> {
        self.call("tag:GetResources", |state| {
            let carries =
                |stack: &&FakeStack| tags.iter().all(|(key, value)| stack.tags.get(key) == Some(value));
            let resources = state.stacks.iter().filter(carries).flat_map(|stack| stack.resources.values());
            Ok(resources.map(|resource| format!("arn:aws:fake:::{}", resource.physical_id)).collect())
        })
        .await
    }

    async fn log_events(&self, _group: &str, _from: SystemTime, _limit: u32) -> Call<Vec<LogEvent>> {
        self.call("logs:FilterLogEvents", |_| Ok(Vec::new())).await
    }
}
