//! Rule D: models that live elsewhere say whether they stream, if they generate text; and every option of LiteLLM has an
//! effect, or its author is told why not.

use lisa_litellm::{Settings, Verdict, Wire, judge};
use serde_json::Value;

use super::facts::Facts;
use super::{
    LITELLM_EMBEDDING_STREAMS, LITELLM_OPTION_REFUSED, LITELLM_OPTION_UNUSED, LITELLM_PROXY_MISSING,
    LITELLM_STREAMING_MISSING, LITELLM_VALUE_UNUSABLE,
};
use crate::report::Report;

/// Where the options stand in the file.
const BLOCK: &str = "litellmConfig";

pub(super) fn check(facts: &Facts<'_>, report: &mut Report<'_>) {
    streaming(facts, report);
    if let Some(document) = facts.value(BLOCK) {
        options(facts, document, report);
        proxied(facts, document, report);
        values(facts, document, report);
    }
}

/// Tells of every option that is refused or has no effect.
fn options(facts: &Facts<'_>, document: &Value, report: &mut Report<'_>) {
    for finding in judge(document) {
        let (rule, help) = match finding.verdict {
            Verdict::Honoured | Verdict::Proxy => continue,
            Verdict::Warned => (&LITELLM_OPTION_UNUSED, "Remove it, or leave it: it does no harm."),
            Verdict::Refused => (&LITELLM_OPTION_REFUSED, "Remove it, or write what the message names."),
        };
        let path = format!("{BLOCK}.{}", finding.path);
        let message = match finding.verdict {
            Verdict::Warned => format!("`{path}` has no effect: {}", finding.why),
            _ => format!("`{path}` is not accepted: {}", finding.why),
        };
        let found = facts.at(&path, rule, message);
        report.add(found.span_instead(facts.key_span(&path)).label("this option").help(help));
    }
}

/// Tells of models that need LiteLLM where the gateway's own image, which has none, is deployed.
fn proxied(facts: &Facts<'_>, document: &Value, report: &mut Report<'_>) {
    if facts.has("restApiConfig.containerConfig.image") {
        return;
    }
    for model in Settings::read(document).0.models.iter().filter(|model| model.wire == Wire::Proxy) {
        let path = format!("{BLOCK}.{}.litellm_params.model", model.place);
        let message = format!(
            "`{}` is left to LiteLLM, which the gateway's own image does not hold",
            model.provider.name
        );
        let found = facts.at(&path, &LITELLM_PROXY_MISSING, message).label("is not served");
        report.add(found.help("Build an image with it: `templates/containers/README.md` says how."));
    }
}

/// Tells of every value that the gateway could not use.
fn values(facts: &Facts<'_>, document: &Value, report: &mut Report<'_>) {
    for problem in Settings::read(document).1 {
        let path = format!("{BLOCK}.{}", problem.path);
        report.add(facts.at(&path, &LITELLM_VALUE_UNUSABLE, problem.message).help(problem.help));
    }
}

fn streaming(facts: &Facts<'_>, report: &mut Report<'_>) {
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
