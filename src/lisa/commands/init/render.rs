//! The text of a new configuration: the keys that a deployment needs, each with a word of comment.

use std::fmt::{self, Write as _};

use super::Store;
use super::answers::{Answers, Provider};

/// Engines that run a model under its Hugging Face name as it is.
const TEXT_ENGINE: &str = "ghcr.io/huggingface/text-generation-inference:2.0.1";
const EMBEDDING_ENGINE: &str = "ghcr.io/huggingface/text-embeddings-inference:1.2.3";
/// The smallest instance with a GPU that 7-billion-parameter models fit on.
const INSTANCE: &str = "g5.xlarge";

/// Stands where no certificate is given.
const PLAIN_HTTP: &str = concat!(
    "  # Without a certificate the serve API speaks plain HTTP, which `lisa synth` refuses unless told otherwise.\n",
    "  # loadBalancerConfig:\n",
    "  #   sslCertIamArn: arn:aws:acm:...\n",
);

/// The answers as `config.yaml`.
pub(super) fn yaml(answers: &Answers) -> String {
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = document(&mut text, answers);
    text
}

fn document(text: &mut String, answers: &Answers) -> fmt::Result {
    writeln!(text, "# yaml-language-server: $schema=config.schema.json")?;
    writeln!(
        text,
        "# An editor checks this file by the line above once `lisa schema > config.schema.json` was run.\n"
    )?;
    writeln!(text, "accountNumber: {}", quoted(&answers.account))?;
    writeln!(text, "region: {}", answers.region)?;
    writeln!(text, "deploymentName: {}", quoted(&answers.name))?;
    writeln!(text, "\n# Holds the weights of each model under its Hugging Face name.")?;
    writeln!(text, "s3BucketModels: {}", quoted(&answers.bucket))?;
    if let Some(vpc) = &answers.vpc {
        writeln!(
            text,
            "\n# Its subnets are asked for at deploy time unless `subnets` lists them.\nvpcId: {vpc}"
        )?;
    }
    if let Some(url) = &answers.python_index {
        writeln!(text, "\npypiConfig:\n  indexUrl: {}", quoted(url))?;
    }
    match &answers.provider {
        Some(provider) => sign_in(text, provider)?,
        None => text.push_str(
            "\n# Both need an identity provider: `authConfig`.\ndeployChat: false\ndeployUi: false\n",
        ),
    }
    serve(text, answers)?;
    store(text, answers.store)?;
    models(text, answers)
}

fn sign_in(text: &mut String, provider: &Provider) -> fmt::Result {
    writeln!(text, "\nauthConfig:")?;
    writeln!(text, "  authority: {}", quoted(&provider.authority))?;
    writeln!(text, "  clientId: {}", quoted(&provider.client_id))?;
    if !provider.admin_group.is_empty() {
        writeln!(text, "  adminGroup: {}", quoted(&provider.admin_group))?;
    }
    Ok(())
}

fn serve(text: &mut String, answers: &Answers) -> fmt::Result {
    writeln!(text, "\nrestApiConfig:")?;
    match &answers.provider {
        Some(_) => writeln!(text, "  internetFacing: true")?,
        None => writeln!(
            text,
            "  # From the internet it is reached only with an identity provider.\n  internetFacing: false"
        )?,
    }
    match &answers.certificate {
        Some(arn) => writeln!(text, "  loadBalancerConfig:\n    sslCertIamArn: {}", quoted(arn)),
        None => text.write_str(PLAIN_HTTP),
    }
}

fn store(text: &mut String, store: Store) -> fmt::Result {
    let (kind, settings) = match store {
        Store::None => return Ok(()),
        Store::Opensearch => ("opensearch", "opensearchConfig:\n      dataNodes: 2"),
        Store::Pgvector => ("pgvector", "rdsConfig:\n      username: postgres"),
    };
    writeln!(text, "\ndeployRag: true\nragRepositories:")?;
    writeln!(text, "  - repositoryId: documents\n    type: {kind}\n    {settings}")
}

fn models(text: &mut String, answers: &Answers) -> fmt::Result {
    if answers.models.is_empty() && answers.embedding_models.is_empty() {
        return Ok(());
    }
    writeln!(text, "\necsModels:")?;
    for name in &answers.models {
        model(text, name, "textgen", TEXT_ENGINE, answers)?;
        writeln!(text, "    streaming: true")?;
    }
    let mut embedding = answers.embedding_models.iter();
    embedding.try_for_each(|name| model(text, name, "embedding", EMBEDDING_ENGINE, answers))
}

fn model(text: &mut String, name: &str, kind: &str, image: &str, answers: &Answers) -> fmt::Result {
    writeln!(text, "  - modelName: {}\n    modelType: {kind}", quoted(name))?;
    writeln!(text, "    instanceType: {INSTANCE}\n    baseImage: {image}")?;
    match &answers.certificate {
        Some(arn) => writeln!(text, "    loadBalancerConfig:\n      sslCertIamArn: {}", quoted(arn)),
        None => Ok(()),
    }
}

/// A text in double quotes: what JSON escapes, YAML reads alike.
fn quoted(text: impl fmt::Display) -> String {
    serde_json::Value::from(text.to_string()).to_string()
}
