//! How an endpoint's answer is read, and what its caller wants of it.

use crate::protocol::bedrock::embed;
use crate::protocol::openai::strip::Strip;
use crate::protocol::openai::write::{self, Form, Head};
use crate::protocol::openai::{self, Answer};
use crate::protocol::stream::{Sink, Source};
use crate::protocol::{Failure, anthropic, bedrock, rerank, sagemaker, v1};

/// How an answer is read.
pub(crate) enum Reply {
    /// It passes as it is, perhaps without the usage of a stream that the caller has not asked for.
    Passed { without_usage: bool },
    /// It is in one protocol and wanted in another.
    Translated(Speaks, Wanted, bool),
    /// Vectors, of one or several answers.
    Vectors(Speaks, embed::Request, bool),
    /// OpenAI's vectors, wanted as upstream's.
    Embedded,
    /// Scores of a server with a way of its own.
    Reranked(rerank::Request),
    /// A count of tokens.
    Counted,
}

/// What a model speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Speaks {
    /// OpenAI's protocol.
    OpenAi,
    /// Converse, perhaps with JSON in the form of a tool's arguments.
    Converse(bool),
    /// OpenAI's protocol through SageMaker.
    SageMakerChat,
    /// Texts through SageMaker.
    SageMakerTexts,
}

impl Speaks {
    /// A whole answer.
    pub(crate) fn answer(self, body: &[u8]) -> Result<Answer, Failure> {
        match self {
            Self::OpenAi | Self::SageMakerChat => Answer::read(body),
            Self::Converse(is_json) => bedrock::answer(body, is_json),
            Self::SageMakerTexts => sagemaker::answer(body),
        }
    }

    /// A stream.
    pub(crate) fn source(self) -> Source {
        match self {
            Self::OpenAi => Source::openai(),
            Self::Converse(is_json) => Source::converse(is_json),
            Self::SageMakerChat => Source::sagemaker_chat(),
            Self::SageMakerTexts => Source::sagemaker_tokens(),
        }
    }

    /// The failure in an answer with an error's status.
    pub(crate) fn failure(self, head: &http::response::Parts, body: &[u8]) -> Failure {
        match self {
            Self::OpenAi => openai::failure(head.status, body),
            Self::Converse(_) => bedrock::failure(head.status, &head.headers, body),
            Self::SageMakerChat | Self::SageMakerTexts => {
                sagemaker::failure(head.status, &head.headers, body)
            }
        }
    }
}

/// What the caller wants.
#[derive(Clone, Debug)]
pub(crate) enum Wanted {
    /// OpenAI's form, and in a stream whether it is to say what was used.
    OpenAi(Head, Form, bool),
    /// Anthropic's, with an id and the model's name.
    Messages(String, String),
    /// Upstream's `generate`.
    Generated,
    /// What a part of SageMaker's stream holds, perhaps without its usage.
    Unwrapped { without_usage: bool },
}

impl Wanted {
    /// A whole answer.
    pub(crate) fn answer(&self, answer: &Answer) -> Vec<u8> {
        match self {
            Self::OpenAi(head, form, _) => write::answer(head, *form, answer),
            Self::Messages(id, model) => anthropic::write::answer(id, model, answer),
            Self::Generated | Self::Unwrapped { .. } => v1::generated(answer),
        }
    }

    /// A stream.
    pub(crate) fn sink(self) -> Sink {
        match self {
            Self::OpenAi(head, form, usage) => Sink::OpenAi(head, form, usage),
            Self::Messages(id, model) => Sink::Messages(anthropic::write::Stream::new(id, model)),
            Self::Generated => Sink::Generate(v1::Stream::default()),
            Self::Unwrapped { without_usage } => {
                Sink::Unwrapped(crate::usage::Watch::default(), without_usage.then(Strip::default))
            }
        }
    }
}
