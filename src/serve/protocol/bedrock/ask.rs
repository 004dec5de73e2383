//! A request for chat completions as one for Converse.

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::JSON_TOOL;
use super::content::{
    Block, CachePoint, InputSchema, Media, Message, Reasoning, ReasoningText, S3Location, Source, Tool,
    ToolConfig, ToolResult, ToolSpec, ToolUse,
};
use crate::protocol::openai::{self, ToolChoice};
use crate::protocol::text::{Raw, Text, empty_object, object, raw};
use crate::protocol::{Failure, openai::Part};

/// A request for Converse.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Asked {
    /// What was said before.
    pub messages: Vec<Message>,
    /// What the model is told beforehand.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub system: Vec<Block>,
    /// How it answers.
    #[serde(skip_serializing_if = "Inference::is_empty")]
    pub inference_config: Inference,
    /// Tools that it may call.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tool_config: Option<ToolConfig>,
    /// A guardrail.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub guardrail_config: Option<Value>,
    /// What only this model knows.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub additional_model_request_fields: Map<String, Value>,
    /// Parameters of the request that the model does not know.
    #[serde(skip)]
    pub dropped: Vec<String>,
    /// Whether the answer is asked for in JSON, by a tool that is no tool of the caller's.
    #[serde(skip)]
    pub is_json: bool,
}

/// How a model answers.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Inference {
    /// The most tokens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_tokens: Option<u64>,
    /// Randomness.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub temperature: Option<f64>,
    /// The share of likely tokens that are sampled from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub top_p: Option<f64>,
    /// Texts at which the answer ends.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub stop_sequences: Vec<String>,
}

impl Inference {
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// The request for Converse that asks a model the same. `guardrail` is the endpoint's own; the request's comes first.
pub fn converse(request: openai::Request, model: &str, guardrail: Option<&Value>) -> Result<Asked, Failure> {
    if request.n.is_some_and(|count| count > 1) {
        return Err(Failure::untranslatable("`n`: the model gives one answer for each request"));
    }
    let dropped = request.rest.iter().filter(|(_, value)| !value.is_null());
    let dropped = dropped.map(|(name, _)| name.clone()).filter(|name| !IGNORED.contains(&name.as_str()));
    let dropped = dropped.collect();
    let more = more(&request, model);
    let inference_config = Inference {
        max_tokens: request.max_completion_tokens.or(request.max_tokens),
        temperature: request.temperature,
        top_p: request.top_p,
        stop_sequences: match request.stop {
            None => Vec::new(),
            Some(Text::One(text)) => vec![text],
            Some(Text::Many(texts)) => texts,
        },
    };
    let (system, messages) = conversation(request.messages)?;
    let asked = request.tools.unwrap_or_default();
    let (tool_config, is_json) = tools(asked, request.tool_choice, request.response_format, &messages);
    let guardrail_config = request.guardrail.or_else(|| guardrail.cloned());
    Ok(Asked {
        messages,
        system,
        inference_config,
        tool_config,
        guardrail_config,
        additional_model_request_fields: more,
        dropped,
        is_json,
    })
}

/// Parameters that mean nothing to a model, so that nothing is lost with them.
const IGNORED: [&str; 4] = ["metadata", "store", "service_tier", "safety_identifier"];

/// What only some models know: Anthropic's thinking and single calls, `top_k`, and the effort of OpenAI's own.
fn more(request: &openai::Request, model: &str) -> Map<String, Value> {
    let is_claude = model.contains("anthropic.") || model.contains("claude");
    let mut more = Map::new();
    if let Some(top_k) = request.top_k {
        let name = if model.contains("nova") { "topK" } else { "top_k" };
        let value = json!({ name: top_k });
        let value = if model.contains("nova") { json!({ "inferenceConfig": value }) } else { value };
        more.extend(value.as_object().cloned().unwrap_or_default());
    }
    if let Some(thinking) = &request.thinking {
        more.insert("thinking".to_owned(), thinking.clone());
    } else if let Some(effort) = &request.reasoning_effort {
        // Anthropic's models take a budget in tokens. Source of the figures: LiteLLM's documentation, "Reasoning content".
        let budget = match effort.as_str() {
            "minimal" | "low" => Some(1024),
            "medium" => Some(2048),
            "high" | "xhigh" => Some(4096),
            _ => None,
        };
        if let Some(budget) = budget.filter(|_| is_claude) {
            more.insert("thinking".to_owned(), json!({ "type": "enabled", "budget_tokens": budget }));
        } else if !is_claude {
            more.insert("reasoning_effort".to_owned(), json!(effort));
        }
    }
    if is_claude && request.tools.is_some() && request.parallel_tool_calls == Some(false) {
        let choice = json!({ "type": "auto", "disable_parallel_tool_use": true });
        more.insert("tool_choice".to_owned(), choice);
    }
    more
}

/// What the model is told beforehand, and the turns, each of a side that differs from the one before.
fn conversation(said: Vec<openai::Message>) -> Result<(Vec<Block>, Vec<Message>), Failure> {
    let (mut system, mut turns): (Vec<Block>, Vec<Message>) = Default::default();
    for message in said {
        let (role, blocks) = match message.role.as_str() {
            "system" | "developer" => {
                system.extend(blocks(message.content)?);
                continue;
            }
            "user" => ("user", blocks(message.content)?),
            "assistant" => ("assistant", assistant(message)?),
            "tool" => ("user", result(message)?),
            other => {
                let why = format!("`messages` holds the role `{other}`, which the model does not know");
                return Err(Failure::untranslatable(why));
            }
        };
        match turns.last_mut() {
            Some(turn) if turn.role == role => turn.content.extend(blocks),
            _ => turns.push(Message { role: role.to_owned(), content: blocks }),
        }
    }
    turns.retain(|turn| !turn.content.is_empty());
    if turns.is_empty() {
        return Err(Failure::untranslatable("`messages` holds nothing that a user says"));
    }
    name_documents(&mut turns);
    Ok((system, turns))
}

/// Names of documents have to differ within a request, and to consist of few characters.
fn name_documents(turns: &mut [Message]) {
    let mut number = 0;
    for media in
        turns.iter_mut().flat_map(|turn| &mut turn.content).filter_map(|block| block.document.as_mut())
    {
        number += 1;
        let name = media.name.take().unwrap_or_default();
        let name: String =
            name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).take(80).collect();
        media.name = Some(format!("{}-{number}", if name.is_empty() { "document" } else { &name }));
    }
}

/// Blocks of a message. The service refuses texts that are empty.
fn blocks(content: Option<Text<Part>>) -> Result<Vec<Block>, Failure> {
    let parts = match content {
        None => return Ok(Vec::new()),
        Some(Text::One(text)) => vec![Part::text(text)],
        Some(Text::Many(parts)) => parts,
    };
    let mut blocks = Vec::with_capacity(parts.len());
    for part in parts {
        let is_cached = part.cache_control.is_some();
        match (part.kind.as_str(), part.text, part.image_url, part.file) {
            ("text" | "input_text", Some(text), ..) => {
                blocks.extend((!text.trim().is_empty()).then(|| Block::text(text)));
            }
            ("image_url", _, Some(image), _) => {
                let image = Some(media(&image.url, "image")?);
                blocks.push(Block { image, ..Block::default() });
            }
            ("file", _, _, Some(openai::File { file_data: Some(data), filename })) => {
                let document = Media { name: filename, ..media(&data, "document")? };
                blocks.push(Block { document: Some(document), ..Block::default() });
            }
            ("refusal", ..) => {}
            (other, ..) => {
                let why = format!("a part of type `{other}` is incomplete, or the model does not take it");
                return Err(Failure::untranslatable(why));
            }
        }
        if is_cached {
            blocks.push(Block::cache_point());
        }
    }
    Ok(blocks)
}

/// A picture or document at a URL that holds it, or in S3. Nothing is fetched: a URL is the caller's, and the network the
/// gateway's.
fn media(url: &str, what: &str) -> Result<Media, Failure> {
    if url.starts_with("s3://") {
        let extension = url.rsplit_once('.').map_or("", |(_, extension)| extension);
        let format = format_of(extension).ok_or_else(|| unknown(what, extension))?;
        let location = S3Location { uri: url.to_owned() };
        let source = Source { s3_location: Some(location), ..Source::default() };
        return Ok(Media { format: format.to_owned(), name: None, source });
    }
    let held = url.strip_prefix("data:").and_then(|rest| rest.split_once(";base64,"));
    let Some((kind, data)) = held else {
        let why =
            format!("the {what} is not in the request: the model takes `data:<type>;base64,…` and `s3://…`");
        return Err(Failure::untranslatable(why));
    };
    let kind = kind.split(';').next().unwrap_or_default();
    let format = format_of(kind).ok_or_else(|| unknown(what, kind))?;
    let source = Source { bytes: Some(data.to_owned()), ..Source::default() };
    Ok(Media { format: format.to_owned(), name: None, source })
}

fn unknown(what: &str, kind: &str) -> Failure {
    Failure::untranslatable(format!("the {what} is of type `{kind}`, which the model does not take"))
}

/// A format by its media type or a file's extension.
fn format_of(kind: &str) -> Option<&'static str> {
    let known = [
        (&["image/png", "png"][..], "png"),
        (&["image/jpeg", "image/jpg", "jpg", "jpeg"], "jpeg"),
        (&["image/gif", "gif"], "gif"),
        (&["image/webp", "webp"], "webp"),
        (&["application/pdf", "pdf"], "pdf"),
        (&["text/csv", "csv"], "csv"),
        (&["text/plain", "txt"], "txt"),
        (&["text/markdown", "md"], "md"),
        (&["text/html", "html"], "html"),
        (&["application/msword", "doc"], "doc"),
        (&["application/vnd.openxmlformats-officedocument.wordprocessingml.document", "docx"], "docx"),
        (&["application/vnd.ms-excel", "xls"], "xls"),
        (&["application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx"], "xlsx"),
    ];
    known.iter().find(|(names, _)| names.contains(&kind)).map(|(_, format)| *format)
}

fn assistant(message: openai::Message) -> Result<Vec<Block>, Failure> {
    let mut said = Vec::new();
    for thought in message.thinking_blocks.into_iter().flatten() {
        let reasoning = if thought.data.is_some() {
            Reasoning { redacted_content: thought.data, reasoning_text: None }
        } else {
            let text = thought.thinking.unwrap_or_default();
            let signature = thought.signature.filter(|text| !text.is_empty());
            Reasoning { reasoning_text: Some(ReasoningText { text, signature }), redacted_content: None }
        };
        said.push(Block { reasoning_content: Some(reasoning), ..Block::default() });
    }
    said.extend(blocks(message.content)?);
    for call in message.tool_calls.into_iter().flatten() {
        let arguments = call.function.arguments.unwrap_or_default();
        let name = call.function.name.unwrap_or_default();
        let input = object(&arguments).ok_or_else(|| {
            Failure::untranslatable(format!("the arguments of a call of `{name}` are no JSON object"))
        })?;
        let tool_use = Some(ToolUse { tool_use_id: call.id.unwrap_or_default(), name, input });
        said.push(Block { tool_use, ..Block::default() });
    }
    if message.cache_control.is_some() {
        said.push(Block::cache_point());
    }
    Ok(said)
}

/// What a tool said. The service takes no result without content.
fn result(message: openai::Message) -> Result<Vec<Block>, Failure> {
    let mut content = blocks(message.content)?;
    if content.is_empty() {
        content.push(Block::text("(no output)"));
    }
    let tool_use_id = message.tool_call_id.unwrap_or_default();
    let status = message.is_error.then(|| "error".to_owned());
    let tool_result = Some(ToolResult { tool_use_id, content, status });
    let mut said = vec![Block { tool_result, ..Block::default() }];
    if message.cache_control.is_some() {
        said.push(Block::cache_point());
    }
    Ok(said)
}

/// Tools, and whether one of them stands for an answer in JSON.
fn tools(
    asked: Vec<openai::Tool>,
    choice: Option<ToolChoice>,
    format: Option<openai::ResponseFormat>,
    messages: &[Message],
) -> (Option<ToolConfig>, bool) {
    // What a model must not call it is not shown; but calls that were made need their tools.
    let is_off = matches!(&choice, Some(ToolChoice::Mode(mode)) if mode == "none");
    let mut tools: Vec<Tool> = Vec::new();
    for tool in asked.into_iter().filter(|_| !is_off) {
        let openai::Function { name, description, parameters, .. } = tool.function;
        tools.push(spec(name, description, parameters));
        if tool.cache_control.is_some() {
            tools.push(Tool::CachePoint(CachePoint::default()));
        }
    }
    let mut tool_choice = match choice {
        Some(ToolChoice::Mode(mode)) if mode == "required" => Some(json!({ "any": {} })),
        Some(ToolChoice::Mode(mode)) if mode == "auto" && !tools.is_empty() => Some(json!({ "auto": {} })),
        Some(ToolChoice::Named { function, .. }) => Some(json!({ "tool": { "name": function.name } })),
        _ => None,
    };
    let is_json = format.as_ref().is_some_and(|format| format.kind != "text");
    if let Some(format) = format.filter(|_| is_json) {
        let has_others = !tools.is_empty();
        tools.push(json_tool(format));
        let alone = json!({ "tool": { "name": JSON_TOOL } });
        let choice = if has_others { tool_choice.unwrap_or_else(|| json!({ "any": {} })) } else { alone };
        tool_choice = Some(choice);
    }
    if tools.is_empty() {
        // The service refuses calls and results of tools that it is not told of.
        tools.extend(called(messages).into_iter().map(|name| spec(name, None, None)));
        tool_choice = None;
    }
    ((!tools.is_empty()).then_some(ToolConfig { tools, tool_choice }), is_json)
}

fn spec(name: String, description: Option<String>, schema: Option<Raw>) -> Tool {
    let description = description.filter(|text| !text.is_empty());
    let is_object =
        |schema: &Raw| schema.get().trim_start().starts_with('{') && schema.get().contains("\"type\"");
    let any = || raw(r#"{"type":"object","properties":{}}"#).unwrap_or_else(empty_object);
    let json = schema.filter(is_object).unwrap_or_else(any);
    Tool::ToolSpec(ToolSpec { name, description, input_schema: InputSchema { json } })
}

fn json_tool(format: openai::ResponseFormat) -> Tool {
    let (description, schema) = match format.json_schema {
        Some(schema) => (schema.description, schema.schema),
        None => (None, raw(r#"{"type":"object","additionalProperties":true}"#)),
    };
    let description = description.unwrap_or_else(|| "Gives the answer.".to_owned());
    spec(JSON_TOOL.to_owned(), Some(description), schema)
}

fn called(messages: &[Message]) -> BTreeSet<String> {
    let blocks = || messages.iter().flat_map(|message| &message.content);
    let names: BTreeSet<String> =
        blocks().filter_map(|block| block.tool_use.as_ref()).map(|call| call.name.clone()).collect();
    let has_results = blocks().any(|block| block.tool_result.is_some());
    if names.is_empty() && has_results { ["unknown".to_owned()].into() } else { names }
}
