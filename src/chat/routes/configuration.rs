//! `/configuration`: versions of what the page shows and allows.

use axum::Json;
use axum::extract::{Path, Query, State as Shared};
use lisa_api::people::{ConfigurationVersion, PutConfiguration};
use lisa_service::{Identity, Json as Body};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::authorize::{Action, Resource, authorize};
use crate::{Error, State, clock};

/// The one scope that upstream has.
const GLOBAL: &str = "global";

/// Versions of a list, at most.
const MOST: u32 = 100;

/// How often a version is tried that names none it was made from.
const ATTEMPTS: u32 = 5;

/// Which scope.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ScopeQuery {
    config_scope: String,
}

/// The versions of a scope, newest first. Before anybody has changed it there is the default.
pub(super) async fn list(
    Shared(state): Shared<State>,
    Identity(caller): Identity,
    Query(asked): Query<ScopeQuery>,
) -> Result<Json<Vec<ConfigurationVersion>>, Error> {
    if !authorize(&caller, Action::Read, Resource::Configuration) {
        return Err(Error::NotFound("configuration"));
    }
    check(&asked.config_scope)?;
    let mut versions = state.configurations.versions(GLOBAL, MOST).await?;
    if versions.is_empty() {
        versions.push(first());
    }
    Ok(Json(versions))
}

/// Adds a version.
pub(super) async fn put(
    Shared(state): Shared<State>,
    Identity(caller): Identity,
    Path(scope): Path<String>,
    Body(asked): Body<PutConfiguration>,
) -> Result<Json<ConfigurationVersion>, Error> {
    if !authorize(&caller, Action::Write, Resource::Configuration) {
        return Err(Error::Forbidden("the configuration is for administrators"));
    }
    check(&scope)?;
    for _ in 0..ATTEMPTS {
        let last = state.configurations.versions(GLOBAL, 1).await?.into_iter().next();
        let last = last.map_or(0, |version| version.version);
        if asked.version.is_some_and(|from| from != last) {
            return Err(Error::Changed("configuration"));
        }
        let version = ConfigurationVersion {
            scope: GLOBAL.to_owned(),
            version: last + 1,
            changed_by: caller.subject.clone(),
            change_reason: asked.change_reason.clone(),
            created_at: clock::seconds().to_string(),
            configuration: Value::Object(asked.configuration.clone()),
        };
        match state.configurations.add(&version).await {
            Ok(()) => return Ok(Json(version)),
            Err(error) if error.is_condition() => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(Error::Changed("configuration"))
}

fn check(scope: &str) -> Result<(), Error> {
    if scope == GLOBAL {
        Ok(())
    } else {
        Err(Error::field("configScope", "is not `global`, the one scope there is"))
    }
}

/// What holds now.
pub(super) async fn current(state: &State) -> Result<Value, Error> {
    let last = state.configurations.versions(GLOBAL, 1).await?.into_iter().next();
    Ok(last.unwrap_or_else(first).configuration)
}

/// What holds before anybody has changed it. Switches and their defaults are upstream's.
fn first() -> ConfigurationVersion {
    let configuration = json!({
        "enabledComponents": {
            "deleteSessionHistory": true,
            "viewMetaData": true,
            "editKwargs": true,
            "editPromptTemplate": true,
            "editChatHistoryBuffer": true,
            "editNumOfRagDocument": true,
            "uploadRagDocs": true,
            "uploadContextDocs": true,
            "ragSelectionAvailable": true,
            "showRagLibrary": true,
            "documentSummarization": true,
            "showPromptTemplateLibrary": true,
            "modelLibrary": true,
            "mcpConnections": false,
            "showMcpWorkbench": false,
            "bedrockAgents": false,
            "awsSessions": false,
            "encryptSession": false,
            "chatAssistantStacks": false,
            "projectOrganization": false,
        },
        "maxProjectsPerUser": 50,
        "systemBanner": { "isEnabled": false, "text": "", "textColor": "", "backgroundColor": "" },
    });
    ConfigurationVersion {
        scope: GLOBAL.to_owned(),
        version: 0,
        changed_by: "System".to_owned(),
        change_reason: "Initial deployment default config".to_owned(),
        created_at: "0".to_owned(),
        configuration,
    }
}
