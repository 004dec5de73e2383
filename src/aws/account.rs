//! Who is calling, and what the account has and may: calls to services that need no SDK crate of their own.

mod balancers;
mod capacity;
mod logs;
mod network;
mod secrets;
mod tags;

use std::collections::{BTreeMap, BTreeSet};
use std::time::SystemTime;

use async_trait::async_trait;
use lisa_deploy::ports::account::{Identity, LogEvent, Subnet};
use lisa_deploy::ports::{self, Call, CallError, CallErrorKind};
use lisa_signed::{Signed, service};
use serde_json::json;

use crate::error::{incomplete, signed};

pub(crate) struct Account {
    signed: Signed,
}

impl Account {
    pub(crate) fn new(signed: Signed) -> Self {
        Self { signed }
    }
}

#[async_trait]
impl ports::Account for Account {
    async fn identity(&self) -> Call<Identity> {
        const ACTION: &str = "sts:GetCallerIdentity";
        let answer =
            self.signed.query(&service::STS, "GetCallerIdentity", &[]).await.map_err(signed(ACTION))?;
        let field = |name: &str| {
            let found = answer.at("GetCallerIdentityResult").and_then(|result| result.text_at(name));
            found.map(str::to_owned).ok_or_else(|| incomplete(ACTION, name))
        };
        Ok(Identity { account: field("Account")?, arn: field("Arn")? })
    }

    async fn parameter(&self, name: &str) -> Call<Option<String>> {
        const ACTION: &str = "ssm:GetParameter";
        let body = json!({ "Name": name, "WithDecryption": true });
        let answer = self.signed.json(&service::SSM, "GetParameter", &body).await;
        let Some(answer) = found(answer.map_err(signed(ACTION)))? else { return Ok(None) };
        let value = answer["Parameter"]["Value"].as_str().ok_or_else(|| incomplete(ACTION, "value"))?;
        Ok(Some(value.to_owned()))
    }

    async fn subnets(&self, vpc: &str) -> Call<Vec<Subnet>> {
        network::subnets(&self.signed, vpc).await
    }

    async fn has_secret_value(&self, secret: &str) -> Call<bool> {
        secrets::has_value(&self.signed, secret).await
    }

    async fn put_secret_value(&self, secret: &str, value: &str, token: &str) -> Call<()> {
        secrets::put_value(&self.signed, secret, value, token).await
    }

    async fn ensure_service_linked_role(&self, service: &str) -> Call<bool> {
        let parameters = [("AWSServiceName", service)];
        let answer = self.signed.query(&service::IAM, "CreateServiceLinkedRole", &parameters).await;
        match answer.map_err(signed("iam:CreateServiceLinkedRole")) {
            // The name "has been taken in this account": it is there.
            Err(error) if error.kind == CallErrorKind::Conflict => Ok(false),
            answer => answer.map(|_| true),
        }
    }

    async fn unprotect_load_balancer(&self, arn: &str) -> Call<()> {
        balancers::unprotect(&self.signed, arn).await
    }

    async fn instance_offerings(&self, types: &BTreeSet<String>) -> Call<BTreeMap<String, BTreeSet<String>>> {
        capacity::offerings(&self.signed, types).await
    }

    async fn quota(&self, service: &str, code: &str) -> Call<Option<f64>> {
        capacity::quota(&self.signed, service, code).await
    }

    async fn tagged(&self, tags: &BTreeMap<String, String>) -> Call<Vec<String>> {
        tags::tagged(&self.signed, tags).await
    }

    async fn log_events(&self, group: &str, from: SystemTime, limit: u32) -> Call<Vec<LogEvent>> {
        logs::events(&self.signed, group, from, limit).await
    }
}

/// What is not there is no error here.
fn found<T>(answer: Result<T, CallError>) -> Call<Option<T>> {
    match answer {
        Err(error) if error.kind == CallErrorKind::NotFound => Ok(None),
        answer => answer.map(Some),
    }
}
