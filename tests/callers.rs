//! Who is calling, with the real parts: an OpenID provider, Cognito, the token table in DynamoDB, and the commands that
//! write to it.

mod certificates;
mod cognito;
mod openid;
mod tokens;

use std::process::{Command, Output};

use anyhow::{Context as _, Result, ensure};
use lisa_api::settings::AuthSettings;
use lisa_testkit::Emulator;
use serde_json::Value;
use tempfile::TempDir;

pub(crate) const ACCOUNT: &str = "123456789012";
pub(crate) const REGION: &str = "us-east-1";

/// The least that a deployment is.
pub(crate) const CONFIG: &str = r#"
accountNumber: "123456789012"
region: us-east-1
deploymentName: demo
s3BucketModels: weights
deployChat: false
deployUi: false
authConfig: {authority: "https://login.example.com", clientId: lisa, adminGroup: admins, jwtGroupsProperty: groups}
"#;

/// A person with a config, and credentials on the emulator.
pub(crate) struct Operator {
    directory: TempDir,
    url: String,
}

impl Operator {
    pub(crate) fn new(emulator: &Emulator) -> Result<Self> {
        let directory = TempDir::with_prefix("lisa-callers-")?;
        std::fs::write(directory.path().join("config.yaml"), CONFIG)?;
        Ok(Self { directory, url: emulator.url() })
    }

    /// Runs the command, and wants it to succeed.
    pub(crate) fn lisa(&self, arguments: &[&str]) -> Result<String> {
        let output = self.run(arguments)?;
        let [said, told] =
            [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes).into_owned());
        ensure!(output.status.success(), "{arguments:?}: {said}\n{told}");
        Ok(said)
    }

    fn run(&self, arguments: &[&str]) -> Result<Output> {
        let mut command = Command::new(env!("CARGO_BIN_EXE_lisa"));
        command.args(arguments).current_dir(self.directory.path()).env_clear();
        let credentials = [("AWS_ACCESS_KEY_ID", ACCOUNT), ("AWS_SECRET_ACCESS_KEY", "test")];
        let rest = [("AWS_ENDPOINT_URL", self.url.as_str()), ("AWS_EC2_METADATA_DISABLED", "true")];
        Ok(command.envs(credentials).envs(rest).env("PATH", "/usr/bin:/bin").output()?)
    }

    pub(crate) fn json(&self, arguments: &[&str]) -> Result<Value> {
        let arguments = [arguments, &["--output", "json"]].concat();
        serde_json::from_str(&self.lisa(&arguments)?).context("the command prints JSON")
    }
}

/// Settings without any way in.
pub(crate) fn closed() -> AuthSettings {
    AuthSettings {
        use_auth: "true".to_owned(),
        authority: None,
        client_id: None,
        admin_group: Some("admins".to_owned()),
        user_group: None,
        api_group: None,
        rag_admin_group: None,
        groups_property: None,
        token_table: None,
        management_secret: None,
    }
}

/// The credential of an `Authorization` header.
fn bearer(token: &str) -> Result<lisa_auth::Credential, lisa_auth::Refusal> {
    lisa_auth::Credential::from_headers([format!("Bearer {token}").as_bytes()], [])
}
