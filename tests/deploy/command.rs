//! The command itself on the emulator: `lisa deploy` from nothing to a page in its bucket, again without a change, and
//! `lisa destroy`. The services' programs are stand-ins: they are packed and sent, and nobody starts them.

use std::process::{Command, Output};

use anyhow::{Result, ensure};
use lisa_testkit::emulator::proxy::Passed;
use lisa_testkit::{Emulator, Proxy};
use tempfile::TempDir;

/// A deployment that nobody outside its network reaches, so that the readiness gate does not wait for answers.
const CONFIG: &str = r#"
accountNumber: "123456789012"
region: us-east-1
deploymentName: demo
s3BucketModels: weights
deployServe: false
privateEndpoints: true
webAppAssetsPath: page
authConfig: {authority: "https://login.example.com", clientId: lisa, adminGroup: admins, jwtGroupsProperty: groups}
"#;

/// The head of a static program for 64-bit x86, and nothing behind it.
const PROGRAM: [u8; 20] = *b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x02\0\x3e\0";

struct Operator {
    directory: TempDir,
    url: String,
}

impl Operator {
    fn new(proxy: &Proxy) -> Result<Self> {
        let directory = TempDir::with_prefix("lisa-deploy-")?;
        let mut program = PROGRAM.to_vec();
        program.resize(64, 0);
        for service in ["lisa-authorizer", "lisa-chat"] {
            let path = directory.path().join("services/x86_64");
            std::fs::create_dir_all(&path)?;
            std::fs::write(path.join(service), &program)?;
        }
        std::fs::create_dir_all(directory.path().join("page/assets"))?;
        std::fs::write(directory.path().join("page/index.html"), "<script src=\"env.js\"></script>")?;
        std::fs::write(directory.path().join("page/assets/app-4f2a91c0.js"), "1")?;
        std::fs::write(directory.path().join("config.yaml"), CONFIG)?;
        Ok(Self { directory, url: proxy.url() })
    }

    fn lisa(&self, arguments: &[&str]) -> Result<Output> {
        let mut command = Command::new(env!("CARGO_BIN_EXE_lisa"));
        command.args(arguments).current_dir(self.directory.path()).env_clear();
        let credentials = [("AWS_ACCESS_KEY_ID", "123456789012"), ("AWS_SECRET_ACCESS_KEY", "test")];
        let rest = [
            ("AWS_ENDPOINT_URL", self.url.as_str()),
            ("AWS_EC2_METADATA_DISABLED", "true"),
            ("LISA_SERVICES", "services"),
        ];
        Ok(command.envs(credentials).envs(rest).env("PATH", "/usr/bin:/bin").output()?)
    }
}

fn text(output: &Output) -> String {
    let [out, err] = [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes));
    format!("exit {:?}\n{out}\n{err}", output.status.code())
}

fn count(passed: &[Passed], action: &str) -> usize {
    passed.iter().filter(|request| request.action == action).count()
}

#[test]
fn the_command_deploys_leaves_alone_and_takes_away() -> Result<()> {
    let emulator = Emulator::start()?;
    let proxy = Proxy::start(&emulator)?;
    let operator = Operator::new(&proxy)?;

    let planned = operator.lisa(&["deploy", "--plan-only"])?;
    ensure!(planned.status.code() == Some(7), "{}", text(&planned));
    ensure!(count(&proxy.take_passed(), "ExecuteChangeSet") == 0, "a plan changes nothing");

    let asked = operator.lisa(&["deploy"])?;
    ensure!(asked.status.code() == Some(2), "without a terminal nobody can agree: {}", text(&asked));

    let first = operator.lisa(&["deploy", "--yes"])?;
    ensure!(first.status.success(), "{}", text(&first));
    let said = text(&first);
    ensure!(said.contains("web page: 3 stored, 0 unchanged"), "{said}");
    let outputs: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(
        operator.directory.path().join("lisa.out/outputs.json"),
    )?)?;
    ensure!(outputs["page"].as_str().is_some_and(|url| url.ends_with("/prod/")), "{outputs}");
    proxy.take_passed();

    let second = operator.lisa(&["deploy", "--yes"])?;
    ensure!(second.status.success(), "{}", text(&second));
    let passed = proxy.take_passed();
    for action in ["PutObject", "UploadPart", "ExecuteChangeSet"] {
        ensure!(count(&passed, action) == 0, "a second run does no {action}: {}", text(&second));
    }

    let misnamed = operator.lisa(&["destroy", "--yes", "prod", "--empty"])?;
    ensure!(misnamed.status.code() == Some(2), "{}", text(&misnamed));
    let removed = operator.lisa(&["destroy", "--yes", "demo", "--empty"])?;
    ensure!(removed.status.success(), "{}", text(&removed));
    let status = operator.lisa(&["status"])?;
    let standing = text(&status);
    ensure!(standing.lines().filter(|line| line.contains("_COMPLETE")).count() == 1, "{standing}");
    Ok(())
}
