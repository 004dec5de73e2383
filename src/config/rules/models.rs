//! Rules on the models that LISA hosts.

use super::facts::Facts;
use super::{
    MODEL_EMBEDDING_STREAMS, MODEL_ENGINE_UNKNOWN, MODEL_IMAGE_MISSING, MODEL_INSTANCE_MISSING, MODEL_TWICE,
    MODEL_TYPE_MISSING,
};
use crate::report::Report;
use crate::section::model::InferenceContainer;
use crate::words::model_id_of;
use serde_json::Value;
use std::collections::BTreeMap;

pub(super) fn check(facts: &Facts<'_>, report: &mut Report<'_>) {
    let models = facts.items("ecsModels");
    ids(facts, &models, report);
    for model in &models {
        streaming(facts, model, report);
        if is_deployed(facts, model) {
            hosting(facts, model, report);
            engine(facts, model, report);
        }
    }
}

/// The full form is deployed unless it says otherwise; the three-field form is not.
fn is_deployed(facts: &Facts<'_>, model: &str) -> bool {
    match facts.value(&format!("{model}.deploy")) {
        Some(Value::Bool(deploy)) => *deploy,
        _ => facts.has(&format!("{model}.instanceType")),
    }
}

fn ids(facts: &Facts<'_>, models: &[String], report: &mut Report<'_>) {
    let mut seen = BTreeMap::new();
    for model in models {
        let written = format!("{model}.modelId");
        let named = format!("{model}.modelName");
        let (path, id) = match (facts.text(&written), facts.text(&named)) {
            (Some(id), _) => (written, Some(id.to_owned())),
            (None, Some(name)) => (named, model_id_of(name).map(|id| id.to_string())),
            _ => continue,
        };
        let Some(id) = id else { continue };
        if let Some(first) = seen.insert(identifier(&id), path.clone()) {
            report.add(
                facts
                    .at(&path, &MODEL_TWICE, format!("the model id `{id}` is taken"))
                    .label("again here")
                    .related(facts.span(&first), "first here")
                    .help("Give each model a `modelId` of its own, even without hyphens and case."),
            );
        }
    }
}

/// What names of clusters, logs and roles keep of an id: hyphens and case tell no two models apart.
fn identifier(id: &str) -> String {
    id.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_lowercase()).collect()
}

fn streaming(facts: &Facts<'_>, model: &str, report: &mut Report<'_>) {
    let (kind, streaming) = (format!("{model}.modelType"), format!("{model}.streaming"));
    if facts.text(&kind) == Some("embedding") && facts.flag(&streaming) {
        report.add(
            facts
                .at(&streaming, &MODEL_EMBEDDING_STREAMS, "an embedding model does not stream")
                .label("not for this type")
                .related(facts.span(&kind), "the type")
                .help("Remove `streaming`, or correct the type."),
        );
    }
}

fn hosting(facts: &Facts<'_>, model: &str, report: &mut Report<'_>) {
    for (key, rule, add) in [
        ("instanceType", &MODEL_INSTANCE_MISSING, "an instance type with a GPU, such as `g5.xlarge`"),
        ("modelType", &MODEL_TYPE_MISSING, "`textgen` or `embedding`"),
    ] {
        let path = format!("{model}.{key}");
        if !facts.written(&path) {
            let anchor = [format!("{model}.deploy"), format!("{model}.modelName")];
            let span = anchor.iter().find(|path| facts.has(path)).and_then(|path| facts.key_span(path));
            report.add(
                facts
                    .at(&path, rule, format!("`{path}` is missing: the model is deployed"))
                    .span_instead(span)
                    .label(format!("needs `{key}`"))
                    .help(format!("Add {add}, or set `deploy` to `false`.")),
            );
        }
    }
}

fn engine(facts: &Facts<'_>, model: &str, report: &mut Report<'_>) {
    let images = ["containerConfig.image", "containerConfig.baseImage", "baseImage"]
        .map(|key| format!("{model}.{key}"));
    let Some(path) = images.iter().find(|path| facts.has(path)) else {
        let path = &images[0];
        if !facts.written(path) {
            report.add(
                facts
                    .at(path, &MODEL_IMAGE_MISSING, format!("`{path}` is missing: the model is deployed"))
                    .span_instead(facts.key_span(&format!("{model}.modelName")))
                    .label("runs in no image")
                    .help("Add `containerConfig` with the `image` of the engine."),
            );
        }
        return;
    };
    let told = facts.value(path).is_some_and(|image| engine_of(image).is_some());
    if !told && !facts.written(&format!("{model}.inferenceContainer")) {
        report.add(
            facts
                .at(path, &MODEL_ENGINE_UNKNOWN, "the image does not tell which engine is in it")
                .label("no engine in this name")
                .help("Add `inferenceContainer` with `tgi`, `tei`, `instructor` or `vllm`."),
        );
    }
}

/// The engine that an image, in any of its forms, is named for.
pub(crate) fn engine_of(image: &Value) -> Option<InferenceContainer> {
    let names = |value: &Value| value.as_str().and_then(InferenceContainer::told_by);
    match image {
        Value::Object(fields) => {
            fields.iter().filter(|(key, _)| *key != "type").find_map(|(_, value)| names(value))
        }
        other => names(other),
    }
}
