//! What an endpoint is asked, in its own protocol, and how its answer is to be read.

use bytes::Bytes;
use http::HeaderValue;
use serde_json::{Value, json};

use super::Asked;
use super::reply::{Reply, Speaks, Wanted};
use crate::answer::Problem;
use crate::peek;
use crate::protocol::bedrock::embed;
use crate::protocol::openai;
use crate::protocol::openai::write::{Form, Head};
use crate::protocol::text::Text;
use crate::protocol::{Failure, anthropic, bedrock, rerank, sagemaker, v1};
use crate::registry::{Aws, Container, Endpoint, Model, Target, Upstream};
use crate::route::Ask;

/// What an endpoint is asked.
pub(crate) struct Plan {
    /// Path and query.
    pub(crate) path: String,
    /// One body, or for vectors as many as the model needs.
    pub(crate) bodies: Vec<Bytes>,
    /// The type of answer that is asked for, where the caller's own headers are not passed on.
    pub(crate) accept: Option<HeaderValue>,
    /// How the answer is read.
    pub(crate) reply: Reply,
    /// Parameters that the model does not know and was not given.
    pub(crate) dropped: Vec<String>,
}

const JSON: HeaderValue = HeaderValue::from_static("application/json");
const EVENT_STREAM: HeaderValue = HeaderValue::from_static("application/vnd.amazon.eventstream");

impl Plan {
    /// What `endpoint` is asked for a request to `model`.
    pub(crate) fn new(
        asked: &Asked<'_>,
        name: &str,
        model: &Model,
        endpoint: &Endpoint,
    ) -> Result<Self, Problem> {
        let there = endpoint.name_there(&model.name, name).unwrap_or(name.into());
        let planner = Planner { asked, name, there: &there, model, endpoint };
        match &endpoint.target {
            Target::Http(upstream) => planner.http(upstream),
            Target::Bedrock(aws) => planner.bedrock(aws),
            Target::SageMaker(_, container) => planner.sagemaker(*container),
            Target::Fixture(_) => planner.fixture(),
        }
    }

    /// One body, with nothing lost.
    fn of(path: String, body: impl Into<Bytes>, reply: Reply) -> Self {
        Self { path, bodies: vec![body.into()], accept: None, reply, dropped: Vec::new() }
    }

    fn accepting(self, stream: bool) -> Self {
        Self { accept: Some(if stream { EVENT_STREAM } else { JSON }), ..self }
    }
}

struct Planner<'a> {
    asked: &'a Asked<'a>,
    /// The name by which the model is asked for.
    name: &'a str,
    /// Its name at the endpoint.
    there: &'a str,
    model: &'a Model,
    endpoint: &'a Endpoint,
}

impl Planner<'_> {
    /// The body with what the endpoint's terms change in it.
    fn changed(&self) -> Bytes {
        peek::splice(self.asked.body, self.edits())
    }

    /// What the endpoint's terms change in OpenAI's bodies.
    fn edits(&self) -> Vec<peek::Edit> {
        match self.asked.ask {
            Ask::Json(_) => {
                let mut edits = self.endpoint.terms.changes.edits(self.asked.body);
                edits.extend(self.user());
                edits
            }
            _ => Vec::new(),
        }
    }

    /// `user` out of the header that the options name, where the body has none.
    fn user(&self) -> Option<peek::Edit> {
        let Asked { options, peek, body, head, .. } = self.asked;
        let at = peek.user_at.as_ref();
        let is_missing = at.is_none_or(|at| &body[at.clone()] == b"null");
        let name = options.user_header.as_ref().filter(|_| is_missing)?;
        let user = head.headers.get(name)?.to_str().ok()?;
        Some(peek::set(body, "user", at, &Value::from(user).to_string()))
    }

    /// A body and its answer as they pass: with the model's name there, if it has one, with what the endpoint's terms
    /// change, and with a stream's usage asked for.
    fn passed(&self, there: Option<&str>) -> (Bytes, bool) {
        let mut edits = self.edits();
        edits.extend(there.and_then(|there| self.asked.peek.renamed(self.asked.body, there)));
        let (edit, without_usage) = self.usage().unzip();
        edits.extend(edit);
        (peek::splice(self.asked.body, edits), without_usage.unwrap_or_default())
    }

    /// The edit that asks for a stream's usage where the caller has not, and whether it is kept from the caller.
    fn usage(&self) -> Option<(peek::Edit, bool)> {
        let Asked { ask, peek, body, options, .. } = self.asked;
        let is_stream = peek.stream && matches!(ask, Ask::Json("chat/completions" | "completions"));
        if !is_stream || peek.include_usage || self.endpoint.terms.changes.concern("stream_options") {
            return None;
        }
        let takes = match &self.endpoint.target {
            Target::Http(upstream) => upstream.stream_options,
            Target::SageMaker(_, container) => *container == Container::Chat,
            Target::Bedrock(_) | Target::Fixture(_) => false,
        };
        match options.stream_usage {
            // Whoever says `false` means it.
            Some(true) if peek.include_usage_at.is_none() => Some((peek.counted(body), false)),
            None if takes => Some((peek.counted(body), true)),
            _ => None,
        }
    }

    fn stream(&self) -> bool {
        match self.asked.ask {
            Ask::GenerateStream => true,
            Ask::Generate | Ask::Embed => false,
            _ => self.asked.peek.stream,
        }
    }

    fn route(&self) -> &'static str {
        match self.asked.ask {
            Ask::Json(route) | Ask::Form(route) => route,
            Ask::Messages => "messages",
            Ask::CountTokens => "messages/count_tokens",
            Ask::Generate => "generate",
            Ask::GenerateStream => "generateStream",
            Ask::Embed => "embeddings",
        }
    }

    fn not_answered(&self) -> Problem {
        Problem::not_answered(&self.model.name, self.route())
    }

    /// What the caller wants of a conversation; `None` where it asks for something else.
    fn wanted(&self) -> Option<Wanted> {
        let (name, id) = (self.name.to_owned(), self.asked.id);
        let head = |prefix: &str| Head { id: format!("{prefix}-{id}"), created: now(), model: name.clone() };
        let usage = self.asked.peek.include_usage;
        match self.asked.ask {
            Ask::Json("chat/completions") => Some(Wanted::OpenAi(head("chatcmpl"), Form::Chat, usage)),
            Ask::Json("completions") => Some(Wanted::OpenAi(head("cmpl"), Form::Text, usage)),
            Ask::Messages => Some(Wanted::Messages(format!("msg_{id}"), name)),
            Ask::Generate | Ask::GenerateStream => Some(Wanted::Generated),
            _ => None,
        }
    }

    /// The conversation, whatever the protocol in which it is asked for.
    fn chat(&self) -> Result<openai::Request, Failure> {
        let body = &self.changed();
        let mut request = match self.asked.ask {
            Ask::Messages | Ask::CountTokens => anthropic::chat(body)?,
            Ask::Generate | Ask::GenerateStream => v1::Request::read(body)?.chat(self.stream()),
            Ask::Json("completions") => completion(body)?,
            _ => openai::Request::read(body)?,
        };
        self.there.clone_into(&mut request.model);
        if self.stream() {
            request.stream_options = Some(openai::StreamOptions { include_usage: true });
        }
        Ok(request)
    }

    /// A server that speaks OpenAI's protocol: almost everything passes.
    fn http(&self, upstream: &Upstream) -> Result<Plan, Problem> {
        let Asked { ask, body, head, .. } = self.asked;
        let passed = |route: &str| {
            let query = head.uri.query().map_or_else(String::new, |query| ["?", query].concat());
            let (body, without_usage) = self.passed(Some(self.there));
            Plan::of(["/", route, &query].concat(), body, Reply::Passed { without_usage })
        };
        match ask {
            Ask::Json("rerank") if upstream.is_tei => {
                let request = rerank::Request::read(&self.changed())?;
                let body = request.for_tei().to_string();
                Ok(Plan::of("/rerank".to_owned(), body, Reply::Reranked(request)))
            }
            Ask::Json(route) | Ask::Form(route) => Ok(passed(route)),
            Ask::Messages | Ask::CountTokens if upstream.speaks_messages => Ok(passed(self.route())),
            Ask::Messages => {
                let body = serde_json::to_vec(&self.chat()?).unwrap_or_default();
                Ok(Plan::of("/chat/completions".to_owned(), body, self.translated(Speaks::OpenAi)?))
            }
            Ask::Generate | Ask::GenerateStream => {
                let body = v1::Request::read(body)?.completion(self.there, self.stream());
                Ok(Plan::of("/completions".to_owned(), body.to_string(), self.translated(Speaks::OpenAi)?))
            }
            Ask::Embed => {
                let body = v1::Request::read(body)?.embeddings(self.there);
                Ok(Plan::of("/embeddings".to_owned(), body.to_string(), Reply::Embedded))
            }
            Ask::CountTokens => Err(self.not_answered()),
        }
    }

    fn translated(&self, speaks: Speaks) -> Result<Reply, Problem> {
        let wanted = self.wanted().ok_or_else(|| self.not_answered())?;
        Ok(Reply::Translated(speaks, wanted, self.stream()))
    }

    fn bedrock(&self, aws: &Aws) -> Result<Plan, Problem> {
        if let Some(request) = self.embedding()? {
            let bodies = request.bodies(self.there)?.iter().map(|body| body.to_string().into()).collect();
            let is_first = self.asked.ask == Ask::Embed;
            let reply = Reply::Vectors(Speaks::Converse(false), request, is_first);
            let path = bedrock::path(self.there, "invoke");
            return Ok(Plan { path, bodies, accept: Some(JSON), reply, dropped: Vec::new() });
        }
        let is_count = self.asked.ask == Ask::CountTokens;
        if !is_count && self.wanted().is_none() {
            return Err(self.not_answered());
        }
        let mut converse = bedrock::converse(self.chat()?, self.there, aws.guardrail.as_ref())?;
        let dropped = std::mem::take(&mut converse.dropped);
        if let Some(name) = dropped.first().filter(|_| !aws.drop_parameters) {
            return Err(Failure::untranslatable(format!("`{name}`: the model has no such parameter")).into());
        }
        if is_count {
            let body = counted(&converse);
            let path = bedrock::path(self.there, "count-tokens");
            return Ok(Plan::of(path, body.to_string(), Reply::Counted).accepting(false));
        }
        let operation = if self.stream() { "converse-stream" } else { "converse" };
        let reply = self.translated(Speaks::Converse(converse.is_json))?;
        let body = serde_json::to_vec(&converse).unwrap_or_default();
        let plan = Plan::of(bedrock::path(self.there, operation), body, reply);
        Ok(Plan { dropped, ..plan.accepting(self.stream()) })
    }

    /// A request for vectors; `None` where something else is asked for.
    fn embedding(&self) -> Result<Option<embed::Request>, Problem> {
        let body = &self.changed();
        Ok(match self.asked.ask {
            Ask::Json("embeddings") => Some(embed::Request::read(body)?),
            Ask::Embed => {
                let body = v1::Request::read(body)?.embeddings(self.there).to_string();
                Some(embed::Request::read(body.as_bytes())?)
            }
            _ => None,
        })
    }

    fn sagemaker(&self, container: Container) -> Result<Plan, Problem> {
        let ask = &self.asked.ask;
        let stream = self.stream();
        let path = sagemaker::path(self.there, stream);
        match (container, ask) {
            (Container::Chat, Ask::Json(_)) => {
                let (body, without_usage) = self.passed(None);
                let reply = if stream {
                    Reply::Translated(Speaks::SageMakerChat, Wanted::Unwrapped { without_usage }, true)
                } else {
                    Reply::Passed { without_usage }
                };
                Ok(Plan::of(path, body, reply).accepting(stream))
            }
            (Container::Chat, Ask::Messages | Ask::Generate | Ask::GenerateStream) => {
                // The container knows its one model by a name of its own.
                let mut chat = serde_json::to_value(self.chat()?).unwrap_or_default();
                chat.as_object_mut().map(|chat| chat.remove("model"));
                let reply = self.translated(Speaks::SageMakerChat)?;
                Ok(Plan::of(path, chat.to_string(), reply).accepting(stream))
            }
            (_, Ask::Json("embeddings") | Ask::Embed) => {
                let request = self.embedding()?.ok_or_else(|| self.not_answered())?;
                let body = json!({ "inputs": request.texts() });
                let reply = Reply::Vectors(Speaks::SageMakerTexts, request, *ask == Ask::Embed);
                Ok(Plan::of(path, body.to_string(), reply).accepting(false))
            }
            (Container::Inputs, Ask::Json(_) | Ask::Messages | Ask::Generate | Ask::GenerateStream) => {
                let reply = self.translated(Speaks::SageMakerTexts)?;
                let mut body = sagemaker::inputs(&self.chat()?)?;
                if stream {
                    body["stream"] = json!(true);
                }
                Ok(Plan::of(path, body.to_string(), reply).accepting(stream))
            }
            _ => Err(self.not_answered()),
        }
    }

    /// A model that is built in: OpenAI's bodies, and what can be translated from them.
    fn fixture(&self) -> Result<Plan, Problem> {
        let Asked { ask, body, .. } = self.asked;
        match ask {
            Ask::Json(route) => {
                let reply = Reply::Passed { without_usage: false };
                Ok(Plan::of((*route).to_owned(), Bytes::clone(body), reply))
            }
            Ask::Messages | Ask::Generate | Ask::GenerateStream => {
                let chat = serde_json::to_vec(&self.chat()?).unwrap_or_default();
                let reply = self.translated(Speaks::OpenAi)?;
                Ok(Plan::of("chat/completions".to_owned(), chat, reply))
            }
            Ask::Embed => {
                let body = v1::Request::read(body)?.embeddings(self.there);
                Ok(Plan::of("embeddings".to_owned(), body.to_string(), Reply::Embedded))
            }
            Ask::Form(_) | Ask::CountTokens => Err(self.not_answered()),
        }
    }
}

/// A text completion as a chat of one message, for models that only chat.
fn completion(body: &[u8]) -> Result<openai::Request, Failure> {
    let mut request = openai::Request::read(body)?;
    let prompt = request.rest.remove("prompt").unwrap_or_default();
    let text = match &prompt {
        Value::String(text) => text.clone(),
        Value::Array(texts) if texts.len() == 1 && texts[0].is_string() => {
            texts[0].as_str().unwrap_or_default().to_owned()
        }
        _ => return Err(Failure::untranslatable("`prompt` has to be one text")),
    };
    let content = Some(Text::One(text));
    request.messages = vec![openai::Message { role: "user".to_owned(), content, ..Default::default() }];
    Ok(request)
}

/// What Bedrock counts the tokens of. Source: botocore's `CountTokensRequest`.
fn counted(asked: &bedrock::Asked) -> Value {
    let mut conversation = json!({ "messages": asked.messages });
    if !asked.system.is_empty() {
        conversation["system"] = json!(asked.system);
    }
    if let Some(tools) = &asked.tool_config {
        conversation["toolConfig"] = json!(tools);
    }
    json!({ "input": { "converse": conversation } })
}

fn now() -> u64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default().as_secs()
}
