//! `lisa model stage` and `lisa model fit`: from a hub on loopback and from a folder to a bucket of the emulator.

use std::path::Path;
use std::process::{Command, Output};

use anyhow::{Result, ensure};
use lisa_testkit::{Emulator, Hub};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::objects::make_bucket;
use super::{ACCOUNT, REGION};

const MODEL: &str = "mistralai/Mistral-7B-v0.1";

/// What Mistral AI publishes of that model, as far as it matters here.
const DESCRIPTION: &str = r#"{
  "model_type": "mistral", "hidden_size": 4096, "intermediate_size": 14336, "num_hidden_layers": 32,
  "num_attention_heads": 32, "num_key_value_heads": 8, "vocab_size": 32000, "tie_word_embeddings": false,
  "torch_dtype": "bfloat16", "max_position_embeddings": 32768, "sliding_window": 4096
}"#;

/// An operator's directory.
struct Operator<'a> {
    directory: TempDir,
    emulator: &'a Emulator,
    hub: &'a Hub,
}

impl<'a> Operator<'a> {
    fn new(emulator: &'a Emulator, hub: &'a Hub, bucket: &str) -> Result<Self> {
        let directory = TempDir::with_prefix("lisa-stage-")?;
        let config = format!(
            "accountNumber: \"{ACCOUNT}\"\nregion: {REGION}\ns3BucketModels: {bucket}\ndeployChat: false\ndeployUi: false\n\
             restApiConfig:\n  internetFacing: false\n  loadBalancerConfig:\n    sslCertIamArn: arn:aws:iam::{ACCOUNT}:server-certificate/lisa\n\
             ecsModels:\n  - modelName: {MODEL}\n    inferenceContainer: vllm\n    baseImage: vllm/vllm-openai:v0.6.3\n"
        );
        std::fs::write(directory.path().join("config.yaml"), config)?;
        Ok(Self { directory, emulator, hub })
    }

    fn lisa(&self, arguments: &[&str]) -> Result<Output> {
        let mut command = Command::new(env!("CARGO_BIN_EXE_lisa"));
        command.args(arguments).current_dir(self.directory.path()).env_clear();
        let url = self.emulator.url();
        let variables = [
            ("AWS_ACCESS_KEY_ID", ACCOUNT),
            ("AWS_SECRET_ACCESS_KEY", "test"),
            ("AWS_ENDPOINT_URL", url.as_str()),
            ("AWS_EC2_METADATA_DISABLED", "true"),
            ("HF_TOKEN", "hf_secret"),
        ];
        Ok(command.envs(variables).env("HF_ENDPOINT", self.hub.url()).output()?)
    }

    /// The answer as data, and the exit code.
    fn answer(&self, arguments: &[&str]) -> Result<(Value, Option<i32>)> {
        let output = self.lisa(&[arguments, &["--output", "json"]].concat())?;
        let [out, err] =
            [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes).into_owned());
        ensure!(!out.contains("hf_secret") && !err.contains("hf_secret"), "the token is nobody's to see");
        let answer = serde_json::from_str(&out).map_err(|error| anyhow::anyhow!("{error}: {out}\n{err}"))?;
        Ok((answer, output.status.code()))
    }
}

fn hub() -> Result<Hub> {
    let hub = Hub::start()?;
    hub.put("config.json", DESCRIPTION);
    hub.put("model.safetensors", vec![7; 20_000_000]);
    hub.put("tokenizer.json", vec![b' '; 3000]);
    hub.shelves().trouble.token = Some("hf_secret".to_owned());
    hub.shelves().trouble.cut_every = 2;
    Ok(hub)
}

#[test]
fn a_model_comes_from_the_hub_once() -> Result<()> {
    let (emulator, hub) = (Emulator::start()?, hub()?);
    make_bucket(&emulator)?;
    let operator = Operator::new(&emulator, &hub, super::objects::BUCKET)?;

    let (checked, exit) = operator.answer(&["model", "stage", "--check"])?;
    ensure!(
        checked["models"][0] == json!({ "model": MODEL, "standing": "absent", "staged": null }),
        "{checked:#}"
    );
    ensure!(exit == Some(7) && hub.shelves().reads == 0, "a check brings nothing: {exit:?}");

    let (staged, exit) = operator.answer(&["model", "stage"])?;
    ensure!(staged["models"][0]["standing"] == "complete", "it stands as it is now: {staged:#}");
    let row = &staged["models"][0]["staged"];
    ensure!(exit == Some(0) && row["files"] == 3 && row["bytes"] == row["stored"], "{staged:#}");
    let (checked, exit) = operator.answer(&["model", "stage", "--check"])?;
    ensure!(exit == Some(0) && checked["models"][0]["standing"] == "complete", "{checked:#}");

    let reads = hub.shelves().reads;
    let (again, _) = operator.answer(&["model", "stage", "--refresh"])?;
    ensure!(again["models"][0]["staged"]["stored"] == 0 && hub.shelves().reads == reads, "{again:#}");

    // A revision that is named is brought where the bucket has another, and left alone where it has that one.
    let named = ["model", "stage", MODEL, "--revision", "v2"];
    let (same, _) = operator.answer(&named)?;
    ensure!(same["models"][0]["staged"].is_null() && hub.shelves().reads == reads, "{same:#}");
    hub.put("tokenizer.json", vec![b'x'; 3000]);
    let (other, _) = operator.answer(&["model", "stage"])?;
    ensure!(other["models"][0]["staged"].is_null(), "{other:#}");
    let (other, _) = operator.answer(&named)?;
    ensure!(other["models"][0]["staged"]["stored"] == 3000, "{other:#}");

    let place = format!("s3://{}/{MODEL}", super::objects::BUCKET);
    let (fits, _) = operator.answer(&["model", "fit", &place, "--instance-type", "g5.xlarge"])?;
    ensure!(fits["parameters"] == 7_241_732_096_u64 && fits["hosts"][0]["verdict"] == "holds", "{fits:#}");
    Ok(())
}

#[test]
fn a_folder_of_pytorchs_files_is_stored_as_safetensors() -> Result<()> {
    let (emulator, hub) = (Emulator::start()?, hub()?);
    make_bucket(&emulator)?;
    let operator = Operator::new(&emulator, &hub, super::objects::BUCKET)?;
    let folder = operator.directory.path().join("models/own");
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/checkpoint/tests/torch");
    std::fs::create_dir_all(&folder)?;
    std::fs::write(folder.join("config.json"), "{}")?;
    std::fs::copy(fixtures.join("archive.pt"), folder.join("pytorch_model.bin"))?;
    let (staged, exit) = operator.answer(&["model", "stage", "own", "--offline"])?;
    ensure!(exit == Some(0) && staged["models"][0]["staged"]["converted"] == 1, "{staged:#}");
    ensure!(hub.shelves().reads == 0, "the hub is not asked");

    let refused = operator.lisa(&["model", "stage", "absent", "--offline"])?;
    let told = String::from_utf8_lossy(&refused.stderr).into_owned();
    ensure!(refused.status.code() == Some(6) && told.contains("does not hold the model"), "{told}");
    Ok(())
}

#[test]
fn a_model_is_measured_at_the_hub_and_nothing_large_is_read() -> Result<()> {
    let (emulator, hub) = (Emulator::start()?, hub()?);
    let operator = Operator::new(&emulator, &hub, "none")?;
    hub.shelves().trouble.cut_every = 0;
    let (fits, exit) = operator.answer(&["model", "fit", MODEL, "--instance-type", "g4dn.xlarge"])?;
    ensure!(exit == Some(6) && fits["hosts"][0]["verdict"] == "tooSmall", "{fits:#}");
    ensure!(hub.shelves().sent < 1000, "{} bytes were read", hub.shelves().sent);
    Ok(())
}

/// From the hub to the bucket, and from there to whoever is about to host it.
#[test]
fn a_model_that_its_hosts_do_not_hold_is_warned_of() -> Result<()> {
    let (emulator, hub) = (Emulator::start()?, hub()?);
    make_bucket(&emulator)?;
    hub.put("config.json", DESCRIPTION.replace("\"num_hidden_layers\": 32", "\"num_hidden_layers\": 320"));
    let operator = Operator::new(&emulator, &hub, super::objects::BUCKET)?;
    operator.answer(&["model", "stage"])?;
    // What the bucket says is all that is known.
    std::fs::remove_dir_all(operator.directory.path().join("models"))?;
    let host = ["--engine", "vllm", "--image", "vllm/vllm-openai:v0.6.3", "--instance-type"];
    let add = |instance_type: &str| {
        let named = ["model", "add", "--id", "large", "--name", MODEL];
        let added = operator.lisa(&[&named[..], &host, &[instance_type]].concat())?;
        Ok::<_, anyhow::Error>((added.status.code(), String::from_utf8_lossy(&added.stderr).into_owned()))
    };
    // Nothing is deployed that could take it: the warning comes before anything is asked for.
    let (code, told) = add("g5.xlarge")?;
    ensure!(code == Some(6) && told.contains("has to be deployed first"), "{told}");
    let warning = told.lines().next().unwrap_or_default();
    ensure!(
        warning.starts_with("warning: `g5.xlarge` does not seem to hold the model: too small: "),
        "{told}"
    );
    let fitting = warning.rsplit("; `").next().and_then(|rest| rest.split('`').next()).unwrap_or_default();
    let (code, told) = add(fitting)?;
    ensure!(code == Some(6) && !told.contains("warning"), "{fitting} is said to hold it: {told}");
    Ok(())
}
