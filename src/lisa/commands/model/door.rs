//! The two ways to model management: with AWS credentials, at the table and the workflows; or with a token, at the API.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use clap::Args;
use http::Method;
use http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use lisa_api::ErrorBody;
use lisa_api::models::{DeleteModelResponse, LisaModel, ListModelsResponse, ModelResponse};
use lisa_deploy::ports::Objects;
use lisa_models::aws::{Deployment, SecretKey};
use lisa_models::management::{Asker, Management};
use lisa_signed::Wire;
use lisa_stacks::{Naming, parts::MODEL_TABLE, shared::Shared};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::origin::{self, Described};
use crate::cli::Globals;
use crate::failure::Failure;
use crate::printer::Printer;
use crate::{input, world};

/// What DynamoDB says of a table that there is not.
const NO_TABLE: &str = "ResourceNotFoundException";

/// Longer than API Gateway lets a function think.
const PATIENCE: Duration = Duration::from_secs(35);

/// Which way to go.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Where the models are")]
pub(super) struct Where {
    /// URL of the REST API, with its stage: neither config nor AWS credentials are needed then
    #[arg(long, env = "LISA_API_URL", value_name = "URL")]
    url: Option<String>,
    /// Token for `--url`: of the OpenID provider, or an API token
    #[arg(long, env = "LISA_TOKEN", value_name = "TOKEN", hide_env_values = true)]
    token: Option<String>,
}

/// A way that is open.
pub(in crate::commands) enum Door {
    /// With AWS credentials; beside model management there may be the bucket of weights.
    Account(Management, Option<Bucket>),
    /// With a token.
    Api(Api),
}

/// The bucket of weights.
pub(in crate::commands) struct Bucket {
    objects: Arc<dyn Objects>,
    name: String,
}

/// The API of a deployment.
pub(in crate::commands) struct Api {
    wire: Wire,
    url: String,
    token: Option<HeaderValue>,
}

impl Where {
    /// Does something at model management.
    pub(super) fn go<T>(
        &self,
        globals: &Globals,
        printer: &Printer,
        work: impl AsyncFnOnce(Door) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        if let Some(url) = &self.url {
            let door = Door::Api(Api::new(url, self.token.as_deref())?);
            return world::run(work(door));
        }
        let input = input::load_and_warn(globals, printer)?;
        world::run(async {
            let connection = world::connect(&input.config).await?;
            let (objects, name) =
                (connection.world.objects.clone(), input.config.s3_bucket_models.to_string());
            let management = management(&input.config, &connection.session);
            work(Door::Account(management, Some(Bucket { objects, name }))).await
        })
    }
}

impl Door {
    /// The way with AWS credentials, by a configuration.
    pub(in crate::commands) fn of(config: &lisa_config::Config, session: &lisa_signed::Session) -> Self {
        Self::Account(management(config, session), None)
    }

    /// What the bucket of weights says of a model; none where it is out of reach or says nothing.
    pub(super) async fn weights(&self, model: &str) -> Option<Described> {
        match self {
            Self::Account(_, Some(Bucket { objects, name })) => {
                origin::from_bucket(&**objects, name, model).await.ok().flatten()
            }
            _ => None,
        }
    }

    pub(in crate::commands) async fn list(&self) -> Result<ListModelsResponse, Failure> {
        match self {
            Self::Account(management, _) => {
                management.list(&Asker::ADMIN, None, None).await.map_err(|error| refused(&error))
            }
            Self::Api(api) => {
                let mut all: ListModelsResponse = api.ask(Method::GET, "/models", None).await?;
                while let Some(place) = all.next_token.take() {
                    let path = format!("/models?nextToken={place}");
                    let more: ListModelsResponse = api.ask(Method::GET, &path, None).await?;
                    all.models.extend(more.models);
                    all.next_token = more.next_token;
                }
                Ok(all)
            }
        }
    }

    pub(super) async fn get(&self, id: &str) -> Result<LisaModel, Failure> {
        match self {
            Self::Account(management, _) => {
                management.get(&Asker::ADMIN, id).await.map_err(|error| refused(&error))
            }
            Self::Api(api) => api.model(Method::GET, &path(id), None).await,
        }
    }

    /// As [`Self::get`]; `None` where there is no such model.
    pub(super) async fn find(&self, id: &str) -> Result<Option<LisaModel>, Failure> {
        match self {
            Self::Account(management, _) => match management.get(&Asker::ADMIN, id).await {
                Err(lisa_models::Error::NotFound(_)) => Ok(None),
                found => found.map(Some).map_err(|error| refused(&error)),
            },
            Self::Api(api) => {
                let (status, body) = api.send(Method::GET, &path(id), None).await?;
                if status == 404 {
                    return Ok(None);
                }
                let answer: ModelResponse = read(status, &body)?;
                Ok(Some(answer.model))
            }
        }
    }

    /// As [`Self::find`]; `None` also where model management is not there yet.
    pub(super) async fn find_if_managed(&self, id: &str) -> Result<Option<LisaModel>, Failure> {
        if let Self::Account(management, _) = self {
            match management.get(&Asker::ADMIN, id).await {
                Err(lisa_models::Error::Refused { code, .. }) if code == NO_TABLE => return Ok(None),
                Err(lisa_models::Error::NotFound(_)) => return Ok(None),
                found => return found.map(Some).map_err(|error| refused(&error)),
            }
        }
        self.find(id).await
    }

    pub(super) async fn create(&self, request: &Value) -> Result<LisaModel, Failure> {
        match self {
            Self::Account(management, _) => {
                management.create(request, None).await.map_err(|error| refused(&error))
            }
            Self::Api(api) => api.model(Method::POST, "/models", Some(request)).await,
        }
    }

    pub(super) async fn update(&self, id: &str, request: &Value) -> Result<LisaModel, Failure> {
        match self {
            Self::Account(management, _) => {
                management.update(id, request).await.map_err(|error| refused(&error))
            }
            Self::Api(api) => api.model(Method::PUT, &path(id), Some(request)).await,
        }
    }

    pub(in crate::commands) async fn delete(&self, id: &str) -> Result<DeleteModelResponse, Failure> {
        match self {
            Self::Account(management, _) => management.delete(id).await.map_err(|error| refused(&error)),
            Self::Api(api) => api.ask(Method::DELETE, &path(id), None).await,
        }
    }
}

fn management(config: &lisa_config::Config, session: &lisa_signed::Session) -> Management {
    Management::new(lisa_models::aws::world(session, deployment(config)))
}

/// The names of a deployment's table and workflows.
fn deployment(config: &lisa_config::Config) -> Deployment {
    let naming = Naming::new(config);
    let (partition, region, account) = (config.partition.id(), &config.region, &config.account_number);
    let machine = |workflow| {
        format!("arn:{partition}:states:{region}:{account}:stateMachine:{}", naming.model_workflow(workflow))
    };
    let secret_key = naming.parameter(Shared::key_of_secrets(config.security_profile).key());
    Deployment {
        table: naming.table(MODEL_TABLE),
        machines: ["create", "update", "delete"].map(machine),
        secret_key: SecretKey::Parameter(secret_key),
    }
}

fn path(id: &str) -> String {
    format!("/models/{}", percent_encoding::utf8_percent_encode(id, percent_encoding::NON_ALPHANUMERIC))
}

/// What model management says no to, in the command line's terms.
fn refused(error: &lisa_models::Error) -> Failure {
    let help = match error {
        lisa_models::Error::NotFound(_) => "`lisa model list` shows the models that there are.",
        lisa_models::Error::Invalid(_) => "Correct what is named, and try again.",
        lisa_models::Error::Refused { code, .. } if code == NO_TABLE => {
            "The stack `models` has to be deployed first: `lisa deploy --stack models`."
        }
        lisa_models::Error::Refused { .. } => "Allow the action to the role or user that manages models.",
        lisa_models::Error::Throttled(_) | lisa_models::Error::Unavailable(_) => "Try again later.",
        _ => "`lisa model get` shows how the model stands.",
    };
    Failure::action(error.to_string(), help)
}

impl Api {
    fn new(url: &str, token: Option<&str>) -> Result<Self, Failure> {
        if !(url.starts_with("https://") || url.starts_with("http://")) {
            return Err(Failure::usage(format!("`{url}` is no URL"), "It begins with `https://`."));
        }
        let bundle = ["AWS_CA_BUNDLE", "SSL_CERT_FILE"].iter().find_map(std::env::var_os).map(PathBuf::from);
        let wire = Wire::new(bundle.as_deref()).map_err(|error| {
            Failure::action(error.to_string(), "Name a bundle of certificates in PEM by `SSL_CERT_FILE`.")
        })?;
        let bearer = |token: &str| {
            let mut value = HeaderValue::from_str(&format!("Bearer {}", token.trim())).map_err(|_| {
                Failure::usage("the token has characters that no header takes", "Copy it anew.")
            })?;
            value.set_sensitive(true);
            Ok(value)
        };
        let token = token.filter(|token| !token.is_empty()).map(bearer).transpose()?;
        Ok(Self { wire, url: url.trim_end_matches('/').to_owned(), token })
    }

    async fn model(&self, method: Method, path: &str, body: Option<&Value>) -> Result<LisaModel, Failure> {
        let answer: ModelResponse = self.ask(method, path, body).await?;
        Ok(answer.model)
    }

    async fn ask<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<T, Failure> {
        let (status, body) = self.send(method, path, body).await?;
        read(status, &body)
    }

    async fn send(&self, method: Method, path: &str, body: Option<&Value>) -> Result<(u16, Bytes), Failure> {
        let unanswered = |why: String| {
            let help = "Check the URL, the network and its proxy; a certificate of one's own is named by `SSL_CERT_FILE`.";
            Failure::action(format!("`{}` does not answer: {why}", self.url), help)
        };
        let mut request = http::Request::builder().method(method).uri(format!("{}{path}", self.url));
        if let Some(token) = &self.token {
            request = request.header(AUTHORIZATION, token);
        }
        if body.is_some() {
            request = request.header(CONTENT_TYPE, "application/json");
        }
        let body = body.map(|body| Bytes::from(body.to_string())).unwrap_or_default();
        let request = request.body(body).map_err(|error| unanswered(error.to_string()))?;
        let late = |_| unanswered(format!("no answer in {} s", PATIENCE.as_secs()));
        let answer = tokio::time::timeout(PATIENCE, self.wire.fetch(request)).await.map_err(late)?;
        let answer = answer.map_err(unanswered)?;
        Ok((answer.status().as_u16(), answer.into_body()))
    }
}

fn read<T: DeserializeOwned>(status: u16, body: &[u8]) -> Result<T, Failure> {
    if (200..300).contains(&status) {
        return serde_json::from_slice(body).map_err(|error| {
            let help = "Is the URL that of the REST API, with its stage? `lisa outputs` shows it.";
            Failure::action(format!("the answer is none of model management: {error}"), help)
        });
    }
    let told = serde_json::from_slice::<ErrorBody>(body).map(|body| body.message);
    let told = told.unwrap_or_else(|_| String::from_utf8_lossy(body).chars().take(200).collect());
    let help = match status {
        401 | 403 => "Give a token of somebody who may by `--token` or `LISA_TOKEN`.",
        404 => "`lisa model list` shows the models that there are.",
        _ => "Correct what is named, and try again.",
    };
    Err(Failure::action(format!("model management answered with status {status}: {told}"), help))
}
