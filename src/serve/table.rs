//! Models in the model table: which rows are served, and how each is reached.
//! Source of the row's attributes: upstream's table, as its workflows write it.

use std::sync::Arc;

use serde_json::Value;

use crate::registry::{Endpoint, Kind, Model, Target, Upstream};

/// The model of a row; `None` where it is not in service or has no URL. An endpoint that `known` has already keeps its
/// health and its connections.
pub(crate) fn model(row: &Value, known: Option<&Model>, id: impl FnOnce() -> u64) -> Option<Model> {
    let text = |name: &str| row[name]["S"].as_str();
    let config = &row["model_config"]["M"];
    let setting = |name: &str| config[name]["S"].as_str();
    if text("model_status") != Some("InService") {
        return None;
    }
    let name = text("model_id")?;
    let upstream = Upstream::parse(text("model_url").filter(|url| !url.is_empty())?).ok()?;
    let served = setting("modelName").filter(|served| *served != name).map(str::to_owned);
    let groups = config["allowedGroups"]["L"].as_array().into_iter().flatten();
    let groups = groups.filter_map(|group| group["S"].as_str()).map(str::to_owned).collect();
    let kind = if setting("modelType") == Some("embedding") { Kind::Embedding } else { Kind::Textgen };
    let same = known.iter().flat_map(|known| &known.endpoints).find(|endpoint| {
        let is_same = matches!(&endpoint.target, Target::Http(other) if *other == upstream);
        is_same && endpoint.model == served
    });
    let endpoint = same.cloned().unwrap_or_else(|| {
        Arc::new(Endpoint { model: served, ..Endpoint::new(id(), Target::Http(upstream)) })
    });
    let container = setting("inferenceContainer").unwrap_or_default();
    let provider = match kind {
        Kind::Textgen => format!("ecs.textgen.{container}"),
        Kind::Embedding => format!("ecs.embedding.{container}"),
    };
    let endpoints = vec![endpoint];
    Some(Model { name: name.to_owned(), kind, provider, groups, endpoints, ..Model::default() })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn row() -> Value {
        json!({
            "model_id": { "S": "mistral" },
            "model_status": { "S": "InService" },
            "model_url": { "S": "http://internal-alb.example.com/v1" },
            "model_config": { "M": {
                "modelId": { "S": "mistral" },
                "modelName": { "S": "mistralai/Mistral-7B" },
                "modelType": { "S": "textgen" },
                "allowedGroups": { "L": [{ "S": "research" }] },
            } },
        })
    }

    #[test]
    fn a_row_in_service_is_a_model() {
        let model = model(&row(), None, || 7).unwrap();
        assert_eq!(
            (model.name.as_str(), model.kind, model.groups),
            ("mistral", Kind::Textgen, vec!["research".to_owned()])
        );
        assert_eq!(model.endpoints[0].model.as_deref(), Some("mistralai/Mistral-7B"));
        assert!(matches!(&model.endpoints[0].target, Target::Http(upstream) if upstream.prefix == "/v1"));
    }

    #[test]
    fn other_rows_are_none() {
        for (name, value) in [("model_status", "Creating"), ("model_url", ""), ("model_url", "not a url")] {
            let mut row = row();
            row[name] = json!({ "S": value });
            assert!(model(&row, None, || 0).is_none(), "{name} {value}");
        }
        assert!(model(&json!({}), None, || 0).is_none());
    }

    #[test]
    fn an_endpoint_that_stays_keeps_its_health() {
        let first = model(&row(), None, || 1).unwrap();
        let again = model(&row(), Some(&first), || 2).unwrap();
        assert!(Arc::ptr_eq(&first.endpoints[0], &again.endpoints[0]));
        let mut moved = row();
        moved["model_url"] = json!({ "S": "http://other.example.com/v1" });
        assert_eq!(model(&moved, Some(&first), || 2).unwrap().endpoints[0].id, 2);
    }
}
