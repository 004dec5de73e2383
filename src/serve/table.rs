//! Models in the model table: which rows are served, and how each is reached.
//! Source of the row's attributes: upstream's table, as its workflows write it.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::registry::{Endpoint, Kind, Model, Target, Upstream};

/// Prefixes of models' names that tell how a URL is spoken to, and are no part of the name there.
const SPOKEN: [&str; 2] = ["openai/", "hosted_vllm/"];

/// Prefixes of models that are reached without a URL. Source of both: LiteLLM's names, which upstream's users write.
const REACHED: [&str; 3] = ["bedrock/", "sagemaker_chat/", "sagemaker/"];

/// The model of a row, which is asked with `key` where it has one; `None` where it is not in service. The error of a key is
/// why it cannot be read: the model is unusable then, as it is where nothing tells where it answers. An endpoint that
/// `known` has already keeps its health and its connections. A model without a URL has no endpoint yet: see [`entry`].
pub fn model(
    row: &Value,
    key: Result<Option<&str>, &str>,
    known: Option<&Model>,
    id: impl FnOnce() -> u64,
) -> Option<Model> {
    if !is_in_service(row) {
        return None;
    }
    let name = row["model_id"].as_str()?;
    let config = &row["model_config"];
    let (endpoints, unusable) = match (entry(row), upstream(row, key)) {
        (Some(_), _) => (Vec::new(), None),
        (None, Ok(upstream)) => (vec![endpoint(upstream, served_name(config, name), known, id)], None),
        (None, Err(why)) => (Vec::new(), Some(why)),
    };
    let groups = config["allowedGroups"].as_array().into_iter().flatten();
    let groups = groups.filter_map(Value::as_str).map(str::to_owned).collect();
    let kind = if config["modelType"] == "embedding" { Kind::Embedding } else { Kind::Textgen };
    let container = config["inferenceContainer"].as_str().unwrap_or_default();
    let provider = match kind {
        Kind::Textgen => format!("ecs.textgen.{container}"),
        Kind::Embedding => format!("ecs.embedding.{container}"),
    };
    Some(Model { name: name.to_owned(), kind, provider, groups, endpoints, unusable, ..Model::default() })
}

/// The entry of a `model_list` by which a model is served that is reached without a URL: one of Bedrock or SageMaker.
pub(crate) fn entry(row: &Value) -> Option<Value> {
    let config = &row["model_config"];
    let has_url = row["model_url"].as_str().is_some_and(|url| !url.is_empty());
    let there = config["modelName"].as_str().filter(|_| is_in_service(row) && !has_url)?;
    let is_reached = REACHED.iter().any(|prefix| there.starts_with(prefix));
    is_reached.then(|| {
        json!({
            "model_name": row["model_id"],
            "litellm_params": { "model": there },
            "lisa_params": { "model_type": config["modelType"] },
        })
    })
}

/// The id of a model in service that is a server of somebody else's, which may want a key.
pub(crate) fn elsewhere(row: &Value) -> Option<&str> {
    let has_url = row["model_url"].as_str().is_some_and(|url| !url.is_empty());
    let is_hosted = row["model_config"]["instanceType"].is_string();
    row["model_id"].as_str().filter(|_| is_in_service(row) && has_url && !is_hosted)
}

fn is_in_service(row: &Value) -> bool {
    row["model_status"] == "InService"
}

/// What the server calls the model, where that is not its name here.
fn served_name(config: &Value, name: &str) -> Option<String> {
    let there = config["modelName"].as_str()?;
    let there = SPOKEN.iter().find_map(|prefix| there.strip_prefix(prefix)).unwrap_or(there);
    (there != name).then(|| there.to_owned())
}

/// The server of a row; the error is why it cannot be asked.
fn upstream(row: &Value, key: Result<Option<&str>, &str>) -> Result<Upstream, String> {
    let url = row["model_url"].as_str().filter(|url| !url.is_empty());
    let url = url.ok_or("its row has no `model_url`, and its name is none of Bedrock's or SageMaker's")?;
    let is_tei = row["model_config"]["inferenceContainer"] == "tei";
    let upstream = Upstream::parse(url).map_err(|error| error.to_string())?;
    let upstream = Upstream { is_tei, ..upstream.with_stream_options() };
    match key.map_err(|why| format!("its key cannot be read: {why}"))? {
        Some(key) => upstream.with_key(key).map_err(|error| error.to_string()),
        None => Ok(upstream),
    }
}

fn endpoint(
    upstream: Upstream,
    served: Option<String>,
    known: Option<&Model>,
    id: impl FnOnce() -> u64,
) -> Arc<Endpoint> {
    let same = known.iter().flat_map(|known| &known.endpoints).find(|endpoint| {
        let is_same = matches!(&endpoint.target, Target::Http(other) if *other == upstream);
        is_same && endpoint.model == served
    });
    match same {
        Some(same) => Arc::clone(same),
        None => Arc::new(Endpoint { model: served, ..Endpoint::new(id(), Target::Http(upstream)) }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row() -> Value {
        json!({
            "model_id": "mistral",
            "model_status": "InService",
            "model_url": "http://internal-alb.example.com/v1",
            "model_config": {
                "modelId": "mistral",
                "modelName": "mistralai/Mistral-7B",
                "modelType": "textgen",
                "allowedGroups": ["research"],
            },
        })
    }

    #[test]
    fn a_row_in_service_is_a_model() {
        let model = model(&row(), Ok(None), None, || 7).unwrap();
        assert_eq!(
            (model.name.as_str(), model.kind, model.groups),
            ("mistral", Kind::Textgen, vec!["research".to_owned()])
        );
        assert_eq!(model.endpoints[0].model.as_deref(), Some("mistralai/Mistral-7B"));
        assert!(matches!(&model.endpoints[0].target, Target::Http(upstream) if upstream.prefix == "/v1"));
    }

    #[test]
    fn a_server_for_embeddings_is_known_by_its_container() {
        let mut row = row();
        let is_tei = |row: &Value| {
            let model = model(row, Ok(None), None, || 0).unwrap();
            model.endpoints[0].target.upstream().unwrap().is_tei
        };
        assert!(!is_tei(&row));
        row["model_config"]["inferenceContainer"] = json!("tei");
        assert!(is_tei(&row));
    }

    #[test]
    fn a_prefix_is_no_part_of_the_name_there() {
        let mut row = row();
        row["model_config"]["modelName"] = json!("openai/gpt-4o");
        assert_eq!(model(&row, Ok(None), None, || 0).unwrap().endpoints[0].model.as_deref(), Some("gpt-4o"));
    }

    #[test]
    fn a_model_of_bedrock_needs_no_url() {
        let mut row = row();
        row["model_url"] = json!("");
        row["model_config"]["modelName"] = json!("bedrock/anthropic.claude-3-haiku-20240307-v1:0");
        let model = model(&row, Ok(None), None, || 0).unwrap();
        assert!(model.endpoints.is_empty() && model.groups == ["research"]);
        let entry = entry(&row).unwrap();
        assert_eq!(entry["model_name"], "mistral");
        assert_eq!(entry["litellm_params"]["model"], "bedrock/anthropic.claude-3-haiku-20240307-v1:0");
        row["model_status"] = json!("Creating");
        assert_eq!(super::entry(&row), None);
    }

    #[test]
    fn other_rows_are_none() {
        let mut row = row();
        row["model_status"] = json!("Creating");
        assert!(model(&row, Ok(None), None, || 0).is_none());
        assert!(model(&json!({}), Ok(None), None, || 0).is_none());
    }

    #[test]
    fn what_cannot_be_asked_says_why() {
        let unusable = |row: &Value, key: Result<Option<&str>, &str>| {
            let model = model(row, key, None, || 0).unwrap();
            assert!(model.endpoints.is_empty());
            model.unusable.unwrap()
        };
        let mut moved = row();
        for (url, why) in [("", "no `model_url`"), ("not a url", "`not a url` is no base URL")] {
            moved["model_url"] = json!(url);
            let said = unusable(&moved, Ok(None));
            assert!(said.contains(why), "{said}");
        }
        let said = unusable(&row(), Err("the call was refused"));
        assert!(said.contains("key cannot be read: the call was refused"), "{said}");
        let said = unusable(&row(), Ok(Some("sk\nsplit")));
        assert!(said.contains("characters that no header takes") && !said.contains("split"), "{said}");
    }

    #[test]
    fn a_key_makes_another_endpoint_and_is_of_models_elsewhere_alone() {
        let first = model(&row(), Ok(Some("sk-one")), None, || 1).unwrap();
        let header = |model: &Model| match &model.endpoints[0].target {
            Target::Http(upstream) => upstream.headers[0].1.to_str().unwrap().to_owned(),
            _ => String::new(),
        };
        assert_eq!(header(&first), "Bearer sk-one");
        let same = model(&row(), Ok(Some("sk-one")), Some(&first), || 2).unwrap();
        assert!(Arc::ptr_eq(&first.endpoints[0], &same.endpoints[0]));
        let rotated = model(&row(), Ok(Some("sk-two")), Some(&first), || 2).unwrap();
        assert_eq!((header(&rotated).as_str(), rotated.endpoints[0].id), ("Bearer sk-two", 2));
        assert_eq!(elsewhere(&row()), Some("mistral"));
        let mut hosted = row();
        hosted["model_config"]["instanceType"] = json!("g5.xlarge");
        assert_eq!(elsewhere(&hosted), None);
    }

    #[test]
    fn an_endpoint_that_stays_keeps_its_health() {
        let first = model(&row(), Ok(None), None, || 1).unwrap();
        let again = model(&row(), Ok(None), Some(&first), || 2).unwrap();
        assert!(Arc::ptr_eq(&first.endpoints[0], &again.endpoints[0]));
        let mut moved = row();
        moved["model_url"] = json!("http://other.example.com/v1");
        assert_eq!(model(&moved, Ok(None), Some(&first), || 2).unwrap().endpoints[0].id, 2);
    }
}
