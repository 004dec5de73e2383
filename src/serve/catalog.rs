//! What callers are told of models: lists and descriptions in OpenAI's, LiteLLM's and upstream's first form, of those models
//! alone that they may use.

use http::request::Parts;
use http::{Response, StatusCode};
use lisa_auth::Caller;
use serde_json::json;

use crate::answer::{self, Problem};
use crate::body::Body;
use crate::gateway::may_use;
use crate::protocol::v1;
use crate::registry::{Kind, Model, Snapshot};
use crate::route::{Route, V1};

/// Answers a route that asks for models.
pub(crate) fn tell(
    registry: &Snapshot,
    route: Route<'_>,
    head: &Parts,
    caller: &Caller,
) -> Result<Response<Body>, Problem> {
    let listed = || registry.all().filter(|(_, model)| may_use(caller, model));
    // Other names of a model are no models of their own.
    let usable = || listed().filter(|(name, model)| *name == model.name).map(|(_, model)| &**model);
    let one = |name: &str| {
        let model = registry.get(name).filter(|model| may_use(caller, model));
        model.ok_or_else(|| Problem::unknown_model(name))
    };
    let query = head.uri.query();
    let told = match route {
        Route::Models => list(listed().map(|(name, _)| describe(name))),
        Route::ModelInfo => json!({ "data": usable().map(info).collect::<Vec<_>>() }),
        Route::Model(name) => {
            let name = decoded(name);
            one(&name)?;
            describe(&name)
        }
        Route::Metadata(name) => info(one(&decoded(name))?),
        Route::V1(V1::ListModels) => v1::list(usable(), &v1::kinds(query)?),
        Route::V1(V1::DescribeModels) => v1::describe_all(usable(), &v1::kinds(query)?),
        Route::V1(V1::DescribeModel) => {
            let (provider, name) = v1::asked(query);
            let model = one(&name)?;
            if model.provider != provider {
                return Err(Problem::unknown_model(&name));
            }
            v1::describe(model)
        }
        _ => return Err(Problem::unknown_route(&head.method, head.uri.path())),
    };
    Ok(answer::of(StatusCode::OK, "application/json", answer::json(&told)))
}

/// A name as a path spells it.
fn decoded(name: &str) -> String {
    percent_encoding::percent_decode_str(name).decode_utf8_lossy().into_owned()
}

fn list(models: impl Iterator<Item = serde_json::Value>) -> serde_json::Value {
    json!({ "object": "list", "data": models.collect::<Vec<_>>() })
}

fn describe(name: &str) -> serde_json::Value {
    json!({ "id": name, "object": "model", "created": 0, "owned_by": "lisa" })
}

/// What is known of a model, as LiteLLM's `model/info` writes it. Where it is answered is nobody's business.
fn info(model: &Model) -> serde_json::Value {
    let mode = match model.kind {
        Kind::Textgen => "chat",
        Kind::Embedding => "embedding",
    };
    let mut facts = json!({
        "id": model.name, "mode": mode, "provider": model.provider, "allowed_groups": model.groups,
    });
    if let Some(facts) = facts.as_object_mut() {
        facts.extend(model.info.clone());
    }
    json!({ "model_name": model.name, "litellm_params": { "model": model.name }, "model_info": facts })
}
