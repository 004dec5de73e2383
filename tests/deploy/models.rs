//! Models of the configuration: brought up by `lisa deploy` through model management, left as somebody has made them since,
//! changed where their entry has changed, and the first to go.

use std::collections::BTreeMap;
use std::fs;

use anyhow::{Result, ensure};
use lisa_signed::{Signed, service};
use lisa_testkit::docker::{self, docker};
use lisa_testkit::emulator::Outcome;
use lisa_testkit::http;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::operator::{Operator, REGION, Said};

const ACCOUNT: &str = "123456789012";

/// Where the engine's image is, in the account's registry.
const REPOSITORY: &str = "engines/small";

/// How much of a workflow's waiting is done: two thousandths.
const PACE: &str = "0.002";

/// A deployment with a model, with these hosts and this variable.
fn config(instance: &str, tokens: u32) -> String {
    format!(
        "accountNumber: '{ACCOUNT}'\nregion: {REGION}\ndeploymentName: demo\ns3BucketModels: weights\n\
         deployChat: false\ndeployRag: false\ndeployUi: false\n\
         restApiConfig: {{internetFacing: false}}\nremovalPolicy: destroy\n\
         authConfig: {{authority: 'https://login.example.com', clientId: lisa, adminGroup: admins, jwtGroupsProperty: groups}}\n\
         ecsModels:\n- modelName: mistralai/Mistral-7B-Instruct-v0.2\n  modelId: mistral\n  deploy: true\n  \
         modelType: textgen\n  streaming: true\n  instanceType: {instance}\n  inferenceContainer: vllm\n  \
         containerConfig:\n    environment: {{MAX_TOTAL_TOKENS: '{tokens}'}}\n    \
         image: {{type: ecr, repositoryArn: 'arn:aws:ecr:{REGION}:{ACCOUNT}:repository/{REPOSITORY}', tag: '1'}}\n"
    )
}

/// What the account has before: weights, and the engine's image.
fn prepare(operator: &Operator) -> Result<()> {
    let url = operator.emulator.url();
    for path in ["/weights", "/weights/mistralai/Mistral-7B-Instruct-v0.2/config.json"] {
        ensure!(http::send("PUT", &format!("{url}{path}"), &[], "{}".to_owned())?.0 == 200, "{path}");
    }
    let pace = format!("{{\"stepfunctions._SFN_WAIT_SCALE\": {PACE}}}");
    ensure!(http::send("POST", &format!("{url}/_ministack/config"), &[], pace)?.0 == 200, "the pace");
    let made = json!({ "Type": "AWS::ECR::Repository", "Properties": { "RepositoryName": REPOSITORY } });
    let template = json!({ "Resources": { "Engines": made } });
    let outcome = operator.emulator.deploy(REGION, "engines", &template, &BTreeMap::new())?;
    ensure!(outcome == Outcome::Complete(1), "{outcome:?}");
    let folder = TempDir::new()?;
    fs::copy(docker::engine()?, folder.path().join("engine"))?;
    let dockerfile = "FROM scratch\nCOPY engine /engine\nEXPOSE 8080\nENTRYPOINT [\"/engine\"]\n";
    fs::write(folder.path().join("Dockerfile"), dockerfile)?;
    let registry = operator.proxy.url().trim_start_matches("http://").to_owned();
    let image = format!("{registry}/{REPOSITORY}:1");
    docker(&["build", "--quiet", "--tag", &image, &folder.path().display().to_string()])?;
    docker(&["push", "--quiet", &image])?;
    Ok(())
}

fn model(operator: &Operator) -> Result<Value> {
    operator.does(&["model", "get", "mistral", "--output", "json"])?.json()
}

/// How often a workflow was begun.
fn workflows(said: &Said) -> usize {
    said.count("StartExecution")
}

#[test]
fn a_model_of_the_configuration_lives_by_model_management() -> Result<()> {
    let operator = Operator::new(ACCOUNT, &config("g5.xlarge", 256))?;
    prepare(&operator)?;
    let first = operator.does(&["deploy", "--yes"])?;
    ensure!(workflows(&first) == 1 && model(&operator)?["status"] == "InService", "{first}");
    ensure!(operator.emulator.stacks(REGION)?.contains(&"demo-mistral".to_owned()), "{first}");

    ensure!(
        operator.does(&["diff", "--exit-code"])?.code() == Some(0),
        "what is deployed is what is written"
    );
    operator.does(&["model", "stop", "mistral", "--wait"])?;
    ensure!(operator.does(&["diff", "--exit-code"])?.code() == Some(0), "and what is stopped was asked for");
    let second = operator.does(&["deploy", "--yes"])?;
    ensure!(
        workflows(&second) == 0 && second.count("ExecuteChangeSet") == 0,
        "nothing has changed: {second}"
    );
    ensure!(model(&operator)?["status"] == "Stopped", "what somebody has stopped stays so");
    operator.does(&["model", "start", "mistral", "--wait"])?;

    operator.writes(&config("g5.xlarge", 512))?;
    let planned = operator.lisa(&["deploy", "--plan-only"])?;
    ensure!(
        planned.code() == Some(7) && planned.to_string().contains("update    model mistral"),
        "{planned}"
    );
    let seen = operator.lisa(&["diff", "--exit-code"])?;
    ensure!(seen.code() == Some(7) && seen.to_string().contains("update the model `mistral`"), "{seen}");
    let third = operator.does(&["deploy", "--yes"])?;
    ensure!(workflows(&third) == 1, "{third}");
    let changed = model(&operator)?;
    ensure!(changed["containerConfig"]["environment"]["MAX_TOTAL_TOKENS"] == "512", "{changed}");

    operator.writes(&config("g5.2xlarge", 512))?;
    let refused = operator.lisa(&["deploy", "--yes"])?;
    ensure!(refused.code() == Some(6) && refused.to_string().contains("`instanceType`"), "{refused}");
    ensure!(
        refused.count("ExecuteChangeSet") == 0 && workflows(&refused) == 0,
        "before any change: {refused}"
    );

    operator.writes(&config("g5.xlarge", 512))?;
    register_elsewhere(&operator)?;
    // What deployments share stays, and the repository that was there before.
    let removed = operator.destroys("demo", 2)?;
    let first_deleted = removed.passed.iter().position(|request| request.action == "DeleteStack");
    let asked = removed.passed.iter().position(|request| request.action == "StartExecution");
    ensure!(asked.is_some() && asked < first_deleted, "models go first: {removed}");
    let secrets = call(&operator, &service::SECRETS, "ListSecrets", &json!({}))?.to_string();
    ensure!(!secrets.contains("demo-lisa-prod-model-other"), "its key goes with it: {secrets}");
    Ok(())
}

/// A model elsewhere with a key, as model management leaves it.
fn register_elsewhere(operator: &Operator) -> Result<()> {
    let text = |text: &str| json!({ "S": text });
    let config = json!({ "M": {
        "modelId": text("other"), "modelName": text("openai/gpt-4o"), "modelType": text("textgen"),
        "modelUrl": text("https://models.example.com/v1"),
    } });
    let row = json!({
        "model_id": text("other"), "model_status": text("InService"), "model_config": config,
        "model_url": text("https://models.example.com/v1"), "revision": { "N": "1" },
    });
    let put = json!({ "TableName": "demo-lisa-prod-models", "Item": row });
    call(operator, &service::DYNAMODB, "PutItem", &put)?;
    let secret = json!({ "Name": "demo-lisa-prod-model-other", "SecretString": "sk-other" });
    call(operator, &service::SECRETS, "CreateSecret", &secret).map(drop)
}

fn call(operator: &Operator, service: &lisa_signed::Service, operation: &str, body: &Value) -> Result<Value> {
    let signed = Signed::new(&operator.emulator.session(ACCOUNT, REGION)?);
    Ok(operator.emulator.block_on(signed.json(service, operation, body))?)
}
