//! A stream in one protocol as a stream in another: what the model sends is read as it comes, and written at once in the
//! caller's form. However the bytes are cut, the events are the same.

use bytes::BytesMut;

use super::openai::strip::Strip;
use super::openai::write::{Form, Head};
use super::openai::{Chunk, Piece, Usage, write};
use super::{Failure, anthropic, bedrock, event_stream, openai, sagemaker, sse, v1};
use crate::usage;

/// What a model's stream brings.
#[derive(Clone, Debug)]
pub enum Event {
    /// A piece of the answer.
    Chunk(Chunk),
    /// It failed; nothing follows.
    Failed(Failure),
    /// It is at its end.
    Done,
}

/// How a model writes its stream.
#[derive(Debug)]
pub enum Source {
    /// Server-sent events with OpenAI's chunks.
    OpenAi(sse::Reader),
    /// Bedrock's event stream.
    Converse(event_stream::Reader, bedrock::Stream),
    /// OpenAI's chunks in the parts of SageMaker's event stream.
    SageMakerChat(event_stream::Reader, sse::Reader),
    /// Tokens, in the lines of a text in the parts of SageMaker's event stream.
    SageMakerTokens(event_stream::Reader, sagemaker::Tokens),
}

/// How the caller wants it.
#[derive(Debug)]
pub enum Sink {
    /// As OpenAI's chunks, with a last one for what was used if that is asked for.
    OpenAi(Head, Form, bool),
    /// As Anthropic's events.
    Messages(anthropic::write::Stream),
    /// As upstream's `generateStream`.
    Generate(v1::Stream),
    /// As the bytes that the parts of SageMaker's event stream hold, which are OpenAI's already, perhaps without the usage.
    Unwrapped(usage::Watch, Option<Strip>),
}

/// A stream on its way from one protocol to another.
#[derive(Debug)]
pub struct Stream {
    source: Source,
    sink: Sink,
    state: State,
    /// Whether the model has said why it ended.
    is_finished: bool,
    usage: Option<Usage>,
}

/// How far a stream is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// More is to come.
    Open,
    /// It is at its end.
    Done,
    /// It failed, and the caller was told.
    Failed,
}

impl Source {
    /// OpenAI's.
    pub fn openai() -> Self {
        Self::OpenAi(sse::Reader::default())
    }

    /// Bedrock's.
    pub fn converse(is_json: bool) -> Self {
        Self::Converse(event_stream::Reader::default(), bedrock::Stream::new(is_json))
    }

    /// OpenAI's through SageMaker.
    pub fn sagemaker_chat() -> Self {
        Self::SageMakerChat(event_stream::Reader::default(), sse::Reader::default())
    }

    /// Tokens through SageMaker.
    pub fn sagemaker_tokens() -> Self {
        Self::SageMakerTokens(event_stream::Reader::default(), sagemaker::Tokens::default())
    }

    /// What has come, as events.
    fn feed(&mut self, bytes: &[u8], each: &mut impl FnMut(Event)) -> Result<(), Failure> {
        match self {
            Self::OpenAi(reader) => chunks(reader, bytes, each),
            Self::Converse(reader, stream) => {
                reader.feed(bytes, |frame| stream.frame(&frame, each)).map_err(Failure::from)
            }
            Self::SageMakerChat(reader, events) => parts(reader, bytes, |part| match part {
                Ok(bytes) => {
                    if let Err(failure) = chunks(events, &bytes, each) {
                        each(Event::Failed(failure));
                    }
                }
                Err(failure) => each(Event::Failed(failure)),
            }),
            Self::SageMakerTokens(reader, tokens) => parts(reader, bytes, |part| match part {
                Ok(bytes) => tokens.feed(&bytes, each),
                Err(failure) => each(Event::Failed(failure)),
            }),
        }
    }
}

impl From<event_stream::Broken> for Failure {
    fn from(error: event_stream::Broken) -> Self {
        Self::garbled(error.to_string())
    }
}

/// The parts of SageMaker's event stream.
fn parts(
    reader: &mut event_stream::Reader,
    bytes: &[u8],
    mut each: impl FnMut(Result<bytes::Bytes, Failure>),
) -> Result<(), Failure> {
    reader.feed(bytes, |frame| each(sagemaker::part(frame))).map_err(Failure::from)
}

/// OpenAI's chunks, of chats and of text completions.
fn chunks(reader: &mut sse::Reader, bytes: &[u8], each: &mut impl FnMut(Event)) -> Result<(), Failure> {
    let read = reader.feed(bytes, |event| {
        if event.data == b"[DONE]" {
            return each(Event::Done);
        }
        match serde_json::from_slice::<Chunk>(event.data) {
            Ok(Chunk { error: Some(_), .. }) => {
                let status = http::StatusCode::BAD_GATEWAY;
                each(Event::Failed(openai::failure(status, event.data)));
            }
            Ok(mut chunk) => {
                chunk.choices.iter_mut().for_each(text_as_content);
                each(Event::Chunk(chunk));
            }
            Err(error) => {
                let message = format!("a chunk of the model's answer cannot be read: {error}");
                each(Event::Failed(Failure::garbled(message)));
            }
        }
    });
    read.map_err(|error| Failure::garbled(error.to_string()))
}

/// Text completions hold their text elsewhere.
fn text_as_content(piece: &mut Piece) {
    if let Some(text) = piece.text.take() {
        piece.delta.content = Some(text);
    }
}

impl Sink {
    fn chunk(&mut self, chunk: &Chunk, out: &mut BytesMut) {
        match self {
            Self::OpenAi(head, form, usage) => {
                // The chunk of usage alone is for those who have asked for it.
                if !chunk.choices.is_empty() || *usage {
                    let usage = chunk.usage.filter(|_| *usage);
                    write::chunk(head, *form, &Chunk { usage, ..chunk.clone() }, out);
                }
            }
            Self::Messages(stream) => stream.chunk(chunk, out),
            Self::Generate(stream) => stream.chunk(chunk, out),
            Self::Unwrapped(..) => {}
        }
    }

    fn end(&mut self, out: &mut BytesMut) {
        match self {
            Self::OpenAi(..) => write::done(out),
            Self::Messages(stream) => stream.end(out),
            Self::Generate(stream) => stream.end(out),
            Self::Unwrapped(_, strip) => out.extend(strip.iter_mut().map(Strip::rest)),
        }
    }

    fn fail(&self, failure: &Failure, out: &mut BytesMut) {
        match self {
            Self::Messages(stream) => stream.fail(failure, out),
            Self::OpenAi(..) | Self::Generate(_) | Self::Unwrapped(..) => write::failure(failure, out),
        }
    }

    /// What is sent while the model is silent.
    pub fn keep_alive(&self) -> &'static [u8] {
        match self {
            Self::Messages(_) => anthropic::write::PING,
            _ => b": keep-alive\n\n",
        }
    }
}

impl Stream {
    /// A stream from one protocol to another.
    pub fn new(source: Source, sink: Sink) -> Self {
        Self { source, sink, state: State::Open, is_finished: false, usage: None }
    }

    /// Takes what the model has sent and writes what it is to the caller.
    pub fn feed(&mut self, bytes: &[u8], out: &mut BytesMut) -> State {
        let Self { source, sink, state, is_finished, usage } = self;
        if let (Source::SageMakerChat(reader, _), Sink::Unwrapped(watch, strip)) = (&mut *source, &mut *sink)
        {
            let mut failed = None;
            let read = parts(reader, bytes, |part| match part {
                Ok(part) if failed.is_none() => {
                    watch.see(&part);
                    out.extend_from_slice(&match strip {
                        Some(strip) => strip.feed(part),
                        None => part,
                    });
                }
                Ok(_) => {}
                Err(failure) => failed = Some(failure),
            });
            if let Some(failure) = read.err().or(failed) {
                sink.fail(&failure, out);
                *state = State::Failed;
            }
            return *state;
        }
        let mut each = |event: Event| match (*state, event) {
            (State::Open, Event::Chunk(chunk)) => {
                *is_finished |= chunk.choices.iter().any(|piece| piece.finish_reason.is_some());
                *usage = chunk.usage.or(*usage);
                sink.chunk(&chunk, out);
            }
            (State::Open, Event::Failed(failure)) => {
                sink.fail(&failure, out);
                *state = State::Failed;
            }
            (State::Open, Event::Done) => {
                sink.end(out);
                *state = State::Done;
            }
            _ => {}
        };
        if let Err(failure) = source.feed(bytes, &mut each) {
            each(Event::Failed(failure));
        }
        self.state
    }

    /// The model's stream has ended: an end that it has not spoken of is one all the same if the answer was finished, and
    /// a failure if it was not.
    pub fn end(&mut self, out: &mut BytesMut) -> State {
        if self.state != State::Open {
            return self.state;
        }
        let is_whole = self.is_finished || matches!(self.sink, Sink::Unwrapped(..));
        if is_whole {
            self.sink.end(out);
            self.state = State::Done;
        } else {
            self.sink.fail(&Failure::garbled("the model broke off before its answer was finished"), out);
            self.state = State::Failed;
        }
        self.state
    }

    /// What is sent while the model is silent.
    pub fn keep_alive(&self) -> &'static [u8] {
        self.sink.keep_alive()
    }

    /// What the model said that was used.
    pub fn usage(&self) -> Option<usage::Usage> {
        if let Sink::Unwrapped(watch, _) = &self.sink {
            return watch.found();
        }
        self.usage.map(usage::Usage::from)
    }
}

impl From<Usage> for usage::Usage {
    fn from(usage: Usage) -> Self {
        Self { prompt: usage.prompt_tokens, completion: usage.completion_tokens }
    }
}

#[cfg(test)]
mod tests;
