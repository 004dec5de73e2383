//! The small calls about the account. The emulator knows all of these services but Service Quotas.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result, ensure};
use lisa_signed::{Signed, service};
use serde_json::json;

use super::{ACCOUNT, connect};

/// As long as a token has to be.
const TOKEN: &str = "0123456789abcdef0123456789abcdef";

#[test]
fn parameters_and_secrets_are_read_and_written() -> Result<()> {
    let (emulator, connection) = connect()?;
    let account = &connection.world.account;
    let signed = Signed::new(&connection.session);
    emulator.block_on(async {
        ensure!(account.identity().await?.account == ACCOUNT, "who is calling");
        ensure!(account.parameter("/lisa/none").await?.is_none(), "there is none");
        let body = json!({ "Name": "/lisa/url", "Value": "https://lisa", "Type": "String" });
        signed.json(&service::SSM, "PutParameter", &body).await?;
        ensure!(account.parameter("/lisa/url").await?.as_deref() == Some("https://lisa"), "its value");

        ensure!(!account.has_secret_value("token").await?, "a secret that is not there has none");
        let body = json!({ "Name": "token", "ClientRequestToken": TOKEN });
        signed.json(&service::SECRETS, "CreateSecret", &body).await?;
        for _ in 0..2 {
            account.put_secret_value("token", "word", TOKEN).await?;
        }
        ensure!(account.has_secret_value("token").await?, "it has one now");
        Ok(())
    })
}

#[test]
fn subnets_tell_whether_they_lead_out() -> Result<()> {
    let (emulator, connection) = connect()?;
    let reference = |id: &str| json!({ "Ref": id });
    let subnet = |block: &str| {
        let zone = json!({ "Fn::Select": [0, { "Fn::GetAZs": "" }] });
        json!({ "Type": "AWS::EC2::Subnet", "Properties":
            { "VpcId": reference("Network"), "CidrBlock": block, "AvailabilityZone": zone } })
    };
    let of = |kind: &str, properties: serde_json::Value| json!({ "Type": kind, "Properties": properties });
    let template = json!({ "Resources": {
        "Network": of("AWS::EC2::VPC", json!({ "CidrBlock": "10.0.0.0/16" })),
        "Public": subnet("10.0.0.0/24"),
        "Private": subnet("10.0.1.0/24"),
        "Gateway": { "Type": "AWS::EC2::InternetGateway" },
        "Attached": of("AWS::EC2::VPCGatewayAttachment",
            json!({ "VpcId": reference("Network"), "InternetGatewayId": reference("Gateway") })),
        "Table": of("AWS::EC2::RouteTable", json!({ "VpcId": reference("Network") })),
        "Route": of("AWS::EC2::Route", json!({ "RouteTableId": reference("Table"),
            "DestinationCidrBlock": "0.0.0.0/0", "GatewayId": reference("Gateway") })),
        "Association": of("AWS::EC2::SubnetRouteTableAssociation",
            json!({ "RouteTableId": reference("Table"), "SubnetId": reference("Public") })),
    } })
    .to_string();
    let client = aws_sdk_cloudformation::Client::new(connection.session.config());
    let account = &connection.world.account;
    emulator.block_on(async {
        client.create_stack().stack_name("network").template_body(template).send().await?;
        for _ in 0..600 {
            let stack = connection.world.cloudformation.stack("network").await?.context("the stack")?;
            if stack.status.as_str() == "CREATE_COMPLETE" {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        let resources = connection.world.cloudformation.resources("network").await?;
        let id = |name: &str| -> Result<String> {
            let found = resources.iter().find(|resource| resource.logical_id == name);
            Ok(found.with_context(|| format!("{name} was not made"))?.physical_id.clone())
        };
        let subnets = account.subnets(&id("Network")?).await?;
        ensure!(subnets.len() == 2, "{subnets:?}");
        for (name, leads) in [("Public", true), ("Private", false)] {
            let id = id(name)?;
            let subnet = subnets.iter().find(|subnet| subnet.id == id).context("the subnet")?;
            ensure!(
                subnet.is_public == leads && subnet.leads_out == leads && !subnet.zone.is_empty(),
                "{subnet:?}"
            );
        }
        Ok(())
    })
}

#[test]
fn logs_are_read_from_a_time_on_and_in_order() -> Result<()> {
    let (emulator, connection) = connect()?;
    let account = &connection.world.account;
    let signed = Signed::new(&connection.session);
    emulator.block_on(async {
        ensure!(account.log_events("/lisa/serve", UNIX_EPOCH, 10).await?.is_empty(), "there is no group yet");
        let now = u64::try_from(SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis())?;
        let group = json!({ "logGroupName": "/lisa/serve" });
        signed.json(&service::LOGS, "CreateLogGroup", &group).await?;
        let stream = json!({ "logGroupName": "/lisa/serve", "logStreamName": "one" });
        signed.json(&service::LOGS, "CreateLogStream", &stream).await?;
        let events: Vec<_> = (0..5)
            .map(|number| json!({ "timestamp": now + number, "message": format!("line {number}\n") }))
            .collect();
        let body = json!({ "logGroupName": "/lisa/serve", "logStreamName": "one", "logEvents": events });
        signed.json(&service::LOGS, "PutLogEvents", &body).await?;
        let from = UNIX_EPOCH + std::time::Duration::from_millis(now + 2);
        let read = account.log_events("/lisa/serve", from, 2).await?;
        let lines: Vec<_> = read.iter().map(|event| event.message.as_str()).collect();
        ensure!(lines == ["line 2", "line 3"], "{read:?}");
        Ok(())
    })
}

#[test]
fn roles_tags_and_quotas_are_asked_for() -> Result<()> {
    let (emulator, connection) = connect()?;
    let account = &connection.world.account;
    emulator.block_on(async {
        let service = "opensearchservice.amazonaws.com";
        let made = account.ensure_service_linked_role(service).await?;
        let again = account.ensure_service_linked_role(service).await?;
        ensure!(made && !again, "made once");
        let tags = BTreeMap::from([("lisa:deployment".to_owned(), "none".to_owned())]);
        ensure!(account.tagged(&tags).await?.is_empty(), "nothing is tagged");
        ensure!(account.instance_offerings(&BTreeSet::new()).await?.is_empty(), "nothing was asked");
        // The emulator has no Service Quotas: what it answers must not be taken for a limit of nothing.
        let quota = account.quota("ec2", "L-DB2E81BA").await;
        ensure!(!matches!(quota, Ok(Some(value)) if value <= 0.0), "{quota:?}");
        Ok(())
    })
}
