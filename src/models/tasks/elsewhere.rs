//! Models that LISA does not host: one small request shows that they answer.

use lisa_api::models::{CreateModelRequest, ModelType};
use serde_json::{Value, json};

use super::Tasks;
use crate::error::Error;

/// Where a model answers, as its name and URL tell. The prefixes are LiteLLM's, which upstream's users write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Elsewhere<'a> {
    /// A model of Bedrock, by its id or ARN.
    Bedrock(&'a str),
    /// An endpoint of SageMaker.
    SageMaker(&'a str),
    /// A server of OpenAI's protocol, by its base URL, and what it calls the model.
    OpenAi {
        /// Such as `https://models.example.com/v1`.
        url: &'a str,
        /// Such as `meta-llama/Llama-3.1-8B`.
        model: &'a str,
    },
}

impl<'a> Elsewhere<'a> {
    /// Where an external model answers; `None` where neither its name nor a URL tells.
    pub(crate) fn of(request: &'a CreateModelRequest) -> Option<Self> {
        let name = request.model_name.as_str();
        if let Some(url) = &request.model_url {
            let own = ["openai/", "hosted_vllm/"].iter().find_map(|prefix| name.strip_prefix(prefix));
            return Some(Self::OpenAi { url: url.trim_end_matches('/'), model: own.unwrap_or(name) });
        }
        let sagemaker = || name.strip_prefix("sagemaker_chat/").or_else(|| name.strip_prefix("sagemaker/"));
        match name.strip_prefix("bedrock/") {
            Some(id) => Some(Self::Bedrock(id.strip_prefix("converse/").unwrap_or(id))),
            None => sagemaker().map(Self::SageMaker),
        }
    }
}

/// What is missing of a request whose model nobody could reach.
pub(crate) fn unreachable() -> Error {
    Error::field(
        "modelUrl",
        "is missing; a model that is not hosted here is reached by its URL, unless `modelName` begins with `bedrock/` \
         or `sagemaker/`",
    )
}

/// Sends the model one small request; the error says what came of it.
pub(super) async fn probe(tasks: &Tasks, request: &CreateModelRequest) -> Result<(), Error> {
    let models = &tasks.world.models;
    match Elsewhere::of(request).ok_or_else(unreachable)? {
        Elsewhere::Bedrock(id) => {
            let (path, body) = bedrock(id, request.model_type);
            models.bedrock(&path, &body).await.map_err(|error| refused(error, "Bedrock"))
        }
        Elsewhere::SageMaker(endpoint) => {
            let body = json!({ "inputs": "ping", "parameters": { "max_new_tokens": 1 } });
            models.sagemaker(endpoint, &body).await.map_err(|error| refused(error, "SageMaker"))
        }
        Elsewhere::OpenAi { url, model } => openai(tasks, request, url, model).await,
    }
}

/// A fault that passes is left to the workflow's retries.
fn refused(error: Error, who: &str) -> Error {
    match error {
        Error::Throttled(_) | Error::Unavailable(_) => error,
        other => Error::hopeless("ModelRefused", format!("{who} does not answer for this model: {other}")),
    }
}

/// The smallest request that a model of Bedrock takes. Models of embeddings have no form in common.
fn bedrock(id: &str, kind: ModelType) -> (String, Value) {
    let id = percent_encoding::utf8_percent_encode(id, percent_encoding::NON_ALPHANUMERIC);
    match kind {
        ModelType::Embedding if id.to_string().contains("cohere") => {
            (format!("/model/{id}/invoke"), json!({ "texts": ["ping"], "input_type": "search_query" }))
        }
        ModelType::Embedding => (format!("/model/{id}/invoke"), json!({ "inputText": "ping" })),
        _ => {
            let messages = json!([{ "role": "user", "content": [{ "text": "ping" }] }]);
            let body = json!({ "messages": messages, "inferenceConfig": { "maxTokens": 1 } });
            (format!("/model/{id}/converse"), body)
        }
    }
}

async fn openai(tasks: &Tasks, request: &CreateModelRequest, url: &str, model: &str) -> Result<(), Error> {
    let models = &tasks.world.models;
    let key = models.key(&request.model_id).await?;
    let answer = match request.model_type {
        ModelType::TextGen => {
            let messages = json!([{ "role": "user", "content": "ping" }]);
            let body = json!({ "model": model, "messages": messages, "max_tokens": 1 });
            models.post(&format!("{url}/chat/completions"), key.as_deref(), &body).await
        }
        ModelType::Embedding => {
            let body = json!({ "model": model, "input": "ping" });
            models.post(&format!("{url}/embeddings"), key.as_deref(), &body).await
        }
        // An image costs money, a video more.
        ModelType::ImageGen | ModelType::VideoGen => models.get(&format!("{url}/models")).await,
    };
    match answer {
        Ok(reply) if reply.is_success() => Ok(()),
        Ok(reply) if reply.status == 429 => {
            Err(Error::Throttled(format!("`{url}` answered with status 429")))
        }
        Ok(reply) if reply.status >= 500 => {
            Err(Error::Unavailable(format!("`{url}` answered with status {}: {}", reply.status, reply.body)))
        }
        Ok(reply) => {
            let help = if matches!(reply.status, 401 | 403) {
                format!(" Its key is read from the secret `{}`.", models.key_place(&request.model_id))
            } else {
                String::new()
            };
            let (status, body) = (reply.status, reply.body);
            Err(Error::hopeless(
                "ModelRefused",
                format!("`{url}` answered with status {status}: {body}.{help}"),
            ))
        }
        Err(why) => Err(Error::Unavailable(format!("`{url}` does not answer: {why}"))),
    }
}
