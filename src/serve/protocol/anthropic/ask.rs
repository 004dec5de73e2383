//! A request for Messages as one for chat completions.

use http::StatusCode;

use super::{Block, Message, Request, Source, Tool, ToolChoice};
use crate::protocol::text::{Text, empty_object};
use crate::protocol::{Failure, openai};

/// The request for chat completions that asks the same.
pub fn chat(body: &[u8]) -> Result<openai::Request, Failure> {
    let asked: Request = serde_json::from_slice(body).map_err(|error| {
        let message = format!("the body is no request for Messages: {error}");
        Failure::new(StatusCode::BAD_REQUEST, "invalid_body", message)
    })?;
    let mut messages = Vec::with_capacity(asked.messages.len() + 1);
    if let Some(system) = asked.system {
        let content = Some(system_text(system)?);
        messages.push(openai::Message { role: "system".to_owned(), content, ..Default::default() });
    }
    for message in asked.messages {
        match message.role.as_str() {
            "user" => user(message, &mut messages)?,
            "assistant" => messages.push(assistant(message)?),
            other => {
                let why = format!("`messages` holds the role `{other}`; it takes `user` and `assistant`");
                return Err(Failure::untranslatable(why));
            }
        }
    }
    let single = asked.tool_choice.as_ref().and_then(|choice| choice.disable_parallel_tool_use);
    Ok(openai::Request {
        model: asked.model,
        messages,
        max_tokens: asked.max_tokens,
        temperature: asked.temperature,
        top_p: asked.top_p,
        top_k: asked.top_k,
        stop: asked.stop_sequences.filter(|texts| !texts.is_empty()).map(Text::Many),
        stream: asked.stream,
        tools: asked.tools.map(|tools| tools.into_iter().map(tool).collect()).transpose()?,
        tool_choice: asked.tool_choice.map(choice).transpose()?,
        parallel_tool_calls: single.map(|single| !single),
        user: asked.metadata.and_then(|metadata| metadata.user_id),
        thinking: asked.thinking,
        ..Default::default()
    })
}

/// One text where nothing is to be cached, so that servers which take texts alone understand it.
fn system_text(system: Text<Block>) -> Result<Text<openai::Part>, Failure> {
    let blocks = match system {
        Text::One(text) => return Ok(Text::One(text)),
        Text::Many(blocks) => blocks,
    };
    let mut parts = Vec::with_capacity(blocks.len());
    for block in blocks {
        let Some(text) = block.text else {
            return Err(Failure::untranslatable(format!("`system` holds a block `{}`", block.kind)));
        };
        parts.push(openai::Part { cache_control: block.cache_control, ..openai::Part::text(text) });
    }
    Ok(flat(parts))
}

/// Texts as one text, if nothing would be lost.
fn flat(parts: Vec<openai::Part>) -> Text<openai::Part> {
    let is_plain = |part: &openai::Part| part.text.is_some() && part.cache_control.is_none();
    if !parts.iter().all(is_plain) {
        return Text::Many(parts);
    }
    Text::One(parts.into_iter().filter_map(|part| part.text).collect::<Vec<_>>().join("\n"))
}

/// What a user said, and before it the results of tools, which are messages of their own in chat completions.
fn user(message: Message, messages: &mut Vec<openai::Message>) -> Result<(), Failure> {
    let blocks = match message.content {
        Text::One(text) => {
            let content = Some(Text::One(text));
            messages.push(openai::Message { role: "user".to_owned(), content, ..Default::default() });
            return Ok(());
        }
        Text::Many(blocks) => blocks,
    };
    let mut parts = Vec::new();
    for block in blocks {
        if block.kind == "tool_result" {
            messages.push(result(block, &mut parts)?);
        } else {
            parts.push(part(block)?);
        }
    }
    if !parts.is_empty() {
        let content = Some(flat(parts));
        messages.push(openai::Message { role: "user".to_owned(), content, ..Default::default() });
    }
    Ok(())
}

/// The result of a tool. Pictures in it become the user's, as chat completions take none from tools.
fn result(block: Block, parts: &mut Vec<openai::Part>) -> Result<openai::Message, Failure> {
    let text = match block.content {
        None => String::new(),
        Some(Text::One(text)) => text,
        Some(Text::Many(blocks)) => {
            let mut texts = Vec::new();
            for block in blocks {
                match part(block)? {
                    openai::Part { text: Some(text), .. } => texts.push(text),
                    picture => parts.push(picture),
                }
            }
            texts.join("\n")
        }
    };
    Ok(openai::Message {
        role: "tool".to_owned(),
        content: Some(Text::One(text)),
        tool_call_id: block.tool_use_id,
        is_error: block.is_error.unwrap_or_default(),
        cache_control: block.cache_control,
        ..Default::default()
    })
}

/// A block that is a text, a picture or a document.
fn part(block: Block) -> Result<openai::Part, Failure> {
    let lacks = |what: &str| Failure::untranslatable(format!("a block `{}` lacks `{what}`", block.kind));
    let part = match block.kind.as_str() {
        "text" => openai::Part::text(block.text.ok_or_else(|| lacks("text"))?),
        "image" => openai::Part::image(url(block.source.as_ref().ok_or_else(|| lacks("source"))?)?),
        "document" => {
            let source = block.source.as_ref().ok_or_else(|| lacks("source"))?;
            match (source.kind.as_str(), &source.data) {
                ("text", Some(text)) => openai::Part::text(text),
                _ => document(source, block.title)?,
            }
        }
        other => return Err(Failure::untranslatable(format!("the model takes no block `{other}`"))),
    };
    Ok(openai::Part { cache_control: block.cache_control, ..part })
}

fn document(source: &Source, title: Option<String>) -> Result<openai::Part, Failure> {
    let file = openai::File { file_data: Some(url(source)?), filename: title };
    Ok(openai::Part { kind: "file".to_owned(), file: Some(file), ..Default::default() })
}

fn url(source: &Source) -> Result<String, Failure> {
    match (source.kind.as_str(), &source.media_type, &source.data, &source.url) {
        ("base64", Some(kind), Some(data), _) => Ok(format!("data:{kind};base64,{data}")),
        ("url", _, _, Some(url)) => Ok(url.clone()),
        (other, ..) => Err(Failure::untranslatable(format!("a source `{other}` is incomplete or unknown"))),
    }
}

fn assistant(message: Message) -> Result<openai::Message, Failure> {
    let mut said = openai::Message { role: "assistant".to_owned(), ..Default::default() };
    let blocks = match message.content {
        Text::One(text) => {
            said.content = Some(Text::One(text));
            return Ok(said);
        }
        Text::Many(blocks) => blocks,
    };
    let (mut parts, mut calls, mut thoughts) = (Vec::new(), Vec::new(), Vec::new());
    for block in blocks {
        match block.kind.as_str() {
            "tool_use" => {
                let arguments = block.input.unwrap_or_else(empty_object).get().to_owned();
                let (id, name) = (block.id.unwrap_or_default(), block.name.unwrap_or_default());
                calls.push(openai::ToolCall::new(id, name, arguments));
            }
            "thinking" | "redacted_thinking" => {
                let Block { kind, thinking, signature, data, .. } = block;
                thoughts.push(openai::Thinking { kind, thinking, signature, data });
            }
            _ => parts.push(part(block)?),
        }
    }
    said.content = (!parts.is_empty()).then(|| flat(parts));
    said.tool_calls = (!calls.is_empty()).then_some(calls);
    said.thinking_blocks = (!thoughts.is_empty()).then_some(thoughts);
    Ok(said)
}

fn tool(tool: Tool) -> Result<openai::Tool, Failure> {
    let Tool { kind, name, description, input_schema, cache_control } = tool;
    if let Some(kind) = kind.filter(|kind| kind != "custom") {
        let why = format!("the tool `{name}` is of type `{kind}`, which only Anthropic's servers have");
        return Err(Failure::untranslatable(why));
    }
    let parameters = Some(input_schema.unwrap_or_else(empty_object));
    let function = openai::Function { name, description, parameters, strict: None };
    Ok(openai::Tool { kind: "function".to_owned(), function, cache_control })
}

fn choice(choice: ToolChoice) -> Result<openai::ToolChoice, Failure> {
    let mode = |mode: &str| Ok(openai::ToolChoice::Mode(mode.to_owned()));
    match (choice.kind.as_str(), choice.name) {
        ("auto", _) => mode("auto"),
        ("any", _) => mode("required"),
        ("none", _) => mode("none"),
        ("tool", Some(name)) => {
            let function = openai::Named { name };
            Ok(openai::ToolChoice::Named { kind: "function".to_owned(), function })
        }
        (other, _) => Err(Failure::untranslatable(format!("`tool_choice` is of type `{other}`"))),
    }
}
