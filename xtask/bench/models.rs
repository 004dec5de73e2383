//! `cargo xtask bench models`: how long model management takes until CloudFormation has a model's stack to make, what its
//! package weighs, and how soon its function answers when nothing runs yet.
//!
//! AWS is the emulator, a process of its own: the time until the stack is asked for has its answers in it, the CPU time
//! has not. Step Functions is the executor in this process.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result as Anyhow, bail, ensure};
use async_trait::async_trait;
use lisa_api::settings::ModelsSettings;
use lisa_api::tables::MODELS;
use lisa_deploy::ports::cloudformation::StackEvent;
use lisa_models::aws::{self, Deployment, SecretKey};
use lisa_models::local::{Runner, real_time};
use lisa_models::ports::{NewStack, StackView, Stacks};
use lisa_models::tasks::{Place, Tasks};
use lisa_models::{Error, Management, World};
use lisa_signed::{Signed, service};
use lisa_testkit::emulator::create_table;
use lisa_testkit::runtime_api::{Function, Outcome, proxied};
use lisa_testkit::{Emulator, http};
use serde_json::{Value, json};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

use super::figure::{Budget, Figure, figure, tell};
use super::inside::cpu_ms;

const REGION: &str = "us-east-1";
const ACCOUNT: &str = "000000000000";
const TABLE: &str = "demo-lisa-prod-models";
const PARAMETER: &str = "/prod/demo/lisa/models/config";

/// The part of a configuration that the stack `models` keeps.
const CONFIG: &str = r#"{"accountNumber":"000000000000","region":"us-east-1","deploymentName":"demo",
    "s3BucketModels":"weights","deployChat":false,"deployRag":false,"deployUi":false,
    "restApiConfig":{"internetFacing":false}}"#;

/// Longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(30);

/// Measures with the request at `request` and the package's program; prints, and says whether every promise is kept.
pub(super) fn run(request: &Path, program: &Path, runs: usize) -> Anyhow<bool> {
    let emulator = Emulator::start()?;
    let request: Value = serde_json::from_slice(&fs::read(request)?)?;
    prepare(&emulator, &request)?;
    let mut figures = emulator.block_on(creations(&emulator, &request, runs))?;
    let bytes = fs::read(program).with_context(|| format!("could not read `{}`", program.display()))?;
    let package = lisa_containers::zip::package(&bytes)?;
    figures.push(figure("package of lisa-models", megabytes(package.len()), "MB", Budget::AtMost(10.0)));
    let started = (0..runs).map(|_| cold_start(&emulator, program)).collect::<Anyhow<Vec<_>>>()?;
    let name = "cold start to the first answer, with a look at the table";
    figures.push(figure(name, median(started), "ms", Budget::AtMost(300.0)));
    Ok(tell(figures))
}

/// What a deployment has: the table, its configuration, weights.
fn prepare(emulator: &Emulator, request: &Value) -> Anyhow<()> {
    let name = request["modelName"].as_str().context("a model has a name")?;
    for path in ["/weights".to_owned(), format!("/weights/{name}/config.json")] {
        let (status, said) = http::send("PUT", &format!("{}{path}", emulator.url()), &[], "{}".to_owned())?;
        ensure!(status == 200, "{path}: {status} {said}");
    }
    let signed = Signed::new(&emulator.session(ACCOUNT, REGION)?);
    emulator.block_on(async {
        create_table(&signed, TABLE, &MODELS).await?;
        let parameter = json!({ "Name": PARAMETER, "Type": "String", "Value": CONFIG });
        signed.json(&service::SSM, "PutParameter", &parameter).await?;
        Ok(())
    })
}

/// CloudFormation, noting when a stack is asked for.
struct Noting {
    stacks: Arc<dyn Stacks>,
    asked: UnboundedSender<(Instant, f64)>,
}

#[async_trait]
impl Stacks for Noting {
    async fn create(&self, stack: &NewStack) -> Result<Option<String>, Error> {
        // Whoever measures has gone on, or hears it.
        let _ = self.asked.send((Instant::now(), cpu_ms().unwrap_or(f64::INFINITY)));
        self.stacks.create(stack).await
    }

    async fn describe(&self, stack: &str) -> Result<Option<StackView>, Error> {
        self.stacks.describe(stack).await
    }

    async fn events(&self, stack: &str) -> Result<Vec<StackEvent>, Error> {
        self.stacks.events(stack).await
    }

    async fn resource(&self, stack: &str, logical_id: &str) -> Result<Option<String>, Error> {
        self.stacks.resource(stack, logical_id).await
    }

    async fn delete(&self, stack: &str, role: &str, token: &str) -> Result<(), Error> {
        self.stacks.delete(stack, role, token).await
    }
}

/// From the call that creates a model to the call of `CreateStack`, several times.
async fn creations(emulator: &Emulator, request: &Value, runs: usize) -> Anyhow<Vec<Figure>> {
    let session = emulator.session(ACCOUNT, REGION)?;
    let secret_key = SecretKey::Arn(String::new());
    let deployment = Deployment { table: TABLE.to_owned(), machines: Default::default(), secret_key };
    let (asked, mut calls) = unbounded_channel();
    let runner = Runner::new(real_time);
    let own = aws::world(&session, deployment);
    let stacks = Arc::new(Noting { stacks: own.stacks.clone(), asked });
    let world = World { stacks, workflows: Arc::new(runner.clone()), ..own };
    runner.with_tasks(Tasks::new(world.clone(), place()));
    let management = Management::new(world.clone());
    let (mut times, mut work) = (Vec::new(), Vec::new());
    for number in 0..=runs {
        let mut request = request.clone();
        let id = format!("measured-{number}");
        request["modelId"] = json!(id);
        let (begun, before) = (Instant::now(), cpu_ms()?);
        management.create(&request, None).await?;
        let call = tokio::time::timeout(PATIENCE, calls.recv()).await.ok().flatten();
        let (at, after) = call.context("no stack is asked for")?;
        // The first one opens the connections, as a function does once.
        if number > 0 {
            times.push((at - begun).as_secs_f64() * 1e3);
            work.push(after - before);
        }
        let row = world.rows.get(&id).await?.context("a model has a row")?;
        let execution = row.execution.context("an execution is at work on it")?;
        world.workflows.stop(&execution, "it has been measured").await?;
        runner.ended(&execution).await;
    }
    let most = || Budget::AtMost(1000.0);
    Ok(vec![
        figure("from create to the call of CreateStack, of CPU", median(work), "ms", most()),
        figure("the same by the clock, AWS being the emulator", median(times), "ms", most()),
    ])
}

fn place() -> Place {
    Place {
        region: Some(REGION.to_owned()),
        deployment: "demo".to_owned(),
        bucket: "weights".to_owned(),
        config_parameters: vec![PARAMETER.to_owned()],
        stack_role: format!("arn:aws:iam::{ACCOUNT}:role/stacks"),
        weights_digest: None,
    }
}

/// Milliseconds from the start of the function's program to its answer to an administrator who lists the models.
fn cold_start(emulator: &Emulator, program: &Path) -> Anyhow<f64> {
    let url = emulator.url();
    let required = ModelsSettings::<String>::variables().into_iter().filter(|variable| variable.required);
    let mut variables: Vec<(&str, &str)> = required.map(|variable| (variable.name, "some-text")).collect();
    variables.extend([
        ("MODEL_TABLE_NAME", TABLE),
        ("MANAGEMENT_KEY_NAME", "management"),
        ("USE_AUTH", "true"),
        ("LOG_LEVEL", "INFO"),
        ("AWS_REGION", REGION),
        ("AWS_ACCESS_KEY_ID", ACCOUNT),
        ("AWS_SECRET_ACCESS_KEY", "test"),
        ("AWS_ENDPOINT_URL", &url),
    ]);
    let mut event = proxied("GET", "/models", "/models");
    event["queryStringParameters"] = Value::Null;
    event["multiValueQueryStringParameters"] = Value::Null;
    event["requestContext"]["authorizer"] = json!({ "principalId": "ada", "username": "ada", "authType": "jwt", "groups": "[]", "isAdmin": "true" });
    let begun = Instant::now();
    let function = Function::start(Command::new(program), "models", &variables)?;
    let outcome = function.invoke(event)?;
    let time = begun.elapsed().as_secs_f64() * 1e3;
    let Outcome::Returned(answer) = outcome else { bail!("{outcome:?}\n{}", function.log()) };
    let is_list = answer["body"].as_str().is_some_and(|body| body.contains("measured-1"));
    ensure!(answer["statusCode"] == 200 && is_list, "{answer}\n{}", function.log());
    Ok(time)
}

#[expect(clippy::cast_precision_loss, reason = "far from 2^52 bytes")]
fn megabytes(bytes: usize) -> f64 {
    bytes as f64 / 1e6
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
