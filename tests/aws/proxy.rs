//! The test kit's own proxy: what the emulator does not know passes by it, and what was given is what comes back.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, ensure};
use aws_sdk_cloudformation::config::Builder;
use lisa_deploy::ports::cloudformation::{ChangeSetRequest, ChangeSetState, TemplateSource};
use lisa_signed::Session;
use lisa_testkit::{Emulator, Proxy};
use serde_json::json;

use super::{ACCOUNT, REGION};

#[test]
fn a_template_with_types_that_the_emulator_does_not_know_is_deployed_whole() -> Result<()> {
    let emulator = Emulator::start()?;
    let proxy = Proxy::start(&emulator)?;
    let session = emulator.session(ACCOUNT, REGION)?;
    let config = session.config().to_builder().endpoint_url(proxy.url()).build();
    let session = Session::from_parts(&config, session.wire().clone());
    let address = json!({ "Fn::GetAtt": ["Address", "AllocationId"] });
    let image = json!({ "Type": "AWS::SSM::Parameter::Value<String>", "Default": "/aws/service/image/<id>" });
    let template = json!({
        "Parameters": { "Image": image },
        "Resources": {
            "Address": { "Type": "AWS::EC2::EIP" },
            "Kept": { "Type": "AWS::SSM::Parameter", "Properties": { "Type": "String", "Value": address } },
        },
        "Outputs": { "Image": { "Value": { "Ref": "Image" } } },
    })
    .to_string();
    emulator.block_on(async {
        let world = lisa_aws::enter(session, Some(ACCOUNT)).await?.world;
        let request = ChangeSetRequest {
            stack: "app".to_owned(),
            name: "first".to_owned(),
            creates: true,
            template: TemplateSource::Body(template.clone()),
            parameters: BTreeMap::new(),
            tags: BTreeMap::new(),
            token: "token".to_owned(),
        };
        proxy.take_passed();
        world.cloudformation.create_change_set(&request).await?;
        let set = world.cloudformation.change_set("app", "first").await?.context("the change set")?;
        ensure!(set.state == ChangeSetState::Ready && set.changes.len() == 1, "{set:?}");
        world.cloudformation.execute_change_set("app", "first", "token").await?;
        ensure!(world.cloudformation.template("app").await? == template, "the template as it was given");
        let passed = proxy.take_passed();
        let changing: Vec<_> = passed.iter().filter(|it| it.changes()).map(|it| it.action.as_str()).collect();
        ensure!(changing == ["CreateChangeSet", "ExecuteChangeSet"], "{passed:?}");
        Ok(())
    })
}

#[test]
fn a_type_that_nobody_knows_is_refused_loudly() -> Result<()> {
    let emulator = Emulator::start()?;
    let proxy = Proxy::start(&emulator)?;
    let client = Builder::from(emulator.session(ACCOUNT, REGION)?.config()).endpoint_url(proxy.url()).build();
    let client = aws_sdk_cloudformation::Client::from_conf(client);
    let template = json!({ "Resources": { "New": { "Type": "AWS::New::Thing" } } }).to_string();
    let made = client.create_change_set().stack_name("app").change_set_name("first").template_body(template);
    let made = made.change_set_type(aws_sdk_cloudformation::types::ChangeSetType::Create);
    let error = emulator.block_on(made.send()).err().context("the emulator does not know it")?;
    let said = error.into_service_error();
    ensure!(format!("{said:?}").contains("AWS::New::Thing"), "{said:?}");
    Ok(())
}
