//! Rule D: models that live elsewhere say whether they stream, if they generate text.

use super::facts::Facts;
use super::{LITELLM_EMBEDDING_STREAMS, LITELLM_STREAMING_MISSING};
use crate::report::Report;

pub(super) fn check(facts: &Facts<'_>, report: &mut Report<'_>) {
    for model in facts.items("litellmConfig.model_list") {
        let (kind, streaming) =
            (format!("{model}.lisa_params.model_type"), format!("{model}.lisa_params.streaming"));
        match (facts.text(&kind), facts.has(&streaming)) {
            (Some("textgen"), false) => report.add(
                facts
                    .at(
                        &streaming,
                        &LITELLM_STREAMING_MISSING,
                        format!("`{streaming}` is missing: the model generates text"),
                    )
                    .span_instead(facts.span(&kind))
                    .label("needs `streaming`")
                    .help("Add `streaming: true`, or `false` if the model cannot stream."),
            ),
            (Some("embedding"), true) => report.add(
                facts
                    .at(&streaming, &LITELLM_EMBEDDING_STREAMS, "an embedding model does not stream")
                    .label("not for this type")
                    .related(facts.span(&kind), "the type")
                    .help("Remove `streaming`, or correct the type."),
            ),
            _ => {}
        }
    }
}
