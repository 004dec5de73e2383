//! Once more with the emulator's IAM: every function runs as its role, so what the roles allow suffices for what people
//! ask for, and a permission that is missing is noticed by name.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, SystemTime};

use anyhow::{Context as _, Result, anyhow, ensure};
use lisa_auth::token_table::{NewToken, TokenTable};
use lisa_config::Config;
use lisa_deploy::ports::World;
use lisa_deploy::ports::objects::{Body, NewObject};
use lisa_signed::Signed;
use lisa_stacks::{Assets, Naming, synthesize};
use lisa_testkit::emulator::{Outcome, unknown, view};
use lisa_testkit::{Emulator, http, programs};
use serde_json::{Value, json};

use super::FULL;
use super::operator::REGION;
use super::stage::config;

const ACCOUNT: &str = "012345678901";

/// The stacks whose functions are asked, and what these stand on.
const STACKS: [&str; 7] = ["core", "network", "serve", "api", "models", "chat", "rag"];

/// Packages of functions.
const PACKAGES: [&str; 4] = ["lisa-authorizer", "lisa-chat", "lisa-models", "lisa-rag"];

/// A deployment whose callers are held to their policies.
struct Guarded {
    emulator: Emulator,
    world: World,
    config: Config,
    assets: Assets,
    token: String,
}

impl Guarded {
    fn set() -> Result<Self> {
        let config = config(FULL, &[])?;
        let emulator = Emulator::start_enforcing(ACCOUNT)?;
        let session = emulator.session(ACCOUNT, REGION)?;
        let world = emulator.block_on(lisa_aws::enter(session, Some(ACCOUNT)))?.world;
        let mut guarded = Self { emulator, world, config, assets: Assets::not_built(), token: String::new() };
        guarded.send_packages()?;
        for stack in STACKS {
            guarded.deploy(stack, |_| ())?;
        }
        guarded.token = guarded.make_token()?;
        Ok(guarded)
    }

    fn send_packages(&mut self) -> Result<()> {
        let bucket = Naming::new(&self.config).asset_bucket();
        let made = json!({ "Type": "AWS::S3::Bucket", "Properties": { "BucketName": bucket } });
        let template = json!({ "Resources": { "Bucket": made } });
        let outcome = self.emulator.deploy(REGION, "packages", &template, &BTreeMap::new())?;
        ensure!(outcome == Outcome::Complete(1), "{outcome:?}");
        for service in PACKAGES {
            let package = lisa_containers::zip::package(&std::fs::read(programs::service(service)?)?)?;
            let hash = lisa_stacks::hex_digest(&package);
            self.assets = std::mem::replace(&mut self.assets, Assets::not_built()).with(service, &hash);
            let object = NewObject {
                bucket: bucket.clone(),
                key: self.assets.package_key(service),
                body: Body::Bytes(package.into()),
                content_type: "application/zip".to_owned(),
                content_encoding: None,
                cache_control: None,
                metadata: BTreeMap::new(),
            };
            self.emulator.block_on(self.world.objects.put(&object, &|_| ()))?;
        }
        Ok(())
    }

    /// Creates a stack as the emulator can take it, after something was done to its template.
    fn deploy(&self, stack: &str, alter: impl FnOnce(&mut Value)) -> Result<()> {
        let app = synthesize(&self.config, &self.assets).map_err(|errors| anyhow!("{errors:?}"))?;
        let found = app.stacks.iter().find(|known| known.name == stack).context("a stack of this name")?;
        // No container is started here.
        let template = view::without_types(&found.template.to_json(), &["AWS::ECS::Service"]);
        let mut template = view::of_known(&template);
        only_asked(&mut template);
        self.publish(&mut template)?;
        let url = self.emulator.url();
        for (_, resource) in template["Resources"].as_object_mut().into_iter().flatten() {
            if resource["Type"] == "AWS::Lambda::Function" {
                resource["Properties"]["Environment"]["Variables"]["AWS_ENDPOINT_URL"] = json!(url);
            }
        }
        alter(&mut template);
        let outcome = self.emulator.deploy(REGION, &found.deployed_name, &template, &BTreeMap::new())?;
        ensure!(matches!(outcome, Outcome::Complete(_)), "{stack}: {outcome:?}");
        Ok(())
    }

    /// Lets the parameters that AWS publishes be read where somebody else may write.
    fn publish(&self, template: &mut Value) -> Result<()> {
        for (id, parameter) in
            template.get_mut("Parameters").and_then(Value::as_object_mut).into_iter().flatten()
        {
            let Some(name) = parameter["Default"].as_str().filter(|name| name.starts_with("/aws/")) else {
                continue;
            };
            let name = format!("{}{name}", unknown::PUBLIC_PREFIX);
            let value = unknown::PUBLIC_VALUE;
            let properties = json!({ "Name": name, "Type": "String", "Value": value });
            let made = json!({ "Resources": { "Public": { "Type": "AWS::SSM::Parameter", "Properties": properties } } });
            let outcome = self.emulator.deploy(REGION, &format!("public-{id}"), &made, &BTreeMap::new())?;
            ensure!(outcome == Outcome::Complete(1), "{outcome:?}");
            parameter["Default"] = name.into();
        }
        Ok(())
    }

    fn make_token(&self) -> Result<String> {
        let name = Naming::new(&self.config).token_table();
        let table = TokenTable::new(Signed::new(&self.emulator.session(ACCOUNT, REGION)?), name);
        let groups = BTreeSet::from(["lisa-admins".to_owned()]);
        let new = NewToken { user: Some("ada".to_owned()), groups, name: None, expires: None, created: 1 };
        let made = self.emulator.block_on(table.create(&new)).map_err(|error| anyhow!("{error}"))?;
        Ok(made.token)
    }

    /// Asks the REST API.
    fn asks(&self, method: &str, path: &str, body: &Value) -> Result<(u16, String)> {
        let stack = Naming::new(&self.config).stack("api");
        let ids = self.emulator.physical_ids(REGION, &stack)?;
        let (id, stage) =
            (ids.get("RestApi").context("an API")?, Naming::new(&self.config).stage().to_owned());
        let url = format!("{}/restapis/{id}/{stage}/_user_request_{path}", self.emulator.url());
        let bearer = format!("Bearer {}", self.token);
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let headers = [("Authorization", bearer.as_str()), ("Content-Type", "application/json")];
        http::send(method, &url, &headers, body)
    }

    /// What a function has logged.
    fn log(&self, function: &str) -> Result<String> {
        let group = Naming::new(&self.config).log_group(function);
        let since = SystemTime::now() - Duration::from_hours(1);
        let events = self.emulator.block_on(self.world.account.log_events(&group, since, 1000))?;
        Ok(events.into_iter().map(|event| event.message + "\n").collect())
    }
}

/// What people ask for, each with the function that answers: requests of every kind that a function makes.
fn requests() -> Vec<(&'static str, &'static str, &'static str, Value)> {
    let message = json!({ "type": "human", "content": "hello", "metadata": {} });
    let template = json!({ "title": "t", "body": "b", "type": "persona", "groups": [] });
    vec![
        ("chat", "PUT", "/session/s-1", json!({ "messages": [message], "name": "first" })),
        ("chat", "GET", "/session", Value::Null),
        ("chat", "GET", "/session/s-1", Value::Null),
        ("chat", "POST", "/session/s-1/messages", json!({ "messages": [message] })),
        ("chat", "DELETE", "/session/s-1", Value::Null),
        ("chat", "POST", "/prompt-templates", template),
        ("chat", "GET", "/prompt-templates", Value::Null),
        ("chat", "GET", "/user-preferences", Value::Null),
        ("chat", "GET", "/configuration?configScope=global", Value::Null),
        ("chat", "GET", "/api-tokens", Value::Null),
        ("models", "GET", "/models", Value::Null),
        ("rag", "GET", "/repository", Value::Null),
        ("rag", "GET", "/repository/pgvector-rag/jobs", Value::Null),
    ]
}

#[test]
fn the_roles_suffice_and_a_missing_permission_is_noticed() -> Result<()> {
    let guarded = Guarded::set()?;
    let mut refused = Vec::new();
    for (function, method, path, body) in requests() {
        let (status, answer) = guarded.asks(method, path, &body)?;
        if !(200..300).contains(&status) {
            refused.push(format!("{method} {path}: {status} {answer}\n{}", guarded.log(function)?));
        }
    }
    ensure!(refused.is_empty(), "{}", refused.join("\n"));
    for function in ["authorizer", "chat", "models", "rag"] {
        let log = guarded.log(function)?;
        ensure!(!log.contains("not authorized"), "{function}: {log}");
    }

    let chat = Naming::new(&guarded.config).stack("chat");
    guarded.emulator.delete(REGION, &chat)?;
    guarded.deploy("chat", |template| forbid(template, "ChatFunctionRole", "dynamodb:PutItem"))?;
    let (status, _) = guarded.asks("GET", "/session", &Value::Null)?;
    ensure!(status >= 500, "a role without the tables: {status}");
    let log = guarded.log("chat")?;
    ensure!(log.contains("not authorized") && log.contains("dynamodb:"), "{log}");
    Ok(())
}

/// Leaves an API the routes that are asked: with all of them it fits no request, and a bucket takes no unsigned template.
fn only_asked(template: &mut Value) {
    let asked: BTreeSet<String> = requests().into_iter().map(|(_, _, path, _)| first_word(path)).collect();
    let Some(paths) = template["Resources"]
        .get_mut("RestApi")
        .and_then(|api| api["Properties"]["Body"]["paths"].as_object_mut())
    else {
        return;
    };
    paths.retain(|path, _| asked.contains(&first_word(path)));
}

/// `session` of `/session/{sessionId}` or `/session?query=a`.
fn first_word(path: &str) -> String {
    path.trim_start_matches('/').split(['/', '?']).next().unwrap_or_default().to_owned()
}

/// Takes the statement with an action out of a role.
fn forbid(template: &mut Value, role: &str, action: &str) {
    let policies = template["Resources"][role]["Properties"]["Policies"].as_array_mut();
    for policy in policies.into_iter().flatten() {
        let statements = policy["PolicyDocument"]["Statement"].as_array_mut();
        let allows = |statement: &Value| {
            let actions = &statement["Action"];
            actions == action || actions.as_array().is_some_and(|all| all.contains(&json!(action)))
        };
        if let Some(statements) = statements {
            statements.retain(|statement| !allows(statement));
        }
    }
}
